//! 7moor (容联七陌) cloud contact centre, platform v7: SIP numbers.
//!
//! What the vendor promises: every call is a signed POST, the answer's `success` says whether it worked, every attempt
//! needs a nonce of its own. There is no session. Error codes are not documented.

mod auth;
mod id;
mod index;
mod listing;
mod request;
mod response;
mod table;
mod wire;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use crate::http::{Class, Client, Failure, FailureKind, call};
use crate::model::kinds::SIP_NUMBER;
use crate::model::{Kind, KindSupport, Listing, LiveObject, ProviderTable, Secret, Snapshot, Target, Value};

use super::gather::{Gather, Gathered};
use super::rows::Path;
use super::shown::Row;
use super::{NewObject, Reader, Update, Writer};
use auth::{Signer, Stamp};
use wire::{Listed, Numbered};

pub use id::SipId;
pub use table::TABLE;

/// One account. The platform has no log-ins.
pub struct Session {
    client: Client,
    url: String,
    signer: Signer,
}

#[async_trait]
impl Reader for Session {
    fn table(&self) -> &'static ProviderTable {
        &TABLE
    }

    async fn snapshot(&self, kinds: &[&'static Kind]) -> Result<Snapshot, Failure> {
        let before = self.client.requests();
        let mut listings = Vec::new();
        if kinds.contains(&&SIP_NUMBER) {
            listings.push(self.numbers(support(&SIP_NUMBER)?).await?);
        }
        Ok(Snapshot { listings, requests: self.client.requests() - before })
    }

    async fn close(&self) {}

    fn requests(&self) -> u32 {
        self.client.requests()
    }
}

#[async_trait]
impl Writer for Session {
    async fn create(&self, object: &NewObject<'_>) -> Result<Option<Box<str>>, Failure> {
        let body = request::create(support(object.kind)?, object);
        let answer = self.call(Class::Create, request::CREATE, body, object.values).await?;
        Ok(response::created_id(&answer))
    }

    async fn update(&self, update: &Update<'_>) -> Result<(), Failure> {
        let support = support(update.kind)?;
        let id = SipId::parse(&update.live.remote_id)?;
        let with_agent = self.sends_agent(update).await?;
        let body = request::update(support, &id, update, with_agent);
        self.call(Class::IdempotentWrite, request::UPDATE, body, update.values).await.map(drop)
    }

    async fn delete(&self, kind: &'static Kind, live: &LiveObject) -> Result<(), Failure> {
        support(kind)?;
        let body = request::delete(&SipId::parse(&live.remote_id)?);
        self.call(Class::Delete, request::DELETE, body, &[]).await.map(drop)
    }
}

impl Session {
    /// A session that has sent nothing yet.
    pub fn new(target: &Target, client: Client) -> Self {
        Self { client, url: target.url.clone(), signer: Signer::of(target) }
    }

    /// Makes one call, each attempt with a signature of its own. `values` are those in its body, for their secrets.
    async fn call(&self, class: Class, path: &str, body: Bytes, values: &[Value]) -> Result<Response<Bytes>, Failure> {
        call(&self.client, class, || self.attempt(class, path, body.clone(), values)).await
    }

    async fn attempt(
        &self,
        class: Class,
        path: &str,
        body: Bytes,
        values: &[Value],
    ) -> Result<Response<Bytes>, Failure> {
        let (request, sign) = self.signed(path, body)?;
        let answer = self.client.send(request).await?;
        response::envelope(class, &answer, &self.hidden(values, &sign))?;
        Ok(answer)
    }

    /// One attempt to read a listing: its rows, and the answer without them.
    async fn attempt_listing<R: Row>(
        &self,
        path: &str,
        body: Bytes,
        rows: Path,
    ) -> Result<(Response<Bytes>, Gathered<R>), Failure> {
        let (request, sign) = self.signed(path, body)?;
        let mut gather = Gather::new(rows);
        let head = self.client.receive(request, &mut gather).await?;
        let (answer, rows) = gather.finish(head).await;
        response::listing_envelope(Class::Read, &answer, &rows, &self.hidden(&[], &sign))?;
        Ok((answer, rows))
    }

    /// A request, and its signature.
    fn signed(&self, path: &str, body: Bytes) -> Result<(Request<Bytes>, Secret), Failure> {
        let stamp = Stamp::fresh(self.client.surroundings());
        let sign = self.signer.sign(stamp)?;
        Ok((request::signed(&self.url, path, body, &self.signer.app_key, &sign, stamp)?, sign))
    }

    /// What no message may repeat.
    fn hidden<'h>(&'h self, values: &'h [Value], sign: &'h Secret) -> Vec<&'h str> {
        secrets(values).chain([sign.expose(), self.signer.secret.expose()]).collect()
    }

    /// Both listings, asked for at once, joined. Where it isn't known whether the key is right, the list finds it out.
    async fn numbers(&self, support: &'static KindSupport) -> Result<Listing, Failure> {
        let (lines, records) = tokio::try_join!(biased; self.list(request::list()), self.query())?;
        Ok(listing::join(support, lines, records))
    }

    /// The lines of the list; `None` where the answer holds no list at all.
    async fn list(&self, body: Bytes) -> Result<Option<Vec<Listed>>, Failure> {
        let attempt = || self.attempt_listing(request::LIST, body.clone(), wire::LIST_ROWS);
        let (answer, rows) = call(&self.client, Class::Read, attempt).await?;
        response::lines(&answer, rows)
    }

    /// The records with password, NAT and codecs; `None` where the account may not see them. Once the list has
    /// worked with the same key, a refusal here is about this call alone; a key that is changed later is the list's to find.
    async fn query(&self) -> Result<Option<Vec<Numbered>>, Failure> {
        use FailureKind::{Credentials, Missing, Refused, Unsupported};
        let about_this = |failure: Failure| match failure.kind {
            Credentials if self.client.is_let_in() => Failure { kind: Refused, ..failure },
            _ => failure,
        };
        let attempt =
            || async { self.attempt_listing(request::QUERY, Bytes::new(), wire::QUERY_ROWS).await.map_err(about_this) };
        match call(&self.client, Class::Read, attempt).await {
            Ok((answer, rows)) => response::records(&answer, rows),
            Err(failure) if matches!(failure.kind, Missing | Refused | Unsupported) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Whether an update has to name the agent. One may be bound only to a number that is registered and not bound:
    /// looks first, and refuses where it isn't so.
    async fn sends_agent(&self, update: &Update<'_>) -> Result<bool, Failure> {
        let index = update.kind.index_of(table::AGENT);
        let changes = index.is_some_and(|index| update.changed.contains(index));
        let agent = update.kind.value_of(update.values, table::AGENT).and_then(Value::as_text);
        let (true, Some(agent)) = (changes, agent) else {
            return Ok(false);
        };
        if agent.is_empty() {
            return Ok(true);
        }
        let lines =
            self.list(request::list_one(&update.live.key)).await.map_err(Failure::before_write)?.unwrap_or_default();
        let line = lines.into_iter().find(|line| line.sip_id == update.live.remote_id);
        match line.map(|line| (line.is_registered, line.agent.unwrap_or_default())) {
            None => Err(cannot_bind(FailureKind::Missing, "number_missing", "the number isn't listed any more")),
            Some((_, bound)) if *bound == *agent => Ok(false),
            Some((false, _)) => Err(cannot_bind(
                FailureKind::Refused,
                "not_registered",
                "the number's phone isn't registered, so no agent can be bound to it: plan again once it is",
            )),
            Some((true, bound)) if !bound.is_empty() => Err(cannot_bind(
                FailureKind::Refused,
                "already_bound",
                "the number is bound to another agent, who has to be unbound first",
            )),
            Some(_) => Ok(true),
        }
    }
}

fn cannot_bind(kind: FailureKind, code: &str, message: &str) -> Failure {
    Failure::new(kind, code, message).field(table::AGENT)
}

/// The secrets among an object's values.
fn secrets(values: &[Value]) -> impl Iterator<Item = &str> {
    values.iter().filter_map(|value| match value {
        Value::Secret(secret) => Some(secret.expose()),
        _ => None,
    })
}

fn support(kind: &Kind) -> Result<&'static KindSupport, Failure> {
    TABLE.support(kind).ok_or_else(|| {
        let message = format!("{} has no objects of kind {}", TABLE.title, kind.name);
        Failure::new(FailureKind::Unsupported, "unknown_kind", message)
    })
}

//! ITNIO Tech's voice platform (also sold as Onbuka and Laaffic): phone groups, call-centre trunks and numbers.
//!
//! What the vendor promises: every call is a signed POST, the answer's `status` says whether it worked, listings come in
//! pages of at most 100. There is no session. Phones can be made and listed, trunks can be changed too, numbers only be
//! changed; nothing can be deleted.

mod auth;
mod groups;
mod id;
mod numbers;
mod paging;
mod phones;
mod request;
mod response;
mod status;
mod table;
mod trunks;
mod wire;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::future::try_join_all;
use http::Response;
use serde_json::{Value as Json, json};
use tokio::sync::OnceCell;

use crate::http::{Class, Client, Failure, FailureKind, call};
use crate::model::kinds::{CALL_CENTER_TRUNK, NUMBER, PHONE_GROUP};
use crate::model::table::Ability;
use crate::model::{Kind, KindSupport, Listing, LiveObject, ProviderTable, Snapshot, Target, Value};

use super::loose::Record;
use super::{NewObject, Reader, Update, Writer};
use auth::Signer;
use groups::{Groups, SeatGroups};
use paging::{Doubts, Pages};

pub use id::KeyId;
pub use table::TABLE;

/// One application of an account. The platform has no log-ins.
pub struct Session {
    client: Client,
    root: String,
    app_id: String,
    signer: Signer,
    /// Read once, by the first write that needs them.
    groups: OnceCell<SeatGroups>,
}

#[async_trait]
impl Reader for Session {
    fn table(&self) -> &'static ProviderTable {
        &TABLE
    }

    async fn snapshot(&self, kinds: &[&'static Kind]) -> Result<Snapshot, Failure> {
        let before = self.client.requests();
        let known = kinds.iter().filter_map(|kind| TABLE.support(kind));
        let listings = try_join_all(known.map(|support| self.listing(support))).await?;
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
        let support = support(object.kind)?;
        refuse_by_hand(support.create)?;
        if *object.kind == CALL_CENTER_TRUNK {
            let groups = self.groups_of(support, None, object.values).await?;
            let body = trunks::add(support, object, &groups)?;
            let answer = self.call(Class::Create, request::TRUNK_ADD, request::bytes(body), object.values).await?;
            return Ok(response::added_id(&answer));
        }
        let body = request::add_phones(support, object, &self.app_id);
        self.call(Class::Create, request::PHONE_ADD, body, object.values).await?;
        Ok(Some(object.key.into()))
    }

    async fn update(&self, update: &Update<'_>) -> Result<(), Failure> {
        let support = support(update.kind)?;
        refuse_by_hand(support.update)?;
        let (path, body) = if *update.kind == NUMBER {
            (request::NUMBER_EDIT, numbers::edit(support, update, &self.app_id)?)
        } else {
            let id = KeyId::parse(&update.live.remote_id)?;
            let groups = self.groups_of(support, Some(update.live), update.values).await?;
            (request::TRUNK_UPDATE, trunks::update(support, &id, update, &groups)?)
        };
        self.call(Class::IdempotentWrite, path, request::bytes(body), update.values).await.map(drop)
    }

    async fn delete(&self, kind: &'static Kind, _: &LiveObject) -> Result<(), Failure> {
        refuse_by_hand(support(kind)?.delete)?;
        // No kind of this table gets here.
        Err(Failure::new(FailureKind::Unsupported, "no_delete", "the platform has no call that deletes"))
    }
}

impl Session {
    /// A session that has sent nothing yet.
    pub fn new(target: &Target, client: Client) -> Self {
        Self {
            client,
            root: request::root(&target.url, target.setting_text(table::PREFIX)),
            app_id: target.setting_text(table::APP_ID).to_owned(),
            signer: Signer::of(target),
            groups: OnceCell::new(),
        }
    }

    /// Makes one call, each attempt signed anew. `values` are those in its body, for their secrets.
    async fn call(&self, class: Class, path: &str, body: Bytes, values: &[Value]) -> Result<Response<Bytes>, Failure> {
        call(&self.client, class, || async {
            let request =
                request::signed(&self.root, path, body.clone(), &self.signer, self.client.surroundings().unix_time())?;
            let sign = request.headers().get(request::SIGN).cloned();
            let answer = self.client.send(request).await?;
            let sign = sign.as_ref().and_then(|sign| sign.to_str().ok());
            let hide: Vec<&str> = secrets(values).chain(sign).chain([self.signer.api_secret.expose()]).collect();
            response::envelope(class, &answer, &hide)?;
            Ok(answer)
        })
        .await
    }

    /// One kind's objects.
    async fn listing(&self, support: &'static KindSupport) -> Result<Listing, Failure> {
        let of_app = request::of_app(&self.app_id);
        let (call, params, read): (_, _, Decode) = match support.kind {
            kind if *kind == PHONE_GROUP => (request::PHONE_QUERY, of_app, phones::gather),
            kind if *kind == NUMBER => (request::NUMBER_QUERY, of_app, numbers::objects),
            _ => (request::TRUNK_QUERY, json!({}), trunks::objects),
        };
        let (records, mut doubts) = self.pages(call, &params).await?;
        let objects = read(support, &records, &mut doubts);
        Ok(Listing { kind: support.kind, completeness: doubts.verdict(call), objects })
    }

    /// All pages of a listing, one after the other: only the last one says where to stop.
    async fn pages(&self, path: &str, params: &Json) -> Result<(Vec<Record>, Doubts), Failure> {
        let mut pages = Pages::default();
        loop {
            let body = request::page(pages.next(), params);
            let answer = self.call(Class::Read, path, body, &[]).await?;
            if !pages.add(response::page(&answer)?) {
                return Ok(pages.finish());
            }
        }
    }

    /// The seat groups that these values need: those that the trunk has already, and all that there are where that
    /// isn't enough.
    async fn groups_of(
        &self,
        support: &KindSupport,
        live: Option<&LiveObject>,
        values: &[Value],
    ) -> Result<Groups<'_>, Failure> {
        let own = live.map(SeatGroups::of_trunk).unwrap_or_default();
        let mut names = trunks::group_names(support, values);
        if names.all(|name| own.id(name).is_ok()) {
            return Ok(Groups { own, all: None });
        }
        let all = self.groups.get_or_try_init(|| async {
            let (records, doubts) = self.pages(request::GROUP_QUERY, &json!({})).await?;
            SeatGroups::of(&records, doubts)
        });
        Ok(Groups { own, all: Some(all.await.map_err(Failure::before_write)?) })
    }
}

/// From records to objects, with what is doubtful about them.
type Decode = fn(&KindSupport, &[Record], &mut Doubts) -> Vec<LiveObject>;

/// The secrets among an object's values.
fn secrets(values: &[Value]) -> impl Iterator<Item = &str> {
    values.iter().filter_map(|value| match value {
        Value::Secret(secret) => Some(secret.expose()),
        _ => None,
    })
}

fn refuse_by_hand(ability: Ability) -> Result<(), Failure> {
    match ability {
        Ability::Yes => Ok(()),
        Ability::ByHand(what) => Err(Failure::new(FailureKind::Unsupported, "by_hand", what)),
    }
}

fn support(kind: &Kind) -> Result<&'static KindSupport, Failure> {
    TABLE.support(kind).ok_or_else(|| {
        let message = format!("{} has no objects of kind {}", TABLE.title, kind.name);
        Failure::new(FailureKind::Unsupported, "unknown_kind", message)
    })
}

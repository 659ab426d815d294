//! OpenVox UC Series IPPBX: the API v0.0.1, in JSON or in XML.
//!
//! What the vendor promises: every call is a POST that says in its URL which of the two formats it speaks, and the answer
//! comes in the same; its `status` says whether it worked, not the HTTP status; a token from one login goes into the URL
//! of every call. An update replaces the whole trunk. Behind the format everything is shared: an answer of either is the
//! same record.

mod auth;
mod listing;
mod request;
mod response;
mod session;
mod table;
mod wire;
mod xml;

#[cfg(test)]
mod tests;

use async_trait::async_trait;

use crate::http::{Class, Failure, FailureKind};
use crate::model::kinds::TRUNK;
use crate::model::{CallCheck, Kind, KindSupport, Listing, LiveObject, ProviderTable, Snapshot};

use super::pbx;
use super::{Dialer, NewObject, Reader, Update, Writer};

pub use super::pbx::{TrunkId, TrunkName};
pub use session::Session;
pub use table::TABLE;

#[async_trait]
impl Reader for Session {
    fn table(&self) -> &'static ProviderTable {
        &TABLE
    }

    async fn snapshot(&self, kinds: &[&'static Kind]) -> Result<Snapshot, Failure> {
        let before = self.requests();
        let mut listings = Vec::new();
        if let Some(support) = kinds.contains(&&TRUNK).then(|| TABLE.support(&TRUNK)).flatten() {
            listings.push(self.trunks(support).await?);
        }
        Ok(Snapshot { listings, requests: self.requests() - before })
    }

    async fn close(&self) {
        self.connection.log_out().await;
    }

    fn requests(&self) -> u32 {
        self.connection.client().requests()
    }
}

#[async_trait]
impl Writer for Session {
    async fn create(&self, object: &NewObject<'_>) -> Result<Option<Box<str>>, Failure> {
        let params = request::add(support(object.kind)?, object)?;
        let answer = self.connection.call(Class::Create, wire::ADD, &params).await?;
        Ok(pbx::added_id(&answer))
    }

    async fn update(&self, update: &Update<'_>) -> Result<(), Failure> {
        let params = request::update(support(update.kind)?, update)?;
        self.connection.call(Class::IdempotentWrite, wire::UPDATE, &params).await.map(drop)
    }

    async fn delete(&self, kind: &'static Kind, live: &LiveObject) -> Result<(), Failure> {
        support(kind)?;
        let params = request::one_trunk(&TrunkName::parse(&live.key)?);
        match self.connection.call(Class::Delete, wire::DELETE, &params).await {
            // Gone is gone, whoever did it.
            Err(failure) if failure.kind == FailureKind::Missing => Ok(()),
            answer => answer.map(drop),
        }
    }
}

#[async_trait]
impl Dialer for Session {
    async fn dial(&self, check: &CallCheck) -> Result<Option<Box<str>>, Failure> {
        self.connection.dial(check).await
    }
}

impl Session {
    /// The PBX's trunks. It has one listing, so nothing else can vouch for it.
    async fn trunks(&self, support: &'static KindSupport) -> Result<Listing, Failure> {
        match self.connection.call(Class::Read, wire::QUERY, &request::every_trunk()).await {
            // A PBX without trunks may say that there is none.
            Err(failure) if failure.kind == FailureKind::Missing => Ok(listing::none(support)),
            answer => listing::read(support, &answer?),
        }
    }
}

fn support(kind: &Kind) -> Result<&'static KindSupport, Failure> {
    TABLE.support(kind).ok_or_else(|| {
        let message = format!("{} has no objects of kind {}", TABLE.title, kind.name);
        Failure::new(FailureKind::Unsupported, "unknown_kind", message)
    })
}

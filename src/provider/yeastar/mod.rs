//! Yeastar S-Series, S1000, K2 and Cloud PBX: the JSON API, v2.0.0 or v1.1.0.
//!
//! What the vendor promises: every call is a POST; the answer's `status` says whether it worked, not the HTTP status;
//! a token from one login goes into the URL of every call and dies after 30 idle minutes; five failed log-ins lock the
//! caller's address for 10 minutes. The box does one thing at a time.

mod auth;
mod listing;
mod request;
mod response;
mod session;
mod table;
mod version;
mod wire;

#[cfg(test)]
mod tests;

use async_trait::async_trait;

use crate::http::{Class, Failure, FailureKind};
use crate::model::kinds::TRUNK;
use crate::model::{CallCheck, Kind, KindSupport, Listing, LiveObject, ProviderTable, Snapshot};

use super::loose::Record;
use super::pbx::{self, Params};
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
        let answer = self.connection.call(Class::Create, self.version().endpoints().add, &params).await?;
        Ok(pbx::added_id(&answer))
    }

    async fn update(&self, update: &Update<'_>) -> Result<(), Failure> {
        let params = request::update(self.version(), support(update.kind)?, update)?;
        self.connection.call(Class::IdempotentWrite, self.version().endpoints().update, &params).await.map(drop)
    }

    async fn delete(&self, kind: &'static Kind, live: &LiveObject) -> Result<(), Failure> {
        support(kind)?;
        let params = request::one_trunk(self.version(), live)?;
        match self.connection.call(Class::Delete, self.version().endpoints().delete, &params).await {
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
    /// Both listings of the PBX's trunks, joined.
    async fn trunks(&self, support: &'static KindSupport) -> Result<Listing, Failure> {
        let version = self.version();
        let endpoints = version.endpoints();
        let list = self.connection.call(Class::Read, endpoints.list, &Params::default()).await?;
        let every = request::every_trunk(version);
        let query = match self.connection.call(Class::Read, endpoints.query, &every).await {
            // A PBX without SIP trunks may say that there is none; the list then has to agree.
            Err(failure) if failure.kind == FailureKind::Missing => Record::new(),
            answer => answer?,
        };
        listing::join(version, support, &list, &query)
    }
}

fn support(kind: &Kind) -> Result<&'static KindSupport, Failure> {
    TABLE.support(kind).ok_or_else(|| {
        let message = format!("{} has no objects of kind {}", TABLE.title, kind.name);
        Failure::new(FailureKind::Unsupported, "unknown_kind", message)
    })
}

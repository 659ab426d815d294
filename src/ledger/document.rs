//! The ledger's JSON, `sipform.ledger/v1`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ledger, TargetRecord};
use crate::model::{Claim, Claims, kinds};

/// The schema that this version writes.
pub(super) const SCHEMA: &str = "sipform.ledger/v1";

/// What is read.
#[derive(Deserialize)]
pub(super) struct Document {
    schema: String,
    #[serde(rename = "version")]
    _version: String,
    serial: u64,
    #[serde(default)]
    sandbox: bool,
    targets: BTreeMap<String, TargetDocument>,
}

#[derive(Deserialize)]
struct TargetDocument {
    url: String,
    #[serde(default)]
    key_check: Option<String>,
    /// By kind, then by key.
    claims: BTreeMap<String, BTreeMap<Box<str>, ClaimDocument>>,
}

#[derive(Deserialize)]
struct ClaimDocument {
    remote_id: Box<str>,
    #[serde(default)]
    protect: bool,
    #[serde(default)]
    fingerprint: Option<String>,
    #[serde(default)]
    hidden: BTreeMap<String, String>,
}

impl Document {
    /// What it says that it is.
    pub(super) fn schema(&self) -> &str {
        &self.schema
    }
}

/// Only the schema's name, to tell an old, a new and a foreign file apart where the rest can't be read.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) schema: String,
}

/// What is written: the ledger as it is, without a copy of it.
#[derive(Serialize)]
pub(super) struct Written<'l> {
    schema: &'static str,
    version: &'static str,
    serial: u64,
    sandbox: bool,
    targets: BTreeMap<&'l str, WrittenTarget<'l>>,
}

#[derive(Serialize)]
struct WrittenTarget<'l> {
    url: &'l str,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_check: Option<&'l str>,
    claims: BTreeMap<&'static str, BTreeMap<&'l str, WrittenClaim<'l>>>,
}

#[derive(Serialize)]
struct WrittenClaim<'l> {
    remote_id: &'l str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'l str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hidden: &'l BTreeMap<String, String>,
}

impl<'l> From<&'l Ledger> for Written<'l> {
    fn from(ledger: &'l Ledger) -> Self {
        let Ledger { serial, sandbox, targets } = ledger;
        Self {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            serial: *serial,
            sandbox: *sandbox,
            targets: targets.iter().map(|(name, record)| (name.as_str(), record.into())).collect(),
        }
    }
}

impl<'l> From<&'l TargetRecord> for WrittenTarget<'l> {
    fn from(record: &'l TargetRecord) -> Self {
        let TargetRecord { url, key_check, claims } = record;
        let mut by_kind: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for (kind, key, claim) in claims.iter() {
            by_kind.entry(kind).or_default().insert(key, claim.into());
        }
        Self { url, key_check: key_check.as_deref(), claims: by_kind }
    }
}

impl<'l> From<&'l Claim> for WrittenClaim<'l> {
    fn from(claim: &'l Claim) -> Self {
        let Claim { remote_id, protect, fingerprint, hidden } = claim;
        Self { remote_id, protect: *protect, fingerprint: fingerprint.as_deref(), hidden }
    }
}

impl From<Document> for Ledger {
    fn from(document: Document) -> Self {
        let targets = document.targets.into_iter().map(|(name, target)| (name, target.into())).collect();
        Self { serial: document.serial, sandbox: document.sandbox, targets }
    }
}

impl From<TargetDocument> for TargetRecord {
    fn from(document: TargetDocument) -> Self {
        let mut claims = Claims::of_ledger();
        for (kind, objects) in document.claims {
            // A kind of a later version, and nothing here could act on it. Writing drops its claims, which makes that
            // version more careful, not less.
            let Some(kind) = kinds::by_name(&kind) else { continue };
            for (key, claim) in objects {
                claims.insert(kind.name, key, claim.into());
            }
        }
        Self { url: document.url, key_check: document.key_check, claims }
    }
}

impl From<ClaimDocument> for Claim {
    fn from(document: ClaimDocument) -> Self {
        let ClaimDocument { remote_id, protect, fingerprint, hidden } = document;
        Self { remote_id, protect, fingerprint, hidden }
    }
}

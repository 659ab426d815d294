//! The ledger's JSON, `sipform.ledger/v1`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Ledger, TargetRecord};
use crate::model::{Claim, Claims, kinds};

/// The schema that this version writes.
pub(super) const SCHEMA: &str = "sipform.ledger/v1";

#[derive(Serialize, Deserialize)]
pub(super) struct Document {
    schema: String,
    version: String,
    serial: u64,
    #[serde(default)]
    sandbox: bool,
    targets: BTreeMap<String, TargetDocument>,
}

#[derive(Serialize, Deserialize)]
struct TargetDocument {
    url: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_check: Option<String>,
    /// By kind, then by key.
    claims: BTreeMap<String, BTreeMap<String, ClaimDocument>>,
}

#[derive(Serialize, Deserialize)]
struct ClaimDocument {
    remote_id: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    hidden: BTreeMap<String, String>,
}

/// Only the schema's name, to tell an old, a new and a foreign file apart before the rest is read.
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) schema: String,
}

impl From<&Ledger> for Document {
    fn from(ledger: &Ledger) -> Self {
        let Ledger { serial, sandbox, targets } = ledger;
        Self {
            schema: SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            serial: *serial,
            sandbox: *sandbox,
            targets: targets.iter().map(|(name, record)| (name.clone(), record.into())).collect(),
        }
    }
}

impl From<&TargetRecord> for TargetDocument {
    fn from(record: &TargetRecord) -> Self {
        let TargetRecord { url, key_check, claims } = record;
        let mut by_kind: BTreeMap<String, BTreeMap<String, ClaimDocument>> = BTreeMap::new();
        for (kind, key, claim) in claims.iter() {
            by_kind.entry(kind.into()).or_default().insert(key.into(), claim.into());
        }
        Self { url: url.clone(), key_check: key_check.clone(), claims: by_kind }
    }
}

impl From<&Claim> for ClaimDocument {
    fn from(claim: &Claim) -> Self {
        let Claim { remote_id, protect, fingerprint, hidden } = claim;
        Self {
            remote_id: remote_id.to_string(),
            protect: *protect,
            fingerprint: fingerprint.clone(),
            hidden: hidden.clone(),
        }
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
        Self { remote_id: remote_id.into(), protect, fingerprint, hidden }
    }
}

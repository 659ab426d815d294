//! What the ledger remembers of fields that a vendor doesn't show.

use super::Fingerprinter;
use crate::diff::{Applied, LastApplied};
use crate::model::{Claims, Kind, KindSupport, LiveObject, Value};

/// Compares wanted values with the fingerprints of those applied last.
#[derive(Clone, Copy, Debug)]
pub struct Remembered<'a> {
    /// The target's claims.
    pub claims: &'a Claims,
    /// Makes the target's fingerprints.
    pub fingerprinter: &'a Fingerprinter,
    /// The check of the key that the remembered fingerprints were made with.
    pub key_check: Option<&'a str>,
}

impl Applied for Remembered<'_> {
    fn compare(&self, kind: &Kind, key: &str, field: &str, wanted: &Value) -> LastApplied {
        let Some(remembered) = self.claims.get(kind, key).and_then(|claim| claim.hidden.get(field)) else {
            return LastApplied::Unknown;
        };
        if !self.key_is_the_same() {
            return LastApplied::Unknown;
        }
        if *remembered == self.fingerprinter.value(kind.name, key, field, wanted) {
            LastApplied::Same
        } else {
            LastApplied::Different
        }
    }

    fn recognizes(&self, support: &KindSupport, key: &str, live: &LiveObject) -> bool {
        let claim = self.claims.get(support.kind, key).filter(|claim| claim.remote_id == live.remote_id);
        let Some(then) = claim.and_then(|claim| claim.fingerprint.as_ref()) else { return false };
        let under_its_name = LiveObject { key: key.into(), ..live.clone() };
        self.key_is_the_same() && *then == self.fingerprinter.object(support, &under_its_name)
    }
}

impl Remembered<'_> {
    /// With another key no fingerprint means anything.
    pub fn key_is_the_same(&self) -> bool {
        self.key_check.is_some_and(|check| check == self.fingerprinter.key_check())
    }
}

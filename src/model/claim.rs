//! What sipform remembers of the objects that it made or adopted.

use std::collections::BTreeMap;

use super::Kind;

/// One object that is ours.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Claim {
    /// What the vendor called it when it was claimed.
    pub remote_id: Box<str>,
    /// Never deleted or replaced, also after its entry has left the YAML.
    pub protect: bool,
    /// Fingerprint of the live object as the last apply left it.
    pub fingerprint: Option<String>,
    /// Fingerprints of what was applied to fields that the vendor doesn't show, by field.
    pub hidden: BTreeMap<String, String>,
}

/// One target's claims, by kind and key.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Claims {
    /// Whether there is a ledger that knows this target; without one, nothing can be called ours.
    pub known: bool,
    /// No kind is there without a claim.
    by_kind: BTreeMap<&'static str, BTreeMap<Box<str>, Claim>>,
}

impl Claims {
    /// No claims yet, in a ledger that knows the target.
    pub fn of_ledger() -> Self {
        Self { known: true, by_kind: BTreeMap::new() }
    }

    /// The claim on this object, if it is ours.
    pub fn get(&self, kind: &Kind, key: &str) -> Option<&Claim> {
        self.by_kind.get(kind.name)?.get(key)
    }

    /// Claims an object, or renews its claim.
    pub fn insert(&mut self, kind: &'static str, key: impl Into<Box<str>>, claim: Claim) {
        self.by_kind.entry(kind).or_default().insert(key.into(), claim);
    }

    /// Gives an object up.
    pub fn remove(&mut self, kind: &'static str, key: &str) -> Option<Claim> {
        let claims = self.by_kind.get_mut(kind)?;
        let claim = claims.remove(key);
        if claims.is_empty() {
            self.by_kind.remove(kind);
        }
        claim
    }

    /// All claims, sorted by kind and key.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str, &Claim)> {
        let kinds = self.by_kind.iter();
        kinds.flat_map(|(kind, claims)| claims.iter().map(|(key, claim)| (*kind, &**key, claim)))
    }

    /// Keeps the claims for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&'static str, &str, &Claim) -> bool) {
        self.by_kind.retain(|kind, claims| {
            claims.retain(|key, claim| keep(kind, key, claim));
            !claims.is_empty()
        });
    }

    /// How many objects are ours.
    pub fn len(&self) -> usize {
        self.by_kind.values().map(BTreeMap::len).sum()
    }

    /// Whether nothing is ours.
    pub fn is_empty(&self) -> bool {
        self.by_kind.is_empty()
    }
}

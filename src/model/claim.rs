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
    by_object: BTreeMap<(&'static str, Box<str>), Claim>,
}

impl Claims {
    /// No claims yet, in a ledger that knows the target.
    pub fn of_ledger() -> Self {
        Self { known: true, by_object: BTreeMap::new() }
    }

    /// The claim on this object, if it is ours.
    pub fn get(&self, kind: &Kind, key: &str) -> Option<&Claim> {
        // The tuple's key must be owned for a look-up; claims are looked up once an object, not in a loop.
        self.by_object.get(&(kind.name, Box::from(key)))
    }

    /// Claims an object, or renews its claim.
    pub fn insert(&mut self, kind: &'static str, key: impl Into<Box<str>>, claim: Claim) {
        self.by_object.insert((kind, key.into()), claim);
    }

    /// Gives an object up.
    pub fn remove(&mut self, kind: &'static str, key: &str) -> Option<Claim> {
        self.by_object.remove(&(kind, Box::from(key)))
    }

    /// All claims, sorted by kind and key.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str, &Claim)> {
        self.by_object.iter().map(|((kind, key), claim)| (*kind, &**key, claim))
    }

    /// Keeps the claims for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&'static str, &str, &Claim) -> bool) {
        self.by_object.retain(|(kind, key), claim| keep(kind, key, claim));
    }

    /// How many objects are ours.
    pub fn len(&self) -> usize {
        self.by_object.len()
    }

    /// Whether nothing is ours.
    pub fn is_empty(&self) -> bool {
        self.by_object.is_empty()
    }
}

//! What may be neither deleted nor replaced, whatever path leads there.

use std::collections::HashSet;

use super::{Input, Scope};
use crate::model::{DesiredObject, Kind, LiveObject};

/// What the ledger protects of one kind on one target.
pub(super) struct Protected<'a> {
    keys: HashSet<&'a str>,
    /// A protected object that somebody renamed at the vendor stays protected: its id is what it was. An id that is the
    /// key says nothing about a renamed object.
    ids: HashSet<&'a str>,
}

impl<'a> Protected<'a> {
    /// By the claims, without those that a `removed:` entry gives up.
    pub(super) fn of(input: &Input<'a, '_>, kind: &Kind) -> Self {
        let given_up: HashSet<&str> = input
            .removed
            .iter()
            .filter(|removed| !removed.delete && removed.address.kind == kind.name)
            .map(|removed| &*removed.address.key)
            .collect();
        let claims = || {
            let claims = input.claims.iter().filter(|(name, _, claim)| *name == kind.name && claim.protect);
            claims.filter(|(_, key, _)| !given_up.contains(key))
        };
        let has_id = |key: &str, id: &str| !id.is_empty() && id != key;
        Self {
            keys: claims().map(|(_, key, _)| key).collect(),
            ids: claims()
                .filter(|(_, key, claim)| has_id(key, &claim.remote_id))
                .map(|(.., it)| &*it.remote_id)
                .collect(),
        }
    }

    /// Whether it was protected when it was last applied.
    pub(super) fn covers(&self, live: &LiveObject) -> bool {
        self.keys.contains(&*live.key) || self.ids.contains(&*live.remote_id)
    }
}

impl Scope<'_, '_> {
    /// An entry that says yes or no decides. One that says nothing leaves the object as the ledger has it: a line that got
    /// lost takes no protection away.
    pub(super) fn protects(&self, desired: &DesiredObject, live: Option<&LiveObject>) -> bool {
        desired.protect.unwrap_or_else(|| {
            self.protected.keys.contains(&*desired.address.key) || live.is_some_and(|live| self.protected.covers(live))
        })
    }
}

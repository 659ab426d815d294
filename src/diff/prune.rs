//! What becomes of a live object that no entry of the YAML stands for.

use super::{Change, Diff, Scope};
use crate::model::outcome::Action;
use crate::model::table::Ability;
use crate::model::{FieldSet, LiveObject, Prune, Removed};

impl<'a> Scope<'_, 'a> {
    /// Deletes it, if a tombstone or the target's prune mode says so; otherwise counts it.
    pub(super) fn dispose(&self, live: &'a LiveObject, diff: &mut Diff<'a>) {
        let address = self.address(&live.key);
        if !self.input.selection.includes(&address) {
            return;
        }
        let removed = self.removed.get(&*live.key).copied();
        let wanted = match removed {
            Some(removed) => removed.delete,
            // It is, or is going to be, an entry's that this run isn't about.
            None if self.outside_keys.contains(&*live.key) || self.outside_ids.contains(&*live.remote_id) => false,
            None => self.prunes(live),
        };
        if wanted {
            diff.changes.push(self.delete(live, removed));
        } else {
            diff.unmanaged.push(address);
        }
    }

    fn prunes(&self, live: &LiveObject) -> bool {
        match self.input.target.prune {
            Prune::None => false,
            Prune::Claimed => self.is_claimed(live),
            Prune::Exclusive => self.has_entries,
        }
    }

    /// Ours is what has both the name and the id that were claimed: an object that was deleted and made again by
    /// somebody else under the same name isn't.
    pub(super) fn is_claimed(&self, live: &LiveObject) -> bool {
        let claim = self.input.claims.get(self.support.kind, &live.key);
        claim.is_some_and(|claim| claim.remote_id == live.remote_id)
    }

    fn delete(&self, live: &'a LiveObject, removed: Option<&'a Removed>) -> Change<'a> {
        let (action, reason) = match self.support.delete {
            Ability::Yes => (Action::Delete, None),
            Ability::ByHand(what) => (Action::CannotConverge, Some(what.to_owned())),
        };
        Change {
            address: self.address(&live.key),
            kind: self.support.kind,
            support: self.support,
            action,
            desired: None,
            live: Some(live),
            removed,
            fields: Vec::new(),
            remembered: FieldSet::default(),
            adopt: false,
            protected: self.protected.covers(live),
            reason,
        }
    }
}

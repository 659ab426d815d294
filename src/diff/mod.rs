//! Desired × Live → Changes, one target at a time, by a hash join on the key.
//!
//! Pure: the same input gives the same changes in the same order. What the plan may send, in which order and within
//! which budget is not decided here.

mod compare;
mod live;
mod making;
mod matching;
mod protect;
mod prune;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::model::outcome::Action;
use crate::model::{
    Address, Claims, DesiredObject, FieldSet, FieldSupport, Kind, KindSupport, Listing, LiveObject, Removed, Selection,
    Snapshot, Target, Unselected, Value,
};

use protect::Protected;

pub use compare::{same_observation, satisfies, unmet_fields};

/// Everything that a comparison looks at.
#[derive(Clone, Copy)]
pub struct Input<'a, 'r> {
    /// The target.
    pub target: &'a Target,
    /// What the YAML wants on this target.
    pub desired: &'a [DesiredObject],
    /// Entries on this target that the run isn't about.
    pub unselected: &'a [Unselected],
    /// What has left the YAML on this target.
    pub removed: &'a [Removed],
    /// What the vendor shows.
    pub snapshot: &'a Snapshot,
    /// What is ours on this target.
    pub claims: &'a Claims,
    /// What was last applied to a field that the vendor doesn't show.
    pub applied: &'r dyn Applied,
    /// Objects to replace whatever they look like (`--replace`).
    pub replace: &'r [Address],
    /// Objects that the run is about.
    pub selection: &'r Selection,
}

/// Remembers what was last applied to fields that the vendor doesn't show.
pub trait Applied {
    /// Compares a wanted value with the one that was applied last.
    fn compare(&self, kind: &Kind, key: &str, field: &str, wanted: &Value) -> LastApplied;

    /// Whether an object that has another name by now is, in everything else, what was left under this key. `false` where
    /// nobody knows.
    fn recognizes(&self, support: &KindSupport, key: &str, live: &LiveObject) -> bool;
}

/// A wanted value of a hidden field against the one applied last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastApplied {
    /// The same was applied.
    Same,
    /// Something else was applied.
    Different,
    /// Nobody knows what was applied.
    Unknown,
}

/// One target's differences.
#[derive(Debug, Default)]
pub struct Diff<'a> {
    /// The changes, by kind and address.
    pub changes: Vec<Change<'a>>,
    /// Objects that are as the YAML wants them.
    pub unchanged: Vec<Pair<'a>>,
    /// Live objects that are not in the YAML and stay.
    pub unmanaged: Vec<Address>,
    /// Objects left alone by `ignore`.
    pub ignored: Vec<Address>,
    /// How many fields were left alone by `ignore_fields`.
    pub ignored_fields: usize,
    /// Fields that the vendor doesn't show: never equal, whatever is remembered of them.
    pub not_readable: Vec<(&'a Address, &'static str)>,
    /// Changes that an incomplete listing forbids.
    pub held_back: Vec<HeldBack<'a>>,
    /// Entries that aren't there, and the objects that have the ids which theirs had and look different: after a reset a
    /// PBX gives the same ids to others.
    pub lookalikes: Vec<(Address, Address)>,
}

/// A change that an incomplete listing forbids.
#[derive(Clone, Debug)]
pub struct HeldBack<'a> {
    /// Which object.
    pub address: Address,
    /// What would have been done to it.
    pub action: Action,
    /// The YAML's entry, if there is one.
    pub desired: Option<&'a DesiredObject>,
    /// The live object, if one was seen.
    pub live: Option<&'a LiveObject>,
}

/// An entry of the YAML and the live object that it stands for.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// What the YAML wants.
    pub desired: &'a DesiredObject,
    /// What the vendor shows.
    pub live: &'a LiveObject,
    /// It isn't claimed yet.
    pub adopt: bool,
    /// Deleting or replacing it is forbidden.
    pub protected: bool,
}

/// What to do about one address.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// Which object.
    pub address: Address,
    /// Its kind.
    pub kind: &'static Kind,
    /// What the vendor can do with the kind.
    pub support: &'static KindSupport,
    /// What to do.
    pub action: Action,
    /// The YAML's entry; none for a delete.
    pub desired: Option<&'a DesiredObject>,
    /// The live object; none for a create.
    pub live: Option<&'a LiveObject>,
    /// The `removed:` entry that asks for the delete, if one does.
    pub removed: Option<&'a Removed>,
    /// What differs, in the order of the kind's table, a new key first.
    pub fields: Vec<FieldChange>,
    /// Hidden fields of which the YAML's value is known to be the live one, as it is what was applied last.
    pub remembered: FieldSet,
    /// The live object isn't claimed yet.
    pub adopt: bool,
    /// Deleting or replacing it is forbidden.
    pub protected: bool,
    /// Why it can't converge, and what to do by hand.
    pub reason: Option<String>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its place in the kind's table; `None` for the key.
    pub index: Option<usize>,
    /// Its name in the YAML.
    pub name: &'static str,
    /// The live value; [`Value::Unset`] for a create.
    pub before: Value,
    /// The wanted value.
    pub after: Value,
    /// Neither may be shown.
    pub secret: bool,
    /// Why it isn't sent now, where that is so.
    pub deferred: Option<String>,
}

/// Compares one target's desired and live objects.
pub fn diff<'a>(input: &Input<'a, '_>) -> Diff<'a> {
    let mut diff = Diff::default();
    for support in input.target.provider.kinds {
        if let Some(listing) = input.snapshot.listing(support.kind) {
            Scope::new(input, support, listing).compare(&mut diff);
        }
    }
    diff
}

/// One kind on one target.
struct Scope<'i, 'a> {
    input: &'i Input<'a, 'i>,
    support: &'static KindSupport,
    listing: &'a Listing,
    /// What has left the YAML, by key.
    removed: HashMap<&'a str, &'a Removed>,
    /// Whether an entry of the YAML names the target for this kind.
    has_entries: bool,
    /// Keys that entries outside the selection have or had.
    outside_keys: HashSet<&'a str>,
    /// Remote ids of what they claim.
    outside_ids: HashSet<&'a str>,
    /// What the ledger protects.
    protected: Protected<'a>,
    /// What the vendor can do with the kind's fields, in the order of the kind's table.
    fields: Vec<Option<&'static FieldSupport>>,
}

impl<'i, 'a> Scope<'i, 'a> {
    fn new(input: &'i Input<'a, 'i>, support: &'static KindSupport, listing: &'a Listing) -> Self {
        let removed = input
            .removed
            .iter()
            .filter(|removed| removed.address.target == input.target.name && removed.address.kind == support.kind.name);
        let outside = || input.unselected.iter().filter(|entry| entry.address.kind == support.kind.name);
        let keys = outside().flat_map(|entry| [Some(&*entry.address.key), entry.previously.as_deref()]);
        let claims = outside().filter_map(|entry| input.claims.get(support.kind, &entry.address.key));
        Self {
            input,
            support,
            listing,
            outside_keys: keys.flatten().collect(),
            outside_ids: claims.map(|claim| &*claim.remote_id).collect(),
            protected: Protected::of(input, support.kind),
            removed: removed.map(|removed| (&*removed.address.key, removed)).collect(),
            fields: support.kind.fields.iter().map(|field| support.field(field.name)).collect(),
            has_entries: input.desired.iter().any(|desired| desired.kind == support.kind),
        }
    }

    fn compare(&self, diff: &mut Diff<'a>) {
        let first = diff.changes.len();
        let matched = self.match_objects(diff);
        for desired in matched.missing {
            diff.changes.push(self.create(desired));
        }
        diff.unchanged.reserve(matched.pairs.len());
        for pair in matched.pairs {
            self.compare_pair(pair, diff);
        }
        for live in matched.rest {
            self.dispose(live, diff);
        }
        if !self.listing.is_complete() {
            hold_back(diff, first);
        }
        if let Some(changes) = diff.changes.get_mut(first..) {
            changes.sort_by(|a, b| a.address.cmp(&b.address));
        }
    }

    fn address(&self, key: &str) -> Address {
        Address::new(self.input.target.name.clone(), self.support.kind.name, key)
    }

    fn field(&self, index: usize) -> Option<&'static FieldSupport> {
        *self.fields.get(index)?
    }
}

/// On the strength of an incomplete listing nothing is made, deleted or replaced; what was seen may be updated, but not
/// take another key: an object that wasn't seen may have it.
fn hold_back(diff: &mut Diff<'_>, first: usize) {
    let changes = diff.changes.split_off(first);
    for change in changes {
        let takes_key = change.action == Action::Update && change.fields.iter().any(|field| field.index.is_none());
        if takes_key || matches!(change.action, Action::Create | Action::Delete | Action::Replace) {
            let Change { address, action, desired, live, .. } = change;
            diff.held_back.push(HeldBack { address, action, desired, live });
        } else {
            diff.changes.push(change);
        }
    }
}

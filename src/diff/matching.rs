//! Which live object an entry of the YAML stands for: by key, then by `previously`, then by the ledger's remote id.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::live::ByKey;
use super::{Diff, HeldBack, Pair, Scope, satisfies};
use crate::model::outcome::Action;
use crate::model::{Address, DesiredObject, LiveObject};

/// How the two sides join.
pub(super) struct Matched<'a> {
    /// Entries with their live objects.
    pub(super) pairs: Vec<Pair<'a>>,
    /// Entries with none.
    pub(super) missing: Vec<&'a DesiredObject>,
    /// Live objects with no entry.
    pub(super) rest: Vec<&'a LiveObject>,
}

/// The live objects that take part, by key.
struct Live<'a> {
    by_key: ByKey<'a>,
    /// Keys that several objects have, and it can't be told which of them is ours.
    ambiguous: HashSet<&'a str>,
}

impl<'a> Scope<'_, 'a> {
    /// Joins the selected entries with the live objects. What `ignore` names takes no part on either side.
    pub(super) fn match_objects(&self, diff: &mut Diff<'a>) -> Matched<'a> {
        let mut ignored = BTreeSet::new();
        let mut live = self.live_by_key(&mut ignored);
        let entries = self.selected_entries(&mut ignored);
        diff.ignored.extend(ignored.into_iter().map(|key| self.address(key)));
        let moving = self.making_room(&entries, &live.by_key);
        let (mut pairs, mut unmatched) = (Vec::with_capacity(entries.len()), Vec::new());
        for desired in entries {
            let key = &*desired.address.key;
            let found = if moving.contains(key) { None } else { live.by_key.remove(key) };
            match found {
                Some(found) if live.ambiguous.contains(key) => {
                    let (address, live) = (desired.address.clone(), Some(found));
                    diff.held_back.push(HeldBack { address, action: Action::Update, desired: Some(desired), live });
                }
                Some(found) => pairs.push(self.pair(desired, found)),
                None => unmatched.push(desired),
            }
        }
        let unnamed = self.match_renamed(unmatched, &moving, &mut live.by_key, &mut pairs);
        let missing = self.match_by_id(unnamed, &mut live.by_key, &mut pairs, diff);
        pairs.sort_by(|a, b| a.desired.address.key.cmp(&b.desired.address.key));
        Matched { pairs, missing, rest: live.by_key.rest() }
    }

    /// Of several objects with one key it takes the one that is claimed, else (to be deterministic) the one whose id
    /// sorts first, and says that it can't tell. Such a listing never counts as complete.
    fn live_by_key(&self, ignored: &mut BTreeSet<&'a str>) -> Live<'a> {
        if let Some(by_key) = ByKey::ordered(&self.listing.objects).filter(|_| self.input.target.ignore.is_empty()) {
            return Live { by_key, ambiguous: HashSet::new() };
        }
        let mut by_key: HashMap<&str, &LiveObject> = HashMap::with_capacity(self.listing.objects.len());
        let mut ambiguous = HashSet::new();
        for object in &self.listing.objects {
            if self.input.target.ignores(self.support.kind.name, &object.key) {
                ignored.insert(&object.key);
            } else if let Some(other) = by_key.insert(&object.key, object) {
                ambiguous.insert(&*object.key);
                let first = if self.rank(other) <= self.rank(object) { other } else { object };
                by_key.insert(&object.key, first);
            }
        }
        ambiguous.retain(|key| by_key.get(key).is_some_and(|object| !self.is_claimed(object)));
        Live { by_key: ByKey::Hashed(by_key), ambiguous }
    }

    fn rank(&self, object: &'a LiveObject) -> (bool, &'a str) {
        (!self.is_claimed(object), &object.remote_id)
    }

    fn selected_entries(&self, ignored: &mut BTreeSet<&'a str>) -> Vec<&'a DesiredObject> {
        let kind = self.support.kind;
        let mut entries = Vec::new();
        for desired in self.input.desired.iter().filter(|desired| desired.kind == kind) {
            if self.input.target.ignores(kind.name, &desired.address.key) {
                ignored.insert(&desired.address.key);
            } else if self.input.selection.includes(&desired.address) {
                entries.push(desired);
            }
        }
        entries
    }

    /// Renames in a row: `b` was `a`, and `c` was `b`. The object that is still called `b` is `c`'s, also in a run that
    /// isn't about `c`, so the entry `b` takes the one that it had before. Gives the keys of the entries that have to.
    fn making_room(&self, entries: &[&'a DesiredObject], live: &ByKey<'a>) -> HashSet<&'a str> {
        let mut moving = HashSet::new();
        let renamed =
            entries.iter().filter_map(|desired| Some((&*desired.address.key, desired.previously.as_deref()?)));
        let own = |address: &Address| address.kind == self.support.kind.name;
        let outside = self.input.unselected.iter().filter(|entry| own(&entry.address));
        let outside = outside.filter_map(|entry| Some((&*entry.address.key, entry.previously.as_deref()?)));
        let former: HashMap<&str, &str> = renamed.chain(outside).filter(|(_, old)| live.get(old).is_some()).collect();
        if former.is_empty() {
            return moving;
        }
        let taken = self.keys_spoken_for();
        for (_, &old) in former.iter().filter(|(key, _)| live.get(key).is_none()) {
            let mut row = HashSet::new();
            let mut old = old;
            while let Some(&older) = former.get(old).filter(|_| row.insert(old)) {
                old = older;
            }
            if !taken.contains(old) {
                moving.extend(row);
            }
        }
        moving
    }

    /// Finds entries under the key that they had before; gives those that aren't.
    fn match_renamed(
        &self,
        unmatched: Vec<&'a DesiredObject>,
        moving: &HashSet<&str>,
        live: &mut ByKey<'a>,
        pairs: &mut Vec<Pair<'a>>,
    ) -> Vec<&'a DesiredObject> {
        if unmatched.iter().all(|desired| desired.previously.is_none()) {
            return unmatched;
        }
        let taken = self.keys_spoken_for();
        let mut unnamed = Vec::new();
        for desired in unmatched {
            let old = desired.previously.as_deref().filter(|key| !taken.contains(key) || moving.contains(key));
            match old.and_then(|key| live.remove(key)) {
                Some(found) => pairs.push(self.pair(desired, found)),
                None => unnamed.push(desired),
            }
        }
        unnamed
    }

    /// Finds entries under a key that somebody gave their objects at the vendor: by the id that was claimed. An id alone
    /// proves nothing: a PBX that was reset gives it to another object, which must not be taken for ours.
    fn match_by_id(
        &self,
        unnamed: Vec<&'a DesiredObject>,
        live: &mut ByKey<'a>,
        pairs: &mut Vec<Pair<'a>>,
        diff: &mut Diff<'a>,
    ) -> Vec<&'a DesiredObject> {
        let claim = |desired: &DesiredObject| self.input.claims.get(self.support.kind, &desired.address.key);
        if unnamed.iter().all(|desired| claim(desired).is_none()) {
            return unnamed;
        }
        let mut taken = self.keys_spoken_for();
        taken.extend(&self.outside_keys);
        let by_id = free_ids(live, &taken);
        let mut missing = Vec::new();
        for desired in unnamed {
            let key = claim(desired).and_then(|claim| by_id.get(&*claim.remote_id)).copied();
            match key.and_then(|key| live.get(key)) {
                Some(found) if self.is_same_object(desired, found) => {
                    live.remove(&found.key);
                    pairs.push(self.pair(desired, found));
                }
                Some(other) => {
                    diff.lookalikes.push((desired.address.clone(), self.address(&other.key)));
                    missing.push(desired);
                }
                None => missing.push(desired),
            }
        }
        missing
    }

    /// Whether an object with a claimed id and another name is ours all the same: it is what was left there but for its
    /// name, or what the entry wants.
    fn is_same_object(&self, desired: &DesiredObject, live: &LiveObject) -> bool {
        satisfies(self.support, &desired.values, live)
            || self.input.applied.recognizes(self.support, &desired.address.key, live)
    }

    /// Keys that an entry of the YAML or a `removed:` entry names: their objects are not anybody's former self.
    fn keys_spoken_for(&self) -> HashSet<&'a str> {
        let kind = self.support.kind.name;
        let entries = self.input.desired.iter().map(|desired| &desired.address);
        let removed = self.input.removed.iter().map(|removed| &removed.address);
        entries.chain(removed).filter(|address| address.kind == kind).map(|address| &*address.key).collect()
    }

    fn pair(&self, desired: &'a DesiredObject, live: &'a LiveObject) -> Pair<'a> {
        let of_entry = self.input.claims.get(self.support.kind, &desired.address.key);
        let claimed = of_entry.is_some_and(|claim| claim.remote_id == live.remote_id) || self.is_claimed(live);
        Pair { desired, live, adopt: !claimed, protected: self.protects(desired, Some(live)) }
    }
}

/// The keys of the objects that nobody names, by id; the first one where an id isn't unique. An id that is the key says
/// nothing about a renamed object.
fn free_ids<'a>(live: &ByKey<'a>, taken: &HashSet<&str>) -> HashMap<&'a str, &'a str> {
    let mut by_id: HashMap<&str, &str> = HashMap::new();
    let free = live.rest().into_iter().filter(|object| !taken.contains(&*object.key) && object.remote_id != object.key);
    for object in free {
        let first = by_id.entry(&object.remote_id).or_insert(&object.key);
        *first = (*first).min(&object.key);
    }
    by_id
}

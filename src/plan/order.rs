//! Which change waits for which: edges between changes of one target, and an order that respects them.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::resources::{Freed, FreedBy, Resource, frees, keepers, takes};
use super::{Fingerprinter, Step};
use crate::diff::Change;
use crate::model::outcome::Action;
use crate::model::{Snapshot, Value};

/// Orders one target's changes (sorted by address) by their edges; what can't be brought about any more turns into
/// "cannot converge" or waits for a later plan.
pub(super) fn order<'a>(
    mut changes: Vec<Change<'a>>,
    snapshot: Option<&Snapshot>,
    fingerprinter: &'a Fingerprinter,
) -> Vec<Step<'a>> {
    // Giving one change up can take away what another one waits for, so this goes round until nothing changes. Every
    // round but the last gives at least one field or change up, so it ends.
    let edges = loop {
        let mut edges = Edges::new(changes.len());
        let conflicts = edges.connect(&changes, snapshot);
        let gave_up = resolve(&mut changes, conflicts) | break_cycles(&mut changes, &edges);
        if !gave_up {
            break edges;
        }
    };
    sort(changes, edges.succession(), fingerprinter)
}

/// Who waits for whom, by place.
struct Edges {
    requires: Vec<BTreeSet<usize>>,
    after_release: Vec<BTreeSet<usize>>,
    releases: Vec<BTreeSet<usize>>,
    successions: Vec<(usize, usize)>,
}

/// A change that would take what somebody keeps.
struct Conflict {
    taker: usize,
    /// The place of the field; none for the key.
    field: Option<usize>,
    holder: String,
}

impl Edges {
    fn new(count: usize) -> Self {
        Self {
            requires: vec![BTreeSet::new(); count],
            after_release: vec![BTreeSet::new(); count],
            releases: vec![BTreeSet::new(); count],
            successions: Vec::new(),
        }
    }

    /// What frees a value goes before what takes it; an old trunk goes after the new one that serves the same purpose.
    fn connect(&mut self, changes: &[Change<'_>], snapshot: Option<&Snapshot>) -> Vec<Conflict> {
        self.successions = successions(changes);
        let takers = changes.iter().enumerate();
        let takers = takers.flat_map(|(index, change)| takes(change).map(move |taken| (index, taken)));
        let takers: Vec<(usize, Resource<'_>)> = takers.collect();
        let wanted: HashSet<Resource<'_>> = takers.iter().map(|(_, resource)| *resource).collect();
        let freed = self.freed(changes, &wanted);
        if takers.is_empty() {
            return Vec::new();
        }
        let keepers = keepers(changes, snapshot, &wanted, &freed);
        let mut conflicts = Vec::new();
        for (taker, resource) in takers {
            self.wait_for(taker, freed.get(&resource).into_iter().flatten());
            conflicts.extend(conflict(changes, taker, &resource, &keepers));
        }
        conflicts
    }

    fn wait_for<'f>(&mut self, taker: usize, freed: impl Iterator<Item = &'f (usize, Freed)>) {
        for &(by, how) in freed.filter(|(by, _)| *by != taker) {
            let list = match how {
                Freed::WhenDone => &mut self.requires,
                Freed::ByRelease => &mut self.after_release,
            };
            at(list, taker).insert(by);
        }
    }

    /// What of `wanted` is given up and by whom; notes which fields are emptied in a call of their own.
    fn freed<'c>(&mut self, changes: &'c [Change<'_>], wanted: &HashSet<Resource<'_>>) -> FreedBy<'c> {
        let mut freed = FreedBy::new();
        for (index, change) in changes.iter().enumerate() {
            for (resource, how) in frees(change) {
                if let (Freed::ByRelease, Some(field)) = (how, resource.1) {
                    at(&mut self.releases, index).insert(field);
                }
                if wanted.contains(&resource) {
                    freed.entry(resource).or_default().push((index, how));
                }
            }
        }
        freed
    }

    /// Adds the edges of succession where they don't close a circle: what frees a value still goes first.
    fn succession(mut self) -> Self {
        for (old, new) in std::mem::take(&mut self.successions) {
            if !self.waits_for(new, old) {
                at(&mut self.requires, old).insert(new);
            }
        }
        self
    }

    /// Whether a change has to wait, directly or not, for another one to be done. Who waits for a release waits for what
    /// the releasing change requires, and not for that change itself.
    fn waits_for(&self, from: usize, to: usize) -> bool {
        let mut seen = HashSet::new();
        let mut queue = self.waits_directly((from, false));
        while let Some(node) = queue.pop() {
            if node == (to, false) {
                return true;
            }
            if seen.insert(node) {
                queue.extend(self.waits_directly(node));
            }
        }
        false
    }

    /// What a change, or its release where the second part says so, waits for.
    fn waits_directly(&self, (index, is_release): (usize, bool)) -> Vec<(usize, bool)> {
        let done = self.requires.get(index).into_iter().flatten().map(|&other| (other, false));
        let after = self.after_release.get(index).filter(|_| !is_release);
        done.chain(after.into_iter().flatten().map(|&other| (other, true))).collect()
    }

    /// Everything that waits for itself, or for something that does: what is left when everything that waits for nothing
    /// is taken away again and again.
    fn stuck(&self) -> Vec<usize> {
        let mut waiting: HashMap<(usize, bool), usize> = HashMap::new();
        let mut dependents: HashMap<(usize, bool), Vec<(usize, bool)>> = HashMap::new();
        for node in (0..self.requires.len()).flat_map(|index| [(index, false), (index, true)]) {
            let waits_for = self.waits_directly(node);
            // Most wait for nothing and have no place here.
            if !waits_for.is_empty() {
                waiting.insert(node, waits_for.len());
            }
            for other in waits_for {
                dependents.entry(other).or_default().push(node);
            }
        }
        let mut ready: Vec<_> = dependents.keys().filter(|node| !waiting.contains_key(node)).copied().collect();
        while let Some(node) = ready.pop() {
            waiting.remove(&node);
            for dependent in dependents.remove(&node).into_iter().flatten() {
                if let Some(count) = waiting.get_mut(&dependent) {
                    *count -= 1;
                    if *count == 0 {
                        ready.push(dependent);
                    }
                }
            }
        }
        let mut stuck: Vec<_> =
            waiting.into_keys().filter(|(_, is_release)| !is_release).map(|(index, _)| index).collect();
        stuck.sort_unstable();
        stuck
    }
}

/// The entry of a list that was made as long as the changes are.
fn at(list: &mut [BTreeSet<usize>], index: usize) -> &mut BTreeSet<usize> {
    #[expect(clippy::indexing_slicing, reason = "both lengths come from the same list of changes")]
    &mut list[index]
}

fn conflict(
    changes: &[Change<'_>],
    taker: usize,
    resource: &Resource<'_>,
    keepers: &HashMap<Resource<'_>, &str>,
) -> Option<Conflict> {
    let holder = *keepers.get(resource)?;
    let change = changes.get(taker)?;
    let own = change.live.is_some_and(|live| &*live.key == holder);
    (!own).then(|| Conflict { taker, field: resource.1, holder: holder.to_owned() })
}

/// Defers a field that somebody else keeps, or gives the change up where it can't do without the field.
fn resolve(changes: &mut [Change<'_>], conflicts: Vec<Conflict>) -> bool {
    let gave_up = !conflicts.is_empty();
    for Conflict { taker, field, holder } in conflicts {
        let Some(change) = changes.get_mut(taker) else { continue };
        let name = field.map_or(Some(change.kind.key), |field| Some(change.kind.fields.get(field)?.name));
        let reason = format!(
            "its `{}` is in use by {}/{}/{holder}, which this plan doesn't free",
            name.unwrap_or_default(),
            change.address.target,
            change.kind.name
        );
        let may_wait = field.is_some() && change.action == Action::Update;
        match change.fields.iter_mut().find(|change| may_wait && change.index == field) {
            Some(field) => {
                field.deferred = Some(reason);
                change.give_up_if_all_deferred();
            }
            None => change.cannot(&reason),
        }
    }
    gave_up
}

/// Changes that wait for each other in a circle: they would have to swap a value that can't be empty in between.
fn break_cycles(changes: &mut [Change<'_>], edges: &Edges) -> bool {
    let circle: Vec<usize> = edges.stuck().into_iter().filter(|&index| edges.waits_for(index, index)).collect();
    for &index in &circle {
        if let Some(change) = changes.get_mut(index) {
            change.cannot(
                "it would have to swap a value with another object, and the vendor allows neither two holders nor none: \
                 give one of them a value of its own first, apply, then the final one",
            );
        }
    }
    !circle.is_empty()
}

/// Which old object waits for which new one: pairs of a delete and a create that serve the same purpose.
fn successions(changes: &[Change<'_>]) -> Vec<(usize, usize)> {
    let mut made: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (index, change) in changes.iter().enumerate().filter(|(_, change)| change.action == Action::Create) {
        if let Some(purpose) = change.desired.and_then(|desired| purpose(change, &desired.values)) {
            made.entry((change.kind.name, purpose)).or_default().push(index);
        }
    }
    let mut waiting: HashMap<(&str, &str), usize> = HashMap::new();
    let mut pairs = Vec::new();
    for (index, change) in changes.iter().enumerate().filter(|(_, change)| change.action == Action::Delete) {
        let Some(purpose) = change.live.and_then(|live| purpose(change, &live.values)) else {
            continue;
        };
        let Some(new) = made.get(&(change.kind.name, purpose)) else {
            continue;
        };
        // One new object for each old one: waiting for all would be a circle's worth of edges and no safer.
        let turn = waiting.entry((change.kind.name, purpose)).or_default();
        pairs.extend(new.get(*turn % new.len()).map(|&new| (index, new)));
        *turn += 1;
    }
    pairs
}

fn purpose<'v>(change: &Change<'_>, values: &'v [Value]) -> Option<&'v str> {
    let fields = change.kind.fields.iter().zip(values);
    fields.filter(|(field, _)| field.succeeds).find_map(|(_, value)| value.as_text().filter(|text| !text.is_empty()))
}

/// Puts every change after what it waits for; ties by address.
fn sort<'a>(changes: Vec<Change<'a>>, edges: Edges, fingerprinter: &'a Fingerprinter) -> Vec<Step<'a>> {
    let Edges { requires, after_release, releases, successions: _ } = edges;
    let places = topological(&requires);
    let mut slots: Vec<Option<Step<'_>>> = (0..changes.len()).map(|_| None).collect();
    let parts = changes.into_iter().zip(requires).zip(after_release.into_iter().zip(releases));
    for (index, ((change, requires), (after_release, releases))) in parts.enumerate() {
        let place = |old: &usize| places.get(*old).copied().unwrap_or(*old);
        let mut step = Step {
            change,
            requires: requires.iter().map(place).collect(),
            after_release: after_release.iter().map(place).collect(),
            releases: releases.into_iter().collect(),
            fingerprinter,
        };
        step.requires.sort_unstable();
        step.after_release.sort_unstable();
        if let Some(slot) = slots.get_mut(place(&index)) {
            *slot = Some(step);
        }
    }
    slots.into_iter().flatten().collect()
}

/// Each change's place: Kahn's algorithm, always taking the first one (by address) that waits for nothing.
fn topological(requires: &[BTreeSet<usize>]) -> Vec<usize> {
    if requires.iter().all(BTreeSet::is_empty) {
        return (0..requires.len()).collect();
    }
    let mut waiting: Vec<usize> = requires.iter().map(BTreeSet::len).collect();
    let mut dependents = vec![Vec::new(); requires.len()];
    for (index, required) in requires.iter().enumerate() {
        for &required in required {
            if let Some(list) = dependents.get_mut(required) {
                list.push(index);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..requires.len()).filter(|&index| waiting.get(index) == Some(&0)).collect();
    let mut places = vec![usize::MAX; requires.len()];
    let mut next = 0;
    while let Some(index) = ready.pop_first() {
        if let Some(place) = places.get_mut(index) {
            *place = next;
        }
        next += 1;
        for &dependent in dependents.get(index).into_iter().flatten() {
            if let Some(count) = waiting.get_mut(dependent) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(dependent);
                }
            }
        }
    }
    places
}

//! What can only be checked once all files are read.

mod conflicts;
mod entry;
mod removals;
mod renames;
mod unique;

use std::cmp::Ordering;
use std::collections::HashSet;

use super::numbers::MAX_RUN;
use super::objects::Entry;
use super::report::{Finding, Place, Report};
use super::suggest;
use super::whole::{Placed, TargetId, Whole};
use crate::diag::quote;

pub(super) use entry::{Held, hold_to_rules};
pub(super) use unique::{Candidate, Uniques, any as any_unique, fields as unique_fields};

/// The most objects of one configuration.
const MAX_OBJECTS: u64 = 5 * MAX_RUN;

/// Checks everything, and gives all objects, sorted by address. `complete`: every file was read to its end; otherwise a
/// target may be missing because its file is.
pub(super) fn all(whole: &Whole, complete: bool, report: &mut Report) -> Vec<Placed> {
    let mut checks = entry::Checks::default();
    let mut dangling = HashSet::new();
    let mut objects = Vec::with_capacity(whole.entries.len());
    let (mut count, mut has_renames, mut is_sorted) = (0, false, true);
    for (entry, index) in whole.entries.iter().zip(0..) {
        let Some(target) = target_of(whole, entry, complete, &mut dangling, report) else {
            continue;
        };
        checks.entry(whole, entry, target, report);
        count += entry.keys.count();
        if count > MAX_OBJECTS {
            let message = format!("more than {MAX_OBJECTS} objects");
            report.add(Finding::error("too_many_objects", entry.place, message));
            break;
        }
        has_renames |= entry.previously.is_some();
        let last = objects.last().copied();
        place(entry, index, target, &mut objects);
        // Asked while both are at hand: going through all of them again takes longer than all else that is done here.
        is_sorted =
            is_sorted && last.is_none_or(|last| is_behind(whole, &last, &Placed { target, entry: index, offset: 0 }));
    }
    if !is_sorted {
        sort(whole, &mut objects);
        conflicts::duplicates(whole, &objects, report);
    }
    if has_renames {
        renames::check(whole, &objects, report);
    }
    removals::check(whole, &objects, complete, report);
    if checks.has_unique {
        unique::check(whole, &objects, report);
    }
    objects
}

fn target_of(
    whole: &Whole,
    entry: &Entry,
    complete: bool,
    dangling: &mut HashSet<Place>,
    report: &mut Report,
) -> Option<TargetId> {
    if let Some(target) = entry.target.and_then(|(name, _)| whole.target_named(name)) {
        return Some(target);
    }
    let own = entry.target.map(|(name, mark)| (whole.name(name), Place { file: entry.place.file, mark }));
    let Some((name, place)) = own.or_else(|| whole.defaults.target(entry.kind)) else {
        let message = format!("a {} without `target`", entry.kind.name);
        let hint = format!("name the target that it belongs to, {}", one_of(&whole.target_names()));
        report.add(Finding::error("missing_field", entry.key_place(), message).shown(true).hint(hint));
        return None;
    };
    let target = whole.target_id(name);
    if target.is_none() && complete && dangling.insert(place) {
        report.add(unknown_target(whole, name, place));
    }
    target
}

/// An entry that names a target which doesn't exist.
pub(super) fn unknown_target(whole: &Whole, name: &str, place: Place) -> Finding {
    // The text of an alias isn't quoted: it may be a secret elsewhere.
    let message = match place.mark.length {
        0 => "no target has this name".to_owned(),
        _ => format!("no target is named {}", quote(name)),
    };
    let hint = suggest::hint(name, &whole.target_names());
    Finding::error("unknown_target", place, message).hint(hint).shown(true)
}

fn one_of(names: &[&str]) -> String {
    match names {
        [] => "of which there is none yet".to_owned(),
        [name] => format!("like `target: {name}`"),
        names => format!("one of {}", suggest::listed(names)),
    }
}

fn place(entry: &Entry, index: u32, target: TargetId, objects: &mut Vec<Placed>) {
    let count = u32::try_from(entry.keys.count()).unwrap_or(u32::MAX);
    objects.extend((0..count).map(|offset| Placed { target, entry: index, offset }));
}

/// Whether the second is behind the first, and not at the same address.
fn is_behind(whole: &Whole, first: &Placed, second: &Placed) -> bool {
    by_address(whole, first, second) == Ordering::Less
}

/// By address, then in the order in which they were written. Targets are numbered by name.
fn sort(whole: &Whole, objects: &mut [Placed]) {
    objects.sort_by(|a, b| by_address(whole, a, b).then_with(|| a.entry.cmp(&b.entry)));
}

fn by_address(whole: &Whole, a: &Placed, b: &Placed) -> Ordering {
    if a.entry == b.entry {
        // The numbers of a run have the same length: their order is that of their texts.
        return a.offset.cmp(&b.offset);
    }
    let (Some(first), Some(second)) = (whole.entry(a), whole.entry(b)) else { return Ordering::Equal };
    let by_kind = || first.kind.name.cmp(second.kind.name);
    a.target.cmp(&b.target).then_with(by_kind).then_with(|| first.keys.at(a.offset).cmp(&second.keys.at(b.offset)))
}

/// The object of this address, if an entry wants it.
fn find<'o>(whole: &Whole, objects: &'o [Placed], target: TargetId, kind: &str, key: &str) -> Option<&'o Placed> {
    let found = objects.binary_search_by(|placed| {
        let entry = whole.entry(placed);
        let by_kind = || entry.map_or("", |entry| entry.kind.name).cmp(kind);
        let by_key = || entry.map(|entry| entry.keys.at(placed.offset)).as_deref().cmp(&Some(key));
        placed.target.cmp(&target).then_with(by_kind).then_with(by_key)
    });
    objects.get(found.ok()?)
}

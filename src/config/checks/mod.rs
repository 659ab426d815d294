//! What can only be checked once all files are read.

mod conflicts;
mod entry;
mod removals;
mod renames;
mod unique;

use std::collections::HashSet;

use super::numbers::MAX_RUN;
use super::objects::{Entry, Keys};
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
    let mut objects = Vec::new();
    let mut count = 0;
    for (index, entry) in whole.entries.iter().enumerate() {
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
        place(entry, index, target, &mut objects);
    }
    sort(whole, &mut objects);
    conflicts::duplicates(whole, &objects, report);
    renames::check(whole, &objects, report);
    removals::check(whole, &objects, complete, report);
    unique::check(whole, &objects, report);
    objects
}

fn target_of(
    whole: &Whole,
    entry: &Entry,
    complete: bool,
    dangling: &mut HashSet<Place>,
    report: &mut Report,
) -> Option<TargetId> {
    let own = entry.target.as_ref().map(|(name, mark)| (name.clone(), Place { file: entry.place.file, mark: *mark }));
    let Some((name, place)) = own.or_else(|| whole.defaults.target(entry.kind)) else {
        let message = format!("a {} without `target`", entry.kind.name);
        let hint = format!("name the target that it belongs to, {}", one_of(&whole.target_names()));
        report.add(Finding::error("missing_field", entry.key_place(), message).shown(true).hint(hint));
        return None;
    };
    let target = whole.target_id(&name);
    if target.is_none() && complete && dangling.insert(place) {
        report.add(unknown_target(whole, &name, place));
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

fn place(entry: &Entry, index: usize, target: TargetId, objects: &mut Vec<Placed>) {
    match &entry.keys {
        Keys::One(key) => objects.push(Placed { target, entry: index, key: key.clone() }),
        Keys::Run(run) => {
            objects.extend(run.numbers().map(|key| Placed { target, entry: index, key: key.into() }));
        }
    }
}

/// By address, then in the order in which they were written. Targets are numbered by name.
fn sort(whole: &Whole, objects: &mut [Placed]) {
    objects.sort_by(|a, b| {
        let by_kind = || kind_name(whole, a).cmp(kind_name(whole, b));
        a.target.cmp(&b.target).then_with(by_kind).then_with(|| a.key.cmp(&b.key)).then_with(|| a.entry.cmp(&b.entry))
    });
}

fn kind_name(whole: &Whole, placed: &Placed) -> &'static str {
    whole.entries.get(placed.entry).map_or("", |entry| entry.kind.name)
}

/// The object of this address, if an entry wants it.
fn find<'o>(whole: &Whole, objects: &'o [Placed], target: TargetId, kind: &str, key: &str) -> Option<&'o Placed> {
    let found = objects.binary_search_by(|placed| {
        let by_kind = || kind_name(whole, placed).cmp(kind);
        placed.target.cmp(&target).then_with(by_kind).then_with(|| (*placed.key).cmp(key))
    });
    objects.get(found.ok()?)
}

//! `previously:` against everything else.

use std::collections::HashMap;

use super::find;
use crate::config::objects::Entry;
use crate::config::report::{Finding, Place, Report};
use crate::config::whole::{Placed, TargetId, Whole};
use crate::diag::quote;
use crate::model::Address;

/// An old key on a target, by kind.
type Old<'w> = (TargetId, &'static str, &'w str);

/// Checks every rename.
pub(super) fn check(whole: &Whole, objects: &[Placed], report: &mut Report) {
    let renames = Renames::of(whole, objects);
    let removals: HashMap<&Address, Place> =
        whole.removed.iter().map(|removed| (&removed.address, removed.address_place)).collect();
    let mut taken: HashMap<Old<'_>, Place> = HashMap::new();
    for (placed, entry, old, place) in &renames.all {
        let key = entry.keys.at(placed.offset);
        let address = whole.address(placed.target, entry.kind, &*key);
        let error =
            |message: String| Finding::error("rename_conflict", *place, message).shown(true).about(address.clone());
        if **old == *key {
            report.add(error("`previously` is the name that it has now".into()).hint("leave the line out"));
            continue;
        }
        if let Some(first) = taken.insert((placed.target, entry.kind.name, old), *place) {
            report.add(error("two objects were previously the same one".into()).related(first, "the first one"));
        }
        if let Some(other) = renames.still_there(whole, objects, placed, entry, old) {
            let message = format!("{} was this object's name, and there is an entry of that name", quote(old));
            let finding = error(message).hint("after the rename has been applied, leave `previously` out");
            report.add(finding.related(other.key_place(), "the entry"));
        }
        let gone = whole.address(placed.target, entry.kind, *old);
        if let Some(removal) = removals.get(&gone) {
            let finding = error(format!("{gone} is renamed and removed"));
            report.add(finding.related(*removal, "the removal"));
        }
    }
}

struct Renames<'w> {
    all: Vec<(&'w Placed, &'w Entry, &'w str, Place)>,
    by_new: HashMap<Address, &'w str>,
}

impl<'w> Renames<'w> {
    fn of(whole: &'w Whole, objects: &'w [Placed]) -> Self {
        let mut renames = Self { all: Vec::new(), by_new: HashMap::new() };
        for placed in objects {
            let Some(entry) = whole.entry(placed) else {
                continue;
            };
            let Some(previously) = &entry.previously else { continue };
            let (old, place) = (&*previously.key, Place { file: entry.place.file, mark: previously.mark });
            renames.all.push((placed, entry, old, place));
            renames.by_new.insert(whole.address(placed.target, entry.kind, entry.keys.at(placed.offset)), old);
        }
        renames
    }

    /// The entry that has the old name now and keeps it. One that is itself the new name of a third is no conflict, unless
    /// the names go round in a circle.
    fn still_there(
        &self,
        whole: &'w Whole,
        objects: &[Placed],
        placed: &Placed,
        entry: &Entry,
        old: &str,
    ) -> Option<&'w Entry> {
        let other = find(whole, objects, placed.target, entry.kind.name, old)?;
        let mut name = old;
        for _ in 0..self.all.len() {
            let address = whole.address(placed.target, entry.kind, name);
            match self.by_new.get(&address) {
                Some(before) if *before == entry.keys.at(placed.offset) => break,
                Some(before) => name = before,
                None if name == old => break,
                None => return None,
            }
        }
        whole.entry(other)
    }
}

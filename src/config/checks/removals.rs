//! `removed:` against targets, kinds and objects.

use std::collections::HashMap;

use super::{find, unknown_target};
use crate::config::removed::RemovedEntry;
use crate::config::report::{Finding, Place, Report};
use crate::config::suggest;
use crate::config::whole::{Placed, Whole};
use crate::diag::quote;
use crate::model::{Address, kinds};

/// Checks every entry of `removed:`.
pub(super) fn check(whole: &Whole, objects: &[Placed], complete: bool, report: &mut Report) {
    let mut seen: HashMap<&Address, Place> = HashMap::new();
    for entry in &whole.removed {
        if let Some(first) = seen.insert(&entry.address, entry.address_place) {
            let message = format!("{} is removed twice", entry.address);
            let finding = Finding::error("duplicate_address", entry.address_place, message).shown(true);
            report.add(finding.related(first, "the first one").about(entry.address.clone()));
        }
        against_whole(whole, objects, entry, complete, report);
    }
}

fn against_whole(whole: &Whole, objects: &[Placed], entry: &RemovedEntry, complete: bool, report: &mut Report) {
    let Address { target: name, kind, key } = &entry.address;
    let Some(target) = whole.target_id(name) else {
        if complete {
            report.add(unknown_target(whole, name, entry.address_place));
        }
        return;
    };
    if let Some(present) = find(whole, objects, target, kind, key).and_then(|object| whole.entry(object)) {
        let message = format!("{} is removed, and there is an entry for it", entry.address);
        let finding = Finding::error("removed_and_present", entry.address_place, message).shown(true);
        let finding = finding.hint("delete one of the two").about(entry.address.clone());
        report.add(finding.related(present.key_place(), "the entry"));
    }
    let Some(table) = whole.target(target).and_then(|target| target.table) else {
        return;
    };
    if kinds::by_name(kind).is_some_and(|kind| table.support(kind).is_none()) {
        let known: Vec<&str> = table.kinds.iter().map(|support| support.kind.name).collect();
        let message = format!("{} has no {}", table.name, quote(kind));
        let finding = Finding::error("unsupported_kind", entry.address_place, message).shown(true);
        report.add(finding.hint(format!("a {} target has {}", table.name, suggest::listed(&known))));
    }
}

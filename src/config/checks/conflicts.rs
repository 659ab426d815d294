//! The same address twice.

use super::kind_name;
use crate::config::report::{Finding, Report};
use crate::config::whole::{Placed, Whole};

/// Reports addresses that two entries stand for, with both places. Two runs that overlap are told once.
pub(super) fn duplicates(whole: &Whole, objects: &[Placed], report: &mut Report) {
    let mut told = None;
    for pair in objects.windows(2) {
        let [first, second] = pair else { continue };
        let is_same = (first.target, kind_name(whole, first), &first.key)
            == (second.target, kind_name(whole, second), &second.key);
        if !is_same || told == Some((first.entry, second.entry)) {
            continue;
        }
        told = Some((first.entry, second.entry));
        let (Some(earlier), Some(later)) = (whole.entries.get(first.entry), whole.entries.get(second.entry)) else {
            continue;
        };
        let address = whole.address(second.target, later.kind, second.key.clone());
        let finding = Finding::error("duplicate_address", later.key_place(), format!("{address} twice"));
        report.add(finding.shown(true).related(earlier.key_place(), "the first one").about(address));
    }
}

//! The same address twice.

use std::cmp::Ordering;

use super::by_address;
use crate::config::report::{Finding, Report};
use crate::config::whole::{Placed, Whole};

/// Reports addresses that two entries stand for, with both places. Two runs that overlap are told once.
pub(super) fn duplicates(whole: &Whole, objects: &[Placed], report: &mut Report) {
    let mut told = None;
    for pair in objects.windows(2) {
        let [first, second] = pair else { continue };
        let is_same = by_address(whole, first, second) == Ordering::Equal;
        if !is_same || told == Some((first.entry, second.entry)) {
            continue;
        }
        told = Some((first.entry, second.entry));
        let (Some(earlier), Some(later)) = (whole.entry(first), whole.entry(second)) else {
            continue;
        };
        let address = whole.address(second.target, later.kind, later.keys.at(second.offset));
        let finding = Finding::error("duplicate_address", later.key_place(), format!("{address} twice"));
        report.add(finding.shown(true).related(earlier.key_place(), "the first one").about(address));
    }
}

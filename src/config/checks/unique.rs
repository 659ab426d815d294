//! Values that no two objects of a target may share.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::by_address;
use crate::config::drafts::Draft;
use crate::config::report::{Finding, Place, Report};
use crate::config::whole::{Placed, TargetId, Whole};
use crate::diag::quote;
use crate::model::{Address, Field, Kind, KindSupport, Scope, Value};

/// The unique values seen so far.
#[derive(Default)]
pub(in crate::config) struct Uniques {
    seen: HashMap<(TargetId, &'static str, &'static str, Box<str>), Seen>,
}

#[derive(Clone, Copy)]
struct Seen {
    place: Place,
    is_read: bool,
}

/// One value to compare with the others.
#[derive(Clone, Copy)]
pub(in crate::config) struct Candidate<'a> {
    pub(in crate::config) address: &'a dyn Fn() -> Address,
    pub(in crate::config) target: TargetId,
    pub(in crate::config) kind: &'static Kind,
    pub(in crate::config) field: &'static Field,
    pub(in crate::config) value: &'a Value,
    pub(in crate::config) place: Place,
    /// Whether it was read through a reference.
    pub(in crate::config) is_read: bool,
}

impl Uniques {
    /// Adds a value. Gives an error if it was there before; where `after_reading`, only if a reference had to be read to
    /// see it.
    pub(in crate::config) fn add(&mut self, candidate: Candidate<'_>, after_reading: bool) -> Option<Finding> {
        let Candidate { address, target, kind, field, value, place, is_read } = candidate;
        let text = value.as_text().filter(|text| !text.is_empty())?;
        let now = Seen { place, is_read };
        let before = self.seen.insert((target, kind.name, field.name, text.into()), now)?;
        if after_reading && !is_read && !before.is_read {
            return None;
        }
        let message =
            format!("{} is the same as that of another {}; they can't share it", quote(field.name), kind.name);
        let finding = Finding::error("not_unique", place, message).shown(!field.secret).about(address());
        Some(finding.related(before.place, "the other one"))
    }
}

/// The kind's fields that have to be unique for a variant, by their place in the table.
pub(in crate::config) fn fields(
    kind: &'static Kind,
    support: &KindSupport,
    variant: Option<&str>,
) -> impl Iterator<Item = (usize, &'static Field)> {
    let is_unique = move |field: &Field| {
        support.field(field.name).is_some_and(|field| field.unique.covers(variant)) && field.applies.covers(variant)
    };
    kind.fields.iter().enumerate().filter(move |(_, field)| is_unique(field))
}

/// Whether a kind has a unique field at all: most have none, and a million objects need no second look.
pub(in crate::config) fn any(support: &KindSupport) -> bool {
    support.fields.iter().any(|field| field.unique != Scope::Nothing)
}

/// Compares all values that are known without reading references.
pub(super) fn check(whole: &Whole, objects: &[Placed], report: &mut Report) {
    let mut uniques = Uniques::default();
    let mut previous: Option<&Placed> = None;
    let mut nothing_unique = None;
    for placed in objects {
        let Some(entry) = whole.entry(placed) else {
            continue;
        };
        if nothing_unique == Some((placed.target, entry.kind)) {
            continue;
        }
        let Some(support) = whole.support(placed.target, entry.kind).filter(|support| any(support)) else {
            nothing_unique = Some((placed.target, entry.kind));
            continue;
        };
        let before = previous.replace(placed);
        if before.is_some_and(|before| by_address(whole, before, placed) == Ordering::Equal) {
            continue;
        }
        for (index, field) in fields(entry.kind, support, whole.variant(entry, placed.target)) {
            let Some((written, _)) = whole.field(entry, placed.target, index) else {
                continue;
            };
            let Draft::Ready(value) = written.draft else { continue };
            let address = &|| whole.address(placed.target, entry.kind, entry.keys.at(placed.offset));
            let (target, kind, place) = (placed.target, entry.kind, written.place);
            let candidate = Candidate { address, target, kind, field, value, place, is_read: false };
            if let Some(finding) = uniques.add(candidate, false) {
                report.add(finding);
            }
        }
    }
}

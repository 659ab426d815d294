//! The second stage: references are read, and everything that depended on them is checked.

use std::collections::{HashMap, HashSet};

use super::Wanted;
use super::checks::{Candidate, Held, Uniques, any_unique, hold_to_rules, unique_fields};
use super::lower::{Label, Lowering, Numbers};
use super::node::Node;
use super::objects::{Draft, Entry, Written};
use super::reading::Reading;
use super::references;
use super::removed::RemovedEntry;
use super::report::{Finding, Place, Report};
use super::targets;
use super::whole::{Placed, TargetId, Whole};
use crate::model::{DesiredObject, Field, KindSupport, ProviderTable, Removed, Target, Unselected, Value};

/// Reads the references of everything that is wanted.
pub(super) struct Resolving<'a> {
    whole: &'a Whole,
    reading: &'a Reading<'a>,
    report: &'a mut Report,
    shared: Shared,
}

/// Values that many objects share, by where they stand: defaults, and those of a run.
#[derive(Default)]
struct Shared {
    /// They are read, and found unreadable, once.
    values: HashMap<Place, Option<Value>>,
    /// They are held against a vendor's limits once a target.
    held: HashSet<(TargetId, Place)>,
}

impl<'a> Resolving<'a> {
    pub(super) fn new(whole: &'a Whole, reading: &'a Reading<'a>, report: &'a mut Report) -> Self {
        Self { whole, reading, report, shared: Shared::default() }
    }

    /// All targets that are wanted and without mistakes.
    pub(super) fn targets(&mut self, tables: &[&'static ProviderTable], wanted: &Wanted<'_>) -> Vec<Target> {
        let whole = self.whole;
        let mut targets = Vec::new();
        for entry in whole.targets.iter().filter(|entry| (wanted.target)(&entry.name)) {
            match targets::read(entry, tables, &mut self.lowering(entry.place, Numbers::Literal)) {
                Some(target) => targets.push(target),
                None => self.insist_on_an_error(entry.place),
            }
        }
        targets
    }

    /// All objects that are wanted and without mistakes, in their order; and the entries that aren't wanted.
    pub(super) fn objects(&mut self, objects: &[Placed], wanted: &Wanted<'_>) -> (Vec<DesiredObject>, Vec<Unselected>) {
        let mut uniques = Uniques::default();
        let (mut resolved, mut unselected) = (Vec::with_capacity(objects.len()), Vec::new());
        for placed in objects {
            let Some(entry) = self.whole.entries.get(placed.entry) else {
                continue;
            };
            let Some(support) = self.whole.support(placed.target, entry.kind) else {
                continue;
            };
            let address = self.whole.address(placed.target, entry.kind, placed.key.clone());
            if !(wanted.object)(&address) {
                let previously = entry.previously.as_ref().map(|(old, _)| old.clone());
                unselected.push(Unselected { address, previously });
                continue;
            }
            let Some(values) = self.values(placed, entry, support) else {
                self.insist_on_an_error(entry.key_place());
                continue;
            };
            if any_unique(support) {
                self.compare(placed, entry, support, &values, &mut uniques);
            }
            resolved.push(DesiredObject {
                address,
                kind: entry.kind,
                values,
                source: self.report.source(entry.place),
                previously: entry.previously.as_ref().map(|(old, _)| old.clone()),
                protect: entry.protect,
                ignore_fields: entry.ignore_fields,
            });
        }
        (resolved, unselected)
    }

    /// What has left the files, as far as it is wanted.
    pub(super) fn removed(&self, wanted: &Wanted<'_>) -> Vec<Removed> {
        let entries = self.whole.removed.iter().filter(|entry| (wanted.object)(&entry.address));
        let removed = |entry: &RemovedEntry| Removed {
            address: entry.address.clone(),
            delete: entry.delete,
            source: self.report.source(entry.place),
        };
        entries.map(removed).collect()
    }

    fn values(&mut self, placed: &Placed, entry: &Entry, support: &KindSupport) -> Option<Box<[Value]>> {
        let whole = self.whole;
        let variant = whole.variant(entry, placed.target);
        let vendor = whole.targets.get(placed.target)?.table?.name;
        // Every field is looked at, so that all mistakes show.
        let mut values = Vec::with_capacity(entry.kind.fields.len());
        for (index, field) in entry.kind.fields.iter().enumerate() {
            let supported = support.field(field.name).filter(|_| field.applies.covers(variant));
            values.push(match (supported, whole.field(entry, placed.target, index)) {
                (None, _) => Some(Value::Unset),
                (Some(_), None) if is_demanded(field, support, variant) => Some(Value::Unset),
                (Some(_), None) => Some(field.default_value()),
                (Some(support), Some((written, is_own))) => {
                    let held = Held { field, support, variant, vendor, place: written.place };
                    self.value(placed, entry, written, is_own, held)
                }
            });
        }
        values.into_iter().collect()
    }

    /// Nothing is left out without a reason: it would count as gone from the files.
    fn insist_on_an_error(&mut self, place: Place) {
        if !self.report.has_errors() {
            let message = "something in this entry has no value, and it isn't known why";
            self.report.add(Finding::error("unresolved", place, message));
        }
    }

    fn value(
        &mut self,
        placed: &Placed,
        entry: &Entry,
        written: &Written,
        is_own: bool,
        held: Held<'_>,
    ) -> Option<Value> {
        let node = match &written.draft {
            Draft::Ready(value) => return Some(value.clone()),
            Draft::Broken => return None,
            Draft::Later(node) => node,
        };
        let is_single = is_own && entry.keys.count() == 1;
        let has_number = entry.kind.numeric_key && node.any_text(&references::has_number);
        if is_single || has_number {
            let numbers = if has_number { Numbers::Known(&placed.key) } else { Numbers::Literal };
            let value = self.read(node, numbers, held)?;
            self.hold(node, held, &value);
            return Some(value);
        }
        if !self.shared.values.contains_key(&held.place) {
            let value = self.read(node, Numbers::Literal, held);
            self.shared.values.insert(held.place, value);
        }
        let value = self.shared.values.get(&held.place)?.clone()?;
        if self.shared.held.insert((placed.target, held.place)) {
            self.hold(node, held, &value);
        }
        Some(value)
    }

    fn read(&mut self, node: &Node<'_>, numbers: Numbers<'_>, held: Held<'_>) -> Option<Value> {
        let label = Label::of(held.field);
        self.lowering(held.place, numbers).value(&held.field.ty, node, label)
    }

    /// Checks what could not be checked before the references were read.
    fn hold(&mut self, node: &Node<'_>, held: Held<'_>, value: &Value) {
        if self.reading.stands_in() || !node.any_text(&references::refers) {
            return;
        }
        for finding in hold_to_rules(held, value) {
            self.report.add(finding);
        }
    }

    fn compare(
        &mut self,
        placed: &Placed,
        entry: &Entry,
        support: &KindSupport,
        values: &[Value],
        uniques: &mut Uniques,
    ) {
        let whole = self.whole;
        for (index, field) in unique_fields(entry.kind, support, whole.variant(entry, placed.target)) {
            let (Some(value), Some((written, _))) = (values.get(index), whole.field(entry, placed.target, index))
            else {
                continue;
            };
            let is_read = matches!(written.draft, Draft::Later(_));
            let address = whole.address(placed.target, entry.kind, placed.key.clone());
            let (target, kind, place) = (placed.target, entry.kind, written.place);
            let candidate = Candidate { address, target, kind, field, value, place, is_read };
            if let Some(finding) = uniques.add(candidate, true) {
                self.report.add(finding);
            }
        }
    }

    fn lowering<'b>(&'b mut self, place: Place, numbers: Numbers<'b>) -> Lowering<'b> {
        let folder = self.whole.folder(place.file);
        Lowering { report: self.report, file: place.file, folder, numbers, reading: Some(self.reading) }
    }
}

/// Whether an omitted field would have to be written, if it weren't ignored: then it has no default either.
fn is_demanded(field: &Field, support: &KindSupport, variant: Option<&str>) -> bool {
    let of_vendor = support.field(field.name).is_some_and(|support| support.required.covers(variant));
    field.required.covers(variant) || of_vendor
}

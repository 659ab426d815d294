//! The second stage: references are read, and everything that depended on them is checked.

use std::collections::{HashMap, HashSet};

use super::Wanted;
use super::checks::{Candidate, Held, Uniques, any_unique, hold_to_rules, unique_fields};
use super::drafts::{Draft, Fields, Written};
use super::lower::{Label, Lowering, Numbers};
use super::node::{Mark, Node};
use super::objects::{Entry, Keys};
use super::plans::{Plans, Slot};
use super::reading::Reading;
use super::references;
use super::removed::RemovedEntry;
use super::report::{Finding, Place, Report};
use super::targets;
use super::whole::{Placed, TargetId, Whole};
use crate::model::{Address, DesiredObject, Field, KindSupport, ProviderTable, Removed, Target, Unselected, Value};

/// Reads the references of everything that is wanted.
pub(super) struct Resolving<'a> {
    whole: &'a Whole,
    reading: &'a Reading<'a>,
    report: &'a mut Report,
    shared: Shared,
    plans: Plans,
}

/// Values that many objects share, by where they stand: defaults, and those of a run.
#[derive(Default)]
struct Shared {
    /// They are read, and found unreadable, once.
    values: HashMap<Place, Option<Value>>,
    /// They are held against a vendor's limits once a target.
    held: HashSet<(TargetId, Place)>,
}

/// An object whose values are being made.
struct Object<'o> {
    address: &'o Address,
    target: TargetId,
    entry: &'o Entry,
    /// Whether the entry stands for this object alone.
    is_single: bool,
    variant: Option<&'static str>,
    vendor: &'static str,
}

/// A field that no two objects may share.
struct Compared {
    index: usize,
    field: &'static Field,
    place: Place,
    is_read: bool,
}

impl<'a> Resolving<'a> {
    pub(super) fn new(whole: &'a Whole, reading: &'a Reading<'a>, report: &'a mut Report) -> Self {
        Self { whole, reading, report, shared: Shared::default(), plans: Plans::default() }
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

    /// All objects that are wanted and without mistakes, in their order; and the entries that aren't wanted. An entry's
    /// values become its object's, in the same memory.
    pub(super) fn objects(
        &mut self,
        mut entries: Vec<Entry>,
        objects: Vec<Placed>,
        wanted: &Wanted<'_>,
    ) -> (Vec<DesiredObject>, Vec<Unselected>) {
        let mut uniques = Uniques::default();
        let (mut resolved, mut unselected) = (Vec::with_capacity(objects.len()), Vec::new());
        for placed in objects {
            let Some(entry) = entries.get_mut(placed.entry as usize) else {
                continue;
            };
            let Some(support) = self.whole.support(placed.target, entry.kind) else {
                continue;
            };
            let address = self.whole.address(placed.target, entry.kind, take_key(entry, placed.offset));
            let previously = entry.previously.take().map(|old| old.key);
            if !(wanted.object)(&address) {
                unselected.push(Unselected { address, previously });
                continue;
            }
            let Some(values) = self.values(&address, placed.target, entry, support, &mut uniques) else {
                self.insist_on_an_error(entry.key_place());
                continue;
            };
            resolved.push(DesiredObject {
                address,
                kind: entry.kind,
                values,
                source: self.report.source(entry.place),
                previously,
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

    fn values(
        &mut self,
        address: &Address,
        target: TargetId,
        entry: &mut Entry,
        support: &'static KindSupport,
        uniques: &mut Uniques,
    ) -> Option<Box<[Value]>> {
        let whole = self.whole;
        let variant = whole.variant(entry, target);
        let vendor = whole.target(target)?.table?.name;
        let slots = self.plans.of(support, variant);
        let compared = if any_unique(support) { self.compared(entry, target, support, variant) } else { Vec::new() };
        let is_single = matches!(entry.keys, Keys::One(_));
        let fields = if is_single { std::mem::take(&mut entry.fields) } else { Fields::default() };
        let object = Object { address, target, entry, is_single, variant, vendor };
        let values = if is_single { self.moved(&object, &slots, fields) } else { self.copied(&object, &slots) }?;
        for one in compared {
            let Some(value) = values.get(one.index) else { continue };
            let Compared { field, place, is_read, .. } = one;
            let address = &|| address.clone();
            let candidate = Candidate { address, target, kind: entry.kind, field, value, place, is_read };
            if let Some(finding) = uniques.add(candidate, true) {
                self.report.add(finding);
            }
        }
        Some(values)
    }

    /// The values of an entry that stands for one object.
    fn moved(&mut self, object: &Object<'_>, slots: &[Slot], fields: Fields) -> Option<Box<[Value]>> {
        let (drafts, marks) = fields.into_parts();
        let (mut slots, mut marks, mut all) = (slots.iter(), marks.into_iter(), true);
        // Every field is looked at, so that all mistakes show.
        let values = drafts.into_iter().map(|draft| {
            let mark = if draft.is_present() { marks.next() } else { None };
            let value = match (slots.next(), draft) {
                (Some(Slot { support: Some(_), .. }), Draft::Ready(value)) => Some(value),
                (Some(slot), draft) => self.value(object, slot, &draft, mark),
                (None, _) => None,
            };
            all &= value.is_some();
            value.unwrap_or_default()
        });
        let values: Vec<Value> = values.collect();
        all.then(|| values.into())
    }

    /// The values of an object whose entry stands for others, too.
    fn copied(&mut self, object: &Object<'_>, slots: &[Slot]) -> Option<Box<[Value]>> {
        let mut values = Vec::with_capacity(slots.len());
        for slot in slots {
            let own = object.entry.fields.get(slot.index);
            let (draft, mark) = own.map_or((&Draft::Absent, None), |(draft, mark)| (draft, Some(mark)));
            values.push(self.value(object, slot, draft, mark));
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

    /// A field's value: the entry's own where that has one, at `mark`.
    fn value(&mut self, object: &Object<'_>, slot: &Slot, draft: &Draft, mark: Option<Mark>) -> Option<Value> {
        let Some(support) = slot.support else { return Some(Value::Unset) };
        let Object { address, target, entry, .. } = *object;
        let own = mark.map(|mark| Written { draft, place: Place { file: entry.place.file, mark } });
        let Some(written) = own.or_else(|| self.whole.default(entry.kind, target, slot.index)) else {
            return Some(slot.omitted.clone());
        };
        if let Draft::Ready(value) = written.draft {
            return Some(value.clone());
        }
        let node = &*written.draft.waiting(written.place.mark)?;
        let (variant, vendor, place) = (object.variant, object.vendor, written.place);
        let held = Held { field: slot.field, support, variant, vendor, place };
        let is_single = mark.is_some() && object.is_single;
        let has_number = entry.kind.numeric_key && node.any_text(&references::has_number);
        if is_single || has_number {
            let numbers = if has_number { Numbers::Known(&address.key) } else { Numbers::Literal };
            let value = self.read(node, numbers, held)?;
            self.hold(node, held, &value);
            return Some(value);
        }
        if !self.shared.values.contains_key(&place) {
            let value = self.read(node, Numbers::Literal, held);
            self.shared.values.insert(place, value);
        }
        let value = self.shared.values.get(&place)?.clone()?;
        if self.shared.held.insert((target, place)) {
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

    /// The entry's fields that have to be unique, before their drafts become values.
    fn compared(&self, entry: &Entry, target: TargetId, support: &KindSupport, variant: Option<&str>) -> Vec<Compared> {
        let fields = unique_fields(entry.kind, support, variant);
        let compared = fields.filter_map(|(index, field)| {
            let (written, _) = self.whole.field(entry, target, index)?;
            Some(Compared { index, field, place: written.place, is_read: written.draft.is_later() })
        });
        compared.collect()
    }

    fn lowering<'b>(&'b mut self, place: Place, numbers: Numbers<'b>) -> Lowering<'b> {
        let folder = self.whole.folder(place.file);
        Lowering { report: self.report, file: place.file, folder, numbers, reading: Some(self.reading) }
    }
}

/// The object's key. An entry that stands for one object has none any more.
fn take_key(entry: &mut Entry, offset: u32) -> Box<str> {
    match &mut entry.keys {
        Keys::One(key) => std::mem::take(key),
        Keys::Run(run) => run.at(offset).into(),
    }
}

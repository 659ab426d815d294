//! One entry against its kind's table and its vendor's limits.

use std::collections::HashSet;

use crate::config::drafts::{Draft, Written};
use crate::config::objects::Entry;
use crate::config::plans::{Plans, Slot};
use crate::config::report::{Finding, Place, Report};
use crate::config::rules;
use crate::config::suggest;
use crate::config::whole::{TargetId, Whole};
use crate::diag::quote;
use crate::model::{Field, FieldSupport, Kind, KindSupport, Scope, Type, Value};

/// Checks entries; what is wrong with a default is said once a target.
#[derive(Default)]
pub(super) struct Checks {
    told: HashSet<(TargetId, Place)>,
    plans: Plans,
    /// Whether an entry has, or may have, a field that has to be unique.
    pub(super) has_unique: bool,
}

/// What a value is held against.
#[derive(Clone, Copy)]
pub(in crate::config) struct Held<'a> {
    pub(in crate::config) field: &'a Field,
    pub(in crate::config) support: &'a FieldSupport,
    pub(in crate::config) variant: Option<&'a str>,
    pub(in crate::config) vendor: &'a str,
    pub(in crate::config) place: Place,
}

impl Checks {
    /// Checks one entry on its target.
    pub(super) fn entry(&mut self, whole: &Whole, entry: &Entry, target: TargetId, report: &mut Report) {
        let Some(table) = whole.target(target).and_then(|target| target.table) else {
            return;
        };
        let Some(support) = table.support(entry.kind) else {
            return report.add(unsupported(
                entry,
                table.name,
                &table.kinds.iter().map(|s| s.kind.name).collect::<Vec<_>>(),
            ));
        };
        check_key(whole, entry, target, support, report);
        let variant = whole.variant(entry, target);
        if entry.kind.variant.is_some() && variant.is_none() {
            self.has_unique = true;
            return refuse_no_variant(whole, entry, target, report);
        }
        let slots = self.plans.of(support, variant);
        let entry = OnTarget { whole, entry, target, support, variant, vendor: table.name };
        for slot in &*slots {
            let field = whole.field(entry.entry, target, slot.index);
            self.has_unique |= field.is_some() && slot.support.is_some_and(|support| support.unique != Scope::Nothing);
            match field {
                Some((written, true)) => entry.own(slot, written, report),
                Some((written, false)) => self.default(&entry, slot, written, report),
                None => entry.omitted(slot, report),
            }
        }
    }

    fn default(&mut self, entry: &OnTarget<'_>, slot: &Slot, written: Written<'_>, report: &mut Report) {
        let (field, Some(support)) = (slot.field, slot.support) else { return };
        if self.told.insert((entry.target, written.place)) {
            entry.value(field, support, written, report);
        }
    }
}

struct OnTarget<'a> {
    whole: &'a Whole,
    entry: &'a Entry,
    target: TargetId,
    support: &'static KindSupport,
    variant: Option<&'a str>,
    vendor: &'static str,
}

impl OnTarget<'_> {
    /// A field that the entry itself has.
    fn own(&self, slot: &Slot, written: Written<'_>, report: &mut Report) {
        let field = slot.field;
        if let Some(support) = slot.support {
            self.value(field, support, written, report);
            if let Some(flag) = field.needed_with.filter(|flag| self.says_no(flag)) {
                self.idle(field, flag, written, report);
            }
            return;
        }
        let kind = self.entry.kind;
        let error = |code, message| Finding::error(code, written.place, message);
        let finding = if self.support.field(field.name).is_none() {
            let message = format!("{} has no {} for a {}", self.vendor, quote(field.name), kind.name);
            error("field_not_of_provider", message)
        } else {
            let message = format!("{} has no {}", described(kind, self.variant), quote(field.name));
            error("field_not_of_variant", message)
        };
        self.add(finding.hint("leave the line out"), report);
    }

    /// A field that means something only with another one that is off: the vendor drops it, and reading back shows that.
    fn idle(&self, field: &Field, flag: &str, written: Written<'_>, report: &mut Report) {
        let index = self.entry.kind.index_of(field.name);
        let is_ignored = index.is_some_and(|index| self.entry.ignore_fields.contains(index));
        let value = self.whole.value_unread(field, written, &self.entry.keys);
        if is_ignored || value.is_some_and(|value| value.is_empty()) {
            return;
        }
        let message =
            format!("{} is used only with {}: true; {} drops it", quote(field.name), quote(flag), self.vendor);
        let finding = Finding::warning("field_without_use", written.place, message).shown(!field.secret);
        self.add(finding.hint(format!("leave the line out, or write {flag}: true")), report);
    }

    fn omitted(&self, slot: &Slot, report: &mut Report) {
        let (field, Some(support)) = (slot.field, slot.support) else { return };
        if self.entry.ignore_fields.contains(slot.index) {
            return;
        }
        let who = || described(self.entry.kind, self.variant);
        let message = if field.required.covers(self.variant) {
            format!("{} needs {}", who(), quote(field.name))
        } else if support.required.covers(self.variant) {
            format!("{} needs {} for {}", self.vendor, quote(field.name), who())
        } else if let Some(flag) = field.needed_with.filter(|flag| self.says_yes(flag)) {
            format!("{} with {}: true needs {}", who(), quote(flag), quote(field.name))
        } else {
            return;
        };
        let finding = Finding::error("missing_field", self.entry.key_place(), message).shown(true);
        self.add(finding.hint(format!("{}: {}", field.name, field.doc)), report);
    }

    /// Whether a yes/no field of the entry says yes.
    fn says_yes(&self, flag: &str) -> bool {
        self.flag(flag) == Some(true)
    }

    /// Whether a yes/no field of the entry says no, or isn't written and no is its default.
    fn says_no(&self, flag: &str) -> bool {
        let kind = self.entry.kind;
        let written = kind.index_of(flag).and_then(|index| self.whole.field(self.entry, self.target, index));
        if written.is_some() {
            return self.flag(flag) == Some(false);
        }
        let field = kind.fields.iter().find(|field| field.name == flag);
        field.is_some_and(|field| field.default_value() == Value::Bool(false))
    }

    /// What a yes/no field says, if it is written and known.
    fn flag(&self, flag: &str) -> Option<bool> {
        let index = self.entry.kind.index_of(flag)?;
        let (written, _) = self.whole.field(self.entry, self.target, index)?;
        match *self.whole.value_unread(self.entry.kind.fields.get(index)?, written, &self.entry.keys)? {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    fn value(&self, field: &Field, support: &FieldSupport, written: Written<'_>, report: &mut Report) {
        let Some(value) = self.whole.value_unread(field, written, &self.entry.keys) else {
            return;
        };
        let place = written.place;
        let held = Held { field, support, variant: self.variant, vendor: self.vendor, place };
        for finding in hold_to_rules(held, &value) {
            self.add(finding, report);
        }
    }

    fn add(&self, finding: Finding, report: &mut Report) {
        let address = self.whole.address(self.target, self.entry.kind, &*self.entry.keys.first());
        report.add(finding.about(address));
    }
}

/// What is wrong with a field's value: empty where it may not be, or beyond the vendor's limits.
pub(in crate::config) fn hold_to_rules(held: Held<'_>, value: &Value) -> Vec<Finding> {
    let Held { field, support, variant, vendor, place } = held;
    let name = || quote(field.name);
    let is_required = field.required.covers(variant) || support.required.covers(variant);
    if value.is_empty() && (field.secret || is_required) {
        return vec![Finding::error("empty_value", place, format!("{} is empty", name())).shown(!field.secret)];
    }
    if let Some(member) = missing_member(&field.ty, value, variant) {
        let message = format!("{}: each item needs {}", name(), quote(member));
        return vec![Finding::error("missing_field", place, message).shown(!field.secret)];
    }
    let breaches = rules::breaches(&support.rules, value).into_iter();
    let finding = |breach: rules::Breach| {
        let message = format!("{} {}", name(), breach.message);
        if breach.is_doubt {
            Finding::warning("doubtful_text", place, message)
        } else {
            Finding::error("vendor_limit", place, format!("{message} ({vendor})"))
        }
    };
    breaches.map(|breach| finding(breach).shown(!field.secret)).collect()
}

/// The first member that the variant demands and that a record, or one of a list, leaves empty.
fn missing_member(ty: &Type, value: &Value, variant: Option<&str>) -> Option<&'static str> {
    match (ty, value) {
        (Type::List(item) | Type::Set(item), Value::List(values)) => {
            values.iter().find_map(|value| missing_member(item, value, variant))
        }
        (Type::Record(members), Value::Record(values)) => {
            let pairs = members.iter().zip(values.iter());
            let mut empty = pairs.filter(|(member, value)| member.required.covers(variant) && value.is_empty());
            empty.next().map(|(member, _)| member.name)
        }
        _ => None,
    }
}

/// A kind with its variant, for people: "a register trunk".
fn described(kind: &Kind, variant: Option<&str>) -> String {
    let first = variant.unwrap_or(kind.name);
    let article = if first.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    match variant {
        Some(variant) => format!("{article} {variant} {}", kind.name),
        None => format!("{article} {}", kind.name),
    }
}

fn unsupported(entry: &Entry, vendor: &str, kinds: &[&str]) -> Finding {
    let message = format!("{vendor} has no {}", quote(entry.kind.section));
    Finding::error("unsupported_kind", entry.key_place(), message)
        .hint(format!("a {vendor} target has {}", suggest::listed(kinds)))
        .shown(true)
}

fn check_key(whole: &Whole, entry: &Entry, target: TargetId, support: &KindSupport, report: &mut Report) {
    let key = entry.keys.first();
    for breach in rules::of_text(&support.key, &key) {
        let message = format!("{} {}", quote(entry.kind.key), breach.message);
        let finding = if breach.is_doubt {
            Finding::warning("doubtful_text", entry.key_place(), message)
        } else {
            Finding::error("vendor_limit", entry.key_place(), message)
        };
        report.add(finding.shown(true).about(whole.address(target, entry.kind, &*key)));
    }
}

/// Without a variant nothing else can be said about the entry.
fn refuse_no_variant(whole: &Whole, entry: &Entry, target: TargetId, report: &mut Report) {
    let Some(index) = entry.kind.variant.and_then(|name| entry.kind.index_of(name)) else {
        return;
    };
    let written = whole.field(entry, target, index);
    let is_reported = written.is_some_and(|(written, _)| matches!(written.draft, Draft::Broken));
    if let (false, Some(field)) = (is_reported, entry.kind.fields.get(index)) {
        let message = format!("{} needs {}", described(entry.kind, None), quote(field.name));
        let finding = Finding::error("missing_field", entry.key_place(), message).shown(true);
        let address = whole.address(target, entry.kind, &*entry.keys.first());
        report.add(finding.hint(format!("expected {}", field.ty.expected())).about(address));
    }
}

//! What an object is made with, when it is new and when it replaces another one.

use super::{Change, FieldChange, Scope};
use crate::model::outcome::Action;
use crate::model::table::Ability;
use crate::model::{DesiredObject, FieldSupport, LiveObject, Value};

impl<'a> Scope<'_, 'a> {
    /// The change that makes an object which isn't there.
    pub(super) fn create(&self, desired: &'a DesiredObject) -> Change<'a> {
        let mut change = self.change(Action::Create, desired, None);
        change.fields = self.initial_fields(desired);
        if let Ability::ByHand(what) = self.support.create {
            change.cannot(what);
        } else if let Some(field) = self.missing(&change) {
            change.cannot(&format!(
                "`{field}` is needed to make it, but the entry leaves it out and ignores it: write it until it is made"
            ));
        }
        change
    }

    /// A replacement is a delete and a create: the vendor has to be able to do both, and a create can't set everything.
    pub(super) fn settle_replace(&self, change: &mut Change<'a>) {
        for ability in [self.support.delete, self.support.create] {
            if let Ability::ByHand(what) = ability {
                change.cannot(what);
                return;
            }
        }
        self.tell_what_is_lost(change);
        if let Some(field) = self.missing(change) {
            change.cannot(&format!("`{field}` is needed to make it again, but the entry leaves it out: write it"));
        }
    }

    fn initial_fields(&self, desired: &DesiredObject) -> Vec<FieldChange> {
        let values = desired.values.iter().enumerate().filter(|(_, value)| !value.is_empty());
        values
            .filter_map(|(index, value)| {
                let support = self.field(index)?;
                let deferred = support.not_on_create.map(str::to_owned);
                Some(FieldChange { deferred, ..self.field_change(index, &Value::Unset, value)? })
            })
            .collect()
    }

    /// What a create can't set is lost with the old object, whether the YAML wants it changed or not.
    fn tell_what_is_lost(&self, change: &mut Change<'a>) {
        let (Some(desired), Some(live)) = (change.desired, change.live) else { return };
        for (index, wanted) in desired.values.iter().enumerate() {
            let Some(reason) = self.field(index).and_then(|support| support.not_on_create) else { continue };
            let seen = live.values.get(index).unwrap_or(&Value::Unset);
            match change.fields.iter_mut().find(|field| field.index == Some(index)) {
                Some(field) if !field.after.is_empty() => field.deferred = Some(reason.to_owned()),
                None if !seen.is_empty() => {
                    let lost = self.field_change(index, seen, wanted);
                    change.fields.extend(lost.map(|lost| FieldChange { deferred: Some(reason.to_owned()), ..lost }));
                }
                _ => {}
            }
        }
        change.fields.sort_by_key(|field| field.index);
    }

    pub(super) fn field_change(&self, index: usize, before: &Value, after: &Value) -> Option<FieldChange> {
        let field = self.support.kind.fields.get(index)?;
        Some(FieldChange {
            index: Some(index),
            name: field.name,
            before: before.clone(),
            after: after.clone(),
            secret: field.secret,
            deferred: None,
        })
    }

    /// A field that a create needs and the entry doesn't give (it may, by ignoring the field).
    fn missing(&self, change: &Change<'_>) -> Option<&'static str> {
        let kind = self.support.kind;
        let values = change.made_with();
        let variant = kind.variant_of(&values);
        let mut fields = kind.fields.iter().zip(values.iter());
        let missing = fields.find(|(field, value)| {
            let needed = |support: &FieldSupport| field.required.covers(variant) || support.required.covers(variant);
            **value == Value::Unset && self.support.field(field.name).is_some_and(needed)
        });
        missing.map(|(field, _)| field.name)
    }
}

impl Change<'_> {
    /// What the object is made with, by a create or the second half of a replacement: everything wanted that a create can
    /// set. What the entry leaves alone goes over from the old object to the new one, as far as the vendor shows it.
    pub fn made_with(&self) -> Box<[Value]> {
        let Some(desired) = self.desired else { return Box::default() };
        let variant = self.kind.variant_of(&desired.values);
        let mut values = desired.values.clone();
        for (index, (field, value)) in self.kind.fields.iter().zip(&mut values).enumerate() {
            if self.support.field(field.name).is_none_or(|support| support.not_on_create.is_some()) {
                *value = Value::Unset;
            } else if desired.ignore_fields.contains(index) || *value == Value::Unset {
                let old = self.live.and_then(|live| kept(live, index));
                *value = old.filter(|_| field.applies.covers(variant)).unwrap_or_else(|| std::mem::take(value));
            }
        }
        values
    }
}

fn kept(live: &LiveObject, index: usize) -> Option<Value> {
    live.values.get(index).filter(|value| !matches!(value, Value::Unset | Value::NotReadable)).cloned()
}

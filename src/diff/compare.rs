//! One entry of the YAML against its live object, field by field, by the kind's table.

use super::{Change, Diff, FieldChange, LastApplied, Pair, Scope};
use crate::model::outcome::Action;
use crate::model::table::Ability;
use crate::model::{DesiredObject, FieldSet, KindSupport, LiveObject, Value};

impl<'a> Scope<'_, 'a> {
    /// Compares a pair and files the result.
    pub(super) fn compare_pair(&self, pair: Pair<'a>, diff: &mut Diff<'a>) {
        let variant = self.support.kind.variant_of(&pair.desired.values);
        let mut fields: Vec<_> = key_change(self.support, &pair).into_iter().collect();
        for index in 0..self.support.kind.fields.len() {
            fields.extend(self.compare_field(index, &pair, variant, diff));
        }
        let forced = self.input.replace.contains(&pair.desired.address);
        if fields.is_empty() && !forced {
            diff.unchanged.push(pair);
        } else {
            diff.changes.push(self.differing(&pair, fields, forced));
        }
    }

    fn compare_field(
        &self,
        index: usize,
        pair: &Pair<'a>,
        variant: Option<&str>,
        diff: &mut Diff<'a>,
    ) -> Option<FieldChange> {
        let desired = pair.desired;
        let field = self.support.kind.fields.get(index)?;
        let support = self.field(index)?;
        let wanted = desired.values.get(index)?;
        let seen = pair.live.values.get(index).unwrap_or(&Value::Unset);
        if !field.applies.covers(variant) {
            return None;
        }
        if desired.ignore_fields.contains(index) {
            diff.ignored_fields += 1;
            return None;
        }
        // What the vendor computes is never empty, whoever says so.
        if *wanted == Value::Unset || (support.computed && wanted.is_empty()) {
            return None;
        }
        if *seen == Value::NotReadable {
            diff.not_readable.push((&desired.address, field.name));
            if self.last_applied(pair, field.name, wanted) != LastApplied::Different {
                return None;
            }
        } else if same(wanted, seen) {
            return None;
        }
        let blocked = pair.live.blocked(field.name).filter(|_| !wanted.is_empty());
        Some(FieldChange { deferred: blocked.map(str::to_owned), ..self.field_change(index, seen, wanted)? })
    }

    /// What was applied last is remembered under the entry's key, or under the one that it had before. Of an object that
    /// isn't the one that was claimed nothing is known.
    fn last_applied(&self, pair: &Pair<'a>, field: &str, wanted: &Value) -> LastApplied {
        if pair.adopt {
            return LastApplied::Unknown;
        }
        let compare = |key: &str| self.input.applied.compare(self.support.kind, key, field, wanted);
        match compare(&pair.desired.address.key) {
            LastApplied::Unknown if pair.live.key != pair.desired.address.key => compare(&pair.live.key),
            known => known,
        }
    }

    fn remembered(&self, pair: &Pair<'a>) -> FieldSet {
        let mut remembered = FieldSet::default();
        let values = pair.desired.values.iter().zip(pair.live.values.iter()).enumerate();
        for (index, (wanted, _)) in values.filter(|(_, (_, seen))| **seen == Value::NotReadable) {
            let name = self.support.kind.fields.get(index).map_or("", |field| field.name);
            if *wanted != Value::Unset && self.last_applied(pair, name, wanted) == LastApplied::Same {
                remembered.insert(index);
            }
        }
        remembered
    }

    fn differing(&self, pair: &Pair<'a>, fields: Vec<FieldChange>, forced: bool) -> Change<'a> {
        let replace = forced || fields.iter().any(|change| self.forces_replacement(change));
        let action = if replace { Action::Replace } else { Action::Update };
        let mut change = self.change(action, pair.desired, Some(pair.live));
        change.remembered = self.remembered(pair);
        change.adopt = pair.adopt;
        change.fields = fields;
        if replace {
            self.settle_replace(&mut change);
        } else {
            self.settle_update(&mut change);
        }
        change
    }

    fn settle_update(&self, change: &mut Change<'a>) {
        let renamed = change.fields.iter().any(|field| field.index.is_none());
        if let (true, Ability::ByHand(what)) = (renamed, self.support.rename) {
            change.cannot(what);
        } else if let Ability::ByHand(what) = self.support.update {
            change.cannot(what);
        } else {
            change.give_up_if_all_deferred();
            self.tell_what_goes_along(change);
        }
    }

    /// Where an update replaces the whole object, a hidden field is sent along, as the YAML has it. What is known to be
    /// there already is no difference; what nobody knows is one, and the plan shows it.
    fn tell_what_goes_along(&self, change: &mut Change<'a>) {
        let (Some(desired), Some(live)) = (change.desired, change.live) else { return };
        if change.action != Action::Update || !self.support.full_replacement {
            return;
        }
        let variant = self.support.kind.variant_of(&desired.values);
        for (index, wanted) in desired.values.iter().enumerate() {
            let hidden = live.values.get(index) == Some(&Value::NotReadable) && *wanted != Value::Unset;
            let open = hidden && !change.remembered.contains(index) && !desired.ignore_fields.contains(index);
            let applies = self.support.kind.fields.get(index).is_some_and(|field| field.applies.covers(variant));
            let listed = change.fields.iter().any(|field| field.index == Some(index));
            if open && applies && !listed && self.field(index).is_some() {
                change.fields.extend(self.field_change(index, &Value::NotReadable, wanted));
            }
        }
        change.fields.sort_by_key(|field| field.index);
    }

    fn forces_replacement(&self, change: &FieldChange) -> bool {
        let field = change.index.and_then(|index| self.support.kind.fields.get(index));
        field.is_some_and(|field| field.forces_replacement)
    }

    pub(super) fn change(
        &self,
        action: Action,
        desired: &'a DesiredObject,
        live: Option<&'a LiveObject>,
    ) -> Change<'a> {
        Change {
            address: desired.address.clone(),
            kind: self.support.kind,
            support: self.support,
            action,
            desired: Some(desired),
            live,
            removed: None,
            fields: Vec::new(),
            remembered: FieldSet::default(),
            adopt: false,
            protected: self.protects(desired, live),
            reason: None,
        }
    }
}

impl Change<'_> {
    /// Turns the change into one that the vendor's API can't do.
    pub fn cannot(&mut self, reason: &str) {
        self.action = Action::CannotConverge;
        self.reason = Some(reason.to_owned());
    }

    /// An update of which nothing can be sent now is no update.
    pub fn give_up_if_all_deferred(&mut self) {
        if self.action == Action::Update && self.fields.iter().all(|field| field.deferred.is_some()) {
            let reasons: Vec<_> = self.fields.iter().filter_map(|field| field.deferred.clone()).collect();
            self.cannot(&reasons.join("; "));
        }
    }
}

fn key_change(support: &KindSupport, pair: &Pair<'_>) -> Option<FieldChange> {
    let (wanted, seen) = (&*pair.desired.address.key, &*pair.live.key);
    (wanted != seen).then(|| FieldChange {
        index: None,
        name: support.kind.key,
        before: Value::text(seen),
        after: Value::text(wanted),
        secret: false,
        deferred: None,
    })
}

/// Whether two canonical values mean the same: vendors write `""` for absent, and leave out what is empty.
fn same(wanted: &Value, seen: &Value) -> bool {
    match (wanted, seen) {
        (Value::Record(wanted), Value::Record(seen)) => {
            wanted.len() == seen.len() && wanted.iter().zip(seen.iter()).all(|(wanted, seen)| same(wanted, seen))
        }
        _ => wanted == seen || (wanted.is_empty() && seen.is_empty()),
    }
}

/// Whether two observations of an object are the same in everything that can be read and isn't computed: what a
/// fingerprint covers, without the hash.
pub fn same_observation(support: &KindSupport, a: &LiveObject, b: &LiveObject) -> bool {
    a.key == b.key
        && a.remote_id == b.remote_id
        && observable(support).all(|index| match (a.values.get(index), b.values.get(index)) {
            (Some(a), Some(b)) => same(a, b),
            (a, b) => a == b,
        })
}

fn observable(support: &KindSupport) -> impl Iterator<Item = usize> {
    let fields = support.kind.fields.iter().enumerate();
    fields.filter_map(|(index, field)| support.field(field.name).filter(|field| !field.computed).map(|_| index))
}

/// Whether a live object shows every one of these wanted values; what can't be read counts as shown.
pub fn satisfies(support: &KindSupport, wanted: &[Value], live: &LiveObject) -> bool {
    unmet_fields(support, wanted, live).is_empty()
}

/// The fields of a live object that don't show the wanted value. [`Value::Unset`] wants nothing.
pub fn unmet_fields(support: &KindSupport, wanted: &[Value], live: &LiveObject) -> Vec<&'static str> {
    let pairs = support.kind.fields.iter().zip(wanted.iter().zip(live.values.iter()));
    pairs
        .filter(|(field, (wanted, _))| {
            support.field(field.name).is_some_and(|support| !(support.computed && wanted.is_empty()))
        })
        .filter(|(_, (wanted, seen))| {
            !matches!(wanted, Value::Unset | Value::NotReadable) && **seen != Value::NotReadable && !same(wanted, seen)
        })
        .map(|(field, _)| field.name)
        .collect()
}

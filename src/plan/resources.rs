//! Values that only one object of a target may hold at a time (its key, an agent, an account's user name): who holds
//! them, who gives them up, who takes them.

use std::collections::{HashMap, HashSet};

use crate::diff::Change;
use crate::model::outcome::Action;
use crate::model::{Kind, KindSupport, LiveObject, Snapshot, Value};

/// A kind, the place of a field in its table (none for the key), and the value.
pub(super) type Resource<'v> = (&'static str, Option<usize>, &'v str);

/// Values given up: by which change, and how.
pub(super) type FreedBy<'v> = HashMap<Resource<'v>, Vec<(usize, Freed)>>;

/// Who keeps the values of `wanted`: by the listings, without those who give them up. Of several the first by key.
pub(super) fn keepers<'a>(
    changes: &[Change<'_>],
    snapshot: Option<&'a Snapshot>,
    wanted: &HashSet<Resource<'_>>,
    freed: &FreedBy<'_>,
) -> HashMap<Resource<'a>, &'a str> {
    let mut keepers: HashMap<Resource<'a>, &'a str> = HashMap::new();
    let listings = snapshot.into_iter().flat_map(|snapshot| &snapshot.listings);
    for listing in listings {
        let Some(support) = changes.iter().find(|change| change.kind == listing.kind).map(|change| change.support)
        else {
            continue;
        };
        for live in &listing.objects {
            let gives_up = |resource: &Resource<'_>| {
                let by = freed.get(resource).into_iter().flatten();
                by.filter_map(|(index, _)| changes.get(*index)?.live).any(|own| is_same(own, live))
            };
            let kept = resources(support, live).filter(|resource| wanted.contains(resource));
            for resource in kept.filter(|resource| !gives_up(resource)) {
                let first = keepers.entry(resource).or_insert(&live.key);
                *first = (*first).min(&live.key);
            }
        }
    }
    keepers
}

fn is_same(a: &LiveObject, b: &LiveObject) -> bool {
    (&a.key, &a.remote_id) == (&b.key, &b.remote_id)
}

/// Everything that a live object holds alone.
fn resources<'v>(support: &'static KindSupport, live: &'v LiveObject) -> impl Iterator<Item = Resource<'v>> {
    let kind = support.kind.name;
    let held = held(support, &live.values).map(move |(index, value)| (kind, Some(index), value));
    std::iter::once((kind, None, &*live.key)).chain(held)
}

/// The exclusive values that an object with these values holds.
fn held<'v>(support: &'static KindSupport, values: &'v [Value]) -> impl Iterator<Item = (usize, &'v str)> + use<'v> {
    let kind = support.kind;
    let variant = kind.variant_of(values);
    let fields = kind.fields.iter().zip(values).enumerate();
    fields.filter_map(move |(index, (field, value))| {
        let unique = support.field(field.name)?.unique.covers(variant);
        value.as_text().filter(|text| unique && !text.is_empty()).map(|text| (index, text))
    })
}

/// How a change gives a value up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freed {
    /// When it is done.
    WhenDone,
    /// In a first call of its own: the change takes another value of the same field, and the field may be empty in
    /// between.
    ByRelease,
}

/// What a change gives up.
pub(super) fn frees<'c>(change: &'c Change<'_>) -> impl Iterator<Item = (Resource<'c>, Freed)> {
    let held = change.live.into_iter().flat_map(|live| resources(change.support, live).map(move |held| (live, held)));
    held.filter_map(|(live, resource)| {
        let how = match change.action {
            Action::Delete | Action::Replace => Some(Freed::WhenDone),
            Action::Update => freed_by_update(change, live, resource.1),
            Action::Create | Action::CannotConverge => None,
        };
        Some((resource, how?))
    })
}

fn freed_by_update(change: &Change<'_>, live: &LiveObject, index: Option<usize>) -> Option<Freed> {
    let field = change.fields.iter().find(|field| field.index == index && field.deferred.is_none())?;
    let moves_on = !field.after.is_empty() && index.is_some_and(|index| may_be_empty(change.support, live, index));
    Some(if moves_on { Freed::ByRelease } else { Freed::WhenDone })
}

fn may_be_empty(support: &KindSupport, live: &LiveObject, index: usize) -> bool {
    let kind: &Kind = support.kind;
    let variant = kind.variant_of(&live.values);
    kind.fields.get(index).is_some_and(|field| {
        let asked = support.field(field.name).is_some_and(|support| support.required.covers(variant));
        !field.required.covers(variant) && !asked
    })
}

/// The exclusive values that a change takes.
pub(super) fn takes<'c>(change: &'c Change<'_>) -> impl Iterator<Item = Resource<'c>> {
    let kind = change.kind.name;
    let desired = change.desired.filter(|_| change.action.sends());
    let named_anew = desired.is_some() && change.live.is_none_or(|live| live.key != change.address.key);
    let key = named_anew.then_some((kind, None, &*change.address.key));
    let values = desired.into_iter().flat_map(|desired| held(change.support, &desired.values));
    let values = values.filter(|(index, _)| match change.action {
        Action::Update => sends_field(change, *index),
        _ => !is_deferred(change, *index),
    });
    key.into_iter().chain(values.map(move |(index, value)| (kind, Some(index), value)))
}

fn sends_field(change: &Change<'_>, index: usize) -> bool {
    change.fields.iter().any(|field| field.index == Some(index) && field.deferred.is_none())
}

fn is_deferred(change: &Change<'_>, index: usize) -> bool {
    let field = change.fields.iter().find(|field| field.index == Some(index));
    let at_create = change.kind.fields.get(index).and_then(|field| change.support.field(field.name)?.not_on_create);
    at_create.is_some() || field.is_some_and(|field| field.deferred.is_some())
}

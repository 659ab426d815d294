//! Tests of the comparison.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

mod matching;

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::testing::{
    CENTRE, PBX, RIGID, TARGET, With, account, claimed, live, number, partial, peer, snapshot, source, target,
};
use crate::model::{Blocked, Claim, Completeness, FieldSet, Glob, Prune, Type};

/// Everything that a comparison looks at, to change a part of.
struct Case {
    target: Target,
    desired: Vec<DesiredObject>,
    removed: Vec<Removed>,
    snapshot: Snapshot,
    claims: Claims,
    applied: LastApplied,
    replace: Vec<Address>,
    selection: Selection,
}

impl Applied for LastApplied {
    fn compare(&self, _: &Kind, _: &str, _: &str, _: &Value) -> LastApplied {
        *self
    }

    fn recognizes(&self, _: &KindSupport, _: &str, _: &LiveObject) -> bool {
        *self == LastApplied::Same
    }
}

impl Case {
    /// Trunks as they are wanted, claimed.
    fn trunks(desired: Vec<DesiredObject>) -> Self {
        Self::new(&PBX, &TRUNK, desired)
    }

    fn numbers(desired: Vec<DesiredObject>) -> Self {
        Self::new(&CENTRE, &SIP_NUMBER, desired)
    }

    fn new(table: &'static crate::model::ProviderTable, kind: &'static Kind, desired: Vec<DesiredObject>) -> Self {
        let objects: Vec<_> = desired.iter().zip(1..).map(|(entry, id)| live(entry, &id.to_string())).collect();
        Self {
            target: target(table),
            claims: claimed(kind, &objects),
            snapshot: snapshot(kind, objects),
            desired,
            removed: Vec::new(),
            applied: LastApplied::Unknown,
            replace: Vec::new(),
            selection: Selection::default(),
        }
    }

    fn objects(&mut self) -> &mut Vec<LiveObject> {
        &mut self.snapshot.listings[0].objects
    }

    fn diff(&self) -> Diff<'_> {
        let Self { target, desired, removed, snapshot, claims, applied, replace, selection } = self;
        diff(&Input { target, desired, unselected: &[], removed, snapshot, claims, applied, replace, selection })
    }

    /// Each change as `action key: fields`, a deferred field in brackets.
    fn changes(&self) -> Vec<String> {
        self.diff().changes.iter().map(told).collect()
    }
}

fn told(change: &Change<'_>) -> String {
    let field = |field: &FieldChange| {
        if field.deferred.is_some() { format!(" ({})", field.name) } else { format!(" {}", field.name) }
    };
    let fields: String = change.fields.iter().map(field).collect();
    format!("{} {}:{fields}", change.action.name(), change.address.key)
}

fn removed(key: &str, delete: bool) -> Removed {
    Removed { address: Address::new(TARGET, "trunk", key), delete, source: source(9) }
}

fn names(addresses: &[Address]) -> Vec<&str> {
    addresses.iter().map(|address| &*address.key).collect()
}

#[test]
fn what_is_as_wanted_is_no_change() {
    let trunks = Case::trunks(vec![peer("a", "h"), account("b", "u")]);
    let numbers = Case::numbers(vec![number("2000"), number("2001").with("agent", Value::text("a1"))]);
    for case in [trunks, numbers] {
        let diff = case.diff();
        assert!(diff.changes.is_empty(), "{:?}", case.changes());
        assert_eq!(diff.unchanged.len(), 2);
    }
}

/// A value that a field of this type may have and that isn't `old`.
fn other(ty: &Type, old: &Value) -> Value {
    match (ty, old) {
        (Type::Bool, Value::Bool(yes)) => Value::Bool(!yes),
        (Type::Integer { .. }, Value::Integer(5061)) => Value::Integer(5062),
        (Type::Integer { .. }, _) => Value::Integer(5061),
        (Type::Choice(names), Value::Text(text)) => Value::text(if **text == *names[0] { names[1] } else { names[0] }),
        (Type::List(_) | Type::Set(_), Value::List(items)) if items.is_empty() => {
            Value::List(Arc::new([Value::text("1-n-1000")]))
        }
        (Type::List(_) | Type::Set(_), _) => Value::List(Arc::default()),
        (Type::Record(members), Value::Record(values)) => {
            let mut values = values.to_vec();
            values[0] = other(&members[0].ty, &values[0]);
            Value::Record(values.into())
        }
        (_, Value::Secret(_)) => Value::secret("another"),
        _ => Value::text("another"),
    }
}

#[test]
fn one_field_changed_is_one_change_of_this_field() {
    let trunks = [peer("a", "h"), account("a", "u")].map(|entry| Case::trunks(vec![entry]));
    let numbers = [Case::numbers(vec![number("2000")])];
    for mut case in trunks.into_iter().chain(numbers) {
        let entry = case.desired[0].clone();
        let kind = entry.kind;
        for (index, field) in kind.fields.iter().enumerate() {
            if !field.applies.covers(kind.variant_of(&entry.values)) || entry.values[index] == Value::Unset {
                continue;
            }
            case.objects()[0].values[index] = other(&field.ty, &entry.values[index]);
            let action = if field.forces_replacement { "replace" } else { "update" };
            assert_eq!(case.changes(), [format!("{action} {}: {}", entry.address.key, field.name)]);
            case.objects()[0].values[index] = entry.values[index].clone();
        }
    }
}

#[test]
fn empty_and_absent_are_the_same() {
    let mut case = Case::trunks(vec![peer("a", "h")]);
    for (field, value) in [("dod", Value::Unset), ("from_user", Value::text("x")), ("username", Value::text("x"))] {
        // The last two aren't fields of this type of trunk.
        case.objects()[0] = case.objects()[0].clone().with(field, value);
    }
    assert_eq!(case.changes(), [""; 0]);
}

#[test]
fn ignored_fields_are_left_alone_and_counted() {
    let mut ignoring = FieldSet::default();
    for field in ["password", "nat", "agent"] {
        ignoring.insert(SIP_NUMBER.index_of(field).unwrap_or(usize::MAX));
    }
    // One is written, one has its default, two are not written at all.
    let entry = number("2000").with("password", Value::Unset).with("nat", Value::Bool(true));
    let mut case = Case::numbers(vec![DesiredObject { ignore_fields: ignoring, ..entry }]);
    case.objects()[0] = live(&number("2000").with("agent", Value::text("a1")), "1");
    assert_eq!(case.changes(), [""; 0]);
    assert_eq!(case.diff().ignored_fields, 3);
    // To make it, the password is needed after all.
    case.objects().clear();
    assert_eq!(case.diff().changes[0].action, Action::CannotConverge);
}

#[test]
fn a_replacement_keeps_what_the_entry_leaves_alone() {
    let dod = Value::Record(Arc::new([Value::List(Arc::new([Value::text("1-n-1000")])), Value::List(Arc::default())]));
    let mut ignoring = FieldSet::default();
    ignoring.insert(TRUNK.index_of("dod").unwrap_or(usize::MAX));
    let mut case = Case::trunks(vec![DesiredObject { ignore_fields: ignoring, ..account("a", "u") }]);
    case.objects()[0] = live(&peer("a", "h"), "1")
        .with("dod", dod.clone())
        .with("host", Value::text("h"))
        .with("domain", Value::text("d"));
    let diff = case.diff();
    assert_eq!(diff.changes[0].action, Action::Replace);
    let made = diff.changes[0].made_with();
    assert_eq!(TRUNK.value_of(&made, "dod"), Some(&dod), "ignored: goes over");
    assert_eq!(TRUNK.value_of(&made, "domain"), Some(&Value::Unset), "an account has none");
}

#[test]
fn a_replacement_tells_what_is_lost() {
    let mut case = Case::numbers(vec![number("2000")]);
    case.replace = vec![case.desired[0].address.clone()];
    assert_eq!(case.changes(), ["replace 2000:"]);
    // Left alone by the entry, and yet gone with the old number.
    case.objects()[0] = live(&number("2000").with("agent", Value::text("a1")), "1");
    assert_eq!(case.changes(), ["replace 2000: (agent)"]);
    case.desired[0] = number("2000").with("agent", Value::text("a1")).with("nat", Value::Bool(true));
    assert_eq!(case.changes(), ["replace 2000: nat (agent)"]);
}

#[test]
fn an_agent_waits_for_registration() {
    let wants = |agent: &str| number("2000").with("agent", Value::text(agent));
    let blocked = |agent: &str| {
        let reason = "not registered";
        LiveObject { blocked: vec![Blocked { field: "agent", reason }].into(), ..live(&wants(agent), "1") }
    };
    for (entry, live, changes) in [
        (wants("a1"), blocked(""), "cannot_converge 2000: (agent)"),
        (wants("a1").with("nat", Value::Bool(true)), blocked(""), "update 2000: nat (agent)"),
        (wants("a2"), blocked("a1"), "cannot_converge 2000: (agent)"),
        (wants(""), blocked("a1"), "update 2000: agent"),
        (wants("a1"), live(&wants(""), "1"), "update 2000: agent"),
    ] {
        let mut case = Case::numbers(vec![entry]);
        *case.objects() = vec![live];
        assert_eq!(case.changes(), [changes]);
    }
    let mut case = Case::numbers(vec![wants("a1")]);
    case.objects().clear();
    assert_eq!(case.changes(), ["create 2000: password nat codecs (agent)"], "made without, bound later");
}

#[test]
fn hidden_fields_are_never_equal() {
    let hidden = |case: &mut Case| case.objects()[0] = case.objects()[0].clone().with("password", Value::NotReadable);
    for (applied, changes) in [
        (LastApplied::Unknown, vec![]),
        (LastApplied::Same, vec![]),
        (LastApplied::Different, vec!["update 2000: password"]),
    ] {
        let mut case = Case { applied, ..Case::numbers(vec![number("2000")]) };
        hidden(&mut case);
        assert_eq!(case.changes(), changes);
        assert_eq!(case.diff().not_readable.len(), 1, "{applied:?}");
        // Of an object that isn't the claimed one nothing is known.
        case.claims = Claims::of_ledger();
        assert_eq!(case.changes(), [""; 0]);
    }
}

#[test]
fn on_an_incomplete_listing_only_what_was_seen_is_updated() {
    let changed = peer("changed", "h");
    let mut case = Case::trunks(vec![changed, peer("new", "h"), account("other-type", "u")]);
    case.removed = vec![removed("old", true)];
    let objects =
        vec![live(&peer("changed", "before"), "1"), live(&peer("old", "h"), "2"), live(&peer("other-type", "h"), "3")];
    case.snapshot = partial(&TRUNK, objects);
    assert_eq!(case.changes(), ["update changed: host"]);
    let mut held: Vec<_> = case.diff().held_back.iter().map(|held| (held.action, held.address.key.clone())).collect();
    held.sort();
    let expected = [(Action::Create, "new"), (Action::Replace, "other-type"), (Action::Delete, "old")];
    assert_eq!(held, expected.map(|(action, key)| (action, key.into())));
}

#[test]
fn what_the_vendor_cannot_do() {
    let mut case = Case::new(&RIGID, &TRUNK, vec![peer("a", "h")]);
    case.removed = vec![removed("b", true)];
    case.objects().push(live(&peer("b", "h"), "2"));
    case.objects()[0].key = "before".into();
    let diff = case.diff();
    for change in &diff.changes {
        assert_eq!((change.action, change.reason.as_deref()), (Action::CannotConverge, Some("do it by hand")));
    }
    assert_eq!(diff.changes.len(), 2);
}

#[test]
fn protection_comes_from_the_entry_and_after_it_from_the_ledger() {
    let mut case = Case::trunks(vec![DesiredObject { protect: Some(true), ..account("a", "u") }]);
    case.objects()[0] = live(&peer("a", "h"), "1");
    assert!(case.diff().changes[0].protected);
    case.desired.clear();
    let claim = Claim { remote_id: "1".into(), protect: true, ..Claim::default() };
    case.claims.insert("trunk", "a", claim);
    assert!(case.diff().changes[0].protected);
}

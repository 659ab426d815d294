//! Why each difference is there.

use crate::diff::Diff;
use crate::model::drift::DriftClass;
use crate::model::drift::DriftClass::{ChangedOutside, DeletedOutside, Incomplete, NotApplied, NotReadable, Unmanaged};
use crate::model::kinds::TRUNK;
use crate::model::testing::{PBX, TARGET, live, partial, peer, source};
use crate::model::{Address, Claim, Claims, DesiredObject, Glob, Removed, Selection, Unreadable, Value};
use crate::plan::drift::{classify, gone, remarks};
use crate::plan::testing::{Fleet, fingerprinter};

/// A trunk that was applied with one host, is live with another, and is wanted with a third.
fn class(applied: &str, there: Option<&str>, wanted: DesiredObject, key: u8) -> DriftClass {
    let entry = |host: &str| live(&peer("a", host), "1");
    let mut fleet = Fleet::new(&PBX, &TRUNK, vec![wanted], there.map(entry).into_iter().collect());
    let support = PBX.support(&TRUNK).unwrap();
    let fingerprint = Some(fingerprinter(key).object(support, &entry(applied)));
    fleet.claims.insert("trunk", "a", Claim { remote_id: "1".into(), fingerprint, ..Claim::default() });
    let check = fingerprinter(key).key_check();
    let items = classify(&fleet.plan(), |_| Some(&check));
    items[0].class
}

#[test]
fn by_what_was_applied() {
    assert_eq!(class("h", Some("x"), peer("a", "h"), 7), ChangedOutside);
    assert_eq!(class("h", Some("h"), peer("a", "new"), 7), NotApplied);
    assert_eq!(class("h", None, peer("a", "h"), 7), DeletedOutside);
    assert_eq!(class("h", Some("x"), peer("a", "h"), 8), NotApplied, "with another key nobody can tell");
}

#[test]
fn a_renamed_entry_is_known_by_its_former_name() {
    let renamed = DesiredObject { previously: Some("a".into()), ..peer("b", "h") };
    assert_eq!(class("h", Some("h"), renamed.clone(), 7), NotApplied);
    assert_eq!(class("h", Some("x"), renamed, 7), ChangedOutside);
}

#[test]
fn what_is_ours_and_gone_is_told_also_where_no_entry_asks_for_it() {
    let gone = |fleet: &Fleet| -> Vec<(String, DriftClass)> {
        let check = fleet.key_check.clone();
        let items = gone(&fleet.plan(), &fleet.desired, &fleet.selection, |_| check.as_deref());
        items.into_iter().map(|item| (item.address.key.to_string(), item.class)).collect()
    };
    let mut fleet = Fleet::new(&PBX, &TRUNK, vec![peer("a", "h")], vec![live(&peer("a", "h"), "1")]);
    let object = live(&peer("lost", "h"), "2");
    let fingerprint = Some(fingerprinter(7).object(PBX.support(&TRUNK).unwrap(), &object));
    fleet.claims.insert("trunk", "lost", Claim { remote_id: "2".into(), fingerprint, ..Claim::default() });
    fleet.claims.insert("trunk", "only-a-name", Claim { protect: true, ..Claim::default() });
    assert_eq!(gone(&fleet), [("lost".to_owned(), DeletedOutside)]);
    fleet.objects().push(live(&peer("another", "x"), "2"));
    assert_eq!(gone(&fleet), [("lost".to_owned(), DeletedOutside)], "the id alone proves nothing");
    fleet.objects()[1] = live(&peer("renamed", "h"), "2");
    assert_eq!(gone(&fleet), [("lost".to_owned(), ChangedOutside)]);
    // What the YAML speaks of is no news; and what isn't seen whole may be there.
    fleet.objects().truncate(1);
    let removed = Removed { address: Address::new(TARGET, "trunk", "lost"), delete: true, source: source(9) };
    fleet.desired.removed = vec![removed];
    assert_eq!(gone(&fleet), []);
    fleet.desired.removed.clear();
    fleet.selection = Selection::new(vec![Glob::new("t/trunk/a").unwrap()]);
    assert_eq!(gone(&fleet), []);
    fleet.selection = Selection::default();
    fleet.live = partial(&TRUNK, fleet.objects().clone());
    assert_eq!(gone(&fleet), []);
}

#[test]
fn what_is_no_difference_is_told_by_address() {
    let told = |fleet: &Fleet| -> Vec<(String, DriftClass, String)> {
        let items = remarks(&fleet.plan()).into_iter();
        items.map(|item| (item.address.to_string(), item.class, item.fields.join(" "))).collect()
    };
    let mut hidden = live(&peer("a", "h"), "1");
    let host = TRUNK.fields.iter().position(|field| field.name == "host").unwrap();
    hidden.values[host] = Value::NotReadable;
    let mut fleet = Fleet::new(&PBX, &TRUNK, vec![peer("a", "h")], vec![hidden, live(&peer("z", "h"), "2")]);
    fleet.claims = Claims::default();
    let both = [
        (format!("{TARGET}/trunk/a"), NotReadable, "host".to_owned()),
        (format!("{TARGET}/trunk/z"), Unmanaged, String::new()),
    ];
    assert_eq!(told(&fleet), both);
    fleet.live = partial(&TRUNK, fleet.objects().clone());
    assert!(told(&fleet).contains(&(format!("{TARGET}/trunk/"), Incomplete, String::new())));
    let mut plan = fleet.plan();
    plan.targets[0].live = Err(Unreadable { code: "net".into(), message: "gone".into(), hint: None });
    plan.targets[0].diff = Diff::default();
    let kinds: Vec<_> = remarks(&plan).iter().map(|item| (item.address.kind, item.class)).collect();
    let expected: Vec<_> = PBX.kinds.iter().map(|support| (support.kind.name, Incomplete)).collect();
    assert_eq!(kinds, expected);
}

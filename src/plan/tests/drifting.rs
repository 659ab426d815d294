//! Why each difference is there.

use crate::model::drift::DriftClass;
use crate::model::drift::DriftClass::{ChangedOutside, DeletedOutside, NotApplied};
use crate::model::kinds::TRUNK;
use crate::model::testing::{PBX, live, peer};
use crate::model::{Claim, DesiredObject};
use crate::plan::drift::classify;
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

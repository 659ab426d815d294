//! What a fingerprint covers, and with which key.

use std::sync::Arc;

use proptest::prelude::*;

use crate::model::kinds::TRUNK;
use crate::model::testing::{PBX, With, account, live, peer};
use crate::model::{Blocked, KindSupport, LiveObject, Secret, Value};
use crate::plan::Fingerprinter;
use crate::plan::fingerprint::{KeySource, MasterKey};
use crate::plan::testing::fingerprinter;

fn support() -> &'static KindSupport {
    PBX.support(&TRUNK).unwrap()
}

fn of(object: &LiveObject) -> String {
    fingerprinter(7).object(support(), object)
}

#[test]
fn it_covers_what_can_be_read() {
    let object = live(&account("a", "u"), "1");
    let same = of(&object);
    assert!(same.starts_with("hmac-sha256:") && same.len() == 12 + 64, "{same}");
    for (field, value) in [
        ("type", Value::text("peer")),
        ("username", Value::text("v")),
        ("auth_name", Value::text("v")),
        ("password", Value::secret("v")),
        ("host", Value::text("v")),
        ("port", Value::Integer(1)),
        ("dod", Value::Record(Arc::new([Value::List(Arc::new([Value::text("x")])), Value::List(Arc::default())]))),
        ("password", Value::NotReadable),
    ] {
        assert_ne!(of(&object.clone().with(field, value.clone())), same, "{field} = {value:?}");
    }
    assert_ne!(of(&LiveObject { key: "b".into(), ..object.clone() }), same);
    assert_ne!(of(&LiveObject { remote_id: "2".into(), ..object.clone() }), same);
    // Computed; registration; absent for empty.
    for object in [
        object.clone().with("domain", Value::text("computed")),
        LiveObject { blocked: vec![Blocked { field: "type", reason: "busy" }].into(), ..object.clone() },
        object.clone().with("dod", Value::Unset),
        object.clone().with("from_user", Value::text("")),
    ] {
        assert_eq!(of(&object), same);
    }
}

#[test]
fn the_key_comes_from_the_master_key_or_from_the_credential() {
    let object = live(&peer("a", "h"), "1");
    let master = |byte, url: &str| Fingerprinter::new(KeySource::Master(MasterKey::new([byte; 32])), url);
    let credential = |text: &str, url: &str| Fingerprinter::new(KeySource::Credential(Secret::new(text)), url);
    let makers = [
        master(1, "https://a"),
        master(2, "https://a"),
        master(1, "https://b"),
        credential("x", "https://a"),
        credential("y", "https://a"),
        credential("x", "https://b"),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for maker in &makers {
        let (first, check) = (maker.object(support(), &object), maker.key_check());
        assert_eq!(first, maker.object(support(), &object));
        assert_ne!(first, check);
        assert!(seen.insert(first) && seen.insert(check), "every key gives something else");
    }
    let shown = format!("{makers:?}");
    assert!(!shown.contains("\"x\"") && !shown.contains("[1, 1"), "{shown}");
}

#[test]
fn a_key_is_derived_when_it_is_needed() {
    let slow = Fingerprinter::new(KeySource::Credential(Secret::new("x")), "https://a");
    assert!(!slow.is_cheap(), "the first one costs 200,000 rounds");
    _ = slow.key_check();
    assert!(slow.is_cheap());
    assert!(fingerprinter(1).is_cheap());
}

/// Computed independently, with Python's hashlib. Another result would make every stored fingerprint look like a changed
/// object.
#[test]
fn keys_are_derived_as_they_always_were() {
    let master = Fingerprinter::new(KeySource::Master(MasterKey::new([7; 32])), "https://pbx.example");
    assert_eq!(master.key_check(), "hmac-sha256:fd6708f6dac3eb6d34ae5527f67b03de50953b24a2a8eede58f45a96b6ef6046");
    let credential = Fingerprinter::new(KeySource::Credential(Secret::new("secret")), "https://pbx.example");
    assert_eq!(credential.key_check(), "hmac-sha256:0020a9f57748d97053e2ba572b01815d49d07e16a7eb18d84f9c73e95c8456c0");
}

proptest! {
    #[test]
    fn texts_do_not_run_into_each_other(a in "[a-z]{0,4}", b in "[a-z]{0,4}", c in "[a-z]{0,4}", d in "[a-z]{0,4}") {
        let object = |username: &str, auth: &str| {
            live(&account("a", username).with("auth_name", Value::text(auth)), "1")
        };
        prop_assert_eq!(of(&object(&a, &b)) == of(&object(&c, &d)), (a, b) == (c, d));
    }

    #[test]
    fn lists_of_secrets_do_not_run_into_each_other(
        a in prop::collection::vec("[ab]{0,3}", 0..4),
        b in prop::collection::vec("[ab]{0,3}", 0..4),
    ) {
        let of = |texts: &[String]| {
            let values: Vec<_> = texts.iter().map(|text| Value::secret(text.as_str())).collect();
            fingerprinter(7).secrets(values.iter())
        };
        prop_assert_eq!(of(&a) == of(&b), a == b);
    }

    #[test]
    fn a_hidden_value_is_about_one_field_of_one_object(key in "[ab]{0,2}", field in "[ab]{0,2}", text in "[ab]{0,2}") {
        let of = |key: &str, field: &str, text: &str| fingerprinter(7).value("trunk", key, field, &Value::secret(text));
        let same = of("a", "b", "a");
        prop_assert_eq!(of(&key, &field, &text) == same, (&*key, &*field, &*text) == ("a", "b", "a"));
    }
}

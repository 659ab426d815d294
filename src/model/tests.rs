//! Tests of the words and tables.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::kinds::{ALL, SIP_NUMBER, TRUNK};
use super::testing::{With, account, entry, peer};
use super::*;

#[test]
fn addresses() {
    for text in ["hq-pbx/trunk/to-108", "t/sip_number/2000", "t/trunk/a/b /c"] {
        assert_eq!(Address::parse(text).unwrap().to_string(), text);
    }
    for (text, why) in [
        ("", "target/kind/key"),
        ("t/trunk", "target/kind/key"),
        ("/trunk/a", "no part empty"),
        ("t/trunk/", "no part empty"),
        ("t/trunks/a", "one of trunk, sip_number"),
    ] {
        assert!(Address::parse(text).unwrap_err().contains(why), "{text}");
    }
}

#[test]
fn patterns() {
    for (pattern, text, matches) in [
        ("t/trunk/a", "t/trunk/a", true),
        ("t/trunk/a", "t/trunk/ab", false),
        ("t", "t/trunk/a", true),
        ("t/trunk", "t/trunk/a", true),
        ("t/trunk/a", "t/trunk/a/b", true),
        ("t/tr", "t/trunk/a", false),
        ("*", "t/trunk/a", true),
        ("*/lab-*", "t/trunk/lab-1", true),
        ("t/{trunk,x}/a?", "t/trunk/ab", true),
        ("T", "t/trunk/a", false),
    ] {
        assert_eq!(Glob::new(pattern).unwrap().matches(text), matches, "{pattern} on {text}");
    }
    assert!(Glob::new("a[").is_err());
}

#[test]
fn a_target_is_needed_where_a_pattern_may_mean_something_on_it() {
    for (pattern, target, needed) in [
        ("hq", "hq", true),
        ("hq", "branch", false),
        ("hq/trunk/a", "hq", true),
        ("hq/trunk/a", "hq2", false),
        ("*/trunk/a", "hq", true),
        ("h*/trunk/a", "branch", false),
        ("**/a", "hq", true),
        ("*old", "hq", true),
        ("h*old", "hq", true),
        ("h*old", "branch", false),
        ("h?", "hq", true),
    ] {
        let selection = Selection::new(vec![Glob::new(pattern).unwrap()]);
        assert_eq!(selection.may_include_target(target), needed, "{pattern} on {target}");
    }
    assert!(Selection::default().may_include_target("hq"));
}

proptest! {
    /// What a selection includes is on a target that it needs.
    #[test]
    fn no_selected_object_is_on_a_target_that_is_left_out(
        pattern in "[ab*]{1,3}(/(trunk|t\\*|\\*)(/[ab*]{1,2})?)?",
        target in "[ab]{1,2}",
        key in "[ab]{1,2}",
    ) {
        let selection = Selection::new(vec![Glob::new(&pattern).unwrap()]);
        let address = Address::new(target.as_str(), "trunk", key);
        // A star that stands for a slash behind another star is let go: a/* means what is on a.
        let is_plain = !pattern.split('/').next().unwrap().contains('*') || !pattern.contains('/');
        if is_plain && selection.includes(&address) {
            prop_assert!(selection.may_include_target(&target));
        }
    }

    #[test]
    fn sets_of_fields(places in prop::collection::btree_set(0_usize..32, 0..32)) {
        let mut set = FieldSet::default();
        for &place in &places {
            set.insert(place);
        }
        prop_assert_eq!(set.len(), places.len());
        prop_assert_eq!(set.is_empty(), places.is_empty());
        prop_assert!((0..40).all(|place| set.contains(place) == places.contains(&place)));
        let before = set;
        set.insert(32);
        set.insert(usize::MAX);
        prop_assert_eq!(set, before);
    }

    /// The order and repetition of a set's items mean nothing; a list's do.
    #[test]
    fn sets_and_lists(mut items in prop::collection::vec("[a-c]", 0..5)) {
        let gather = |ty: Type, items: &[String]| ty.gather(items.iter().map(|item| Value::text(item.as_str())).collect());
        let (set, list) = (Type::Set(&Type::Text), Type::List(&Type::Text));
        let before = gather(set, &items);
        prop_assert_eq!(gather(list, &items), Value::List(items.iter().map(|item| Value::text(item.as_str())).collect()));
        items.reverse();
        items.extend(items.clone());
        prop_assert_eq!(gather(set, &items), before);
    }
}

#[test]
fn scalars() {
    let port = Type::Integer { min: 1, max: 65535 };
    for (ty, text, value) in [
        (Type::Text, " a ", Some(Value::text(" a "))),
        (Type::Host, " SIP.Example ", Some(Value::text("sip.example"))),
        (port, "5060", Some(Value::Integer(5060))),
        (port, " 65535 ", Some(Value::Integer(65535))),
        (port, "0", None),
        (port, "65536", None),
        (port, "5060.0", None),
        (Type::Bool, "Yes", Some(Value::Bool(true))),
        (Type::Bool, "0", Some(Value::Bool(false))),
        (Type::Bool, "maybe", None),
        (Type::Choice(&["G711A", "GSM"]), "g711a", Some(Value::text("G711A"))),
        (Type::Choice(&["G711A", "GSM"]), "G711", None),
        (Type::List(&Type::Text), "a", None),
    ] {
        assert_eq!(ty.parse(text).ok(), value, "{ty:?} {text}");
    }
    // What is wrong may be a secret, and isn't repeated.
    assert!(!port.parse("canary").unwrap_err().contains("canary"));
}

#[test]
fn every_table_is_sound() {
    for kind in ALL {
        assert!(kind.fields.len() <= 32, "{}", kind.name);
        assert_eq!(kinds::by_name(kind.name), Some(*kind));
        assert_eq!(kinds::by_section(kind.section), Some(*kind));
        assert!(kind.variant.is_none_or(|variant| kind.index_of(variant).is_some()));
        for (index, field) in kind.fields.iter().enumerate() {
            assert_eq!(kind.index_of(field.name), Some(index), "{} twice", field.name);
            assert_ne!(field.name, kind.key);
            assert!(!field.doc.is_empty());
            let is_default = |value: &Value| !matches!(value, Value::NotReadable | Value::Secret(_));
            assert!(is_default(&field.default_value()), "{}", field.name);
        }
    }
    assert_eq!(TRUNK.variant_of(&peer("a", "h").values), Some("peer"));
    assert_eq!(TRUNK.value_of(&entry(&TRUNK, "a").values, "port"), Some(&Value::Integer(5060)));
    assert_eq!(SIP_NUMBER.value_of(&entry(&SIP_NUMBER, "1").values, "agent"), Some(&Value::Unset));
    assert!(TRUNK.fields.iter().filter(|field| field.name == "password").all(|field| field.secret));
}

#[test]
fn secrets_show_nothing() {
    let secret = Secret::new("canary");
    let object = account("a", "u").with("password", Value::secret("canary"));
    for shown in [
        format!("{secret:?}"),
        format!("{object:?}"),
        format!("{:#?}", Value::List(vec![Value::Secret(secret.clone())].into())),
    ] {
        assert!(!shown.contains("canary"), "{shown}");
    }
    assert_eq!(secret.expose(), "canary");
    assert_eq!(secret, Secret::new("canary"));
    assert_ne!(secret, Secret::new("another"));
}

#[test]
fn the_objects_of_a_target_are_a_stretch() {
    let on = |target: &str, key: &str| DesiredObject { address: Address::new(target, "trunk", key), ..peer(key, "h") };
    let objects = vec![on("a", "1"), on("b", "1"), on("b", "2"), on("d", "1")];
    let desired =
        Desired { targets: Vec::new(), objects, unselected: Vec::new(), call_checks: Vec::new(), removed: Vec::new() };
    let count = |target| desired.objects_of(target).len();
    assert_eq!(["", "a", "b", "c", "d", "e"].map(count), [0, 1, 2, 0, 1, 0]);
}

/// Millions of them are held at once.
#[test]
fn objects_and_values_stay_small() {
    assert!(size_of::<LiveObject>() <= 80, "{}", size_of::<LiveObject>());
    assert!(size_of::<Value>() <= 24, "{}", size_of::<Value>());
}

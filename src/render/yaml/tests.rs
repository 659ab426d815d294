#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use super::scalar::{scalar, word};
use super::*;
use crate::model::Value;
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::testing::{CENTRE, PBX, With as _, live, number, peer};

#[test]
fn a_text_is_plain_where_every_reader_takes_it_for_one() {
    let plain = [
        "a",
        "to-108-16",
        "sip.carrier.example",
        "main line",
        "172.16.108.16",
        "G711A",
        "x@y",
        "总机",
        "a/b",
        "yes-no",
    ];
    for text in plain {
        assert_eq!(word(text), text);
    }
    let quoted = [
        "",
        "no",
        "Yes",
        "OFF",
        "y",
        "N",
        "true",
        "Null",
        "~",
        "0123",
        "6100",
        "1e3",
        "0x1f",
        "12:30",
        "1.5",
        "+155",
        "-",
        "---",
        ".inf",
        "=",
        "<<",
        " a",
        "a ",
        "a: b",
        "a #b",
        "#a",
        "a,b",
        "[a]",
        "{a}",
        "*a",
        "&a",
        "!a",
        "%a",
        "@a",
        "`a`",
        "a?",
        "é|",
        "172.16.108.016",
        "1.2.3.4.5",
        "::1",
    ];
    for text in quoted {
        assert_eq!(word(text), format!("\"{text}\""));
    }
    for (text, expected) in [
        ("a\"b\\c", r#""a\"b\\c""#),
        ("a\nb", r#""a\U0000000Ab""#),
        ("a\u{2028}b", r#""a\U00002028b""#),
        ("##[group]", r###""##\x5bgroup]""###),
    ] {
        assert_eq!(word(text), expected);
    }
    assert_eq!([scalar("${env:X}"), scalar("$${"), word("${x")], [r#""$${env:X}""#, r#""$$${""#, r#""${x""#]);
}

#[test]
fn names_of_variables_are_given_once() {
    let taken = ["HQ_A_PASSWORD", "CC_{number}_PASSWORD"].map(str::to_owned);
    let mut variables = Variables::except(taken);
    for (target, key, expected) in [
        ("hq", "a", "HQ_A_PASSWORD_2"),
        ("hq", "A", "HQ_A_PASSWORD_3"),
        ("hq", "a.b", "HQ_A_B_PASSWORD"),
        ("cc", "2001", "CC_2001_PASSWORD_2"),
        ("cc", "x", "CC_X_PASSWORD"),
        ("1st", "a", "SIP_1ST_A_PASSWORD"),
    ] {
        assert_eq!(variables.take(target, key, "password"), expected);
    }
}

/// Two trunks and a number on two targets, in this order or the other.
fn text(backwards: bool, omissions: &Omissions) -> Imported {
    let mut first = live(&peer("b", "10.0.0.1"), "1");
    first.extra_mut().resets = vec!["dtmf".into(), "codecs".into()];
    first.extra_mut().carried = vec![("rtp", "1".into()), ("host", "x".into())];
    let mut second = live(&peer("a", "no").with("domain", Value::NotReadable), "2");
    second.extra_mut().resets = vec!["codecs".into()];
    let hidden = live(&number("2004"), "3").with("password", Value::NotReadable).with("codecs", Value::Unset);
    let trunk = |objects| Group {
        target: "hq",
        support: PBX.support(&TRUNK).unwrap(),
        defaulted: FieldSet::default(),
        objects,
    };
    let numbers = CENTRE.support(&SIP_NUMBER).unwrap();
    let numbers = Group { target: "cc", support: numbers, defaulted: FieldSet::default(), objects: vec![&hidden] };
    let mut groups = [numbers, trunk(vec![&first, &second])];
    if backwards {
        groups = [trunk(vec![&second, &first]), groups.into_iter().next().unwrap()];
    }
    Imported::new(&groups, omissions, Variables::default())
}

#[test]
fn the_canonical_form() {
    let imported = text(false, &Omissions::default());
    insta::assert_snapshot!(imported.yaml);
    assert_eq!(text(true, &Omissions::default()).yaml, imported.yaml);
    for line in &imported.lines {
        let shown = imported.yaml.lines().nth(line.number as usize - 1).unwrap();
        assert!(shown.contains(line.field.unwrap_or(&line.address.key)), "{line:?}: {shown}");
    }
}

#[test]
fn what_cannot_be_said_is_said_in_comments() {
    let mut omissions = Omissions::default();
    let address = |key: &str| Address::new("hq", "trunk", key);
    assert!(omissions.object(address("a"), "its name\nis odd") && !omissions.object(address("a"), "again"));
    assert!(omissions.field(address("b"), "host", "it is odd") && !omissions.field(address("b"), "host", "again"));
    let imported = text(false, &omissions);
    insta::assert_snapshot!(imported.yaml);
    assert_eq!(imported.addresses().map(ToString::to_string).collect::<Vec<_>>(), ["hq/trunk/b", "cc/sip_number/2004"]);
}

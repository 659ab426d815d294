//! What of drift is known, was told, and can be measured.

use proptest::prelude::*;

use super::samples;
use crate::model::drift::{DriftClass, Known};
use crate::model::{Glob, Source};
use crate::render::drift::DriftDocument;
use crate::render::metrics::{self, Measured, Run};
use crate::render::told::{News, Told, compare, fingerprint};

/// Read whole.
fn drift() -> DriftDocument {
    let mut drift = samples::drift();
    drift.targets.truncate(1);
    drift.items.pop();
    drift.told = None;
    drift
}

fn known(pattern: &str, fields: &[&str], expires: &str) -> Known {
    Known {
        addresses: Glob::new(pattern).unwrap(),
        class: None,
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        reason: "because".into(),
        expires: expires.into(),
        source: Source { file: "known.yaml".into(), line: 3, column: 3 },
    }
}

proptest! {
    #[test]
    fn a_fingerprint_does_not_depend_on_order(items in Just(drift().items).prop_shuffle(), turn in any::<bool>()) {
        let mut other = DriftDocument { items, ..drift() };
        if turn {
            other.items.iter_mut().for_each(|item| item.fields.reverse());
        }
        prop_assert_eq!(fingerprint(&other), fingerprint(&drift()));
    }

    /// Known is what differs in nothing but the fields that the entry names.
    #[test]
    fn an_entry_covers_what_it_names(differing in 0_u8..16, named in 0_u8..16) {
        let all = ["host", "port", "password", "codecs"];
        let of = |bits: u8| -> Vec<&str> { (0..4).filter(|bit| bits >> bit & 1 == 1).map(|bit| all[bit]).collect() };
        let entry = known("hq/trunk/*", &of(named), "2026-12-31");
        let expected = named == 0 || (differing != 0 && differing & !named == 0);
        prop_assert_eq!(entry.covers("hq/trunk/a", "not_applied", of(differing)), expected);
        prop_assert!(!entry.covers("cc/trunk/a", "not_applied", of(differing)));
        let other = Known { class: Some(DriftClass::ChangedOutside), ..entry };
        prop_assert!(!other.covers("hq/trunk/a", "not_applied", of(differing)));
    }
}

#[test]
fn a_fingerprint_changes_with_every_difference() {
    type Change = fn(&mut DriftDocument);
    let changes: [Change; 6] = [
        |it| it.items[0].address.push('x'),
        |it| it.items[0].class = "not_applied".into(),
        |it| it.items[0].action = "replace".into(),
        |it| it.items[0].fields[0].before = Some("another".into()),
        |it| it.items[0].fields[1].name = "token".into(),
        |it| drop(it.items.remove(0)),
    ];
    for (index, change) in changes.into_iter().enumerate() {
        let mut other = drift();
        change(&mut other);
        assert_ne!(fingerprint(&other), fingerprint(&drift()), "{index}");
    }
    let quiet: [Change; 3] = [
        |it| it.items.retain(|item| item.class != "unmanaged" && item.class != "not_readable"),
        |it| it.items[0].source = None,
        |it| it.items.retain(|item| item.known.is_none()),
    ];
    for (index, change) in quiet.into_iter().enumerate() {
        let mut other = drift();
        change(&mut other);
        assert_eq!(fingerprint(&other), fingerprint(&drift()), "{index}");
    }
}

#[test]
fn what_was_told_is_told_once() {
    let (one, none) = (drift(), DriftDocument { items: Vec::new(), ..drift() });
    let other = DriftDocument { items: drift().items.split_off(2), ..drift() };
    let mut memory: Option<Told> = None;
    for (day, document, news, since) in [
        ("1", &none, News::None, None),
        ("2", &one, News::New, Some("2")),
        ("3", &one, News::Same, Some("2")),
        ("4", &samples::drift(), News::NotCompared, Some("2")),
        ("5", &one, News::Same, Some("2")),
        ("6", &other, News::Changed, Some("6")),
        ("7", &none, News::Gone, Some("6")),
        ("8", &none, News::None, None),
        ("9", &one, News::New, Some("9")),
    ] {
        let (told, now) = compare(memory.as_ref(), document, day);
        assert_eq!((&*told.news, told.since.as_deref()), (news.name(), since), "day {day}");
        assert_eq!(now.is_none(), news == News::NotCompared, "day {day}");
        // By way of the file.
        memory = now.map(|told| Told::read(&told.text()).unwrap()).or(memory);
    }
    for damaged in ["", "{}", "[]", r#"{"schema":"sipform.told/v9","fingerprint":"","since":"","differences":1}"#] {
        assert_eq!(Told::read(damaged), None, "{damaged}");
    }
}

#[test]
fn a_baseline_is_held_against_what_was_found() {
    let told = |entries: &[Known], today: &str, whole: bool| -> (Vec<String>, usize, Vec<&'static str>) {
        let mut drift = drift();
        drift.items.iter_mut().for_each(|item| item.known = None);
        let warnings = drift.acknowledge(entries, today, whole);
        let news = drift.news().map(|item| item.address.clone()).collect();
        (news, drift.summary.known, warnings.iter().map(|warning| warning.code).collect())
    };
    let all = ["hq/trunk/a", "hq/trunk/b", "hq/trunk/c", "hq/trunk/d"].map(str::to_owned);
    let entry = known("hq/trunk/a", &[], "2026-12-31");
    assert_eq!(told(std::slice::from_ref(&entry), "2026-12-31", true), (all[1..].to_vec(), 1, vec![]));
    assert_eq!(told(&[entry], "2027-01-01", true), (all.to_vec(), 0, vec!["expired_baseline"]));
    let host = known("hq", &["host"], "2026-12-31");
    assert_eq!(told(std::slice::from_ref(&host), "2026-01-01", true), (all.to_vec(), 0, vec!["stale_baseline"]));
    assert_eq!(told(&[host], "2026-01-01", false).2, Vec::<&str>::new(), "it may stand for what wasn't looked at");
    let both = [known("hq", &[], "2026-01-01"), known("hq", &[], "2026-12-31")];
    assert_eq!(told(&both, "2026-06-01", true), (vec![], 4, vec!["expired_baseline"]));
    assert_eq!(told(&[known("hq/trunk/lab", &[], "2026-12-31")], "2026-06-01", true).2, ["stale_baseline"]);
}

fn measured(document: &DriftDocument, before: &str) -> String {
    let targets: Vec<_> = [("hq", "trunk", true), ("a\"b\\c\nd", "sip_number", false)]
        .into_iter()
        .map(|(name, kind, up)| Measured { name: name.into(), kinds: vec![kind], up })
        .collect();
    let succeeded = document.read_everything();
    metrics::text(&Run { document, targets: &targets, finished: 1_800_000_000, duration: 1.5, succeeded, before })
}

#[test]
fn metrics_have_a_zero_for_everything_that_there_can_be() {
    insta::assert_snapshot!("metrics", measured(&drift(), ""));
}

#[test]
fn the_last_success_stays_where_a_run_fails() {
    let line = "sipform_drift_last_success_timestamp_seconds ";
    let before = measured(&drift(), "");
    assert!(before.contains(&format!("{line}1800000000\n")));
    let failed = samples::drift();
    let older = before.replace("1800000000", "1700000000");
    for (before, expected) in [(&*older, Some("1700000000")), ("", None), ("garbage", None)] {
        let text = measured(&failed, before);
        let found = text.lines().find_map(|found| found.strip_prefix(line));
        assert_eq!(found, expected, "{text}");
    }
    assert!(!measured(&failed, &format!("{line}1\"}} 2\n")).contains(line));
}

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::super::rows_oracle::{cut, is_same, whole};
use super::*;

const PATHS: [Path; 3] = [&["data"], &["data", "rows"], &["a", "data", "rows"]];

fn value() -> impl Strategy<Value = Json> {
    let scalar = prop_oneof![
        Just(Json::Null),
        any::<i32>().prop_map(Json::from),
        any::<bool>().prop_map(Json::from),
        r#"[a-c "\\\\{}\[\],:\n\u{e9}\u{1f600}]{0,6}"#.prop_map(Json::from),
    ];
    let name = prop_oneof![Just("data"), Just("rows"), Just("a"), Just("b\""), Just("\\")];
    scalar.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..5).prop_map(Json::from_iter),
        ]
    })
}

/// An answer with a list somewhere on the way.
fn answer() -> impl Strategy<Value = String> {
    let list = prop::collection::vec(value(), 0..9).prop_map(Json::from);
    let holding = (list, value()).prop_flat_map(|(list, other)| {
        prop::sample::select(vec![
            json!({"data": list, "z": other}),
            json!({"a": other, "data": {"rows": list, "data": other}}),
            json!({"a": {"data": {"a": other, "rows": list}, "rows": other}, "data": other, "rows": list}),
        ])
    });
    (prop_oneof![3 => holding, 1 => value()], any::<bool>()).prop_map(|(json, is_pretty)| {
        if is_pretty { serde_json::to_string_pretty(&json).unwrap() } else { json.to_string() }
    })
}

proptest! {
    #[test]
    fn an_answer_reads_the_same_however_it_is_cut(
        answer in answer(),
        lengths in prop::collection::vec(1..40_usize, 1..6),
        enough in prop::sample::select(vec![0, 1, 16, 100_000]),
        path in prop::sample::select(&PATHS),
    ) {
        prop_assert_eq!(cut(path, enough, answer.as_bytes(), &lengths), whole(path, answer.as_bytes()));
    }

    #[test]
    fn what_is_broken_stays_broken_at_the_same_place(
        answer in answer(),
        lengths in prop::collection::vec(1..40_usize, 1..6),
        enough in prop::sample::select(vec![0, 16, 100_000]),
        path in prop::sample::select(&PATHS),
        spoilt in prop::collection::vec((any::<prop::sample::Index>(), r#"[\[\]{},:"\\1 \n]"#), 1..3),
        end in any::<prop::sample::Index>(),
    ) {
        let mut bytes = answer.into_bytes();
        for (at, byte) in spoilt {
            let at = at.index(bytes.len());
            bytes.splice(at..=at, byte.bytes());
        }
        bytes.truncate(bytes.len() - end.index(bytes.len().min(3)));
        let (cut, whole) = (cut(path, enough, &bytes, &lengths), whole(path, &bytes));
        prop_assert!(is_same(&cut, &whole), "{cut:?} where {whole:?} was to be read");
    }
}

#[test]
fn what_stands_around_the_rows_is_told_by_its_place_in_the_answer() {
    for (answer, words) in [
        ("{\"a\":1,\n\"data\":[{},\n{}],\"b\":x}", "expected value"),
        ("{\"a\":1,\n\"data\":[{},\n{}]\n,\"b\":\n x}", "expected value"),
        ("{\"data\":[1,\n2,]}", "trailing comma"),
        ("{\"data\":[1 2]}", "expected `,` or `]`"),
        ("{\"data\":[,1]}", "expected value"),
        ("{\"data\":[1,,1]}", "expected value"),
        ("{\"data\":[[}]]}", "expected value"),
        ("{\"data\":[{}}]}", "expected `,` or `]`"),
        ("{\"data\":[1]}}", "trailing characters"),
        (" {\"data\":[1,2]", "EOF while parsing an object"),
    ] {
        let expected = whole(PATHS[0], answer.as_bytes());
        assert!(expected.as_ref().unwrap_err().0.contains(words), "{answer}: {expected:?}");
        for enough in [0, 100] {
            assert_eq!(cut(PATHS[0], enough, answer.as_bytes(), &[3]), expected, "{answer}");
        }
    }
}

#[test]
fn rows_are_given_out_before_the_answer_is_whole() {
    let mut splitter = Splitter::new(PATHS[1], 10);
    let mut runs = Vec::new();
    splitter.feed(br#"{"data":{"rows":[{"a":"]}"},{"b":"\"},"},{"c""#, |run| runs.push(run.json));
    let runs: Vec<_> = runs.iter().map(|run| String::from_utf8_lossy(run)).collect();
    assert_eq!(runs, [r#"[{"a":"]}"}]"#, r#"[{"b":"\"},"}]"#]);
}

/// A name with an escape, and a second list, stay in the answer: there they are read as ever.
#[test]
fn what_is_not_plainly_the_list_stays() {
    for answer in [r#"{"d\u0061ta":[1]}"#, r#"{"x":{"data":[1]}}"#, r#"[{"data":[1]}]"#, "<html>", ""] {
        let mut splitter = Splitter::new(PATHS[0], 0);
        splitter.feed(answer.as_bytes(), |run| assert!(run.json.is_empty(), "{answer}"));
        let rest = splitter.finish(|run| assert!(run.json.is_empty(), "{answer}"));
        assert_eq!(String::from_utf8_lossy(&rest.json), answer);
    }
    let mut splitter = Splitter::new(PATHS[0], 0);
    splitter.feed(br#"{"data":[1],"data":[2]}"#, |_| ());
    assert_eq!(splitter.finish(|_| ()).json, br#"{"data":[],"data":[2]}"#);
}

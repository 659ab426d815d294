//! What comes back: the documented answers, listings joined, refusals.

use proptest::prelude::*;

use super::*;
use crate::model::Completeness;
use crate::provider::shown::Plain;

fn answer(status: u16, body: &str) -> http::Response<Bytes> {
    fake::reply(status, "application/json", body).unwrap()
}

fn join(lines: &Json, records: Option<&Json>) -> Listing {
    listing::join(known(), Some(rows(lines)), records.map(rows))
}

fn rows<R: Row>(rows: &Json) -> Vec<R> {
    let rows: Vec<Plain<R>> = serde_json::from_str(&rows.to_string()).unwrap();
    rows.into_iter().map(|Plain(row)| row).collect()
}

fn value(object: &LiveObject, field: &str) -> Value {
    SIP_NUMBER.value_of(&object.values, field).unwrap().clone()
}

#[test]
fn the_documented_list() {
    let answer = answer(200, include_str!("samples/list-answer.json"));
    response::envelope(Class::Read, &answer, &[]).unwrap();
    let lines: Vec<Plain<Listed>> = response::data(&answer).unwrap().unwrap();
    let lines = lines.into_iter().map(|Plain(line)| line).collect();
    let listing = listing::join(known(), Some(lines), None);
    let object = &listing.objects[0];
    assert_eq!((&*object.key, &*object.remote_id), ("2000", "5fc9d54105fd0161a498c503"));
    assert_eq!(value(object, "agent"), Value::text("5feb148e19a5207b5020e728"));
    assert!(object.blocked.is_empty() && listing.is_complete());
}

#[test]
fn the_documented_answers_to_writes() {
    for (sample, id) in [
        (include_str!("samples/create-answer.json"), "605aeef6e9930e49f48444be"),
        (include_str!("samples/update-answer.json"), "5fc9d54105fd0161a498c503"),
        (include_str!("samples/delete-answer.json"), "60587623c81cd14a21966fae"),
    ] {
        let answer = answer(200, sample);
        response::envelope(Class::Create, &answer, &[]).unwrap();
        assert_eq!(response::created_id(&answer).as_deref(), Some(id));
    }
}

#[test]
fn both_listings_make_one_object() {
    let record = json!({
        "_id": "id1", "number": 2000, "password": "p", "isNAT": "1", "codingFormat": ["g729", "OPUS"], "isDel": "0",
        "uid": "someone else", "status": 1,
    });
    let listing = join(&json!([line("id1", "2000", "1", "a1")]), Some(&json!([record])));
    assert_eq!(listing.completeness, Completeness::Complete);
    let codecs = Value::List(Arc::new([Value::text("G729"), Value::text("OPUS")]));
    let expected = [Value::secret("p"), Value::Bool(true), codecs, Value::text("a1")];
    assert_eq!(&*listing.objects[0].values, expected);
}

#[test]
fn what_the_second_listing_hides_is_not_readable() {
    let lines = json!([line("id1", "2000", "1", "")]);
    let hidden = json!([{"_id": "id1", "number": "2000", "password": "***", "isNAT": "maybe"}]);
    for records in [None, Some(&hidden)] {
        let listing = join(&lines, records);
        assert!(listing.is_complete());
        for field in ["password", "nat", "codecs"] {
            assert_eq!(value(&listing.objects[0], field), Value::NotReadable, "{field}");
        }
        assert_eq!(value(&listing.objects[0], "agent"), Value::text(""));
    }
}

#[test]
fn who_is_bound() {
    for (agent, uid, bound) in [
        (json!({"agentId": "a1"}), json!("b"), "a1"),
        (json!({"agentId": ""}), json!("b"), ""),
        (json!({}), json!("b"), "b"),
        (json!(null), json!("b"), "b"),
        (json!(""), json!(null), ""),
        (json!([]), json!(7), "7"),
    ] {
        let lines = json!([{"sipId": "id1", "number": "2000", "agent": agent}]);
        let listing = join(&lines, Some(&json!([{"_id": "id1", "number": "2000", "uid": uid}])));
        assert_eq!(value(&listing.objects[0], "agent"), Value::text(bound), "{agent} {uid}");
    }
}

#[test]
fn an_agent_needs_a_registered_phone() {
    for (status, blocked) in
        [(json!(1), false), (json!("1"), false), (json!(0), true), (json!("0"), true), (json!(null), true)]
    {
        let lines = json!([{"sipId": "id1", "number": "2000", "registerStatus": status}]);
        let listing = join(&lines, None);
        assert_eq!(listing.objects[0].blocked("agent").is_some(), blocked, "{status}");
    }
}

#[test]
fn listings_that_agree_are_complete() {
    let deleted = json!({"_id": "id0", "number": "2000", "isDel": 1});
    for (lines, records, count) in [
        (json!([]), json!([]), 0),
        (json!([line("id1", "2000", "1", "")]), json!([deleted, record("id1", "2000")]), 1),
        // The id of a deleted number.
        (json!([line("id0", "2000", "1", "")]), json!([deleted]), 0),
        // That the ids are the same is not documented.
        (json!([line("id1", "2000", "1", "")]), json!([record("x9", "2000")]), 1),
    ] {
        let listing = join(&lines, Some(&records));
        assert_eq!(listing.completeness, Completeness::Complete, "{lines} {records}");
        assert_eq!(listing.objects.len(), count);
    }
}

#[test]
fn listings_that_do_not_agree_are_incomplete() {
    let deleted = json!({"_id": "id0", "number": "2000", "isDel": 1});
    for (lines, records, reason) in [
        (json!([line("id1", "2000", "1", "")]), json!([]), r#"only sip/list shows "2000""#),
        (json!([line("id1", "2000", "1", "")]), json!([deleted]), r#"only sip/list shows "2000""#),
        (json!([]), json!([record("id1", "2000")]), r#"only query/number shows "2000""#),
        (json!([line("id1", "2000", "1", "")]), json!([record("id1", "2001")]), "different numbers"),
        (json!([line("", "2000", "1", "")]), json!([]), "without a usable id or number"),
        (json!([line("id1", "", "1", "")]), json!([]), "without a usable id or number"),
        (
            json!([line("id1", "2000", "1", ""), line("id2", "2000", "1", "")]),
            json!([record("id1", "2000"), record("id2", "2000")]),
            r#"shows "2000" twice"#,
        ),
    ] {
        let Completeness::Incomplete(found) = join(&lines, Some(&records)).completeness else {
            panic!("complete: {lines} {records}");
        };
        assert!(found.contains(reason), "{found:?} for {lines} {records}");
    }
}

#[test]
fn one_listing_alone_has_to_be_one_and_shows_nothing_twice() {
    assert!(listing::join(known(), None, Some(Vec::new())).is_complete(), "the other one says that there is none");
    assert!(!listing::join(known(), None, None).is_complete(), "nobody says anything");
    assert!(!join(&json!([line("id1", "2000", "1", ""), line("id1", "2001", "1", "")]), None).is_complete());
}

/// Two lines that one record fits have its values both.
#[test]
fn a_number_that_is_listed_twice_is_read_twice() {
    let lines = json!([line("id1", "2000", "1", ""), line("id1", "2000", "1", ""), line("id9", "2000", "1", "")]);
    let listing = join(&lines, Some(&json!([record("id1", "2000")])));
    assert_eq!(listing.completeness, Completeness::Incomplete(r#"sip/list shows "2000" twice (and 1 more)"#.into()));
    assert!(listing.objects.iter().all(|object| value(object, "password") == Value::secret(PASSWORD)));
}

#[test]
fn what_refusals_mean() {
    for (code, kind) in [
        ("401", FailureKind::Credentials),
        ("403", FailureKind::Credentials),
        ("429", FailureKind::Busy),
        ("500", FailureKind::Unknown),
        ("400", FailureKind::Refused),
        ("number_exists", FailureKind::Refused),
        ("", FailureKind::Refused),
    ] {
        for status in [200, 400, 500] {
            let body = json!({"success": false, "code": code, "message": "no"}).to_string();
            let failure = response::envelope(Class::Create, &answer(status, &body), &[]).unwrap_err();
            assert_eq!((failure.kind, failure.code.as_str()), (kind, code));
        }
    }
    for (status, body, code) in [(200, "<html>", "not_json"), (200, "{}", "not_json"), (502, "{}", "http_502")] {
        let failure = response::envelope(Class::Create, &answer(status, body), &[]).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Unknown, code));
    }
    assert!(response::envelope(Class::Create, &answer(200, r#"{"success":"true"}"#), &[]).is_ok());
}

#[test]
fn a_refusal_repeats_no_secret_and_no_control_character() {
    let body = json!({
        "success": false, "code": PASSWORD, "message": format!("bad {PASSWORD}\u{1b}[2J{}", "x".repeat(9000)),
        "requestInfo": {"body": {"password": PASSWORD}},
    });
    let failure = response::envelope(Class::Create, &answer(200, &body.to_string()), &[PASSWORD]).unwrap_err();
    let text = format!("{failure} {failure:?}");
    assert!(!text.contains(PASSWORD) && !failure.message.chars().any(char::is_control), "{text}");
    assert!(failure.message.chars().count() < 400);
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(body in ".*|\\{\"success\":true,\"data\":.*\\}", status in 200..600_u16) {
        let answer = answer(status, &body);
        if response::envelope(Class::Read, &answer, &[]).is_ok() {
            let _ = response::data::<Vec<Plain<Listed>>>(&answer);
            let _ = response::data::<wire::Numbers>(&answer);
        }
    }
}

//! What comes back: the documented sample, records with gaps, listings that disagree, the error table.

use proptest::prelude::*;

use super::*;
use crate::model::Completeness;

fn answer(status: u16, body: &str) -> http::Response<bytes::Bytes> {
    fake::reply(status, "application/json", body).unwrap()
}

fn listing(list: &Json, query: &Json) -> Listing {
    let (list, query) = (json!({ "trunklist": list }), json!({ "trunks": query }));
    listing::join(Version::V2_0, support(), list.as_object().unwrap(), query.as_object().unwrap()).unwrap()
}

/// What an answer to a call says.
fn accepted(class: Class, answer: &http::Response<bytes::Bytes>) -> Result<Record, Failure> {
    pbx::accept(pbx::json(class, answer)?, answer, pbx::failure)
}

fn trunk(record: &Json) -> LiveObject {
    response::reading(Version::V2_0, support()).trunk(record.as_object().unwrap()).unwrap()
}

fn line(id: &str, name: &str, sort: &str) -> Json {
    json!({"id": id, "trunkname": name, "type": sort, "status": "Registered"})
}

fn value(object: &LiveObject, field: &str) -> Value {
    TRUNK.value_of(&object.values, field).unwrap().clone()
}

/// The vendor's own sample.
const SAMPLE: &str = include_str!("samples/query-answer.json");

#[test]
fn the_documented_answer() {
    let answer = answer(200, SAMPLE);
    let object = trunk(&accepted(Class::Read, &answer).unwrap()["trunks"][0]);
    assert_eq!((&*object.key, &*object.remote_id), ("test", "15"));
    let groups = ["5503301-yeastar-sales", "5503302-yealink-support"].map(Value::text);
    let expected = [
        Value::text("peer"),
        Value::text("192.168.6.36"),
        Value::Integer(5060),
        Value::text("192.168.6.36"),
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::Record(Arc::new([Value::List(Arc::new([])), Value::List(Arc::new(groups))])),
    ];
    assert_eq!(&*object.values, expected);
}

#[test]
fn spelling_is_no_difference() {
    let record = json!({
        "id": 15, "trunkname": "t", "trunktype": "Register", "host": " SIP.Example.COM ", "port": 5060,
        "domain": "SIP.example.com", "username": 6100, "authname": "6100", "password": "x", "fromuser": "",
        "extensionsdod": "2-b-2, 1-a-1,", "extensionsgroupdod": "", "unheard_of": {"a": [1]},
    });
    let object = trunk(&record);
    assert_eq!(value(&object, "type"), Value::text("register"));
    assert_eq!(value(&object, "host"), Value::text("sip.example.com"));
    assert_eq!(value(&object, "port"), Value::Integer(5060));
    assert_eq!(value(&object, "username"), Value::text("6100"));
    assert_eq!(value(&object, "password"), Value::secret("x"));
    let extensions = Value::List(Arc::new(["1-a-1", "2-b-2"].map(Value::text)));
    assert_eq!(value(&object, "dod"), Value::Record(Arc::new([extensions, Value::List(Arc::new([]))])));
}

#[test]
fn what_a_record_hides_is_not_readable_and_what_its_type_lacks_is_unset() {
    let record = json!({
        "id": "15", "trunkname": "t", "trunktype": "account", "username": "6100", "authname": null,
        "password": "******", "extensionsdod": "",
    });
    let object = trunk(&record);
    for field in ["host", "port", "domain", "from_user"] {
        assert_eq!(value(&object, field), Value::Unset, "{field}");
    }
    for field in ["auth_name", "password", "dod"] {
        assert_eq!(value(&object, field), Value::NotReadable, "{field}");
    }
    let record = json!({"id": "15", "trunkname": "t", "trunktype": "peer", "port": "none"});
    let object = trunk(&record);
    for field in ["host", "port", "domain", "dod"] {
        assert_eq!(value(&object, field), Value::NotReadable, "{field}");
    }
}

#[test]
fn listings_that_agree_are_complete() {
    for (list, query) in [
        (json!([]), json!([])),
        (json!([line("15", "a", "Peer")]), json!([peer("15", "a")])),
        // Other technologies, and a spelling that nobody documented.
        (
            json!([line("1", "x", "IAX"), line("2", "E1-1", "E1"), line("15", "a", "SIP-Peer"), line("3", "g", "GSM")]),
            json!([peer("15", "a")]),
        ),
        (json!([line("15", "a", "VoIP Trunk"), line("9", "q", "Quantum")]), json!([peer("15", "a")])),
        (json!([{"trunkname": "a", "type": "peer"}]), json!([peer("15", "a")])),
        (json!([]), json!(null)),
    ] {
        let listing = listing(&list, &query);
        assert_eq!(listing.completeness, Completeness::Complete, "{list} {query}");
        assert_eq!(listing.objects.len(), query.as_array().map_or(0, Vec::len));
    }
}

#[test]
fn listings_that_do_not_agree_are_incomplete() {
    let two = json!([line("15", "a", "Peer"), line("16", "b", "account")]);
    for (list, query, reason) in [
        (two.clone(), json!([peer("15", "a")]), r#"only trunk/list shows "b""#),
        (two.clone(), json!(null), r#"only trunk/list shows "a" (and 1 more)"#),
        (json!([]), json!([peer("15", "a")]), r#"only trunk/query_siptrunk shows "a""#),
        (json!([line("1", "a", "IAX")]), json!([peer("15", "a")]), r#"only trunk/query_siptrunk shows "a""#),
        (json!([line("14", "a", "Peer")]), json!([peer("15", "a")]), "different ids"),
        (two.clone(), json!([peer("15", "a"), peer("16", "a")]), r#"shows "a" twice"#),
        (two.clone(), json!([peer("15", "a"), peer("15", "b")]), r#"shows "b" twice"#),
        (json!([line("15", "a", "Peer"), line("15", "a", "Peer")]), json!([peer("15", "a")]), r#"shows "a" twice"#),
        (json!([line("15", "a", "Peer")]), json!([peer("15,16", "a")]), "can't be one trunk's id"),
        (json!([line("15", "a", "Peer")]), json!([peer("15", "")]), "a trunk has no name"),
        (json!([line("15", "a", " ")]), json!([]), r#"only trunk/list shows "a""#),
        (json!(null), json!([]), "trunk/list gives no list"),
        (
            json!([line("15", "a", "Peer")]),
            json!([{"id": "15", "trunkname": "a", "trunktype": "quantum"}]),
            "of a type that is not known",
        ),
    ] {
        let Completeness::Incomplete(found) = listing(&list, &query).completeness else {
            panic!("complete: {list} {query}");
        };
        assert!(found.contains(reason), "{found:?} for {list} {query}");
    }
}

#[test]
fn a_hostile_name_stays_on_its_line() {
    let listing = listing(&json!([line("15", "a\u{1b}[2J\nb", "Peer")]), &json!([]));
    let Completeness::Incomplete(reason) = listing.completeness else { panic!("complete") };
    assert!(!reason.chars().any(char::is_control), "{reason:?}");
}

#[test]
fn every_errno_of_the_documentation() {
    use FailureKind::{Busy, Credentials, Exists, Full, Locked, Missing, OnceMore, Refused, Token, Unsupported};
    let numbers = |range: std::ops::RangeInclusive<u32>, kind| range.map(move |number| (number, kind));
    let rows = [
        (10003, Unsupported),
        (10004, Refused),
        (10025, Busy),
        (10042, Refused),
        (10043, Exists),
        (10049, Exists),
        (10060, Full),
        (10061, OnceMore),
        (10062, Missing),
        (20000, Refused),
        (20001, Refused),
        (20002, Locked),
        (20003, Credentials),
        (20010, Busy),
        (20015, Locked),
        (30003, Busy),
        (12345, Refused),
    ];
    let rows = rows.into_iter().chain(numbers(10044..=10048, Refused)).chain(numbers(10050..=10059, Refused));
    for (number, kind) in rows.chain(numbers(20004..=20006, Token)) {
        // The envelope goes before the HTTP status; the number may be a number.
        for (status, body) in [
            (200, json!({"status": "Failed", "errno": number.to_string()})),
            (500, json!({"status": "failed", "errno": number})),
        ] {
            let failure = accepted(Class::Create, &answer(status, &body.to_string())).unwrap_err();
            assert_eq!((failure.kind, failure.code.as_str()), (kind, number.to_string().as_str()));
            assert!(failure.message.contains(&number.to_string()), "{}", failure.message);
            assert!(failure.field.is_none_or(|field| field == "name" || TRUNK.index_of(field).is_some()));
        }
    }
    for number in (10042..=10059).map(|number| number.to_string()) {
        assert!(pbx::failure(&number).field.is_some(), "{number}");
    }
}

#[test]
fn what_is_no_envelope_is_unknown_for_a_write() {
    for (status, body, code) in [
        (200, "<html>login</html>", "not_json"),
        (200, "", "not_json"),
        (200, "{\"status\":\"Succ", "not_json"),
        (200, "{}", "not_json"),
        (200, "[]", "not_json"),
        (502, "<html>", "http_502"),
        (404, "", "http_404"),
    ] {
        let failure = accepted(Class::Create, &answer(status, body)).unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str()), (FailureKind::Unknown, code), "{body}");
    }
    assert!(accepted(Class::Create, &answer(200, r#"{"status":"SUCCESS"}"#)).is_ok());
}

#[test]
fn a_create_may_answer_with_an_id() {
    for (body, id) in [
        (r#"{"status":"Success","id":16}"#, Some("16")),
        (r#"{"status":"Success","id":"16"}"#, Some("16")),
        (r#"{"status":"Success"}"#, None),
        (r#"{"status":"Success","id":"all"}"#, None),
    ] {
        let answer = accepted(Class::Create, &answer(200, body)).unwrap();
        assert_eq!(pbx::added_id(&answer).as_deref(), id);
    }
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(body in ".*|\\{\"status\":\"Success\",\"trunks\":.*\\}", status in 200..600_u16) {
        let answer = answer(status, &body);
        if let Ok(record) = accepted(Class::Read, &answer) {
            let _ = listing::join(Version::V2_0, support(), &record, &record);
        }
    }

    #[test]
    fn what_is_written_reads_back(
        port in 1..=65535_i64, user in "[a-z0-9 ]{1,8}", dod in prop::collection::vec("[0-9]{1,4}-[a-z-]{1,4}-[0-9]{1,4}", 0..4),
    ) {
        let mut values = register_values();
        values[2] = Value::Integer(port);
        values[4] = Value::text(user);
        let set = crate::model::Type::Set(&crate::model::Type::Text);
        let items = set.gather(dod.into_iter().map(Value::text).collect());
        values[8] = Value::Record(Arc::new([items, Value::List(Arc::new([]))]));
        let object = NewObject { kind: &TRUNK, key: "t", values: &values };
        let params = request::add(support(), &object).unwrap().with("id", "1");
        let record: Json = serde_json::from_slice(&params.json()).unwrap();
        prop_assert_eq!(&*trunk(&record).values, &*values);
    }
}

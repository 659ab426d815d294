//! What refusals mean.

use std::collections::HashSet;

use super::*;
use FailureKind::{Busy, Credentials, Exists, Full, Locked, Missing, OnceMore, Refused, Unknown};

fn failure(class: Class, http: u16, body: &str) -> Failure {
    response::envelope(class, &fake::reply(http, "application/json", body).unwrap(), &[]).unwrap_err()
}

#[test]
fn the_table_of_the_documentation() {
    for (status, kind, field) in [
        (-1, Credentials, None),
        (-2, Locked, None),
        (-10, Refused, None),
        (-13, Locked, None),
        (-15, Busy, None),
        (-16, Refused, None),
        (-20, Exists, None),
        (-21, Refused, None),
        (-22, Refused, None),
        (-23, Full, None),
        (-24, Missing, None),
        (-29, Refused, None),
        (-30, Refused, None),
        (-31, Locked, None),
        (-44, Refused, Some("direction")),
        (-45, Refused, Some("name")),
        (-47, Exists, Some("name")),
        (-48, Refused, Some("groups")),
        (-49, Refused, Some("gateway_ip")),
        (-50, Refused, Some("gateway_ip")),
        (-51, Refused, Some("groups")),
        (-52, Refused, Some("groups")),
        (-53, Exists, Some("gateway_ip")),
        (-54, Refused, Some("allowed_ip")),
        (-55, Refused, Some("allowed_ip")),
        (-56, Refused, None),
        (-57, Refused, Some("groups")),
        (-58, Refused, Some("groups")),
        (-999, Refused, None),
    ] {
        for class in [Class::Read, Class::Create, Class::IdempotentWrite, Class::Delete] {
            // As a text and as a number, whatever the HTTP status says, with a blank before the reason.
            let text = failure(class, 500, &json!({"status": status.to_string(), "reason": " no"}).to_string());
            let number = failure(class, 200, &json!({"status": status, "reason": " no", "data": {}}).to_string());
            assert_eq!(text, number);
            assert_eq!((text.kind, text.field), (kind, field), "{status}");
            assert_eq!(text.code, status.to_string());
            assert!(text.message.ends_with(": \"no\"") && text.message.contains(&status.to_string()), "{text}");
        }
    }
}

#[test]
fn an_error_of_the_platforms_own_leaves_a_create_open() {
    for (class, kind) in [
        (Class::Read, Unknown),
        (Class::Create, Unknown),
        (Class::IdempotentWrite, OnceMore),
        (Class::Delete, OnceMore),
    ] {
        assert_eq!(failure(class, 200, r#"{"status":"-18"}"#).kind, kind);
    }
}

#[test]
fn the_table_has_no_row_twice_and_no_field_of_its_own() {
    let codes: HashSet<_> = status::STATUS.iter().map(|row| row.0).collect();
    assert_eq!(codes.len(), status::STATUS.len());
    for (code, _, field, _) in status::STATUS {
        let is_known = |name: &str| {
            let mut kinds = TABLE.kinds.iter().map(|support| support.kind);
            kinds.any(|kind| kind.key == name || kind.index_of(name).is_some())
        };
        assert!(field.is_none_or(is_known), "{code}");
    }
}

#[test]
fn answers_without_an_envelope() {
    for (http, body, code) in [
        (200, "<html>", "not_json"),
        (200, "{}", "not_json"),
        (200, r#"["0"]"#, "not_json"),
        (200, r#"{"status":null}"#, "not_json"),
        (200, r#"{"status":{}}"#, "not_json"),
        (502, "{}", "http_502"),
    ] {
        let failure = failure(Class::Create, http, body);
        assert_eq!((failure.kind, failure.code.as_str()), (Unknown, code), "{body}");
    }
    for status in [json!("0"), json!(0), json!(" 0 ")] {
        let answer = fake::json(&json!({"status": status, "reason": " success"})).unwrap();
        response::envelope(Class::Create, &answer, &[]).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_repeated() {
    for (status, requests) in [("-1", 1), ("-13", 1), ("-15", 6), ("-16", 1), ("-18", 3), ("-22", 1)] {
        let fake = platform(move |_, _| Some(refuse(status, "no")));
        let failure = session(&fake).snapshot(&[&NUMBER]).await.unwrap_err();
        assert_eq!(fake.asked().len(), requests, "{status}");
        assert_eq!(failure.stops_target(), matches!(status, "-1" | "-13"));
    }
    // A create is repeated only where the platform says that it didn't do it.
    for (status, requests) in [("-18", 1), ("-20", 1), ("-15", 6)] {
        let fake = platform(move |_, _| Some(refuse(status, "no")));
        let values = [Value::text("sip"), Value::Integer(30), Value::text("861000000")];
        let object = NewObject { kind: &PHONE_GROUP, key: "sipGroup", values: &values };
        session(&fake).create(&object).await.unwrap_err();
        assert_eq!(fake.asked().len(), requests, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn no_failure_shows_a_secret() {
    // The vendor's text repeats everything that it was sent.
    let fake = platform(|_, request| {
        let sign = request.headers()["sign"].to_str().unwrap().to_owned();
        if request.uri().path() == request::GROUP_QUERY {
            return None;
        }
        let echo = format!("{sign} {SECRET} {}", String::from_utf8_lossy(request.body()));
        Some(refuse(&echo.clone(), &echo))
    });
    let session = session(&fake);
    let (trunks, _) = decode(&CALL_CENTER_TRUNK, &json!([trunk("k1", "carrier-a")]));
    let live = &trunks[0];
    let object = NewObject { kind: &CALL_CENTER_TRUNK, key: "carrier-a", values: &live.values };
    let changed = everything(&CALL_CENTER_TRUNK);
    let update = Update { kind: &CALL_CENTER_TRUNK, live, key: "carrier-a", values: &live.values, changed };
    let failures = [
        session.create(&object).await.unwrap_err(),
        session.update(&update).await.unwrap_err(),
        session.snapshot(&[&NUMBER]).await.unwrap_err(),
    ];
    let signs = fake.asked().into_iter().map(|request| request.headers()["sign"].to_str().unwrap().to_owned());
    let secrets: Vec<_> = signs.chain([SECRET.to_owned(), PASSWORD.to_owned()]).collect();
    for failure in failures {
        let text = format!("{failure} {failure:?}");
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
        assert!(failure.code.len() < 20, "{text}");
    }
    assert!(!format!("{trunks:?}").contains(PASSWORD));
}

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;

use super::*;

fn failure(body: &[u8]) -> Failure {
    let response = Response::builder().body(Bytes::copy_from_slice(body)).unwrap();
    json_object(Class::Create, &response, "the PBX's JSON answer").unwrap_err()
}

fn nested(depth: usize) -> String {
    format!("{}{}", "{\"a\":".repeat(depth - 1) + "{", "}".repeat(depth))
}

#[test]
fn each_limit_is_named_with_its_value_and_its_place() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_TEXT_BYTES + 1));
    let long_key = format!("{{\"{}\":1}}", "x".repeat(10 << 20));
    let many = format!("{{\"a\":[{}1]}}", "1,".repeat(MAX_VALUES));
    let deep_list = format!("{{\"a\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    for (body, code, says) in [
        (
            nested(MAX_DEPTH + 1),
            "too_deep",
            "the PBX's JSON answer is nested more than 32 deep, the deepest that is read (line 1",
        ),
        (nested(100_000), "too_deep", "nested more than 32 deep"),
        (deep_list, "too_deep", "nested more than 32 deep"),
        (long, "text_too_long", "has a text of more than 65536 bytes, the longest that is read"),
        (long_key, "text_too_long", "has a text of more than 65536 bytes"),
        (many, "too_many_values", "has more than 4000000 values, the most that is read"),
        (
            "{\"status\":\"Success\",\n\"status\":\"Failed\"}".into(),
            "duplicate_key",
            "has the same key twice in one object (line 2",
        ),
        ("{\"a\":[{\"hunter2\":1,\"\\u0068unter2\":2}]}".into(), "duplicate_key", "has the same key twice"),
    ] {
        let failure = failure(body.as_bytes());
        assert_eq!((failure.kind, &*failure.code), (FailureKind::Unknown, code), "{}", failure.message);
        assert!(failure.message.contains(says) && !failure.message.contains("hunter2"), "{}", failure.message);
        assert!(failure.hint.is_some());
    }
}

#[test]
fn what_is_no_json_says_where() {
    for (body, says) in [
        (&b"{\"a\":NaN}"[..], "expected value at line 1 column 6"),
        (b"{\"a\":1e999}", "number out of range"),
        (b"{\"a\":\"\xff\"}", "invalid unicode code point"),
        (b"{\"a\":\"\\ud800\"}", "end of hex escape"),
        (b"{\"a\":\"\\ud800\\ud800\"}", "hex escape"),
        (b"{\"a\":\"hunter2\"", "EOF while parsing an object at line 1 column 14"),
        (b"{\"a\":1}{\"a\":2}", "trailing characters at line 1 column 8"),
        (b"{\"a\":\"\x1b\"}", "control character"),
        (b"{hunter2:1}", "key must be a string"),
    ] {
        let failure = failure(body);
        assert_eq!(failure.code, "not_json");
        let message = failure.message;
        assert!(message.contains("JSON that is cut off or of another form") && message.contains(says), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
    for body in [&b"[]"[..], b"", b"null", b"<html>", b"[true,\"200\",\"ok\",[]]", b"\xff\xfe{\0}\0"] {
        assert_eq!(failure(body).code, "not_json", "{body:?}");
    }
}

#[test]
fn what_is_within_the_limits_passes() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(MAX_TEXT_BYTES));
    for body in [&*nested(MAX_DEPTH), &long, " {} \n", "\u{feff}{\"a\":[1.5,-1,1e3,null,true]}"] {
        let response = Response::builder().body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        let bare = json_object(Class::Read, &response, "JSON").unwrap();
        assert!(bare.starts_with(b"{") && bare.ends_with(b"}"));
    }
}

proptest! {
    #[test]
    fn whatever_passes_can_be_decoded(body in "[{}\\[\\]\":,a1 ]{0,40}|\\PC*") {
        let response = Response::builder().body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        if let Ok(body) = json_object(Class::Read, &response, "JSON") {
            prop_assert!(serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body).is_ok());
        }
    }
}

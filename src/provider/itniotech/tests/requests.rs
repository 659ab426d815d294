//! What goes out, compared with the vendor's documentation.

use super::*;
use crate::http::Surroundings;

#[test]
fn the_signature_of_the_vendors_sample() {
    let signer = Signer { api_key: "bDqJFiq9".into(), api_secret: Secret::new("7bz1lzh9") };
    assert_eq!(signer.sign(1_630_468_800).expose(), "05d7a50893e22a5c4bb3216ae3396c7c");
}

#[test]
fn the_documented_request_and_its_answer() {
    let signer = Signer { api_key: "bDqJFiq9".into(), api_secret: Secret::new("7bz1lzh9") };
    let values = [Value::text("sip"), Value::Integer(30), Value::text("861000000")];
    let object = NewObject { kind: &PHONE_GROUP, key: "sipGroup", values: &values };
    let body = request::add_phones(known(&PHONE_GROUP), &object, "4luaKsL2");
    let root = request::root("https://api.itniotech.com", "");
    let request = request::signed(&root, request::PHONE_ADD, body, &signer, 1_630_468_800).unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri().to_string(), "https://api.itniotech.com/voice/sipAdd");
    assert_eq!(request.headers()["Content-Type"], "application/json;charset=UTF-8");
    assert_eq!(request.headers()["Sign"], "05d7a50893e22a5c4bb3216ae3396c7c");
    assert_eq!(request.headers()["Timestamp"], "1630468800");
    assert_eq!(request.headers()["Api-Key"], "bDqJFiq9");
    assert_eq!(request.headers().len(), 4);
    assert!(request.headers()["Sign"].is_sensitive());
    let documented: Json = serde_json::from_str(include_str!("samples/sip-add-request.json")).unwrap();
    assert_eq!(fake::body(&request), documented);
    let answer = fake::reply(200, "application/json", include_str!("samples/sip-add-answer.json")).unwrap();
    response::envelope(Class::Create, &answer, &[]).unwrap();
    assert!(response::data::<Json>(&answer).unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn v3_stands_in_a_path_once() {
    for (url, prefix, phones, trunks) in [
        ("https://a.example", "", "/voice/sipQuery", "/v3/cc/sipTrunk/query"),
        ("https://a.example", "/v3", "/v3/voice/sipQuery", "/v3/cc/sipTrunk/query"),
        ("https://a.example", "v3/", "/v3/voice/sipQuery", "/v3/cc/sipTrunk/query"),
        ("https://a.example/v3", "", "/v3/voice/sipQuery", "/v3/cc/sipTrunk/query"),
        ("https://a.example/v3/", "/v3", "/v3/voice/sipQuery", "/v3/cc/sipTrunk/query"),
        ("https://a.example/gate", "/v3", "/gate/v3/voice/sipQuery", "/gate/v3/cc/sipTrunk/query"),
        ("https://a.example/gate", "", "/gate/voice/sipQuery", "/gate/v3/cc/sipTrunk/query"),
    ] {
        let fake = Fake::new(|_, request| page_of(&[], request));
        let session = session_at(&fake, url, prefix);
        session.snapshot(&[&PHONE_GROUP]).await.unwrap();
        session.snapshot(&[&CALL_CENTER_TRUNK]).await.unwrap();
        assert_eq!(fake.paths(), [phones, trunks], "{url} {prefix}");
    }
}

#[test]
fn a_key_that_is_no_header_is_told() {
    let signer = Signer { api_key: "a\nb".into(), api_secret: Secret::new("x") };
    let failure = request::signed("http://x", "/y", Bytes::new(), &signer, 0).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_is_signed_anew() {
    let fake = platform(|count, _| (count < 2).then(|| refuse("-15", "later")));
    session(&fake).snapshot(&[&NUMBER]).await.unwrap();
    let asked = fake.asked();
    assert_eq!(asked.len(), 3);
    let signer = Signer { api_key: "bDqJFiq9".into(), api_secret: Secret::new(SECRET) };
    for request in asked {
        let timestamp: u64 = request.headers()["timestamp"].to_str().unwrap().parse().unwrap();
        assert!(Surroundings::system().unix_time() - timestamp < 60);
        assert_eq!(request.headers()["sign"], signer.sign(timestamp).expose());
    }
}

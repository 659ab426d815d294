//! What goes out, compared with the vendor's documentation.

use std::collections::HashSet;

use super::*;
use crate::http::Surroundings;

fn signer(app_key: &str, secret: &str) -> Signer {
    Signer { app_key: app_key.into(), secret: Secret::new(secret) }
}

fn json_of(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn the_signature_of_the_vendors_inputs() {
    let stamp = Stamp { timestamp: 1_608_119_594, nonce: 123_221 };
    let sign = signer("2000103", "HWHp9xFVlbboxIU2S6DHA7sf9sGzt3").sign(stamp).unwrap();
    assert_eq!(sign.expose(), "ybCwXrg9CMo39xv1kdfVLemqFmk+2Elz+vXYu1CyHlo=");
}

#[test]
fn the_documented_requests() {
    let wanted = [Value::secret("123456"), Value::Bool(false), values(Value::Unset).remove(2), Value::text("")];
    let object = NewObject { kind: &SIP_NUMBER, key: "2004", values: &wanted };
    let live = live("5fc9d54105fd0161a498c505", "2002", "");
    let mut updated = wanted.to_vec();
    updated[1] = Value::Bool(true);
    updated[3] = Value::text("5fe47b9df94f8c728ac1bbde");
    let update = Update { kind: &SIP_NUMBER, live: &live, key: "2002", values: &updated, changed: changed(&["agent"]) };
    let id = SipId::parse(&live.remote_id).unwrap();
    let stamp = Stamp { timestamp: 1_616_408_549, nonce: 25_513 };
    for (path, body, documented) in [
        ("/openapi/v1/call/sip/list", request::list_one("2000"), include_str!("samples/list-request.json")),
        ("/openapi/v1/call/sip/create", request::create(known(), &object), include_str!("samples/create-request.json")),
        (
            "/openapi/v1/call/sip/update",
            request::update(known(), &id, &update, true),
            include_str!("samples/update-request.json"),
        ),
        (
            "/openapi/v1/call/sip/delete",
            request::delete(&SipId::parse("60585ef758b4e753b049830c").unwrap()),
            include_str!("samples/delete-request.json"),
        ),
    ] {
        let sign = signer("2000113", "x").sign(stamp).unwrap();
        let request = request::signed("http://v7openapi.7moor.com", path, body, "2000113", &sign, stamp).unwrap();
        assert_eq!(request.method(), "POST");
        assert_eq!(request.uri().to_string(), format!("http://v7openapi.7moor.com{path}"));
        assert_eq!(request.headers()["content-type"], "application/json");
        assert_eq!(request.headers()["m7-appkey"], "2000113");
        assert_eq!(request.headers()["m7-nonce"], "025513");
        assert_eq!(request.headers()["m7-timestamp"], "1616408549");
        assert!(request.headers()["m7-sign"].is_sensitive());
        assert_eq!(json_of(request.body()), json_of(documented.as_bytes()), "{path}");
    }
    assert_eq!(
        [request::LIST, request::CREATE, request::UPDATE, request::DELETE],
        ["list", "create", "update", "delete"].map(|call| format!("/openapi/v1/call/sip/{call}"))
    );
}

#[test]
fn a_new_number_has_no_agent_whatever_is_wanted() {
    for agent in [Value::Unset, Value::text(""), Value::text("agent")] {
        let object = NewObject { kind: &SIP_NUMBER, key: "2004", values: &values(agent) };
        assert_eq!(json_of(&request::create(known(), &object))["agentId"], "");
    }
}

#[test]
fn an_update_leaves_out_what_nobody_knows() {
    let live = live("id1", "2000", "agent");
    let hidden = [Value::NotReadable, Value::Bool(true), Value::Unset, Value::text("agent")];
    let update = Update { kind: &SIP_NUMBER, live: &live, key: "2001", values: &hidden, changed: changed(&["nat"]) };
    let id = SipId::parse("id1").unwrap();
    let body = json_of(&request::update(known(), &id, &update, false));
    assert_eq!(body, json!({"sipId": "id1", "number": "2001", "isNAT": true}));
}

#[test]
fn a_thousand_nonces_are_a_thousand() {
    let nonces: HashSet<_> = (0..1000).map(|_| Stamp::fresh(&Surroundings::system()).nonce_text()).collect();
    assert_eq!(nonces.len(), 1000);
    assert!(nonces.iter().all(|nonce| nonce.len() == 6 && nonce.bytes().all(|byte| byte.is_ascii_digit())));
    let stamp = Stamp { timestamp: 0, nonce: 7 };
    assert_eq!(stamp.nonce_text(), "000007");
}

#[test]
fn a_key_that_is_no_header_is_told() {
    let stamp = Stamp { timestamp: 0, nonce: 0 };
    let failure = request::signed("http://x", "/y", Bytes::new(), "a\nb", &Secret::new("x"), stamp).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
}

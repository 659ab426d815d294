//! One row a fact of the documents.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::atomic::Ordering;

use http::Method;
use serde_json::{Value, json};

use super::signature;
use crate::sandbox::tests::{Centre, NOW, request, send, sign};

const LIST: &str = "/openapi/v1/call/sip/list";

fn create(number: &str) -> Value {
    json!({ "number": number, "password": "123456", "isNAT": false, "codingFormat": ["G711A"], "agentId": "" })
}

fn update(sip_id: &str, number: &str) -> Value {
    json!({ "sipId": sip_id, "number": number, "password": "654321", "isNAT": true, "codingFormat": ["G729", "G711A"] })
}

fn with(mut base: Value, name: &str, value: Value) -> Value {
    match value {
        Value::Null => drop(base.as_object_mut().unwrap().remove(name)),
        value => base[name] = value,
    }
    base
}

const BOUND: &str = "5fc9d54105fd0161a498c503";
const UNBOUND: &str = "5fc9d54105fd0161a498c504";
const UNREGISTERED: &str = "5fc9d54105fd0161a498c505";
const DELETED: &str = "5fc9d54105fd0161a498c499";
const AGENT: &str = "5feb148e19a5207b5020e728";
const OTHER_AGENT: &str = "5fe47b9df94f8c728ac1bbde";

#[test]
fn the_signature_equals_the_documented_vector() {
    let signed = signature("2000103", "HWHp9xFVlbboxIU2S6DHA7sf9sGzt3", "1608119594", "123221");
    assert_eq!(signed.as_deref(), Some("ybCwXrg9CMo39xv1kdfVLemqFmk+2Elz+vXYu1CyHlo="));
}

#[tokio::test]
async fn a_request_has_to_look_as_documented() {
    let centre = Centre::new();
    let json_type = "application/json";
    for (method, path, content_type, body, expected) in [
        (Method::POST, LIST, json_type, "", "requestSuccess"),
        (Method::POST, LIST, json_type, "{}", "requestSuccess"),
        (Method::POST, LIST, "application/json; charset=utf-8", "{}", "requestSuccess"),
        (Method::POST, "/openapi/v1/call/query/number", json_type, "", "requestSuccess"),
        (Method::GET, LIST, json_type, "", "methodNotAllowed"),
        (Method::POST, LIST, "text/plain", "", "contentMustBeJson"),
        (Method::POST, LIST, "", "", "contentMustBeJson"),
        (Method::POST, LIST, json_type, "[1]", "contentMustBeJson"),
        (Method::POST, LIST, json_type, "{", "contentMustBeJson"),
        (Method::POST, "/openapi/v1/call/sip/create", json_type, "", "contentMustBeJson"),
        (Method::POST, "/openapi/v1/call/sip/erase", json_type, "{}", "noSuchInterface"),
        (Method::POST, "/openapi/v2/call/sip/list", json_type, "{}", "noSuchInterface"),
    ] {
        let mut headers = centre.signed();
        headers[0].1 = content_type.into();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = request(method.clone(), path, &headers, body);
        let (status, text) = send(centre.appliance.router(), request).await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(status, 200);
        assert_eq!(answer["message"], expected, "{method} {path} {content_type} {body}");
        assert_eq!(answer["success"] == true, answer["code"] == "200");
    }
}

#[tokio::test]
async fn only_fresh_signatures_of_a_right_clock_come_in() {
    let now = NOW.to_string();
    let early = (NOW - 301).to_string();
    let just = (NOW - 300).to_string();
    let late = (NOW + 301).to_string();
    let swap = |name: &str, value: &str| {
        let mut headers = sign(&now, "000001");
        headers.iter_mut().filter(|(have, _)| *have == name).for_each(|(_, have)| *have = value.into());
        headers
    };
    for (headers, expected) in [
        (sign(&now, "000001"), "requestSuccess"),
        (sign(&just, "000001"), "requestSuccess"),
        (sign(&early, "000001"), "timestampInvalid"),
        (sign(&late, "000001"), "timestampInvalid"),
        (sign("180000000", "000001"), "timestampInvalid"),
        (sign(&format!("{now}000"), "000001"), "timestampInvalid"),
        (sign("+180000000", "000001"), "timestampInvalid"),
        (sign(&now, "1"), "nonceInvalid"),
        (sign(&now, "1234567"), "nonceInvalid"),
        (sign(&now, "abcdef"), "nonceInvalid"),
        (swap("m7-appkey", "2000114"), "appKeyUnknown"),
        (swap("m7-sign", ""), "signatureInvalid"),
        (swap("m7-sign", "lmwwrahWCRO0x+3DhlMMVgB2V5ytUXp5GxbLTW9wOig="), "signatureInvalid"),
        (swap("m7-nonce", "000002"), "signatureInvalid"),
        (swap("m7-timestamp", &just), "signatureInvalid"),
    ] {
        let centre = Centre::new();
        let (_, text) = centre.raw(LIST, &headers, "").await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["message"], expected, "{headers:?}");
    }
}

#[tokio::test]
async fn a_signature_works_once_in_five_minutes() {
    let centre = Centre::new();
    let message = async |headers: &[(&'static str, String)]| {
        let (_, text) = centre.raw(LIST, headers, "").await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["message"].as_str().unwrap().to_owned()
    };
    let first = sign(&(NOW + 299).to_string(), "000007");
    assert_eq!(message(&first).await, "requestSuccess");
    assert_eq!(message(&first).await, "nonceReused");
    // The same nonce in another second has another signature.
    assert_eq!(message(&sign(&NOW.to_string(), "000007")).await, "requestSuccess");
    centre.clock.store(NOW + 300, Ordering::Relaxed);
    assert_eq!(message(&first).await, "nonceReused");
    centre.clock.store(NOW + 301, Ordering::Relaxed);
    assert_eq!(message(&first).await, "requestSuccess");
}

#[tokio::test]
async fn the_answer_repeats_the_request_with_its_secrets() {
    let centre = Centre::new();
    let answer = centre.call("sip/create", &create("2004")).await;
    let info = &answer["requestInfo"];
    assert_eq!(info["body"], create("2004"));
    assert_eq!(info["url"], "/openapi/v1/call/sip/create");
    assert_eq!(info["headers"]["m7-appkey"], "2000113");
    assert_eq!(info["headers"]["accountId"], "2000113");
    assert!(info["headers"]["m7-sign"].as_str().is_some_and(|sign| sign.len() == 44));
    let refused = centre.call("sip/create", &with(create("2004"), "isNAT", json!("no"))).await;
    assert_eq!(refused["requestInfo"]["body"]["password"], "123456");
}

#[tokio::test]
async fn the_list_shows_neither_password_nor_nat_nor_codecs_nor_what_is_deleted() {
    let centre = Centre::new();
    let answer = centre.call("sip/list", &json!({})).await;
    let rows = answer["data"].as_array().unwrap();
    let numbers: Vec<_> = rows.iter().map(|row| row["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["2000", "2001", "2002", "2003"]);
    assert_eq!(rows[0]["agent"], json!({ "agentId": AGENT, "agentName": "凯哥测试", "agentNumber": "8734" }));
    let statuses: Vec<_> = rows.iter().map(|row| &row["registerStatus"]).collect();
    assert_eq!(statuses, [&json!("1"), &json!(1), &json!("0"), &json!(1)]);
    for row in rows {
        for hidden in ["password", "isNAT", "codingFormat"] {
            assert_eq!(row.get(hidden), None);
        }
    }
}

#[tokio::test]
async fn the_list_can_be_narrowed() {
    let centre = Centre::new();
    for (body, expected) in [
        (json!({ "number": "2001" }), Some(1)),
        (json!({ "number": "1999" }), Some(0)),
        (json!({ "registerStatuses": [0, 1] }), Some(4)),
        (json!({ "registerStatuses": [1] }), Some(3)),
        (json!({ "registerStatuses": ["0"] }), Some(1)),
        (json!({ "registerStatuses": [] }), Some(4)),
        (json!({ "number": "2002", "registerStatuses": [1] }), Some(0)),
        (json!({ "number": 2001 }), None),
        (json!({ "registerStatuses": [2] }), None),
        (json!({ "registerStatuses": "1" }), None),
    ] {
        let answer = centre.call("sip/list", &body).await;
        assert_eq!(answer["data"].as_array().map(Vec::len), expected, "{body}");
    }
}

#[tokio::test]
async fn the_query_shows_everything_in_its_own_spelling() {
    let centre = Centre::new();
    let answer = centre.call("query/number", &json!({})).await;
    let data = &answer["data"];
    let record = data["sipNumberList"].as_array().unwrap().last().unwrap();
    for (name, expected) in [
        ("_id", json!("5fc9d54105fd0161a498c506")),
        ("number", json!("2003")),
        ("password", json!("Dial-2003")),
        ("isNAT", json!("true")),
        ("codingFormat", json!(["G711A", "G729"])),
        ("uid", json!("")),
        ("status", json!(0)),
        ("isDel", json!(0)),
        ("registerStatus", json!("1")),
    ] {
        assert_eq!(record[name], expected, "{name}");
    }
    assert_eq!(data["sipNumberList"][0]["isDel"], 1);
    assert_eq!(data["displayNumberList"].as_array().unwrap().len(), 2);
    assert_eq!(data["serviceNumberList"].as_array().unwrap().len(), 1);
    centre.appliance.with_state(|state| state["hiddenFields"] = json!(["password"])).unwrap();
    let answer = centre.call("query/number", &json!({})).await;
    assert_eq!(answer["data"]["sipNumberList"][1].get("password"), None);
}

#[tokio::test]
async fn a_number_is_made_unregistered_and_unbound() {
    let centre = Centre::new();
    let answer = centre.call("sip/create", &create("2004")).await;
    let sip_id = answer["data"]["sipId"].as_str().unwrap();
    assert_eq!(sip_id.len(), 24);
    let listed = centre.call("sip/list", &json!({ "number": "2004", "registerStatuses": [0] })).await;
    assert_eq!(listed["data"][0]["sipId"], sip_id);
    let bind = with(update(sip_id, "2004"), "agentId", json!(OTHER_AGENT));
    assert_eq!(centre.outcome("sip/update", &bind).await, "sipNotRegistered");
}

#[tokio::test]
async fn a_create_needs_its_fields() {
    for (name, value, expected) in [
        ("number", json!(null), "parameterInvalid:number"),
        ("number", json!(2004), "parameterInvalid:number"),
        ("number", json!("20a"), "parameterInvalid:number"),
        ("password", json!(""), "parameterInvalid:password"),
        ("isNAT", json!("false"), "parameterInvalid:isNAT"),
        ("isNAT", json!(null), "parameterInvalid:isNAT"),
        ("codingFormat", json!([]), "parameterInvalid:codingFormat"),
        ("codingFormat", json!("G711A"), "parameterInvalid:codingFormat"),
        ("codingFormat", json!(["g711a"]), "parameterInvalid:codingFormat"),
        ("codingFormat", json!(["VP8", "ILBC", "GSM", "G711U"]), "ok"),
        ("agentId", json!(null), "ok"),
        ("agentId", json!(7), "parameterInvalid:agentId"),
        ("agentId", json!(OTHER_AGENT), "sipNotRegistered"),
        ("number", json!("2000"), "ok"),
    ] {
        let centre = Centre::new();
        let body = with(create("2004"), name, value);
        let before = centre.appliance.state();
        assert_eq!(centre.outcome("sip/create", &body).await, expected, "{body}");
        assert_eq!(centre.appliance.state() == before, expected != "ok", "{body}");
    }
    let centre = Centre::new();
    centre.appliance.with_state(|state| state["uniqueNumbers"] = json!(true)).unwrap();
    assert_eq!(centre.outcome("sip/create", &create("2000")).await, "sipNumberExist");
    assert_eq!(centre.outcome("sip/create", &create("1999")).await, "ok");
}

#[tokio::test]
async fn an_agent_is_bound_only_to_a_number_that_is_registered_and_free() {
    for (sip_id, agent, expected, bound) in [
        (BOUND, None, "ok", AGENT),
        (BOUND, Some(""), "ok", ""),
        (BOUND, Some(AGENT), "sipAlreadyBound", AGENT),
        (BOUND, Some(OTHER_AGENT), "sipAlreadyBound", AGENT),
        (UNBOUND, Some(OTHER_AGENT), "ok", OTHER_AGENT),
        (UNBOUND, Some(AGENT), "agentAlreadyBound", ""),
        (UNBOUND, Some(""), "ok", ""),
        (UNREGISTERED, Some(OTHER_AGENT), "sipNotRegistered", ""),
        (DELETED, Some(""), "sipNotExist", ""),
    ] {
        let centre = Centre::new();
        let mut body = update(sip_id, "2009");
        if let Some(agent) = agent {
            body["agentId"] = agent.into();
        }
        assert_eq!(centre.outcome("sip/update", &body).await, expected, "{body}");
        let state = centre.appliance.state();
        let numbers = state["numbers"].as_array().unwrap();
        let number = numbers.iter().find(|number| number["sipId"] == sip_id).unwrap();
        assert_eq!(number["agentId"], bound, "{body}");
        assert_eq!(number["password"] == "654321", expected == "ok", "{body}");
    }
}

#[tokio::test]
async fn an_agent_moves_by_being_unbound_first() {
    let centre = Centre::new();
    let unbind = with(update(BOUND, "2000"), "agentId", json!(""));
    let bind = with(update(UNBOUND, "2001"), "agentId", json!(AGENT));
    assert_eq!(centre.outcome("sip/update", &bind).await, "agentAlreadyBound");
    assert_eq!(centre.outcome("sip/update", &unbind).await, "ok");
    assert_eq!(centre.outcome("sip/update", &bind).await, "ok");
}

#[tokio::test]
async fn a_deleted_number_stays_in_the_query_marked() {
    let centre = Centre::new();
    for expected in ["ok", "sipNotExist"] {
        assert_eq!(centre.outcome("sip/delete", &json!({ "sipId": BOUND })).await, expected);
    }
    let listed = centre.call("sip/list", &json!({ "number": "2000" })).await;
    assert_eq!(listed["data"], json!([]));
    let queried = centre.call("query/number", &json!({})).await;
    let record = &queried["data"]["sipNumberList"][1];
    assert_eq!((&record["_id"], &record["isDel"], &record["uid"]), (&json!(BOUND), &json!(1), &json!("")));
    // Its agent is free again.
    let bind = with(update(UNBOUND, "2001"), "agentId", json!(AGENT));
    assert_eq!(centre.outcome("sip/update", &bind).await, "ok");
    assert_eq!(centre.outcome("sip/delete", &json!({})).await, "parameterInvalid:sipId");
}

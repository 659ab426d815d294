//! What is the same for every call: its looks, the signature, paths, pages.

use http::Method;
use serde_json::{Value, json};

use super::{loose, records, with};
use crate::sandbox::tests::{NOW, Platform, api_key_headers, request, send, settings, status_of};

const GROUPS: &str = "/v3/cc/seatGroup/query";
const PHONES: &str = "/voice/sipQuery";

fn page(current: u64, size: u64) -> Value {
    json!({ "current": current, "size": size, "params": { "appId": "4luaKsL2" } })
}

#[test]
fn the_signature_equals_the_documented_sample() {
    let signed = super::super::signature("bDqJFiq9", "7bz1lzh9", "1630468800");
    assert_eq!(signed, "05d7a50893e22a5c4bb3216ae3396c7c");
}

#[tokio::test]
async fn a_request_has_to_look_as_documented() {
    let json_type = "application/json;charset=UTF-8";
    let body = page(1, 10).to_string();
    for (method, path, content_type, body, expected) in [
        (Method::POST, PHONES, json_type, body.as_str(), "0"),
        (Method::POST, GROUPS, "application/json; charset=utf-8", &body, "0"),
        (Method::GET, PHONES, json_type, &body, "-22"),
        (Method::POST, PHONES, "application/json", &body, "-22"),
        (Method::POST, PHONES, "text/plain", &body, "-22"),
        (Method::POST, PHONES, json_type, "", "-22"),
        (Method::POST, PHONES, json_type, "[]", "-22"),
        (Method::POST, PHONES, json_type, "{", "-22"),
        (Method::POST, PHONES, json_type, "<xml/>", "-22"),
        (Method::POST, "/voice/sipErase", json_type, &body, "-24"),
        (Method::POST, "/v3/voice/sipQuery", json_type, &body, "-24"),
        (Method::POST, "/cc/seatGroup/query", json_type, &body, "-24"),
        (Method::POST, "/v3/v3/cc/seatGroup/query", json_type, &body, "-24"),
    ] {
        let platform = Platform::new();
        let mut headers = api_key_headers(NOW);
        headers[0].1 = content_type.into();
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let request = request(method.clone(), path, &headers, body);
        let (status, text) = send(platform.appliance.router(), request).await.unwrap();
        assert_eq!(status, 200);
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(status_of(&answer), expected, "{method} {path} {content_type} {body}");
    }
}

#[tokio::test]
async fn a_white_label_has_every_path_under_its_prefix() {
    for prefix in ["/v3", "v3", "/v3/"] {
        let platform = Platform::with(&settings("itniotech").with("path_prefix", prefix));
        for (path, expected) in
            [("/v3/voice/sipQuery", "0"), (GROUPS, "0"), (PHONES, "-24"), ("/v3/number/queryPage", "0")]
        {
            assert_eq!(platform.outcome(path, &page(1, 10)).await, expected, "{path}");
        }
    }
    let wrong = settings("itniotech").with("path_prefix", "/v4");
    let error = crate::sandbox::Sandbox::new(None).open("voice", "itniotech", &wrong).unwrap_err();
    assert!(error.to_string().ends_with("expected /v3 or nothing"), "{error}");
}

#[tokio::test]
async fn only_signed_calls_of_a_right_clock_come_in() {
    let swap = |name: &str, value: &str| {
        let mut headers = api_key_headers(NOW);
        headers.iter_mut().filter(|(have, _)| *have == name).for_each(|(_, have)| *have = value.into());
        headers
    };
    let signed_as = |timestamp: &str| {
        let mut headers = swap("timestamp", timestamp);
        headers[2].1 = super::super::signature("bDqJFiq9", "sandbox-secret", timestamp);
        headers
    };
    let upper = api_key_headers(NOW)[2].1.to_uppercase();
    for (headers, expected) in [
        (api_key_headers(NOW), "0"),
        (api_key_headers(NOW - 1800), "0"),
        (api_key_headers(NOW + 1800), "0"),
        (api_key_headers(NOW - 1801), "-16"),
        (api_key_headers(NOW + 1801), "-16"),
        (signed_as(&format!("{NOW}000")), "-16"),
        (signed_as("now"), "-16"),
        (signed_as(""), "-16"),
        (swap("timestamp", &(NOW - 1).to_string()), "-1"),
        (swap("api-key", "other"), "-1"),
        (swap("sign", ""), "-1"),
        (swap("sign", &upper), "-1"),
        (vec![("content-type", "application/json;charset=UTF-8".to_owned())], "-1"),
    ] {
        let platform = Platform::new();
        let (_, text) = platform.raw(PHONES, &headers, &page(1, 10).to_string()).await.unwrap();
        assert_eq!(status_of(&serde_json::from_str(&text).unwrap()), expected, "{headers:?}");
    }
}

#[tokio::test]
async fn envelopes_are_spelled_in_every_documented_way() {
    let platform = Platform::new();
    let bad = json!({});
    for (path, body, status, reason) in [
        (PHONES, &page(1, 1), json!("0"), "success"),
        (GROUPS, &page(1, 1), json!(0), "success"),
        ("/number/queryPage", &page(1, 1), json!("0"), " success"),
        (PHONES, &bad, json!(-22), " parameter error: current"),
        (GROUPS, &bad, json!("-22"), " parameter error: current"),
    ] {
        let answer = platform.call(path, body).await;
        assert_eq!((&answer["status"], &answer["reason"]), (&status, &json!(reason)), "{path}");
        assert!(answer.get("data").is_some());
    }
}

#[tokio::test]
async fn every_listing_is_read_in_pages() {
    for (path, total) in [(PHONES, 3), (GROUPS, 2), ("/v3/cc/sipTrunk/query", 2), ("/number/queryPage", 2)] {
        for (change, expected) in [
            (json!({}), "0"),
            (json!({ "size": 100 }), "0"),
            (json!({ "current": 9 }), "0"),
            (json!({ "current": u64::MAX }), "0"),
            (json!({ "current": 0 }), "-22"),
            (json!({ "current": null }), "-22"),
            (json!({ "current": "1" }), "-22"),
            (json!({ "size": 0 }), "-22"),
            (json!({ "size": 101 }), "-22"),
            (json!({ "size": null }), "-22"),
            (json!({ "size": 1.5 }), "-22"),
            (json!({ "params": [] }), "-22"),
        ] {
            let platform = Platform::new();
            assert_eq!(platform.outcome(path, &with(page(1, 10), &change)).await, expected, "{path} {change}");
        }
        let platform = Platform::new();
        let (mut seen, mut totals) = (0, Vec::new());
        for current in 1..=total {
            let answer = platform.call(path, &page(current, 1)).await;
            let data = &answer["data"];
            assert_eq!((&data["current"], &data["size"], &data["pages"]), (&json!(current), &json!(1), &json!(total)));
            totals.push(loose(&data["total"]));
            seen += data["records"].as_array().unwrap().len();
        }
        assert_eq!(seen as u64, total, "{path}");
        assert!(totals.iter().all(|one| *one == total.to_string()), "{path}");
        assert!(records(&platform, path, &page(total + 1, 1)).await.is_empty());
        assert_eq!(records(&platform, path, &page(1, 2)).await.len(), 2);
    }
}

#[tokio::test]
async fn an_application_has_to_be_named_where_the_call_is_about_one() {
    let own = settings("itniotech").with("app_id", "mine");
    for (params, phones, numbers) in [
        (json!({ "appId": "4luaKsL2" }), "3", 2),
        (json!({ "appId": "mine" }), "0", 0),
        (json!({ "appId": "other" }), "-24", 0),
        (json!({ "appId": "" }), "-22", 2),
        (json!({}), "-22", 2),
        (json!(null), "-22", 2),
    ] {
        let platform = Platform::with(&own);
        let body = json!({ "current": 1, "size": 10, "params": params });
        let answer = platform.call(PHONES, &body).await;
        let found = answer["data"].get("total").map_or_else(|| status_of(&answer), loose);
        assert_eq!(found, phones, "{params}");
        assert_eq!(records(&platform, "/number/queryPage", &body).await.len(), numbers, "{params}");
    }
}

#[tokio::test]
async fn members_can_be_hidden_and_unknown_parameters_are_remarked() {
    let platform = Platform::new();
    platform.appliance.with_state(|state| state["hiddenFields"] = json!(["password", "sipPassword"])).unwrap();
    for (path, hidden) in [(PHONES, "password"), ("/v3/cc/sipTrunk/query", "sipPassword")] {
        let record = &records(&platform, path, &with(page(1, 1), &json!({ "sort": "up" }))).await[0];
        assert!(!record.contains_key(hidden) && record.len() > 3);
    }
    assert_eq!(platform.appliance.violations().undocumented, ["voice/sipQuery: sort", "cc/sipTrunk/query: sort"]);
}

//! Phones, a group at a time.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{records, with};
use crate::sandbox::tests::{Platform, settings};

const ADD: &str = "/voice/sipAdd";
const RESET: &str = "/voice/sipReset";

/// The documents' own example.
fn group() -> Value {
    json!({ "groupName": "sipGroup", "phoneName": "sip", "quantity": 30, "displayNum": "861000000", "appId": "4luaKsL2" })
}

async fn phones(platform: &Platform) -> Vec<serde_json::Map<String, Value>> {
    let body = json!({ "current": 1, "size": 100, "params": { "appId": "4luaKsL2" } });
    records(platform, "/voice/sipQuery", &body).await
}

#[tokio::test]
async fn the_documented_example_makes_thirty_phones() {
    let platform = Platform::new();
    let answer = platform.call(ADD, &group()).await;
    assert_eq!(answer, json!({ "status": "0", "reason": "success", "data": null }));
    let made: Vec<_> = phones(&platform).await.into_iter().filter(|phone| phone["groupName"] == "sipGroup").collect();
    assert_eq!(made.len(), 30);
    assert_eq!((&made[0]["phoneName"], &made[29]["phoneName"]), (&json!("sip-1"), &json!("sip-30")));
    assert!(made.iter().all(|phone| phone["displayNum"] == "861000000"));
    for name in ["account", "password"] {
        let values: BTreeSet<_> = made.iter().map(|phone| phone[name].as_str().unwrap()).collect();
        assert_eq!(values.len(), 30, "{name}");
    }
    // What it makes up is the same every time.
    let again = Platform::new();
    again.call(ADD, &group()).await;
    assert_eq!(platform.appliance.state(), again.appliance.state());
}

#[tokio::test]
async fn a_group_needs_its_parameters() {
    let long = "x".repeat(33);
    for (change, expected) in [
        (json!({ "groupName": null }), "-22"),
        (json!({ "groupName": "" }), "-22"),
        (json!({ "groupName": long }), "-22"),
        (json!({ "groupName": "x".repeat(32) }), "0"),
        (json!({ "groupName": "组" }), "0"),
        (json!({ "groupName": 7 }), "-22"),
        (json!({ "groupName": "lobby" }), "-20"),
        (json!({ "phoneName": null }), "-22"),
        (json!({ "phoneName": long }), "-22"),
        (json!({ "phoneName": "lobby" }), "-20"),
        (json!({ "phoneName": "lobby-1" }), "0"),
        (json!({ "phoneName": "lob" }), "0"),
        (json!({ "quantity": null }), "-22"),
        (json!({ "quantity": 0 }), "-22"),
        (json!({ "quantity": 1 }), "0"),
        (json!({ "quantity": 50 }), "0"),
        (json!({ "quantity": 51 }), "-22"),
        (json!({ "quantity": "30" }), "-22"),
        (json!({ "quantity": 1.5 }), "-22"),
        (json!({ "displayNum": null }), "-22"),
        (json!({ "displayNum": "123456" }), "-22"),
        (json!({ "displayNum": "1234567" }), "0"),
        (json!({ "displayNum": "1234567890123" }), "0"),
        (json!({ "displayNum": "12345678901234" }), "-22"),
        (json!({ "displayNum": "+861000000" }), "-22"),
        (json!({ "displayNum": 861_000_000 }), "-22"),
        (json!({ "appId": null }), "-22"),
        (json!({ "appId": "other" }), "-24"),
    ] {
        let platform = Platform::new();
        let before = platform.appliance.state();
        let body = with(group(), &change);
        assert_eq!(platform.outcome(ADD, &body).await, expected, "{body}");
        assert_eq!(platform.appliance.state() == before, expected != "0", "{body}");
    }
}

#[tokio::test]
async fn names_are_an_applications_own_and_there_may_be_a_limit() {
    let platform = Platform::with(&settings("itniotech").with("app_id", "mine"));
    assert_eq!(platform.outcome(ADD, &with(group(), &json!({ "appId": "mine", "groupName": "lobby" }))).await, "0");
    assert_eq!(platform.outcome(ADD, &group()).await, "0");
    assert_eq!(platform.outcome(ADD, &group()).await, "-20");
    platform.appliance.with_state(|state| state["maxPhones"] = json!(34)).unwrap();
    let other = with(group(), &json!({ "groupName": "more", "phoneName": "more" }));
    assert_eq!(platform.outcome(ADD, &with(other.clone(), &json!({ "quantity": 2 }))).await, "-23");
    assert_eq!(platform.outcome(ADD, &with(other, &json!({ "quantity": 1 }))).await, "0");
}

#[tokio::test]
async fn a_reset_makes_a_new_password() {
    for (account, app, expected) in [
        ("8400000002", "4luaKsL2", "0"),
        ("8400000009", "4luaKsL2", "-24"),
        ("8400000002", "other", "-24"),
        ("840", "4luaKsL2", "-22"),
        ("", "4luaKsL2", "-22"),
    ] {
        let platform = Platform::new();
        let before = phones(&platform).await;
        let answer = platform.call(RESET, &json!({ "account": account, "appId": app })).await;
        assert_eq!(crate::sandbox::tests::status_of(&answer), expected, "{account} {app}");
        let after = phones(&platform).await;
        assert_eq!(before[1] == after[1], expected != "0");
        assert_eq!((&before[0], &before[2]), (&after[0], &after[2]));
        if expected == "0" {
            assert_eq!(answer["data"], json!({ "account": account, "password": after[1]["password"] }));
        }
    }
}

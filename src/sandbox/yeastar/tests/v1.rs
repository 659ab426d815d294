//! v1.1.0: trunks by name, and updates that replace.

use serde_json::{Value, json};

use super::with;
use crate::sandbox::tests::{JSON, Pbx, login, request, send};

fn update() -> Value {
    json!({ "id": "12", "trunkname": "to-108-16-test", "trunktype": "register", "host": "172.16.108.16", "port": "5060",
        "domain": "172.16.108.16", "username": "6100", "authname": "6100", "password": "Rqzswb55" })
}

#[tokio::test]
async fn a_box_speaks_its_own_version_only() {
    let old = Pbx::old().await;
    for (pbx, version, endpoint, expected) in [
        (&Pbx::new().await, "v2.0.0", "trunk/list", None),
        (&Pbx::new().await, "v1.1.0", "trunklist/query", Some("10003")),
        (&Pbx::new().await, "v1.1.0", "login", Some("10003")),
        (&Pbx::new().await, "v2.0.0", "trunklist/query", Some("10003")),
        (&old, "v1.1.0", "trunklist/query", None),
        (&old, "v2.0.0", "trunk/list", Some("10003")),
        (&old, "v2.0.0", "login", Some("10003")),
        (&old, "v1.1.0", "trunk/list", Some("10003")),
    ] {
        let uri = format!("/api/{version}/{endpoint}?token={}", pbx.token);
        let request = request(http::Method::POST, &uri, JSON, "{}");
        let (_, text) = send(pbx.appliance.router(), request).await.unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(answer["errno"].as_str(), expected, "{uri}");
    }
}

#[tokio::test]
async fn a_login_gives_its_port_and_version() {
    let body = with(login(), &json!({ "version": "1.0.2" }));
    for (change, expected) in [
        (json!({}), "ok"),
        (json!({ "port": null }), "10004"),
        (json!({ "port": "x" }), "10004"),
        (json!({ "version": null }), "10004"),
        (json!({ "version": "2.0.0" }), "10004"),
        (json!({ "password": "x" }), "20003"),
    ] {
        let pbx = Pbx::old().await;
        assert_eq!(pbx.outcome("login", &with(body.clone(), &change)).await, expected, "{change}");
    }
}

#[tokio::test]
async fn a_session_is_as_in_the_newer_version() {
    let pbx = Pbx::old().await;
    assert_eq!(pbx.outcome("heartbeat", &json!({ "ipaddr": "192.0.2.9" })).await, "ok");
    assert_eq!(pbx.outcome("deviceinfo/query", &json!({})).await, "ok");
    assert_eq!(pbx.outcome("logout", &json!({})).await, "ok");
    assert_eq!(pbx.outcome("trunklist/query", &json!({})).await, "20004");
}

#[tokio::test]
async fn the_list_has_no_ids_and_the_trunks_have() {
    let pbx = Pbx::old().await;
    let list = pbx.call("trunklist/query", &json!({})).await;
    let rows = list["trunklist"].as_array().unwrap();
    assert_eq!(rows.len(), 7);
    assert_eq!(rows[3], json!({ "trunkname": "test", "type": "SIP", "status": "registered" }));
    for (name, expected) in [
        (json!("test"), Ok(1)),
        (json!("test,lab-1"), Ok(2)),
        (json!("all"), Ok(5)),
        (json!("All"), Ok(5)),
        (json!("nobody"), Err("10062")),
        (json!("test,nobody"), Err("10062")),
        (json!("pots-1"), Err("10062")),
        (json!("test,"), Err("10062")),
        (json!(""), Err("10004")),
        (json!(null), Err("10004")),
    ] {
        let answer = pbx.call("siptrunk/query", &json!({ "trunkname": name })).await;
        let found = answer["trunks"].as_array().map(Vec::len).ok_or_else(|| answer["errno"].as_str().unwrap());
        assert_eq!(found, expected, "{name}");
    }
    let read = pbx.call("siptrunk/query", &json!({ "trunkname": "test" })).await;
    assert_eq!((&read["trunks"][0]["id"], &read["trunks"][0]["domain"]), (&json!("15"), &json!("192.168.6.36")));
}

#[tokio::test]
async fn an_update_replaces_the_whole_trunk() {
    for (change, expected) in [
        (json!({}), "ok"),
        (json!({ "id": 12, "trunkname": "renamed" }), "ok"),
        (json!({ "extensionsdod": "5503301-yeastar-1000" }), "ok"),
        (json!({ "id": null }), "10004"),
        (json!({ "trunktype": null }), "10004"),
        (json!({ "trunkname": null }), "10004"),
        (json!({ "host": null }), "10004"),
        (json!({ "port": null }), "10004"),
        (json!({ "domain": null }), "10004"),
        (json!({ "username": null }), "10004"),
        (json!({ "authname": null }), "10004"),
        (json!({ "password": null }), "10004"),
        (json!({ "trunktype": "peer" }), "10044"),
        (json!({ "id": "99" }), "10062"),
        (json!({ "id": "all" }), "10062"),
        (json!({ "trunkname": "test" }), "10043"),
    ] {
        let pbx = Pbx::old().await;
        let before = pbx.appliance.state();
        let body = with(update(), &change);
        assert_eq!(pbx.outcome("siptrunk/update", &body).await, expected, "{body}");
        if expected != "ok" {
            assert_eq!(pbx.appliance.state(), before, "{body}");
            continue;
        }
        let read = pbx.call("siptrunk/query", &json!({ "trunkname": body["trunkname"] })).await;
        let trunk = &read["trunks"][0];
        let given = body.get("extensionsdod").map_or("", |_| "5503301-yeastar-1000,");
        assert_eq!((&trunk["extensionsdod"], &trunk["extensionsgroupdod"]), (&json!(given), &json!("")), "{body}");
        assert_eq!((&trunk["host"], &trunk["id"]), (&json!("172.16.108.16"), &json!("12")));
    }
}

#[tokio::test]
async fn settings_that_no_document_names_are_set_back_by_a_replacement() {
    for (pbx, expected) in [(Pbx::old().await, "udp"), (Pbx::new().await, "tls")] {
        pbx.appliance.with_state(|state| state["trunks"][0]["transport"] = json!("tls")).unwrap();
        let old = expected == "udp";
        let outcome = pbx.outcome(if old { "siptrunk/update" } else { "trunk/update_siptrunk" }, &update()).await;
        assert_eq!(outcome, "ok");
        let (endpoint, name) = if old { ("siptrunk/query", "trunkname") } else { ("trunk/query_siptrunk", "id") };
        let read = pbx.call(endpoint, &json!({ name: "all" })).await;
        assert_eq!(read["trunks"][0]["transport"], expected);
    }
}

#[tokio::test]
async fn a_trunk_is_made_and_removed_by_name() {
    let pbx = Pbx::old().await;
    let made = with(update(), &json!({ "id": null, "trunkname": "new" }));
    assert_eq!(pbx.call("siptrunk/add", &made).await, json!({ "status": "Success" }));
    assert_eq!(pbx.outcome("siptrunk/add", &made).await, "10043");
    assert_eq!(pbx.outcome("siptrunk/add", &with(made, &json!({ "trunkname": "b", "domain": null }))).await, "10004");
    for (name, left, dangerous) in [
        ("new", 5, 0),
        ("nobody", 5, 0),
        ("20", 5, 0),
        ("", 5, 0),
        ("test,nobody", 5, 1),
        ("test,lab-1", 3, 2),
        ("ALL", 0, 3),
    ] {
        pbx.call("siptrunk/delete", &json!({ "trunkname": name })).await;
        assert_eq!(pbx.names().len(), left, "{name}");
        assert_eq!(pbx.appliance.violations().dangerous_deletes, dangerous, "{name}");
    }
    assert!(pbx.appliance.violations().undocumented.is_empty());
}

#[tokio::test]
async fn a_box_may_hide_a_parameter() {
    let pbx = Pbx::old().await;
    pbx.appliance.with_state(|state| state["hidden_fields"] = json!(["password"])).unwrap();
    let read = pbx.call("siptrunk/query", &json!({ "trunkname": "to-108-16-test" })).await;
    assert_eq!(read["trunks"][0].get("password"), None);
    assert_eq!(read["trunks"][0]["authname"], "6100");
}

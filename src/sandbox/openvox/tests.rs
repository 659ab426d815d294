//! One row a fact of the documents.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use http::Method;
use serde_json::{Value, json};

use crate::sandbox::Sandbox;
use crate::sandbox::tests::{JSON, PASSWORD_MD5, Pbx, login, request, send, settings};

const XML: &[(&str, &str)] = &[("content-type", "application/xml")];

fn with(mut base: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(base.as_object_mut().unwrap().remove(name)),
            value => base[name] = value.clone(),
        }
    }
    base
}

/// The documents' own example.
fn register() -> Value {
    json!({ "trunkname": "to-108-16-test", "trunktype": "register", "host": "172.16.108.16", "port": "5060",
        "username": "6100", "authname": "6100", "password": "Rqzswb55" })
}

fn peer(name: &str) -> Value {
    json!({ "trunkname": name, "trunktype": "peer", "host": "192.0.2.1", "port": "5060" })
}

async fn raw(pbx: &Pbx, endpoint: &str, query: &str, headers: &[(&str, &str)], body: &str) -> String {
    let uri = format!("/api/v0.0.1/{endpoint}?token={}{query}", pbx.token);
    let (status, text) = send(pbx.appliance.router(), request(Method::POST, &uri, headers, body)).await.unwrap();
    assert_eq!(status, 200);
    text
}

async fn in_xml(pbx: &Pbx, endpoint: &str, body: &str) -> String {
    let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n<xml>{body}</xml>\n");
    raw(pbx, endpoint, "&type=xml", XML, &body).await
}

const XML_SUCCESS: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<xml><status>Success</status></xml>\n";

#[tokio::test]
async fn type_says_what_body_and_answer_are() {
    let pbx = Pbx::openvox().await;
    let json_body = r#"{"trunkname":"all"}"#;
    let xml_body = "<xml><trunkname>all</trunkname></xml>";
    let utf8: &[_] = &[("content-type", "application/xml; charset=utf-8")];
    let latin: &[_] = &[("content-type", "application/xml; charset=latin1")];
    let text_xml: &[_] = &[("content-type", "text/xml")];
    let bare: &[_] = &[("content-type", "application/json")];
    for (query, headers, body, is_xml, expected) in [
        ("&type=json", JSON, json_body, false, "Success"),
        ("&type=xml", XML, xml_body, true, "Success"),
        ("&type=xml", utf8, xml_body, true, "Success"),
        ("", JSON, json_body, false, "20000"),
        ("&type=", JSON, json_body, false, "20000"),
        ("&type=JSON", JSON, json_body, false, "20000"),
        ("&type=yaml", JSON, json_body, false, "20000"),
        ("&type=json", bare, json_body, false, "20000"),
        ("&type=json", XML, xml_body, false, "20000"),
        ("&type=json", JSON, xml_body, false, "20000"),
        ("&type=json", JSON, "[]", false, "20000"),
        ("&type=json", JSON, "", false, "20000"),
        ("&type=xml", JSON, xml_body, true, "20000"),
        ("&type=xml", text_xml, xml_body, true, "20000"),
        ("&type=xml", latin, xml_body, true, "20000"),
        ("&type=xml", XML, json_body, true, "20000"),
        ("&type=xml", XML, "<html></html>", true, "20000"),
        ("&type=xml", XML, "<xml><trunkname>all", true, "20000"),
        ("&type=xml", XML, "", true, "20000"),
    ] {
        let answer = raw(&pbx, "siptrunk/query", query, headers, body).await;
        assert_eq!(answer.starts_with("<?xml"), is_xml, "{query} {body}: {answer}");
        assert!(answer.contains(expected), "{query} {headers:?} {body}: {answer}");
    }
}

#[tokio::test]
async fn a_login_is_as_documented_in_both_formats() {
    for (change, expected) in [
        (json!({ "version": "0.0.1" }), "ok"),
        (json!({ "version": "0.0.1", "port": null }), "10004"),
        (json!({ "version": "1.0.2" }), "10004"),
        (json!({ "version": null }), "10004"),
        (json!({ "version": "0.0.1", "password": PASSWORD_MD5.to_uppercase() }), "20003"),
    ] {
        let pbx = Pbx::openvox().await;
        assert_eq!(pbx.outcome("login", &with(login(), &change)).await, expected, "{change}");
    }
    let pbx = Pbx::openvox().await;
    let body =
        format!("<username>api</username><password>{PASSWORD_MD5}</password><port>8260</port><version>0.0.1</version>");
    let answer = in_xml(&pbx, "login", &body).await;
    assert!(answer.contains("<status>Success</status><token>"), "{answer}");
    let answer = in_xml(&pbx, "login", &body.replace("api", "x")).await;
    assert!(answer.contains("<xml><errno>20003</errno><status>Failed</status></xml>"), "{answer}");
}

#[tokio::test]
async fn calls_that_are_not_documented_there_are_none() {
    let pbx = Pbx::openvox().await;
    assert_eq!(pbx.outcome("heartbeat", &json!({ "ipaddr": "192.0.2.9", "port": "8260" })).await, "ok");
    for endpoint in ["logout", "trunklist/query", "deviceinfo/query", "trunk/list", "x"] {
        assert_eq!(pbx.outcome(endpoint, &json!({})).await, "10003", "{endpoint}");
    }
    let settings = settings("openvox").with("api_version", "v1.1.0").with("format", "xml");
    let newer = Sandbox::new(None).open("hq", "openvox", &settings).unwrap();
    let body = login().to_string().replace("2.0.0", "0.0.1");
    for (version, expected) in [("v1.1.0", "Success"), ("v0.0.1", "10003")] {
        let uri = format!("/api/{version}/login?type=json");
        let (_, text) = send(newer.router(), request(Method::POST, &uri, JSON, &body)).await.unwrap();
        assert!(text.contains(expected), "{text}");
    }
    let wrong = Sandbox::new(None).open("hq", "openvox", &settings.with("format", "yaml")).unwrap_err();
    assert_eq!(wrong.to_string(), "a openvox box in the sandbox can't take this `format`: expected json or xml");
}

#[tokio::test]
async fn the_seed_reads_like_the_documented_sample() {
    let pbx = Pbx::openvox().await;
    let read = pbx.call("siptrunk/query", &json!({ "trunkname": "to-108-16" })).await;
    let sample = json!({ "id": "1", "trunkname": "to-108-16", "tech": "pjsip", "trunktype": "register",
        "host": "172.16.108.16", "port": "5060", "domain": "172.16.108.16", "username": "6100", "authname": "6100",
        "fromuser": "", "password": "Rqzswb55" });
    let record = read["trunks"][0].as_object().unwrap();
    for (name, value) in sample.as_object().unwrap() {
        assert_eq!(record[name], *value, "{name}");
    }
    assert_eq!(record.len(), sample.as_object().unwrap().len() + 2);
    let answer = in_xml(&pbx, "siptrunk/query", "<trunkname>to-108-16,branch</trunkname>").await;
    for part in [
        "<xml><status>Success</status><trunks><item id=\"0\">",
        "</item><item id=\"1\">",
        "<id>4</id>",
        "<tech>pjsip</tech>",
        "</item></trunks></xml>",
    ] {
        assert!(answer.contains(part), "{answer}");
    }
    pbx.call("siptrunk/delete", &json!({ "trunkname": "all" })).await;
    let answer = in_xml(&pbx, "siptrunk/query", "<trunkname>all</trunkname>").await;
    assert!(answer.contains("<xml><status>Success</status><trunks></trunks></xml>"), "{answer}");
}

#[tokio::test]
async fn a_trunk_is_made_only_with_what_its_type_needs() {
    let account =
        json!({ "trunkname": "new", "trunktype": "account", "username": "n", "authname": "n", "password": "p" });
    for (base, change, expected) in [
        (register(), json!({}), "ok"),
        (register(), json!({ "domain": "carrier.example" }), "ok"),
        (register(), json!({ "domain": "" }), "ok"),
        (register(), json!({ "fromuser": "6100" }), "ok"),
        (peer("new"), json!({}), "ok"),
        (account.clone(), json!({}), "ok"),
        (register(), json!({ "host": null }), "10004"),
        (register(), json!({ "port": "" }), "10004"),
        (register(), json!({ "username": null }), "10004"),
        (register(), json!({ "authname": null }), "10004"),
        (register(), json!({ "password": null }), "10004"),
        (peer("new"), json!({ "port": null }), "10004"),
        (account.clone(), json!({ "authname": null }), "10004"),
        (peer("to-108-16"), json!({}), "10043"),
        (peer("a,b"), json!({}), "10042"),
        (peer("ALL"), json!({}), "10042"),
        (peer("new"), json!({ "port": 5060 }), "10046"),
        (peer("new"), json!({ "domain": "a b" }), "10047"),
        (account, json!({ "username": "branch" }), "10049"),
    ] {
        let pbx = Pbx::openvox().await;
        let before = pbx.appliance.state();
        let body = with(base, &change);
        assert_eq!(pbx.outcome("siptrunk/add", &body).await, expected, "{body}");
        assert_eq!(pbx.appliance.state() == before, expected != "ok", "{body}");
    }
}

#[tokio::test]
async fn the_documented_example_is_made_in_xml_too() {
    let pbx = Pbx::openvox().await;
    let body = "\n\t<trunkname>to-108-16-test</trunkname>\n\t<trunktype>register</trunktype>\n\t<host>172.16.108.16</host>\n\t\
        <port>5060</port>\n\t<domain>172.16.108.16</domain>\n\t<username>6100</username>\n\t<authname>6100</authname>\n\t\
        <password>Rq&lt;&amp;&#62;55</password>\n";
    // The password's characters arrive as they are meant, and this box doesn't want them.
    assert!(in_xml(&pbx, "siptrunk/add", body).await.contains("10052"));
    let body = body.replace("Rq&lt;&amp;&#62;55", "Rqz&#115;wb55");
    assert_eq!(in_xml(&pbx, "siptrunk/add", &body).await, XML_SUCCESS);
    assert_eq!(pbx.appliance.state()["trunks"][3]["password"], "Rqzswb55");
    let recorded = pbx.appliance.requests().pop().unwrap();
    assert_eq!((recorded.endpoint.as_str(), &recorded.body["port"]), ("siptrunk/add", &json!("5060")));
}

#[tokio::test]
async fn a_domain_is_computed_unless_it_is_given() {
    for (change, expected) in [
        (json!({}), "172.16.108.16"),
        (json!({ "host": "192.0.2.7" }), "192.0.2.7"),
        (json!({ "domain": "carrier.example" }), "carrier.example"),
        (json!({ "domain": "" }), "172.16.108.16"),
    ] {
        let pbx = Pbx::openvox().await;
        let body = with(register(), &change);
        pbx.call("siptrunk/add", &body).await;
        let read = pbx.call("siptrunk/query", &json!({ "trunkname": "to-108-16-test" })).await;
        assert_eq!(read["trunks"][0]["domain"], expected, "{change}");
        let update = with(register(), &json!({ "id": "1", "trunkname": "to-108-16" }));
        assert_eq!(pbx.outcome("siptrunk/update", &with(update, &change)).await, "ok");
        assert_eq!(pbx.appliance.state()["trunks"][0]["domain"], expected, "{change}");
    }
}

#[tokio::test]
async fn an_update_replaces_the_whole_trunk() {
    let base = with(register(), &json!({ "id": "1", "trunkname": "to-108-16" }));
    for (change, expected) in [
        (json!({ "host": "192.0.2.2" }), "ok"),
        (json!({ "trunkname": "renamed", "id": 1 }), "ok"),
        (json!({ "id": null }), "10004"),
        (json!({ "host": null }), "10004"),
        (json!({ "password": null }), "10004"),
        (json!({ "trunktype": "peer" }), "10044"),
        (json!({ "id": "3" }), "10062"),
        (json!({ "trunkname": "branch" }), "10043"),
    ] {
        let pbx = Pbx::openvox().await;
        pbx.appliance.with_state(|state| state["trunks"][0]["fromuser"] = json!("6100")).unwrap();
        let body = with(base.clone(), &change);
        assert_eq!(pbx.outcome("siptrunk/update", &body).await, expected, "{body}");
        let read = pbx.call("siptrunk/query", &json!({ "trunkname": "all" })).await;
        let kept = if expected == "ok" { "" } else { "6100" };
        assert_eq!(read["trunks"][0]["fromuser"], kept, "{body}");
    }
    // What no document names is set back with the rest.
    let pbx = Pbx::openvox().await;
    let transport = async || {
        pbx.call("siptrunk/query", &json!({ "trunkname": "old-door" })).await["trunks"][0]["transport"].clone()
    };
    assert_eq!(transport().await, "tcp");
    assert_eq!(pbx.outcome("siptrunk/update", &with(peer("old-door"), &json!({ "id": "2" }))).await, "ok");
    assert_eq!(transport().await, "udp");
}

#[tokio::test]
async fn a_delete_does_what_it_is_told_and_the_dangerous_ones_are_counted() {
    for (name, left, dangerous) in
        [("old-door", 2, 0), ("old-door,branch", 1, 1), ("all", 0, 1), ("x", 3, 0), ("2", 3, 0)]
    {
        let pbx = Pbx::openvox().await;
        in_xml(&pbx, "siptrunk/delete", &format!("<trunkname>{name}</trunkname>")).await;
        assert_eq!(pbx.names().len(), left, "{name}");
        assert_eq!(pbx.appliance.violations().dangerous_deletes, dangerous, "{name}");
    }
}

#[tokio::test]
async fn an_extension_calls_another_in_both_formats() {
    let pbx = Pbx::openvox().await;
    pbx.appliance.with_state(|state| state["busy_extensions"] = json!(["105"])).unwrap();
    for (caller, callee, autoanswer, expected) in [
        ("101", "102", "no", "Success"),
        ("101", "102", "yes", "Success"),
        ("101", "102", "maybe", "10004"),
        ("", "102", "no", "10004"),
        ("101", "", "no", "10004"),
        ("101", "106", "no", "10006"),
        ("106", "101", "no", "10006"),
        ("101", "105", "no", "10008"),
        ("105", "101", "no", "10008"),
    ] {
        let body = json!({ "caller": caller, "callee": callee, "autoanswer": autoanswer });
        let answer = pbx.call("extension/dial_extension", &body).await;
        let found = answer["errno"].as_str().unwrap_or("Success");
        assert_eq!((found, answer.get("callid")), (expected, None), "{body}");
        let body = format!("<caller>{caller}</caller><callee>{callee}</callee><autoanswer>{autoanswer}</autoanswer>");
        let answer = in_xml(&pbx, "extension/dial_extension", &body).await;
        assert!(answer.contains(expected), "{body}: {answer}");
        assert_eq!(answer == XML_SUCCESS, expected == "Success", "{answer}");
    }
    assert_eq!(pbx.outcome("extension/dial_extension", &json!({ "caller": "101", "callee": "102" })).await, "ok");
    assert_eq!(pbx.appliance.state()["calls"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn parameters_that_a_call_does_not_have_are_remarked() {
    let pbx = Pbx::openvox().await;
    pbx.call("siptrunk/add", &with(register(), &json!({ "extensionsdod": "" }))).await;
    pbx.call("siptrunk/add", &with(peer("p"), &json!({ "domain": "x", "username": "x" }))).await;
    pbx.call("siptrunk/delete", &json!({ "trunkname": "p", "id": "6" })).await;
    assert_eq!(
        pbx.appliance.violations().undocumented,
        ["siptrunk/add: extensionsdod", "siptrunk/add: username", "siptrunk/delete: id"]
    );
}

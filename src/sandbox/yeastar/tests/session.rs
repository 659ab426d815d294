//! What is the same for every call: its looks, log-ins, tokens.

use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::with;
use crate::sandbox::tests::{JSON, PASSWORD_MD5, Pbx, login, request, send, settings};
use crate::sandbox::{Sandbox, Settings};

async fn errno(pbx: &Pbx, method: Method, uri: &str, headers: &[(&str, &str)], body: &str) -> String {
    let (status, text) = send(pbx.appliance.router(), request(method, uri, headers, body)).await.unwrap();
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&text).unwrap();
    answer["errno"].as_str().unwrap_or("ok").to_owned()
}

#[tokio::test]
async fn a_request_has_to_look_as_documented() {
    let pbx = Pbx::new().await;
    let list = format!("/api/v2.0.0/trunk/list?token={}", pbx.token);
    let v1 = format!("/api/v1.1.0/trunk/list?token={}", pbx.token);
    let unknown = format!("/api/v2.0.0/trunk/erase?token={}", pbx.token);
    let query = format!("/api/v2.0.0/trunk/query_siptrunk?token={}", pbx.token);
    let bare: &[_] = &[("content-type", "application/json")];
    let form: &[_] = &[("content-type", "application/x-www-form-urlencoded")];
    let latin: &[_] = &[("content-type", "application/json; charset=latin1")];
    let tight: &[_] = &[("content-type", "application/json;charset=UTF-8")];
    for (method, uri, headers, body, expected) in [
        (Method::POST, list.as_str(), JSON, "{}", "ok"),
        (Method::POST, &list, JSON, "", "ok"),
        (Method::POST, &list, tight, "{}", "ok"),
        (Method::GET, &list, JSON, "{}", "20001"),
        (Method::PUT, &list, JSON, "{}", "20001"),
        (Method::POST, &list, bare, "{}", "20000"),
        (Method::POST, &list, latin, "{}", "20000"),
        (Method::POST, &list, form, "a=b", "20000"),
        (Method::POST, &list, &[], "{}", "20000"),
        (Method::POST, &list, JSON, "{", "20000"),
        (Method::POST, &list, JSON, "[]", "20000"),
        (Method::POST, &query, JSON, "", "20000"),
        (Method::POST, &v1, JSON, "{}", "10003"),
        (Method::POST, &unknown, JSON, "{}", "10003"),
        (Method::POST, "/api/v2.0.0", JSON, "{}", "10003"),
        (Method::POST, "/api/v2.0.0/trunk/list", JSON, "{}", "20005"),
        (Method::POST, "/api/v2.0.0/trunk/list?token=", JSON, "{}", "20005"),
        (Method::POST, "/api/v2.0.0/trunk/list?token=abc", JSON, "{}", "20004"),
        (Method::POST, "/api/v2.0.0/trunk/list?token=%00&x", JSON, "{}", "20004"),
    ] {
        assert_eq!(
            errno(&pbx, method.clone(), uri, headers, body).await,
            expected,
            "{method} {uri} {headers:?} {body}"
        );
    }
}

#[tokio::test]
async fn a_login_takes_the_password_as_md5_in_small_letters() {
    for (change, expected) in [
        (json!({}), "ok"),
        (json!({ "port": null, "version": null }), "ok"),
        (json!({ "password": PASSWORD_MD5.to_uppercase() }), "20003"),
        (json!({ "password": "sandbox" }), "20003"),
        (json!({ "username": "admin" }), "20003"),
        (json!({ "username": "" }), "10004"),
        (json!({ "password": null }), "10004"),
        (json!({ "port": 8260 }), "10004"),
        (json!({ "port": "0" }), "10004"),
        (json!({ "version": "1.0.2" }), "10004"),
    ] {
        let pbx = Pbx::new().await;
        assert_eq!(pbx.outcome("login", &with(login(), &change)).await, expected, "{change}");
    }
}

#[tokio::test]
async fn the_documented_md5_vector_opens_the_door() {
    let settings: Settings = [("username", "api"), ("password", "123456")].into_iter().collect();
    let sandbox = Sandbox::new(None);
    let appliance = sandbox.open("hq", "yeastar", &settings).unwrap();
    let body = r#"{"username":"api","password":"e10adc3949ba59abbe56e057f20f883e","port":"8260","version":"2.0.0"}"#;
    let (_, text) = send(appliance.router(), request(Method::POST, "/api/v2.0.0/login", JSON, body)).await.unwrap();
    let answer: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((answer["status"].as_str(), answer["transport"].as_str()), (Some("Success"), Some("TCP")));
    assert_eq!(answer["token"].as_str().unwrap().len(), 32);
}

#[tokio::test(start_paused = true)]
async fn five_failed_logins_lock_the_door_for_ten_minutes() {
    let mut pbx = Pbx::new().await;
    let wrong = with(login(), &json!({ "password": "x" }));
    for _ in 0..5 {
        assert_eq!(pbx.outcome("login", &wrong).await, "20003");
    }
    assert_eq!(pbx.outcome("login", &login()).await, "20002");
    assert_eq!(pbx.outcome("trunk/list", &json!({})).await, "20002");
    tokio::time::advance(Duration::from_mins(10)).await;
    pbx.log_in().await;
    for _ in 0..4 {
        assert_eq!(pbx.outcome("login", &wrong).await, "20003");
    }
    // A login that worked starts the count over.
    pbx.log_in().await;
    assert_eq!(pbx.outcome("login", &wrong).await, "20003");
    pbx.log_in().await;
}

#[tokio::test(start_paused = true)]
async fn a_token_dies_of_thirty_idle_minutes_and_any_call_keeps_it_alive() {
    let pbx = Pbx::new().await;
    for _ in 0..3 {
        tokio::time::advance(Duration::from_mins(29)).await;
        assert_eq!(pbx.outcome("heartbeat", &json!({ "ipaddr": "192.0.2.9" })).await, "ok");
    }
    tokio::time::advance(Duration::from_mins(30)).await;
    assert_eq!(pbx.outcome("trunk/list", &json!({})).await, "20006");
    assert_eq!(pbx.outcome("trunk/list", &json!({})).await, "20006");
}

#[tokio::test]
async fn a_session_ends_with_its_logout() {
    let mut pbx = Pbx::new().await;
    let first = pbx.token.clone();
    pbx.log_in().await;
    assert_ne!(first, pbx.token);
    assert_eq!(pbx.outcome("logout", &json!({})).await, "ok");
    assert_eq!(pbx.outcome("trunk/list", &json!({})).await, "20004");
    pbx.token = first;
    assert_eq!(pbx.outcome("heartbeat", &json!({})).await, "10004");
    let info = pbx.call("deviceinfo/query", &json!({})).await;
    assert_eq!(info["deviceinfo"]["firmwarever"], "30.5.0.19");
}

#[test]
fn another_version_and_missing_credentials_are_refused_at_the_start() {
    let sandbox = Sandbox::new(None);
    let old = settings("yeastar").with("api_version", "v1.0.2");
    let error = sandbox.open("hq", "yeastar", &old).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a yeastar box in the sandbox can't take this `api_version`: expected v2.0.0 or v1.1.0"
    );
    let error = sandbox.open("hq", "yeastar", &Settings::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "a yeastar box in the sandbox needs the setting `username`, and it is missing or empty"
    );
}

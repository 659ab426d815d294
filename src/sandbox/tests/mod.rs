//! What is the same for every box: faults, state files, sockets, hostile requests. And the tests' own small clients.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod arbitrary;
mod faults;
mod files;
mod fleet;
mod socket;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use http::{Method, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt;

use super::{Appliance, Fault, Sandbox, Settings, default_settings};

/// What came back: `None` where the connection broke before the answer's end.
pub(super) type Answer = Option<(StatusCode, String)>;

pub(super) async fn send(router: Router, request: Request<Body>) -> Answer {
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.ok()?;
    Some((status, String::from_utf8(body.to_vec()).unwrap()))
}

pub(super) fn request(method: Method, uri: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

pub(super) fn faults(texts: &[&str]) -> Vec<Fault> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

pub(super) fn settings(provider: &str) -> Settings {
    default_settings(provider).unwrap()
}

/// JSON headers as Yeastar wants them.
pub(super) const JSON: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];

/// The MD5 of the served boxes' password, `sandbox`.
pub(super) const PASSWORD_MD5: &str = "93bc63e0b4f48fbbff568d9fc0dc3def";

/// A PBX and a client that has logged in.
pub(super) struct Pbx {
    pub(super) sandbox: Sandbox,
    pub(super) appliance: Arc<Appliance>,
    pub(super) token: String,
    /// What its paths begin with.
    api: String,
    /// What its queries end in.
    suffix: &'static str,
    /// The `version` of its log-ins.
    login_version: &'static str,
}

impl Pbx {
    /// A Yeastar of v2.0.0.
    pub(super) async fn new() -> Self {
        Self::of("yeastar", &settings("yeastar"), "v2.0.0", "2.0.0").await
    }

    /// A Yeastar of v1.1.0.
    pub(super) async fn old() -> Self {
        let settings = settings("yeastar").with("api_version", "v1.1.0");
        Self::of("yeastar", &settings, "v1.1.0", "1.0.2").await
    }

    /// An OpenVox that is asked in JSON.
    pub(super) async fn openvox() -> Self {
        Self::of("openvox", &settings("openvox"), "v0.0.1", "0.0.1").await
    }

    async fn of(provider: &str, settings: &Settings, version: &str, login_version: &'static str) -> Self {
        let sandbox = Sandbox::new(None);
        let appliance = sandbox.open("hq", provider, settings).unwrap();
        let mut pbx = Self::around(sandbox, appliance);
        pbx.api = format!("/api/{version}");
        pbx.login_version = login_version;
        pbx.suffix = if provider == "openvox" { "&type=json" } else { "" };
        pbx.log_in().await;
        pbx
    }

    /// A client of a Yeastar of v2.0.0 that hasn't logged in.
    pub(super) fn around(sandbox: Sandbox, appliance: Arc<Appliance>) -> Self {
        let (api, login_version) = ("/api/v2.0.0".into(), "2.0.0");
        Self { sandbox, appliance, token: String::new(), api, suffix: "", login_version }
    }

    pub(super) async fn log_in(&mut self) {
        let mut body = login();
        body["version"] = self.login_version.into();
        let answer = self.call("login", &body).await;
        self.token = answer["token"].as_str().unwrap().to_owned();
    }

    pub(super) async fn raw(&self, endpoint: &str, body: &str) -> Answer {
        let uri = format!("{}/{endpoint}?token={}{}", self.api, self.token, self.suffix);
        send(self.appliance.router(), request(Method::POST, &uri, JSON, body)).await
    }

    /// The answer's JSON; HTTP 200, whatever it says.
    pub(super) async fn call(&self, endpoint: &str, body: &Value) -> Value {
        let (status, text) = self.raw(endpoint, &body.to_string()).await.unwrap();
        assert_eq!(status, StatusCode::OK);
        serde_json::from_str(&text).unwrap()
    }

    /// `"ok"` or the `errno`.
    pub(super) async fn outcome(&self, endpoint: &str, body: &Value) -> String {
        let answer = self.call(endpoint, body).await;
        match answer["status"].as_str().unwrap() {
            "Success" => "ok".into(),
            _ => answer["errno"].as_str().unwrap().into(),
        }
    }

    pub(super) fn names(&self) -> Vec<String> {
        let state = self.appliance.state();
        let trunks = state["trunks"].as_array().unwrap();
        trunks.iter().map(|trunk| trunk["trunkname"].as_str().unwrap().to_owned()).collect()
    }
}

pub(super) fn login() -> Value {
    serde_json::json!({ "username": "api", "password": PASSWORD_MD5, "port": "8260", "version": "2.0.0" })
}

/// A contact centre, its clock, and a client that signs.
pub(super) struct Centre {
    pub(super) sandbox: Sandbox,
    pub(super) appliance: Arc<Appliance>,
    pub(super) clock: Arc<AtomicI64>,
    nonce: AtomicU32,
}

pub(super) const NOW: i64 = 1_800_000_000;

impl Centre {
    pub(super) fn new() -> Self {
        Self::around(Sandbox::new(None))
    }

    /// A client of one in this sandbox.
    pub(super) fn around(sandbox: Sandbox) -> Self {
        let clock = Arc::new(AtomicI64::new(NOW));
        let shown = Arc::clone(&clock);
        let sandbox = sandbox.with_clock(Arc::new(move || shown.load(Ordering::Relaxed)));
        let appliance = sandbox.open("centre", "7moor", &settings("7moor")).unwrap();
        Self { sandbox, appliance, clock, nonce: AtomicU32::new(0) }
    }

    pub(super) fn signed(&self) -> Vec<(&'static str, String)> {
        let nonce = format!("{:06}", self.nonce.fetch_add(1, Ordering::Relaxed));
        sign(&self.clock.load(Ordering::Relaxed).to_string(), &nonce)
    }

    pub(super) async fn raw(&self, path: &str, headers: &[(&'static str, String)], body: &str) -> Answer {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(self.appliance.router(), request(Method::POST, path, &headers, body)).await
    }

    pub(super) async fn call(&self, endpoint: &str, body: &Value) -> Value {
        let path = format!("/openapi/v1/call/{endpoint}");
        let (status, text) = self.raw(&path, &self.signed(), &body.to_string()).await.unwrap();
        assert_eq!(status, StatusCode::OK);
        serde_json::from_str(&text).unwrap()
    }

    /// `"ok"` or the message.
    pub(super) async fn outcome(&self, endpoint: &str, body: &Value) -> String {
        let answer = self.call(endpoint, body).await;
        if answer["success"] == true {
            return "ok".into();
        }
        answer["message"].as_str().unwrap().into()
    }
}

/// Every header of a call by the default account.
pub(super) fn sign(timestamp: &str, nonce: &str) -> Vec<(&'static str, String)> {
    let sign = super::moor7::signature("2000113", "sandbox-secret", timestamp, nonce).unwrap();
    vec![
        ("content-type", "application/json".into()),
        ("m7-appkey", "2000113".into()),
        ("m7-timestamp", timestamp.into()),
        ("m7-nonce", nonce.into()),
        ("m7-sign", sign),
    ]
}

/// A voice platform, its clock, and a client that signs.
pub(super) struct Platform {
    pub(super) sandbox: Sandbox,
    pub(super) appliance: Arc<Appliance>,
}

impl Platform {
    pub(super) fn new() -> Self {
        Self::with(&settings("itniotech"))
    }

    pub(super) fn with(settings: &Settings) -> Self {
        let sandbox = Sandbox::new(None).with_clock(Arc::new(|| NOW));
        let appliance = sandbox.open("voice", "itniotech", settings).unwrap();
        Self { sandbox, appliance }
    }

    pub(super) async fn raw(&self, path: &str, headers: &[(&'static str, String)], body: &str) -> Answer {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        send(self.appliance.router(), request(Method::POST, path, &headers, body)).await
    }

    pub(super) async fn call(&self, path: &str, body: &Value) -> Value {
        let (status, text) = self.raw(path, &api_key_headers(NOW), &body.to_string()).await.unwrap();
        assert_eq!(status, StatusCode::OK);
        serde_json::from_str(&text).unwrap()
    }

    /// The status, whether it is a text or a number.
    pub(super) async fn outcome(&self, path: &str, body: &Value) -> String {
        status_of(&self.call(path, body).await)
    }
}

pub(super) fn status_of(answer: &Value) -> String {
    answer["status"].as_str().map_or_else(|| answer["status"].to_string(), str::to_owned)
}

/// Every header of a call by the default account.
pub(super) fn api_key_headers(timestamp: i64) -> Vec<(&'static str, String)> {
    let timestamp = timestamp.to_string();
    vec![
        ("content-type", "application/json;charset=UTF-8".into()),
        ("api-key", "bDqJFiq9".into()),
        ("sign", super::itniotech::signature("bDqJFiq9", "sandbox-secret", &timestamp)),
        ("timestamp", timestamp),
    ]
}

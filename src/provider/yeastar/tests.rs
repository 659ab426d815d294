#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod decoding;
mod requests;
mod sessions;
mod version_1_1;

use std::sync::Arc;

use http::Request;
use serde_json::{Value as Json, json};

use super::version::Version;
use super::*;
use crate::http::fake::{self, Fake};
use crate::http::{Client, TransportError};
use crate::model::{FieldSet, Source, Target, Value};

const PASSWORD: &str = "pbx-p4ssw0rd-canary";
const TOKEN: &str = "t0ken-canary";

type Reply = Result<http::Response<bytes::Bytes>, TransportError>;

/// A PBX that lets anybody in and knows one trunk; `other` answers what it doesn't.
fn pbx(other: impl Fn(usize, &Request<bytes::Bytes>) -> Option<Reply> + Send + Sync + 'static) -> Arc<Fake> {
    Fake::new(move |number, request| {
        if let Some(reply) = other(number, request) {
            return reply;
        }
        let path = request.uri().path();
        fake::json(&if path.ends_with("/login") {
            json!({"status": "Success", "token": TOKEN, "transport": "TCP"})
        } else if path.ends_with("/trunk/list") {
            json!({"status": "Success", "trunklist": [{"id": 15, "trunkname": "test", "type": "Peer", "status": "Registered"}]})
        } else if path.ends_with("/trunk/query_siptrunk") {
            json!({"status": "Success", "trunks": [peer("15", "test")]})
        } else {
            json!({"status": "Success"})
        })
    })
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a fake answers")]
fn failed(errno: &str) -> Option<Reply> {
    Some(fake::json(&json!({"status": "Failed", "errno": errno})))
}

fn peer(id: &str, name: &str) -> Json {
    json!({
        "id": id, "trunkname": name, "trunktype": "peer", "host": "192.168.6.36", "port": "5060",
        "domain": "192.168.6.36", "extensionsdod": "", "extensionsgroupdod": "",
    })
}

fn session(fake: &Arc<Fake>) -> Session {
    session_of(fake, Version::V2_0)
}

fn session_of(fake: &Arc<Fake>, version: Version) -> Session {
    let (target, client) = parts(fake, version);
    Session::new(&target, client)
}

fn parts(fake: &Arc<Fake>, version: Version) -> (Target, Client) {
    let settings = vec![Value::text("api"), Value::secret(PASSWORD), Value::text(version.path())];
    fake::target(&TABLE, "https://192.168.5.150:8088", settings, fake.clone())
}

fn support() -> &'static KindSupport {
    TABLE.support(&TRUNK).unwrap()
}

/// Values in the order of the kind's table: type, host, port, domain, username, `auth_name`, password,
/// `from_user`, dod.
fn register_values() -> Vec<Value> {
    let group = |text: &str| Value::List(Arc::new([Value::text(text)]));
    vec![
        Value::text("register"),
        Value::text("172.16.108.16"),
        Value::Integer(5060),
        Value::text("172.16.108.16"),
        Value::text("6100"),
        Value::text("6100"),
        Value::secret("trunk-s3cret-canary"),
        Value::text(""),
        Value::Record(Arc::new([group("5503301-yeastar-1000"), group("5503302-yeastar-support")])),
    ]
}

fn live(id: &str, key: &str, values: Vec<Value>) -> LiveObject {
    LiveObject::new(key, id, values.into())
}

fn changed(names: &[&str]) -> FieldSet {
    let mut set = FieldSet::default();
    for name in names {
        set.insert(TRUNK.index_of(name).unwrap());
    }
    set
}

fn check(auto_answer: bool) -> CallCheck {
    CallCheck {
        name: "reception-to-sales".into(),
        target: "under-test".into(),
        caller: "1000".into(),
        callee: "1002".into(),
        auto_answer,
        source: Source { file: "test.yaml".into(), line: 1, column: 1 },
    }
}

/// No secret of these tests stands in what a failure says.
fn keeps_secrets(failure: &Failure) {
    let text = format!("{failure} {failure:?}");
    for secret in [PASSWORD, TOKEN, &pbx::md5_hex(PASSWORD), "trunk-s3cret-canary"] {
        assert!(!text.contains(secret), "{text}");
    }
}

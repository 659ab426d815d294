#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod decoding;
mod requests;
mod sessions;

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;
use crate::http::TransportError;
use crate::http::fake::{self, Fake};
use crate::model::{FieldSet, Secret};

const SECRET: &str = "account-s3cret-canary";
const PASSWORD: &str = "phone-p4ssword-canary";

type Reply = Result<http::Response<Bytes>, TransportError>;

/// A platform with one number, registered and unbound; `other` answers what it doesn't.
fn platform(other: impl Fn(usize, &http::Request<Bytes>) -> Option<Reply> + Send + Sync + 'static) -> Arc<Fake> {
    Fake::new(move |number, request| {
        other(number, request).unwrap_or_else(|| match request.uri().path() {
            request::LIST => ok(&json!([line("id1", "2000", "1", "")])),
            request::QUERY => ok(&json!({"sipNumberList": [record("id1", "2000")]})),
            _ => ok(&json!({"sipId": "id1"})),
        })
    })
}

fn ok(data: &Json) -> Reply {
    fake::json(&json!({"success": true, "code": "200", "message": "requestSuccess", "data": data}))
}

fn refuse(code: &str, message: &str) -> Reply {
    fake::json(&json!({"success": false, "code": code, "message": message}))
}

fn line(id: &str, number: &str, status: &str, agent: &str) -> Json {
    json!({"sipId": id, "number": number, "registerStatus": status, "agent": {"agentId": agent}})
}

fn record(id: &str, number: &str) -> Json {
    json!({
        "_id": id, "number": number, "password": PASSWORD, "isNAT": "false", "codingFormat": ["G711A"],
        "isDel": 0, "uid": "",
    })
}

fn session(fake: &Arc<Fake>) -> Session {
    let settings = vec![Value::text("2000113"), Value::secret(SECRET)];
    let (target, client) = fake::target(&TABLE, "http://v7openapi.7moor.com", settings, fake.clone());
    Session::new(&target, client)
}

fn known() -> &'static KindSupport {
    TABLE.support(&SIP_NUMBER).unwrap()
}

/// Values in the order of the kind's table: password, nat, codecs, agent.
fn values(agent: Value) -> Vec<Value> {
    let codecs = Value::List(Arc::new([Value::text("G711A")]));
    vec![Value::secret(PASSWORD), Value::Bool(false), codecs, agent]
}

fn live(id: &str, number: &str, agent: &str) -> LiveObject {
    let values = values(Value::text(agent)).into();
    LiveObject::new(number, id, values)
}

fn changed(names: &[&str]) -> FieldSet {
    let mut set = FieldSet::default();
    for name in names {
        set.insert(SIP_NUMBER.index_of(name).unwrap());
    }
    set
}

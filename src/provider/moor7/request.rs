//! Requests, as plain values: 7moor's SIP number calls, platform v7. Nothing here sends.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request};
use serde_json::{Map, Value as Json, json};

use crate::http::{Failure, FailureKind, sealed_json};
use crate::model::{KindSupport, Secret, Value};
use crate::provider::{NewObject, Update};

use super::auth::Stamp;
use super::id::SipId;
use super::table::AGENT;
use super::wire;

pub(super) const LIST: &str = "/openapi/v1/call/sip/list";
pub(super) const QUERY: &str = "/openapi/v1/call/query/number";
pub(super) const CREATE: &str = "/openapi/v1/call/sip/create";
pub(super) const UPDATE: &str = "/openapi/v1/call/sip/update";
pub(super) const DELETE: &str = "/openapi/v1/call/sip/delete";

/// A signed POST. Method, URL and body are not part of the signature.
pub(super) fn signed(
    base: &str,
    path: &str,
    body: Bytes,
    app_key: &str,
    sign: &Secret,
    stamp: Stamp,
) -> Result<Request<Bytes>, Failure> {
    let mut sign = HeaderValue::from_str(sign.expose()).map_err(|_| bad("the signature is no header"))?;
    sign.set_sensitive(true);
    let app_key = HeaderValue::from_str(app_key).map_err(|_| bad("app_key can't stand in a header"))?;
    Request::builder()
        .method(Method::POST)
        .uri(format!("{}{path}", base.trim_end_matches('/')))
        .header(CONTENT_TYPE, "application/json")
        .header("m7-appkey", app_key)
        .header("m7-timestamp", stamp.timestamp)
        .header("m7-nonce", stamp.nonce_text())
        .header("m7-sign", sign)
        .body(body)
        .map_err(|_| bad("`url` is no address to send to"))
}

fn bad(what: &str) -> Failure {
    Failure::new(FailureKind::Unsupported, "bad_target", what)
}

/// The body that lists every SIP number.
pub(super) fn list() -> Bytes {
    Bytes::from_static(b"{}")
}

/// The body that lists one SIP number, registered or not.
pub(super) fn list_one(number: &str) -> Bytes {
    json!({ wire::NUMBER: number, "registerStatuses": [0, 1] }).to_string().into()
}

/// The body that deletes one SIP number.
pub(super) fn delete(id: &SipId) -> Bytes {
    json!({ wire::SIP_ID: id.as_str() }).to_string().into()
}

/// The body of a create: all that is set, and no agent, since the number isn't registered yet.
pub(super) fn create(support: &KindSupport, object: &NewObject<'_>) -> Bytes {
    let mut body = Map::new();
    body.insert(wire::NUMBER.into(), object.key.into());
    fields(support, object.values, |name| name != AGENT, &mut body);
    fields(support, &unbound(support), |name| name == AGENT, &mut body);
    sealed_json(body)
}

/// The body of an update: the vendor documents all fields, so all that are known are sent; only the agent is left out
/// unless it changes, because it may be set only on an unbound number.
pub(super) fn update(support: &KindSupport, id: &SipId, update: &Update<'_>, with_agent: bool) -> Bytes {
    let mut body = Map::new();
    body.insert(wire::SIP_ID.into(), id.as_str().into());
    body.insert(wire::NUMBER.into(), update.key.into());
    fields(support, update.values, |name| name != AGENT || with_agent, &mut body);
    sealed_json(body)
}

/// Values with no agent, and nothing else set.
fn unbound(support: &KindSupport) -> Vec<Value> {
    let fields = support.kind.fields.iter();
    fields.map(|field| if field.name == AGENT { Value::text("") } else { Value::Unset }).collect()
}

/// Writes the wanted fields in the vendor's spelling. Loops over the kind's table and the vendor's: there is no second
/// list of names.
fn fields(support: &KindSupport, values: &[Value], wanted: impl Fn(&str) -> bool, body: &mut Map<String, Json>) {
    for (field, value) in support.kind.fields.iter().zip(values).filter(|(field, _)| wanted(field.name)) {
        let wire = support.field(field.name).and_then(|field| field.wire.first());
        if let (Some(wire), Some(json)) = (wire, to_json(value)) {
            body.insert((*wire).into(), json);
        }
    }
}

/// A value as the platform wants it; `None` for what can't be sent.
fn to_json(value: &Value) -> Option<Json> {
    Some(match value {
        Value::Unset | Value::NotReadable | Value::Record(_) => return None,
        Value::Text(text) => Json::from(&**text),
        Value::Secret(secret) => Json::from(secret.expose()),
        Value::Integer(number) => Json::from(*number),
        Value::Bool(yes) => Json::from(*yes),
        Value::List(items) => Json::Array(items.iter().filter_map(to_json).collect()),
    })
}

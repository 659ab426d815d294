//! 7moor's contact centre, platform v7: SIP numbers.
//!
//! `POST {base_url}/openapi/v1/call/…` with `Content-Type: application/json`, also where the body is empty, and signed
//! headers. Answered with HTTP 200 and `{"success":true,"code":"200","message":"requestSuccess","data":…,
//! "requestInfo":{…}}`, where `requestInfo` repeats the request with its password and signature, as the vendor does.
//! Failures have the same shape; their codes are documented nowhere and are the sandbox's own.
//!
//! | file | what is in it |
//! |---|---|
//! | `sign` | the signed headers, the clock, and signatures seen before |
//! | `numbers` | the SIP numbers as kept, and making, changing and removing them |
//! | `index` | where a number is found by its id, and whether there is one already |
//! | `listings` | the two calls that show them, each in its own spelling |

mod index;
mod listings;
mod numbers;
mod sign;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::answer::Reply;
use super::call::{Call, Payload};
use super::dialect::{Dialect, Refusal, Remarks, Role, Vendor};
use super::store::Store;
use super::{Clock, Error, Settings};
use listings::Filter;
use numbers::State;
use sign::Gate;
#[cfg(test)]
pub(super) use sign::signature;

pub(super) static VENDOR: Vendor = Vendor {
    name: "7moor",
    seed: include_str!("../../../examples/sandbox/7moor.json"),
    defaults: &[("app_key", "2000113"), ("secret", "sandbox-secret")],
    serial: false,
    sessions: false,
    endpoint,
    role,
    build,
};

const PREFIX: &str = "/openapi/v1/";
const HEADERS: &[(&str, &str)] = &[("content-type", "application/json; charset=utf-8")];

/// The sandbox's own error codes.
mod code {
    pub(super) const BAD_REQUEST: &str = "400";
    pub(super) const UNAUTHORIZED: &str = "401";
    pub(super) const NOT_FOUND: &str = "404";
    pub(super) const NOT_POST: &str = "405";
    pub(super) const CONFLICT: &str = "409";
    pub(super) const NOT_JSON: &str = "415";
}

struct Moor7 {
    gate: Gate,
    state: State,
    /// The answers to the two listings as they were last given, until something changes.
    listed: Option<Bytes>,
    queried: Option<Bytes>,
    remarks: Remarks,
}

fn build(settings: &Settings, clock: Clock) -> Result<Box<dyn Dialect>, Error> {
    let (state, remarks) = (State::default(), Remarks::default());
    let mut centre = Moor7 { gate: Gate::new(clock), state, listed: None, queried: None, remarks };
    centre.accept(settings)?;
    Ok(Box::new(centre))
}

/// `/openapi/v1/call/sip/list` → `call/sip/list`.
fn endpoint(path: &str) -> &str {
    path.strip_prefix(PREFIX).unwrap_or_default()
}

fn role(endpoint: &str) -> Role {
    match endpoint {
        "call/sip/list" => Role::Listing(None),
        "call/query/number" => Role::Listing(Some("sipNumberList")),
        "call/sip/create" | "call/sip/update" | "call/sip/delete" => Role::Write,
        _ => Role::Other,
    }
}

impl Moor7 {
    fn forget_listings(&mut self) {
        (self.listed, self.queried) = (None, None);
    }

    fn list(&mut self) -> Option<Bytes> {
        if self.listed.is_none() {
            self.listed = as_json(&listings::sip_list(&self.state, self.gate.app_key(), &Filter::default()));
        }
        self.listed.clone()
    }

    fn query(&mut self) -> Option<Bytes> {
        if self.queried.is_none() {
            self.queried = as_json(&listings::number_query(&self.state, self.gate.app_key()));
        }
        self.queried.clone()
    }
}

fn as_json(payload: &impl Serialize) -> Option<Bytes> {
    serde_json::to_vec(payload).ok().map(Bytes::from)
}

fn as_value(payload: impl Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(payload).map_err(|error| Refusal::new(code::BAD_REQUEST, error.to_string()))
}

impl Dialect for Moor7 {
    fn accept(&mut self, settings: &Settings) -> Result<(), Error> {
        let app_key = settings.require(VENDOR.name, "app_key")?;
        let secret = settings.require(VENDOR.name, "secret")?;
        self.gate.accept(app_key, secret);
        self.forget_listings();
        Ok(())
    }

    fn admit(&mut self, call: &Call) -> Result<(), Refusal> {
        if call.method != http::Method::POST {
            return Err(Refusal::new(code::NOT_POST, "methodNotAllowed"));
        }
        let listing = matches!(role(&call.endpoint), Role::Listing(_));
        let body_fits = match &call.payload {
            Payload::Empty => listing,
            Payload::Json(body) => body.is_object(),
            Payload::Xml(_) | Payload::Unreadable => false,
        };
        if !call.says_json(false) || !body_fits {
            return Err(Refusal::new(code::NOT_JSON, "contentMustBeJson"));
        }
        self.gate.check(call)?;
        if role(&call.endpoint) == Role::Other {
            return Err(Refusal::new(code::NOT_FOUND, "noSuchInterface"));
        }
        Ok(())
    }

    fn perform(&mut self, call: &Call) -> Result<Value, Refusal> {
        let fields = call.fields().unwrap_or_default();
        self.remarks.note_unknown(&call.endpoint, fields.keys(), parameters(&call.endpoint));
        if role(&call.endpoint) == Role::Write {
            self.forget_listings();
        }
        match call.endpoint.as_str() {
            "call/sip/list" => {
                let filter = Filter::read(&fields)?;
                as_value(listings::sip_list(&self.state, self.gate.app_key(), &filter))
            }
            "call/query/number" => {
                let answer = as_value(listings::number_query(&self.state, self.gate.app_key()))?;
                Ok(listings::hide(answer, &self.state.hidden_fields))
            }
            "call/sip/create" => self.state.create(&fields),
            "call/sip/update" => self.state.update(&fields),
            "call/sip/delete" => self.state.delete(&fields),
            _ => Err(Refusal::new(code::NOT_FOUND, "noSuchInterface")),
        }
    }

    fn listing(&mut self, call: &Call) -> Option<Reply> {
        let is_plain = call.fields().is_some_and(|fields| fields.is_empty());
        let data = match call.endpoint.as_str() {
            "call/sip/list" if is_plain => self.list()?,
            "call/query/number" if is_plain && self.state.hidden_fields.is_empty() => self.query()?,
            _ => return None,
        };
        let info = request_info(call, self.gate.app_key(), self.gate.now());
        let head = r#"{"success":true,"code":"200","message":"requestSuccess","data":"#;
        let tail = format!(r#","requestInfo":{info}}}"#);
        Some(Reply::pieces([head.into(), data, tail.into()], HEADERS))
    }

    fn reply(&self, call: &Call, outcome: Result<Value, Refusal>) -> Reply {
        let info = request_info(call, self.gate.app_key(), self.gate.now());
        let envelope = match outcome {
            Ok(data) => json!({
                "success": true, "code": "200", "message": "requestSuccess", "data": data, "requestInfo": info,
            }),
            Err(Refusal { code, reason }) => json!({
                "success": false, "code": code, "message": reason, "requestInfo": info,
            }),
        };
        Reply::json(&envelope, HEADERS)
    }

    fn prefixes(&self) -> Vec<String> {
        vec![PREFIX.into()]
    }

    fn refuse_login(&mut self) -> Refusal {
        Refusal::new(code::UNAUTHORIZED, "signatureInvalid")
    }

    /// There are no sessions.
    fn expire(&mut self, _call: &Call) {}

    fn state(&self) -> Value {
        serde_json::to_value(&self.state).unwrap_or_default()
    }

    fn keep(&self, store: &mut Store) -> Result<(), Error> {
        store.save(&self.state)
    }

    fn set_state(&mut self, state: Value) -> Result<(), String> {
        self.state = State::read(state)?;
        self.forget_listings();
        Ok(())
    }

    fn populate(&mut self, objects: usize) {
        self.state = State::made_up(objects);
        self.forget_listings();
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}

/// The parameters that a call has.
fn parameters(endpoint: &str) -> &'static [&'static str] {
    match endpoint {
        "call/sip/list" => &["number", "registerStatuses"],
        "call/sip/create" => &["number", "password", "isNAT", "codingFormat", "agentId"],
        "call/sip/update" => &["sipId", "number", "password", "isNAT", "codingFormat", "agentId"],
        "call/sip/delete" => &["sipId"],
        _ => &[],
    }
}

/// The request as the vendor repeats it in every answer: body and headers, with all that is secret in them.
fn request_info(call: &Call, app_key: &str, now: i64) -> Value {
    let body = match &call.payload {
        Payload::Json(body) => body.clone(),
        Payload::Empty | Payload::Xml(_) | Payload::Unreadable => json!({}),
    };
    let mut headers: Map<String, Value> = Map::new();
    for (name, value) in &call.headers {
        headers.insert(name.as_str().into(), String::from_utf8_lossy(value.as_bytes()).into());
    }
    let trace_id = super::hash::md5_hex(&format!("{now} {}", call.header("m7-nonce").unwrap_or_default()));
    headers.insert("traceId".into(), trace_id.as_str().into());
    headers.insert("accountId".into(), app_key.into());
    let millis = now.saturating_mul(1000);
    json!({
        "requestId": trace_id, "url": call.path, "proxyUrl": format!("http://v7openapi.7moor.com/call{}", call.path),
        "body": body, "headers": headers,
        "span": { "requestStartTime": millis, "proxyStartTime": millis, "proxyEndTime": millis, "reqEndTime": millis,
            "bizSpan": "0ms", "latency": "0ms" },
    })
}

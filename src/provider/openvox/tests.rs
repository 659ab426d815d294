#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod documented;
mod records;
mod writes;
mod xml_text;

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value as Json, json};

use super::wire::Format;
use super::*;
use crate::http::fake::{self, Fake};
use crate::http::{Client, TransportError};
use crate::model::{FieldSet, Source, Target, Value};
use crate::provider::loose::Record;

const PASSWORD: &str = "pbx-p4ssw0rd-canary";
const TOKEN: &str = "813b621cfe8eecf445a2ce1f4a079ffe";
const FORMATS: [Format; 2] = [Format::Json, Format::Xml];

type Reply = Result<Response<Bytes>, TransportError>;

/// A PBX that lets anybody in; `other` gives the rest of its answers, as records.
fn pbx(format: Format, other: impl Fn(&str) -> Option<Json> + Send + Sync + 'static) -> Arc<Fake> {
    raw(format, move |path| other(path).map(|record| written(format, &record)))
}

/// Likewise, with answers as they come over the wire.
fn raw(format: Format, other: impl Fn(&str) -> Option<Reply> + Send + Sync + 'static) -> Arc<Fake> {
    Fake::new(move |_, request| {
        let path = request.uri().path();
        other(path).unwrap_or_else(|| {
            let answer = if path.ends_with("/login") {
                json!({"status": "Success", "token": TOKEN})
            } else {
                json!({"status": "Success"})
            };
            written(format, &answer)
        })
    })
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a fake answers")]
fn failed(errno: &str) -> Option<Json> {
    Some(json!({"status": "Failed", "errno": errno}))
}

/// A record as this format's answer.
fn written(format: Format, record: &Json) -> Reply {
    match format {
        Format::Json => fake::json(record),
        Format::Xml => fake::reply(200, "application/xml", &format!("<xml>{}</xml>", elements(record))),
    }
}

/// A record as XML, by hand: the tests share no code with what they test.
fn elements(value: &Json) -> String {
    let parts: Vec<String> = match value {
        Json::Object(members) => {
            members.iter().map(|(name, value)| format!("<{name}>{}</{name}>\n", elements(value))).collect()
        }
        Json::Array(items) => {
            let items = items.iter().enumerate();
            items.map(|(number, item)| format!("\n <item id=\"{number}\">{}</item>", elements(item))).collect()
        }
        Json::String(text) => text.chars().map(character).collect(),
        other => vec![other.to_string()],
    };
    parts.concat()
}

fn character(character: char) -> String {
    match character {
        '&' => "&amp;".into(),
        '<' => "&lt;".into(),
        ' ' | '\u{21}'..='\u{7e}' => character.into(),
        other => format!("&#{};", u32::from(other)),
    }
}

fn session(fake: &Arc<Fake>, format: Format) -> Session {
    let (target, client) = parts(fake, format);
    Session::new(&target, client)
}

fn parts(fake: &Arc<Fake>, format: Format) -> (Target, Client) {
    let settings = vec![Value::text("api"), Value::secret(PASSWORD), Value::text("v0.0.1"), Value::text(format.name())];
    fake::target(&TABLE, "http://172.16.6.150:9011", settings, fake.clone())
}

fn trunks() -> &'static KindSupport {
    TABLE.support(&TRUNK).unwrap()
}

/// Values in the order of the kind's table: type, host, port, domain, username, `auth_name`, password, `from_user`, dod.
/// The domain isn't written.
fn register_values(password: &str) -> Vec<Value> {
    vec![
        Value::text("register"),
        Value::text("172.16.108.16"),
        Value::Integer(5060),
        Value::Unset,
        Value::text("6100"),
        Value::text("6100"),
        Value::secret(password),
        Value::text(""),
        Value::Unset,
    ]
}

fn with(mut values: Vec<Value>, field: &str, value: Value) -> Vec<Value> {
    values[TRUNK.index_of(field).unwrap()] = value;
    values
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

fn check() -> CallCheck {
    CallCheck {
        name: "reception-to-sales".into(),
        target: "under-test".into(),
        caller: "101".into(),
        callee: "102".into(),
        auto_answer: false,
        source: Source { file: "test.yaml".into(), line: 1, column: 1 },
    }
}

/// What a request says, whatever its format: its elements or members, texts only.
fn said(request: &Request<Bytes>) -> Json {
    let body = std::str::from_utf8(request.body()).unwrap();
    if body.starts_with('{') { serde_json::from_str(body).unwrap() } else { Json::Object(flat(body)) }
}

/// The elements of a flat XML body, read by hand.
fn flat(body: &str) -> Record {
    let body = body.trim().strip_prefix(r#"<?xml version="1.0" encoding="UTF-8" ?>"#).unwrap().trim();
    let mut rest = body.strip_prefix("<xml>").and_then(|rest| rest.strip_suffix("</xml>")).unwrap().trim();
    let mut record = Record::new();
    while let Some(inner) = rest.strip_prefix('<') {
        let (name, inner) = inner.split_once('>').unwrap();
        let (text, after) = inner.split_once(&format!("</{name}>")).unwrap();
        assert!(record.insert(name.into(), text.into()).is_none(), "{name} twice");
        rest = after.trim();
    }
    assert_eq!(rest, "");
    record
}

/// No secret of these tests stands in what a failure says.
fn keeps_secrets(failure: &Failure) {
    let text = format!("{failure} {failure:?}");
    for secret in [PASSWORD, TOKEN, &crate::provider::pbx::md5_hex(PASSWORD), "s3cret-canary"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod decoding;
mod listings;
mod requests;
mod statuses;
mod writes;

use std::sync::Arc;

use super::*;
use crate::http::TransportError;
use crate::http::fake::{self, Fake};
use crate::model::{Completeness, FieldSet, Secret};

const SECRET: &str = "account-s3cret-canary";
const PASSWORD: &str = "carrier-p4ssword-canary";
const PHONE_PASSWORD: &str = "phone-p4ssword-canary";

type Reply = Result<http::Response<Bytes>, TransportError>;

fn ok(data: &Json) -> Reply {
    fake::json(&json!({"status": "0", "reason": "success", "data": data}))
}

fn refuse(status: &str, reason: &str) -> Reply {
    fake::json(&json!({"status": status, "reason": reason, "data": null}))
}

/// A page as the platform cuts it out of these records, for the request that asks for it.
fn page_of(records: &[Json], request: &http::Request<Bytes>) -> Reply {
    let asked = fake::body(request);
    let (current, size) = (asked["current"].as_u64().unwrap(), asked["size"].as_u64().unwrap());
    assert!(current >= 1 && (1..=100).contains(&size), "{asked}");
    let first = usize::try_from((current - 1) * size).unwrap();
    let shown: Vec<&Json> = records.iter().skip(first).take(usize::try_from(size).unwrap()).collect();
    ok(&json!({"total": records.len(), "size": size, "current": current, "pages": 1, "records": shown}))
}

fn phone(group: &str, name: &str) -> Json {
    json!({
        "groupName": group, "phoneName": name, "account": format!("acc-{name}"), "password": PHONE_PASSWORD,
        "displayNum": "861000000", "somethingNew": {"a": [1]},
    })
}

fn trunk(id: &str, name: &str) -> Json {
    json!({
        "keyId": id, "sipGatewayIp": "203.0.113.7:5060", "sipWhiteIp": null, "type": 1, "state": 1,
        "sipTrunkName": name, "sipPrefix": "9", "ccIp": "198.51.100.1", "sipAccount": "u1", "sipPassword": PASSWORD,
        "sipTrunkState": true, "createTime": "2024-01-01 00:00:00", "updateTime": null,
        "groupList": [{"voiceGroupId": 7, "groupName": "sales", "number": null}],
    })
}

fn number(number: &str) -> Json {
    json!({
        "number": number, "ccode": "HK", "country": "Hong Kong", "dueDate": "2030-01-01", "state": 1,
        "inboundPrefix": "00", "type": 2, "autoRenew": "1", "outIp": "203.0.113.9, 203.0.113.8,", "inIp": "203.0.113.8:5060",
        "remark": null, "appId": "app1", "enableVoicemail": "1", "voicemailMaxHangup": 30,
    })
}

fn group(id: u64, name: &str) -> Json {
    json!({"voiceGroupId": id, "groupName": name, "appName": "shop"})
}

/// A platform with one object of each kind and three seat groups; `other` answers what it doesn't.
fn platform(other: impl Fn(usize, &http::Request<Bytes>) -> Option<Reply> + Send + Sync + 'static) -> Arc<Fake> {
    Fake::new(move |count, request| {
        other(count, request).unwrap_or_else(|| match request.uri().path() {
            request::PHONE_QUERY => page_of(&[phone("sipGroup", "sip-1"), phone("sipGroup", "sip-2")], request),
            request::TRUNK_QUERY => page_of(&[trunk("k1", "carrier-a")], request),
            request::NUMBER_QUERY => page_of(&[number("85230000001")], request),
            request::GROUP_QUERY => page_of(&[group(7, "sales"), group(8, "help"), group(9, "help")], request),
            request::TRUNK_ADD => ok(&json!("k9")),
            _ => ok(&Json::Null),
        })
    })
}

fn session(fake: &Arc<Fake>) -> Session {
    session_at(fake, "https://api.itniotech.com", "")
}

fn session_at(fake: &Arc<Fake>, url: &str, prefix: &str) -> Session {
    let settings = vec![Value::text("bDqJFiq9"), Value::secret(SECRET), Value::text("app1"), Value::text(prefix)];
    let (target, client) = fake::target(&TABLE, url, settings, fake.clone());
    Session::new(&target, client)
}

fn known(kind: &Kind) -> &'static KindSupport {
    TABLE.support(kind).unwrap()
}

/// One kind's records, decoded.
fn decode(kind: &Kind, records: &Json) -> (Vec<LiveObject>, Completeness) {
    let records: Vec<Record> = serde_json::from_value(records.clone()).unwrap();
    let mut doubts = Doubts::default();
    let decode: Decode = match kind.name {
        "phone_group" => phones::gather,
        "number" => numbers::objects,
        _ => trunks::objects,
    };
    let objects = decode(known(kind), &records, &mut doubts);
    (objects, doubts.verdict("test"))
}

fn value<'v>(kind: &Kind, values: &'v [Value], field: &str) -> &'v Value {
    kind.value_of(values, field).unwrap()
}

fn with(kind: &Kind, values: &[Value], field: &str, value: Value) -> Vec<Value> {
    let mut values = values.to_vec();
    values[kind.index_of(field).unwrap()] = value;
    values
}

fn groups_value(names: &[(&str, &str)]) -> Value {
    let group = |(name, number): &(&str, &str)| Value::Record(Arc::new([Value::text(*name), Value::text(*number)]));
    Value::List(names.iter().map(group).collect())
}

fn everything(kind: &Kind) -> FieldSet {
    let mut set = FieldSet::default();
    (0..kind.fields.len()).for_each(|index| set.insert(index));
    set
}

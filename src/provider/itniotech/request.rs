//! Requests, as plain values. Nothing here sends.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request};
use serde_json::{Map, Value as Json, json};

use crate::http::{Failure, FailureKind, sealed_json};
use crate::model::{KindSupport, Value};
use crate::provider::NewObject;

use super::auth::Signer;
use super::{paging, wire};

pub(super) const PHONE_ADD: &str = "/voice/sipAdd";
pub(super) const PHONE_QUERY: &str = "/voice/sipQuery";
pub(super) const TRUNK_ADD: &str = "/v3/cc/sipTrunk/add";
pub(super) const TRUNK_UPDATE: &str = "/v3/cc/sipTrunk/update";
pub(super) const TRUNK_QUERY: &str = "/v3/cc/sipTrunk/query";
pub(super) const GROUP_QUERY: &str = "/v3/cc/seatGroup/query";
pub(super) const NUMBER_QUERY: &str = "/number/queryPage";
pub(super) const NUMBER_EDIT: &str = "/number/edit";

/// With its charset, as the documentation has it.
const JSON: &str = "application/json;charset=UTF-8";
/// What some paths begin with on the vendor's own address, and all of them elsewhere.
const V3: &str = "/v3";

/// What every path follows: the address and the prefix, which the address may end with already.
pub(super) fn root(url: &str, prefix: &str) -> String {
    let (url, prefix) = (url.trim_end_matches('/'), prefix.trim().trim_matches('/'));
    let has_it = prefix.is_empty() || url.strip_suffix(prefix).is_some_and(|rest| rest.ends_with('/'));
    if has_it { url.to_owned() } else { format!("{url}/{prefix}") }
}

/// A call's address. A path that begins with `/v3` behind a root that ends with it has it once.
fn address(root: &str, path: &str) -> String {
    let path = if root.ends_with(V3) { path.strip_prefix(V3).unwrap_or(path) } else { path };
    format!("{root}{path}")
}

/// A signed POST.
pub(super) fn signed(
    root: &str,
    path: &str,
    body: Bytes,
    signer: &Signer,
    timestamp: u64,
) -> Result<Request<Bytes>, Failure> {
    let mut sign =
        HeaderValue::from_str(signer.sign(timestamp).expose()).map_err(|_| bad("the signature is no header"))?;
    sign.set_sensitive(true);
    let api_key = HeaderValue::from_str(&signer.api_key).map_err(|_| bad("api_key can't stand in a header"))?;
    Request::builder()
        .method(Method::POST)
        .uri(address(root, path))
        .header(CONTENT_TYPE, JSON)
        .header("api-key", api_key)
        .header("timestamp", timestamp)
        .header(SIGN, sign)
        .body(body)
        .map_err(|_| bad("`url` and `prefix` are no address to send to"))
}

/// The header that the signature stands in.
pub(super) const SIGN: &str = "sign";

fn bad(what: &str) -> Failure {
    Failure::new(FailureKind::Unsupported, "bad_target", what)
}

/// The body that asks for one page of a listing, from 1.
pub(super) fn page(current: u32, params: &Json) -> Bytes {
    json!({ "current": current, "size": paging::SIZE, "params": params }).to_string().into()
}

/// What narrows a listing down to one application.
pub(super) fn of_app(app_id: &str) -> Json {
    json!({ wire::APP_ID: app_id })
}

/// The body that makes a group of phones.
pub(super) fn add_phones(support: &KindSupport, object: &NewObject<'_>, app_id: &str) -> Bytes {
    let mut body = Map::new();
    body.insert(wire::GROUP_NAME.into(), object.key.into());
    body.insert(wire::APP_ID.into(), app_id.into());
    for (field, value) in support.kind.fields.iter().zip(object.values) {
        if let Some([wire]) = support.field(field.name).map(|supported| supported.wire) {
            insert(&mut body, wire, value);
        }
    }
    bytes(body)
}

/// A body as it goes out.
pub(super) fn bytes(body: Map<String, Json>) -> Bytes {
    sealed_json(body)
}

/// Writes a value in the platform's spelling; what can't be sent is left out. A list is one text with commas.
pub(super) fn insert(body: &mut Map<String, Json>, wire: &str, value: &Value) {
    let json = match value {
        Value::Unset | Value::NotReadable | Value::Record(_) => return,
        Value::Text(text) => Json::from(&**text),
        Value::Secret(secret) => Json::from(secret.expose()),
        Value::Integer(number) => Json::from(*number),
        Value::Bool(yes) => Json::from(*yes),
        Value::List(items) => {
            let items: Vec<&str> = items.iter().filter_map(Value::as_text).collect();
            Json::from(items.join(","))
        }
    };
    body.insert(wire.into(), json);
}

/// Refuses an update that would leave out what the platform has and doesn't show: it might be reset.
pub(super) fn refuse_unreadable(support: &KindSupport, values: &[Value]) -> Result<(), Failure> {
    let mut fields = support.kind.fields.iter().zip(values);
    match fields.find(|(_, value)| **value == Value::NotReadable) {
        None => Ok(()),
        Some((field, _)) => {
            let name = field.name;
            let message = format!("the platform doesn't show `{name}`, and an update without it might reset it");
            Err(Failure::new(FailureKind::Refused, "not_readable", message)
                .field(name)
                .hint(format!("write `{name}` in the YAML, so that it can be sent too")))
        }
    }
}

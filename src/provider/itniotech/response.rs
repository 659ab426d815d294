//! Answers, from bytes to what they hold or a classified failure. Pure.

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::http::{Class, Failure, FailureKind, neutral, no_envelope, retry_after};
use crate::model::{Field, Secret, Type, Value};
use crate::provider::limits;
use crate::provider::loose::{Loose, Record};

use super::id::KeyId;
use super::{status, wire};

const EXPECTED: &str = "the platform's JSON answer";
const SUCCESS: &str = "0";

/// Reads an answer's envelope. It goes before the HTTP status. `hide` holds the secrets of the request, which the
/// vendor's text may repeat.
pub(super) fn envelope(class: Class, response: &Response<Bytes>, hide: &[&str]) -> Result<(), Failure> {
    let body = limits::json_object(class, response, EXPECTED)?;
    let Ok(envelope) = serde_json::from_slice::<wire::Envelope>(body) else {
        return Err(no_envelope(class, response, EXPECTED));
    };
    let Some(code) = envelope.status.text().map(str::trim) else {
        return Err(no_envelope(class, response, EXPECTED));
    };
    if code == SUCCESS {
        return Ok(());
    }
    let mut failure = status::failure(class, code, &neutral(envelope.reason.or_empty().trim(), hide));
    failure.retry_after = retry_after(response.headers());
    Err(failure)
}

/// Reads what a successful answer holds. `None` where it holds nothing.
pub(super) fn data<T: DeserializeOwned>(response: &Response<Bytes>) -> Result<Option<T>, Failure> {
    let holding: Result<wire::Holding<T>, _> = serde_json::from_slice(limits::bare(response));
    // Where, but not what: serde's own words could show a value.
    holding.map(|holding| holding.data).map_err(|error| bad_shape(&format!("line {}", error.line())))
}

/// Reads one page of a listing. Where there is none, the page doesn't say how many records there are.
pub(super) fn page(response: &Response<Bytes>) -> Result<wire::Page, Failure> {
    let Some(mut page) = data::<Record>(response)? else {
        return Ok(wire::Page::default());
    };
    let total = Loose::member(&page, wire::TOTAL);
    let records = match page.remove(wire::RECORDS) {
        None | Some(Json::Null) => Some(Vec::new()),
        Some(Json::Array(records)) => records.into_iter().map(object).collect(),
        Some(_) => None,
    };
    let bytes = response.body().len();
    records.map(|records| wire::Page { total, records, bytes }).ok_or_else(|| bad_shape("in its records"))
}

fn object(json: Json) -> Option<Record> {
    match json {
        Json::Object(record) => Some(record),
        _ => None,
    }
}

fn bad_shape(place: &str) -> Failure {
    let message = format!("the platform's answer isn't of the documented form ({place})");
    Failure::new(FailureKind::Unknown, "bad_shape", message)
}

/// The id that an add answered with, by itself or as a member, if it did.
pub(super) fn added_id(response: &Response<Bytes>) -> Option<Box<str>> {
    let data: Json = data(response).ok()??;
    let id = match &data {
        Json::Object(record) => Loose::member(record, wire::KEY_ID).text()?.to_owned(),
        scalar => text(scalar)?,
    };
    Some(KeyId::parse(&id).ok()?.as_str().into())
}

/// A field's value as a record shows it. `null` is how the platform writes an empty text or list; what the record doesn't
/// hold at all, or shows masked, is not readable.
pub(super) fn value(field: &Field, shown: Option<&Json>) -> Value {
    let value = match shown {
        None => None,
        Some(Json::Null) if field.secret => None,
        Some(Json::Null) => Some(field.ty.empty()).filter(|empty| *empty != Value::Unset),
        Some(shown) => parse(field.ty, shown),
    };
    match value {
        Some(Value::Text(text)) if field.secret => password(&text).map_or(Value::NotReadable, Value::Secret),
        Some(value) => value,
        None => Value::NotReadable,
    }
}

/// A secret as it is shown; `None` for `******`, which a page shows in place of one.
pub(super) fn password(shown: &str) -> Option<Secret> {
    let is_mask = !shown.is_empty() && shown.bytes().all(|byte| byte == b'*');
    (!is_mask).then(|| Secret::new(shown))
}

fn parse(ty: Type, shown: &Json) -> Option<Value> {
    match (ty, shown) {
        (Type::List(item) | Type::Set(item), Json::Array(shown)) => {
            let items: Option<Vec<_>> = shown.iter().map(|shown| parse(*item, shown)).collect();
            items.map(|items| ty.gather(items))
        }
        // A list is one text with commas.
        (Type::List(item) | Type::Set(item), shown) => {
            let shown = text(shown)?;
            let parts = shown.split(',').map(str::trim).filter(|part| !part.is_empty());
            let items: Option<Vec<_>> = parts.map(|part| item.parse(part).ok()).collect();
            items.map(|items| ty.gather(items))
        }
        (_, shown) => ty.parse(&text(shown)?).ok(),
    }
}

/// A scalar's text, however it is spelled.
pub(super) fn text(shown: &Json) -> Option<String> {
    match shown {
        Json::String(text) => Some(text.clone()),
        Json::Number(number) => Some(number.to_string()),
        Json::Bool(yes) => Some(yes.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

//! Answers, from bytes to the model or a classified failure: 7moor's platform v7. Pure.

use std::sync::LazyLock;

use bytes::Bytes;
use http::Response;
use serde::de::DeserializeOwned;

use crate::http::{Class, Failure, FailureKind, neutral, no_envelope, retry_after};
use crate::model::{Field, Type, Value};
use crate::provider::gather::Gathered;
use crate::provider::limits;
use crate::provider::shown::{Plain, Shown};

use super::id::SipId;
use super::table::SIP_NUMBERS;
use super::wire::{self, Listed, Numbered};

const EXPECTED: &str = "the platform's JSON answer";

/// Reads an answer's envelope. It goes before the HTTP status. `hide` holds the secrets of the request, which the
/// vendor's text may repeat.
pub(super) fn envelope(class: Class, response: &Response<Bytes>, hide: &[&str]) -> Result<(), Failure> {
    accept(class, response, limits::json_object(class, response, EXPECTED)?, hide)
}

/// The same for an answer whose rows were cut out.
pub(super) fn listing_envelope<R>(
    class: Class,
    response: &Response<Bytes>,
    rows: &Gathered<R>,
    hide: &[&str],
) -> Result<(), Failure> {
    accept(class, response, rows.json_object(class, response, EXPECTED)?, hide)
}

fn accept(class: Class, response: &Response<Bytes>, body: &[u8], hide: &[&str]) -> Result<(), Failure> {
    let Ok(envelope) = serde_json::from_slice::<wire::Envelope>(body) else {
        return Err(no_envelope(class, response, EXPECTED));
    };
    if envelope.success.text().is_none() {
        return Err(no_envelope(class, response, EXPECTED));
    }
    if envelope.success.is_yes() {
        return Ok(());
    }
    let mut failure = refused(&envelope, hide);
    failure.retry_after = retry_after(response.headers());
    Err(failure)
}

/// What a refusal means. The vendor's codes are not documented, so they are read like the HTTP statuses that they look
/// like, and only where a wrong guess is harmless: at worst the target is stopped early. A server's own failure leaves
/// open what became of a write.
fn refused(envelope: &wire::Envelope, hide: &[&str]) -> Failure {
    let code = neutral(envelope.code.or_empty(), hide);
    let words = neutral(envelope.message.or_empty(), hide);
    let kind = match code.as_str() {
        "401" | "403" => FailureKind::Credentials,
        "429" => FailureKind::Busy,
        "500" | "502" | "503" | "504" => FailureKind::Unknown,
        _ => FailureKind::Refused,
    };
    let failure = Failure::new(kind, code.clone(), format!("the platform refuses with code {code}: {words:?}"));
    match kind {
        FailureKind::Credentials => failure.hint("check app_key and secret, and that this machine's clock is right"),
        _ => failure,
    }
}

/// Reads what a successful answer holds. `None` where it holds nothing.
pub(super) fn data<T: DeserializeOwned>(response: &Response<Bytes>) -> Result<Option<T>, Failure> {
    let holding: Result<wire::Holding<T>, _> = serde_json::from_slice(limits::bare(response));
    // Where, but not what: serde's own words could show a value.
    holding.map(|holding| holding.data).map_err(|error| bad_shape((error.line(), error.column())))
}

fn bad_shape((line, column): (usize, usize)) -> Failure {
    let message = format!("the platform's answer isn't of the documented form (line {line}, column {column})");
    Failure::new(FailureKind::Unknown, "bad_shape", message)
}

/// The lines of a successful answer to the list; `None` where it holds no list at all.
pub(super) fn lines(response: &Response<Bytes>, rows: Gathered<Listed>) -> Result<Option<Vec<Listed>>, Failure> {
    all(rows, data(response)?)
}

/// The records of a successful answer to the query; `None` where it holds no list at all.
pub(super) fn records(response: &Response<Bytes>, rows: Gathered<Numbered>) -> Result<Option<Vec<Numbered>>, Failure> {
    all(rows, data::<wire::Numbers>(response)?.and_then(|numbers| numbers.sip_numbers))
}

/// The rows that were cut out, and those that stayed in the list, as where its name is written with escapes.
fn all<R>(rows: Gathered<R>, stayed: Option<Vec<Plain<R>>>) -> Result<Option<Vec<R>>, Failure> {
    if let Some(place) = rows.odd() {
        return Err(bad_shape(place));
    }
    Ok(stayed.map(|stayed| {
        let mut all = rows.rows;
        all.extend(stayed.into_iter().map(|Plain(row)| row));
        all
    }))
}

/// The id that a create answered with, if it did.
pub(super) fn created_id(response: &Response<Bytes>) -> Option<Box<str>> {
    let written: wire::Written = data(response).ok()??;
    let id = SipId::parse(written.sip_id.text()?).ok()?;
    Some(id.as_str().into())
}

/// The values of a number of which nothing is shown: not readable, but for what the platform doesn't have.
pub(super) fn nothing_shown() -> Box<[Value]> {
    static NOTHING: LazyLock<Box<[Value]>> = LazyLock::new(|| {
        let fields = SIP_NUMBERS.kind.fields.iter();
        let known = |field: &Field| SIP_NUMBERS.fields.iter().any(|known| known.name == field.name);
        fields.map(|field| if known(field) { Value::NotReadable } else { Value::Unset }).collect()
    });
    NOTHING.clone()
}

/// One field's value in a record of `call/query/number`. What is shown masked is not readable; it is never taken for empty.
pub(super) fn value(field: &Field, shown: &Shown<'_>) -> Value {
    match parse(field.ty, shown) {
        Some(Value::Text(text)) if field.secret && is_mask(&text) => Value::NotReadable,
        Some(Value::Text(text)) if field.secret => Value::secret(text),
        Some(value) => value,
        None => Value::NotReadable,
    }
}

fn parse(ty: Type, shown: &Shown<'_>) -> Option<Value> {
    match (ty, shown) {
        (Type::List(item) | Type::Set(item), Shown::List(shown)) => {
            let items: Option<Vec<_>> = shown.iter().map(|shown| parse(*item, shown)).collect();
            items.map(|items| ty.gather(items))
        }
        (_, shown) => read(ty, shown.text()?),
    }
}

/// A scalar by its type. A choice that sipform doesn't know, as a codec of tomorrow, stays as it is: it can be read,
/// and it is none of those that a person can ask for.
fn read(ty: Type, text: &str) -> Option<Value> {
    match ty.parse(text) {
        Ok(value) => Some(value),
        Err(_) if matches!(ty, Type::Choice(_)) => Some(Value::text(text)),
        Err(_) => None,
    }
}

/// `******` is what a page shows in place of a password.
fn is_mask(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

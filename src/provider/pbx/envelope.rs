//! What stands around every answer: `status`, and `errno` where it failed. Pure.

use bytes::Bytes;
use http::Response;

use crate::http::{Class, Failure, FailureKind, no_envelope, retry_after};
use crate::model::Secret;
use crate::provider::limits;
use crate::provider::loose::{Loose, Record};

use super::{ID, TrunkId};

/// The words for what a PBX answers in JSON.
const EXPECTED: &str = "the PBX's JSON answer";

/// Reads an answer in JSON: an object with a `status`.
pub(in crate::provider) fn json(class: Class, response: &Response<Bytes>) -> Result<Record, Failure> {
    let body = limits::json_object(class, response, EXPECTED)?;
    match serde_json::from_slice::<Record>(body) {
        Ok(record) if has_status(&record) => Ok(record),
        _ => Err(no_envelope(class, response, EXPECTED)),
    }
}

/// Whether a record is an answer at all: every one has a status.
pub(in crate::provider) fn has_status(answer: &Record) -> bool {
    Loose::member(answer, "status").text().is_some()
}

/// Takes an answer for what its status says. Anything but `Success` is a failure, whatever the HTTP status: the PBX
/// answers 200 to failures too.
pub(in crate::provider) fn accept(
    answer: Record,
    response: &Response<Bytes>,
    failed: impl FnOnce(&str) -> Failure,
) -> Result<Record, Failure> {
    if Loose::member(&answer, "status").or_empty().trim().eq_ignore_ascii_case("success") {
        return Ok(answer);
    }
    let mut failure = failed(Loose::member(&answer, "errno").or_empty().trim());
    failure.retry_after = retry_after(response.headers());
    Err(failure)
}

/// The token in the answer to a login.
pub(in crate::provider) fn login(answer: &Record) -> Result<Secret, Failure> {
    match Loose::member(answer, "token").text() {
        Some(token) if !token.is_empty() => Ok(Secret::new(token)),
        _ => Err(Failure::new(FailureKind::Refused, "no_token", "the PBX accepts the login and gives no token")),
    }
}

/// The id that a create answered with, if it did; whether it does is not documented. A text that can't be one trunk's id
/// counts as none.
pub(in crate::provider) fn added_id(answer: &Record) -> Option<Box<str>> {
    let id = TrunkId::parse(Loose::member(answer, ID).text()?).ok()?;
    Some(id.as_str().into())
}

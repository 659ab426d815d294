//! What can be the id of exactly one object: vendors take lists, `all` or nothing where they ask for an id.

use crate::http::{Failure, FailureKind, neutral};

/// The most characters that an id has; the vendors' samples have 24 at most, and none documents a limit.
const MAX_LENGTH: usize = 64;

/// Reads an id: letters, digits, `-` and `_`, and not the word `all`. `what` names it in the refusal, as in "one SIP
/// number's id".
///
/// # Errors
/// The text can't be one object's id.
pub(super) fn one_id(text: &str, what: &str) -> Result<Box<str>, Failure> {
    is_one_id(text).then(|| text.into()).ok_or_else(|| {
        let message = format!("{:?} can't be {what}", neutral(text, &[]));
        Failure::new(FailureKind::Refused, "bad_id", message)
    })
}

/// Whether [`one_id`] takes a text.
pub(super) fn is_one_id(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    plain && (1..=MAX_LENGTH).contains(&text.len()) && !text.eq_ignore_ascii_case("all")
}

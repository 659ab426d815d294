//! Keys that nobody knows, and how much of them may be said.

use super::node::Pair;
use super::report::{FileId, Finding, Place};
use super::suggest;
use crate::diag::quote;

/// An unknown key. It is quoted where it is surely one: not where it may be the rest of a value that lost its quotes.
pub(super) fn unknown_key(file: FileId, pair: &Pair<'_>, place: &str, known: &[&str]) -> Finding {
    let at = Place { file, mark: pair.key.mark };
    match key_as_shown(pair, known) {
        Some(key) => Finding::error("unknown_field", at, format!("unknown field {} {place}", quote(key)))
            .hint(suggest::hint(key, known))
            .shown(true),
        None => Finding::error("unknown_field", at, format!("unknown field {place}"))
            .hint("a colon needs a space behind it; a text with a comma, colon or bracket has to stand in quotes"),
    }
}

/// The key, if it can't be a piece of a value. `{ password: a,b2 }` has a key `b2` without a value, `{ password:b2 }` one
/// with a colon in it.
fn key_as_shown<'p>(pair: &'p Pair<'_>, known: &[&str]) -> Option<&'p str> {
    let key = &*pair.key.text;
    let is_meant = !pair.value.is_null() || suggest::nearest(key, known.iter().copied()).is_some();
    (is_meant && pair.key.mark.length > 0 && is_word(key)).then_some(key)
}

/// Whether a key looks like one.
pub(super) fn is_word(key: &str) -> bool {
    const LONGEST: usize = 64;
    key.len() <= LONGEST && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
}

//! Text that comes from the other side, made harmless before a message repeats it; and text that goes there.

use bytes::Bytes;
use secrecy::zeroize::{Zeroize as _, Zeroizing};
use serde_json::{Map, Value as Json};

use crate::diag::is_harmful;

/// The most characters of a vendor's text that a message repeats.
pub const VENDOR_TEXT_MAX: usize = 160;

/// What stands in a message where a secret stood.
const HIDDEN: &str = "(secret)";

/// A vendor's text for a message: one line, nothing that [`is_harmful`], at most [`VENDOR_TEXT_MAX`] characters, and none of the secrets in `hide`, in case the vendor echoes
/// what it was sent.
pub fn neutral(text: &str, hide: &[&str]) -> String {
    let mut shown = text.to_owned();
    for secret in hide.iter().filter(|secret| !secret.is_empty()) {
        shown = shown.replace(secret, HIDDEN);
    }
    let mut characters = shown.chars();
    let mut short: String = characters.by_ref().take(VENDOR_TEXT_MAX).map(harmless).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

fn harmless(character: char) -> char {
    if is_harmful(character) { '\u{FFFD}' } else { character }
}

/// A request's body, which may hold secrets: its memory is zeroed when the last one lets go of it. What the HTTP and TLS
/// libraries copy of it on its way out is theirs.
pub fn sealed(body: impl Into<Vec<u8>>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(body.into()))
}

/// A request's body in JSON. The texts that were gathered for it are zeroed too.
pub fn sealed_json(mut body: Map<String, Json>) -> Bytes {
    // A map with texts for keys: this can't fail.
    let sealed = sealed(serde_json::to_vec(&body).unwrap_or_default());
    for value in body.values_mut() {
        if let Json::String(text) = value {
            text.zeroize();
        }
    }
    sealed
}

/// Percent-encodes everything that isn't unreserved in a URL, for a value in a query.
pub fn encode_query(value: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String can't fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_vendors_text_is_one_short_harmless_line(text in "\\PC*|.*|[\\x00-\\x1f\u{200b}-\u{206f}]*") {
            let shown = neutral(&text, &[]);
            prop_assert!(shown.chars().count() <= VENDOR_TEXT_MAX + 1);
            prop_assert!(!shown.chars().any(is_harmful));
        }

        #[test]
        fn no_secret_survives(before in "[a-z]{0,200}", secret in "[A-Z0-9]{1,12}", after in "[a-z]{0,20}") {
            let shown = neutral(&format!("{before}{secret}{after}"), &[&secret]);
            prop_assert!(!shown.contains(&secret));
        }

        #[test]
        fn a_query_value_cannot_break_out(value in ".*") {
            let encoded = encode_query(&value);
            prop_assert!(encoded.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
        }
    }

    #[test]
    fn plain_text_stays() {
        assert_eq!(neutral("number exists 号码", &[""]), "number exists 号码");
        assert_eq!(encode_query("48a7-._~"), "48a7-._~");
        assert_eq!(encode_query("a&b=c d"), "a%26b%3Dc%20d");
    }
}

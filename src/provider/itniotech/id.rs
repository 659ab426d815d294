//! A call-centre trunk's id, by type.

use crate::http::{Failure, FailureKind};

/// The most characters that an id has; the vendor documents none.
const MAX_LENGTH: usize = 64;

/// The `keyId` of exactly one call-centre trunk. What an update with an empty one would change is not documented: only
/// this type goes into one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Box<str>);

impl KeyId {
    /// Reads an id: letters, digits, `-` and `_`, and not the word `all`.
    ///
    /// # Errors
    /// The text can't be one trunk's id.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        let is_id = plain && (1..=MAX_LENGTH).contains(&text.len()) && !text.eq_ignore_ascii_case("all");
        is_id.then(|| Self(text.into())).ok_or_else(|| {
            let message = format!("{:?} can't be one trunk's keyId", crate::http::neutral(text, &[]));
            Failure::new(FailureKind::Refused, "bad_id", message)
        })
    }

    /// The id as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_one_id() {
        for text in ["", "all", "ALL", "1,2", "1,", " 1", "1\n", "*", "null ", &"1".repeat(65)] {
            assert!(KeyId::parse(text).is_err(), "{text:?}");
        }
        assert!(KeyId::parse("1432219876543211").is_ok());
    }
}

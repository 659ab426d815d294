//! A SIP number's id, by type.

use crate::http::Failure;
use crate::provider::one_id::{is_one_id, one_id};

/// The id of exactly one SIP number. What an empty or a made-up id would do to a delete is not documented: only this
/// type goes into one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SipId(Box<str>);

impl SipId {
    /// Reads an id: letters, digits, `-` and `_`, and not the word `all`.
    ///
    /// # Errors
    /// The text can't be one number's id.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        one_id(text, "one SIP number's id").map(Self)
    }

    /// Whether [`Self::parse`] takes it.
    pub(super) fn is_one(text: &str) -> bool {
        is_one_id(text)
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
        for text in ["", "all", "ALL", "a,b", "a,", " a", "a\n", "*", "null ", &"a".repeat(65)] {
            assert!(SipId::parse(text).is_err(), "{text:?}");
        }
        assert!(SipId::parse("60585ef758b4e753b049830c").is_ok());
    }
}

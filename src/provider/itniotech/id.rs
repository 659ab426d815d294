//! A call-centre trunk's id, by type.

use crate::http::Failure;
use crate::provider::one_id::one_id;

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
        one_id(text, "one trunk's keyId").map(Self)
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

//! A trunk's id and a trunk's name, by type: the PBX's calls take lists of them and the word `all`.

use std::fmt;

use crate::http::{Failure, FailureKind};

/// The most digits that an id has.
const MAX_DIGITS: usize = 20;

/// The id of exactly one trunk. Delete and update take `"15,16"` and `"all"` too: only this type goes into them, and it
/// can't hold either.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrunkId(Box<str>);

impl TrunkId {
    /// Reads an id: digits and nothing else.
    ///
    /// # Errors
    /// The text can't be one trunk's id.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let is_id = (1..=MAX_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        is_id.then(|| Self(text.into())).ok_or_else(|| {
            let shown = crate::http::neutral(text, &[]);
            Failure::new(FailureKind::Refused, "bad_id", format!("{shown:?} can't be one trunk's id: expected digits"))
        })
    }

    /// The id as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TrunkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of exactly one trunk. Where a delete goes by name it takes `"A,B"` and `"all"` too: only this type goes into
/// it, and it can't hold either.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrunkName(Box<str>);

impl TrunkName {
    /// Reads a name: not blank, without a comma, and not `all` in any case, nor with blanks around it, which the PBX may
    /// strip.
    ///
    /// # Errors
    /// The text could stand for no trunk or for several.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        // Characters that can't be seen could hide an `all`.
        let visible: String = text.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
        let is_one = !visible.is_empty() && !text.contains(',') && !visible.eq_ignore_ascii_case("all");
        is_one.then(|| Self(text.into())).ok_or_else(|| {
            let shown = crate::http::neutral(text, &[]);
            let message = format!("{shown:?} can't be one trunk's name: to the PBX it means none or several");
            Failure::new(FailureKind::Refused, "bad_name", message).field("name")
        })
    }

    /// The name as it goes on the wire.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_but_one_id() {
        for text in ["", "all", "ALL", "All", "15,16", "15,", ",", " 15", "15 ", "-1", "1e3", "15\n", "１５", "15;all"]
        {
            assert!(TrunkId::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(TrunkId::parse("15").map(|id| id.to_string()), Ok("15".into()));
    }

    #[test]
    fn nothing_but_one_name() {
        for text in
            ["", " ", "\t\n", "all", "ALL", "All", " all ", "all\0", "a\nll", "a,b", "a,", ",", "all,a", "\u{a0}all"]
        {
            assert!(TrunkName::parse(text).is_err(), "{text:?}");
        }
        for text in ["test", "all-carriers", "small", "中继", " a", "a b"] {
            assert_eq!(TrunkName::parse(text).map(|name| name.as_str().to_owned()), Ok(text.to_owned()));
        }
    }

    proptest! {
        #[test]
        fn whatever_parses_is_one_name(text in "\\PC*|[al, ]{0,5}") {
            if let Ok(name) = TrunkName::parse(&text) {
                let bare = name.as_str().trim();
                prop_assert!(!bare.is_empty() && !bare.contains(',') && !bare.eq_ignore_ascii_case("all"));
            }
        }

        #[test]
        fn whatever_parses_is_digits(text in "\\PC*|[0-9,al]{0,4}") {
            if let Ok(id) = TrunkId::parse(&text) {
                prop_assert!(!id.as_str().is_empty() && id.as_str().bytes().all(|b| b.is_ascii_digit()));
            }
        }
    }
}

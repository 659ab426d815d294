//! `target/kind/key`: one object's place, the same in errors, plans, logs and `--target`.

use std::fmt;
use std::sync::Arc;

use super::kinds;

/// Where one object lives: the target that holds it, its kind and its key.
///
/// Ordered by target, then kind, then key, which is the order of every list that sipform prints.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The target's name in the YAML.
    pub target: Arc<str>,
    /// The kind's name: `trunk`, `sip_number`.
    pub kind: &'static str,
    /// The trunk's name or the number; may hold any character, `/` too.
    pub key: Box<str>,
}

impl Address {
    /// An address from its three parts.
    pub fn new(target: impl Into<Arc<str>>, kind: &'static str, key: impl Into<Box<str>>) -> Self {
        Self { target: target.into(), kind, key: key.into() }
    }

    /// Reads `target/kind/key`; everything behind the second slash is the key.
    ///
    /// # Errors
    /// Says in one fragment what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = text.splitn(3, '/');
        let (Some(target), Some(kind), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("expected an address as target/kind/key, like hq-pbx/trunk/old-carrier".into());
        };
        if target.is_empty() || key.is_empty() {
            return Err("expected an address as target/kind/key, with no part empty".into());
        }
        let Some(kind) = kinds::by_name(kind) else {
            return Err(format!("expected a kind in the middle, one of {}", kinds::names().join(", ")));
        };
        Ok(Self::new(target, kind.name, key))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.target, self.kind, self.key)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

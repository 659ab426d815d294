//! The credentials that a box accepts.

use std::collections::BTreeMap;
use std::fmt;

use super::Error;

/// A target's settings by the names that they have in the YAML, as text. Their values are never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// The setting's text; `None` where it isn't set or is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// With one more setting, or another value for it.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The setting's text.
    pub(super) fn require(&self, provider: &'static str, name: &'static str) -> Result<String, Error> {
        let found = self.get(name).map(str::to_owned);
        found.ok_or(Error::MissingSetting { provider, name })
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Settings {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

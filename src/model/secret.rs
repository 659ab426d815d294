//! A text that can't be printed by accident.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A password, key or token. It has no `Display` and no `Serialize`, its `Debug` shows no character of it, and its
/// memory is zeroed when it is dropped. What needs the text says so with [`Secret::expose`], and answers for its copies:
/// bodies go through `http::sealed`, which zeroes them too; a token in a URL and a signature in a header can't be zeroed.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes ownership of a secret text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(SecretString::from(text.into()))
    }

    /// The text itself, for the one place that puts it on the wire or into a keyed hash.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

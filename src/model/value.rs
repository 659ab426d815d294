//! One field's value, on either side of a comparison.

use std::sync::Arc;

use super::Secret;

/// A field's value in its canonical form: [`super::Type::parse`] made it, so two values that mean the same are equal.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Value {
    /// Desired: not written, and left alone. Live: the object has no such field.
    #[default]
    Unset,
    /// Live only: the vendor's answers don't show the field. Never equal to anything, and never reported as equal.
    NotReadable,
    /// A text, a host, or a choice in its canonical spelling.
    Text(Box<str>),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Bool(bool),
    /// Items in order; a set's items are sorted and without repeats. Shared: thousands of objects have the same few lists.
    List(Arc<[Value]>),
    /// One value for each member of a [`super::Type::Record`], in the table's order.
    Record(Arc<[Value]>),
    /// A text that is never shown.
    Secret(Secret),
}

impl Value {
    /// A text value.
    pub fn text(text: impl Into<Box<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A secret value.
    pub fn secret(text: impl Into<Box<str>>) -> Self {
        Self::Secret(Secret::new(text))
    }

    /// The text of a [`Value::Text`].
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a person would call the field empty: unset, an empty text, or lists with nothing in them.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Unset => true,
            Self::NotReadable | Self::Integer(_) | Self::Bool(_) => false,
            Self::Text(text) => text.is_empty(),
            Self::Secret(secret) => secret.expose().is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Record(members) => members.iter().all(Self::is_empty),
        }
    }
}

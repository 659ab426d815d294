//! Values as the vendors spell them: a number here is a string there, from one call to the next. Read both.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

/// A record as it came, for decoders that go by the provider's table. Fields that the table doesn't name are ignored.
pub(super) type Record = Map<String, Json>;

/// A text, number or yes/no, as text. Anything else, `null` too, is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Loose(Option<Box<str>>);

impl Loose {
    /// The text; `None` where there was no scalar.
    pub(super) fn text(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text; empty where there was no scalar.
    pub(super) fn or_empty(&self) -> &str {
        self.text().unwrap_or("")
    }

    /// Whether it says yes: `true`, `"true"`, `1`, `"1"`.
    pub(super) fn is_yes(&self) -> bool {
        matches!(self.or_empty().trim().to_ascii_lowercase().as_str(), "true" | "1" | "yes")
    }

    /// A member of a record.
    pub(super) fn member(record: &Record, name: &str) -> Self {
        Self(match record.get(name) {
            Some(Json::String(text)) => Some(text.as_str().into()),
            Some(Json::Number(number)) => Some(number.to_string().into()),
            Some(Json::Bool(yes)) => Some(yes.to_string().into()),
            _ => None,
        })
    }
}

impl<'de> Deserialize<'de> for Loose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LooseVisitor).map(Self)
    }
}

struct LooseVisitor;

impl<'de> Visitor<'de> for LooseVisitor {
    type Value = Option<Box<str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a number")
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Some(text.into()))
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(Some(yes.to_string().into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string().into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string().into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Some(number.to_string().into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn every_spelling_of_a_scalar() {
        for (json, text) in [
            (r#""15""#, Some("15")),
            ("15", Some("15")),
            ("-1", Some("-1")),
            ("true", Some("true")),
            ("null", None),
            (r#"{"a":[1,{}]}"#, None),
            ("[1,[2]]", None),
        ] {
            let loose: Loose = serde_json::from_str(json).unwrap();
            assert_eq!(loose.text(), text, "{json}");
            let record: Record = serde_json::from_str(&format!(r#"{{"x":{json}}}"#)).unwrap();
            assert_eq!(Loose::member(&record, "x"), loose, "{json}");
        }
    }
}

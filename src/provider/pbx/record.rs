//! One trunk's record, read by the tables of kind and vendor.

use serde_json::Value as Json;

use crate::model::{Field, FieldSupport, KindSupport, LiveObject, Type, Value};
use crate::provider::loose::{Loose, Record};

use super::{ID, NAME, TrunkId};

/// How a dialect's records are read.
#[derive(Clone, Copy)]
pub(in crate::provider) struct Reading {
    /// What the vendor can do with trunks.
    pub(in crate::provider) support: &'static KindSupport,
    /// What the records show beside the table's fields and no update can reset: what the PBX computes.
    pub(in crate::provider) computed: &'static [&'static str],
    /// Whether an update replaces everything, and so resets what the table doesn't know.
    pub(in crate::provider) replaces: bool,
}

impl Reading {
    /// Reads one trunk.
    ///
    /// # Errors
    /// Why the record can't be used, as a fragment: then the listing isn't whole.
    pub(in crate::provider) fn trunk(&self, record: &Record) -> Result<LiveObject, String> {
        let name = Loose::member(record, NAME);
        let key = name.text().filter(|name| !name.is_empty()).ok_or("a trunk has no name")?;
        let shown = super::show(key);
        let id = TrunkId::parse(Loose::member(record, ID).or_empty());
        let id = id.map_err(|failure| format!("trunk {shown}: {}", failure.message))?;
        let variant = self.variant(record).ok_or_else(|| format!("trunk {shown} is of a type that is not known"))?;
        let values = self.support.kind.fields.iter().map(|field| match self.support.field(field.name) {
            Some(supported) if field.applies.covers(Some(variant)) => value(field, supported, record),
            _ => Value::Unset,
        });
        let mut object = LiveObject::new(key, id.as_str(), values.collect());
        if self.replaces {
            let resets = self.resets(record);
            if !resets.is_empty() {
                object.extra_mut().resets = resets;
            }
        }
        Ok(object)
    }

    /// The trunk's type in its canonical spelling.
    fn variant(&self, record: &Record) -> Option<&'static str> {
        let kind = self.support.kind;
        let field = kind.fields.get(kind.index_of(kind.variant?)?)?;
        let wire = self.support.field(field.name)?.wire.first()?;
        let Type::Choice(choices) = field.ty else { return None };
        let text = Loose::member(record, wire);
        choices.iter().copied().find(|choice| choice.eq_ignore_ascii_case(text.or_empty().trim()))
    }

    /// The names of what the record shows and an update wouldn't say. Their values may be anything, so they stay out.
    fn resets(&self, record: &Record) -> Vec<Box<str>> {
        let known = |name: &str| {
            let by_table = self.support.fields.iter().any(|field| field.wire.contains(&name));
            by_table || name == ID || name == NAME || self.computed.contains(&name)
        };
        let unknown = record.iter().filter(|(name, value)| **value != Json::Null && !known(name));
        unknown.map(|(name, _)| crate::http::neutral(name, &[]).into()).collect()
    }
}

/// One field's value. What the record doesn't show, or shows masked, is not readable; it is never taken for empty.
fn value(field: &Field, supported: &FieldSupport, record: &Record) -> Value {
    let mut shown = supported.wire.iter().map(|name| Loose::member(record, name));
    let read = match field.ty {
        Type::Record(members) => {
            let values = members.iter().zip(shown).map(|(member, text)| parse(member.ty, text.text()?));
            values.collect::<Option<_>>().map(Value::Record)
        }
        ty => shown.next().and_then(|text| parse(ty, text.text()?)),
    };
    match read {
        Some(Value::Text(text)) if field.secret && is_mask(&text) => Value::NotReadable,
        Some(Value::Text(text)) if field.secret => Value::secret(text),
        Some(value) => value,
        None => Value::NotReadable,
    }
}

/// A text by its type. Lists are joined by commas and may end in one.
fn parse(ty: Type, text: &str) -> Option<Value> {
    match ty {
        Type::List(item) | Type::Set(item) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            let items = items.map(|text| item.parse(text).ok()).collect::<Option<_>>()?;
            Some(ty.gather(items))
        }
        _ => ty.parse(text).ok(),
    }
}

/// `******` is what a page shows in place of a password.
fn is_mask(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte == b'*')
}

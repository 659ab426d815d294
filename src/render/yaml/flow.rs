//! Values in YAML's flow style.

use super::scalar::scalar;
use crate::model::{Type, Value};

/// A value on one line; `None` where it can't be written so that it reads back the same.
pub(super) fn flow(ty: &Type, value: &Value) -> Option<String> {
    match (ty, value) {
        (Type::Joined(parts), Value::Text(text)) => joined(parts, text),
        (_, Value::Text(text)) => Some(scalar(text)),
        (_, Value::Integer(number)) => Some(number.to_string()),
        (_, Value::Bool(yes)) => Some(yes.to_string()),
        (Type::List(item) | Type::Set(item), Value::List(items)) => {
            let items: Option<Vec<_>> = items.iter().map(|value| flow(item, value)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        (Type::Record(members), Value::Record(values)) => {
            let pairs = members.iter().zip(values.iter()).filter(|(_, value)| !value.is_empty());
            let pairs: Option<Vec<_>> =
                pairs.map(|(member, value)| Some(format!("{}: {}", member.name, flow(&member.ty, value)?))).collect();
            let pairs = pairs?;
            Some(if pairs.is_empty() { "{}".into() } else { format!("{{ {} }}", pairs.join(", ")) })
        }
        _ => None,
    }
}

/// A joined text as its parts: what stands before the first hyphen, after the last one, and between.
fn joined(parts: &[&str], text: &str) -> Option<String> {
    let [first, middle, last] = parts else { return None };
    let (before, rest) = text.split_once('-')?;
    let (between, after) = rest.rsplit_once('-')?;
    (!before.is_empty() && !after.is_empty())
        .then(|| format!("{{ {first}: {}, {middle}: {}, {last}: {} }}", scalar(before), scalar(between), scalar(after)))
}

//! Which part of a listing a call wants: `current`, `size`, and `params` to narrow it.

use serde_json::{Map, Value, json};

use super::fields::{invalid, loose};
use crate::sandbox::dialect::Refusal;

/// The largest page, in records.
const MAX_SIZE: u64 = 100;

/// One page of a listing.
pub(super) struct Page {
    /// From 1.
    current: u64,
    size: u64,
}

impl Page {
    /// Both are required, as numbers.
    pub(super) fn read(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let number = |name: &str| fields.get(name).and_then(Value::as_u64).ok_or_else(|| invalid(name));
        let (current, size) = (number("current")?, number("size")?);
        if current == 0 {
            return Err(invalid("current"));
        }
        if !(1..=MAX_SIZE).contains(&size) {
            return Err(invalid("size"));
        }
        Ok(Self { current, size })
    }

    /// The page of these records, each shown by `show` with its place in the whole listing. `hidden` are members that
    /// the account may not see.
    pub(super) fn of<T>(&self, all: &[&T], hidden: &[String], show: impl Fn(usize, &T) -> Value) -> Value {
        let total = all.len() as u64;
        let before = usize::try_from((self.current - 1).saturating_mul(self.size)).unwrap_or(usize::MAX);
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let shown = all.iter().enumerate().skip(before).take(size).map(|(place, record)| {
            let mut record = show(place, record);
            if let Value::Object(members) = &mut record {
                members.retain(|name, _| !hidden.contains(name));
            }
            record
        });
        json!({
            "total": loose(total, self.size.is_multiple_of(2)), "size": self.size, "current": self.current,
            "pages": total.div_ceil(self.size), "records": shown.collect::<Vec<_>>(),
        })
    }
}

/// What narrows a listing; nothing where it isn't given.
pub(super) fn params(fields: &Map<String, Value>) -> Result<Map<String, Value>, Refusal> {
    match fields.get("params") {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(params)) => Ok(params.clone()),
        Some(_) => Err(invalid("params")),
    }
}

//! Reading a body's members.

use serde_json::{Map, Value};

use super::status;
use crate::sandbox::dialect::Refusal;

/// A required text of at most so many characters.
pub(super) fn text(fields: &Map<String, Value>, name: &str, max: usize) -> Result<String, Refusal> {
    let text = fields.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty());
    match text {
        Some(text) if text.chars().count() <= max => Ok(text.to_owned()),
        _ => Err(invalid(name)),
    }
}

/// A text that may be missing, null or empty.
pub(super) fn optional_text(fields: &Map<String, Value>, name: &str, max: usize) -> Result<String, Refusal> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) if text.chars().count() <= max => Ok(text.clone()),
        Some(_) => Err(invalid(name)),
    }
}

/// A whole number, as a number or a text; `None` where it is neither.
pub(super) fn number(fields: &Map<String, Value>, name: &str) -> Option<u64> {
    let value = fields.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// A filter of a listing: `None` where it is missing, null or empty.
pub(super) fn filter<'a>(params: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Refusal> {
    match params.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str()).filter(|text| !text.is_empty())),
        Some(_) => Err(invalid(name)),
    }
}

pub(super) fn invalid(name: &str) -> Refusal {
    Refusal::new(status::PARAMETER, format!("parameter error: {name}"))
}

/// `host` or `host:port`.
pub(super) fn is_address(text: &str, port_required: bool) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_host = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-[]:".contains(c));
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    is_host && port.map_or(!port_required, is_port)
}

/// A number or a text, as different calls of the vendor spell the same thing.
pub(super) fn loose(number: u64, as_text: bool) -> Value {
    if as_text { number.to_string().into() } else { number.into() }
}

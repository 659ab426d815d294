//! What a call says: names and texts, before they become JSON or XML.

use std::collections::BTreeMap;

use bytes::Bytes;
use secrecy::zeroize::Zeroize as _;

use crate::http::{Failure, FailureKind, sealed};
use crate::model::{Kind, KindSupport, Type, Value};
use crate::provider::Update;

use super::{ID, NAME, TrunkId, TrunkName};

/// A call's parameters, in order. No `Debug`: they may hold a password, and are zeroed when they are dropped.
#[derive(Default)]
pub(in crate::provider) struct Params(Vec<(&'static str, String)>);

impl Params {
    /// With one more.
    pub(in crate::provider) fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.push(name, text.into());
        self
    }

    pub(in crate::provider) fn push(&mut self, name: &'static str, text: String) {
        self.0.push((name, text));
    }

    pub(in crate::provider) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(name, text)| (*name, text.as_str()))
    }

    /// As a JSON object of texts.
    pub(in crate::provider) fn json(&self) -> Bytes {
        let members: BTreeMap<_, _> = self.iter().collect();
        // Texts under texts: this can't fail.
        sealed(serde_json::to_vec(&members).unwrap_or_default())
    }
}

impl Drop for Params {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|(_, text)| text.zeroize());
    }
}

/// Adds the wanted fields that the trunk's type has, in the vendor's spelling. Loops over the kind's table and the
/// vendor's: there is no second list of names. What is unset or not readable isn't sent.
pub(in crate::provider) fn values(
    params: &mut Params,
    support: &KindSupport,
    values: &[Value],
    wanted: impl Fn(usize) -> bool,
) -> Result<(), Failure> {
    for field in fields(support, values).filter(|field| wanted(field.index)) {
        put(params, field.name, field.ty, field.wire, field.value)?;
    }
    Ok(())
}

/// The parameters of an update that replaces everything: id, name, and every wanted field of the trunk's type, whether it
/// changes or not.
///
/// # Errors
/// The PBX hides a field that has to be sent: without it the update would reset it.
pub(in crate::provider) fn replacement(
    support: &KindSupport,
    update: &Update<'_>,
    wanted: impl Fn(usize) -> bool,
) -> Result<Params, Failure> {
    let (id, name) = (TrunkId::parse(&update.live.remote_id)?, TrunkName::parse(update.key)?);
    let mut hidden = fields(support, update.values).filter(|field| wanted(field.index));
    if let Some(field) = hidden.find(|field| *field.value == Value::NotReadable) {
        return Err(hides(field.name));
    }
    let mut params = Params::default().with(ID, id.as_str()).with(NAME, name.as_str());
    values(&mut params, support, update.values, wanted)?;
    Ok(params)
}

fn hides(field: &'static str) -> Failure {
    let message =
        format!("the PBX doesn't show the trunk's {field}, and an update replaces the whole trunk, {field} too");
    Failure::new(FailureKind::Refused, "not_readable", message)
        .hint("make the change on the PBX's web page; or delete the trunk there and apply again: it is then made anew")
        .field(field)
}

/// A field that the vendor has and the trunk's type too.
struct FieldHere<'a> {
    index: usize,
    name: &'static str,
    ty: Type,
    wire: &'static [&'static str],
    value: &'a Value,
}

fn fields<'a>(support: &KindSupport, values: &'a [Value]) -> impl Iterator<Item = FieldHere<'a>> {
    let kind: &'static Kind = support.kind;
    let variant = kind.variant_of(values);
    kind.fields.iter().zip(values).enumerate().filter(move |(_, (field, _))| field.applies.covers(variant)).filter_map(
        move |(index, (field, value))| {
            let wire = support.field(field.name)?.wire;
            Some(FieldHere { index, name: field.name, ty: field.ty, wire, value })
        },
    )
}

/// Puts one value under its spellings; a record has one for each member.
fn put(
    params: &mut Params,
    field: &'static str,
    ty: Type,
    wire: &[&'static str],
    value: &Value,
) -> Result<(), Failure> {
    if let (Type::Record(members), Value::Record(values)) = (ty, value) {
        for ((member, value), name) in members.iter().zip(values.iter()).zip(wire) {
            put(params, field, member.ty, &[name], value)?;
        }
    } else if let (Some(name), Some(text)) = (wire.first(), text(field, value)?) {
        params.push(name, text);
    }
    Ok(())
}

/// A value as the text that the PBX wants; `None` for what can't be sent.
fn text(field: &'static str, value: &Value) -> Result<Option<String>, Failure> {
    Ok(Some(match value {
        Value::Unset | Value::NotReadable | Value::Record(_) => return Ok(None),
        Value::Text(text) => text.to_string(),
        Value::Secret(secret) => secret.expose().to_owned(),
        Value::Integer(number) => number.to_string(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::List(items) => joined(field, items)?,
    }))
}

/// Items joined by commas. One that holds a comma would become two.
fn joined(field: &'static str, items: &[Value]) -> Result<String, Failure> {
    let texts: Vec<&str> = items.iter().filter_map(Value::as_text).collect();
    if texts.iter().any(|text| text.contains(',')) {
        let message = format!("an entry of {field} holds a comma, which separates entries on the PBX");
        return Err(Failure::new(FailureKind::Refused, "bad_value", message).field(field));
    }
    Ok(texts.join(","))
}

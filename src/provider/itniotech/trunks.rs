//! Call-centre trunks, between the platform's records and the model.

use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::http::Failure;
use crate::model::{Field, KindSupport, LiveObject, Value};
use crate::provider::loose::{Loose, Record};
use crate::provider::{NewObject, Update};

use super::groups::Groups;
use super::id::KeyId;
use super::paging::{Doubts, show};
use super::table::GROUPS;
use super::{request, response, wire};

/// The usable records. Of two with the same name or id both stay, and the listing isn't whole.
pub(super) fn objects(support: &KindSupport, records: &[Record], doubts: &mut Doubts) -> Vec<LiveObject> {
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    let mut objects = Vec::with_capacity(records.len());
    for record in records {
        match object(support, record) {
            Ok(object) => {
                let (is_new_name, is_new_id) = (names.insert(object.key.clone()), ids.insert(object.remote_id.clone()));
                if !(is_new_name && is_new_id) {
                    doubts.add(|| format!("the trunk {} is shown twice", show(&object.key)));
                }
                objects.push(object);
            }
            Err(reason) => doubts.add(|| reason),
        }
    }
    objects
}

fn object(support: &KindSupport, record: &Record) -> Result<LiveObject, String> {
    let name = Loose::member(record, wire::TRUNK_NAME);
    let name = name.or_empty();
    let without = |what| format!("the trunk {} has no {what}", show(name));
    let id = KeyId::parse(Loose::member(record, wire::KEY_ID).or_empty()).map_err(|_| without("usable keyId"))?;
    let direction = direction(record).ok_or_else(|| without("type"))?;
    if name.is_empty() {
        return Err(format!("the trunk with the keyId {} has no name", show(id.as_str())));
    }
    let fields = support.kind.fields.iter();
    let mut values: Box<[Value]> = fields.map(|field| value(support, field, record, &direction)).collect();
    fill_unneeded(support, &mut values);
    let mut live = LiveObject::new(name, id.as_str(), values);
    if let Some(list @ Json::Array(_)) = record.get(wire::GROUP_LIST) {
        live.extra_mut().carried.push((wire::GROUP_LIST, list.to_string().into()));
    }
    Ok(live)
}

/// Which way calls go; a type that nobody documented stays as it is, and is none that a person can ask for.
fn direction(record: &Record) -> Option<String> {
    let shown = Loose::member(record, wire::TYPE);
    let shown = shown.text()?.trim();
    let known = wire::TYPES.iter().find(|(_, number)| number.to_string() == shown);
    Some(known.map_or(shown, |(direction, _)| *direction).to_owned())
}

fn value(support: &KindSupport, field: &Field, record: &Record, direction: &str) -> Value {
    match support.field(field.name).map(|supported| supported.wire) {
        _ if !field.applies.covers(Some(direction)) => Value::Unset,
        Some([wire::TYPE]) => Value::text(direction),
        Some([wire::GROUP_LIST]) => groups(field, record.get(wire::GROUP_LIST)).unwrap_or(Value::NotReadable),
        Some([wire]) => response::value(field, record.get(*wire)),
        _ => Value::Unset,
    }
}

/// The groups by name; `None` where one of them has none.
fn groups(field: &Field, shown: Option<&Json>) -> Option<Value> {
    let list = match shown? {
        Json::Null => return Some(field.ty.empty()),
        list => list.as_array()?,
    };
    let group = |shown: &Json| {
        let record = shown.as_object()?;
        let members = wire::GROUP_MEMBERS.iter().map(|name| Value::text(Loose::member(record, name).or_empty()));
        let is_named = !Loose::member(record, wire::GROUP_NAME).or_empty().is_empty();
        is_named.then(|| Value::Record(members.collect()))
    };
    let groups: Option<Vec<_>> = list.iter().map(group).collect();
    groups.map(|groups| field.ty.gather(groups))
}

/// What is needed only with something that is off, and isn't shown, is empty.
fn fill_unneeded(support: &KindSupport, values: &mut [Value]) {
    for (index, field) in support.kind.fields.iter().enumerate() {
        let switch = field.needed_with.and_then(|switch| support.kind.value_of(values, switch));
        let is_off = switch == Some(&Value::Bool(false));
        if let Some(value) = values.get_mut(index).filter(|value| is_off && **value == Value::NotReadable) {
            *value = field.ty.empty();
        }
    }
}

/// The names of the groups among an object's values.
pub(super) fn group_names<'v>(support: &KindSupport, values: &'v [Value]) -> impl Iterator<Item = &'v str> {
    let groups = match support.kind.value_of(values, GROUPS) {
        Some(Value::List(groups)) => &**groups,
        _ => &[],
    };
    groups.iter().filter_map(|group| member(group, wire::GROUP_NAME))
}

fn member<'v>(group: &'v Value, wire: &str) -> Option<&'v str> {
    let Value::Record(members) = group else { return None };
    let place = wire::GROUP_MEMBERS.iter().position(|name| *name == wire)?;
    members.get(place)?.as_text()
}

/// The body of an add: all that is set.
pub(super) fn add(
    support: &KindSupport,
    object: &NewObject<'_>,
    groups: &Groups<'_>,
) -> Result<Map<String, Json>, Failure> {
    let mut body = Map::new();
    body.insert(wire::TRUNK_NAME.into(), object.key.into());
    let direction = support.kind.variant_of(object.values);
    let number = wire::TYPES.iter().find(|(name, _)| Some(*name) == direction).map(|(_, number)| *number);
    body.insert(wire::TYPE.into(), number.map_or(Json::Null, Json::from));
    let set: Vec<Value> =
        object.values.iter().map(|value| if value.is_empty() { Value::Unset } else { value.clone() }).collect();
    fields(support, &set, groups, &mut body)?;
    Ok(body)
}

/// The body of an update: everything but the type, as nobody documents what becomes of a field that is left out.
pub(super) fn update(
    support: &KindSupport,
    id: &KeyId,
    update: &Update<'_>,
    groups: &Groups<'_>,
) -> Result<Map<String, Json>, Failure> {
    request::refuse_unreadable(support, update.values)?;
    let mut body = Map::new();
    body.insert(wire::KEY_ID.into(), id.as_str().into());
    body.insert(wire::TRUNK_NAME.into(), update.key.into());
    fields(support, update.values, groups, &mut body)?;
    Ok(body)
}

fn fields(
    support: &KindSupport,
    values: &[Value],
    groups: &Groups<'_>,
    body: &mut Map<String, Json>,
) -> Result<(), Failure> {
    for (field, value) in support.kind.fields.iter().zip(values) {
        match (support.field(field.name).map(|supported| supported.wire), value) {
            // A direction is said once, when the trunk is made.
            (Some([wire::TYPE]), _) => {}
            (Some([wire::GROUP_LIST]), Value::List(list)) => {
                let list: Result<Vec<_>, _> = list.iter().map(|group| group_json(group, groups)).collect();
                body.insert(wire::GROUP_LIST.into(), list?.into());
            }
            (Some([wire]), value) => request::insert(body, wire, value),
            _ => {}
        }
    }
    // The documentation asks for it with either type; only a trunk that calls out can register.
    if support.kind.variant_of(values) == Some("inbound") {
        body.insert(wire::REGISTERS.into(), false.into());
    }
    Ok(())
}

fn group_json(group: &Value, groups: &Groups<'_>) -> Result<Json, Failure> {
    let mut body = Map::new();
    let name = member(group, wire::GROUP_NAME).unwrap_or_default();
    body.insert(wire::GROUP_ID.into(), groups.id(name)?.clone());
    if let Some(number) = member(group, wire::GROUP_NUMBER).filter(|number| !number.is_empty()) {
        body.insert(wire::GROUP_NUMBER.into(), number.into());
    }
    Ok(Json::Object(body))
}

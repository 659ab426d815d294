//! The box's own state, as somebody sees and edits it who doesn't go through the API.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// What somebody does on the box's web page. Objects that aren't there are passed over.
#[derive(Clone, Debug)]
pub(crate) enum Tampering {
    /// Removes an object.
    Remove(String),
    /// Gives it a name that no entry has.
    Rename(String),
    /// Makes it anew: another id.
    Remake(String),
    /// Sets a member of its record.
    Set(String, &'static str, Json),
}

/// How a box keeps its objects.
#[derive(Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) list: &'static str,
    pub(crate) id: &'static str,
    pub(crate) key: &'static str,
    /// Only one object may have this at a time.
    pub(crate) exclusive: &'static str,
}

/// By what is in the state.
pub(crate) fn shape(state: &Json) -> Shape {
    match state.get("trunks") {
        Some(_) => Shape { list: "trunks", id: "id", key: "trunkname", exclusive: "username" },
        None => Shape { list: "numbers", id: "sipId", key: "number", exclusive: "agentId" },
    }
}

/// Records by id, without what is marked as deleted.
pub(crate) fn by_id(state: &Json) -> BTreeMap<String, Json> {
    let shape = shape(state);
    let records = state[shape.list].as_array().unwrap().iter().filter(|record| record["isDel"] != true);
    records.map(|record| (record[shape.id].as_str().unwrap().to_owned(), record.clone())).collect()
}

impl Tampering {
    /// Does it, if there is such an object.
    pub(crate) fn on(&self, state: &mut Json) {
        let shape = shape(state);
        let list = state[shape.list].as_array_mut().unwrap();
        let named = |name: &str| list.iter().position(|one| one[shape.key] == name && one["isDel"] != true);
        let (Self::Remove(name) | Self::Rename(name) | Self::Remake(name) | Self::Set(name, ..)) = self;
        let Some(at) = named(name) else { return };
        match self {
            Self::Remove(_) => drop(list.remove(at)),
            Self::Rename(name) => list[at][shape.key] = format!("{name}99").into(),
            Self::Remake(_) => list[at][shape.id] = format!("9{}", list[at][shape.id].as_str().unwrap()).into(),
            Self::Set(_, member, value) if list[at].get(member).is_some() => list[at][*member] = value.clone(),
            Self::Set(..) => {}
        }
    }
}

//! The calls that name a trunk by its name: Yeastar's v1.1.0 and OpenVox's. An update replaces the whole trunk.

use serde_json::{Map, Value, json};

use super::trunks::{State, Trunk};
use super::{DIAL, errno, is_all, no_such_trunk, one_id, text};
use crate::sandbox::dialect::{Refusal, Remarks, Role};

/// What a call of this name does.
pub(in crate::sandbox) fn role(endpoint: &str) -> Role {
    match endpoint {
        "login" => Role::Login,
        "trunklist/query" => Role::Listing(Some("trunklist")),
        "siptrunk/query" => Role::Listing(Some("trunks")),
        "siptrunk/add" | "siptrunk/update" | "siptrunk/delete" | DIAL => Role::Write,
        _ => Role::Other,
    }
}

/// Carries out a call about trunks.
pub(in crate::sandbox) fn perform(
    endpoint: &str,
    fields: &Map<String, Value>,
    state: &mut State,
    remarks: &mut Remarks,
) -> Result<Value, Refusal> {
    remarks.note_unknown(endpoint, fields.keys(), &parameters(endpoint, fields, state));
    match endpoint {
        "trunklist/query" => Ok(json!({ "trunklist": without_ids(state.list()) })),
        "siptrunk/query" => query(fields, state),
        "siptrunk/add" => state.add(fields).map(|()| json!({})),
        "siptrunk/update" => state.replace(one_id(fields)?, fields).map(|()| json!({})),
        "siptrunk/delete" => delete(fields, state, remarks),
        _ => Err(Refusal::new(errno::UNSUPPORTED, "no such call")),
    }
}

fn without_ids(mut rows: Vec<Trunk>) -> Vec<Trunk> {
    for row in &mut rows {
        row.remove("id");
    }
    rows
}

fn query(fields: &Map<String, Value>, state: &State) -> Result<Value, Refusal> {
    let selection = Selection::read(fields, state)?;
    Ok(json!({ "trunks": state.read_trunks(|trunk| selection.covers(trunk)) }))
}

fn delete(fields: &Map<String, Value>, state: &mut State, remarks: &mut Remarks) -> Result<Value, Refusal> {
    let given = text(fields, "trunkname")?;
    if given.contains(',') || is_all(&given) {
        remarks.dangerous_deletes += 1;
    }
    let selection = Selection::read(fields, state)?;
    state.delete(|trunk| selection.covers(trunk));
    Ok(json!({}))
}

/// The trunks that a call's `trunkname` names: `"A"`, `"A,B"`, `"all"`.
enum Selection {
    All,
    Names(Vec<String>),
}

impl Selection {
    /// Every trunk named has to be there.
    fn read(fields: &Map<String, Value>, state: &State) -> Result<Self, Refusal> {
        let given = text(fields, "trunkname")?;
        if is_all(&given) {
            return Ok(Self::All);
        }
        let names: Vec<_> = given.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().all(|name| state.has(|trunk| trunk.get("trunkname") == Some(name))) {
            return Ok(Self::Names(names));
        }
        Err(no_such_trunk())
    }

    fn covers(&self, trunk: &Trunk) -> bool {
        match self {
            Self::All => true,
            Self::Names(names) => trunk.get("trunkname").is_some_and(|name| names.contains(name)),
        }
    }
}

/// The parameters that the call has. The box passes over others.
fn parameters(endpoint: &str, fields: &Map<String, Value>, state: &State) -> Vec<&'static str> {
    match endpoint {
        "siptrunk/query" | "siptrunk/delete" => vec!["trunkname"],
        "siptrunk/add" => state.parameters_for(fields),
        "siptrunk/update" => [vec!["id"], state.parameters_for(fields)].concat(),
        _ => vec![],
    }
}

//! API v2.0.0: its endpoints, and trunks named by id.

use serde_json::{Map, Value, json};

use crate::sandbox::call::Call;
use crate::sandbox::dialect::{Refusal, Remarks, Role};
use crate::sandbox::pbx::trunks::{State, Trunk, id_of};
use crate::sandbox::pbx::{Api, DIAL, errno, id_text, is_all, no_such_trunk, one_id};

pub(super) const VERSION: &str = "v2.0.0";

pub(super) static API: Api = Api {
    login_version: "2.0.0",
    login_needs_port: false,
    knows,
    body_fits,
    answers_call_id: true,
    perform,
    reply: super::reply,
};

/// What a call of this name does.
pub(super) fn role(endpoint: &str) -> Role {
    match endpoint {
        "login" => Role::Login,
        "trunk/list" => Role::Listing(Some("trunklist")),
        "trunk/query_siptrunk" => Role::Listing(Some("trunks")),
        "trunk/add_siptrunk" | "trunk/update_siptrunk" | "trunk/delete_siptrunk" | DIAL => Role::Write,
        _ => Role::Other,
    }
}

/// Whether there is such a call.
fn knows(endpoint: &str) -> bool {
    role(endpoint) != Role::Other || ["heartbeat", "logout", "deviceinfo/query"].contains(&endpoint)
}

fn body_fits(call: &Call) -> bool {
    super::body_fits(call, &["trunk/list", "logout", "deviceinfo/query"])
}

/// Carries out a call of a session that has begun.
fn perform(
    endpoint: &str,
    fields: &Map<String, Value>,
    state: &mut State,
    remarks: &mut Remarks,
) -> Result<Value, Refusal> {
    note_unknown(endpoint, fields, state, remarks);
    match endpoint {
        "deviceinfo/query" => Ok(super::device_info()),
        "trunk/list" => Ok(json!({ "trunklist": state.list() })),
        "trunk/query_siptrunk" => query(fields, state),
        "trunk/add_siptrunk" => state.add(fields).map(|()| json!({})),
        "trunk/update_siptrunk" => state.update(one_id(fields)?, fields).map(|()| json!({})),
        "trunk/delete_siptrunk" => delete(fields, state, remarks),
        _ => Err(Refusal::new(errno::UNSUPPORTED, "no such call")),
    }
}

fn query(fields: &Map<String, Value>, state: &State) -> Result<Value, Refusal> {
    let selection = Selection::read(fields, state)?;
    Ok(json!({ "trunks": state.read_trunks(|trunk| selection.covers(trunk)) }))
}

fn delete(fields: &Map<String, Value>, state: &mut State, remarks: &mut Remarks) -> Result<Value, Refusal> {
    if id_text(fields)?.contains(',') || is_all(&id_text(fields)?) {
        remarks.dangerous_deletes += 1;
    }
    let selection = Selection::read(fields, state)?;
    state.delete(|trunk| selection.covers(trunk));
    Ok(json!({}))
}

/// The trunks that a call's `id` names: `"15"`, `"15,16"`, `"all"`.
enum Selection {
    All,
    Ids(Vec<u64>),
}

impl Selection {
    /// Every trunk named has to be there.
    fn read(fields: &Map<String, Value>, state: &State) -> Result<Self, Refusal> {
        let given = id_text(fields)?;
        if is_all(&given) {
            return Ok(Self::All);
        }
        let named = given.split(',').map(|id| parse_id(id, state));
        named.collect::<Result<_, _>>().map(Self::Ids)
    }

    fn covers(&self, trunk: &Trunk) -> bool {
        match self {
            Self::All => true,
            Self::Ids(ids) => id_of(trunk).is_some_and(|id| ids.contains(&id)),
        }
    }
}

fn parse_id(id: &str, state: &State) -> Result<u64, Refusal> {
    let id: Option<u64> = id.trim().parse().ok();
    let there = id.filter(|id| state.has(|trunk| id_of(trunk) == Some(*id)));
    there.ok_or_else(no_such_trunk)
}

/// Parameters that the call doesn't have, or not for a trunk of this type. The box passes over them.
fn note_unknown(endpoint: &str, fields: &Map<String, Value>, state: &State, remarks: &mut Remarks) {
    let known = match endpoint {
        "trunk/query_siptrunk" | "trunk/delete_siptrunk" => vec!["id"],
        "trunk/add_siptrunk" => state.parameters_for(fields),
        "trunk/update_siptrunk" => [vec!["id"], state.parameters_for(fields)].concat(),
        _ => vec![],
    };
    remarks.note_unknown(endpoint, fields.keys(), &known);
}

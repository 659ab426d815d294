//! API v1.1.0: its endpoints. Trunks are named by name, and an update replaces the whole trunk.

use serde_json::{Map, Value};

use crate::sandbox::call::Call;
use crate::sandbox::dialect::{Refusal, Remarks, Role};
use crate::sandbox::pbx::trunks::State;
use crate::sandbox::pbx::{Api, named};

pub(super) const VERSION: &str = "v1.1.0";

pub(super) static API: Api = Api {
    login_version: "1.0.2",
    login_needs_port: true,
    knows,
    body_fits,
    answers_call_id: true,
    perform,
    reply: super::reply,
};

/// Whether there is such a call.
fn knows(endpoint: &str) -> bool {
    named::role(endpoint) != Role::Other || ["heartbeat", "logout", "deviceinfo/query"].contains(&endpoint)
}

fn body_fits(call: &Call) -> bool {
    super::body_fits(call, &["trunklist/query", "logout", "deviceinfo/query"])
}

/// Carries out a call of a session that has begun.
fn perform(
    endpoint: &str,
    fields: &Map<String, Value>,
    state: &mut State,
    remarks: &mut Remarks,
) -> Result<Value, Refusal> {
    if endpoint == "deviceinfo/query" {
        return Ok(super::device_info());
    }
    named::perform(endpoint, fields, state, remarks)
}

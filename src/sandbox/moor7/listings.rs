//! The two calls that show SIP numbers. They spell the same things differently, as the vendor's do.
//!
//! Records are written straight to JSON: a call may show a million of them.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use super::code;
use super::numbers::{SipNumber, State};
use crate::sandbox::dialect::Refusal;

/// `call/sip/list`: what isn't deleted, without password, NAT and codecs.
pub(super) fn sip_list<'a>(state: &'a State, account: &'a str, filter: &Filter) -> Vec<Listed<'a>> {
    let shown = state.numbers.iter().enumerate().filter(|(_, number)| !number.is_del && filter.covers(number));
    shown.map(|(index, number)| listed(state, account, index, number)).collect()
}

/// `call/query/number`: everything, also deleted numbers, and the account's other numbers.
pub(super) fn number_query<'a>(state: &'a State, account: &'a str) -> Queries<'a> {
    let numbers = state.numbers.iter().enumerate();
    Queries {
        sip_number_list: numbers.map(|(index, number)| queried(account, index, number)).collect(),
        display_number_list: &state.display_numbers,
        service_number_list: &state.service_numbers,
    }
}

/// The query's answer for an account that may not see everything: without these members in its records.
pub(super) fn hide(mut answer: Value, hidden: &[String]) -> Value {
    let records = answer.get_mut("sipNumberList").and_then(Value::as_array_mut);
    for record in records.into_iter().flatten() {
        if let Value::Object(members) = record {
            members.retain(|name, _| !hidden.contains(name));
        }
    }
    answer
}

/// What `call/sip/list` may be asked for.
#[derive(Default)]
pub(super) struct Filter {
    number: Option<String>,
    registered: Option<Vec<bool>>,
}

impl Filter {
    pub(super) fn read(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let number = match fields.get("number") {
            None => None,
            Some(Value::String(number)) => Some(number.clone()).filter(|number| !number.is_empty()),
            Some(_) => return Err(Refusal::new(code::BAD_REQUEST, "parameterInvalid:number")),
        };
        let statuses = match fields.get("registerStatuses") {
            None => None,
            Some(Value::Array(list)) => Some(list.iter().map(as_status).collect::<Option<Vec<_>>>()),
            Some(_) => Some(None),
        };
        let registered = match statuses {
            Some(None) => return Err(Refusal::new(code::BAD_REQUEST, "parameterInvalid:registerStatuses")),
            Some(Some(list)) if !list.is_empty() => Some(list),
            _ => None,
        };
        Ok(Self { number, registered })
    }

    fn covers(&self, number: &SipNumber) -> bool {
        let named = self.number.as_ref().is_none_or(|wanted| *wanted == number.number);
        named && self.registered.as_ref().is_none_or(|wanted| wanted.contains(&number.registered))
    }
}

/// 0 and 1, as a number or a text.
fn as_status(value: &Value) -> Option<bool> {
    match value.as_u64().or_else(|| value.as_str()?.parse().ok()) {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ => None,
    }
}

/// One record of `call/sip/list`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed<'a> {
    client_url: &'static str,
    server_url: &'static str,
    register_device: &'static str,
    register_time: &'static str,
    register_status: Status,
    number: &'a str,
    sip_id: &'a str,
    account_id: &'a str,
    agent: Option<Bound<'a>>,
}

/// The agent of a record, as far as it is shown.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the fields are named as on the wire")]
struct Bound<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent_number: Option<&'a str>,
}

/// What `call/query/number` gives.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the fields are named as on the wire")]
pub(super) struct Queries<'a> {
    sip_number_list: Vec<Queried<'a>>,
    display_number_list: &'a [Value],
    service_number_list: &'a [Value],
}

/// One record of `call/query/number`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Queried<'a> {
    #[serde(rename = "_id")]
    id: &'a str,
    number: &'a str,
    password: &'a str,
    #[serde(rename = "isNAT")]
    is_nat: &'static str,
    coding_format: &'a [String],
    uid: &'a str,
    status: u8,
    is_del: u8,
    register_status: Status,
    client_url: &'static str,
    server_url: &'static str,
    account: &'a str,
    tenant_id: &'a str,
    sip_group: &'static str,
    create_time: &'static str,
    last_update_time: &'static str,
    data_version: &'static str,
    line_type: &'static str,
}

fn listed<'a>(state: &'a State, account: &'a str, index: usize, number: &'a SipNumber) -> Listed<'a> {
    let registered = number.registered;
    Listed {
        client_url: client_url(number),
        server_url: SERVER,
        register_device: if registered { "Telephone" } else { "" },
        register_time: if registered { "2026-01-05 09:00:00" } else { "" },
        register_status: Status { registered, as_text: !index.is_multiple_of(2) },
        number: &number.number,
        sip_id: &number.sip_id,
        account_id: account,
        agent: agent(state, index, number),
    }
}

fn queried<'a>(account: &'a str, index: usize, number: &'a SipNumber) -> Queried<'a> {
    Queried {
        id: &number.sip_id,
        number: &number.number,
        password: &number.password,
        is_nat: if number.is_nat { "true" } else { "false" },
        coding_format: &number.coding_format,
        uid: &number.agent_id,
        status: u8::from(!number.agent_id.is_empty()),
        is_del: u8::from(number.is_del),
        register_status: Status { registered: number.registered, as_text: index.is_multiple_of(2) },
        client_url: client_url(number),
        server_url: SERVER,
        account,
        tenant_id: account,
        sip_group: "default",
        create_time: "2026-01-05 08:59:00",
        last_update_time: "2026-01-05 08:59:00",
        data_version: "1",
        line_type: "sip",
    }
}

const SERVER: &str = "opensips.sandbox.example:32760";

fn client_url(number: &SipNumber) -> &'static str {
    if number.registered { "198.51.100.82:54869" } else { "" }
}

/// Whether a phone has registered: a number in some records and a text in others.
struct Status {
    registered: bool,
    as_text: bool,
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.as_text, self.registered) {
            (true, true) => serializer.serialize_str("1"),
            (true, false) => serializer.serialize_str("0"),
            (false, registered) => serializer.serialize_u8(registered.into()),
        }
    }
}

/// The bound agent. What stands there for an unbound number isn't documented, so it is something else each time.
fn agent<'a>(state: &'a State, index: usize, number: &'a SipNumber) -> Option<Bound<'a>> {
    let bound = |id, name, number| Bound { agent_id: Some(id), agent_name: Some(name), agent_number: Some(number) };
    if number.agent_id.is_empty() {
        return match index % 3 {
            0 => None,
            1 => Some(Bound::default()),
            _ => Some(bound("", "", "")),
        };
    }
    let known = state.agents.iter().find(|agent| agent.id == number.agent_id);
    let (name, extension) = known.map_or(("", ""), |agent| (&agent.name, &agent.number));
    Some(bound(&number.agent_id, name, extension))
}

//! The two calls that show SIP numbers. They spell the same things differently, as the vendor's do.

use serde_json::{Map, Value, json};

use super::code;
use super::numbers::{SipNumber, State};
use crate::sandbox::dialect::Refusal;

/// `call/sip/list`: what isn't deleted, without password, NAT and codecs.
pub(super) fn sip_list(state: &State, account: &str, fields: &Map<String, Value>) -> Result<Value, Refusal> {
    let filter = Filter::read(fields)?;
    let shown = state.numbers.iter().enumerate().filter(|(_, number)| !number.is_del && filter.covers(number));
    Ok(shown.map(|(index, number)| listed(state, account, index, number)).collect())
}

/// `call/query/number`: everything, also deleted numbers, and the account's other numbers.
pub(super) fn number_query(state: &State) -> Value {
    let numbers = state.numbers.iter().enumerate();
    let records: Vec<_> = numbers.map(|(index, number)| queried(state, index, number)).collect();
    json!({
        "sipNumberList": records,
        "displayNumberList": state.display_numbers,
        "serviceNumberList": state.service_numbers,
    })
}

/// What `call/sip/list` may be asked for.
struct Filter {
    number: Option<String>,
    registered: Option<Vec<bool>>,
}

impl Filter {
    fn read(fields: &Map<String, Value>) -> Result<Self, Refusal> {
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

fn listed(state: &State, account: &str, index: usize, number: &SipNumber) -> Value {
    let registered = number.registered;
    json!({
        "clientUrl": client_url(number),
        "serverUrl": SERVER,
        "registerDevice": if registered { "Telephone" } else { "" },
        "registerTime": if registered { "2026-01-05 09:00:00" } else { "" },
        "registerStatus": status(registered, !index.is_multiple_of(2)),
        "number": number.number,
        "sipId": number.sip_id,
        "accountId": account,
        "agent": agent(state, index, number),
    })
}

fn queried(state: &State, index: usize, number: &SipNumber) -> Value {
    let mut record = json!({
        "_id": number.sip_id,
        "number": number.number,
        "password": number.password,
        "isNAT": number.is_nat.to_string(),
        "codingFormat": number.coding_format,
        "uid": number.agent_id,
        "status": u8::from(!number.agent_id.is_empty()),
        "isDel": u8::from(number.is_del),
        "registerStatus": status(number.registered, index.is_multiple_of(2)),
        "clientUrl": client_url(number),
        "serverUrl": SERVER,
        "createTime": "2026-01-05 08:59:00",
        "lineType": "sip",
    });
    if let Value::Object(members) = &mut record {
        members.retain(|name, _| !state.hidden_fields.contains(name));
    }
    record
}

const SERVER: &str = "opensips.sandbox.example:32760";

fn client_url(number: &SipNumber) -> &'static str {
    if number.registered { "198.51.100.82:54869" } else { "" }
}

/// A number in some records and a text in others.
fn status(registered: bool, as_text: bool) -> Value {
    let status = u8::from(registered);
    if as_text { status.to_string().into() } else { status.into() }
}

/// The bound agent. What stands there for an unbound number isn't documented, so it is something else each time.
fn agent(state: &State, index: usize, number: &SipNumber) -> Value {
    if number.agent_id.is_empty() {
        return match index % 3 {
            0 => Value::Null,
            1 => json!({}),
            _ => json!({ "agentId": "", "agentName": "", "agentNumber": "" }),
        };
    }
    let known = state.agents.iter().find(|agent| agent.id == number.agent_id).cloned();
    let known = known.unwrap_or_default();
    json!({ "agentId": number.agent_id, "agentName": known.name, "agentNumber": known.number })
}

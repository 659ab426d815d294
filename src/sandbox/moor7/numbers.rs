//! The SIP numbers of an account: kept, made, changed, removed.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::code;
use super::index::Index;
use crate::sandbox::dialect::Refusal;

/// The codecs that there are.
const CODECS: [&str; 6] = ["G711A", "G711U", "GSM", "G729", "VP8", "ILBC"];

/// The first of the numbers that are made up.
const FIRST_MADE_UP: usize = 10_000_000;

/// What an account keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct State {
    /// Whether a second SIP number with the same number is refused. Nobody documented it; without it a client that
    /// makes a number twice has two.
    #[serde(default)]
    unique_numbers: bool,
    /// Members that `call/query/number` leaves out of its records, as an account without the right to see them does.
    #[serde(default)]
    pub(super) hidden_fields: Vec<String>,
    /// Agents with names; ids that aren't among them are agents without.
    #[serde(default)]
    pub(super) agents: Vec<Agent>,
    pub(super) numbers: Vec<SipNumber>,
    #[serde(default)]
    pub(super) display_numbers: Vec<Value>,
    #[serde(default)]
    pub(super) service_numbers: Vec<Value>,
    /// How many numbers were made here; their ids follow from it.
    #[serde(default)]
    made: u64,
    /// Made by the first write.
    #[serde(skip)]
    index: Option<Index>,
}

/// Somebody who answers calls.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agent {
    #[serde(rename = "agentId")]
    pub(super) id: String,
    #[serde(rename = "agentName")]
    pub(super) name: String,
    #[serde(rename = "agentNumber")]
    pub(super) number: String,
}

/// One SIP number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SipNumber {
    pub(super) sip_id: String,
    pub(super) number: String,
    pub(super) password: String,
    #[serde(rename = "isNAT", default)]
    pub(super) is_nat: bool,
    #[serde(default)]
    pub(super) coding_format: Vec<String>,
    /// Empty: unbound.
    #[serde(default)]
    pub(super) agent_id: String,
    /// Whether a phone has registered.
    #[serde(default)]
    pub(super) registered: bool,
    /// Deleted numbers stay, marked.
    #[serde(default)]
    pub(super) is_del: bool,
}

/// What create and update have in common.
struct Wanted {
    number: String,
    password: String,
    is_nat: bool,
    coding_format: Vec<String>,
    /// `None`: not given.
    agent_id: Option<String>,
}

impl State {
    /// Reads a kept state; no two records may share an id.
    pub(super) fn read(state: Value) -> Result<Self, String> {
        let state: Self = serde_json::from_value(state).map_err(|error| error.to_string())?;
        let mut ids: Vec<_> = state.numbers.iter().map(|number| number.sip_id.as_str()).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| matches!(pair, [a, b] if a == b)) {
            return Err("two numbers have the same `sipId`".into());
        }
        Ok(state)
    }

    /// So many numbers from 10000000 on, none of them registered, with the passwords `sandbox-10000000` and so on.
    pub(super) fn made_up(objects: usize) -> Self {
        let mut state = Self::default();
        for place in 0..objects {
            state.made += 1;
            let number = (FIRST_MADE_UP + place).to_string();
            state.numbers.push(SipNumber {
                sip_id: id(state.made),
                password: format!("sandbox-{number}"),
                number,
                is_nat: false,
                coding_format: vec!["G711A".into()],
                agent_id: String::new(),
                registered: false,
                is_del: false,
            });
        }
        state
    }

    pub(super) fn create(&mut self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let wanted = Wanted::read(fields)?;
        self.check_number(&wanted.number, None)?;
        if wanted.agent_id.is_some_and(|agent| !agent.is_empty()) {
            return Err(not_registered());
        }
        let sip_id = self.fresh_id();
        self.index().made(&sip_id, &wanted.number);
        self.numbers.push(SipNumber {
            sip_id: sip_id.clone(),
            number: wanted.number,
            password: wanted.password,
            is_nat: wanted.is_nat,
            coding_format: wanted.coding_format,
            agent_id: String::new(),
            registered: false,
            is_del: false,
        });
        Ok(json!({ "sipId": sip_id }))
    }

    pub(super) fn update(&mut self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let sip_id = text(fields, "sipId")?;
        let wanted = Wanted::read(fields)?;
        let index = self.position(&sip_id)?;
        self.check_number(&wanted.number, Some(index))?;
        if let Some(agent) = &wanted.agent_id {
            self.check_agent(agent, index)?;
        }
        if let Some(number) = self.numbers.get_mut(index) {
            let former = std::mem::replace(&mut number.number, wanted.number.clone());
            number.password = wanted.password;
            number.is_nat = wanted.is_nat;
            number.coding_format = wanted.coding_format;
            number.agent_id = wanted.agent_id.unwrap_or_else(|| std::mem::take(&mut number.agent_id));
            self.index().renumbered(&former, &wanted.number);
        }
        Ok(json!({ "sipId": sip_id }))
    }

    /// Marks a number as deleted. It loses its agent and its registration.
    pub(super) fn delete(&mut self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let sip_id = text(fields, "sipId")?;
        let index = self.position(&sip_id)?;
        if let Some(number) = self.numbers.get_mut(index) {
            number.is_del = true;
            number.registered = false;
            number.agent_id.clear();
            let gone = number.number.clone();
            self.index().gone(&gone);
        }
        Ok(json!({ "sipId": sip_id }))
    }

    fn index(&mut self) -> &mut Index {
        self.index.get_or_insert_with(|| Index::new(&self.numbers))
    }

    fn position(&mut self, sip_id: &str) -> Result<usize, Refusal> {
        let place = self.index().place(sip_id);
        let found = place.filter(|place| self.numbers.get(*place).is_some_and(|number| !number.is_del));
        found.ok_or_else(|| Refusal::new(code::NOT_FOUND, "sipNotExist"))
    }

    /// The others that aren't deleted.
    fn others(&self, own: Option<usize>) -> impl Iterator<Item = &SipNumber> {
        let numbers = self.numbers.iter().enumerate();
        numbers.filter(move |(index, number)| !number.is_del && Some(*index) != own).map(|(_, number)| number)
    }

    fn check_number(&mut self, number: &str, own: Option<usize>) -> Result<(), Refusal> {
        let has_it = own.and_then(|own| self.numbers.get(own)).is_some_and(|own| own.number == number);
        if self.unique_numbers && self.index().alive(number) > usize::from(has_it) {
            return Err(Refusal::new(code::CONFLICT, "sipNumberExist"));
        }
        Ok(())
    }

    /// An agent may be set only on a number that is registered and not bound, and has one number at a time.
    fn check_agent(&self, agent: &str, own: usize) -> Result<(), Refusal> {
        if agent.is_empty() {
            return Ok(());
        }
        let number = self.numbers.get(own);
        if number.is_some_and(|number| !number.agent_id.is_empty()) {
            return Err(Refusal::new(code::CONFLICT, "sipAlreadyBound"));
        }
        if number.is_some_and(|number| !number.registered) {
            return Err(not_registered());
        }
        if self.others(Some(own)).any(|other| other.agent_id == agent) {
            return Err(Refusal::new(code::CONFLICT, "agentAlreadyBound"));
        }
        Ok(())
    }

    /// 24 hex digits that no number has had.
    fn fresh_id(&mut self) -> String {
        loop {
            self.made += 1;
            let id = id(self.made);
            if self.index().place(&id).is_none() {
                return id;
            }
        }
    }
}

/// 24 hex digits.
fn id(place: u64) -> String {
    format!("605aeef6e9930e49{place:08x}")
}

impl Wanted {
    fn read(fields: &Map<String, Value>) -> Result<Self, Refusal> {
        let agent_id = match fields.get("agentId") {
            None => None,
            Some(Value::String(agent)) => Some(agent.clone()),
            Some(_) => return Err(invalid("agentId")),
        };
        Ok(Self {
            number: text(fields, "number").and_then(digits)?,
            password: text(fields, "password")?,
            is_nat: fields.get("isNAT").and_then(Value::as_bool).ok_or_else(|| invalid("isNAT"))?,
            coding_format: codecs(fields)?,
            agent_id,
        })
    }
}

fn codecs(fields: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
    let list = fields.get("codingFormat").and_then(Value::as_array).filter(|list| !list.is_empty());
    let named = list.ok_or_else(|| invalid("codingFormat"))?.iter().map(|codec| {
        let known = codec.as_str().filter(|codec| CODECS.contains(codec));
        known.map(str::to_owned).ok_or_else(|| invalid("codingFormat"))
    });
    named.collect()
}

fn digits(number: String) -> Result<String, Refusal> {
    let all = number.bytes().all(|byte| byte.is_ascii_digit());
    all.then_some(number).ok_or_else(|| invalid("number"))
}

fn text(fields: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    let text = fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    text.map(str::to_owned).ok_or_else(|| invalid(name))
}

fn invalid(name: &str) -> Refusal {
    Refusal::new(code::BAD_REQUEST, format!("parameterInvalid:{name}"))
}

fn not_registered() -> Refusal {
    Refusal::new(code::CONFLICT, "sipNotRegistered")
}

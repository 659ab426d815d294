//! ITNIO Tech's voice platform: phones, call-centre SIP trunks, numbers.
//!
//! `POST {base_url}{path}` with `Content-Type: application/json;charset=UTF-8` and the headers `Api-Key`, `Timestamp` and
//! `Sign`. Answered with HTTP 200 and `{"status":"0","reason":"success","data":…}`, where the status is a text in some
//! answers and a number in others, and the reason may begin with a space. On the white labels every path is under `/v3`.
//!
//! | file | what is in it |
//! |---|---|
//! | `sign` | the signed headers and the clock |
//! | `state` | what an account keeps |
//! | `fields` | reading a body's members |
//! | `paging` | which part of a listing a call wants |
//! | `phones` | phones, which are made a group at a time |
//! | `trunks` | call-centre trunks |
//! | `groups` | the seat groups that they lead to |
//! | `numbers` | bought numbers and their settings |

mod fields;
mod groups;
mod numbers;
mod paging;
mod phones;
mod sign;
mod state;
#[cfg(test)]
mod tests;
mod trunks;

use http::Method;
use serde_json::{Value, json};

use super::answer::Reply;
use super::call::{Call, Payload};
use super::dialect::{Dialect, Refusal, Remarks, Role, Vendor};
use super::store::Store;
use super::{Clock, Error, Settings};
use sign::Gate;
#[cfg(test)]
pub(super) use sign::signature;
use state::State;

pub(super) static VENDOR: Vendor = Vendor {
    name: "itniotech",
    seed: include_str!("../../../examples/sandbox/itniotech.json"),
    defaults: &[("api_key", "bDqJFiq9"), ("api_secret", "sandbox-secret"), ("app_id", "4luaKsL2")],
    serial: false,
    sessions: false,
    endpoint,
    role,
    build,
};

const HEADERS: &[(&str, &str)] = &[("content-type", "application/json;charset=UTF-8")];

/// What the white labels put before every path, and the trunks have on each label.
const LABEL: &str = "/v3";

/// The documented values of `status`.
mod status {
    pub(super) const AUTHENTICATION: &str = "-1";
    pub(super) const TIMESTAMP: &str = "-16";
    pub(super) const EXISTS: &str = "-20";
    pub(super) const PARAMETER: &str = "-22";
    pub(super) const UPPER_LIMIT: &str = "-23";
    pub(super) const NOT_THERE: &str = "-24";
    pub(super) const TYPE: &str = "-44";
    pub(super) const NAME: &str = "-45";
    pub(super) const NAME_EXISTS: &str = "-47";
    pub(super) const NO_GROUP: &str = "-48";
    pub(super) const NO_GATEWAY: &str = "-49";
    pub(super) const GATEWAY: &str = "-50";
    pub(super) const GROUP_TWICE: &str = "-51";
    pub(super) const GROUP_BOUND: &str = "-52";
    pub(super) const GATEWAY_EXISTS: &str = "-53";
    pub(super) const NO_WHITE_IP: &str = "-54";
    pub(super) const WHITE_IP: &str = "-55";
    pub(super) const NO_KEY_ID: &str = "-56";
    pub(super) const NO_NUMBER: &str = "-57";
    pub(super) const NUMBER: &str = "-58";
}

struct Itniotech {
    gate: Gate,
    /// What stands before the paths that don't have [`LABEL`] anyway: nothing, or the label.
    prefix: &'static str,
    /// An application that there is, whatever the state says.
    own_app: String,
    state: State,
    remarks: Remarks,
}

fn build(settings: &Settings, clock: Clock) -> Result<Box<dyn Dialect>, Error> {
    let gate = Gate::new(clock);
    let (state, remarks) = (State::default(), Remarks::default());
    let mut platform = Itniotech { gate, prefix: "", own_app: String::new(), state, remarks };
    platform.accept(settings)?;
    Ok(Box::new(platform))
}

/// `/voice/sipAdd` and `/v3/voice/sipAdd` → `voice/sipAdd`; `/v3/cc/sipTrunk/add` → `cc/sipTrunk/add`.
fn endpoint(path: &str) -> &str {
    let path = path.strip_prefix(LABEL).filter(|rest| rest.starts_with('/')).unwrap_or(path);
    path.strip_prefix('/').unwrap_or(path)
}

fn role(endpoint: &str) -> Role {
    match endpoint {
        "voice/sipQuery" | "cc/sipTrunk/query" | "cc/seatGroup/query" | "number/queryPage" => {
            Role::Listing(Some("records"))
        }
        "voice/sipAdd" | "voice/sipReset" | "cc/sipTrunk/add" | "cc/sipTrunk/update" | "number/edit" => Role::Write,
        _ => Role::Other,
    }
}

impl Itniotech {
    fn path(&self, endpoint: &str) -> String {
        let prefix = if endpoint.starts_with("cc/") { LABEL } else { self.prefix };
        format!("{prefix}/{endpoint}")
    }
}

impl Dialect for Itniotech {
    fn accept(&mut self, settings: &Settings) -> Result<(), Error> {
        let prefix = match settings.get("path_prefix").unwrap_or_default().trim_matches('/') {
            "" => "",
            "v3" => LABEL,
            _ => {
                return Err(Error::BadSetting {
                    provider: VENDOR.name,
                    name: "path_prefix",
                    expected: "/v3 or nothing",
                });
            }
        };
        let api_key = settings.require(VENDOR.name, "api_key")?;
        let api_secret = settings.require(VENDOR.name, "api_secret")?;
        self.gate.accept(api_key, api_secret);
        self.prefix = prefix;
        settings.get("app_id").unwrap_or_default().clone_into(&mut self.own_app);
        self.state.set_own_app(&self.own_app);
        Ok(())
    }

    fn admit(&mut self, call: &Call) -> Result<(), Refusal> {
        if call.method != Method::POST {
            return Err(Refusal::new(status::PARAMETER, "only POST is served"));
        }
        let body_fits = matches!(&call.payload, Payload::Json(body) if body.is_object());
        if !call.says_json(true) || !body_fits {
            return Err(Refusal::new(status::PARAMETER, "expected a JSON object as application/json;charset=UTF-8"));
        }
        self.gate.check(call)?;
        if role(&call.endpoint) == Role::Other || call.path != self.path(&call.endpoint) {
            return Err(Refusal::new(status::NOT_THERE, "no such interface"));
        }
        Ok(())
    }

    fn perform(&mut self, call: &Call) -> Result<Value, Refusal> {
        let fields = call.fields().unwrap_or_default();
        self.remarks.note_unknown(&call.endpoint, fields.keys(), parameters(&call.endpoint));
        let now = self.gate.now();
        match call.endpoint.as_str() {
            "voice/sipAdd" => self.state.add_phones(&fields),
            "voice/sipQuery" => self.state.query_phones(&fields),
            "voice/sipReset" => self.state.reset_phone(&fields),
            "cc/sipTrunk/add" => self.state.add_trunk(&fields, now),
            "cc/sipTrunk/update" => self.state.update_trunk(&fields, now),
            "cc/sipTrunk/query" => self.state.query_trunks(&fields),
            "cc/seatGroup/query" => self.state.query_groups(&fields),
            "number/queryPage" => self.state.query_numbers(&fields),
            "number/edit" => self.state.edit_number(&fields),
            _ => Err(Refusal::new(status::NOT_THERE, "no such interface")),
        }
    }

    fn reply(&self, call: &Call, outcome: Result<Value, Refusal>) -> Reply {
        // The vendor's answers differ from call to call; these differ in every way that the documents show.
        let as_text = call.endpoint.starts_with("cc/") == outcome.is_err();
        let spaced = call.endpoint.starts_with("number/") || outcome.is_err();
        let (code, reason, data) = match outcome {
            Ok(data) => ("0".into(), "success".into(), data),
            Err(Refusal { code, reason }) => (code, reason, Value::Null),
        };
        let status = match code.parse::<i64>() {
            Ok(number) if !as_text => Value::from(number),
            _ => Value::from(code),
        };
        let reason = if spaced { format!(" {reason}") } else { reason.into_owned() };
        Reply::json(&json!({ "status": status, "reason": reason, "data": data }), HEADERS)
    }

    fn prefixes(&self) -> Vec<String> {
        ["voice/", "cc/", "number/"].map(|folder| self.path(folder)).to_vec()
    }

    fn reads_on(&self, call: &Call) -> bool {
        call.fields().and_then(|fields| fields.get("current")?.as_u64()).is_some_and(|current| current > 1)
    }

    fn shift(&mut self) {
        self.state.shift();
    }

    fn refuse_login(&mut self) -> Refusal {
        Refusal::new(status::AUTHENTICATION, "account authentication failed")
    }

    /// There are no sessions.
    fn expire(&mut self, _call: &Call) {}

    fn state(&self) -> Value {
        serde_json::to_value(&self.state).unwrap_or_default()
    }

    fn keep(&self, store: &mut Store) -> Result<(), Error> {
        store.save(&self.state)
    }

    fn set_state(&mut self, state: Value) -> Result<(), String> {
        self.state = State::read(state)?;
        self.state.set_own_app(&self.own_app);
        Ok(())
    }

    fn populate(&mut self, objects: usize) {
        self.state = State::made_up(objects, &self.own_app);
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}

/// The parameters that a call has.
fn parameters(endpoint: &str) -> &'static [&'static str] {
    match endpoint {
        "voice/sipAdd" => &["groupName", "phoneName", "quantity", "displayNum", "appId"],
        "voice/sipReset" => &["account", "appId"],
        "cc/sipTrunk/add" => trunks::ADD_PARAMETERS,
        "cc/sipTrunk/update" => trunks::UPDATE_PARAMETERS,
        "number/edit" => numbers::PARAMETERS,
        _ => &["current", "size", "params"],
    }
}

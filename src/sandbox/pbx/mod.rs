//! What the PBXs have in common: Yeastar's API in its versions, and OpenVox's, which follows it.
//!
//! `POST {base_url}/api/{version}/{endpoint}?token={token}`, answered with HTTP 200 and `{"status":"Success", …}` or
//! `{"status":"Failed","errno":"10003"}`. An [`Api`] says what is particular to one version of one vendor.
//!
//! | file | what is in it |
//! |---|---|
//! | `session` | log-ins, tokens, the lock after five failures |
//! | `trunks` | the trunks as kept, and what may be done with them |
//! | `parameters` | the trunk's parameters, which type has which, and what they may hold |
//! | `dod` | lists of direct outward dialling numbers |
//! | `named` | the calls that name a trunk by its name |
//! | `dial` | calls from one extension to another |

mod dial;
mod dod;
pub(super) mod named;
pub(super) mod parameters;
mod session;
pub(super) mod trunks;

use std::collections::HashMap;

use http::Method;
use serde_json::{Map, Value, json};

use super::answer::Reply;
use super::call::Call;
use super::dialect::{Dialect, Refusal, Remarks, Role};
use super::store::Store;
use super::{Error, Settings};
use parameters::Rules;
use session::Session;
use trunks::State;

/// The extension call, the same in every version.
pub(super) const DIAL: &str = "extension/dial_extension";

/// The `errno` values that aren't about one parameter of a trunk.
pub(super) mod errno {
    pub(in crate::sandbox) const UNSUPPORTED: &str = "10003";
    pub(in crate::sandbox) const BLANK: &str = "10004";
    pub(in crate::sandbox) const UNKNOWN_EXTENSION: &str = "10006";
    pub(in crate::sandbox) const BUSY_EXTENSION: &str = "10008";
    pub(in crate::sandbox) const TYPE: &str = "10044";
    pub(in crate::sandbox) const NAME_EXISTS: &str = "10043";
    pub(in crate::sandbox) const USERNAME_EXISTS: &str = "10049";
    pub(in crate::sandbox) const NO_SUCH_EXTENSION: &str = "10053";
    pub(in crate::sandbox) const NO_SUCH_GROUP: &str = "10054";
    pub(in crate::sandbox) const DOD_NUMBER: &str = "10055";
    pub(in crate::sandbox) const DOD_NUMBER_LENGTH: &str = "10056";
    pub(in crate::sandbox) const DOD_NAME: &str = "10057";
    pub(in crate::sandbox) const DOD_NAME_LENGTH: &str = "10058";
    pub(in crate::sandbox) const DOD_FORMAT: &str = "10059";
    pub(in crate::sandbox) const TRUNK_LIMIT: &str = "10060";
    pub(in crate::sandbox) const NO_SUCH_TRUNK: &str = "10062";
    pub(in crate::sandbox) const WRONG_FORMAT: &str = "20000";
    pub(in crate::sandbox) const NOT_POST: &str = "20001";
    pub(in crate::sandbox) const LOCKED: &str = "20002";
    pub(in crate::sandbox) const WRONG_LOGIN: &str = "20003";
    pub(in crate::sandbox) const NO_SUCH_TOKEN: &str = "20004";
    pub(in crate::sandbox) const NO_TOKEN: &str = "20005";
    pub(in crate::sandbox) const TOKEN_TIMED_OUT: &str = "20006";
}

/// What is particular to one version of one vendor's API.
pub(super) struct Api {
    /// The `version` of a login.
    pub(super) login_version: &'static str,
    /// Whether a login has to give `port` and `version`; they are checked wherever they are given.
    pub(super) login_needs_port: bool,
    /// Whether there is such a call.
    pub(super) knows: fn(&str) -> bool,
    /// Whether content type and body are such as the call wants them.
    pub(super) body_fits: fn(&Call) -> bool,
    /// Whether an extension call is answered with its id.
    pub(super) answers_call_id: bool,
    /// Carries out what isn't the same in every version.
    pub(super) perform: Perform,
    /// Puts an envelope into the bytes that the caller wants.
    pub(super) reply: fn(&Call, &Value) -> Reply,
}

/// Carries out the call of this name.
pub(super) type Perform = fn(&str, &Map<String, Value>, &mut State, &mut Remarks) -> Result<Value, Refusal>;

/// Which of a vendor's APIs the settings ask for, and what stands in the path for its version.
pub(super) type Choose = fn(&Settings) -> Result<(&'static Api, String), Error>;

/// What is true of every version of one vendor.
pub(super) struct Make {
    pub(super) provider: &'static str,
    pub(super) rules: Rules,
    /// What a call of this name does.
    pub(super) role: fn(&str) -> Role,
    pub(super) choose: Choose,
    /// The versions whose paths lead to this vendor, besides the one that it is set to.
    pub(super) versions: &'static [&'static str],
}

/// One PBX.
pub(super) struct Pbx {
    make: &'static Make,
    api: &'static Api,
    version: String,
    session: Session,
    state: State,
    /// The answers to listings by what was asked, until something changes.
    listings: HashMap<String, Reply>,
    remarks: Remarks,
}

/// How many different listings' answers are kept.
const MAX_LISTINGS: usize = 8;

/// A PBX with nothing in it.
pub(super) fn build(make: &'static Make, settings: &Settings) -> Result<Box<dyn Dialect>, Error> {
    let (api, version) = (make.choose)(settings)?;
    let (session, state, remarks) = (Session::default(), State::default(), Remarks::default());
    let mut pbx = Pbx { make, api, version, session, state, listings: HashMap::new(), remarks };
    pbx.accept(settings)?;
    Ok(Box::new(pbx))
}

/// `/api/v2.0.0/trunk/list` → `trunk/list`.
pub(super) fn endpoint(path: &str) -> &str {
    let versioned = path.strip_prefix("/api/").unwrap_or(path);
    versioned.split_once('/').map_or("", |(_, endpoint)| endpoint)
}

impl Pbx {
    fn log_in(&mut self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        self.check_login(fields)?;
        self.session.log_in(&text(fields, "username")?, &text(fields, "password")?)
    }

    /// `port` and `version` say where and how events are reported.
    fn check_login(&self, fields: &Map<String, Value>) -> Result<(), Refusal> {
        let absent = !self.api.login_needs_port;
        let port = fields.get("port").map_or(absent, |port| {
            let number = port.as_str().and_then(|text| text.parse::<u16>().ok());
            number.is_some_and(|number| number > 0)
        });
        let version = fields.get("version").map_or(absent, |version| version == self.api.login_version);
        if port && version {
            return Ok(());
        }
        let reason = format!("expected a port as a text, and the version \"{}\"", self.api.login_version);
        Err(Refusal::new(errno::BLANK, reason))
    }
}

impl Dialect for Pbx {
    fn accept(&mut self, settings: &Settings) -> Result<(), Error> {
        let (api, version) = (self.make.choose)(settings)?;
        let username = settings.require(self.make.provider, "username")?;
        let password = settings.require(self.make.provider, "password")?;
        (self.api, self.version) = (api, version);
        self.session.accept(username, &password);
        self.listings.clear();
        Ok(())
    }

    fn admit(&mut self, call: &Call) -> Result<(), Refusal> {
        self.session.check_lock()?;
        if call.method != Method::POST {
            return Err(Refusal::new(errno::NOT_POST, "only POST is served"));
        }
        if !(self.api.body_fits)(call) {
            return Err(Refusal::new(errno::WRONG_FORMAT, "content type or body aren't as the call wants them"));
        }
        let path_fits = call.path == format!("/api/{}/{}", self.version, call.endpoint);
        if !path_fits || !(self.api.knows)(&call.endpoint) {
            return Err(Refusal::new(errno::UNSUPPORTED, "another API version, or no such call"));
        }
        match (self.make.role)(&call.endpoint) {
            Role::Login => Ok(()),
            _ => self.session.check(token(call)),
        }
    }

    fn perform(&mut self, call: &Call) -> Result<Value, Refusal> {
        if (self.make.role)(&call.endpoint) == Role::Write {
            self.listings.clear();
        }
        let fields = call.fields().unwrap_or_default();
        match call.endpoint.as_str() {
            "login" => self.log_in(&fields),
            "logout" => {
                self.session.log_out(token(call));
                Ok(json!({}))
            }
            "heartbeat" => {
                self.remarks.note_unknown("heartbeat", fields.keys(), &["ipaddr", "port", "url", "urltag"]);
                text(&fields, "ipaddr").map(|_| json!({}))
            }
            DIAL => {
                self.remarks.note_unknown(DIAL, fields.keys(), dial::PARAMETERS);
                let call_id = self.state.dial(&fields)?;
                Ok(if self.api.answers_call_id { json!({ "callid": call_id }) } else { json!({}) })
            }
            endpoint => (self.api.perform)(endpoint, &fields, &mut self.state, &mut self.remarks),
        }
    }

    fn listing(&mut self, call: &Call) -> Option<Reply> {
        let fields = Value::Object(call.fields()?);
        let asked = format!("{} {} {fields}", call.endpoint, call.parameter("type").unwrap_or_default());
        if let Some(kept) = self.listings.get(&asked) {
            return Some(kept.clone());
        }
        let payload = self.perform(call).ok()?;
        let reply = self.reply(call, Ok(payload));
        if self.listings.len() < MAX_LISTINGS {
            self.listings.insert(asked, reply.clone());
        }
        Some(reply)
    }

    fn reply(&self, call: &Call, outcome: Result<Value, Refusal>) -> Reply {
        let envelope = match outcome {
            Ok(Value::Object(mut payload)) => {
                payload.insert("status".into(), "Success".into());
                Value::Object(payload)
            }
            Ok(_) => json!({ "status": "Success" }),
            Err(refusal) => json!({ "status": "Failed", "errno": refusal.code }),
        };
        (self.api.reply)(call, &envelope)
    }

    fn prefixes(&self) -> Vec<String> {
        let mut versions = vec![self.version.as_str()];
        versions.extend(self.make.versions.iter().filter(|version| **version != self.version));
        versions.into_iter().map(|version| format!("/api/{version}/")).collect()
    }

    fn refuse_login(&mut self) -> Refusal {
        self.session.fail()
    }

    fn expire(&mut self, call: &Call) {
        self.session.expire(token(call));
    }

    fn state(&self) -> Value {
        serde_json::to_value(&self.state).unwrap_or_default()
    }

    fn keep(&self, store: &mut Store) -> Result<(), Error> {
        store.save(&self.state)
    }

    fn set_state(&mut self, state: Value) -> Result<(), String> {
        self.state = State::read(state, self.make.rules)?;
        self.listings.clear();
        Ok(())
    }

    fn populate(&mut self, objects: usize) {
        self.state = State::made_up(objects, self.make.rules);
        self.listings.clear();
    }

    fn remarks(&self) -> &Remarks {
        &self.remarks
    }
}

/// The query's token; empty where there is none.
fn token(call: &Call) -> &str {
    call.parameter("token").unwrap_or_default()
}

/// A required parameter that has to be a text.
pub(super) fn text(fields: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    match fields.get(name) {
        Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
        Some(Value::String(_) | Value::Null) | None => Err(blank(name)),
        Some(_) => Err(Refusal::new(errno::BLANK, format!("`{name}` has to be a text"))),
    }
}

fn blank(name: &str) -> Refusal {
    Refusal::new(errno::BLANK, format!("`{name}` is required"))
}

/// A trunk's id. Ids are documented as integers and shown as texts; both are taken.
pub(super) fn id_text(fields: &Map<String, Value>) -> Result<String, Refusal> {
    match fields.get("id").and_then(Value::as_u64) {
        Some(number) => Ok(number.to_string()),
        None => text(fields, "id"),
    }
}

/// The id of the one trunk that a call is about.
pub(super) fn one_id(fields: &Map<String, Value>) -> Result<u64, Refusal> {
    id_text(fields)?.parse().map_err(|_| no_such_trunk())
}

pub(super) fn no_such_trunk() -> Refusal {
    Refusal::new(errno::NO_SUCH_TRUNK, "no such trunk")
}

/// Whether a call means every trunk.
pub(super) fn is_all(given: &str) -> bool {
    given.trim().eq_ignore_ascii_case("all")
}

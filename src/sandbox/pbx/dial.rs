//! A call from one extension to another.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::trunks::State;
use super::{errno, text};
use crate::sandbox::dialect::Refusal;

/// What the call is told.
pub(super) const PARAMETERS: &[&str] = &["caller", "callee", "autoanswer"];

/// A call that was placed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlacedCall {
    caller: String,
    callee: String,
    /// `yes` or `no`.
    autoanswer: String,
    callid: String,
}

impl State {
    /// Rings the caller's phone, then the callee's; gives the call's id. Both have to be there and idle.
    pub(super) fn dial(&mut self, fields: &Map<String, Value>) -> Result<String, Refusal> {
        let both = [text(fields, "caller")?, text(fields, "callee")?];
        let autoanswer = auto_answer(fields)?;
        for extension in &both {
            if !(self.extensions.is_empty() || self.extensions.contains(extension)) {
                return Err(Refusal::new(errno::UNKNOWN_EXTENSION, "no such extension"));
            }
        }
        if both.iter().any(|extension| self.busy_extensions.contains(extension)) {
            return Err(Refusal::new(errno::BUSY_EXTENSION, "an extension isn't idle"));
        }
        let callid = format!("1505193218.{}", 96 + self.calls.len());
        let [caller, to] = both;
        self.calls.push(PlacedCall { caller, callee: to, autoanswer, callid: callid.clone() });
        Ok(callid)
    }
}

fn auto_answer(fields: &Map<String, Value>) -> Result<String, Refusal> {
    if !fields.contains_key("autoanswer") {
        return Ok("no".into());
    }
    let given = text(fields, "autoanswer")?;
    if ["yes", "no"].contains(&given.as_str()) {
        return Ok(given);
    }
    Err(Refusal::new(errno::BLANK, "`autoanswer` has to be yes or no"))
}

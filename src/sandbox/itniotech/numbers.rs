//! Bought numbers and their settings. Nothing here buys or releases one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::{filter, invalid, is_address, loose, number, optional_text, text};
use super::paging::{Page, params};
use super::state::State;
use super::status;
use crate::sandbox::dialect::Refusal;

/// What a change is told.
pub(super) const PARAMETERS: &[&str] =
    &["number", "appId", "enableVoicemail", "outIp", "inIp", "inboundPrefix", "remark", "voicemailMaxHangup"];

/// The longest of addresses and remarks, in characters.
const MAX_TEXT: usize = 50;

/// The longest prefix, in characters.
const MAX_PREFIX: usize = 32;

/// The longest time after which a voicemail hangs up, in the vendor's unit.
const MAX_HANGUP: u64 = 999;

/// The first of the numbers that are made up.
const FIRST_MADE_UP: u64 = 85_200_000_000;

/// One number.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the fields are named as on the wire")]
pub(super) struct Number {
    pub(super) number: String,
    app_id: String,
    /// Comma-separated.
    #[serde(default)]
    out_ip: String,
    #[serde(default)]
    in_ip: String,
    #[serde(default)]
    inbound_prefix: String,
    #[serde(default)]
    remark: String,
    #[serde(default)]
    enable_voicemail: bool,
    /// Null where there is no voicemail.
    #[serde(default)]
    voicemail_max_hangup: Option<u64>,
}

impl Number {
    /// One that nobody has set up.
    pub(super) fn made_up(place: usize, app: &str) -> Self {
        Self {
            number: (FIRST_MADE_UP + place as u64).to_string(),
            app_id: app.to_owned(),
            out_ip: String::new(),
            in_ip: String::new(),
            inbound_prefix: String::new(),
            remark: String::new(),
            enable_voicemail: false,
            voicemail_max_hangup: None,
        }
    }
}

impl State {
    pub(super) fn query_numbers(&self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let page = Page::read(fields)?;
        let params = params(fields)?;
        let app = filter(&params, "appId")?;
        let shown: Vec<_> = self.numbers.iter().filter(|number| app.is_none_or(|app| number.app_id == app)).collect();
        Ok(page.of(&shown, &self.hidden_fields, shown_number))
    }

    /// Replaces a number's settings. Nobody documented what becomes of one that isn't given: it is emptied here, so that a
    /// client that leaves one out is found out.
    pub(super) fn edit_number(&mut self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let number = text(fields, "number", MAX_TEXT)?;
        let app_id = self.app(fields)?;
        let (enable_voicemail, voicemail_max_hangup) = voicemail(fields)?;
        let edited = Number {
            number,
            app_id,
            out_ip: addresses(fields, "outIp")?,
            in_ip: inbound_address(fields)?,
            inbound_prefix: optional_text(fields, "inboundPrefix", MAX_PREFIX)?,
            remark: optional_text(fields, "remark", MAX_TEXT)?,
            enable_voicemail,
            voicemail_max_hangup,
        };
        let place = self.numbers.iter_mut().find(|number| number.number == edited.number);
        *place.ok_or_else(|| Refusal::new(status::NOT_THERE, "no such number"))? = edited;
        Ok(Value::Null)
    }
}

fn shown_number(place: usize, number: &Number) -> Value {
    let as_text = place.is_multiple_of(2);
    let mut record = json!({
        "number": number.number, "ccode": "852", "country": "Hong Kong", "dueDate": "2027-01-05", "state": loose(1, as_text),
        "inboundPrefix": number.inbound_prefix, "type": loose(1, !as_text), "autoRenew": loose(1, as_text),
        "outIp": number.out_ip, "inIp": number.in_ip, "remark": number.remark, "appId": number.app_id,
        "enableVoicemail": loose(number.enable_voicemail.into(), as_text),
    });
    if let (Value::Object(members), Some(seconds)) = (&mut record, number.voicemail_max_hangup) {
        members.insert("voicemailMaxHangup".into(), loose(seconds, !as_text));
    }
    record
}

/// Whether there is a voicemail, as `"1"` or `"0"`, and when it hangs up, which is required where there is one.
fn voicemail(fields: &Map<String, Value>) -> Result<(bool, Option<u64>), Refusal> {
    match fields.get("enableVoicemail").and_then(Value::as_str) {
        Some("0") => Ok((false, None)),
        Some("1") => {
            let seconds = number(fields, "voicemailMaxHangup").filter(|seconds| (1..=MAX_HANGUP).contains(seconds));
            Ok((true, Some(seconds.ok_or_else(|| invalid("voicemailMaxHangup"))?)))
        }
        _ => Err(invalid("enableVoicemail")),
    }
}

fn addresses(fields: &Map<String, Value>, name: &str) -> Result<String, Refusal> {
    let list = optional_text(fields, name, MAX_TEXT)?;
    let fits = list.is_empty() || list.split(',').all(|address| is_address(address, false));
    fits.then_some(list).ok_or_else(|| invalid(name))
}

/// `ip:port`, or nothing.
fn inbound_address(fields: &Map<String, Value>) -> Result<String, Refusal> {
    let address = optional_text(fields, "inIp", MAX_TEXT)?;
    let fits = address.is_empty() || is_address(&address, true);
    fits.then_some(address).ok_or_else(|| invalid("inIp"))
}

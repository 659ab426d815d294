//! Call-centre SIP trunks.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::{filter, invalid, is_address, loose, number, optional_text, text};
use super::paging::{Page, params};
use super::state::State;
use super::status;
use crate::sandbox::dialect::Refusal;

/// What a new trunk is told.
pub(super) const ADD_PARAMETERS: &[&str] = &[
    "type",
    "sipTrunkName",
    "sipPrefix",
    "groupList",
    "sipGatewayIp",
    "sipWhiteIp",
    "sipTrunkState",
    "sipAccount",
    "sipPassword",
];

/// What a change is told: no `type`.
pub(super) const UPDATE_PARAMETERS: &[&str] = &[
    "keyId",
    "sipTrunkName",
    "sipPrefix",
    "groupList",
    "sipGatewayIp",
    "sipWhiteIp",
    "sipTrunkState",
    "sipAccount",
    "sipPassword",
];

const OUTGOING: u64 = 1;
const INCOMING: u64 = 2;

/// The longest address, in characters.
const MAX_ADDRESS: usize = 50;

/// The longest of the texts that the documents give no length for, in characters.
const MAX_TEXT: usize = 64;

/// One trunk.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the fields are named as on the wire")]
pub(super) struct SipTrunk {
    pub(super) key_id: u64,
    /// 1: calls go out by it; 2: they come in.
    #[serde(rename = "type")]
    direction: u64,
    sip_trunk_name: String,
    #[serde(default)]
    sip_prefix: String,
    group_list: Vec<Bound>,
    /// Empty for trunks by which calls come in.
    #[serde(default)]
    sip_gateway_ip: String,
    /// Empty for trunks by which calls go out.
    #[serde(default)]
    sip_white_ip: String,
    /// Whether it registers.
    #[serde(default)]
    sip_trunk_state: bool,
    #[serde(default)]
    sip_account: String,
    #[serde(default)]
    sip_password: String,
    /// Seconds since 1970.
    create_time: i64,
    update_time: i64,
}

/// A group that a trunk leads to.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Bound {
    voice_group_id: u64,
    /// Empty for trunks by which calls go out.
    #[serde(default)]
    number: String,
}

impl SipTrunk {
    /// Whether somebody who edited a kept trunk gave it a direction.
    pub(super) fn check_kept(&self) -> Result<(), String> {
        let known = [OUTGOING, INCOMING].contains(&self.direction);
        known.then_some(()).ok_or_else(|| "a trunk's `type` has to be 1 (outgoing) or 2 (incoming)".into())
    }
}

impl State {
    pub(super) fn add_trunk(&mut self, fields: &Map<String, Value>, now: i64) -> Result<Value, Refusal> {
        let direction = number(fields, "type").filter(|direction| [OUTGOING, INCOMING].contains(direction));
        let direction = direction.ok_or_else(|| Refusal::new(status::TYPE, "trunk type error"))?;
        let mut trunk = self.checked_trunk(fields, direction, None)?;
        (trunk.create_time, trunk.update_time) = (now, now);
        trunk.key_id = self.fresh_key_id();
        let key_id = trunk.key_id.to_string();
        self.sip_trunks.push(trunk);
        Ok(key_id.into())
    }

    /// Replaces all that isn't the id or the direction.
    pub(super) fn update_trunk(&mut self, fields: &Map<String, Value>, now: i64) -> Result<Value, Refusal> {
        let key_id = number(fields, "keyId").ok_or_else(|| Refusal::new(status::NO_KEY_ID, "keyId required"))?;
        let found = self.sip_trunks.iter().position(|trunk| trunk.key_id == key_id);
        let (index, old) = found
            .and_then(|index| Some((index, self.sip_trunks.get(index)?)))
            .ok_or_else(|| Refusal::new(status::NOT_THERE, "no such trunk"))?;
        let created = old.create_time;
        let mut trunk = self.checked_trunk(fields, old.direction, Some(key_id))?;
        (trunk.key_id, trunk.create_time, trunk.update_time) = (key_id, created, now);
        if let Some(place) = self.sip_trunks.get_mut(index) {
            *place = trunk;
        }
        Ok(Value::Null)
    }

    /// A trunk of this direction from a call; `own` is the id of the one that it replaces.
    fn checked_trunk(
        &self,
        fields: &Map<String, Value>,
        direction: u64,
        own: Option<u64>,
    ) -> Result<SipTrunk, Refusal> {
        let outgoing = direction == OUTGOING;
        let others: Vec<_> = self.sip_trunks.iter().filter(|other| Some(other.key_id) != own).collect();
        let sip_trunk_name = free_name(fields, &others)?;
        let group_list = self.bound_groups(fields, direction)?;
        check_groups_free(&group_list, direction, &others)?;
        let sip_gateway_ip = if outgoing { free_gateway(fields, &others)? } else { String::new() };
        let sip_white_ip = if outgoing { String::new() } else { white_ip(fields)? };
        let registers = fields.get("sipTrunkState").and_then(Value::as_bool);
        let sip_trunk_state = registers.ok_or_else(|| invalid("sipTrunkState"))?;
        let (sip_account, sip_password) = credentials(fields, outgoing && sip_trunk_state)?;
        Ok(SipTrunk {
            key_id: 0,
            direction,
            sip_trunk_name,
            sip_prefix: optional_text(fields, "sipPrefix", MAX_TEXT)?,
            group_list,
            sip_gateway_ip,
            sip_white_ip,
            sip_trunk_state,
            sip_account,
            sip_password,
            create_time: 0,
            update_time: 0,
        })
    }

    fn bound_groups(&self, fields: &Map<String, Value>, direction: u64) -> Result<Vec<Bound>, Refusal> {
        let list = fields.get("groupList").and_then(Value::as_array).filter(|list| !list.is_empty());
        let list = list.ok_or_else(|| Refusal::new(status::NO_GROUP, "group required"))?;
        let mut bound: Vec<Bound> = Vec::new();
        for item in list {
            let item = item.as_object().ok_or_else(|| Refusal::new(status::NO_GROUP, "group required"))?;
            let group = self.bound_group(item, direction)?;
            if bound.iter().any(|other| other.voice_group_id == group.voice_group_id) {
                return Err(Refusal::new(status::GROUP_TWICE, "group duplicate"));
            }
            bound.push(group);
        }
        Ok(bound)
    }

    fn bound_group(&self, item: &Map<String, Value>, direction: u64) -> Result<Bound, Refusal> {
        let id = number(item, "voiceGroupId").ok_or_else(|| Refusal::new(status::NO_GROUP, "group required"))?;
        if self.seat_groups.iter().all(|group| group.voice_group_id != id) {
            return Err(Refusal::new(status::NOT_THERE, "no such group"));
        }
        let given =
            optional_text(item, "number", MAX_TEXT).map_err(|_| Refusal::new(status::NUMBER, "number error"))?;
        if direction == INCOMING && given.is_empty() {
            return Err(Refusal::new(status::NO_NUMBER, "number required"));
        }
        let digits = given.strip_prefix('+').unwrap_or(&given);
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::new(status::NUMBER, "number error"));
        }
        Ok(Bound { voice_group_id: id, number: given })
    }

    pub(super) fn query_trunks(&self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let page = Page::read(fields)?;
        let params = params(fields)?;
        let direction = match params.get("type") {
            None | Some(Value::Null) => None,
            Some(_) => Some(number(&params, "type").ok_or_else(|| invalid("type"))?),
        };
        // The vendor's filter is fuzzy: `carrier` finds `old-carrier-2` too.
        let part = filter(&params, "sipTrunkName")?.map(str::to_lowercase);
        let wanted = |trunk: &&SipTrunk| {
            direction.is_none_or(|direction| trunk.direction == direction)
                && part.as_ref().is_none_or(|part| trunk.sip_trunk_name.to_lowercase().contains(part))
        };
        let shown: Vec<_> = self.sip_trunks.iter().filter(wanted).collect();
        Ok(page.of(&shown, &self.hidden_fields, |place, trunk| self.shown_trunk(place, trunk)))
    }

    fn shown_trunk(&self, place: usize, trunk: &SipTrunk) -> Value {
        let as_text = place.is_multiple_of(2);
        let outgoing = trunk.direction == OUTGOING;
        let groups = trunk.group_list.iter().map(|bound| {
            let group = self.seat_groups.iter().find(|group| group.voice_group_id == bound.voice_group_id);
            let name = group.map_or("", |group| group.group_name.as_str());
            json!({ "voiceGroupId": loose(bound.voice_group_id, as_text), "groupName": name, "number": bound.number })
        });
        json!({
            "keyId": loose(trunk.key_id, !as_text),
            "type": loose(trunk.direction, as_text),
            "state": loose(1, !as_text),
            "sipTrunkName": trunk.sip_trunk_name,
            "sipPrefix": trunk.sip_prefix,
            // What a trunk of the other direction has stands there as null.
            "sipGatewayIp": if outgoing { Value::from(trunk.sip_gateway_ip.as_str()) } else { Value::Null },
            "sipWhiteIp": if outgoing { Value::Null } else { Value::from(trunk.sip_white_ip.as_str()) },
            "ccIp": "198.51.100.20:5060",
            "sipAccount": trunk.sip_account,
            "sipPassword": trunk.sip_password,
            "sipTrunkState": trunk.sip_trunk_state,
            "createTime": trunk.create_time.saturating_mul(1000),
            "updateTime": trunk.update_time.saturating_mul(1000),
            "groupList": groups.collect::<Vec<_>>(),
        })
    }

    fn fresh_key_id(&mut self) -> u64 {
        self.made += 1;
        let last = self.sip_trunks.iter().map(|trunk| trunk.key_id).max().unwrap_or_default();
        last.saturating_add(1).max(1000_u64.saturating_add(self.made))
    }
}

/// A name that no other trunk has.
fn free_name(fields: &Map<String, Value>, others: &[&SipTrunk]) -> Result<String, Refusal> {
    let name = text(fields, "sipTrunkName", MAX_TEXT).map_err(|_| Refusal::new(status::NAME, "trunk name error"))?;
    if others.iter().any(|other| other.sip_trunk_name == name) {
        return Err(Refusal::new(status::NAME_EXISTS, "trunk name duplicate"));
    }
    Ok(name)
}

/// A group has one trunk a direction. The documents have a status for a group that is bound and don't say to what.
fn check_groups_free(groups: &[Bound], direction: u64, others: &[&SipTrunk]) -> Result<(), Refusal> {
    let same = others.iter().filter(|other| other.direction == direction);
    let mut taken = same.flat_map(|other| &other.group_list).map(|bound| bound.voice_group_id);
    if taken.any(|id| groups.iter().any(|group| group.voice_group_id == id)) {
        return Err(Refusal::new(status::GROUP_BOUND, "group already bound to another trunk"));
    }
    Ok(())
}

/// Where calls go out to; no other trunk's gateway.
fn free_gateway(fields: &Map<String, Value>, others: &[&SipTrunk]) -> Result<String, Refusal> {
    let missing = Refusal::new(status::NO_GATEWAY, "gateway address required");
    let gateway = address(fields, "sipGatewayIp", missing, status::GATEWAY)?;
    if others.iter().any(|other| other.sip_gateway_ip == gateway) {
        return Err(Refusal::new(status::GATEWAY_EXISTS, "gateway address duplicate"));
    }
    Ok(gateway)
}

/// Where calls may come from.
fn white_ip(fields: &Map<String, Value>) -> Result<String, Refusal> {
    let missing = Refusal::new(status::NO_WHITE_IP, "white list address required");
    address(fields, "sipWhiteIp", missing, status::WHITE_IP)
}

fn address(
    fields: &Map<String, Value>,
    name: &str,
    missing: Refusal,
    invalid: &'static str,
) -> Result<String, Refusal> {
    match optional_text(fields, name, MAX_ADDRESS) {
        Ok(address) if address.is_empty() => Err(missing),
        Ok(address) if is_address(&address, false) => Ok(address),
        _ => Err(Refusal::new(invalid, "address error")),
    }
}

/// The account of a trunk that registers; others have none.
fn credentials(fields: &Map<String, Value>, registers: bool) -> Result<(String, String), Refusal> {
    let read = if registers { text } else { optional_text };
    let (account, password) = (read(fields, "sipAccount", MAX_TEXT)?, read(fields, "sipPassword", MAX_TEXT)?);
    Ok(if registers { (account, password) } else { (String::new(), String::new()) })
}

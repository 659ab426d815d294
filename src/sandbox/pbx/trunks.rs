//! The trunks of a PBX and what may be done with them, whatever the API's version calls it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::dial::PlacedCall;
use super::parameters::{Need, Rules, TYPES};
use super::{blank, dod, errno, no_such_trunk, text};
use crate::sandbox::dialect::Refusal;

/// Settings of a trunk that no document names and every read shows, with what they are unless somebody has set them on
/// the web page. A whole replacement sets them back.
const UNDOCUMENTED: [(&str, &str); 2] = [("enable", "yes"), ("transport", "udp")];

/// What a PBX keeps.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::sandbox) struct State {
    /// What is the vendor's own about trunks.
    #[serde(skip)]
    rules: Rules,
    /// How many SIP trunks there may be; null: any number.
    #[serde(default)]
    max_trunks: Option<usize>,
    /// The extensions that a DOD may be for and that may call; empty: any.
    #[serde(default)]
    pub(super) extensions: Vec<String>,
    /// The extensions that are in a call, or have no phone: they can't be called. Calls made here end at once.
    #[serde(default)]
    pub(super) busy_extensions: Vec<String>,
    /// The extension groups that a DOD may be for; empty: any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    extension_groups: Vec<String>,
    /// Parameters that reads leave out, as a box does for a user who may not see them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    hidden_fields: Vec<String>,
    /// The SIP trunks, each as the API spells it: `id`, `status` and the parameters of its type, all of them texts.
    trunks: Vec<Trunk>,
    /// IAX, FXO and other trunks: `id`, `trunkname`, `type`, `status`, and `port` where they have one. Listed, and
    /// nothing else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    other_trunks: Vec<Trunk>,
    /// The extension calls that were placed.
    #[serde(default)]
    pub(super) calls: Vec<PlacedCall>,
    /// The smallest id that no trunk has had yet; found from the trunks where it is missing.
    #[serde(default)]
    next_id: u64,
}

/// A trunk's parameters by name.
pub(in crate::sandbox) type Trunk = BTreeMap<String, String>;

impl State {
    /// Reads a kept state. Ids have to be whole numbers and, like names, each trunk's own.
    pub(super) fn read(state: Value, rules: Rules) -> Result<Self, String> {
        let mut state: Self = serde_json::from_value(state).map_err(|error| error.to_string())?;
        state.rules = rules;
        let mut taken = BTreeSet::new();
        for trunk in state.trunks.iter().chain(&state.other_trunks) {
            let id = id_of(trunk).ok_or("a trunk has no `id` that is a whole number as a text")?;
            if !taken.insert(id) {
                return Err(format!("two trunks have the id {id}"));
            }
        }
        state.trunks.iter().try_for_each(|trunk| check_kept(trunk, rules))?;
        state.next_id = state.next_id.max(taken.last().map_or(1, |last| last + 1));
        Ok(state)
    }

    /// So many trunks that register with a carrier: `trunk-1` with the user name 100001, the password
    /// `sandbox-trunk-1`, and so on.
    pub(super) fn made_up(objects: usize, rules: Rules) -> Self {
        let made = (1..=objects).map(|place| made_up(place, rules)).collect();
        Self { rules, trunks: made, next_id: objects as u64 + 1, ..Self::default() }
    }

    /// Every trunk with its registration status, as `trunk/list` shows them, by id.
    pub(in crate::sandbox) fn list(&self) -> Vec<Trunk> {
        let others = self.other_trunks.iter().cloned();
        let mut all: Vec<_> = self.trunks.iter().map(listed).chain(others).collect();
        all.sort_by_key(id_of);
        all
    }

    /// The SIP trunks that pass, each with every parameter of its type and a few more.
    pub(in crate::sandbox) fn read_trunks(&self, wanted: impl Fn(&Trunk) -> bool) -> Vec<Trunk> {
        self.trunks.iter().filter(|trunk| wanted(trunk)).map(|trunk| self.answered(trunk)).collect()
    }

    /// Whether there is a SIP trunk that passes.
    pub(in crate::sandbox) fn has(&self, wanted: impl Fn(&Trunk) -> bool) -> bool {
        self.trunks.iter().any(wanted)
    }

    /// Makes a trunk.
    pub(in crate::sandbox) fn add(&mut self, fields: &Map<String, Value>) -> Result<(), Refusal> {
        let trunktype = trunk_type(fields)?;
        let mut made = self.checked(fields, &trunktype, Need::Required)?;
        if self.max_trunks.is_some_and(|max| self.trunks.len() >= max) {
            return Err(Refusal::new(errno::TRUNK_LIMIT, "no more trunks fit"));
        }
        self.check_unique(&made, None)?;
        let id = self.next_id.to_string();
        self.next_id += 1;
        let status = if trunktype == "register" { "registering" } else { "Unknown" };
        made.insert("id".into(), id);
        made.insert("status".into(), status.into());
        self.trunks.push(made);
        Ok(())
    }

    /// Changes the parameters that are given and keeps the others.
    pub(in crate::sandbox) fn update(&mut self, id: u64, fields: &Map<String, Value>) -> Result<(), Refusal> {
        let index = self.index_for_update(id, fields)?;
        let mut updated = self.trunks.get(index).cloned().unwrap_or_default();
        let trunktype = updated.get("trunktype").cloned().unwrap_or_default();
        updated.append(&mut self.checked(fields, &trunktype, Need::Optional)?);
        self.put(index, updated)
    }

    /// Changes the parameters that are given and sets every other one back. Those that the type needs have to be given.
    pub(in crate::sandbox) fn replace(&mut self, id: u64, fields: &Map<String, Value>) -> Result<(), Refusal> {
        let index = self.index_for_update(id, fields)?;
        let mut updated = self.trunks.get(index).cloned().unwrap_or_default();
        updated.retain(|name, _| ["id", "status", "trunktype"].contains(&name.as_str()));
        let trunktype = updated.get("trunktype").cloned().unwrap_or_default();
        updated.append(&mut self.checked(fields, &trunktype, Need::Required)?);
        self.put(index, updated)
    }

    /// Where the trunk is that an update is for. It keeps its type, which the update has to name.
    fn index_for_update(&self, id: u64, fields: &Map<String, Value>) -> Result<usize, Refusal> {
        let trunktype = trunk_type(fields)?;
        let index = self.trunks.iter().position(|trunk| id_of(trunk) == Some(id)).ok_or_else(no_such_trunk)?;
        if self.trunks.get(index).and_then(|trunk| trunk.get("trunktype")) != Some(&trunktype) {
            return Err(Refusal::new(errno::TYPE, "a trunk keeps its type"));
        }
        Ok(index)
    }

    fn put(&mut self, index: usize, updated: Trunk) -> Result<(), Refusal> {
        self.check_unique(&updated, id_of(&updated))?;
        if let Some(trunk) = self.trunks.get_mut(index) {
            *trunk = updated;
        }
        Ok(())
    }

    /// Removes the SIP trunks that pass.
    pub(in crate::sandbox) fn delete(&mut self, doomed: impl Fn(&Trunk) -> bool) {
        self.trunks.retain(|trunk| !doomed(trunk));
    }

    /// What a read shows: every parameter of the type, and what no document names.
    fn answered(&self, trunk: &Trunk) -> Trunk {
        let trunktype = trunk.get("trunktype").map_or("", String::as_str);
        let kept = |name: &str| trunk.get(name).cloned();
        let own = self.rules.parameters_of(trunktype);
        let mut record: Trunk = own.map(|name| (name.into(), kept(name).unwrap_or_default())).collect();
        record.insert("id".into(), kept("id").unwrap_or_default());
        for (name, usual) in UNDOCUMENTED {
            record.insert(name.into(), kept(name).unwrap_or_else(|| usual.into()));
        }
        if self.rules.computes {
            record.insert("tech".into(), "pjsip".into());
        }
        record.retain(|name, _| !self.hidden_fields.contains(name));
        record
    }

    /// The parameters that a call about a trunk of its type has.
    pub(in crate::sandbox) fn parameters_for(&self, fields: &Map<String, Value>) -> Vec<&'static str> {
        let trunktype = fields.get("trunktype").and_then(Value::as_str).unwrap_or_default();
        self.rules.parameters_of(trunktype).collect()
    }

    /// The parameters that the type has and the call gives, checked. `absent`: whether a required one may be left out.
    fn checked(&self, fields: &Map<String, Value>, trunktype: &str, absent: Need) -> Result<Trunk, Refusal> {
        let mut checked = Trunk::new();
        for parameter in self.rules.parameters {
            let need = parameter.need(trunktype);
            let value = match fields.get(parameter.name) {
                _ if need == Need::None => continue,
                None if need == Need::Required && absent == Need::Required => return Err(blank(parameter.name)),
                None => continue,
                Some(Value::String(value)) => value,
                Some(_) => return Err(parameter.refuse()),
            };
            parameter.check(value, need)?;
            checked.insert(parameter.name.into(), self.as_kept(parameter.name, value)?);
        }
        self.compute_domain(&mut checked, absent);
        Ok(checked)
    }

    /// Some boxes make the domain from the host where nobody gives one.
    fn compute_domain(&self, checked: &mut Trunk, absent: Need) {
        let given = checked.get("domain").is_some_and(|domain| !domain.is_empty());
        if !self.rules.computes || given || absent == Need::Optional {
            return;
        }
        if let Some(host) = checked.get("host").cloned() {
            checked.insert("domain".into(), host);
        }
    }

    fn as_kept(&self, parameter: &str, value: &str) -> Result<String, Refusal> {
        match parameter {
            "extensionsdod" => dod::normalize(value, &self.extensions, errno::NO_SUCH_EXTENSION),
            "extensionsgroupdod" => dod::normalize(value, &self.extension_groups, errno::NO_SUCH_GROUP),
            _ => Ok(value.to_owned()),
        }
    }

    /// A name is one trunk's, of whatever kind; a user name one account trunk's.
    fn check_unique(&self, trunk: &Trunk, own_id: Option<u64>) -> Result<(), Refusal> {
        let others = || self.trunks.iter().filter(|other| own_id.is_none() || id_of(other) != own_id);
        let name = trunk.get("trunkname");
        if others().chain(&self.other_trunks).any(|other| other.get("trunkname") == name) {
            return Err(Refusal::new(errno::NAME_EXISTS, "there is a trunk of this name"));
        }
        let is_account = |trunk: &Trunk| trunk.get("trunktype").is_some_and(|kind| kind == "account");
        if is_account(trunk)
            && others().any(|other| is_account(other) && other.get("username") == trunk.get("username"))
        {
            return Err(Refusal::new(errno::USERNAME_EXISTS, "another account trunk has this user name"));
        }
        Ok(())
    }
}

fn made_up(place: usize, rules: Rules) -> Trunk {
    let (user, password) = (format!("{}", 100_000 + place), format!("sandbox-trunk-{place}"));
    let all = [
        ("trunkname", format!("trunk-{place}")),
        ("trunktype", "register".to_owned()),
        ("host", "sip.carrier.example".to_owned()),
        ("port", "5060".to_owned()),
        ("domain", "sip.carrier.example".to_owned()),
        ("username", user.clone()),
        ("authname", user),
        ("password", password),
        ("fromuser", String::new()),
        ("extensionsdod", String::new()),
        ("extensionsgroupdod", String::new()),
    ];
    let known: Vec<_> = rules.parameters_of("register").collect();
    let kept = all.into_iter().filter(|(name, _)| known.contains(name));
    let own = [("id", place.to_string()), ("status", "registered".to_owned())];
    kept.chain(own).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A trunk's id; `None` where it isn't a number.
pub(in crate::sandbox) fn id_of(trunk: &Trunk) -> Option<u64> {
    trunk.get("id")?.parse().ok()
}

fn trunk_type(fields: &Map<String, Value>) -> Result<String, Refusal> {
    let given = text(fields, "trunktype")?;
    if TYPES.contains(&given.as_str()) {
        return Ok(given);
    }
    Err(Refusal::new(errno::TYPE, "no such type of trunk"))
}

/// What `trunk/list` shows of a SIP trunk.
fn listed(trunk: &Trunk) -> Trunk {
    let mut row: Trunk = trunk.clone();
    row.retain(|name, _| ["id", "trunkname", "status"].contains(&name.as_str()));
    row.insert("type".into(), "SIP".into());
    row
}

/// Whether somebody who edited a kept trunk spelled everything right. What the values say is their business: a box may
/// hold what its API wouldn't take.
fn check_kept(trunk: &Trunk, rules: Rules) -> Result<(), String> {
    let trunktype = trunk.get("trunktype").map_or("", String::as_str);
    if !TYPES.contains(&trunktype) {
        return Err(format!("a trunk's `trunktype` has to be one of {}", TYPES.join(", ")));
    }
    let known = |name: &str| {
        let undocumented = UNDOCUMENTED.iter().any(|(other, _)| *other == name);
        ["id", "status"].contains(&name) || undocumented || rules.parameters_of(trunktype).any(|other| other == name)
    };
    match trunk.keys().find(|name| !known(name)) {
        Some(name) => Err(format!("a {trunktype} trunk has no `{name}`")),
        None => Ok(()),
    }
}

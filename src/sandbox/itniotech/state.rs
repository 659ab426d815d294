//! What an account keeps.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::fields::text;
use super::groups::SeatGroup;
use super::numbers::Number;
use super::phones::Phone;
use super::status;
use super::trunks::SipTrunk;
use crate::sandbox::dialect::Refusal;

/// The longest id of an application, in characters.
const MAX_ID: usize = 64;

/// What an account keeps, as its state file spells it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct State {
    /// The application of the box's settings: it is there even where [`Self::apps`] doesn't name it.
    #[serde(skip)]
    own_app: String,
    /// The voice applications, by id.
    apps: Vec<String>,
    /// Members that listings leave out of their records.
    #[serde(default)]
    pub(super) hidden_fields: Vec<String>,
    /// How many phones there may be in an application; null: any number.
    #[serde(default)]
    pub(super) max_phones: Option<usize>,
    pub(super) phones: Vec<Phone>,
    pub(super) seat_groups: Vec<SeatGroup>,
    pub(super) sip_trunks: Vec<SipTrunk>,
    pub(super) numbers: Vec<Number>,
    /// How many phones, passwords and trunks were made here; what the platform makes up follows from it.
    #[serde(default)]
    pub(super) made: u64,
}

impl State {
    /// Reads a kept state. Accounts, ids and numbers have to be each record's own.
    pub(super) fn read(state: Value) -> Result<Self, String> {
        let state: Self = serde_json::from_value(state).map_err(|error| error.to_string())?;
        unique("phones", "account", state.phones.iter().map(|phone| phone.account.clone()))?;
        unique("trunks", "keyId", state.sip_trunks.iter().map(|trunk| trunk.key_id.to_string()))?;
        unique("seat groups", "voiceGroupId", state.seat_groups.iter().map(|group| group.voice_group_id.to_string()))?;
        unique("numbers", "number", state.numbers.iter().map(|number| number.number.clone()))?;
        state.sip_trunks.iter().try_for_each(SipTrunk::check_kept)?;
        Ok(state)
    }

    /// So many bought numbers of this application, from 85200000000 on.
    pub(super) fn made_up(objects: usize, app: &str) -> Self {
        let numbers = (0..objects).map(|place| Number::made_up(place, app)).collect();
        Self { own_app: app.to_owned(), numbers, ..Self::default() }
    }

    pub(super) fn set_own_app(&mut self, app: &str) {
        app.clone_into(&mut self.own_app);
    }

    /// The application that a call is about; it has to be there.
    pub(super) fn app(&self, fields: &Map<String, Value>) -> Result<String, Refusal> {
        let app = text(fields, "appId", MAX_ID)?;
        if app == self.own_app || self.apps.contains(&app) {
            return Ok(app);
        }
        Err(Refusal::new(status::NOT_THERE, "no such application"))
    }

    /// Moves the first record of each kind to the end.
    pub(super) fn shift(&mut self) {
        rotate(&mut self.phones);
        rotate(&mut self.seat_groups);
        rotate(&mut self.sip_trunks);
        rotate(&mut self.numbers);
    }
}

fn rotate<T>(records: &mut [T]) {
    if !records.is_empty() {
        records.rotate_left(1);
    }
}

fn unique(records: &str, name: &str, values: impl Iterator<Item = String>) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for value in values {
        if !seen.insert(value) {
            return Err(format!("two {records} have the same `{name}`"));
        }
    }
    Ok(())
}

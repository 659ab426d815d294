//! Seat groups: who takes and makes calls. They are only shown here.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::{filter, loose};
use super::paging::{Page, params};
use super::state::State;
use crate::sandbox::dialect::Refusal;

/// A group of seats that take or make calls.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SeatGroup {
    pub(super) voice_group_id: u64,
    pub(super) group_name: String,
    app_name: String,
}

impl State {
    pub(super) fn query_groups(&self, fields: &Map<String, Value>) -> Result<Value, Refusal> {
        let page = Page::read(fields)?;
        let params = params(fields)?;
        let part = filter(&params, "groupName")?.map(str::to_lowercase);
        let wanted =
            |group: &&SeatGroup| part.as_ref().is_none_or(|part| group.group_name.to_lowercase().contains(part));
        let shown: Vec<_> = self.seat_groups.iter().filter(wanted).collect();
        Ok(page.of(&shown, &self.hidden_fields, |place, group| {
            let id = loose(group.voice_group_id, !place.is_multiple_of(2));
            json!({ "voiceGroupId": id, "groupName": group.group_name, "appName": group.app_name, "seatCount": 0 })
        }))
    }
}

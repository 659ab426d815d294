//! Seat groups: the YAML has their names, the platform wants their ids.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value as Json;

use crate::http::{Failure, FailureKind};
use crate::model::{Completeness, LiveObject};
use crate::provider::loose::{Loose, Record};

use super::paging::{Doubts, show};
use super::table::GROUPS;
use super::{response, wire};

/// The ids of seat groups by name. A name alone may stand for several groups; they have it in different applications.
#[derive(Debug, Default)]
pub(super) struct SeatGroups(BTreeMap<String, Vec<Json>>);

impl SeatGroups {
    /// From the records of a listing.
    ///
    /// # Errors
    /// The listing isn't whole: a group that it doesn't show may be there, and a name that seems to have one may have two.
    pub(super) fn of(records: &[Record], mut doubts: Doubts) -> Result<Self, Failure> {
        let (mut groups, mut ids) = (Self::default(), HashSet::new());
        for record in records {
            let (name, id) = (Loose::member(record, wire::GROUP_NAME), Loose::member(record, wire::GROUP_ID));
            match (name.text(), id.text(), record.get(wire::GROUP_ID)) {
                (Some(name), Some(id), Some(_)) if !ids.insert(id.to_owned()) => {
                    doubts.add(|| format!("the group {} is shown twice", show(name)));
                }
                (Some(name), Some(_), Some(id)) => groups.add(name, id.clone()),
                _ => doubts.add(|| "a group has no name, or no id".into()),
            }
        }
        match doubts.verdict("seatGroup/query") {
            Completeness::Complete => Ok(groups),
            Completeness::Incomplete(reason) => {
                let message = format!("the listing of seat groups isn't whole, so their ids aren't certain: {reason}");
                Err(refused("groups_incomplete", message).hint("apply again"))
            }
        }
    }

    /// Those that a trunk names already, from what was carried with it: no look-up is needed for them.
    pub(super) fn of_trunk(live: &LiveObject) -> Self {
        let carried = live.carried().iter().find(|(name, _)| *name == wire::GROUP_LIST);
        let list: Vec<Record> = carried.and_then(|(_, json)| serde_json::from_str(json).ok()).unwrap_or_default();
        let mut groups = Self::default();
        for record in &list {
            let name = Loose::member(record, wire::GROUP_NAME);
            if let (Some(name), Some(id)) = (name.text(), record.get(wire::GROUP_ID).filter(|id| is_id(id))) {
                groups.add(name, id.clone());
            }
        }
        groups
    }

    /// The id of the one group of this name, as the platform spelled it.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub(super) fn id(&self, name: &str) -> Result<&Json, Failure> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([id]) => Ok(id),
            None | Some([]) => {
                let message = format!("the call centre has no seat group named {}", show(name));
                let hint = "make it in the vendor's console, or correct the name: it has to be exact";
                Err(refused("unknown_group", message).hint(hint))
            }
            Some(several) => {
                let message = format!("the call centre has {} seat groups named {}", several.len(), show(name));
                Err(refused("ambiguous_group", message).hint("give them different names in the vendor's console"))
            }
        }
    }

    fn add(&mut self, name: &str, id: Json) {
        let ids = self.0.entry(name.to_owned()).or_default();
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
}

/// The seat groups that a trunk's body is written with.
pub(super) struct Groups<'s> {
    /// Those of the trunk itself.
    pub(super) own: SeatGroups,
    /// All that there are, where the trunk's own aren't enough.
    pub(super) all: Option<&'s SeatGroups>,
}

impl Groups<'_> {
    /// The id of the group of this name: of those that have it, the one that the trunk has already.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub(super) fn id(&self, name: &str) -> Result<&Json, Failure> {
        match (self.own.id(name), self.all) {
            (Err(_), Some(all)) => all.id(name),
            (own, _) => own,
        }
    }
}

fn is_id(id: &Json) -> bool {
    response::text(id).is_some_and(|id| !id.is_empty())
}

fn refused(code: &str, message: String) -> Failure {
    Failure::new(FailureKind::Refused, code, message).field(GROUPS)
}

//! The answer to a query for every trunk, and what may be wrong with it.

use std::collections::HashSet;

use serde_json::Value as Json;

use crate::http::{Failure, FailureKind};
use crate::model::{Completeness, LiveObject};
use crate::provider::loose::Record;

use super::{Reading, TRUNKS};

/// The `trunks` of the answer to a query: `None` where there is no such list. An empty text or nothing under the name is
/// an empty one.
///
/// # Errors
/// Under the name stands something else.
pub(in crate::provider) fn entries(answer: &Record) -> Result<Option<&[Json]>, Failure> {
    match answer.get(TRUNKS) {
        None => Ok(None),
        Some(Json::Array(entries)) => Ok(Some(entries)),
        Some(Json::Null) => Ok(Some(&[])),
        Some(Json::String(text)) if text.trim().is_empty() => Ok(Some(&[])),
        Some(_) => {
            let message = format!("the PBX's answer isn't of the documented form: its {TRUNKS} are no list");
            Err(Failure::new(FailureKind::Unknown, "bad_shape", message))
        }
    }
}

/// The usable records. Of two with the same name or id both stay, and the listing isn't whole. `query` is what a doubt
/// calls the listing.
pub(in crate::provider) fn objects(
    reading: Reading,
    entries: &[Json],
    query: &str,
    doubts: &mut Doubts,
) -> Vec<LiveObject> {
    let mut objects = Vec::with_capacity(entries.len());
    let (mut names, mut ids) = (HashSet::new(), HashSet::new());
    for entry in entries {
        match entry.as_object().ok_or_else(|| "an entry is no record".to_owned()).and_then(|it| reading.trunk(it)) {
            Ok(object) => {
                let (new_name, new_id) = (names.insert(object.key.clone()), ids.insert(object.remote_id.clone()));
                if !(new_name && new_id) {
                    doubts.add(|| format!("{query} shows {} twice", show(&object.key)));
                }
                objects.push(object);
            }
            Err(reason) => doubts.add(|| format!("{query}: {reason}")),
        }
    }
    objects
}

/// A name from the PBX for a message: quoted, on one line.
pub(in crate::provider) fn show(name: &str) -> String {
    format!("{:?}", crate::http::neutral(name, &[]))
}

/// Why a listing may not be whole: the first reason, and how many there are.
#[derive(Default)]
pub(in crate::provider) struct Doubts {
    first: Option<String>,
    more: usize,
}

impl Doubts {
    pub(in crate::provider) fn add(&mut self, reason: impl FnOnce() -> String) {
        if self.first.is_none() {
            self.first = Some(reason());
        } else {
            self.more += 1;
        }
    }

    pub(in crate::provider) fn verdict(self) -> Completeness {
        match self {
            Self { first: None, .. } => Completeness::Complete,
            Self { first: Some(reason), more: 0 } => Completeness::Incomplete(reason),
            Self { first: Some(reason), more } => Completeness::Incomplete(format!("{reason} (and {more} more)")),
        }
    }
}

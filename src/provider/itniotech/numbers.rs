//! Bought numbers, between the platform's records and the model.

use std::borrow::Cow;
use std::collections::HashSet;

use serde_json::{Map, Value as Json};

use crate::http::{Failure, FailureKind};
use crate::model::{Blocked, KindSupport, LiveObject, Value};
use crate::provider::Update;
use crate::provider::loose::{Loose, Record};

use super::paging::{Doubts, show};
use super::table::VOICEMAIL;
use super::{request, response, wire};

/// What an edit wants back as it was read, where it is none of the kind's fields.
const CARRIED: &[&str] = &[wire::APP_ID, wire::MAX_HANGUP];
/// The seconds that [`wire::MAX_HANGUP`] may be.
const MAX_HANGUP: std::ops::RangeInclusive<u16> = 1..=999;

const NO_MAX_HANGUP: Blocked = Blocked {
    field: VOICEMAIL,
    reason: "a voicemail needs voicemailMaxHangup, which was never set: turn it on once in the vendor's console",
};

/// The usable records. Of two with the same number both stay, and the listing isn't whole.
pub(super) fn objects(support: &KindSupport, records: &[Record], doubts: &mut Doubts) -> Vec<LiveObject> {
    let mut numbers = HashSet::new();
    let mut objects = Vec::with_capacity(records.len());
    for record in records {
        let number = Loose::member(record, wire::NUMBER);
        let number = number.or_empty();
        if number.is_empty() {
            doubts.add(|| "a record has no number".into());
            continue;
        }
        if !numbers.insert(number.to_owned()) {
            doubts.add(|| format!("the number {} is shown twice", show(number)));
        }
        objects.push(object(support, record, number));
    }
    objects
}

fn object(support: &KindSupport, record: &Record, number: &str) -> LiveObject {
    let fields = support.kind.fields.iter();
    let values = fields.map(|field| match support.field(field.name).map(|supported| supported.wire) {
        Some([wire]) => response::value(field, record.get(*wire)),
        _ => Value::Unset,
    });
    let mut live = LiveObject::new(number, number, values.collect());
    let carried =
        CARRIED.iter().filter_map(|name| Some((*name, record.get(*name).filter(|shown| is_set(name, shown))?)));
    // As JSON: a number goes back as a number, a text as a text.
    live.extra_mut().carried = carried.map(|(name, shown)| (name, shown.to_string().into())).collect();
    let is_on = support.kind.value_of(&live.values, VOICEMAIL) == Some(&Value::Bool(true));
    if !is_on && !live.carried().iter().any(|(name, _)| *name == wire::MAX_HANGUP) {
        live.blocked = Cow::Borrowed(&[NO_MAX_HANGUP]);
    }
    live
}

fn is_set(name: &str, shown: &Json) -> bool {
    let text = response::text(shown).unwrap_or_default();
    match name {
        wire::MAX_HANGUP => text.trim().parse().is_ok_and(|seconds: u16| MAX_HANGUP.contains(&seconds)),
        _ => !text.is_empty(),
    }
}

/// The body of an edit: everything, as nobody documents what becomes of a field that is left out.
pub(super) fn edit(support: &KindSupport, update: &Update<'_>, app_id: &str) -> Result<Map<String, Json>, Failure> {
    request::refuse_unreadable(support, update.values)?;
    let mut body = Map::new();
    body.insert(wire::NUMBER.into(), (&*update.live.remote_id).into());
    body.insert(wire::APP_ID.into(), app_id.into());
    for (name, json) in update.live.carried() {
        if let Ok(json) = serde_json::from_str(json) {
            body.insert((*name).into(), json);
        }
    }
    for (field, value) in support.kind.fields.iter().zip(update.values) {
        match (support.field(field.name).map(|supported| supported.wire), value) {
            (Some([wire::VOICEMAIL]), Value::Bool(on)) => {
                body.insert(wire::VOICEMAIL.into(), if *on { "1" } else { "0" }.into());
            }
            (Some([wire]), value) => request::insert(&mut body, wire, value),
            _ => {}
        }
    }
    check_voicemail(&body)?;
    Ok(body)
}

/// The platform demands to be told whether there is a voicemail, and for one how long a call rings before.
fn check_voicemail(body: &Map<String, Json>) -> Result<(), Failure> {
    let refused = |code: &str, message: &str| Err(Failure::new(FailureKind::Refused, code, message).field(VOICEMAIL));
    match body.get(wire::VOICEMAIL).and_then(Json::as_str) {
        None => refused(
            "voicemail_unknown",
            "the platform demands to be told whether there is a voicemail: write `voicemail`",
        ),
        Some("1") if !body.contains_key(wire::MAX_HANGUP) => refused("no_max_hangup", NO_MAX_HANGUP.reason),
        Some(_) => Ok(()),
    }
}

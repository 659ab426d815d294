//! What must hold in the end, whatever happened on the way.

use std::collections::BTreeMap;

use serde_json::Value as Json;

/// What the vendors choose.
const THEIRS: [&str; 8] = ["id", "sipId", "keyId", "next_id", "createTime", "updateTime", "made", "account"];

/// Boxes' states without ids and orders: nothing is doubled, lost or half done where two of them are equal.
pub(crate) fn shapes(states: &[Json]) -> Vec<Json> {
    states.iter().map(shape).collect()
}

fn shape(state: &Json) -> Json {
    match state {
        Json::Object(members) => {
            let is_phone = members.contains_key("phoneName");
            let is_theirs = |name: &str| THEIRS.contains(&name) || (is_phone && name == "password");
            let kept = members.iter().filter(|(name, _)| !is_theirs(name));
            kept.map(|(name, value)| (name.clone(), shape(value))).collect()
        }
        Json::Array(items) => {
            let mut items: Vec<_> = items.iter().map(shape).collect();
            items.sort_by_key(ToString::to_string);
            items.into()
        }
        other => other.clone(),
    }
}

/// Records that a run without a crash leaves alone, ids and all, have to be there still.
pub(crate) fn assert_untouched(before: &[Json], after: &[Json], now: &[Json], context: &str) {
    for ((before, after), now) in before.iter().zip(after).zip(now) {
        let (after, now) = (records(after), records(now));
        for record in records(before).into_iter().filter(|record| after.contains(record)) {
            assert!(now.contains(&record), "{context}: somebody touched {record}");
        }
    }
}

fn records(state: &Json) -> Vec<&Json> {
    let lists = state.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array());
    lists.flatten().collect()
}

/// What a ledger claims, and what is protected.
pub(crate) fn claims(ledger: &str) -> BTreeMap<String, bool> {
    let ledger: Json = serde_json::from_str(ledger).unwrap();
    let mut claims = BTreeMap::new();
    for (target, record) in ledger["targets"].as_object().unwrap() {
        for (kind, objects) in record["claims"].as_object().unwrap() {
            for (key, claim) in objects.as_object().unwrap() {
                claims.insert(format!("{target}/{kind}/{key}"), claim["protect"] == true);
            }
        }
    }
    claims
}

//! What somebody does on a box's web page while sipform isn't looking.

use serde_json::{Value as Json, json};

use super::dice::Dice;
use super::make::{KEYS, Lots, Make, entry, key, phones, record};

/// Does something to a box; says what in a few words, or nothing where nothing could be done.
pub(crate) fn tamper(make: Make, state: &mut Json, dice: &mut Dice) -> Option<String> {
    let kind = dice.pick(make.kinds());
    match kind {
        "phone_group" => tamper_with_phones(state, dice),
        _ => tamper_with_records(make, kind, state, dice),
    }
}

fn tamper_with_phones(state: &mut Json, dice: &mut Dice) -> Option<String> {
    let which = dice.below(KEYS);
    let group = key("phone_group", which);
    let list = state["phones"].as_array_mut().unwrap();
    let count = list.len();
    if list.iter().any(|phone| phone["groupName"] == *group) {
        list.retain(|phone| phone["groupName"] != *group);
        return (list.len() < count).then(|| format!("removes the phones {group}"));
    }
    let entry = json!({ "phone_name": format!("desk{which}"), "quantity": 2, "display_number": "863000000" });
    list.extend(phones(&group, &entry));
    Some(format!("makes the phones {group}"))
}

fn tamper_with_records(make: Make, kind: &'static str, state: &mut Json, dice: &mut Dice) -> Option<String> {
    let (list, id, name) = match kind {
        "trunk" => ("trunks", "id", "trunkname"),
        "sip_number" => ("numbers", "sipId", "number"),
        "number" => ("numbers", "number", "number"),
        _ => ("sipTrunks", "keyId", "sipTrunkName"),
    };
    let which = dice.below(KEYS);
    let key = key(kind, which);
    let records = state[list].as_array_mut().unwrap();
    let Some(at) = records.iter().position(|one| one[name] == *key && one["isDel"] != true) else {
        let drawn = entry(make, kind, which, &Lots::draw(dice), dice);
        let mut newcomer = record(kind, &key, 70 + dice.below(900), &drawn, dice);
        if kind == "sip_number" {
            newcomer["agentId"] = "".into();
        }
        if records.iter().any(|one| one[id] == newcomer[id]) || clashes(kind, &newcomer, records) {
            return None;
        }
        records.push(newcomer);
        return Some(format!("makes {key}"));
    };
    let one = &mut records[at];
    let what = match (kind, dice.below(7)) {
        ("sip_number", 0) => {
            one["isDel"] = true.into();
            one["agentId"] = "".into();
            "removes"
        }
        (_, 0) => {
            records.remove(at);
            "removes"
        }
        ("number", _) => {
            one["remark"] = format!("by hand {}", dice.below(9)).into();
            "changes"
        }
        (_, 1) => {
            one[name] = format!("{key}9").into();
            "renames"
        }
        ("call_center_trunk", 2) => {
            one[id] = (9000 + dice.below(900)).into();
            "remakes"
        }
        (_, 2) => {
            one[id] = format!("{}9{}", if kind == "trunk" { "" } else { "a" }, 100 + dice.below(900)).into();
            "remakes"
        }
        _ => change(kind, one, dice),
    };
    Some(format!("{what} {key}"))
}

/// Somebody else has what only one may have.
fn clashes(kind: &str, made: &Json, others: &[Json]) -> bool {
    let member = match kind {
        "trunk" => "username",
        "call_center_trunk" => "sipGatewayIp",
        _ => return false,
    };
    let same = |other: &Json| other.get(member).is_some_and(|value| *value != "" && made.get(member) == Some(value));
    let shares_group = |other: &Json| kind == "call_center_trunk" && other["groupList"][0] == made["groupList"][0];
    others.iter().any(|other| same(other) || shares_group(other))
}

fn change(kind: &str, one: &mut Json, dice: &mut Dice) -> &'static str {
    match kind {
        "sip_number" => match dice.below(4) {
            0 => one["agentId"] = "".into(),
            1 => one["isNAT"] = (one["isNAT"] != true).into(),
            2 => one["password"] = "pw-hand".into(),
            _ => one["registered"] = (one["registered"] != true).into(),
        },
        "trunk" => {
            let members = ["host", "password", "extensionsdod"];
            let there: Vec<_> = members.into_iter().filter(|member| one.get(member).is_some()).collect();
            if there.is_empty() {
                return "looks at";
            }
            match dice.pick(&there) {
                "host" => one["host"] = "hand.example".into(),
                "password" => one["password"] = "pw-hand".into(),
                _ => one["extensionsdod"] = "559-z-109".into(),
            }
        }
        _ => one["sipPrefix"] = dice.below(9).to_string().into(),
    }
    "changes"
}

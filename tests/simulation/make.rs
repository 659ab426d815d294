//! The vendors' boxes: what an entry for one says, what one keeps, and what somebody does to it by hand.

use serde_json::{Value as Json, json};

use super::dice::Dice;
use super::yaml;

/// A vendor and dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Make {
    YeastarV2,
    YeastarV1,
    OpenvoxJson,
    OpenvoxXml,
    Moor7,
    Itniotech,
}

pub(crate) const MAKES: [Make; 6] =
    [Make::YeastarV2, Make::YeastarV1, Make::OpenvoxJson, Make::OpenvoxXml, Make::Moor7, Make::Itniotech];

/// How many keys of a kind there are.
pub(crate) const KEYS: usize = 5;

const HOSTS: [&str; 3] = ["a.example", "b.example", "10.0.0.1"];
const PASSWORDS: [&str; 3] = ["pw-one", "pw-two", "pw-three"];
const AGENTS: [&str; KEYS] = ["ann", "ben", "cem", "", ""];

/// Things of which each object of a target has one of its own, in the order of the keys.
#[derive(Clone, Debug)]
pub(crate) struct Lots {
    pub(crate) places: [usize; KEYS],
    pub(crate) agents: [&'static str; KEYS],
}

impl Lots {
    /// Mostly everybody has the one of his own number.
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let mut lots = Self { places: [0, 1, 2, 3, 4], agents: AGENTS };
        if dice.chance(30) {
            dice.shuffle(&mut lots.places);
        }
        dice.shuffle(&mut lots.agents);
        lots
    }
}

impl Make {
    pub(crate) fn provider(self) -> &'static str {
        match self {
            Self::YeastarV2 | Self::YeastarV1 => "yeastar",
            Self::OpenvoxJson | Self::OpenvoxXml => "openvox",
            Self::Moor7 => "7moor",
            Self::Itniotech => "itniotech",
        }
    }

    pub(crate) fn is_pbx(self) -> bool {
        !matches!(self, Self::Moor7 | Self::Itniotech)
    }

    /// What chooses the dialect.
    pub(crate) fn settings(self) -> Json {
        match self {
            Self::YeastarV2 => json!({ "api_version": "v2.0.0" }),
            Self::YeastarV1 => json!({ "api_version": "v1.1.0" }),
            Self::OpenvoxJson => json!({ "format": "json" }),
            Self::OpenvoxXml => json!({ "format": "xml" }),
            Self::Moor7 | Self::Itniotech => json!({}),
        }
    }

    /// The kinds of its objects.
    pub(crate) fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Moor7 => &["sip_number"],
            Self::Itniotech => &["call_center_trunk", "number", "phone_group"],
            _ => &["trunk"],
        }
    }

    /// The calls that can go wrong.
    pub(crate) fn endpoints(self) -> &'static [&'static str] {
        match self {
            Self::YeastarV2 => &[
                "login",
                "trunk/list",
                "trunk/query_siptrunk",
                "trunk/add_siptrunk",
                "trunk/update_siptrunk",
                "trunk/delete_siptrunk",
            ],
            Self::YeastarV1 => {
                &["login", "trunklist/query", "siptrunk/query", "siptrunk/add", "siptrunk/update", "siptrunk/delete"]
            }
            Self::OpenvoxJson | Self::OpenvoxXml => {
                &["login", "siptrunk/query", "siptrunk/add", "siptrunk/update", "siptrunk/delete"]
            }
            Self::Moor7 => {
                &["call/sip/list", "call/query/number", "call/sip/create", "call/sip/update", "call/sip/delete"]
            }
            Self::Itniotech => &[
                "voice/sipQuery",
                "cc/sipTrunk/query",
                "number/queryPage",
                "voice/sipAdd",
                "cc/sipTrunk/add",
                "cc/sipTrunk/update",
                "number/edit",
                "cc/seatGroup/query",
            ],
        }
    }

    /// Codes with which it may refuse a login or a listing.
    pub(crate) fn codes_of_reads(self) -> &'static [&'static str] {
        match self {
            Self::Moor7 => &["400", "429", "500"],
            Self::Itniotech => &["-15", "-18", "-22", "-13"],
            _ => &["10025", "20010", "30003", "10004", "20002", "20006"],
        }
    }

    /// Codes with which it may refuse a write.
    pub(crate) fn codes(self) -> &'static [&'static str] {
        match self {
            Self::Moor7 => &["400", "429", "500", "404"],
            Self::Itniotech => &["-15", "-18", "-22", "-23", "-13", "-20"],
            _ => &["10025", "20010", "10061", "10004", "10060", "10062", "10043", "20002"],
        }
    }
}

/// The key of the nth object of a kind.
pub(crate) fn key(kind: &str, which: usize) -> String {
    match kind {
        "sip_number" => format!("{}", 2000 + which),
        "number" => format!("{}", 85_230_000_000_u64 + which as u64),
        "phone_group" => format!("phones{which}"),
        _ => format!("t{which}"),
    }
}

/// An entry of the YAML without its key and target.
pub(crate) fn entry(make: Make, kind: &str, which: usize, lots: &Lots, dice: &mut Dice) -> Json {
    match kind {
        "trunk" => trunk(make, lots.places[which], dice),
        "sip_number" => {
            let mut codecs = vec!["G711A", "G729", "GSM"];
            dice.shuffle(&mut codecs);
            codecs.truncate(1 + dice.below(2));
            let mut entry = json!({ "password": dice.pick(&PASSWORDS), "nat": dice.chance(50), "codecs": codecs });
            if dice.chance(70) {
                entry["agent"] = lots.agents[which].into();
            }
            entry
        }
        "call_center_trunk" => call_center_trunk(which, lots.places[which], dice),
        "number" => json!({
            "inbound_ip": dice.pick(&["", "203.0.113.8:5060", "203.0.113.9:5060"]),
            "outbound_ips": dice.pick(&[&[][..], &["203.0.113.1"], &["203.0.113.1", "203.0.113.2"]]),
            "inbound_prefix": dice.pick(&["", "7"]), "remark": dice.pick(&["", "main line", "fax"]),
        }),
        _ => json!({
            "phone_name": format!("desk{which}"), "quantity": dice.between(1, 3),
            "display_number": dice.pick(&["861000000", "862000000"]),
        }),
    }
}

fn trunk(make: Make, place: usize, dice: &mut Dice) -> Json {
    let kind = dice.pick(&["register", "register", "peer", "account", "account"]);
    let mut entry = json!({ "type": kind });
    let mut set = |name: &str, value: Json| drop(entry.as_object_mut().unwrap().insert(name.into(), value));
    if kind != "account" {
        let host = dice.pick(&HOSTS);
        set("host", host.into());
        set("port", dice.pick(&[5060, 5070]).into());
        if make.provider() == "yeastar" {
            set("domain", host.into());
        }
    }
    if kind != "peer" {
        set("username", format!("u{place}").into());
        set("auth_name", format!("u{place}").into());
        set("password", dice.pick(&PASSWORDS).into());
    }
    if kind == "register" {
        set("from_user", dice.pick(&["", "from"]).into());
    }
    if make.provider() == "yeastar" {
        let mut dod = |who: &str| -> Vec<Json> {
            let count = dice.below(3);
            (0..count).map(|n| json!({ "number": format!("55{n}"), "name": "a-b", who: format!("10{n}") })).collect()
        };
        set("dod", json!({ "extensions": dod("extension"), "groups": dod("group") }));
    }
    entry
}

fn call_center_trunk(which: usize, place: usize, dice: &mut Dice) -> Json {
    let own = which + 1;
    let second = (own + KEYS <= 9 && dice.chance(30)).then_some(own + KEYS);
    let groups = || std::iter::once(own).chain(second);
    if dice.chance(65) {
        let registers = dice.chance(50);
        let groups: Vec<_> = groups().map(|id| json!({ "group": format!("group-{id}") })).collect();
        let mut entry = json!({
            "direction": "outbound", "gateway_ip": format!("203.0.113.{}:5060", 10 + place), "register": registers,
            "prefix": dice.pick(&["", "9"]), "groups": groups,
        });
        if registers {
            entry["username"] = format!("u{which}").into();
            entry["password"] = dice.pick(&PASSWORDS).into();
        }
        return entry;
    }
    let number = |id| json!({ "group": format!("group-{id}"), "number": format!("86100000{id}") });
    json!({
        "direction": "inbound", "allowed_ip": format!("203.0.113.{}:5060", 30 + dice.below(3)),
        "prefix": dice.pick(&["", "9"]), "groups": groups().map(number).collect::<Vec<_>>(),
    })
}

/// The record that a box keeps for such an entry, under this id.
pub(crate) fn record(kind: &str, key: &str, id: usize, entry: &Json, dice: &mut Dice) -> Json {
    let value = |name: &str| entry.get(name).cloned().unwrap_or_else(|| "".into());
    match kind {
        "trunk" => trunk_record(key, id, entry),
        "sip_number" => json!({
            "sipId": format!("a{id}"), "number": key, "password": value("password"), "isNAT": value("nat"),
            "codingFormat": value("codecs"), "agentId": value("agent"), "registered": dice.chance(70), "isDel": false,
        }),
        "call_center_trunk" => {
            let group = |group: &Json| {
                let id: u64 = group["group"].as_str().unwrap()["group-".len()..].parse().unwrap();
                json!({ "voiceGroupId": id, "number": group.get("number").cloned().unwrap_or_else(|| "".into()) })
            };
            let groups: Vec<_> = entry["groups"].as_array().unwrap().iter().map(group).collect();
            json!({
                "keyId": 500 + id, "type": if entry["direction"] == "outbound" { 1 } else { 2 }, "sipTrunkName": key,
                "sipPrefix": value("prefix"), "groupList": groups, "sipGatewayIp": value("gateway_ip"),
                "sipWhiteIp": value("allowed_ip"), "sipTrunkState": entry["register"] == true,
                "sipAccount": value("username"), "sipPassword": value("password"), "createTime": 1, "updateTime": 1,
            })
        }
        "number" => {
            let outgoing = entry["outbound_ips"].as_array().unwrap().iter().map(|ip| ip.as_str().unwrap());
            let voicemail = dice.chance(40);
            json!({
                "number": key, "appId": yaml::APP, "outIp": outgoing.collect::<Vec<_>>().join(","),
                "inIp": value("inbound_ip"), "inboundPrefix": value("inbound_prefix"), "remark": value("remark"),
                "enableVoicemail": voicemail, "voicemailMaxHangup": if voicemail { json!(30) } else { Json::Null },
            })
        }
        _ => Json::Null,
    }
}

fn trunk_record(key: &str, id: usize, entry: &Json) -> Json {
    let dod = |list: &Json, who: &str| -> String {
        let one = |dod: &Json| format!("{}-a-b-{}", dod["number"].as_str().unwrap(), dod[who].as_str().unwrap());
        list.as_array().into_iter().flatten().map(one).collect::<Vec<_>>().join(",")
    };
    let mut record = json!({ "id": (10 + id).to_string(), "trunkname": key, "status": "Registered" });
    let spelled = [("type", "trunktype"), ("host", "host"), ("domain", "domain"), ("username", "username")];
    let rest = [("auth_name", "authname"), ("password", "password"), ("from_user", "fromuser")];
    for (field, member) in spelled.iter().chain(&rest) {
        if let Some(value) = entry.get(*field) {
            record[*member] = value.clone();
        }
    }
    if let Some(port) = entry.get("port") {
        record["port"] = port.to_string().into();
        record["domain"] = entry["host"].clone();
    }
    if let Some(lists) = entry.get("dod") {
        record["extensionsdod"] = dod(&lists["extensions"], "extension").into();
        record["extensionsgroupdod"] = dod(&lists["groups"], "group").into();
    }
    record
}

/// The phones that a platform keeps for a group.
pub(crate) fn phones(group: &str, entry: &Json) -> Vec<Json> {
    let name = entry["phone_name"].as_str().unwrap();
    let phone = |n: u64| {
        json!({ "appId": yaml::APP, "groupName": group, "phoneName": format!("{name}-{n}"),
            "account": format!("99{group}{n}"), "password": format!("pw-{group}{n}"), "displayNum": entry["display_number"] })
    };
    (1..=entry["quantity"].as_u64().unwrap()).map(phone).collect()
}

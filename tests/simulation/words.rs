//! What an entry of the YAML says against what a box keeps: the vendors' spellings once more, apart from the program's.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

/// A live object in a box's own state.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) key: String,
    pub(crate) json: Json,
}

/// Live objects by kind and id.
pub(crate) type Records = BTreeMap<(&'static str, String), Record>;

/// How a kind is kept.
struct Shape {
    kind: &'static str,
    list: &'static str,
    id: &'static str,
    key: &'static str,
}

const fn shape(kind: &'static str, list: &'static str, id: &'static str, key: &'static str) -> Shape {
    Shape { kind, list, id, key }
}

const PBX: &[Shape] = &[shape("trunk", "trunks", "id", "trunkname")];
const CENTRE: &[Shape] = &[shape("sip_number", "numbers", "sipId", "number")];
const VOICE: &[Shape] =
    &[shape("call_center_trunk", "sipTrunks", "keyId", "sipTrunkName"), shape("number", "numbers", "number", "number")];

/// The objects of a box's state. What is marked as deleted isn't there.
pub(crate) fn records(provider: &str, state: &Json) -> Records {
    let shapes = match provider {
        "7moor" => CENTRE,
        "itniotech" => VOICE,
        _ => PBX,
    };
    let mut records = Records::new();
    for Shape { kind, list, id, key } in shapes {
        for json in state[*list].as_array().unwrap().iter().filter(|json| json["isDel"] != true) {
            records.insert((kind, text(&json[*id])), Record { key: text(&json[*key]), json: json.clone() });
        }
    }
    for phone in state.get("phones").and_then(Json::as_array).into_iter().flatten() {
        let group = text(&phone["groupName"]);
        let new = || Record { key: group.clone(), json: json!({ "phones": [] }) };
        let record = records.entry(("phone_group", group.clone())).or_insert_with(new);
        record.json["phones"].as_array_mut().unwrap().push(phone.clone());
    }
    // Their order means nothing.
    for record in records.values_mut() {
        if let Some(phones) = record.json.get_mut("phones").and_then(Json::as_array_mut) {
            phones.sort_by_key(|phone| text(&phone["account"]));
        }
    }
    records
}

/// A text, or a number as one.
pub(crate) fn text(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

/// The fields of a kind and the members that hold them.
pub(crate) fn fields(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "trunk" => &[
            ("type", "trunktype"),
            ("host", "host"),
            ("port", "port"),
            ("domain", "domain"),
            ("username", "username"),
            ("auth_name", "authname"),
            ("password", "password"),
            ("from_user", "fromuser"),
            ("dod", "extensionsdod"),
        ],
        "sip_number" => &[("password", "password"), ("nat", "isNAT"), ("codecs", "codingFormat"), ("agent", "agentId")],
        "call_center_trunk" => &[
            ("direction", "type"),
            ("gateway_ip", "sipGatewayIp"),
            ("allowed_ip", "sipWhiteIp"),
            ("register", "sipTrunkState"),
            ("username", "sipAccount"),
            ("password", "sipPassword"),
            ("prefix", "sipPrefix"),
            ("groups", "groupList"),
        ],
        "number" => &[
            ("inbound_ip", "inIp"),
            ("outbound_ips", "outIp"),
            ("inbound_prefix", "inboundPrefix"),
            ("remark", "remark"),
            ("voicemail", "enableVoicemail"),
        ],
        _ => &[("phone_name", "phones"), ("quantity", "phones"), ("display_number", "phones")],
    }
}

/// What an entry wants of a field, in the form of [`shown`]; `None`: nothing.
pub(crate) fn wanted(kind: &str, field: &str, entry: &Json) -> Option<Json> {
    let value = entry.get(field)?;
    Some(match (kind, field) {
        ("trunk", "dod") => json!([joined(&value["extensions"], "extension"), joined(&value["groups"], "group")]),
        ("trunk", "port") => text(value).into(),
        ("call_center_trunk", "direction") => if value == "outbound" { 1 } else { 2 }.into(),
        ("call_center_trunk", "groups") => {
            let group = |group: &Json| format!("{} {}", text(&group["group"]), group["number"].as_str().unwrap_or(""));
            sorted(value.as_array().unwrap().iter().map(group))
        }
        ("number", "outbound_ips") => sorted(value.as_array().unwrap().iter().map(text)),
        _ => value.clone(),
    })
}

/// What a record shows of a field.
pub(crate) fn shown(kind: &str, field: &str, record: &Json) -> Json {
    let member = fields(kind).iter().find(|(name, _)| *name == field).map_or("", |(_, member)| member);
    let value = record.get(member).cloned().unwrap_or_default();
    match (kind, field) {
        ("trunk", "dod") => json!([split(&value), split(&record["extensionsgroupdod"])]),
        ("call_center_trunk", "groups") => {
            let group = |group: &Json| format!("group-{} {}", group["voiceGroupId"], text(&group["number"]));
            sorted(value.as_array().unwrap().iter().map(group))
        }
        ("number", "outbound_ips") => split(&value),
        ("phone_group", "quantity") => value.as_array().unwrap().len().into(),
        ("phone_group", "phone_name") => text(&value[0]["phoneName"]).rsplit_once('-').unwrap().0.into(),
        ("phone_group", _) => value[0]["displayNum"].clone(),
        // What isn't there is empty.
        _ if value.is_null() => "".into(),
        _ => value,
    }
}

fn joined(list: &Json, who: &str) -> Json {
    let one = |dod: &Json| format!("{}-{}-{}", text(&dod["number"]), text(&dod["name"]), text(&dod[who]));
    sorted(list.as_array().into_iter().flatten().map(one))
}

fn split(list: &Json) -> Json {
    sorted(list.as_str().unwrap_or("").split(',').filter(|part| !part.is_empty()).map(str::to_owned))
}

fn sorted(items: impl Iterator<Item = String>) -> Json {
    let mut items: Vec<_> = items.collect();
    items.sort();
    items.dedup();
    items.into()
}

/// The fields in which a record isn't what an entry wants, of those that `only` names.
pub(crate) fn unmet(kind: &str, entry: &Json, record: &Json, only: &dyn Fn(&str) -> bool) -> Vec<&'static str> {
    let fields = fields(kind).iter().map(|(field, _)| *field).filter(|field| only(field));
    let differs = |field: &&str| wanted(kind, field, entry).is_some_and(|value| value != shown(kind, field, record));
    fields.filter(differs).collect()
}

/// The object that a write is about: its kind, and its id or its key.
pub(crate) fn object_of(endpoint: &str, body: &Json) -> Option<(&'static str, Option<String>, Option<String>)> {
    let member = |name: &str| body.get(name).map(text);
    Some(match endpoint {
        "trunk/add_siptrunk" | "siptrunk/add" | "siptrunk/delete" => ("trunk", None, member("trunkname")),
        "trunk/update_siptrunk" | "trunk/delete_siptrunk" | "siptrunk/update" => ("trunk", member("id"), None),
        "call/sip/create" => ("sip_number", None, member("number")),
        "call/sip/update" | "call/sip/delete" => ("sip_number", member("sipId"), None),
        "cc/sipTrunk/add" => ("call_center_trunk", None, member("sipTrunkName")),
        "cc/sipTrunk/update" => ("call_center_trunk", member("keyId"), None),
        "voice/sipAdd" => ("phone_group", None, member("groupName")),
        "number/edit" => ("number", member("number"), None),
        _ => return None,
    })
}

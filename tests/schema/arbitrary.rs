//! Random desired states, from the tables: most of them right, in every spelling that the loader takes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json, json};
use sipform::model::{Field, Kind, KindSupport, ProviderTable, Type, kinds};
use sipform::provider::registry;

/// A document with one target, `box`, and entries of one kind on it.
pub(crate) fn document() -> impl Strategy<Value = Json> {
    let cases: Vec<_> =
        registry::tables().flat_map(|table| table.kinds.iter().map(move |support| (table, support))).collect();
    select(cases).prop_flat_map(|(table, support)| {
        let entries = vec(entry(support), 0..4);
        (target(table), entries, defaults(support.kind), extras(table, support.kind)).prop_map(
            move |(target, entries, defaults, extras)| {
                let mut document = json!({ "version": 1, "targets": { "box": target } });
                let keyed = entries.into_iter().enumerate().map(|(index, entry)| keyed(support.kind, index, entry));
                document[support.kind.section] = keyed.collect();
                if let Some(defaults) = defaults {
                    document["defaults"] = defaults;
                }
                document.as_object_mut().unwrap().extend(extras);
                document
            },
        )
    })
}

/// An entry with a key that no other has.
fn keyed(kind: &Kind, index: usize, mut entry: Map<String, Json>) -> Json {
    let key = match (kind.numeric_key, index) {
        (true, 0) => json!(2000),
        (true, index) => json!(format!("2{index}00-2{index}09")),
        (false, 1) => json!(1234),
        (false, index) => json!(format!("one, {index}").replace(", ", "-")),
    };
    entry.insert(kind.key.into(), key);
    entry.into()
}

fn entry(support: &'static KindSupport) -> impl Strategy<Value = Map<String, Json>> {
    let kind = support.kind;
    let variants = kind.variant.map(|name| match kind.fields[kind.index_of(name).unwrap()].ty {
        Type::Choice(choices) => (name, choices),
        other => panic!("{other:?} decides about a {}", kind.name),
    });
    let variant = select(variants.map_or(vec![None], |(_, choices)| choices.iter().copied().map(Some).collect()));
    (variant, any::<bool>(), 0..40_u8).prop_flat_map(move |(variant, is_upper, slip)| {
        let fields = kind.fields.iter().filter(|field| Some(field.name) != kind.variant);
        let fields: Vec<_> = fields
            .filter(|field| support.field(field.name).is_some() && field.applies.covers(variant))
            .map(|field| optional(support, field, variant, slip))
            .collect();
        let name = kind.variant;
        (fields, common(kind)).prop_map(move |(fields, common)| {
            let mut entry: Map<String, Json> = fields.into_iter().flatten().chain(common).collect();
            if let (Some(name), Some(variant)) = (name, variant) {
                entry.insert(name.into(), if is_upper { variant.to_uppercase() } else { variant.into() }.into());
            }
            entry
        })
    })
}

/// A field that is there, or isn't where it may be left out; a required one is missing in one entry of forty.
fn optional(
    support: &'static KindSupport,
    field: &'static Field,
    variant: Option<&str>,
    slip: u8,
) -> BoxedStrategy<Option<(String, Json)>> {
    let own = support.field(field.name).unwrap();
    let required = field.required.covers(variant) || own.required.covers(variant) || field.needed_with.is_some();
    let is_there = if required && slip > 0 { Just(true).boxed() } else { any::<bool>().boxed() };
    let value = of_type(field.ty, field.name, field.secret || required);
    (is_there, value).prop_map(|(is_there, value)| is_there.then(|| (field.name.to_owned(), value))).boxed()
}

/// A value in one of its spellings.
fn of_type(ty: Type, name: &'static str, filled: bool) -> BoxedStrategy<Json> {
    let reference = || select(vec![json!("${env:X}"), json!("a${file:b}"), json!("$${x}${env:Y}")]);
    match ty {
        Type::Text => {
            let text = match name {
                "display_number" => select(vec![json!("861000000"), json!(861_000_000)]).boxed(),
                _ if filled => select(texts()).boxed(),
                _ => prop_oneof![4 => select(texts()), 1 => Just(json!(""))].boxed(),
            };
            prop_oneof![8 => text, 1 => reference(), 1 => "[ -~]{1,40}".prop_map(Json::from)].boxed()
        }
        Type::Host => {
            let hosts = ["a.example", "10.0.0.1", "[::1]", "A.Example", "é.example"].map(Json::from);
            prop_oneof![8 => select(hosts.to_vec()), 1 => reference(), 1 => "[ -~]{1,12}".prop_map(Json::from)].boxed()
        }
        Type::Integer { min, max } => {
            let number = (min..=max).boxed();
            let quoted = number.clone().prop_map(|number| json!(format!(" +{number}")));
            let any = (min - 1..=max + 1).prop_map(Json::from);
            prop_oneof![4 => number.prop_map(Json::from), 2 => quoted, 1 => any, 1 => reference()].boxed()
        }
        Type::Bool => {
            let spelled =
                select(vec![json!("yes"), json!("NO"), json!("True"), json!(0), json!(1), json!("1"), json!("x")]);
            prop_oneof![4 => any::<bool>().prop_map(Json::from), 3 => spelled, 1 => reference()].boxed()
        }
        Type::Choice(choices) => {
            let choice = select(choices.to_vec());
            let spelled = choice.clone().prop_map(|choice| json!(format!(" {} ", choice.to_lowercase())));
            prop_oneof![4 => choice.prop_map(Json::from), 2 => spelled, 1 => reference()].boxed()
        }
        Type::List(item) | Type::Set(item) => {
            vec(of_type(*item, name, true), usize::from(filled)..3).prop_map(Json::from).boxed()
        }
        Type::Record(members) => {
            let pair = |name: &'static str, value: Json| (name.to_owned(), value);
            let members = members.iter().map(|member| {
                of_type(member.ty, member.name, true).prop_map(move |value| pair(member.name, value)).boxed()
            });
            members.collect::<Vec<_>>().prop_map(|pairs| Json::Object(pairs.into_iter().collect())).boxed()
        }
        Type::Joined(parts) => {
            let values = vec(prop_oneof![8 => select(texts()), 1 => reference()], parts.len());
            let named = move |values: Vec<Json>| parts.iter().map(|part| (*part).to_owned()).zip(values).collect();
            values.prop_map(move |values| Json::Object(named(values))).boxed()
        }
    }
}

fn texts() -> Vec<Json> {
    vec![
        json!("abcd"),
        json!("x y"),
        json!("$${z}"),
        json!("電話番号"),
        json!(1234),
        json!(12.5),
        json!(true),
        json!("0123"),
    ]
}

/// What an entry has whatever its kind.
fn common(kind: &'static Kind) -> impl Strategy<Value = Map<String, Json>> {
    let names: Vec<_> = kind.fields.iter().map(|field| field.name).filter(|name| kind.variant != Some(*name)).collect();
    let switch = select(vec![json!(true), json!("no"), json!("${env:X}")]);
    let protect = prop_oneof![3 => Just(None), 1 => switch.prop_map(Some)];
    let ignored = prop_oneof![6 => Just(None), 1 => vec(select(names), 0..3).prop_map(Some)];
    (protect, ignored).prop_map(|(protect, ignored)| {
        let protect = protect.map(|protect| ("protect".to_owned(), protect));
        let ignored = ignored.map(|names| ("ignore_fields".to_owned(), Json::from(names)));
        [("target".to_owned(), json!("box"))].into_iter().chain(protect).chain(ignored).collect::<Map<_, _>>()
    })
}

fn target(table: &'static ProviderTable) -> impl Strategy<Value = Json> {
    let settings: Vec<_> = table
        .settings
        .iter()
        .map(|setting| {
            let value = of_type(setting.ty, setting.name, true);
            let is_there = if setting.default.is_none() { Just(true).boxed() } else { any::<bool>().boxed() };
            (is_there, value).prop_map(|(is_there, value)| is_there.then(|| (setting.name.to_owned(), value)))
        })
        .collect();
    let url = select(vec!["https://box.example:8088", "${env:URL}", "HTTP://127.0.0.1/a/", "box"]);
    (settings, url, vec(part(), 0..4)).prop_map(|(settings, url, parts)| {
        let mut target: Map<String, Json> = settings.into_iter().flatten().collect();
        target.extend([("provider".into(), json!(table.name)), ("url".into(), json!(url))]);
        target.extend(parts.into_iter().map(|(key, value)| (key.to_owned(), value)));
        target.into()
    })
}

/// A part of a target that every provider has.
fn part() -> impl Strategy<Value = (&'static str, Json)> {
    let hash = ["ab"; 32];
    select(vec![
        ("limits", json!({ "concurrency": 4, "timeout": "1.5 s", "requests_per_second": "0.5", "max_body": "64MiB" })),
        ("limits", json!({ "concurrency": "+4", "timeout": "${env:T}", "requests_per_second": 5, "max_body": 4096 })),
        ("limits", json!({ "timeout": 30 })),
        ("limits", json!({ "concurrency": 0 })),
        ("tls", json!({ "pin_sha256": hash.concat() })),
        ("tls", json!({ "pin_sha256": hash.join(":"), "ca_file": "a.pem", "insecure_skip_verify": "no" })),
        ("tls", json!({})),
        ("prune", json!("none")),
        ("prune", json!("${env:P}")),
        ("prune", json!("all")),
        ("ignore", json!(["trunk/lab-*", "${env:I}"])),
        ("ignore", json!([])),
    ])
}

/// Defaults, which no entry has to take.
fn defaults(kind: &'static Kind) -> BoxedStrategy<Option<Json>> {
    let fields = kind.fields.iter().filter(|field| kind.variant != Some(field.name));
    let fields: Vec<_> = fields.map(|field| of_type(field.ty, field.name, false)).collect();
    let names = kind.fields.iter().map(|field| field.name).filter(|name| kind.variant != Some(*name));
    let names: Vec<_> = names.collect();
    let chosen = (fields, any::<u8>()).prop_map(move |(values, which)| {
        let pairs = names.iter().zip(values).enumerate().filter(|(index, _)| which >> (index % 8) & 1 == 1);
        pairs.map(|(_, (name, value))| ((*name).to_owned(), value)).collect::<Map<_, _>>()
    });
    let placed = (chosen, 0..3_u8).prop_map(|(mut chosen, place)| match place {
        0 => {
            chosen.insert("target".into(), json!("box"));
            json!({ kind.name: chosen })
        }
        1 => json!({ kind.section: chosen }),
        _ => json!({ "box": { kind.name: chosen }, kind.name: null }),
    });
    prop_oneof![3 => Just(None), 1 => placed.prop_map(Some), 1 => Just(Some(Json::Null))].boxed()
}

/// Sections beside those of the kind.
fn extras(table: &'static ProviderTable, kind: &'static Kind) -> impl Strategy<Value = Map<String, Json>> {
    let call =
        table.calls.then(|| ("call_checks", json!([{ "name": "a", "target": "box", "caller": 101, "callee": "102" }])));
    let gone = json!([{ "address": format!("box/{}/gone/x", kind.name), "delete": "false" }]);
    let others = kinds::ALL.iter().filter(move |other| **other != kind).map(|other| (other.section, Json::Null));
    let sections: Vec<_> = [("removed", gone)].into_iter().chain(call).chain(others).collect();
    proptest::sample::subsequence(sections.clone(), 0..=sections.len())
        .prop_map(|sections| sections.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

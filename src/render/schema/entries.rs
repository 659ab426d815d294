//! Entries of a kind and their defaults, by the kind's table and by what every vendor of the kind demands.

use serde_json::{Map, Value as Json, json};

use super::values::{Holes, Rules, chosen, described, insert, object, sentence, text, value, yes, yes_or_no};
use super::{general, reference};
use crate::model::field::{Default, Field, Member, Scope, Type};
use crate::model::table::{ANY_TEXT, KindSupport, TextRules};
use crate::model::{Kind, ProviderTable, kinds};
use crate::render::general::{ENTRY, General};

/// An entry, whatever other files say.
pub(super) fn entry(kind: &Kind, tables: &[&ProviderTable]) -> Json {
    let vendors = vendors(kind, tables);
    let mut properties = Map::new();
    properties.insert(kind.key.into(), key(kind, &vendors));
    properties.extend(ENTRY.iter().map(|row| common(kind, row)));
    properties.extend(kind.fields.iter().map(|field| {
        let rules = Rules { filled: is_filled(kind, field), limits: limits(field, &vendors), holes: holes(kind) };
        (field.name.to_owned(), of_field(kind, field, rules, &vendors))
    }));
    let mut schema = described(object(properties, &[kind.key]), &sentence(kind.doc));
    let by_variant: Vec<Json> = variants(kind).iter().filter_map(|variant| of_variant(kind, variant)).collect();
    if !by_variant.is_empty() {
        insert(&mut schema, "allOf", by_variant.into());
    }
    schema
}

/// What an entry needs where no other file can have defaults for it.
pub(super) fn complete(kind: &Kind, tables: &[&ProviderTable]) -> Json {
    let vendors = vendors(kind, tables);
    let needed = |scope: &dyn Fn(&Field) -> bool| -> Vec<&'static str> {
        let everywhere = |field: &&Field| vendors.iter().all(|(_, support)| support.field(field.name).is_some());
        kind.fields.iter().filter(everywhere).filter(|field| scope(field)).map(|field| field.name).collect()
    };
    let mut demands = vec![json!({ "required": needed(&|field| field.required == Scope::All) })];
    for variant in variants(kind) {
        let required = needed(&|field| matches!(field.required, Scope::Only(names) if names.contains(variant)));
        demands.extend(is_variant(kind, variant).map(|is| json!({ "if": is, "then": { "required": required } })));
    }
    for flag in kind.fields.iter().filter(|flag| kind.fields.iter().any(|field| field.needed_with == Some(flag.name))) {
        let required = needed(&|field| field.needed_with == Some(flag.name));
        let says_yes = json!({ "properties": { flag.name: yes() }, "required": [flag.name] });
        demands.push(json!({ "if": says_yes, "then": { "required": required } }));
    }
    let always: Vec<&str> = ["target"].into_iter().chain(kind.variant).collect();
    json!({
        "required": always,
        // What is left alone need not be written.
        "if": { "not": { "required": ["ignore_fields"] } },
        "then": { "allOf": demands },
    })
}

/// A kind's defaults. What no entry takes is never held to a vendor's limits.
pub(super) fn defaults(kind: &Kind, tables: &[&ProviderTable]) -> Json {
    let vendors = vendors(kind, tables);
    let rules = Rules { holes: holes(kind), ..Rules::ANY };
    let fields = kind.fields.iter().map(|field| (field.name.to_owned(), of_field(kind, field, rules, &vendors)));
    let mut schema = object(fields.collect(), &[]);
    insert(&mut schema, "type", json!(["object", "null"]));
    described(schema, &format!("Defaults for the entries of `{}`.", kind.section))
}

/// The same where they are for every target: they may name the one that entries belong to.
pub(super) fn defaults_of_all(kind: &Kind, tables: &[&ProviderTable]) -> Json {
    let mut schema = defaults(kind, tables);
    let target =
        ENTRY.iter().filter(|row| row.name == "target").map(|row| (row.name.to_owned(), text(Rules::WORD), row));
    if let Some(properties) = schema.get_mut("properties").and_then(Json::as_object_mut) {
        properties.extend(target.map(|(name, schema, row)| (name, described(schema, &sentence(row.doc)))));
    }
    schema
}

/// `defaults:` by kind, and by target and kind.
pub(super) fn all_defaults() -> Json {
    json!({
        "type": ["object", "null"],
        "properties": by_kind("defaults"),
        "additionalProperties": {
            "description": "Defaults for the entries of one target, by kind.",
            "type": "object",
            "properties": by_kind("target_defaults"),
            "additionalProperties": false,
        },
    })
}

/// A kind's defaults stand under its name or under that of its section.
fn by_kind(definition: &str) -> Map<String, Json> {
    let names = kinds::ALL.iter().flat_map(|kind| [(kind.name, kind.name), (kind.section, kind.name)]);
    names.map(|(key, kind)| (key.to_owned(), reference(&format!("{kind}_{definition}")))).collect()
}

/// The vendors that have a kind.
type Vendors<'t> = Vec<(&'t str, &'static KindSupport)>;

fn vendors<'t>(kind: &Kind, tables: &[&'t ProviderTable]) -> Vendors<'t> {
    tables.iter().filter_map(|table| Some((table.name, table.support(kind)?))).collect()
}

fn holes(kind: &Kind) -> Holes {
    if kind.numeric_key { Holes::Numbers } else { Holes::References }
}

fn key(kind: &Kind, vendors: &Vendors<'_>) -> Json {
    let mut limits = shared(vendors.iter().map(|(_, support)| support.key));
    let mut description = sentence(if kind.numeric_key {
        "the number, or a run of numbers as in \"2000-2099\": one object each, for which {number} stands in the other fields"
    } else {
        "its name, which identifies it on its target"
    });
    if kind.numeric_key {
        // A run is longer than its numbers.
        limits = TextRules { max_length: usize::MAX, digits: false, ..limits };
    }
    description += " Required.";
    described(text(Rules { limits, ..Rules::WORD }), &description)
}

fn common(kind: &Kind, row: &General) -> (String, Json) {
    let schema = match row.name {
        "protect" => yes_or_no(Holes::None),
        "ignore_fields" => {
            let names: Vec<_> =
                kind.fields.iter().map(|field| field.name).filter(|name| kind.variant != Some(name)).collect();
            json!({ "type": "array", "items": { "enum": names } })
        }
        _ => text(Rules::WORD),
    };
    general(row, schema)
}

fn of_field(kind: &Kind, field: &Field, rules: Rules, vendors: &Vendors<'_>) -> Json {
    // What decides about the other fields is read before references are.
    let holes = if kind.variant == Some(field.name) { Holes::None } else { rules.holes };
    let mut schema = value(&field.ty, Rules { holes, ..rules });
    if rules.filled {
        require_members(&mut schema, &field.ty, Scope::All);
    }
    if let Some(default) = default(field) {
        insert(&mut schema, "default", default);
    }
    described(schema, &description(field, vendors))
}

/// What an editor shows beside a field.
fn description(field: &Field, vendors: &Vendors<'_>) -> String {
    let mut sentences = vec![sentence(field.doc)];
    if let Scope::Only(variants) = field.applies {
        sentences.push(format!("Only for {}.", variants.join(" and ")));
    }
    sentences.extend(match (field.needed_with, field.required, field.default) {
        (Some(flag), ..) => Some(format!("Required with {flag}: true.")),
        (None, Scope::All, _) => Some("Required.".into()),
        (None, Scope::Only(_), _) => Some("Required there.".into()),
        (None, Scope::Nothing, Default::LeftAlone) => Some("Left alone unless written.".into()),
        (None, Scope::Nothing, _) => None,
    });
    let has = |(name, support): &(&str, &KindSupport)| support.field(field.name).map(|_| (*name).to_owned());
    let having: Vec<String> = vendors.iter().filter_map(has).collect();
    if having.len() < vendors.len() {
        sentences.push(format!("Only {} has it.", having.join(" and ")));
    }
    sentences.extend(field.secret.then(|| "A secret: write a reference, as in ${env:NAME}.".into()));
    sentences.extend(field.forces_replacement.then(|| "A change replaces the object.".into()));
    sentences.join(" ")
}

/// What an editor may fill in.
fn default(field: &Field) -> Option<Json> {
    match (field.default, field.ty) {
        (Default::Scalar(text), Type::Integer { .. } | Type::Bool) => serde_json::from_str(text).ok(),
        (Default::Scalar(text), _) => Some(text.into()),
        (Default::List(items), _) => Some(items.into()),
        (Default::Empty | Default::LeftAlone, _) => None,
    }
}

/// Whether a vendor's object can't have it empty, whatever the variant.
fn is_filled(kind: &Kind, field: &Field) -> bool {
    let variants = variants(kind);
    let demanded = |variant: &&str| !field.applies.covers(Some(variant)) || field.required.covers(Some(variant));
    field.secret || if variants.is_empty() { field.required.covers(None) } else { variants.iter().all(demanded) }
}

/// The limits that every vendor of the kind that has the field shares. A joined text is measured as a whole, of which a
/// schema knows nothing.
fn limits(field: &Field, vendors: &Vendors<'_>) -> TextRules {
    match field.ty {
        Type::Text | Type::Host | Type::List(Type::Text) | Type::Set(Type::Text) => {
            shared(vendors.iter().filter_map(|(_, support)| Some(support.field(field.name)?.rules)))
        }
        _ => ANY_TEXT,
    }
}

/// What is allowed by none of them.
fn shared(rules: impl Iterator<Item = TextRules>) -> TextRules {
    // Characters and words are kept where all agree; none of the tables has two that differ in part.
    let both = |a: TextRules, b: TextRules| TextRules {
        min_length: a.min_length.min(b.min_length),
        max_length: a.max_length.max(b.max_length),
        refused: if a.refused == b.refused { a.refused } else { "" },
        reserved: if a.reserved == b.reserved { a.reserved } else { &[] },
        digits: a.digits && b.digits,
        ..ANY_TEXT
    };
    rules.reduce(both).unwrap_or(ANY_TEXT)
}

/// The spellings of a kind's variants; none where it has none.
fn variants(kind: &Kind) -> &'static [&'static str] {
    let field = kind.variant.and_then(|name| kind.fields.get(kind.index_of(name)?));
    match field.map(|field| field.ty) {
        Some(Type::Choice(choices)) => choices,
        _ => &[],
    }
}

/// Whether an entry says itself that it is of this variant.
fn is_variant(kind: &Kind, variant: &str) -> Option<Json> {
    let name = kind.variant?;
    Some(json!({ "properties": { name: chosen(variant) }, "required": [name] }))
}

/// What a variant doesn't have, and what its lists' items need.
fn of_variant(kind: &Kind, variant: &str) -> Option<Json> {
    let mut properties = Map::new();
    for field in kind.fields {
        if !field.applies.covers(Some(variant)) {
            properties.insert(field.name.into(), false.into());
        } else if let Some(needs) = needs(&field.ty, variant) {
            properties.insert(field.name.into(), needs);
        }
    }
    let is_variant = is_variant(kind, variant).filter(|_| !properties.is_empty())?;
    Some(json!({ "if": is_variant, "then": { "properties": properties } }))
}

/// What the items of a list need for this variant alone.
fn needs(ty: &Type, variant: &str) -> Option<Json> {
    let (Type::List(Type::Record(members)) | Type::Set(Type::Record(members))) = ty else { return None };
    let own = |member: &&Member| member.required != Scope::All && member.required.covers(Some(variant));
    let names: Vec<&str> = members.iter().filter(own).map(|member| member.name).collect();
    (!names.is_empty()).then(|| json!({ "items": { "required": names } }))
}

/// Makes the items of a list say what all of them need.
fn require_members(schema: &mut Json, ty: &Type, scope: Scope) {
    let (Type::List(Type::Record(members)) | Type::Set(Type::Record(members))) = ty else { return };
    let names: Vec<&str> = members.iter().filter(|member| member.required == scope).map(|member| member.name).collect();
    if let Some(items) = schema.get_mut("items").filter(|_| !names.is_empty()) {
        insert(items, "required", names.into());
    }
}

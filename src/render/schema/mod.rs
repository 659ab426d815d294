//! JSON Schema for the YAML, made from the kinds' and the vendors' tables, and for the documents, made from their types.
//!
//! In draft-07, of which only what 2020-12 has too is used: editors know the one, newer tools the other. The YAML's schema
//! takes every file that the loader takes, and refuses every key that the loader doesn't know. What depends on several
//! places at once (names that have to exist, one vendor's limits, what another file says) is left to the loader.

mod documents;
mod entries;
mod targets;
mod values;

use serde_json::{Map, Value as Json, json};

use self::values::{Holes, Rules, described, matching, object, sentence, text, yes_or_no};
use super::general::{CALL_CHECK, General, REMOVED, SECTIONS};
use crate::model::{Kind, ProviderTable, kinds};

/// What there is a schema of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subject {
    /// The YAML.
    #[default]
    Desired,
    /// What `plan --format json` prints and `plan --out` writes.
    Plan,
    /// What `apply --format json` prints.
    Apply,
    /// What `drift --format json` prints.
    Drift,
}

impl Subject {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Desired, Self::Plan, Self::Apply, Self::Drift];

    /// As it is typed, and as its file's name begins.
    pub fn name(self) -> &'static str {
        match self {
            Self::Desired => "desired",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Drift => "drift",
        }
    }

    /// One line for people.
    pub fn about(self) -> &'static str {
        match self {
            Self::Desired => "The YAML: what is wanted",
            Self::Plan => "The document of `sipform plan`",
            Self::Apply => "The document of `sipform apply`",
            Self::Drift => "The document of `sipform drift`",
        }
    }
}

/// A schema as it stands in its file: JSON on many lines. `tables` are the vendors that there are.
pub fn schema(subject: Subject, tables: &[&ProviderTable]) -> String {
    let schema = match subject {
        Subject::Desired => desired(tables),
        Subject::Plan => documents::plan(),
        Subject::Apply => documents::apply(),
        Subject::Drift => documents::drift(),
    };
    serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n"
}

/// The YAML's schema.
fn desired(tables: &[&ProviderTable]) -> Json {
    let mut definitions = targets::definitions(tables);
    let mut properties = sections();
    let mut whole = Map::new();
    for kind in kinds::ALL {
        let (entry, complete) = (kind.name.to_owned(), format!("complete_{}", kind.name));
        properties.insert(kind.section.into(), list(&format!("{}.", title(kind)), &entry));
        // As a pattern: editors would offer the section a second time.
        whole.insert(format!("^{}$", kind.section), json!({ "items": reference(&complete) }));
        definitions.insert(entry, entries::entry(kind, tables));
        definitions.insert(complete, entries::complete(kind, tables));
        definitions.insert(format!("{}_defaults", kind.name), entries::defaults_of_all(kind, tables));
        definitions.insert(format!("{}_target_defaults", kind.name), entries::defaults(kind, tables));
    }
    definitions.insert("removed".into(), removed());
    definitions.insert("call_check".into(), call_check());
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "urn:sipform:schema:desired:v1",
        "title": "sipform: the desired state",
        "description": "SIP trunks and SIP numbers, the way they should be. One file, or one of several.",
        "type": ["object", "null"],
        "properties": properties,
        "additionalProperties": false,
        // Another file may hold defaults; one that stands alone has to say everything.
        "if": { "type": "object", "required": ["version", "targets"], "not": { "required": ["defaults"] } },
        "then": { "patternProperties": whole },
        "definitions": definitions,
    })
}

fn sections() -> Map<String, Json> {
    let section = |row: &General| {
        let schema = match row.name {
            "version" => json!({ "enum": [1, "1"] }),
            "targets" => targets::section(),
            "defaults" => entries::all_defaults(),
            "removed" => json!({ "type": ["array", "null"], "items": reference("removed") }),
            _ => json!({ "type": ["array", "null"], "items": reference("call_check") }),
        };
        (row.name.to_owned(), described(schema, &sentence(row.doc)))
    };
    SECTIONS.iter().map(section).collect()
}

fn list(description: &str, definition: &str) -> Json {
    json!({ "description": description, "type": ["array", "null"], "items": reference(definition) })
}

fn title(kind: &Kind) -> String {
    format!("Entries that are each {}", kind.doc)
}

/// Draft-07 ignores what stands beside a reference, so nothing does.
fn reference(definition: &str) -> Json {
    json!({ "$ref": format!("#/definitions/{definition}") })
}

/// A row with its schema; its description says what omitting it means.
fn general(row: &General, schema: Json) -> (String, Json) {
    let default = (!row.default.starts_with("required")).then(|| format!("Default: {}.", row.default.replace('`', "")));
    let description: Vec<String> = [sentence(row.doc)].into_iter().chain(default).collect();
    (row.name.to_owned(), described(schema, &description.join(" ")))
}

fn removed() -> Json {
    let kinds = kinds::names().join("|");
    let address = matching(&format!("^[^/]+/({kinds})/[\\s\\S]+$"), "an address as target/kind/key");
    let rows = REMOVED.iter().map(|row| match row.name {
        "address" => general(row, address.clone()),
        _ => general(row, yes_or_no(Holes::None)),
    });
    object(rows.collect(), &["address", "delete"])
}

fn call_check() -> Json {
    let rows = CALL_CHECK.iter().map(|row| match row.name {
        "auto_answer" => general(row, yes_or_no(Holes::None)),
        _ => general(row, text(Rules::WORD)),
    });
    object(rows.collect(), &["name", "target", "caller", "callee"])
}

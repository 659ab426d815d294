//! `targets:`, each by its provider's table.

use serde_json::{Map, Value as Json, json};

use super::values::{Holes, Rules, described, insert, matching, object, sentence, text, value, with_holes, yes_or_no};
use super::{general, reference};
use crate::model::ProviderTable;
use crate::model::kinds;
use crate::model::table::Setting;
use crate::model::target::PRUNE_CHOICES;
use crate::render::general::{LIMITS, TARGET, TLS};

/// `targets:` itself.
pub(super) fn section() -> Json {
    json!({ "type": ["object", "null"], "propertyNames": name(), "additionalProperties": reference("target") })
}

/// A target's name.
pub(super) fn name() -> Json {
    let mut name =
        matching("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", "a name of at most 64 letters, digits, `.`, `_` and `-`");
    let taken: Vec<&str> = kinds::ALL.iter().flat_map(|kind| [kind.name, kind.section]).collect();
    insert(&mut name, "not", json!({ "enum": taken }));
    name
}

/// A target, and one of each provider.
pub(super) fn definitions(tables: &[&ProviderTable]) -> Map<String, Json> {
    let mut definitions = Map::new();
    definitions.insert("target".into(), target(tables));
    for table in tables {
        definitions.insert(format!("{}_target", table.name), of(table));
    }
    definitions.insert("limits".into(), limits());
    definitions.insert("tls".into(), tls());
    definitions
}

/// The provider decides what else a target has.
fn target(tables: &[&ProviderTable]) -> Json {
    let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
    let by_provider = tables.iter().map(|table| {
        json!({
            "if": { "properties": { "provider": { "const": table.name } }, "required": ["provider"] },
            "then": reference(&format!("{}_target", table.name)),
        })
    });
    json!({
        "description": "One PBX or account.",
        "type": "object",
        "required": ["provider"],
        "properties": { "provider": provider(&names) },
        "allOf": by_provider.collect::<Vec<_>>(),
    })
}

fn provider(names: &[&str]) -> Json {
    let doc = TARGET.iter().find(|row| row.name == "provider").map_or("", |row| row.doc);
    described(json!({ "enum": names }), &sentence(doc))
}

/// A target of this provider.
fn of(table: &ProviderTable) -> Json {
    let mut properties: Map<String, Json> = TARGET
        .iter()
        .map(|row| match row.name {
            "provider" => (row.name.to_owned(), provider(&[table.name])),
            "url" => general(row, url(table)),
            "limits" => (row.name.to_owned(), reference("limits")),
            "tls" => (row.name.to_owned(), reference("tls")),
            "prune" => general(row, prune()),
            _ => general(row, ignore()),
        })
        .collect();
    properties.extend(table.settings.iter().map(|setting| (setting.name.to_owned(), self::setting(setting))));
    let own = table.settings.iter().filter(|setting| setting.default.is_none()).map(|setting| setting.name);
    let url = table.default_url.is_none().then_some("url");
    let required: Vec<&str> = ["provider"].into_iter().chain(url).chain(own).collect();
    described(object(properties, &required), &format!("{}.", table.title))
}

fn url(table: &ProviderTable) -> Json {
    let pattern = with_holes(r"^\s*[hH][tT][tT][pP][sS]?://[^\s?#]+\s*$", Holes::References);
    let mut url = matching(&pattern, "a URL like https://192.168.5.150:8088, without user, `?` and `#`");
    if let Some(default) = table.default_url {
        insert(&mut url, "default", default.into());
    }
    url
}

fn setting(setting: &Setting) -> Json {
    let Setting { name: _, ty, secret, default, doc } = setting;
    let filled = *secret || default.is_none();
    let schema = value(ty, Rules { filled, ..Rules::ANY });
    let note = if *secret { " A secret: write a reference, as in ${env:NAME}." } else { "" };
    let mut schema = described(schema, &(sentence(doc) + note));
    if let Some(default) = default {
        insert(&mut schema, "default", (*default).into());
    }
    schema
}

fn prune() -> Json {
    let spelled = with_holes(&format!("^({})$", PRUNE_CHOICES.join("|")), Holes::References);
    json!({ "anyOf": [{ "enum": PRUNE_CHOICES }, matching(&spelled, &format!("one of {}", PRUNE_CHOICES.join(", ")))],
        "default": "claimed" })
}

fn ignore() -> Json {
    json!({ "type": "array", "maxItems": 1000, "items": text(Rules { filled: true, ..Rules::ANY }) })
}

fn limits() -> Json {
    let rows = LIMITS.iter().map(|row| {
        let schema = match row.name {
            "concurrency" => {
                number(json!({ "type": "integer", "minimum": 1, "maximum": 256 }), "[+]?[0-9]+", row.value)
            }
            "requests_per_second" => {
                number(json!({ "type": "number", "minimum": 0.001, "maximum": 10000 }), r"[0-9.]+", row.value)
            }
            "timeout" => spelled(r"[0-9.]+\s*(ms|s|m|h)", row.value),
            _ => number(json!({ "type": "integer", "minimum": 1024 }), "[+]?[0-9]+\\s*([kKMG]B|[KMG]iB|B)?", row.value),
        };
        general(row, schema)
    });
    described(object(rows.collect(), &[]), &described_by("limits"))
}

fn tls() -> Json {
    let rows = TLS.iter().map(|row| {
        let schema = match row.name {
            "ca_file" => text(Rules { filled: true, ..Rules::ANY }),
            // A hash may be all digits.
            "pin_sha256" => number(json!({ "type": "number" }), "[0-9a-fA-F:]{64,127}", row.value),
            _ => yes_or_no(Holes::None),
        };
        general(row, schema)
    });
    described(object(rows.collect(), &[]), &described_by("tls"))
}

fn described_by(name: &str) -> String {
    TARGET.iter().find(|row| row.name == name).map(|row| sentence(row.doc)).unwrap_or_default()
}

/// A number, or the same in quotes.
fn number(plain: Json, pattern: &str, expected: &str) -> Json {
    Json::from_iter([("anyOf", Json::from(vec![plain, spelled(pattern, expected)]))])
}

fn spelled(pattern: &str, expected: &str) -> Json {
    matching(&with_holes(&format!(r"^\s*{pattern}\s*$"), Holes::References), &expected.replace('`', ""))
}

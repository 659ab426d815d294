//! The page about the YAML: what its template says, with tables of every section and field.

use std::fmt::Write as _;

use super::provider::{capitalised, code, described, or_empty};
use super::{cell, scope, when_omitted};
use crate::model::field::{Field, Member, Scope, Type};
use crate::model::table::{FieldSupport, KindSupport, ProviderTable, Setting, TextRules};
use crate::model::{Kind, kinds};
use crate::render::general::{CALL_CHECK, ENTRY, General, LIMITS, REMOVED, SECTIONS, TARGET, TLS};

/// What isn't in the tables; `{{name}}` stands for a table.
const TEMPLATE: &str = include_str!("desired.md");

/// The page, as Markdown. `tables` are the vendors that there are.
pub fn desired(tables: &[&ProviderTable]) -> String {
    let mut page = String::new();
    let mut rest = TEMPLATE;
    while let Some((before, (name, behind))) =
        rest.split_once("{{").and_then(|(before, from)| Some((before, from.split_once("}}")?)))
    {
        page += before;
        page += part(name, tables).trim_end();
        rest = behind;
    }
    page + rest
}

/// What stands for a name in the template.
fn part(name: &str, tables: &[&ProviderTable]) -> String {
    match name {
        "sections" => sections(),
        "target" => rows(TARGET),
        "limits" => rows(LIMITS),
        "tls" => rows(TLS),
        "settings" => tables.iter().map(|table| settings(table)).collect(),
        "entry" => rows(ENTRY),
        "removed" => rows(REMOVED),
        "call_check" => rows(CALL_CHECK),
        "callers" => callers(tables),
        name => kinds::by_name(name).map(|kind| of_kind(kind, tables)).unwrap_or_default(),
    }
}

fn sections() -> String {
    let mut page = String::from("| section | value | meaning |\n|---|---|---|\n");
    for General { name, value, doc, .. } in SECTIONS {
        _ = writeln!(page, "| [`{name}`](#{name}) | {value} | {doc} |");
    }
    for Kind { section, doc, .. } in kinds::ALL {
        _ = writeln!(page, "| [`{section}`](#{section}) | a list | each {doc} |");
    }
    page
}

/// A table of keys.
fn rows(rows: &[General]) -> String {
    let mut page = String::from("| key | value | default | meaning |\n|---|---|---|---|\n");
    for General { name, value, default, doc } in rows {
        _ = writeln!(page, "| `{name}` | {value} | {default} | {} |", cell(doc));
    }
    page
}

/// What a provider's targets have beside what every target has.
fn settings(table: &ProviderTable) -> String {
    let ProviderTable { name, title, default_url, settings, .. } = table;
    let url = default_url.map_or("`url` is required".into(), |url| format!("`url` is `{url}` unless written"));
    let mut page = format!("[`{name}`](providers/{name}.md): {title}; {url}.\n\n");
    page += "| key | value | default | meaning |\n|---|---|---|---|\n";
    for Setting { name, ty, secret, default, doc } in *settings {
        let value = if *secret { "a secret".into() } else { ty.expected() };
        let default = default.map_or("required".into(), |default| format!("`{}`", or_empty(default)));
        _ = writeln!(page, "| `{name}` | {value} | {default} | {} |", cell(doc));
    }
    page + "\n"
}

fn callers(tables: &[&ProviderTable]) -> String {
    let names: Vec<_> = tables.iter().filter(|table| table.calls).map(|table| format!("`{}`", table.name)).collect();
    names.join(" and ")
}

/// A kind's section.
fn of_kind(kind: &Kind, tables: &[&ProviderTable]) -> String {
    let vendors: Vendors<'_> = tables.iter().filter_map(|table| Some((table.name, table.support(kind)?))).collect();
    let names: Vec<_> = vendors.iter().map(|(name, _)| format!("[{name}](providers/{name}.md)")).collect();
    let Kind { section, doc, key, .. } = kind;
    let mut page = format!("## `{section}`\n\n{}, on {}.\n\n", capitalised(doc), names.join(" and "));
    if let Some(variant) = kind.variant {
        _ = writeln!(page, "`{variant}` decides which of the others an entry has; *for* names them.\n");
    }
    page += "| field | value | for | default | vendors | meaning |\n|---|---|---|---|---|---|\n";
    let value = if kind.numeric_key { "a text, or a [run of numbers](#runs-of-numbers)" } else { "a text" };
    _ = writeln!(page, "| `{key}` | {value} | all | required | {} | what identifies it |", keys(&vendors));
    for field in kind.fields {
        row(&mut page, field, &vendors);
        members(&mut page, field);
    }
    page + "\nAnd [what every entry has](#every-entry).\n"
}

fn row(page: &mut String, field: &Field, vendors: &Vendors<'_>) {
    let Field { name, ty, secret, forces_replacement, doc, .. } = field;
    let value = match ty {
        _ if *secret => "a secret".into(),
        Type::Record(_) => "a mapping".into(),
        Type::List(Type::Record(_)) | Type::Set(Type::Record(_)) => "a list of mappings".into(),
        ty => ty.expected(),
    };
    let note = if *forces_replacement { "; a change replaces the object" } else { "" };
    let (applies, default) = (scope(field.applies), default(field));
    let vendors = on_vendors(field, vendors);
    _ = writeln!(page, "| `{name}` | {value} | {applies} | {default} | {vendors} | {}{note} |", cell(doc));
}

/// The members of a mapping, or of each mapping in a list.
fn members(page: &mut String, field: &Field) {
    let (members, each) = match field.ty {
        Type::Record(members) => (members, "."),
        Type::List(Type::Record(members)) | Type::Set(Type::Record(members)) => (*members, "[]."),
        _ => return,
    };
    for Member { name, ty, required, doc } in members {
        let value = match ty {
            Type::List(item) | Type::Set(item) => format!("a list, each {}", item.expected()),
            ty => ty.expected(),
        };
        let (value, needed) = (value.replace("each item ", "each "), needed(*required));
        _ = writeln!(
            page,
            "| `{}{each}{name}` | {value} | {} | {needed} | | {} |",
            field.name,
            scope(field.applies),
            cell(doc)
        );
    }
}

fn needed(required: Scope) -> String {
    match required {
        Scope::All => "required".into(),
        Scope::Nothing => "none".into(),
        Scope::Only(variants) => format!("empty, required for {}", variants.join(", ")),
    }
}

fn default(field: &Field) -> String {
    if field.required == Scope::All || (field.required != Scope::Nothing && field.required == field.applies) {
        return "required".into();
    }
    when_omitted(field)
}

/// The vendors that have a kind.
type Vendors<'t> = Vec<(&'t str, &'static KindSupport)>;

/// Which vendors have a field, and what each of them demands beyond the kind's own table.
fn on_vendors(field: &Field, vendors: &Vendors<'_>) -> String {
    let having = vendors.iter().filter_map(|(name, support)| Some((*name, support.field(field.name)?)));
    let all: Vec<_> = having.map(|(name, support)| with_notes(name, field, support)).collect();
    all.join("; ")
}

fn with_notes(name: &str, field: &Field, support: &FieldSupport) -> String {
    let mut notes = vec![limits(&support.rules)];
    notes.extend(demanded(field, support));
    notes.extend(support.computed.then(|| "computed unless written".into()));
    notes.extend(match support.unique {
        Scope::Nothing => None,
        Scope::All => Some("unique on its target".into()),
        Scope::Only(variants) => Some(format!("unique on its target for {}", variants.join(", "))),
    });
    notes.extend(support.not_on_create.map(|why| cell(why).replace(';', ",")));
    notes.retain(|note| !note.is_empty());
    if notes.is_empty() { name.to_owned() } else { format!("{name} ({})", notes.join(", ")) }
}

fn demanded(field: &Field, support: &FieldSupport) -> Option<String> {
    match support.required {
        Scope::Nothing => None,
        all if all == field.applies || all == Scope::All => Some("required".into()),
        Scope::Only(variants) => Some(format!("required for {}", variants.join(", "))),
        Scope::All => None,
    }
}

/// Which vendors have a kind, with their limits on its key.
fn keys(vendors: &Vendors<'_>) -> String {
    let named = vendors.iter().map(|(name, support)| match limits(&support.key) {
        limits if limits.is_empty() => (*name).to_owned(),
        limits => format!("{name} ({limits})"),
    });
    named.collect::<Vec<_>>().join("; ")
}

/// A vendor's limits on a text, in a row with other notes.
fn limits(rules: &TextRules) -> String {
    let certain = described(String::new(), &TextRules { doubtful: "", ..*rules });
    let mut notes = vec![certain.trim_start_matches(", ").to_owned()];
    notes.extend((!rules.doubtful.is_empty()).then(|| format!("better none of {}", code(rules.doubtful))));
    notes.extend((!rules.reserved.is_empty()).then(|| format!("not `{}`", rules.reserved.join("`, `"))));
    notes.retain(|note| !note.is_empty());
    notes.join(", ")
}

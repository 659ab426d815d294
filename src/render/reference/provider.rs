//! A page a vendor: what it has, demands and can't do.

use std::fmt::Write as _;

use super::{cell, scope, when_omitted};
use crate::model::field::{Field, Scope};
use crate::model::table::{Ability, FieldSupport, KindSupport, ProviderTable, Setting, TextRules};

/// A provider's page, as Markdown.
pub fn provider(table: &ProviderTable) -> String {
    let mut page = format!("# {}\n\n{}.\n\n", table.name, table.title);
    _ = writeln!(page, "<!-- Made from the tables by `cargo run --example reference`; a test compares. -->\n");
    _ = writeln!(page, "## Credentials\n\n{}.\n", capitalised(table.access));
    settings(&mut page, table);
    limits(&mut page, table);
    for support in table.kinds {
        kind(&mut page, support);
    }
    page
}

fn settings(page: &mut String, table: &ProviderTable) {
    _ = writeln!(page, "## Target\n\n| key | value | default | meaning |\n|---|---|---|---|");
    let url = table.default_url.map_or("required".into(), |url| format!("`{url}`"));
    _ = writeln!(page, "| `url` | an http or https address | {url} | where it is |");
    for Setting { name, ty, secret, default, doc } in table.settings {
        let value = if *secret { "a secret".into() } else { ty.expected() };
        let default = default.map_or("required".into(), |default| format!("`{}`", or_empty(default)));
        _ = writeln!(page, "| `{name}` | {value} | {default} | {} |", cell(doc));
    }
    page.push('\n');
}

pub(super) fn or_empty(text: &str) -> &str {
    if text.is_empty() { "\"\"" } else { text }
}

fn limits(page: &mut String, table: &ProviderTable) {
    let rate =
        table.requests_per_second.map_or("no limit on calls a second".into(), |rate| format!("{rate} calls a second"));
    let calls =
        if table.calls { "Calls between extensions can be placed (`call_checks`)." } else { "It can't place calls." };
    let (concurrency, timeout) = (table.concurrency, table.timeout.as_secs());
    _ = writeln!(
        page,
        "Unless `limits` says otherwise: {concurrency} in flight, {rate}, {timeout} s a call. {calls}\n"
    );
}

fn kind(page: &mut String, support: &KindSupport) {
    let kind = support.kind;
    _ = writeln!(page, "## {}\n\n{}, listed under `{}`.\n", kind.name, capitalised(kind.doc), kind.section);
    _ = writeln!(page, "| field | value | for | default | meaning |\n|---|---|---|---|---|");
    let key = described("a text".into(), &support.key);
    _ = writeln!(page, "| `{}` | {key} | all | required | what identifies it |", kind.key);
    for field in kind.fields {
        if let Some(supported) = support.field(field.name) {
            row(page, field, supported);
        }
    }
    page.push('\n');
    abilities(page, support);
}

fn row(page: &mut String, field: &Field, support: &FieldSupport) {
    let value = if field.secret { "a secret".into() } else { field.ty.expected() };
    let mut notes = vec![cell(field.doc)];
    notes.extend(field.forces_replacement.then(|| "a change replaces the object".into()));
    notes.extend(support.computed.then(|| "computed by the vendor".into()));
    notes.extend((support.unique != Scope::Nothing).then(|| "no two objects may share it".into()));
    notes.extend(support.not_on_create.map(cell));
    let (name, value) = (field.name, described(value, &support.rules));
    let (applies, default) = (scope(field.applies), default(field, support));
    _ = writeln!(page, "| `{name}` | {value} | {applies} | {default} | {} |", notes.join("; "));
}

fn default(field: &Field, support: &FieldSupport) -> String {
    let required = [field.required, support.required];
    if required.contains(&Scope::All) || required.contains(&field.applies) {
        return "required".into();
    }
    let partly = required.iter().find_map(|scope| match scope {
        Scope::Only(variants) => Some(format!(", required for {}", variants.join(", "))),
        _ => None,
    });
    when_omitted(field) + &partly.unwrap_or_default()
}

/// A value with the vendor's limits on it.
pub(super) fn described(value: String, rules: &TextRules) -> String {
    let mut text = value;
    if rules.max_length != usize::MAX {
        _ = write!(text, ", at most {} characters", rules.max_length);
    }
    if rules.min_length > 1 {
        _ = write!(text, ", at least {}", rules.min_length);
    }
    if rules.digits {
        text.push_str(", digits only");
    }
    if !rules.refused.is_empty() {
        _ = write!(text, ", none of {}", code(rules.refused));
    }
    if !rules.doubtful.is_empty() {
        _ = write!(text, " (doubtful: {})", code(rules.doubtful));
    }
    text
}

/// Characters as code that survives a Markdown table.
pub(super) fn code(characters: &str) -> String {
    format!("<code>{}</code>", cell(&characters.replace('&', "&amp;").replace('<', "&lt;").replace('`', "&#96;")))
}

fn abilities(page: &mut String, support: &KindSupport) {
    let KindSupport { create, update, rename, delete, .. } = *support;
    let by_hand: Vec<_> = [("create", create), ("update", update), ("rename", rename), ("delete", delete)]
        .into_iter()
        .filter_map(|(what, ability)| match ability {
            Ability::Yes => None,
            Ability::ByHand(how) => Some(format!("- {what}: {how}")),
        })
        .collect();
    if !by_hand.is_empty() {
        _ = writeln!(page, "What its API can't do:\n\n{}\n", by_hand.join("\n"));
    }
    if support.full_replacement {
        let note = "An update replaces the whole object: what sipform knows is sent again as it is, what it doesn't know is reset, \
                    and the plan lists it.";
        _ = writeln!(page, "{note}\n");
    }
}

pub(super) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

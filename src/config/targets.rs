//! `targets:`: one PBX or account each, read by its provider's table.

use std::sync::Arc;

use super::drafts::count_literal;
use super::lower::{Label, Lowering, Numbers};
use super::node::{Content, Node};
use super::report::{Finding, Place};
use super::suggest;
use super::target_parts::{ignore, limits, prune, tls};
use super::units::{self, BaseUrl};
use super::unknown::unknown_key;
use crate::diag::quote;
use crate::model::table::Setting;
use crate::model::{Limits, ProviderTable, Prune, Target, Tls, Value, kinds, target};

/// Keys that every target may have, beside its provider's settings.
const COMMON: [&str; 6] = ["provider", "url", "limits", "prune", "ignore", "tls"];

/// What a sandbox value for a URL stands for.
const STAND_IN_URL: &str = "http://localhost";

/// The longest name: it is the first part of every address.
const MAX_NAME: usize = 64;

/// One target as it was written.
pub(super) struct TargetEntry {
    pub(super) name: Arc<str>,
    /// Where its name stands.
    pub(super) place: Place,
    /// Its provider; `None`: it has none that is known, which is reported.
    pub(super) table: Option<&'static ProviderTable>,
    pub(super) node: Node<'static>,
}

/// What is wrong with a target's name, if anything is.
pub(super) fn bad_name(name: &str) -> Option<&'static str> {
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphanumeric());
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if name.len() > MAX_NAME || !begins_well || !name.bytes().all(is_plain) {
        Some("expected a name of at most 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit")
    } else if kinds::by_name(name).or_else(|| kinds::by_section(name)).is_some() {
        Some("a target can't be named like a kind: `defaults` couldn't tell them apart")
    } else {
        None
    }
}

/// The provider that a target names.
pub(super) fn provider(
    node: &Node<'_>,
    place: Place,
    tables: &[&'static ProviderTable],
    low: &mut Lowering<'_>,
) -> Option<&'static ProviderTable> {
    let names: Vec<&str> = tables.iter().map(|table| table.name).collect();
    if !matches!(node.content, Content::Map(_)) {
        let message = format!("a target is {}: expected a mapping with `provider` and its settings", node.describe());
        low.report.add(Finding::error("wrong_type", Place::of(low.file, node), message));
        return None;
    }
    let label = Label::open("provider");
    let Some(value) = node.get("provider") else {
        let finding = Finding::error("missing_field", place, "a target without `provider`").shown(true);
        low.report.add(finding.hint(format!("expected one of {}", suggest::listed(&names))));
        return None;
    };
    let name = low.word(value, label)?;
    let table = tables.iter().copied().find(|table| table.name == name);
    if table.is_none() {
        let finding = low.about(value, label, "unknown_provider", "names none that sipform knows");
        low.report.add(finding.hint(suggest::hint(name, &names)));
    }
    table
}

/// A target's settings. `None` while references aren't read, or where something is wrong, which is reported.
pub(super) fn read(entry: &TargetEntry, tables: &[&'static ProviderTable], low: &mut Lowering<'_>) -> Option<Target> {
    let table = entry.table?;
    low.numbers = Numbers::Literal;
    refuse_unknown(entry, table, tables, low);
    let url = url(entry, table, low);
    let settings: Vec<Option<Value>> =
        table.settings.iter().map(|setting| read_setting(setting, entry, table, low)).collect();
    let limits_read = limits(entry.node.get("limits"), default_limits(table), low);
    let prune_read = entry.node.get("prune").map_or(Some(Prune::default()), |node| prune(node, low));
    let ignore_read = entry.node.get("ignore").map_or(Some(Vec::new()), |node| ignore(node, low));
    let tls_read = entry.node.get("tls").map_or(Some(Tls::default()), |node| tls(node, &entry.name, low));
    Some(Target {
        name: Arc::clone(&entry.name),
        provider: table,
        url: url?,
        settings: settings.into_iter().collect::<Option<_>>()?,
        limits: limits_read?,
        prune: prune_read?,
        ignore: ignore_read?,
        tls: tls_read?,
        source: low.report.source(entry.place),
    })
}

fn default_limits(table: &ProviderTable) -> Limits {
    Limits {
        concurrency: table.concurrency,
        requests_per_second: table.requests_per_second,
        timeout: table.timeout,
        max_body: target::DEFAULT_MAX_BODY,
    }
}

fn url(entry: &TargetEntry, table: &ProviderTable, low: &mut Lowering<'_>) -> Option<String> {
    let label = Label::open("url");
    let Some(node) = entry.node.get("url") else {
        return default_url(entry, table, low);
    };
    // A URL may hold a password by mistake; then it isn't shown.
    let secret = node.text().is_some_and(|text| text.contains(['@', '?', '#']));
    let is_reference = low.numbers.wait_for(node);
    let stand_in = BaseUrl { text: STAND_IN_URL.to_owned(), is_exposed: false };
    let url = low.parsed(node, Label { secret, ..label }, &units::base_url, Some(stand_in))?;
    if url.is_exposed && (is_reference || low.reading.is_none()) {
        low.report.add(exposed(entry, Place::of(low.file, node), OWN_EXPOSED).shown(node.is_showable()));
    }
    Some(url.text)
}

/// The vendor's own address.
fn default_url(entry: &TargetEntry, table: &ProviderTable, low: &mut Lowering<'_>) -> Option<String> {
    let Some(url) = table.default_url else {
        low.report.add(missing_setting(entry, table, "url"));
        return None;
    };
    if low.reading.is_none() && units::base_url(url).is_ok_and(|url| url.is_exposed) {
        low.report.add(exposed(entry, entry.place, DEFAULT_EXPOSED).shown(true));
    }
    Some(url.to_owned())
}

/// What to do where the YAML's own `url` is exposed.
const OWN_EXPOSED: &str = "write `url: https://…` where the vendor offers it";
/// What to do where the vendor's own address is: it documents no other.
const DEFAULT_EXPOSED: &str = "the vendor documents no https address; if it has given you one, write it as `url`";

fn exposed(entry: &TargetEntry, place: Place, hint: &str) -> Finding {
    let message = format!("{} is called by plain http: passwords cross the network in clear text", quote(&entry.name));
    Finding::warning("plain_http", place, message).hint(hint).about_target(&entry.name)
}

fn read_setting(
    setting: &Setting,
    entry: &TargetEntry,
    table: &ProviderTable,
    low: &mut Lowering<'_>,
) -> Option<Value> {
    let Some(node) = entry.node.get(setting.name) else {
        if setting.default.is_none() {
            low.report.add(missing_setting(entry, table, setting.name));
        }
        return setting.ty.parse(setting.default?).ok();
    };
    if setting.secret {
        count_literal(node, low);
    }
    let label = Label { secret: setting.secret, ..Label::open(setting.name) };
    let value = low.value(&setting.ty, node, label)?;
    if value.is_empty() && (setting.secret || setting.default.is_none()) {
        low.error(node, label, "empty_value", "is empty");
        return None;
    }
    Some(value)
}

fn missing_setting(entry: &TargetEntry, table: &ProviderTable, name: &str) -> Finding {
    let message = format!("{} needs {}, as every {} target does", quote(&entry.name), quote(name), table.name);
    Finding::error("missing_field", entry.place, message).shown(true).about_target(&entry.name)
}

fn refuse_unknown(
    entry: &TargetEntry,
    table: &ProviderTable,
    tables: &[&'static ProviderTable],
    low: &mut Lowering<'_>,
) {
    for pair in entry.node.pairs() {
        let key = &*pair.key.text;
        if COMMON.contains(&key) || table.setting(key).is_some() {
            continue;
        }
        let others: Vec<&str> =
            tables.iter().filter(|table| table.setting(key).is_some()).map(|table| table.name).collect();
        let known: Vec<&str> = COMMON.into_iter().chain(table.settings.iter().map(|setting| setting.name)).collect();
        let finding = if others.is_empty() {
            unknown_key(low.file, pair, &format!("in a {} target", table.name), &known)
        } else {
            let message = format!("{} is a setting of {}, not of {}", quote(key), others.join(", "), table.name);
            let place = Place { file: low.file, mark: pair.key.mark };
            Finding::error("unknown_field", place, message)
                .hint(format!("a {} target has {}", table.name, suggest::listed(&known)))
                .shown(true)
        };
        low.report.add(finding.about_target(&entry.name));
    }
}

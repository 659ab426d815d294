//! The form of `terraform show -json`, so that plan viewers and policy tools of that world read a report.
//!
//! An object is `sipform_KIND.this["ADDRESS"]`. Only what differs is in `before` and `after`; a secret is in neither: it is
//! marked as sensitive, and as known only after apply, so that its change shows. What the form has no place for stands
//! under `sipform`, which readers of the form pass over.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use super::document::Document;
use super::plan::forces_replacement;
use super::view::{Item, View};

/// Of the form.
const FORMAT_VERSION: &str = "1.2";
/// The release whose form it is: some readers want one.
const TERRAFORM_VERSION: &str = "1.9.0";

/// The plan; also of an apply and of a drift, whose items it shows as changes.
pub(super) fn plan(document: Document<'_>) -> String {
    let view = View::new(document);
    // What isn't in the YAML, isn't shown or wasn't seen is no resource of the plan.
    let planned = view.items.iter().filter(|item| !matches!(item.word, "unmanaged" | "not_readable" | "incomplete"));
    let changes: Vec<Json> = planned.map(|item| resource(&view, item, &change(item))).collect();
    let outside = view.items.iter().filter_map(|item| Some(resource(&view, item, &drifted(item)?)));
    let drift: Vec<Json> = outside.collect();
    let errored = !view.got_through || document.has_errors() || view.items.iter().any(|item| item.word == "failed");
    let deferred = view.items.iter().any(|item| item.fields.iter().any(|field| field.deferred.is_some()));
    let out_of_reach = view.items.iter().any(|item| item.action == "cannot_converge");
    let sends = view.items.iter().any(|item| item.action != "cannot_converge");
    let plan = json!({
        "format_version": FORMAT_VERSION,
        "terraform_version": TERRAFORM_VERSION,
        "planned_values": { "root_module": {} },
        "resource_changes": changes,
        "resource_drift": drift,
        "output_changes": {},
        "configuration": { "root_module": {} },
        "errored": errored,
        "applyable": matches!(document, Document::Plan(_)) && !errored && sends,
        "complete": view.read_everything && !deferred && !out_of_reach,
        "sipform": {
            "schema": view.schema,
            "version": view.version,
            "headline": view.headline(),
            "diagnostics": view.diagnostics,
        },
    });
    format!("{plan:#}\n")
}

fn resource(view: &View<'_>, item: &Item<'_>, change: &Json) -> Json {
    let kind = format!("sipform_{}", identifier(item.kind));
    let provider = view.targets.iter().find(|target| target.name == item.target).map(|target| target.provider.as_str());
    let mut resource = json!({
        "address": format!("{kind}.this[{}]", text(item.address)),
        "mode": "managed",
        "type": kind,
        "name": "this",
        "index": item.address,
        "provider_name": format!("sipform.local/sipform/{}", provider.unwrap_or("unknown")),
        "change": change,
        "sipform": {
            "address": item.address,
            "word": item.word,
            "action": item.action,
            "source": item.source,
            "reason": item.reason,
            "code": item.code,
            "resets": item.resets,
            "requires": item.requires,
            "known": item.known,
            "deferred": deferred(item),
        },
    });
    if let (Some(reason), Some(resource)) = (action_reason(item), resource.as_object_mut()) {
        resource.insert("action_reason".into(), reason.into());
    }
    resource
}

fn deferred(item: &Item<'_>) -> Map<String, Json> {
    let fields = item.fields.iter().filter_map(|field| Some((field.name.clone(), field.deferred.clone()?.into())));
    fields.collect()
}

/// In Terraform's words, where it has one.
fn action_reason(item: &Item<'_>) -> Option<&'static str> {
    match item.action {
        "replace" if item.fields.iter().any(|field| forces_replacement(item.address, &field.name)) => {
            Some("replace_because_cannot_update")
        }
        "replace" => Some("replace_by_request"),
        "delete" if item.source.is_none() => Some("delete_because_no_resource_config"),
        _ => None,
    }
}

/// What was done, will be done, or would end the drift.
fn change(item: &Item<'_>) -> Json {
    let actions: &[&str] = match item.action {
        "create" => &["create"],
        "update" => &["update"],
        "replace" => &["delete", "create"],
        "delete" => &["delete"],
        _ => &["no-op"],
    };
    let (live, wanted) = (Side::live(item), Side::wanted(item));
    let (before, after) = match item.action {
        "create" => (Side::nothing(), wanted),
        "delete" => (live, Side::nothing()),
        "update" | "replace" => (live, wanted),
        _ => (Side::live(item), live),
    };
    let mut change = between(actions, &before, &after);
    let paths: Vec<_> = item
        .fields
        .iter()
        .filter(|field| forces_replacement(item.address, &field.name))
        .map(|it| json!([it.name]))
        .collect();
    if let (true, false, Some(change)) = (item.action == "replace", paths.is_empty(), change.as_object_mut()) {
        change.insert("replace_paths".into(), paths.into());
    }
    change
}

/// What somebody did outside: from what the YAML says to what is live.
fn drifted(item: &Item<'_>) -> Option<Json> {
    match item.word {
        "changed_outside" => Some(between(&["update"], &Side::wanted(item).known(), &Side::live(item))),
        "deleted_outside" => Some(between(&["delete"], &Side::wanted(item).known(), &Side::nothing())),
        _ => None,
    }
}

/// An object before or after.
struct Side {
    values: Json,
    unknown: Json,
    sensitive: Json,
}

impl Side {
    fn nothing() -> Self {
        Self { values: Json::Null, unknown: json!({}), sensitive: Json::Bool(false) }
    }

    fn live(item: &Item<'_>) -> Self {
        let shown = item.fields.iter().filter(|field| !field.secret);
        let values = shown.map(|field| (field.name.clone(), field.before.clone().unwrap_or_default())).collect();
        Self { values: Json::Object(values), unknown: json!({}), sensitive: sensitive(item) }
    }

    /// Without what isn't sent now: that stays as it is.
    fn wanted(item: &Item<'_>) -> Self {
        let mut values = Map::new();
        for field in item.fields.iter().filter(|field| !field.secret) {
            let now = if field.deferred.is_some() { &field.before } else { &field.after };
            values.insert(field.name.clone(), now.clone().unwrap_or_default());
        }
        Self { values: Json::Object(values), unknown: sensitive(item), sensitive: sensitive(item) }
    }

    fn known(self) -> Self {
        Self { unknown: json!({}), ..self }
    }
}

/// The names of an item's secret fields, each with `true`.
fn sensitive(item: &Item<'_>) -> Json {
    let secret = item.fields.iter().filter(|field| field.secret);
    secret.map(|field| (field.name.clone(), Json::Bool(true))).collect::<Map<_, _>>().into()
}

fn between(actions: &[&str], before: &Side, after: &Side) -> Json {
    json!({
        "actions": actions,
        "before": before.values,
        "after": after.values,
        "after_unknown": after.unknown,
        "before_sensitive": before.sensitive,
        "after_sensitive": after.sensitive,
    })
}

/// A text as Terraform's language writes it.
fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            other if other.is_control() => _ = write!(quoted, "\\u{:04x}", u32::from(other)),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted.replace("${", "$${").replace("%{", "%%{")
}

/// Kinds are words already; a document from elsewhere may hold anything.
fn identifier(kind: &str) -> String {
    let kind: String = kind.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '_').collect();
    if kind.is_empty() { "object".into() } else { kind }
}

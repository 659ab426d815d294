//! A plan for people, in Terraform's manner: only what differs, and what it comes to.

use std::fmt::{self, Display, Write as _};

use anstyle::Style;
use serde_json::Value as Json;

use super::style::{BOLD, Color, DIM, GREEN, RED, YELLOW, printable, quoted};
use crate::model::kinds;
use crate::plan::PlanDocument;
use crate::plan::document::{ChangeDocument, FieldDocument, Summary, TargetDocument};

/// How much to show.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// With colours.
    pub color: Color,
    /// List what is unmanaged, not only its count.
    pub verbose: bool,
}

/// Draws a plan; ends with a newline.
pub fn text(plan: &PlanDocument, options: Options) -> String {
    Text { plan, options }.to_string()
}

/// The same, drawn change by change where it is written to.
#[derive(Clone, Copy, Debug)]
pub struct Text<'d> {
    /// What to draw.
    pub plan: &'d PlanDocument,
    /// How.
    pub options: Options,
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, options } = *self;
        let is_possible = |change: &&ChangeDocument| change.action != "cannot_converge";
        let (possible, impossible) =
            (plan.changes.iter().filter(is_possible), plan.changes.iter().filter(|change| !is_possible(change)));
        section(f, "sipform will perform the following actions:", possible, options.color)?;
        section(f, "The vendors' APIs can't do the following:", impossible, options.color)?;
        let mut out = String::new();
        for target in &plan.targets {
            notes(&mut out, target, options);
        }
        closing(&mut out, plan, options.color);
        f.write_str(&out)
    }
}

fn section<'d>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    changes: impl Iterator<Item = &'d ChangeDocument>,
    color: Color,
) -> fmt::Result {
    let mut out = format!("{}\n\n", color.paint(BOLD, title));
    for change in changes {
        change_block(&mut out, change, color);
        out.push('\n');
        f.write_str(&out)?;
        out.clear();
    }
    Ok(())
}

fn change_block(out: &mut String, change: &ChangeDocument, color: Color) {
    let (sign, style, verb) = look(change);
    let source = match &change.source {
        Some(source) => format!("  ({}:{})", printable(&source.file), source.line),
        None => "  (not in the YAML)".into(),
    };
    let address = printable(&change.address);
    let adopted = if change.adopt { " and adopted" } else { "" };
    let title = format!("# {address} {verb}{adopted}");
    _ = writeln!(out, "  {}{}", color.paint(BOLD, title), color.paint(DIM, source));
    let mut parts = change.address.splitn(3, '/').skip(1);
    let (kind, key) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let head = format!("{} {} {}", color.paint(style, sign), printable(kind), quoted(key));
    if change.fields.is_empty() {
        _ = writeln!(out, "  {head}");
    } else {
        _ = writeln!(out, "  {head} {{");
        field_lines(out, change, color);
        out.push_str("    }\n");
    }
    if let Some(reason) = &change.reason {
        _ = writeln!(out, "    {} {}", color.paint(YELLOW, "why:"), printable(reason));
    }
    if !change.resets.is_empty() {
        let what = "the vendor's update replaces everything, and sipform doesn't know";
        let listed = printable(&change.resets.join(", "));
        _ = writeln!(out, "    {} {what} {listed}", color.paint(YELLOW, "resets:"));
    }
    for (label, addresses) in [("after:", &change.requires), ("after release by:", &change.after_release)] {
        if !addresses.is_empty() {
            _ = writeln!(out, "    {} {}", color.paint(DIM, label), printable(&addresses.join(", ")));
        }
    }
}

fn look(change: &ChangeDocument) -> (&'static str, Style, &'static str) {
    match change.action.as_str() {
        "create" => ("+", GREEN, "will be created"),
        "update" => ("~", YELLOW, "will be updated in place"),
        "replace" if forced(change) => ("-/+", RED, "must be replaced: deleted first, then made anew"),
        "replace" => ("-/+", RED, "will be replaced, as asked: deleted first, then made anew"),
        "delete" => ("-", RED, "will be deleted"),
        _ => ("!", YELLOW, "can't converge"),
    }
}

/// Whether a field that differs can't change in place; otherwise somebody asked for the replacement.
fn forced(change: &ChangeDocument) -> bool {
    change.fields.iter().any(|field| forces_replacement(&change.address, &field.name))
}

/// Whether a field of the object at this address can't change in place.
pub(super) fn forces_replacement(address: &str, field: &str) -> bool {
    let kind = address.split('/').nth(1).and_then(kinds::by_name);
    kind.is_some_and(|kind| kind.fields.iter().any(|known| known.name == field && known.forces_replacement))
}

/// A field's line before it is aligned: its sign, name and the rest.
struct Line {
    sign: &'static str,
    style: Style,
    name: String,
    rest: String,
}

fn field_lines(out: &mut String, change: &ChangeDocument, color: Color) {
    let creates = change.action == "create";
    let reason = change.reason.as_deref();
    let lines: Vec<Line> = change.fields.iter().flat_map(|field| lines_of(field, creates, reason)).collect();
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or_default();
    for Line { sign, style, name, rest } in lines {
        _ = writeln!(out, "      {} {name:width$} = {rest}", color.paint(style, sign));
    }
}

fn lines_of(field: &FieldDocument, creates: bool, reason: Option<&str>) -> Vec<Line> {
    let (sign, style) = match (&field.deferred, creates) {
        (Some(_), _) => (".", DIM),
        (None, true) => ("+", GREEN),
        (None, false) => ("~", YELLOW),
    };
    // What the whole change is held up by is said once, below it.
    let later = match field.deferred.as_deref().filter(|why| Some(*why) != reason) {
        Some(why) => format!("  (deferred: {})", printable(why)),
        None => String::new(),
    };
    let line = |name: String, rest: String| Line { sign, style, name: printable(&name), rest: rest + &later };
    if field.secret {
        let what = if creates { "(secret)" } else { "(secret changed)" };
        return vec![line(field.name.clone(), what.into())];
    }
    let (before, after) = (field.before.as_ref().unwrap_or(&Json::Null), field.after.as_ref().unwrap_or(&Json::Null));
    match after {
        Json::Object(members) => members
            .iter()
            .map(|(name, after)| (name, before.get(name).unwrap_or(&Json::Null), after))
            .filter(|(_, before, after)| before != after && !(is_empty(before) && is_empty(after)))
            .map(|(name, before, after)| line(format!("{}.{name}", field.name), change_text(before, after, creates)))
            .collect(),
        _ => vec![line(field.name.clone(), change_text(before, after, creates))],
    }
}

/// Whether there is nothing to show.
pub(super) fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.is_empty(),
        Json::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn change_text(before: &Json, after: &Json, creates: bool) -> String {
    if creates { value(after) } else { format!("{} -> {}", value(before), value(after)) }
}

/// A value on one line, fit for a terminal.
pub(super) fn value(json: &Json) -> String {
    match json {
        Json::Null => "(none)".into(),
        Json::String(text) => quoted(text),
        Json::Array(items) => format!("[{}]", items.iter().map(value).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// What is worth knowing about a target beside its changes.
pub(super) fn notes(out: &mut String, target: &TargetDocument, options: Options) {
    let name = printable(&target.name);
    if !target.complete {
        let what = format!("note: {name} couldn't be read whole; what wasn't seen is not in this plan");
        _ = writeln!(out, "{}", options.color.paint(YELLOW, what));
    }
    if !target.not_readable.is_empty() {
        let count = target.not_readable.len();
        let listed = listed(&target.not_readable, if options.verbose { usize::MAX } else { 3 });
        let what = format!("note: {name} doesn't show everything; neither compared nor sent ({count}): {listed}");
        _ = writeln!(out, "{}", options.color.paint(DIM, what));
    }
    if options.verbose && !target.unmanaged.is_empty() {
        let listed = listed(&target.unmanaged, usize::MAX);
        _ = writeln!(out, "{}", options.color.paint(DIM, format!("note: unmanaged on {name}: {listed}")));
    }
}

fn listed(items: &[String], most: usize) -> String {
    let shown: Vec<_> = items.iter().take(most).map(|item| printable(item)).collect();
    let rest = items.len().saturating_sub(most);
    if rest == 0 { shown.join(", ") } else { format!("{} and {rest} more (-v lists them)", shown.join(", ")) }
}

fn closing(out: &mut String, plan: &PlanDocument, color: Color) {
    let summary = &plan.summary;
    if plan.changes.is_empty() {
        _ = writeln!(out, "{}", color.paint(BOLD, nothing_to_do(plan)));
    } else {
        let Summary { create, update, replace, delete, cannot_converge, .. } = summary;
        let counts = format!("{create} to create, {update} to update, {replace} to replace, {delete} to delete");
        let rest = if *cannot_converge > 0 { format!(", {cannot_converge} can't converge") } else { String::new() };
        _ = writeln!(out, "{} {counts}{rest}.", color.paint(BOLD, "Plan:"));
    }
    _ = writeln!(out, "{}", color.paint(DIM, rest_of(summary)));
}

/// "No changes." is said only where everything was seen.
fn nothing_to_do(plan: &PlanDocument) -> &'static str {
    if plan.targets.iter().all(|target| target.complete) {
        "No changes."
    } else {
        "No changes to what could be read; not everything could."
    }
}

fn rest_of(summary: &Summary) -> String {
    let Summary { unchanged, adopt, unmanaged, ignored, ignored_fields, .. } = summary;
    let adopt = if *adopt > 0 { format!(" ({adopt} to adopt)") } else { String::new() };
    let fields = if *ignored_fields > 0 {
        format!(", {ignored_fields} field{} ignored", if *ignored_fields == 1 { "" } else { "s" })
    } else {
        String::new()
    };
    format!("{unchanged} unchanged{adopt}, {unmanaged} unmanaged, {ignored} ignored{fields}.")
}

//! Drift for people.

use std::fmt::{self, Display, Write as _};

use super::drift::{DriftDocument, DriftSummary, FORGET, ItemDocument};
use super::plan::Options;
use super::style::{BOLD, DIM, RED, YELLOW, printable};
use super::view::Item;

/// Drift for people; ends with a newline. What was told before is one line, unless more is asked for.
pub fn text(document: &DriftDocument, options: Options) -> String {
    Text { document, options }.to_string()
}

/// The same, drawn item by item where it is written to.
#[derive(Clone, Copy, Debug)]
pub struct Text<'d> {
    /// What to draw.
    pub document: &'d DriftDocument,
    /// How.
    pub options: Options,
}

impl Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { document, options } = *self;
        let mut out = String::new();
        if document.was_told() && !options.verbose {
            news(&mut out, document, options);
            return f.write_str(&out);
        }
        let shown = |item: &&ItemDocument| options.verbose || !is_quiet(item);
        let mut items = document.items.iter().filter(shown).peekable();
        let some = items.peek().is_some();
        for item in items {
            out.clear();
            block(&mut out, item, options);
            f.write_str(&out)?;
        }
        out.clear();
        if some {
            out.push('\n');
        }
        news(&mut out, document, options);
        closing(&mut out, document, options);
        f.write_str(&out)
    }
}

/// Whether it is only counted unless more is asked for.
fn is_quiet(item: &ItemDocument) -> bool {
    matches!(item.class.as_str(), "unmanaged" | "not_readable")
}

fn block(out: &mut String, item: &ItemDocument, options: Options) {
    let source = item.source.as_ref().map(|source| format!("  ({}:{})", printable(&source.file), source.line));
    let (word, style) = match (&item.known, item.class.as_str()) {
        (Some(_), _) => ("known", DIM),
        (None, "incomplete") => ("incomplete", RED),
        (None, class) => (class, if is_quiet(item) { DIM } else { YELLOW }),
    };
    let class = options.color.paint(style, format!("{:16}", printable(word)));
    let place = options.color.paint(DIM, source.unwrap_or_default());
    let hidden = if item.class == "not_readable" { format!(": {}", item.field_names()) } else { String::new() };
    _ = writeln!(out, "  {class} {}{}{place}", printable(&item.address), printable(&hidden));
    if is_quiet(item) {
        return;
    }
    let reason = item.reason.as_deref().map(printable);
    for mut row in Item::of_difference(item).rows() {
        // What the whole item is held up by is said once, below.
        row.deferred = row.deferred.filter(|why| Some(why) != reason.as_ref());
        _ = writeln!(out, "  {:16}   {} = {}", "", row.name, row.change());
    }
    _ = writeln!(out, "  {:16} {}", "", options.color.paint(DIM, advice(item)));
}

/// What it is, and what to do.
fn advice(item: &ItemDocument) -> String {
    let reason = item.reason.as_ref().map(|reason| format!(": {}", printable(reason))).unwrap_or_default();
    if let Some(known) = &item.known {
        let (class, reason) = (printable(&item.class), printable(&known.reason));
        return format!("{class}, known until {}: {reason}", printable(&known.expires));
    }
    match (item.class.as_str(), item.action.as_str()) {
        ("incomplete", _) => "not everything was seen; look at the messages, and try again".into(),
        ("changed_outside", FORGET) => {
            "somebody renamed it, and the YAML has no entry for it; write one if it is to stay ours".into()
        }
        (_, FORGET) => "it was ours and has gone, and the YAML has no entry for it; apply would forget it".into(),
        (_, "cannot_converge") => format!("the vendor's API can't do it{reason}"),
        ("changed_outside", action) => {
            format!("apply would {} it; if it was meant, write it into the YAML", printable(action))
        }
        ("deleted_outside", action) => {
            format!("apply would {} it; if it was meant, take it out of the YAML", printable(action))
        }
        (_, action) => format!("apply would {} it", printable(action)),
    }
}

/// What is new since the last time.
fn news(out: &mut String, document: &DriftDocument, options: Options) {
    let Some(told) = &document.told else { return };
    let since = printable(told.since.as_deref().unwrap_or_default());
    let count = document.news().count();
    let differences = if count == 1 { "difference" } else { "differences" };
    let line = match told.news.as_str() {
        "same" => format!("No new drift: {count} {differences}, told first on {since}."),
        "gone" => format!("What was told on {since} has gone."),
        _ => return,
    };
    _ = writeln!(out, "{}", options.color.paint(BOLD, line));
}

fn closing(out: &mut String, document: &DriftDocument, options: Options) {
    let DriftSummary { changed_outside, deleted_outside, not_applied, cannot_converge, known, .. } = document.summary;
    let (whole, none) = (document.read_everything(), document.news().next().is_none());
    let beside = if known > 0 { format!(", {known} known") } else { String::new() };
    if whole && none {
        let line = if known > 0 { format!("No drift beside what is known ({known}).") } else { "No drift.".into() };
        _ = writeln!(out, "{}", options.color.paint(BOLD, line));
    } else {
        let counts = format!(
            "{changed_outside} changed outside, {deleted_outside} deleted outside, {not_applied} not applied, \
             {cannot_converge} can't converge{beside}"
        );
        let rest = if whole { "" } else { "; not everything could be read" };
        _ = writeln!(out, "{} {counts}{rest}.", options.color.paint(BOLD, "Drift:"));
    }
    let DriftSummary { unchanged, unmanaged, ignored, not_readable, .. } = document.summary;
    let rest =
        format!("{unchanged} unchanged, {unmanaged} unmanaged, {ignored} ignored, {not_readable} fields not readable.");
    _ = writeln!(out, "{}", options.color.paint(DIM, rest));
}

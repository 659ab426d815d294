//! How an apply ended: `sipform.apply/v1`, and the same for people.

use std::collections::HashMap;
use std::fmt::Write as _;

use anstyle::Style;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::style::{BOLD, Color, GREEN, RED, YELLOW, printable, printable_lines};
use crate::model::outcome::{Action, Ending, Outcome};
use crate::plan::PlanDocument;
use crate::plan::document::{ChangeDocument, DiagnosticDocument, FieldDocument, SourceDocument, TargetDocument};

/// The schema that this version writes.
pub const SCHEMA: &str = "sipform.apply/v1";

/// How an apply ended. Fields may be added; these stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApplyDocument {
    /// [`SCHEMA`].
    pub schema: String,
    /// sipform's version.
    pub version: String,
    /// The user asked it to end early.
    pub interrupted: bool,
    /// How many changes ended how.
    pub summary: ApplySummary,
    /// One a change, in the plan's order.
    pub results: Vec<ResultDocument>,
    /// What was read before anything was sent.
    #[serde(default)]
    pub targets: Vec<TargetDocument>,
    /// What the vendors' APIs can't do, as the plan has it: nothing was sent for it.
    #[serde(default)]
    pub remaining: Vec<ChangeDocument>,
    /// Errors and warnings beside the changes.
    pub diagnostics: Vec<DiagnosticDocument>,
}

/// How many changes ended how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApplySummary {
    /// Sent, accepted, read back and found as wanted.
    pub done: usize,
    /// Refused, or accepted and not applied.
    pub failed: usize,
    /// The object wasn't as the plan saw it.
    pub stale: usize,
    /// Something that it needs didn't happen.
    pub skipped: usize,
    /// Nobody can say.
    pub unknown: usize,
    /// What the vendors' APIs can't do; not sent.
    pub cannot_converge: usize,
}

/// How one change ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ResultDocument {
    /// `target/kind/key`.
    pub address: String,
    /// What was to be done.
    #[schemars(with = "Action")]
    pub action: String,
    /// `done`, `failed`, `stale`, `skipped`, `unknown`.
    #[schemars(with = "Ending")]
    pub outcome: String,
    /// Where the YAML asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceDocument>,
    /// What differed when it was planned.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldDocument>,
    /// Why it isn't done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDocument>,
}

/// Why a change isn't done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorDocument {
    /// A stable word or the vendor's code.
    pub code: String,
    /// What happened, why, and what to do next.
    pub message: String,
}

impl ApplyDocument {
    /// Draws the document up: how each change of a plan ended.
    pub fn new<'o>(planned: &PlanDocument, outcomes: impl IntoIterator<Item = &'o Outcome>) -> Self {
        let changes: HashMap<&str, &ChangeDocument> =
            planned.changes.iter().map(|change| (change.address.as_str(), change)).collect();
        let mut document = Self::of_diagnostics(Vec::new());
        document.targets.clone_from(&planned.targets);
        for outcome in outcomes {
            document.summary.count(outcome.ending);
            let change = changes.get(outcome.address.to_string().as_str()).copied();
            document.results.push(ResultDocument::new(outcome, change));
        }
        let left = planned.changes.iter().filter(|change| change.action == Action::CannotConverge.name());
        document.remaining = left.cloned().collect();
        document.summary.cannot_converge = document.remaining.len();
        document
    }

    /// For a run that ended before anything was sent.
    pub fn of_diagnostics(diagnostics: Vec<DiagnosticDocument>) -> Self {
        Self {
            schema: SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            interrupted: diagnostics.iter().any(|diagnostic| diagnostic.code == "interrupted"),
            summary: ApplySummary::default(),
            results: Vec::new(),
            targets: Vec::new(),
            remaining: Vec::new(),
            diagnostics,
        }
    }
}

impl ApplySummary {
    fn count(&mut self, ending: Ending) {
        *match ending {
            Ending::Done => &mut self.done,
            Ending::Failed => &mut self.failed,
            Ending::Stale => &mut self.stale,
            Ending::Skipped => &mut self.skipped,
            Ending::Unknown => &mut self.unknown,
        } += 1;
    }
}

impl ResultDocument {
    /// One change's end, with the change as it was planned.
    pub fn new(outcome: &Outcome, change: Option<&ChangeDocument>) -> Self {
        let Outcome { address, action, ending, error } = outcome;
        Self {
            address: address.to_string(),
            action: action.name().into(),
            outcome: ending.name().into(),
            source: change.and_then(|change| change.source.clone()),
            fields: change.map(|change| change.fields.clone()).unwrap_or_default(),
            error: error
                .as_ref()
                .map(|error| ErrorDocument { code: error.code.clone(), message: error.message.clone() }),
        }
    }
}

/// How an apply ended, for people: one line a change, then the count.
pub fn text(document: &ApplyDocument, color: Color) -> String {
    let mut out = String::new();
    for result in &document.results {
        _ = writeln!(out, "  {}", result_line(result, color));
    }
    if !document.results.is_empty() {
        out.push('\n');
    }
    let title = if document.interrupted { "Interrupted:" } else { "Apply:" };
    _ = writeln!(out, "{} {}.", color.paint(BOLD, title), counts(&document.summary));
    out
}

/// One change's end, as in the list and in the progress of a run.
pub fn result_line(result: &ResultDocument, color: Color) -> String {
    let style: Style = match result.outcome.as_str() {
        "done" | "sent" => GREEN,
        "failed" | "unknown" => RED,
        _ => YELLOW,
    };
    let outcome = color.paint(style, format!("{:8}", printable(&result.outcome)));
    let mut line = format!("{outcome} {} {}", printable(&result.action), printable(&result.address));
    if let Some(error) = &result.error {
        _ = write!(line, ": {} [{}]", printable_lines(&error.message), printable(&error.code));
    }
    line
}

fn counts(summary: &ApplySummary) -> String {
    let ApplySummary { done, failed, stale, skipped, unknown, cannot_converge } = summary;
    let mut text = format!("{done} done, {failed} failed, {stale} stale, {skipped} skipped, {unknown} unknown");
    if *cannot_converge > 0 {
        _ = write!(text, "; {cannot_converge} can't converge");
    }
    text
}

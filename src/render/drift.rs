//! How the live state differs from the YAML: `sipform.drift/v1`, and the same for people.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::plan::Options;
use super::style::{BOLD, DIM, YELLOW, printable};
use crate::model::drift::{DriftClass, DriftItem};
use crate::plan::PlanDocument;
use crate::plan::document::{ChangeDocument, DiagnosticDocument, FieldDocument, SourceDocument, TargetDocument};

/// The schema that this version writes.
pub const SCHEMA: &str = "sipform.drift/v1";

/// What apply does about an object of ours that is neither there nor in the YAML.
const FORGET: &str = "forget";

/// How the live state differs from the YAML. Fields may be added; these stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftDocument {
    /// [`SCHEMA`].
    pub schema: String,
    /// sipform's version.
    pub version: String,
    /// How many of what.
    pub summary: DriftSummary,
    /// What was read.
    pub targets: Vec<TargetDocument>,
    /// By address.
    pub items: Vec<ItemDocument>,
    /// Errors and warnings.
    pub diagnostics: Vec<DiagnosticDocument>,
}

/// How many of what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftSummary {
    /// Somebody changed it since it was applied.
    pub changed_outside: usize,
    /// It was ours and has gone.
    pub deleted_outside: usize,
    /// The YAML asks for it, and it wasn't applied yet.
    pub not_applied: usize,
    /// The vendors' APIs can't bring it about.
    pub cannot_converge: usize,
    /// As the YAML says.
    pub unchanged: usize,
    /// In no YAML.
    pub unmanaged: usize,
    /// Left alone by `ignore`.
    pub ignored: usize,
    /// Fields that the vendors don't show.
    pub not_readable: usize,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ItemDocument {
    /// `target/kind/key`.
    pub address: String,
    /// `changed_outside`, `deleted_outside`, `not_applied`, `cannot_converge`.
    #[schemars(with = "DriftClass")]
    pub class: String,
    /// What apply would do about it; `forget` where it would only stop calling it ours.
    pub action: String,
    /// Where the YAML asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceDocument>,
    /// What differs: `before` is live, `after` is the YAML.
    pub fields: Vec<FieldDocument>,
    /// Why it can't converge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl DriftDocument {
    /// Draws the document up from a plan, what each of its changes is for, and what has gone that no change is about.
    pub fn new(plan: PlanDocument, classes: &[DriftItem], gone: &[DriftItem]) -> Self {
        let mut summary = DriftSummary {
            unchanged: plan.summary.unchanged,
            unmanaged: plan.summary.unmanaged,
            ignored: plan.summary.ignored,
            not_readable: plan.targets.iter().map(|target| target.not_readable.len()).sum(),
            ..DriftSummary::default()
        };
        for item in classes.iter().chain(gone) {
            summary.count(item.class.name());
        }
        let changes = plan.changes.into_iter().zip(classes).map(ItemDocument::from);
        let mut items: Vec<_> = changes.chain(gone.iter().map(ItemDocument::of_gone)).collect();
        items.sort_by(|a, b| a.address.cmp(&b.address));
        Self {
            schema: SCHEMA.into(),
            version: plan.version,
            summary,
            targets: plan.targets,
            items,
            diagnostics: plan.diagnostics,
        }
    }

    /// For a run that ended before anything was compared.
    pub fn of_diagnostics(diagnostics: Vec<DiagnosticDocument>) -> Self {
        Self {
            schema: SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: DriftSummary::default(),
            targets: Vec::new(),
            items: Vec::new(),
            diagnostics,
        }
    }
}

impl DriftSummary {
    fn count(&mut self, class: &str) {
        match class {
            "changed_outside" => self.changed_outside += 1,
            "deleted_outside" => self.deleted_outside += 1,
            "not_applied" => self.not_applied += 1,
            _ => self.cannot_converge += 1,
        }
    }
}

impl From<(ChangeDocument, &DriftItem)> for ItemDocument {
    fn from((change, item): (ChangeDocument, &DriftItem)) -> Self {
        Self {
            address: change.address,
            class: item.class.name().into(),
            action: change.action,
            source: change.source,
            fields: change.fields,
            reason: change.reason,
        }
    }
}

impl ItemDocument {
    fn of_gone(item: &DriftItem) -> Self {
        Self {
            address: item.address.to_string(),
            class: item.class.name().into(),
            action: FORGET.into(),
            source: None,
            fields: Vec::new(),
            reason: None,
        }
    }
}

/// Drift for people.
pub fn text(document: &DriftDocument, options: Options) -> String {
    let mut out = String::new();
    for item in &document.items {
        let source = item.source.as_ref().map(|source| format!("  ({}:{})", printable(&source.file), source.line));
        let class = options.color.paint(YELLOW, format!("{:16}", printable(&item.class)));
        let place = options.color.paint(DIM, source.unwrap_or_default());
        _ = writeln!(out, "  {class} {}{place}", printable(&item.address));
        _ = writeln!(out, "  {:16} {}", "", options.color.paint(DIM, detail(item)));
    }
    if !document.items.is_empty() {
        out.push('\n');
    }
    for target in document.targets.iter().filter(|_| options.verbose) {
        super::plan::notes(&mut out, target, options);
    }
    closing(&mut out, document, options);
    out
}

fn detail(item: &ItemDocument) -> String {
    let names: Vec<_> = item.fields.iter().map(|field| printable(&field.name)).collect();
    let fields = if names.is_empty() { String::new() } else { format!(" ({})", names.join(", ")) };
    let reason = item.reason.as_ref().map(|reason| format!(": {}", printable(reason))).unwrap_or_default();
    match item.action.as_str() {
        FORGET if item.class == "changed_outside" => "somebody renamed it, and the YAML has no entry for it".into(),
        FORGET => "it was ours and has gone, and the YAML has no entry for it; apply would forget it".into(),
        "cannot_converge" => format!("the vendor's API can't do it{reason}{fields}"),
        action => format!("apply would {} it{fields}", printable(action)),
    }
}

fn closing(out: &mut String, document: &DriftDocument, options: Options) {
    let DriftSummary { changed_outside, deleted_outside, not_applied, cannot_converge, .. } = document.summary;
    let whole = document.targets.iter().all(|target| target.complete);
    if document.items.is_empty() && whole {
        _ = writeln!(out, "{}", options.color.paint(BOLD, "No drift."));
    } else {
        let counts = format!(
            "{changed_outside} changed outside, {deleted_outside} deleted outside, {not_applied} not applied, \
             {cannot_converge} can't converge"
        );
        let rest = if whole { "" } else { "; not everything could be read" };
        _ = writeln!(out, "{} {counts}{rest}.", options.color.paint(BOLD, "Drift:"));
    }
    let DriftSummary { unchanged, unmanaged, ignored, not_readable, .. } = document.summary;
    let rest =
        format!("{unchanged} unchanged, {unmanaged} unmanaged, {ignored} ignored, {not_readable} fields not readable.");
    _ = writeln!(out, "{}", options.color.paint(DIM, rest));
}

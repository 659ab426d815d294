//! One JSON object a line. A document gives a head, a line for each of its items, its diagnostics and a summary; an apply
//! puts what happens meanwhile between the head and the rest.

use serde::Serialize;

use super::document::{Document, Verb};
use super::{apply, drift, told, validate};
use crate::plan::document::{self, ChangeDocument, SourceDocument};

/// Something that happens during an apply.
#[derive(Clone, Debug, Serialize)]
pub struct Event<'e> {
    /// `started`, `finished`, `settled`; what `verifying` is about is a target.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// `target/kind/key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The target's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<&'e str>,
    /// What is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<&'e str>,
    /// How it ended, so far or for good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<&'e str>,
    /// Where the YAML asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'e SourceDocument>,
    /// Why it isn't done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<apply::ErrorDocument>,
}

/// The line of an event.
pub fn event(event: &Event<'_>) -> String {
    serde_json::to_string(event).unwrap_or_default() + "\n"
}

/// A change that is going to be sent.
pub fn planned(change: &ChangeDocument) -> String {
    line("planned", change)
}

/// The first line: the schema of what the lines are parts of.
pub fn head(verb: Verb) -> String {
    #[derive(Serialize)]
    struct Head {
        schema: &'static str,
        version: &'static str,
    }
    let schema = match verb {
        Verb::Validate => validate::SCHEMA,
        Verb::Plan => document::SCHEMA,
        Verb::Apply => apply::SCHEMA,
        Verb::Drift => drift::SCHEMA,
    };
    line("version", &Head { schema, version: env!("CARGO_PKG_VERSION") })
}

/// Everything behind the head.
pub fn rest(document: Document<'_>) -> String {
    let targets = match document {
        Document::Validate(_) => String::new(),
        Document::Plan(document) => lines("target", &document.targets),
        Document::Apply(document) => lines("target", &document.targets),
        Document::Drift(document) => lines("target", &document.targets),
    };
    let items = match document {
        Document::Validate(_) => String::new(),
        Document::Plan(document) => lines("change", &document.changes),
        Document::Apply(document) => lines("result", &document.results) + &lines("remaining", &document.remaining),
        Document::Drift(document) => lines("drift", &document.items),
    };
    targets + &items + &lines("diagnostic", document.diagnostics()) + &summary(document)
}

/// A whole document.
pub fn whole(document: Document<'_>) -> String {
    head(document.verb()) + &rest(document)
}

/// The last line: its numbers, and what else the document says once.
fn summary(document: Document<'_>) -> String {
    #[derive(Serialize)]
    struct Plan<'d> {
        digest: &'d str,
        config_digest: &'d str,
        inputs: &'d document::Inputs,
        summary: &'d document::Summary,
    }
    #[derive(Serialize)]
    struct Apply<'d> {
        interrupted: bool,
        summary: &'d apply::ApplySummary,
    }
    #[derive(Serialize)]
    struct Drift<'d> {
        summary: &'d drift::DriftSummary,
        #[serde(skip_serializing_if = "Option::is_none")]
        told: Option<&'d told::ToldDocument>,
    }
    #[derive(Serialize)]
    struct Validate {
        valid: bool,
        errors: usize,
        warnings: usize,
        objects: usize,
        targets: usize,
    }
    match document {
        Document::Plan(plan) => line(
            "summary",
            &Plan {
                digest: &plan.digest,
                config_digest: &plan.config_digest,
                inputs: &plan.inputs,
                summary: &plan.summary,
            },
        ),
        Document::Apply(apply) => line("summary", &Apply { interrupted: apply.interrupted, summary: &apply.summary }),
        Document::Drift(drift) => line("summary", &Drift { summary: &drift.summary, told: drift.told.as_ref() }),
        Document::Validate(it) => {
            let (valid, errors, warnings) = (it.valid, it.errors, it.warnings);
            line("summary", &Validate { valid, errors, warnings, objects: it.objects, targets: it.targets })
        }
    }
}

fn lines<T: Serialize>(kind: &str, items: &[T]) -> String {
    items.iter().map(|item| line(kind, item)).collect()
}

/// A struct with its type in front.
fn line<T: Serialize>(kind: &str, item: &T) -> String {
    let json = serde_json::to_string(item).unwrap_or_default();
    format!("{{\"type\":\"{kind}\",{}\n", json.strip_prefix('{').unwrap_or("}"))
}

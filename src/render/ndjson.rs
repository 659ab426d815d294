//! One JSON object a line. A document gives a head, a line for each of its items, its diagnostics and a summary; an apply
//! puts what happens meanwhile between the head and the rest.

use std::fmt;

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

/// Everything behind the head, made line by line where it is written to.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'d>(pub Document<'d>);

impl fmt::Display for Rest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let document = self.0;
        match document {
            Document::Validate(_) => {}
            Document::Plan(plan) => {
                lines(f, "target", &plan.targets)?;
                lines(f, "change", &plan.changes)?;
            }
            Document::Apply(apply) => {
                lines(f, "target", &apply.targets)?;
                lines(f, "result", &apply.results)?;
                lines(f, "remaining", &apply.remaining)?;
            }
            Document::Drift(drift) => {
                lines(f, "target", &drift.targets)?;
                lines(f, "drift", &drift.items)?;
            }
        }
        lines(f, "diagnostic", document.diagnostics())?;
        f.write_str(&summary(document))
    }
}

/// A whole document.
pub fn whole(document: Document<'_>) -> String {
    format!("{}{}", head(document.verb()), Rest(document))
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

fn lines<T: Serialize>(f: &mut fmt::Formatter<'_>, kind: &str, items: &[T]) -> fmt::Result {
    items.iter().try_for_each(|item| f.write_str(&line(kind, item)))
}

/// A struct with its type in front.
fn line<T: Serialize>(kind: &str, item: &T) -> String {
    let json = serde_json::to_string(item).unwrap_or_default();
    format!("{{\"type\":\"{kind}\",{}\n", json.strip_prefix('{').unwrap_or("}"))
}

//! Any of the documents that a command ends with: what every format is drawn from.

use std::fmt::Write as _;

use serde::Serialize;

use super::apply::ApplyDocument;
use super::drift::DriftDocument;
use super::plan::Options;
use super::style::{printable, printable_lines};
use super::validate::ValidateDocument;
use super::{apply, drift, plan, validate};
use crate::plan::PlanDocument;
use crate::plan::document::DiagnosticDocument;

/// One of the documents.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(untagged)]
pub enum Document<'d> {
    /// Whether the YAML is right.
    Validate(&'d ValidateDocument),
    /// What apply would do.
    Plan(&'d PlanDocument),
    /// How an apply ended.
    Apply(&'d ApplyDocument),
    /// How the live state differs from the YAML.
    Drift(&'d DriftDocument),
}

/// The command that a document comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// `sipform validate`.
    Validate,
    /// `sipform plan`.
    Plan,
    /// `sipform apply`.
    Apply,
    /// `sipform drift`.
    Drift,
}

impl Verb {
    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Drift => "drift",
        }
    }
}

impl<'d> Document<'d> {
    /// The command that it comes from.
    pub fn verb(self) -> Verb {
        match self {
            Self::Validate(_) => Verb::Validate,
            Self::Plan(_) => Verb::Plan,
            Self::Apply(_) => Verb::Apply,
            Self::Drift(_) => Verb::Drift,
        }
    }

    /// Its errors and warnings.
    pub fn diagnostics(self) -> &'d [DiagnosticDocument] {
        match self {
            Self::Validate(document) => &document.diagnostics,
            Self::Plan(document) => &document.diagnostics,
            Self::Apply(document) => &document.diagnostics,
            Self::Drift(document) => &document.diagnostics,
        }
    }

    /// Whether the run got as far as comparing: otherwise its counts of nothing mean nothing. A validation always does.
    pub fn got_through(self) -> bool {
        let no_target = match self {
            Self::Validate(_) => false,
            Self::Plan(document) => document.targets.is_empty(),
            Self::Apply(document) => document.targets.is_empty() && document.results.is_empty(),
            Self::Drift(document) => document.targets.is_empty() && document.items.is_empty(),
        };
        !(no_target && self.has_errors())
    }

    /// Whether any of its diagnostics is an error.
    pub fn has_errors(self) -> bool {
        self.diagnostics().iter().any(|diagnostic| diagnostic.severity == "error")
    }

    /// The document itself: JSON on one line.
    pub fn json_line(self) -> String {
        serde_json::to_string(&self).unwrap_or_default()
    }

    /// The document itself: JSON on many lines.
    pub fn json(self) -> String {
        serde_json::to_string_pretty(&self).unwrap_or_default() + "\n"
    }

    /// For people, without its diagnostics; nothing where the run didn't get through.
    pub fn text(self, options: Options) -> String {
        if !self.got_through() {
            return String::new();
        }
        match self {
            Self::Validate(document) => validate::text(document),
            Self::Plan(document) => plan::text(document, options),
            Self::Apply(document) => apply::text(document, options.color),
            Self::Drift(document) => drift::text(document, options),
        }
    }

    /// Its diagnostics for people, without source lines: a document doesn't hold those.
    pub fn told(self) -> String {
        let told: Vec<_> = self.diagnostics().iter().map(told).collect();
        told.join("\n")
    }
}

/// One diagnostic for people, on a few lines.
pub fn told(diagnostic: &DiagnosticDocument) -> String {
    let DiagnosticDocument { severity, code, message, source, address: _, target: _, hint } = diagnostic;
    let mut text = format!("{}[{}]: {}\n", printable(severity), printable(code), printable_lines(message));
    if let Some(source) = source {
        _ = writeln!(text, "  --> {}:{}:{}", printable(&source.file), source.line, source.column);
    }
    if let Some(hint) = hint {
        _ = writeln!(text, "  = help: {}", printable_lines(hint));
    }
    text
}

impl<'d> From<&'d ValidateDocument> for Document<'d> {
    fn from(document: &'d ValidateDocument) -> Self {
        Self::Validate(document)
    }
}

impl<'d> From<&'d PlanDocument> for Document<'d> {
    fn from(document: &'d PlanDocument) -> Self {
        Self::Plan(document)
    }
}

impl<'d> From<&'d ApplyDocument> for Document<'d> {
    fn from(document: &'d ApplyDocument) -> Self {
        Self::Apply(document)
    }
}

impl<'d> From<&'d DriftDocument> for Document<'d> {
    fn from(document: &'d DriftDocument) -> Self {
        Self::Drift(document)
    }
}

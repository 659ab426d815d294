//! A diagnostic: what is wrong, where, and what to do about it. Plain data; `render` draws it.

mod diagnostics;
mod text;

use schemars::JsonSchema;

use crate::model::{Address, Source};

pub use diagnostics::{Diagnostics, KEPT_ERRORS, KEPT_WARNINGS};
pub use text::{clean, escape_json, escaped, fit_to_print, is_harmful, opens_command, push_escaped, quote};

/// One message for people and scripts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// A stable word for scripts: `unknown_field`, `duplicate_address`.
    pub code: &'static str,
    /// What happened and what was expected. No secret, no value of a field that could be one.
    pub message: String,
    /// Where.
    pub span: Option<Span>,
    /// A second place that belongs to it, with what it is: the other one of two duplicates.
    pub related: Option<(Span, String)>,
    /// The object or target that it is about.
    pub about: Option<About>,
    /// What to do next.
    pub hint: Option<String>,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing is sent while it stands.
    Error,
    /// Worth knowing.
    Warning,
}

/// A stretch of one line in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// File, line and column where it begins.
    pub source: Source,
    /// How many characters it is long, 1 or more.
    pub length: u32,
    /// Whether the text under the span may be shown: a known field that is no secret.
    pub harmless: bool,
    /// The line as it may be shown, where it is known.
    pub line: Option<Line>,
}

/// A source line that may be shown: every scalar masked that isn't known to be harmless.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The text, in which a masked stretch is shorter or longer than what stands in the file.
    pub text: String,
    /// Where the span begins in `text`, in characters from 0.
    pub start: u32,
    /// How many characters of `text` the span covers, 1 or more.
    pub length: u32,
}

/// What a diagnostic is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// One object.
    Address(Address),
    /// A whole target.
    Target(String),
}

impl Diagnostic {
    /// An error with neither place nor hint.
    pub fn error(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code,
            message: message.into(),
            span: None,
            related: None,
            about: None,
            hint: None,
        }
    }

    /// A warning with neither place nor hint.
    pub fn warning(code: &'static str, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// With its place.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// With what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the object that it is about.
    #[must_use]
    pub fn about(mut self, address: Address) -> Self {
        self.about = Some(About::Address(address));
        self
    }

    /// With the target that it is about.
    #[must_use]
    pub fn about_target(mut self, target: impl Into<String>) -> Self {
        self.about = Some(About::Target(target.into()));
        self
    }

    /// Whether nothing may be sent while it stands.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

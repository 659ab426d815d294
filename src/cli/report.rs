//! Telling people what went wrong, and scripts in the document that they asked for.

use serde::Serialize;

use super::error::CommandError;
use super::exit::Exit;
use super::output::Output;
use crate::diag::{Diagnostic, Diagnostics};
use crate::plan::document::DiagnosticDocument;
use crate::render::{Format, diagnostic};

/// Ends a command that has no formats but text and JSON and couldn't do its work: messages on standard error, and its
/// document on standard output where JSON was asked for.
pub(super) fn fail_in_json<T: Serialize>(
    output: Output,
    error: &CommandError,
    document: impl FnOnce(Vec<DiagnosticDocument>) -> T,
) -> Exit {
    tell(output, &error.diagnostics);
    if output.format == Format::Json {
        output.json(&document(documents(&error.diagnostics)));
    }
    error.exit
}

/// Diagnostics on standard error.
pub(super) fn tell(output: Output, diagnostics: &Diagnostics) {
    if !diagnostics.is_empty() {
        output.message(&diagnostic::text(diagnostics, output.message_color));
    }
}

/// The same for those of a plan.
pub(super) fn tell_all<'d>(output: Output, diagnostics: impl IntoIterator<Item = &'d Diagnostic>) {
    let mut collected = Diagnostics::default();
    diagnostics.into_iter().for_each(|diagnostic| collected.push(diagnostic.clone()));
    tell(output, &collected);
}

/// Diagnostics as they stand in documents.
pub(super) fn documents(diagnostics: &Diagnostics) -> Vec<DiagnosticDocument> {
    diagnostics.iter().map(DiagnosticDocument::from).collect()
}

//! `sipform validate`: is the YAML right? Reads no secret and calls nobody.

use serde::Serialize;

use super::args::{Common, Format};
use super::context::{load, paths};
use super::exit::Exit;
use super::output::{Output, counted};
use super::report;
use crate::plan::document::DiagnosticDocument;

/// `sipform.validate/v1`.
#[derive(Serialize)]
pub(super) struct ValidateDocument {
    schema: &'static str,
    valid: bool,
    errors: usize,
    warnings: usize,
    diagnostics: Vec<DiagnosticDocument>,
}

/// For a run that didn't even begin, with what stood against it.
pub(super) fn of_diagnostics(diagnostics: Vec<DiagnosticDocument>) -> ValidateDocument {
    ValidateDocument {
        schema: "sipform.validate/v1",
        valid: false,
        errors: diagnostics.len(),
        warnings: 0,
        diagnostics,
    }
}

/// Runs the command.
pub(super) fn run(common: &Common) -> Exit {
    let output = Output::new(common);
    let (valid, diagnostics, objects, targets) = match load(&paths(&common.files)) {
        Ok(loaded) => (true, loaded.diagnostics().clone(), loaded.object_count(), loaded.target_count()),
        Err(error) => (false, error.diagnostics, 0, 0),
    };
    report::tell(output, &diagnostics);
    match output.format {
        Format::Json => output.json(&ValidateDocument {
            valid,
            errors: diagnostics.error_count(),
            warnings: diagnostics.warning_count(),
            ..of_diagnostics(report::documents(&diagnostics))
        }),
        Format::Text if valid => {
            let (objects, targets) = (counted(objects, "object"), counted(targets, "target"));
            output.document(&format!("Valid: {objects} on {targets}.\n"));
        }
        Format::Text => {}
    }
    if valid { Exit::Success } else { Exit::Failure }
}

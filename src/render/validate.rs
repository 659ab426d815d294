//! Whether the YAML is right: `sipform.validate/v1`, and the same for people.

use serde::{Deserialize, Serialize};

use crate::plan::document::DiagnosticDocument;

/// The schema that this version writes.
pub const SCHEMA: &str = "sipform.validate/v1";

/// Whether the YAML is right. Fields may be added; these stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidateDocument {
    /// [`SCHEMA`].
    pub schema: String,
    /// sipform's version.
    pub version: String,
    /// Nothing is wrong with it; warnings don't count.
    pub valid: bool,
    /// How many errors there are; more than `diagnostics` holds, where there are very many.
    pub errors: usize,
    /// How many warnings there are.
    pub warnings: usize,
    /// How many objects it lists; 0 where it isn't valid.
    pub objects: usize,
    /// On how many targets.
    pub targets: usize,
    /// Errors and warnings, by place.
    pub diagnostics: Vec<DiagnosticDocument>,
}

impl ValidateDocument {
    /// For a run that didn't even begin, with what stood against it.
    pub fn of_diagnostics(diagnostics: Vec<DiagnosticDocument>) -> Self {
        Self {
            schema: SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            valid: false,
            errors: diagnostics.len(),
            warnings: 0,
            objects: 0,
            targets: 0,
            diagnostics,
        }
    }
}

/// The verdict for people; nothing where it isn't valid, since the errors say everything.
pub fn text(document: &ValidateDocument) -> String {
    if !document.valid {
        return String::new();
    }
    let counted = |count: usize, noun: &str| format!("{count} {noun}{}", if count == 1 { "" } else { "s" });
    format!("Valid: {} on {}.\n", counted(document.objects, "object"), counted(document.targets, "target"))
}

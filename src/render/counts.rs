//! The headline numbers of a report.

use super::document::Document;

/// How many of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// Its name in the documents.
    pub word: &'static str,
    /// As it stands behind the number.
    pub phrase: &'static str,
    /// How many.
    pub number: usize,
    /// Something was found; otherwise it is about what was left alone.
    pub found: bool,
}

/// Those of a document, in the order in which people want them.
pub(super) fn counts(document: Document<'_>) -> Vec<Count> {
    match document {
        Document::Validate(document) => {
            let errors = found("errors", "to correct", document.errors);
            vec![errors, rest("warnings", document.warnings), rest("objects", document.objects)]
        }
        Document::Plan(document) => {
            let summary = &document.summary;
            vec![
                found("create", "to create", summary.create),
                found("update", "to update", summary.update),
                found("replace", "to replace", summary.replace),
                found("delete", "to delete", summary.delete),
                found("cannot_converge", "can't converge", summary.cannot_converge),
                rest("unchanged", summary.unchanged),
                rest("unmanaged", summary.unmanaged),
                rest("ignored", summary.ignored),
            ]
        }
        Document::Apply(document) => {
            let summary = &document.summary;
            vec![
                found("done", "done", summary.done),
                found("failed", "failed", summary.failed),
                found("stale", "stale", summary.stale),
                found("skipped", "skipped", summary.skipped),
                found("unknown", "unknown", summary.unknown),
                found("cannot_converge", "can't converge", summary.cannot_converge),
            ]
        }
        Document::Drift(document) => {
            let summary = &document.summary;
            vec![
                found("changed_outside", "changed outside", summary.changed_outside),
                found("deleted_outside", "deleted outside", summary.deleted_outside),
                found("not_applied", "not applied", summary.not_applied),
                found("cannot_converge", "can't converge", summary.cannot_converge),
                rest("known", summary.known),
                rest("unchanged", summary.unchanged),
                rest("unmanaged", summary.unmanaged),
                rest("ignored", summary.ignored),
                rest("incomplete", summary.incomplete),
                Count { phrase: "fields not readable", ..rest("not_readable", summary.not_readable) },
            ]
        }
    }
}

fn found(word: &'static str, phrase: &'static str, number: usize) -> Count {
    Count { word, phrase, number, found: true }
}

fn rest(word: &'static str, number: usize) -> Count {
    Count { word, phrase: word, number, found: false }
}

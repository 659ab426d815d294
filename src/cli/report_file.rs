//! Reports that go to files: whether each can be written is known before anything is sent.

use std::io;
use std::path::{Path, PathBuf};

use super::args::Reporting;
use super::error::CommandError;
use crate::diag::{Diagnostic, Diagnostics};
use crate::files::{self, Readers};
use crate::render::{Document, Format, render};

/// One `--report FORMAT=PATH`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// What it is written in.
    pub(super) format: Format,
    /// Where it goes.
    pub(super) path: PathBuf,
}

/// As it is typed.
pub(super) fn parse(typed: &str) -> Result<Wanted, String> {
    let names = || Format::ALL.map(Format::name).join(", ");
    let (format, path) = typed.split_once('=').ok_or("expected FORMAT=PATH, as in junit=report.xml")?;
    let format = Format::by_name(format).ok_or_else(|| format!("expected one of the formats {}", names()))?;
    match path {
        "" => Err("expected a path behind the `=`".into()),
        "-" => Err(format!("standard output takes --format {}; a report goes to a file", format.name())),
        path => Ok(Wanted { format, path: path.into() }),
    }
}

/// What tells one job's comment from another's.
pub(super) fn parse_name(typed: &str) -> Result<String, String> {
    let fits = |character: char| character.is_ascii_alphanumeric() || "._/-".contains(character);
    if !typed.is_empty() && typed.len() <= 100 && typed.chars().all(fits) {
        return Ok(typed.into());
    }
    Err("expected letters, digits and `._/-`, at most 100 of them".into())
}

/// The reports of a run.
#[derive(Debug, Default)]
pub(super) struct Reports {
    wanted: Vec<Wanted>,
    name: Option<String>,
}

impl Reports {
    /// Tries each path. What can't be written is left out of the reports and told.
    pub(super) fn open(reporting: &Reporting) -> (Self, Result<(), CommandError>) {
        let mut reports = Self { wanted: Vec::new(), name: reporting.report_name.clone() };
        let mut wrong = Diagnostics::default();
        for wanted in &reporting.report {
            let path = &wanted.path;
            if reports.wanted.iter().any(|other| other.path == *path) {
                wrong.push(Diagnostic::error("report", format!("two reports can't both go to {}", path.display())));
            } else if let Err(error) = files::probe(path) {
                wrong.push(unwritten(path, &error));
            } else {
                reports.wanted.push(wanted.clone());
            }
        }
        (reports, if wrong.has_errors() { Err(wrong.into()) } else { Ok(()) })
    }

    /// Whether none is wanted, or none can be written.
    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// Writes each; gives what couldn't be written.
    pub(super) fn write(&self, document: Document<'_>) -> Diagnostics {
        let mut wrong = Diagnostics::default();
        for Wanted { format, path } in &self.wanted {
            let text = render(document, *format, self.name.as_deref());
            if let Err(error) = files::replace(path, text.as_bytes(), Readers::Default) {
                wrong.push(unwritten(path, &error));
            }
        }
        wrong
    }

    /// What tells this job's comment from others.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error("report", format!("the report {} can't be written: {error}", path.display()))
}

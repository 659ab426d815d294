//! The end of every command that has a document: to standard output in the format asked for, and to the reports.

use std::cell::Cell;
use std::fmt::Display;

use super::args::{ColorChoice, Reporting};
use super::error::CommandError;
use super::exit::Exit;
use super::output::Output;
use super::report;
use super::report_file::Reports;
use crate::diag::Diagnostics;
use crate::plan::document::DiagnosticDocument;
use crate::render::document::Verb;
use crate::render::{self, Document, Format, ndjson};

/// Where a command's document goes.
pub(super) struct Delivery {
    /// Standard output and standard error.
    pub(super) output: Output,
    reports: Reports,
    /// The head of what is written line by line is out.
    begun: Cell<bool>,
}

impl Delivery {
    /// By the options; an error where a report can't be written. The others are delivered all the same.
    pub(super) fn open(color: ColorChoice, verbose: u8, reporting: &Reporting) -> (Self, Result<(), CommandError>) {
        let (reports, result) = Reports::open(reporting);
        (Self { output: Output::new(color, verbose, reporting.format), reports, begun: Cell::new(false) }, result)
    }

    /// Whether somebody gets the document itself; otherwise it is only looked at.
    pub(super) fn needs_all(&self) -> bool {
        self.output.format != Format::Text || !self.reports.is_empty()
    }

    /// Begins to write line by line, where that is the format.
    pub(super) fn begin(&self, verb: Verb) {
        if self.output.format == Format::Ndjson && !self.begun.replace(true) {
            self.output.machine(&ndjson::head(verb));
        }
    }

    /// Writes the reports; gives what couldn't be written.
    pub(super) fn write_reports(&self, document: Document<'_>) -> Diagnostics {
        self.reports.write(document)
    }

    /// Writes to standard output: `text` is how the command shows itself to people, the document has every other format.
    pub(super) fn show<T: Display>(&self, document: Document<'_>, text: impl FnOnce() -> T) {
        match self.output.format {
            Format::Text => self.output.document(&text()),
            Format::Json => self.output.json(&document),
            Format::Ndjson => {
                self.begin(document.verb());
                self.output.json_lines(ndjson::Rest(document));
            }
            format => self.output.machine(&render::render(document, format, self.reports.name())),
        }
    }

    /// Both. Where a report can't be written, `exit` becomes a failure, unless the run was interrupted.
    pub(super) fn end<T: Display>(&self, document: Document<'_>, exit: Exit, text: impl FnOnce() -> T) -> Exit {
        let unwritten = self.write_reports(document);
        self.show(document, text);
        report::tell(self.output, &unwritten);
        if unwritten.is_empty() || exit == Exit::Interrupted { exit } else { Exit::Failure }
    }

    /// Ends a command that couldn't do its work: messages on standard error, the command's document, which holds them too,
    /// everywhere else. In text there is nothing to say beside the messages.
    pub(super) fn fail<T>(&self, error: &CommandError, document: impl FnOnce(Vec<DiagnosticDocument>) -> T) -> Exit
    where
        for<'d> Document<'d>: From<&'d T>,
    {
        report::tell(self.output, &error.diagnostics);
        let document = document(report::documents(&error.diagnostics));
        let document = Document::from(&document);
        report::tell(self.output, &self.write_reports(document));
        self.show(document, String::new);
        error.exit
    }
}

//! Where output goes: documents to standard output, messages for people to standard error.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};

use anstream::AutoStream;
use serde::Serialize;

use super::args::ColorChoice;
use super::lines::write_fit;
use crate::diag::{escape_json, fit_to_print};
use crate::render::Format;
use crate::render::style::Color;

/// How this run writes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    /// What standard output holds.
    pub(super) format: Format,
    /// On standard output.
    pub(super) color: Color,
    /// On standard error.
    pub(super) message_color: Color,
    /// How much to say.
    pub(super) verbose: bool,
}

impl Output {
    /// Of commands that print one text, in no format and no colour.
    pub(super) const PLAIN: Self =
        Self { format: Format::Text, color: Color::Off, message_color: Color::Off, verbose: false };

    /// By the options and by where the streams lead.
    pub(super) fn new(color_choice: ColorChoice, verbose: u8, format: impl Into<Format>) -> Self {
        Self {
            format: format.into(),
            color: color(color_choice, &io::stdout()),
            message_color: color(color_choice, &io::stderr()),
            verbose: verbose > 0,
        }
    }

    /// Writes to standard output. A reader that has gone away (`| head`) is no failure: the work goes on, and the exit
    /// code tells.
    pub(super) fn document<T: Display + ?Sized>(self, text: &T) {
        let fit = |text: &str| fit_to_print(text, self.color == Color::On);
        heed(write_fit(io::stdout().lock(), fit, |lines| write!(lines, "{text}")));
    }

    /// Writes a machine's format to standard output: it has its own rules for what outside texts may hold.
    #[expect(clippy::unused_self, reason = "only who was told how to write may write")]
    pub(super) fn machine(self, text: &str) {
        write(&mut io::stdout().lock(), text);
    }

    /// Writes JSON documents, one a line, to standard output.
    #[expect(clippy::unused_self, reason = "only who was told how to write may write")]
    pub(super) fn json_lines(self, lines: impl Display) {
        heed(write_fit(io::stdout().lock(), escape_json, |out| write!(out, "{lines}")));
    }

    /// Writes one JSON document to standard output.
    #[expect(clippy::unused_self, reason = "only who was told how to write may write")]
    pub(super) fn json<T: Serialize>(self, document: &T) {
        heed(write_json(io::stdout().lock(), document));
    }

    /// Writes a message for people to standard error.
    pub(super) fn message(self, text: &str) {
        write(&mut io::stderr().lock(), &fit_to_print(text, self.message_color == Color::On));
    }
}

/// A count with its noun: `1 object`, `2 objects`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// A JSON document on many lines, as it may stand on a terminal too.
///
/// # Errors
/// The stream's.
pub(super) fn write_json<T: Serialize>(out: impl Write, document: &T) -> io::Result<()> {
    write_fit(out, escape_json, |lines| {
        serde_json::to_writer_pretty(&mut *lines, document)?;
        lines.write_all(b"\n")
    })
}

fn write(stream: &mut dyn Write, text: &str) {
    heed(stream.write_all(text.as_bytes()).and_then(|()| stream.flush()));
}

fn heed(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        tracing::warn!(%error, "output can't be written");
    }
}

/// Whether to colour a stream: `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and `TERM=dumb` are heard.
pub(super) fn color<S: anstream::stream::RawStream>(choice: ColorChoice, stream: &S) -> Color {
    let on = match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => AutoStream::choice(stream) != anstream::ColorChoice::Never,
    };
    if on { Color::On } else { Color::Off }
}

/// Whether a person can be asked: both ends of the conversation are a terminal.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Standard error for log lines: what a vendor or a file has put into one can't repaint the terminal. Nobody reading them is
/// no failure.
pub(super) struct LogLines;

impl Write for LogLines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        _ = io::stderr().lock().write_all(fit_to_print(&String::from_utf8_lossy(bytes), false).as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

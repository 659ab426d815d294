//! Colours, and making text from outside safe for a terminal.

use std::fmt;

use anstyle::{AnsiColor, Style};

use crate::diag::{escaped, push_escaped};

/// Whether to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// With ANSI escape codes.
    On,
    /// Plain.
    Off,
}

impl Color {
    /// Text in a style.
    pub fn paint<T: fmt::Display>(self, style: Style, text: T) -> Painted<T> {
        Painted { color: self, style, text }
    }
}

/// Text in a style, painted where it is written.
#[derive(Clone, Copy, Debug)]
pub struct Painted<T> {
    color: Color,
    style: Style,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { color, style, text } = self;
        match color {
            Color::On => write!(f, "{style}{text}{style:#}"),
            Color::Off => text.fmt(f),
        }
    }
}

/// For what is made.
pub const GREEN: Style = AnsiColor::Green.on_default();
/// For what is changed, and warnings.
pub const YELLOW: Style = AnsiColor::Yellow.on_default();
/// For what is deleted, and errors.
pub const RED: Style = AnsiColor::Red.on_default();
/// For what matters most.
pub const BOLD: Style = Style::new().bold();
/// For what matters least.
pub const DIM: Style = Style::new().dimmed();

/// Text from outside on one line, with everything escaped that a terminal or a build server would act on.
pub fn printable(text: &str) -> String {
    escaped(text)
}

/// A message of several lines, each made printable. All but the first are set in, so that none begins with what somebody
/// else has written.
pub fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n    ")
}

/// Text from outside in quotes, escaped likewise.
pub fn quoted(text: &str) -> String {
    if !text.contains(['"', '\\']) {
        return format!("\"{}\"", escaped(text));
    }
    let mut safe = String::with_capacity(text.len() + 2);
    safe.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            safe.push('\\');
        }
        push_escaped(&mut safe, character);
    }
    safe.push('"');
    safe
}

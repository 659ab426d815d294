//! Colours, and making text from outside safe for a terminal.

use std::fmt;

use anstyle::{AnsiColor, Style};

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
    pub fn paint<T: fmt::Display>(self, style: Style, text: T) -> String {
        match self {
            Self::On => format!("{style}{text}{style:#}"),
            Self::Off => text.to_string(),
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

/// Text from outside, with everything escaped that a terminal would act on: control characters, and marks that change
/// the direction of writing.
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        push_printable(&mut safe, character);
    }
    safe
}

/// A message of several lines, each made printable.
pub fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

/// Text from outside in quotes, escaped likewise.
pub fn quoted(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 2);
    safe.push('"');
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            safe.push('\\');
            safe.push(character);
        } else {
            push_printable(&mut safe, character);
        }
    }
    safe.push('"');
    safe
}

fn push_printable(safe: &mut String, character: char) {
    let escape = character.escape_debug();
    if matches!(character, '"' | '\'' | '\\') || escape.len() == 1 {
        safe.push(character);
    } else {
        safe.extend(escape);
    }
}

//! Diagnostics for people, the way rustc draws them.

use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::Color;
use crate::diag::{Diagnostic, Diagnostics, Line, Severity, Span, clean};

const ERROR: Style = AnsiColor::BrightRed.on_default().bold();
const WARNING: Style = AnsiColor::BrightYellow.on_default().bold();
const FRAME: Style = AnsiColor::BrightBlue.on_default().bold();
const STRONG: Style = Style::new().bold();

/// All of them as text; see [`write_diagnostics`].
pub fn text(diagnostics: &Diagnostics, color: Color) -> String {
    let mut out = String::new();
    // Writing to a text can't fail.
    _ = write_diagnostics(&mut out, diagnostics, color);
    out
}

/// Writes all of them in order, how many more there are, and a closing line with the counts. Nothing if there are none.
pub fn write_diagnostics(out: &mut dyn Write, diagnostics: &Diagnostics, color: Color) -> fmt::Result {
    for diagnostic in diagnostics.iter() {
        write_diagnostic(out, diagnostic, color)?;
        writeln!(out)?;
    }
    for (count, noun) in [(diagnostics.errors_left_out(), "error"), (diagnostics.warnings_left_out(), "warning")] {
        if count > 0 {
            writeln!(out, "… and {} more {noun}{}\n", grouped(count), plural(count))?;
        }
    }
    closing_line(out, diagnostics, color)
}

/// Writes one, with its source line and what to do next.
pub fn write_diagnostic(out: &mut dyn Write, diagnostic: &Diagnostic, color: Color) -> fmt::Result {
    let style = style_of(diagnostic.severity);
    let head = format!("{}[{}]", name_of(diagnostic.severity), diagnostic.code);
    writeln!(out, "{}{}", color.paint(style, &head), color.paint(STRONG, format!(": {}", clean(&diagnostic.message))))?;
    let margin = margin(diagnostic);
    if let Some(span) = &diagnostic.span {
        place(out, span, margin, '^', style, color)?;
    }
    if let Some((span, what)) = &diagnostic.related {
        let pad = " ".repeat(margin);
        writeln!(out, "{pad} {} {}: {}", color.paint(FRAME, "="), color.paint(STRONG, "note"), clean(what))?;
        place(out, span, margin, '-', FRAME, color)?;
    }
    if let Some(hint) = &diagnostic.hint {
        let pad = " ".repeat(margin);
        writeln!(out, "{pad} {} {}: {}", color.paint(FRAME, "="), color.paint(STRONG, "help"), clean(hint))?;
    }
    Ok(())
}

fn place(out: &mut dyn Write, span: &Span, margin: usize, mark: char, style: Style, color: Color) -> fmt::Result {
    let pad = " ".repeat(margin);
    let source = &span.source;
    let arrow = color.paint(FRAME, "-->");
    writeln!(out, "{pad}{arrow} {}:{}:{}", clean(&source.file), source.line, source.column)?;
    let Some(line) = &span.line else { return Ok(()) };
    let bar = color.paint(FRAME, "|");
    let number = color.paint(FRAME, format!("{:>margin$}", source.line));
    let (before, under) = columns(line);
    let marks = color.paint(style, mark.to_string().repeat(under));
    writeln!(out, "{pad} {bar}")?;
    writeln!(out, "{number} {bar} {}", clean(&line.text))?;
    writeln!(out, "{pad} {bar} {}{marks}", " ".repeat(before))
}

/// How many terminal columns stand before the marked part, and how many it covers.
fn columns(line: &Line) -> (usize, usize) {
    let text = clean(&line.text);
    let start = line.start as usize;
    let before: String = text.chars().take(start).collect();
    let missing = start.saturating_sub(text.chars().count());
    let marked = text.chars().skip(start).take(line.length as usize);
    let under: usize = marked.map(|character| character.width().unwrap_or(1)).sum();
    (before.width() + missing, under.max(1))
}

/// The width of the widest line number.
fn margin(diagnostic: &Diagnostic) -> usize {
    let related = diagnostic.related.as_ref().map(|(span, _)| span);
    let lines = diagnostic.span.iter().chain(related).map(|span| span.source.line);
    lines.max().map_or(1, |line| line.to_string().len())
}

fn closing_line(out: &mut dyn Write, diagnostics: &Diagnostics, color: Color) -> fmt::Result {
    let (errors, warnings) = (diagnostics.error_count(), diagnostics.warning_count());
    let severity = match (errors, warnings) {
        (0, 0) => return Ok(()),
        // One that is about no file has said everything.
        _ if errors + warnings == 1 && diagnostics.file_count() == 0 => return Ok(()),
        (0, _) => Severity::Warning,
        _ => Severity::Error,
    };
    let count = |count: usize, noun: &str| (count > 0).then(|| format!("{} {noun}{}", grouped(count), plural(count)));
    let counts: Vec<String> = [count(errors, "error"), count(warnings, "warning")].into_iter().flatten().collect();
    let files = count(diagnostics.file_count(), "file").map_or(String::new(), |files| format!(" in {files}"));
    let head = color.paint(style_of(severity), name_of(severity));
    writeln!(out, "{head}{}", color.paint(STRONG, format!(": {}{files}", counts.join(", "))))
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Error => ERROR,
        Severity::Warning => WARNING,
    }
}

fn name_of(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// A count with a comma between thousands.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::model::{Address, Source};
    use insta::assert_snapshot;

    fn span(file: &str, line: u32, text: &str, start: u32, length: u32) -> Span {
        let source = Source { file: file.into(), line, column: start + 1 };
        let line = Some(Line { text: text.into(), start, length });
        Span { source, length, harmless: true, line }
    }

    fn duplicate() -> Diagnostic {
        let mut diagnostic = Diagnostic::error("duplicate_address", "hq/trunk/a twice")
            .at(span("b.yaml", 104, "  - name: a", 10, 1))
            .about(Address::new("hq", "trunk", "a"))
            .hint("delete one of the two");
        diagnostic.related = Some((span("a.yaml", 7, "  - { name: a }", 12, 1), "the first one".into()));
        diagnostic
    }

    fn drawn(diagnostics: impl IntoIterator<Item = Diagnostic>, color: Color) -> String {
        let mut all = Diagnostics::default();
        all.extend(diagnostics);
        let mut text = String::new();
        write_diagnostics(&mut text, &all, color).unwrap();
        text
    }

    #[test]
    fn a_diagnostic_shows_both_places_and_the_hint() {
        assert_snapshot!(drawn([duplicate()], Color::Off), @r"
error[duplicate_address]: hq/trunk/a twice
   --> b.yaml:104:11
    |
104 |   - name: a
    |           ^
    = note: the first one
   --> a.yaml:7:13
    |
  7 |   - { name: a }
    |             -
    = help: delete one of the two

error: 1 error in 1 file
");
    }

    #[test]
    fn carets_stand_under_wide_characters() {
        let wide = Diagnostic::warning("doubtful_text", "odd").at(span("a.yaml", 1, "名: 電話x", 3, 2));
        assert_snapshot!(drawn([wide], Color::Off), @r"
warning[doubtful_text]: odd
 --> a.yaml:1:4
  |
1 | 名: 電話x
  |     ^^^^

warning: 1 warning in 1 file
");
    }

    #[test]
    fn what_is_left_out_is_counted() {
        let many = (1..=1_234).map(|line| Diagnostic::error("e", "m").at(span("a.yaml", line, "x", 0, 1)));
        let text = drawn(many, Color::Off);
        let end: Vec<&str> = text.lines().rev().take(3).collect();
        assert_eq!(end, ["error: 1,234 errors in 1 file", "", "… and 1,184 more errors"]);
    }

    #[test]
    fn nothing_draws_nothing() {
        assert_eq!(drawn([], Color::On), "");
    }

    #[test]
    fn terminals_are_not_repainted() {
        let hostile = Diagnostic::error("e", "a\u{1b}[2Jb\nc").at(span("x\u{1b}.yaml", 1, "k\u{202e}: v", 0, 1));
        let text = drawn([hostile.clone()], Color::Off);
        assert!(text.chars().all(|character| character == '\n' || !crate::diag::is_harmful(character)), "{text:?}");
        assert!(drawn([hostile], Color::On).contains("\u{1b}[1m"));
    }
}

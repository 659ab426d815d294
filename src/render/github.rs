//! Workflow commands: GitHub shows each as an annotation at its line of the YAML.
//!
//! It shows ten errors, ten warnings and ten notices of a step, so what matters most comes first, and what is no finding
//! is in the counts alone.

use super::document::told;
use super::style::printable_lines;
use super::view::{Severity, View, severity_of};
use crate::plan::document::SourceDocument;

/// One command a line: the headline, then diagnostics and items together by weight.
pub(super) fn commands(view: &View<'_>) -> String {
    let title = format!("sipform {}", view.verb.name());
    let mut found: Vec<(Severity, String)> = view
        .diagnostics
        .iter()
        .map(|diagnostic| {
            let severity = severity_of(diagnostic);
            let text = told(diagnostic);
            (severity, command(severity, diagnostic.source.as_ref(), &format!("{title}: {}", diagnostic.code), &text))
        })
        .collect();
    found.extend(view.by_weight().into_iter().filter(|item| item.is_finding()).map(|item| {
        (item.severity, command(item.severity, item.source, &format!("{title}: {}", item.address), &item.details()))
    }));
    found.sort_by_key(|(severity, _)| *severity);
    let headline = command(Severity::Note, None, &title, &view.headline());
    std::iter::once(headline).chain(found.into_iter().map(|(_, line)| line)).collect()
}

fn command(severity: Severity, source: Option<&SourceDocument>, title: &str, text: &str) -> String {
    let word = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = source.map(|source| {
        let SourceDocument { file, line, column } = source;
        format!("file={},line={line},col={column},", property(file))
    });
    format!("::{word} {}title={}::{}\n", place.unwrap_or_default(), property(title), data(text.trim_end()))
}

/// Everything behind the second pair of colons.
fn data(text: &str) -> String {
    printable_lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property's value.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

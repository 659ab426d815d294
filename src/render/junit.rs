//! `JUnit` XML, for the test reports of a CI system: a suite a target, a case an address.
//!
//! A planned change is no failure: its case passes and says what will be done. A difference that `drift` finds is one.

use std::fmt::Write as _;

use super::document::{Verb, told};
use super::style::{printable, printable_lines};
use super::view::{Group, Item, Severity, View, severity_of};
use crate::plan::document::{DiagnosticDocument, SourceDocument};

/// How a case ended.
enum End {
    Passed,
    Skipped,
    Failed,
    Error,
}

/// A test case.
struct Case {
    class: String,
    name: String,
    source: Option<SourceDocument>,
    end: End,
    /// In a few words.
    brief: String,
    /// In full.
    text: String,
}

/// A suite of them.
struct Suite {
    name: String,
    properties: Vec<(String, String)>,
    cases: Vec<Case>,
}

/// The report.
pub(super) fn report(view: &View<'_>) -> String {
    let groups = view.by_target();
    let suites: Vec<_> =
        std::iter::once(run(view)).chain(groups.iter().map(|group| target(view.verb, group))).collect();
    let all: Vec<_> = suites.iter().flat_map(|suite| &suite.cases).collect();
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    _ = writeln!(xml, "<testsuites name=\"sipform {}\"{}>", view.verb.name(), totals(&all));
    for suite in &suites {
        write_suite(&mut xml, suite);
    }
    xml + "</testsuites>\n"
}

/// The run itself: a case for each diagnostic, and one that says how it went.
fn run(view: &View<'_>) -> Suite {
    let verb = view.verb.name();
    let good = view.got_through && !view.diagnostics.iter().any(|it| severity_of(it) == Severity::Error);
    let whole = Case {
        class: "sipform".into(),
        name: verb.into(),
        source: None,
        end: if good { End::Passed } else { End::Error },
        brief: view.headline(),
        text: view.headline(),
    };
    let counts = view.counts.iter().map(|count| (count.word.to_owned(), count.number.to_string()));
    let version = ("version".to_owned(), view.version.to_owned());
    Suite {
        name: format!("sipform {verb}"),
        properties: std::iter::once(version).chain(counts).collect(),
        cases: std::iter::once(whole).chain(view.diagnostics.iter().map(of_diagnostic)).collect(),
    }
}

fn of_diagnostic(diagnostic: &DiagnosticDocument) -> Case {
    let about = diagnostic.address.as_deref().or(diagnostic.target.as_deref());
    let place = diagnostic.source.as_ref().map(|source| format!("{}:{}", source.file, source.line));
    let about = about.map(str::to_owned).or(place).unwrap_or_else(|| "sipform".into());
    Case {
        class: "sipform.diagnostic".into(),
        name: format!("{} {about}", diagnostic.code),
        source: diagnostic.source.clone(),
        end: if severity_of(diagnostic) == Severity::Error { End::Error } else { End::Passed },
        brief: diagnostic.message.clone(),
        text: told(diagnostic),
    }
}

fn target(verb: Verb, group: &Group<'_, '_>) -> Suite {
    let read = group.target.map(|target| Case {
        class: target.name.clone(),
        name: format!("{} is read whole", target.name),
        source: None,
        end: if target.complete { End::Passed } else { End::Error },
        brief: if target.complete { "read whole" } else { "not everything on it could be read" }.into(),
        text: match target.not_readable.join(", ").as_str() {
            "" => String::new(),
            fields => format!("not readable: {fields}"),
        },
    });
    let properties = group.target.map_or_else(Vec::new, |target| {
        vec![
            ("provider".into(), target.provider.clone()),
            ("url".into(), target.url.clone()),
            ("unmanaged".into(), target.unmanaged.len().to_string()),
        ]
    });
    let cases = read.into_iter().chain(group.items.iter().map(|item| of_item(verb, item))).collect();
    Suite { name: group.name.into(), properties, cases }
}

fn of_item(verb: Verb, item: &Item<'_>) -> Case {
    let brief = match (item.reason, item.code) {
        (Some(reason), Some(code)) => format!("{reason} [{code}]"),
        (Some(reason), None) => reason.into(),
        (None, _) => item.predicate().into(),
    };
    Case {
        class: format!("{}.{}", item.target, item.kind),
        name: item.address.into(),
        source: item.source.cloned(),
        end: end(verb, item),
        brief,
        text: item.details(),
    }
}

fn end(verb: Verb, item: &Item<'_>) -> End {
    match (verb, item.word) {
        (Verb::Drift, "incomplete") => End::Error,
        (Verb::Drift, _) if item.known.is_some() => End::Skipped,
        (Verb::Drift, "unmanaged" | "not_readable") => End::Passed,
        (Verb::Drift, _) | (_, "failed" | "unknown") => End::Failed,
        (_, "cannot_converge" | "stale" | "skipped") => End::Skipped,
        _ => End::Passed,
    }
}

fn totals(cases: &[&Case]) -> String {
    let count = |is: fn(&End) -> bool| cases.iter().filter(|case| is(&case.end)).count();
    let (failures, errors) = (count(|end| matches!(end, End::Failed)), count(|end| matches!(end, End::Error)));
    let (all, skipped) = (cases.len(), count(|end| matches!(end, End::Skipped)));
    format!(" tests=\"{all}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\"")
}

fn write_suite(xml: &mut String, suite: &Suite) {
    let Suite { name, properties, cases } = suite;
    _ = writeln!(xml, "  <testsuite name=\"{}\"{}>", attribute(name), totals(&cases.iter().collect::<Vec<_>>()));
    if !properties.is_empty() {
        xml.push_str("    <properties>\n");
        for (name, value) in properties {
            _ = writeln!(xml, "      <property name=\"{}\" value=\"{}\"/>", attribute(name), attribute(value));
        }
        xml.push_str("    </properties>\n");
    }
    for case in cases {
        write_case(xml, case);
    }
    xml.push_str("  </testsuite>\n");
}

fn write_case(xml: &mut String, case: &Case) {
    let Case { class, name, source, end, brief, text } = case;
    let place = source.as_ref().map(|source| format!(" file=\"{}\" line=\"{}\"", attribute(&source.file), source.line));
    _ = write!(xml, "    <testcase classname=\"{}\" name=\"{}\"", attribute(class), attribute(name));
    _ = writeln!(xml, "{} time=\"0\">", place.unwrap_or_default());
    let (brief, text) = (attribute(brief), content(text));
    _ = match end {
        End::Passed if text.is_empty() => Ok(()),
        End::Passed => writeln!(xml, "      <system-out>{text}</system-out>"),
        End::Skipped => writeln!(xml, "      <skipped message=\"{brief}\">{text}</skipped>"),
        End::Failed => writeln!(xml, "      <failure message=\"{brief}\" type=\"failure\">{text}</failure>"),
        End::Error => writeln!(xml, "      <error message=\"{brief}\" type=\"error\">{text}</error>"),
    };
    xml.push_str("    </testcase>\n");
}

/// On one line: a parser would make a blank of a line break.
fn attribute(text: &str) -> String {
    escape(&printable(text))
}

fn content(text: &str) -> String {
    escape(printable_lines(text).trim_end())
}

/// Characters that no XML document may hold are left out; nearly all of them have been made visible before.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            '\t' | '\n' | ' '..='\u{fffd}' | '\u{10000}'.. => safe.push(character),
            _ => {}
        }
    }
    safe
}

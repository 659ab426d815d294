//! SARIF 2.1.0, for code scanning: a result for each diagnostic and for each item that deserves a look at its place in the
//! YAML. What an apply has done is no finding and is left out, and so is what is in no YAML or isn't shown by the vendor. Known
//! drift is a result that is suppressed, with the reason.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::document::{Verb, told};
use super::drift::KnownDocument;
use super::style::{printable, printable_lines};
use super::view::{Item, Severity, View, severity_of};
use crate::plan::digest::sha256;
use crate::plan::document::{DiagnosticDocument, SourceDocument};

/// Where the format is described.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The log, with one run.
pub(super) fn log(view: &View<'_>) -> String {
    let findings = findings(view);
    let rules: BTreeMap<&str, &Finding> = findings.iter().map(|finding| (finding.rule.as_str(), finding)).collect();
    let index = |rule: &str| rules.keys().position(|known| *known == rule);
    let results: Vec<Json> = findings.iter().map(|finding| finding.result(index(&finding.rule))).collect();
    let rules: Vec<Json> = rules.values().map(|finding| finding.rule()).collect();
    let verb = view.verb.name();
    let failed = !view.got_through || view.diagnostics.iter().any(|it| severity_of(it) == Severity::Error);
    let numbers: serde_json::Map<_, _> =
        view.counts.iter().map(|count| (count.word.to_owned(), count.number.into())).collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sipform", "version": printable(view.version), "rules": rules,
            }},
            "automationDetails": { "id": format!("sipform/{verb}/") },
            "columnKind": "unicodeCodePoints",
            "invocations": [{ "executionSuccessful": !failed }],
            "results": results,
            "properties": { "schema": printable(view.schema), "headline": view.headline(), "counts": numbers },
        }],
    });
    format!("{log:#}\n")
}

/// One result, and what its rule is about.
struct Finding<'d> {
    rule: String,
    about: String,
    help: &'static str,
    severity: Severity,
    message: String,
    /// GitHub takes no result without a file: where there is no place, it is the first line of the YAML.
    file: &'d str,
    source: Option<&'d SourceDocument>,
    address: Option<&'d str>,
    /// What makes it this finding and no other of its rule, wherever its line moves.
    identity: String,
    /// Why it is put up with.
    known: Option<&'d KnownDocument>,
}

fn findings<'d>(view: &View<'d>) -> Vec<Finding<'d>> {
    let diagnostics = view.diagnostics.iter().map(|diagnostic| of_diagnostic(diagnostic, view.file));
    let items = view.by_weight().into_iter();
    let open = items.filter(|item| item.word != "done" && (item.is_finding() || item.known.is_some()));
    diagnostics.chain(open.map(|item| of_item(item, view.verb, view.file))).collect()
}

fn of_diagnostic<'d>(diagnostic: &'d DiagnosticDocument, file: &'d str) -> Finding<'d> {
    let severity = severity_of(diagnostic);
    let bad = severity == Severity::Error;
    Finding {
        rule: printable(&diagnostic.code),
        about: format!("{}: {}", if bad { "Error" } else { "Warning" }, printable(&diagnostic.code).replace('_', " ")),
        help: if bad {
            "Nothing is sent while it stands."
        } else {
            "It is worth knowing, and nothing is held up by it."
        },
        severity,
        message: told(diagnostic).trim_end().into(),
        file,
        source: diagnostic.source.as_ref(),
        address: diagnostic.address.as_deref().or(diagnostic.target.as_deref()),
        identity: format!("{}\n{}", diagnostic.source.as_ref().map_or("", |source| &source.file), diagnostic.message),
        known: None,
    }
}

fn of_item<'d>(item: &Item<'d>, verb: Verb, file: &'d str) -> Finding<'d> {
    Finding {
        rule: format!("{}/{}", verb.name(), printable(item.word)),
        about: format!("The object {}", Item { adopt: false, ..item.clone() }.predicate()),
        help: help(verb),
        severity: item.severity,
        message: item.details(),
        file,
        source: item.source,
        address: Some(item.address),
        identity: item.address.into(),
        known: item.known,
    }
}

fn help(verb: Verb) -> &'static str {
    match verb {
        Verb::Validate | Verb::Plan => "What `sipform apply` would do about the entry at this place.",
        Verb::Apply => "What became of the change that the entry at this place asks for.",
        Verb::Drift => {
            "The live object isn't as the entry at this place says; `sipform plan` shows what would be done."
        }
    }
}

impl Finding<'_> {
    fn rule(&self) -> Json {
        json!({
            "id": self.rule,
            "shortDescription": { "text": self.about },
            "help": { "text": self.help },
            "defaultConfiguration": { "level": level(self.severity) },
        })
    }

    fn result(&self, index: Option<usize>) -> Json {
        let (file, line, column) = match self.source {
            Some(SourceDocument { file, line, column }) => (file.as_str(), *line, *column),
            None => (self.file, 1, 1),
        };
        let place = json!({ "artifactLocation": artifact(file), "region": { "startLine": line.max(1), "startColumn": column.max(1) } });
        let mut location = json!({ "physicalLocation": place });
        if let (Some(address), Some(location)) = (self.address, location.as_object_mut()) {
            let name = printable(address);
            location.insert("logicalLocations".into(), json!([{ "fullyQualifiedName": name, "kind": "resource" }]));
        }
        let mut result = json!({
            "ruleId": self.rule,
            "ruleIndex": index,
            "level": level(self.severity),
            "message": { "text": self.message },
            "locations": [location],
            "partialFingerprints": self.fingerprints(),
        });
        if let (Some(known), Some(result)) = (self.known, result.as_object_mut()) {
            let suppression = json!({ "kind": "external", "justification": printable_lines(&known.reason) });
            result.insert("suppressions".into(), json!([suppression]));
        }
        result
    }

    /// By address: a line that moves is no other finding, and entries on one line (`2000-2099`) are several.
    fn fingerprints(&self) -> Json {
        let digest = sha256(format!("{}\n{}", self.rule, self.identity).as_bytes());
        let hex = digest.trim_start_matches("sha256:");
        let short = hex.get(..16).unwrap_or(hex);
        // The name that GitHub looks for, and its shape.
        json!({ "primaryLocationLineHash": format!("{short}:1"), "sipformAddress/v1": hex })
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn artifact(file: &str) -> Json {
    let path = file.replace('\\', "/");
    if path.starts_with('/') {
        return json!({ "uri": format!("file://{}", encoded(&path)) });
    }
    let mut relative = path.as_str();
    while let Some(rest) = relative.strip_prefix("./") {
        relative = rest;
    }
    json!({ "uri": encoded(relative), "uriBaseId": "%SRCROOT%" })
}

/// A path as a part of a URI.
fn encoded(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

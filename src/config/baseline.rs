//! A baseline: drift that is known, why, and until when.
//!
//! ```yaml
//! version: 1
//! known:
//!   - address: hq/trunk/lab-*
//!     class: changed_outside
//!     fields: [host]
//!     reason: the lab moves on Friday
//!     expires: 2026-12-31
//! ```

use std::path::Path;

use super::ahead::Steps;
use super::document::report_problem;
use super::files::{self, SourceFile, display_name};
use super::lower::{Label, Lowering, Numbers};
use super::node::{Mark, Node};
use super::report::{Finding, Place, Report};
use super::snippet;
use super::tree::Tree;
use super::yaml::Broken;
use crate::diag::{Diagnostics, quote};
use crate::model::Glob;
use crate::model::drift::{DriftClass, Known};

/// The version of the form that this sipform reads.
const VERSION: &str = "1";
const SECTIONS: [&str; 2] = ["version", "known"];
const KEYS: [&str; 5] = ["address", "class", "fields", "reason", "expires"];

/// A baseline that was read.
pub struct Baseline {
    /// Its entries, in order.
    pub known: Vec<Known>,
    files: Vec<SourceFile>,
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(path: &Path) -> Result<Self, Diagnostics> {
        let mut report = Report::default();
        let file = report.add_file(display_name(path).into());
        let (mut known, mut files) = (Vec::new(), Vec::new());
        if path.exists() {
            if let Some((source, text)) = files::read(path, file, &mut report) {
                let folder = source.folder().to_path_buf();
                let reading = None;
                let low = Lowering { report: &mut report, file, folder: &folder, numbers: Numbers::Literal, reading };
                known = entries(&text, low);
                files.push(source);
            }
        } else {
            let message = format!("{}: no such file", display_name(path));
            report.add(Finding::nowhere("file_not_found", message).hint("name the baseline with --baseline FILE"));
        }
        let baseline = Self { known, files };
        let mut diagnostics = report.finish();
        baseline.complete(&mut diagnostics);
        if diagnostics.has_errors() { Err(diagnostics) } else { Ok(baseline) }
    }

    /// Gives places in it their lines.
    pub fn complete(&self, diagnostics: &mut Diagnostics) {
        snippet::complete(diagnostics, &self.files);
    }
}

fn entries(text: &str, mut low: Lowering<'_>) -> Vec<Known> {
    let mut tree = Tree::new(Steps::of(text));
    let mut known = Vec::new();
    let end = documents(&mut tree, &mut low, &mut known);
    for problem in tree.problems.drain(..).chain(end.err().map(|Broken(problem)| problem)) {
        report_problem(&problem, low.file, low.report);
    }
    known
}

fn documents(tree: &mut Tree<'_>, low: &mut Lowering<'_>, known: &mut Vec<Known>) -> Result<(), Broken> {
    let mut has_version = false;
    while tree.next_document()? {
        let node = tree.node()?;
        if !node.is_null() && low.is_map_of(&node, Label::open("baseline"), &SECTIONS) {
            has_version |= version(&node, low);
            let list = node.get("known").filter(|list| !list.is_null());
            let items = list.and_then(|list| low.items(list, Label::open("known"))).unwrap_or_default();
            known.extend(items.iter().filter_map(|item| entry(item, low)));
        }
    }
    if !has_version && !low.report.has_errors() {
        let place = Place { file: low.file, mark: Mark::START };
        let finding = Finding::error("missing_version", place, "the baseline doesn't say which version it is");
        low.report.add(finding.hint("write `version: 1` at the top"));
    }
    Ok(())
}

/// Whether the document says which version it is.
fn version(document: &Node<'_>, low: &mut Lowering<'_>) -> bool {
    let Some(node) = document.get("version") else { return false };
    let label = Label::open("version");
    if low.word(node, label).is_some_and(|text| text != VERSION) {
        low.error(node, label, "unknown_version", &format!("isn't {VERSION}"));
    }
    true
}

/// One entry. `None`: something that it needs is missing or wrong, and that was reported.
fn entry(node: &Node<'_>, low: &mut Lowering<'_>) -> Option<Known> {
    let label = Label::open("known");
    let is_good = low.is_map_of(node, label, &KEYS);
    if !is_good && node.pairs().is_empty() {
        return None;
    }
    let addresses = required(node, "address", low).and_then(|node| pattern(node, low));
    let reason = required(node, "reason", low).and_then(|node| low.live_word(node, Label::open("reason")));
    let expires = required(node, "expires", low).and_then(|node| date(node, low));
    let class = node.get("class").map(|node| class(node, low));
    let fields = node.get("fields").map(|node| fields(node, low));
    Some(Known {
        addresses: addresses?,
        class: class.map_or(Some(None), |class| class.map(Some))?,
        fields: fields.unwrap_or_else(|| Some(Vec::new()))?,
        reason: reason?.trim().to_owned(),
        expires: expires?,
        source: low.report.source(Place::of(low.file, node)),
    })
}

fn required<'n, 't>(node: &'n Node<'t>, key: &str, low: &mut Lowering<'_>) -> Option<&'n Node<'t>> {
    let value = node.get(key);
    if value.is_none() {
        let message = format!("an entry of `known` without {}", quote(key));
        let finding = Finding::error("missing_field", Place::of(low.file, node), message);
        low.report.add(finding.hint("every entry needs `address`, `reason` and `expires`"));
    }
    value
}

fn pattern(node: &Node<'_>, low: &mut Lowering<'_>) -> Option<Glob> {
    let label = Label::open("address");
    match Glob::new(low.live_word(node, label)?) {
        Ok(glob) => Some(glob),
        Err(why) => {
            low.error(node, label, "bad_pattern", &format!("is wrong: {why}"));
            None
        }
    }
}

fn class(node: &Node<'_>, low: &mut Lowering<'_>) -> Option<DriftClass> {
    let label = Label::open("class");
    let class = DriftClass::by_name(low.word(node, label)?).filter(|class| class.is_difference());
    if class.is_none() {
        let all: Vec<_> = DriftClass::ALL.into_iter().filter(|class| class.is_difference()).collect();
        let listed = all.iter().map(|class| class.name()).collect::<Vec<_>>().join(", ");
        low.error(node, label, "wrong_type", &format!("is wrong: expected one of {listed}"));
    }
    class
}

fn fields(node: &Node<'_>, low: &mut Lowering<'_>) -> Option<Vec<String>> {
    let label = Label::open("fields");
    let items = low.items(node, label)?;
    if items.is_empty() {
        low.error(node, label, "empty_value", "is empty: leave it out to mean every field");
        return None;
    }
    items.iter().map(|item| low.word(item, label).map(str::to_owned)).collect()
}

/// A day as everybody writes it who sorts days: with four, two and two digits.
fn date(node: &Node<'_>, low: &mut Lowering<'_>) -> Option<String> {
    let label = Label::open("expires");
    let text = low.word(node, label)?;
    let is_date = text.parse::<jiff::civil::Date>().is_ok_and(|date| date.to_string() == text);
    if !is_date {
        low.error(node, label, "bad_date", "is wrong: expected a day of the calendar such as 2026-12-31");
    }
    is_date.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn read(text: &str) -> Result<Baseline, Diagnostics> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known.yaml");
        std::fs::write(&path, text).unwrap();
        Baseline::read(&path)
    }

    #[test]
    fn entries_are_read_with_their_places() {
        let text = "version: 1\nknown:\n- { address: \"hq/trunk/*\", reason: a b, expires: 2026-12-31 }\n\
                    - address: hq\n  class: not_applied\n  fields: [host, port]\n  reason: >\n    two\n    lines\n  expires: 2028-02-29\n";
        let baseline = read(text).unwrap_or_else(|_| unreachable!());
        let [first, second] = &*baseline.known else { unreachable!() };
        assert_eq!((first.addresses.pattern(), first.class, &*first.reason), ("hq/trunk/*", None, "a b"));
        assert_eq!((first.source.line, first.source.column, &*first.expires), (3, 3, "2026-12-31"));
        assert_eq!((second.class, &*second.fields.join(" ")), (Some(DriftClass::NotApplied), "host port"));
        assert_eq!((&*second.reason, second.source.line), ("two lines", 4));
        for empty in ["version: 1\n", "version: 1\nknown:\n", "version: 1\nknown: []\n"] {
            assert!(read(empty).is_ok_and(|baseline| baseline.known.is_empty()), "{empty}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        let entry = |rest: &str| format!("version: 1\nknown:\n- {{ address: hq, reason: r, {rest} }}\n");
        for (text, code, line, column) in [
            (entry("expires: 2026-02-30"), "bad_date", 3, 38),
            (entry("expires: 20261231"), "bad_date", 3, 38),
            (entry("expires: soon"), "bad_date", 3, 38),
            (entry("expires: 2026-12-31, class: unmanaged"), "wrong_type", 3, 57),
            (entry("expires: 2026-12-31, fields: []"), "empty_value", 3, 58),
            (entry("expires: 2026-12-31, fields: host"), "wrong_type", 3, 58),
            (entry("expires: 2026-12-31, until: 3"), "unknown_field", 3, 50),
            (entry("class: not_applied"), "missing_field", 3, 3),
            ("version: 1\nknown: [{ address: \"a[\", reason: r, expires: 2026-12-31 }]".into(), "bad_pattern", 2, 20),
            ("version: 2\n".into(), "unknown_version", 1, 10),
            ("known: []\n".into(), "missing_version", 1, 1),
            ("version: 1\nknow: []\n".into(), "unknown_field", 2, 1),
            ("version: 1\nknown: {\n".into(), "yaml_syntax", 3, 1),
            ("- 1\n".into(), "wrong_type", 1, 1),
        ] {
            let Err(diagnostics) = read(&text) else { unreachable!("{text}") };
            let first = diagnostics.iter().next().unwrap();
            let source = &first.span.as_ref().unwrap().source;
            assert_eq!((first.code, source.line, source.column), (code, line, column), "{text}: {}", first.message);
        }
        let missing = Baseline::read(Path::new("no/such.yaml"));
        assert!(missing.is_err_and(|told| told.iter().any(|told| told.code == "file_not_found")));
    }
}

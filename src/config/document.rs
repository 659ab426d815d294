//! One file: its sections, streamed, into what all files say together.

use std::collections::HashMap;
use std::path::Path;

use super::call_checks::{self, CallCheckEntry};
use super::defaults::Defaults;
use super::lower::{Label, Lowering, Numbers};
use super::node::{Content, Key, Mark, Node, Pair};
use super::objects::{self, Entry, Names};
use super::removed::{self, RemovedEntry};
use super::report::{FileId, Finding, Place, Report};
use super::targets::{self, TargetEntry};
use super::tree::{Opened, Tree, duplicate_key};
use super::unknown::unknown_key;
use super::yaml::{Broken, Problem};
use crate::diag::quote;
use crate::model::{Kind, ProviderTable, kinds};

/// The version of the desired state's form that this sipform reads.
const VERSION: &str = "1";

/// Sections that aren't a kind's.
const SECTIONS: [&str; 5] = ["version", "targets", "defaults", "removed", "call_checks"];

/// What all files say, before it is checked as a whole.
#[derive(Default)]
pub(super) struct Written {
    pub(super) targets: Vec<TargetEntry>,
    pub(super) defaults: Defaults,
    pub(super) entries: Vec<Entry>,
    pub(super) removed: Vec<RemovedEntry>,
    pub(super) call_checks: Vec<CallCheckEntry>,
    /// Whether a file says which version it is.
    pub(super) has_version: bool,
    names: Names,
    target_places: HashMap<String, Place>,
}

/// Reads one file. Gives whether it could be read to its end.
pub(super) fn read(
    text: &str,
    folder: &Path,
    file: FileId,
    tables: &[&'static ProviderTable],
    written: &mut Written,
    report: &mut Report,
) -> bool {
    let low = Lowering { report, file, folder, numbers: Numbers::Literal, reading: None };
    let mut reader = Reader { tree: Tree::new(text), written, tables, low, sections: HashMap::new() };
    match reader.documents() {
        Ok(()) => true,
        Err(Broken(problem)) => {
            reader.drain_problems();
            report_problem(problem, file, reader.low.report);
            false
        }
    }
}

struct Reader<'a, 't> {
    tree: Tree<'t>,
    written: &'a mut Written,
    tables: &'a [&'static ProviderTable],
    low: Lowering<'a>,
    /// The sections of the document being read.
    sections: HashMap<String, Mark>,
}

impl<'t> Reader<'_, 't> {
    fn documents(&mut self) -> Result<(), Broken> {
        while self.tree.next_document()? {
            self.sections.clear();
            match self.tree.open()? {
                Opened::Map => self.document()?,
                Opened::Whole(node) if node.is_null() => {}
                Opened::Whole(node) => self.not_a_document(node.mark),
                Opened::List => {
                    self.not_a_document(Mark::START);
                    while self.tree.next_item()?.is_some() {}
                }
            }
            self.drain_problems();
        }
        Ok(())
    }

    fn not_a_document(&mut self, mark: Mark) {
        let place = Place { file: self.low.file, mark };
        let message = "expected a mapping with `version`, `targets` and lists of objects";
        self.low.report.add(Finding::error("wrong_type", place, message));
    }

    fn document(&mut self) -> Result<(), Broken> {
        while let Some(key) = self.tree.next_key()? {
            self.refuse_second_section(&key);
            match (&*key.text, kinds::by_section(&key.text)) {
                (_, Some(kind)) => self.list(&key, |reader, node| reader.object(kind, node))?,
                ("removed", _) => self.list(&key, Self::removed)?,
                ("call_checks", _) => self.list(&key, Self::call_check)?,
                ("targets", _) => self.targets(&key)?,
                ("version", _) => {
                    let node = self.tree.node()?;
                    self.version(&node);
                }
                ("defaults", _) => {
                    let node = self.tree.node()?;
                    self.written.defaults.read(&node, &mut self.low, &mut self.written.names);
                }
                _ => self.unknown_section(key)?,
            }
            self.drain_problems();
        }
        Ok(())
    }

    fn refuse_second_section(&mut self, key: &Key<'t>) {
        if let Some(first) = self.sections.insert(key.text.to_string(), key.mark) {
            let hint = Some("put all entries under the first one");
            let problem = Problem { hint, ..duplicate_key(key.mark, first) };
            report_problem(problem, self.low.file, self.low.report);
        }
    }

    fn unknown_section(&mut self, key: Key<'t>) -> Result<(), Broken> {
        let pair = Pair { key, value: self.tree.node()? };
        let known: Vec<&str> = SECTIONS.into_iter().chain(kinds::ALL.iter().map(|kind| kind.section)).collect();
        let finding = unknown_key(self.low.file, &pair, "at the top of the file", &known);
        self.low.report.add(finding);
        Ok(())
    }

    /// Calls `each` for each item of a list, as it is read.
    fn list(&mut self, key: &Key<'t>, mut each: impl FnMut(&mut Self, &Node<'t>)) -> Result<(), Broken> {
        match self.tree.open()? {
            Opened::List => {
                while let Some(node) = self.tree.next_item()? {
                    self.drain_problems();
                    each(self, &node);
                }
            }
            Opened::Whole(Node { content: Content::List(items), .. }) => items.iter().for_each(|node| each(self, node)),
            Opened::Whole(node) if node.is_null() => {}
            Opened::Whole(_) => self.wrong_section(key, "a list"),
            Opened::Map => {
                self.wrong_section(key, "a list");
                self.skip_map()?;
            }
        }
        Ok(())
    }

    fn targets(&mut self, key: &Key<'t>) -> Result<(), Broken> {
        match self.tree.open()? {
            Opened::Map => {
                while let Some(key) = self.tree.next_key()? {
                    let value = self.tree.node()?;
                    self.drain_problems();
                    self.target(Pair { key, value });
                }
            }
            Opened::Whole(Node { content: Content::Map(pairs), .. }) => {
                for pair in pairs {
                    self.target(pair);
                }
            }
            Opened::Whole(node) if node.is_null() => {}
            Opened::Whole(_) => self.wrong_section(key, "a mapping from names to targets"),
            Opened::List => {
                self.wrong_section(key, "a mapping from names to targets");
                while self.tree.next_item()?.is_some() {}
            }
        }
        Ok(())
    }

    fn skip_map(&mut self) -> Result<(), Broken> {
        while self.tree.next_key()?.is_some() {
            self.tree.node()?;
        }
        Ok(())
    }

    fn wrong_section(&mut self, key: &Key<'t>, expected: &str) {
        let place = Place { file: self.low.file, mark: key.mark };
        let message = format!("{}: expected {expected}", quote(&key.text));
        self.low.report.add(Finding::error("wrong_type", place, message).shown(true));
    }

    fn object(&mut self, kind: &'static Kind, node: &Node<'t>) {
        if let Some(entry) = objects::read(kind, node, &mut self.low, &mut self.written.names) {
            self.written.entries.push(entry);
        }
    }

    fn removed(&mut self, node: &Node<'t>) {
        self.low.numbers = Numbers::Literal;
        if let Some(entry) = removed::read(node, &mut self.low, &mut self.written.names) {
            self.written.removed.push(entry);
        }
    }

    fn call_check(&mut self, node: &Node<'t>) {
        self.low.numbers = Numbers::Literal;
        self.written.call_checks.extend(call_checks::read(node, &mut self.low));
    }

    fn target(&mut self, pair: Pair<'t>) {
        let place = Place { file: self.low.file, mark: pair.key.mark };
        if let Some(why) = targets::bad_name(&pair.key.text) {
            self.low.report.add(Finding::error("bad_name", place, why));
        } else if let Some(first) = self.written.target_places.get(&*pair.key.text) {
            let message = format!("the target {} twice", quote(&pair.key.text));
            let finding = Finding::error("duplicate_target", place, message).shown(true);
            self.low.report.add(finding.related(*first, "the first one").about_target(&pair.key.text));
            return;
        }
        self.written.target_places.insert(pair.key.text.to_string(), place);
        let table = targets::provider(&pair.value, place, self.tables, &mut self.low);
        let name = self.written.names.intern(&pair.key.text);
        let entry = TargetEntry { name, place, table, node: pair.value.into_owned() };
        targets::read(&entry, self.tables, &mut self.low);
        self.written.targets.push(entry);
    }

    fn version(&mut self, node: &Node<'t>) {
        self.written.has_version = true;
        let label = Label::open("version");
        let Some(text) = self.low.word(node, label) else { return };
        if text != VERSION {
            let finding = self.low.about(node, label, "unknown_version", &format!("isn't {VERSION}"));
            self.low
                .report
                .add(finding.hint(format!("this sipform reads version {VERSION}; a newer one may read more")));
        }
    }

    fn drain_problems(&mut self) {
        for problem in self.tree.problems.drain(..) {
            report_problem(problem, self.low.file, self.low.report);
        }
    }
}

/// Reports what is wrong with the YAML itself.
pub(super) fn report_problem(problem: Problem, file: FileId, report: &mut Report) {
    let Problem { code, message, mark, first, hint } = problem;
    let mut finding = Finding::error(code, Place { file, mark }, message).maybe_hint(hint.map(str::to_owned));
    if let Some(first) = first {
        finding = finding.related(Place { file, mark: first }, "the first one");
    }
    report.add(finding);
}

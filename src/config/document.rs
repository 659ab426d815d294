//! One file: its sections, streamed, into what all files say together.

use std::collections::HashMap;
use std::path::Path;

use super::ahead::Steps;
use super::call_checks::{self, CallCheckEntry};
use super::lower::{Label, Lowering, Numbers};
use super::node::{Content, Key, Mark, Node, Pair};
use super::objects::{self, Common, Entry};
use super::removed::{self, RemovedEntry};
use super::report::{FileId, Finding, Place, Report};
use super::sharing::Names;
use super::tree::{Opened, Tree, duplicate_key};
use super::unknown::unknown_key;
use super::yaml::{Broken, Problem};
use crate::diag::quote;
use crate::model::{Kind, kinds};

/// The version of the desired state's form that this sipform reads.
const VERSION: &str = "1";

/// Sections that aren't a kind's.
const SECTIONS: [&str; 5] = ["version", "targets", "defaults", "removed", "call_checks"];

/// What one file says.
#[derive(Default)]
pub(super) struct Document {
    /// By their names. They and the defaults are read once it is known what the files before say.
    pub(super) targets: Vec<Pair<'static>>,
    pub(super) defaults: Vec<Node<'static>>,
    pub(super) entries: Vec<Entry>,
    pub(super) removed: Vec<RemovedEntry>,
    pub(super) call_checks: Vec<CallCheckEntry>,
    /// Whether the file says which version it is.
    pub(super) has_version: bool,
    /// The targets that its entries name.
    pub(super) names: Names,
}

/// Reads one file. Gives what it says, and whether it could be read to its end.
pub(super) fn read(steps: Steps<'_>, folder: &Path, file: FileId, report: &mut Report) -> (Document, bool) {
    let low = Lowering { report, file, folder, numbers: Numbers::Literal, reading: None };
    let (document, common) = (Document::default(), Common::default());
    let mut reader = Reader { tree: Tree::new(steps), document, common, low, sections: HashMap::new() };
    let end = reader.documents();
    if let Err(Broken(problem)) = &end {
        reader.drain_problems();
        report_problem(problem, file, reader.low.report);
    }
    let Reader { mut document, common, .. } = reader;
    document.names = common.names;
    document.entries.shrink_to_fit();
    (document, end.is_ok())
}

struct Reader<'a, 't> {
    tree: Tree<'t>,
    document: Document,
    common: Common,
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
                    self.document.defaults.push(node.into_owned());
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
            report_problem(&problem, self.low.file, self.low.report);
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
                    self.document.targets.push(Pair { key, value }.into_owned());
                }
            }
            Opened::Whole(Node { content: Content::Map(pairs), .. }) => {
                self.document.targets.extend(pairs.into_iter().map(Pair::into_owned));
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
        if let Some(entry) = objects::read(kind, node, &mut self.low, &mut self.common) {
            self.document.entries.push(entry);
        }
    }

    fn removed(&mut self, node: &Node<'t>) {
        self.low.numbers = Numbers::Literal;
        if let Some(entry) = removed::read(node, &mut self.low, &mut self.common.names) {
            self.document.removed.push(entry);
        }
    }

    fn call_check(&mut self, node: &Node<'t>) {
        self.low.numbers = Numbers::Literal;
        self.document.call_checks.extend(call_checks::read(node, &mut self.low));
    }

    fn version(&mut self, node: &Node<'t>) {
        self.document.has_version = true;
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
            report_problem(&problem, self.low.file, self.low.report);
        }
    }
}

/// Reports what is wrong with the YAML itself.
pub(super) fn report_problem(problem: &Problem, file: FileId, report: &mut Report) {
    let Problem { code, message, mark, first, hint } = problem;
    let mut finding =
        Finding::error(code, Place { file, mark: *mark }, message.as_str()).maybe_hint(hint.map(str::to_owned));
    if let Some(first) = first {
        finding = finding.related(Place { file, mark: *first }, "the first one");
    }
    report.add(finding);
}

//! Where the stages put what they find: diagnostics with places, kept within bounds.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::node::{Mark, Node};
use crate::diag::{Diagnostic, Diagnostics, Span};
use crate::model::{Address, Source};

/// A file, by its place in the list of files.
pub(super) type FileId = u32;

/// A place in one of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) file: FileId,
    pub(super) mark: Mark,
}

/// One thing found.
pub(super) struct Finding {
    diagnostic: Diagnostic,
    place: Option<Place>,
    harmless: bool,
    related: Option<(Place, &'static str)>,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Report {
    /// By [`FileId`], as the user would type them.
    names: Arc<Vec<Arc<str>>>,
    found: Diagnostics,
    /// By file: the first secret that stands there as it is, and how many there are.
    literals: BTreeMap<FileId, (Mark, usize)>,
}

impl Finding {
    pub(super) fn error(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { diagnostic: Diagnostic::error(code, message), place: Some(place), harmless: false, related: None }
    }

    pub(super) fn warning(code: &'static str, place: Place, message: impl Into<String>) -> Self {
        Self { diagnostic: Diagnostic::warning(code, message), ..Self::error(code, place, "") }
    }

    /// An error about a whole file or path.
    pub(super) fn nowhere(code: &'static str, message: impl Into<String>) -> Self {
        Self { diagnostic: Diagnostic::error(code, message), place: None, harmless: false, related: None }
    }

    /// With what to do next.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.diagnostic.hint = Some(hint.into());
        self
    }

    /// With what to do next, if there is something.
    pub(super) fn maybe_hint(mut self, hint: Option<String>) -> Self {
        self.diagnostic.hint = hint;
        self
    }

    /// The text at the place may be shown: it belongs to a known field that is no secret.
    pub(super) fn shown(mut self, shown: bool) -> Self {
        self.harmless = shown;
        self
    }

    /// With a second place.
    pub(super) fn related(mut self, place: Place, what: &'static str) -> Self {
        self.related = Some((place, what));
        self
    }

    /// With the object that it is about.
    pub(super) fn about(mut self, address: Address) -> Self {
        self.diagnostic = self.diagnostic.about(address);
        self
    }

    /// With the target that it is about.
    pub(super) fn about_target(mut self, target: &str) -> Self {
        self.diagnostic = self.diagnostic.about_target(target);
        self
    }
}

impl Report {
    /// A report on files of these names.
    pub(super) fn new(names: Arc<Vec<Arc<str>>>) -> Self {
        Self { names, ..Self::default() }
    }

    /// Adds a file that is going to be read.
    pub(super) fn add_file(&mut self, name: Arc<str>) -> FileId {
        Arc::make_mut(&mut self.names).push(name);
        FileId::try_from(self.names.len() - 1).unwrap_or(FileId::MAX)
    }

    /// The files' names, by [`FileId`].
    pub(super) fn names(&self) -> &Arc<Vec<Arc<str>>> {
        &self.names
    }

    /// A report on the same files in which nothing is yet.
    pub(super) fn beside(&self) -> Self {
        Self::new(Arc::clone(&self.names))
    }

    /// Adds everything that another report on the same files found.
    pub(super) fn merge(&mut self, other: Self) {
        self.found.merge(other.found);
        for (file, (mark, count)) in other.literals {
            self.literal_secrets(Place { file, mark }, count);
        }
    }

    /// Adds what was found.
    pub(super) fn add(&mut self, finding: Finding) {
        let Finding { mut diagnostic, place, harmless, related } = finding;
        diagnostic.span = place.and_then(|place| self.span(place, harmless));
        diagnostic.related =
            related.and_then(|(place, what)| self.span(place, harmless).map(|span| (span, what.to_owned())));
        self.found.push(diagnostic);
    }

    /// Counts a secret that stands in a file as it is.
    pub(super) fn literal_secret(&mut self, place: Place) {
        self.literal_secrets(place, 1);
    }

    fn literal_secrets(&mut self, place: Place, count: usize) {
        let counted = self.literals.entry(place.file).or_insert((place.mark, 0));
        counted.0 = counted.0.min(place.mark);
        counted.1 += count;
    }

    /// Where something stands, as documents say it.
    pub(super) fn source(&self, place: Place) -> Source {
        let file = self.names.get(place.file as usize).cloned().unwrap_or_default();
        Source { file, line: place.mark.line, column: place.mark.column }
    }

    /// Whether an error was added so far.
    pub(super) fn has_errors(&self) -> bool {
        self.found.has_errors()
    }

    /// All of it, with one warning a file for the secrets that stand there as they are.
    pub(super) fn finish(mut self) -> Diagnostics {
        for (file, (mark, count)) in std::mem::take(&mut self.literals) {
            let message = match count {
                1 => "a secret stands in this file as plain text".to_owned(),
                count => format!("{count} secrets stand in this file as plain text, the first one here"),
            };
            let finding = Finding::warning("literal_secret", Place { file, mark }, message);
            self.add(finding.hint("write `${env:NAME}` or `${file:PATH}` instead"));
        }
        self.found
    }

    fn span(&self, place: Place, harmless: bool) -> Option<Span> {
        self.names.get(place.file as usize)?;
        let length = place.mark.length.max(1);
        Some(Span { source: self.source(place), length, harmless: harmless && place.mark.length > 0, line: None })
    }
}

impl Place {
    /// The place of a node.
    pub(super) fn of(file: FileId, node: &Node<'_>) -> Self {
        Self { file, mark: node.mark }
    }
}

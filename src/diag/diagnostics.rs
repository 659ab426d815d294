//! Many diagnostics, kept within bounds.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Diagnostic, Span};

/// The most errors that are kept: the first ones by place. All are counted.
pub const KEPT_ERRORS: usize = 50;

/// The most warnings that are kept: the first ones by place. All are counted.
pub const KEPT_WARNINGS: usize = 20;

/// How many times its bound a list may grow before it is cut back, so that cutting costs little for each one added.
const SLACK: usize = 4;

/// Diagnostics of all files. However many are added, only the first [`KEPT_ERRORS`] errors and [`KEPT_WARNINGS`] warnings
/// by place stay in memory; the rest is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    errors: Bounded,
    warnings: Bounded,
    files: BTreeSet<Arc<str>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Bounded {
    kept: Vec<Diagnostic>,
    count: usize,
}

impl Diagnostics {
    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        if let Some(span) = &diagnostic.span
            && !self.files.contains(&span.source.file)
        {
            self.files.insert(Arc::clone(&span.source.file));
        }
        if diagnostic.is_error() {
            self.errors.push(diagnostic, KEPT_ERRORS);
        } else {
            self.warnings.push(diagnostic, KEPT_WARNINGS);
        }
    }

    /// Adds all of `other`, also what it only counted.
    pub fn merge(&mut self, other: Self) {
        self.files.extend(other.files);
        self.errors.merge(other.errors, KEPT_ERRORS);
        self.warnings.merge(other.warnings, KEPT_WARNINGS);
    }

    /// The kept ones, sorted by file, line and column; those without a place come first.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        let errors = self.errors.first(KEPT_ERRORS);
        let mut all: Vec<&Diagnostic> = errors.into_iter().chain(self.warnings.first(KEPT_WARNINGS)).collect();
        all.sort_by(|a, b| by_place(a, b));
        all.into_iter()
    }

    /// Every place in the kept ones, related places too, to complete them with their lines.
    pub fn spans_mut(&mut self) -> impl Iterator<Item = &mut Span> {
        self.errors.cut(KEPT_ERRORS);
        self.warnings.cut(KEPT_WARNINGS);
        let kept = self.errors.kept.iter_mut().chain(&mut self.warnings.kept);
        kept.flat_map(|diagnostic| {
            let related = diagnostic.related.as_mut().map(|(span, _)| span);
            diagnostic.span.as_mut().into_iter().chain(related)
        })
    }

    /// Whether nothing may be sent.
    pub fn has_errors(&self) -> bool {
        self.errors.count > 0
    }

    /// Whether there is neither an error nor a warning.
    pub fn is_empty(&self) -> bool {
        self.errors.count + self.warnings.count == 0
    }

    /// How many errors there were, kept or not.
    pub fn error_count(&self) -> usize {
        self.errors.count
    }

    /// How many warnings there were, kept or not.
    pub fn warning_count(&self) -> usize {
        self.warnings.count
    }

    /// How many errors were counted and not kept.
    pub fn errors_left_out(&self) -> usize {
        self.errors.count.saturating_sub(KEPT_ERRORS)
    }

    /// How many warnings were counted and not kept.
    pub fn warnings_left_out(&self) -> usize {
        self.warnings.count.saturating_sub(KEPT_WARNINGS)
    }

    /// In how many files the places are.
    pub fn file_count(&self) -> usize {
        self.files.len()
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, diagnostics: T) {
        diagnostics.into_iter().for_each(|diagnostic| self.push(diagnostic));
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Self::default();
        diagnostics.push(diagnostic);
        diagnostics
    }
}

impl Bounded {
    fn push(&mut self, diagnostic: Diagnostic, bound: usize) {
        self.count += 1;
        self.kept.push(diagnostic);
        if self.kept.len() >= bound * SLACK {
            self.cut(bound);
        }
    }

    fn merge(&mut self, other: Self, bound: usize) {
        self.count += other.count;
        self.kept.extend(other.kept);
        self.cut(bound);
    }

    fn cut(&mut self, bound: usize) {
        self.kept.sort_by(by_place);
        self.kept.truncate(bound);
    }

    fn first(&self, bound: usize) -> Vec<&Diagnostic> {
        let mut sorted: Vec<_> = self.kept.iter().collect();
        sorted.sort_by(|a, b| by_place(a, b));
        sorted.truncate(bound);
        sorted
    }
}

fn by_place(a: &Diagnostic, b: &Diagnostic) -> Ordering {
    let place = |diagnostic: &Diagnostic| diagnostic.span.as_ref().map(|span| span.source.clone());
    place(a).cmp(&place(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Source;

    fn error_at(line: u32) -> Diagnostic {
        let file = Arc::from("a.yaml");
        let source = Source { file, line, column: 1 };
        Diagnostic::error("test", format!("line {line}")).at(Span { source, length: 1, harmless: false, line: None })
    }

    #[test]
    fn keeps_the_first_by_place_and_counts_all() {
        let mut all = Diagnostics::default();
        all.extend((1..=10_000).rev().map(error_at));
        let lines: Vec<u32> = all.iter().filter_map(|one| Some(one.span.as_ref()?.source.line)).collect();
        let first: Vec<u32> = (1..).take(KEPT_ERRORS).collect();
        assert_eq!(lines, first);
        assert_eq!((all.error_count(), all.errors_left_out(), all.file_count()), (10_000, 9_950, 1));
    }

    #[test]
    fn merging_counts_what_was_left_out() {
        let mut all = Diagnostics::from(Diagnostic::warning("test", "w"));
        let mut other = Diagnostics::default();
        other.extend((1..=300).map(error_at));
        all.merge(other);
        assert_eq!((all.error_count(), all.warning_count()), (300, 1));
        assert_eq!(all.iter().count(), KEPT_ERRORS + 1);
    }
}

//! Completes diagnostics with their source lines, once it is known which of them are kept. The files are read again for
//! it: on success nothing of their text has to stay in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use super::files::SourceFile;
use super::masking::{Meant, RawLine, Stretch, is_known, mask};
use super::scalars::{ScalarPlace, each_scalar};
use super::unknown::is_word;
use crate::diag::Diagnostics;

/// Gives every place its line, masked.
pub(super) fn complete(diagnostics: &mut Diagnostics, files: &[SourceFile]) {
    let mut wanted: BTreeMap<Arc<str>, BTreeSet<usize>> = BTreeMap::new();
    for span in diagnostics.spans_mut() {
        wanted.entry(Arc::clone(&span.source.file)).or_default().insert(span.source.line as usize);
    }
    let mut lines: HashMap<Arc<str>, BTreeMap<usize, RawLine>> = HashMap::new();
    for (name, wanted) in wanted {
        let file = files.iter().find(|file| file.name == name);
        if let Some(text) = file.and_then(SourceFile::reread) {
            lines.insert(name, read(&text, &wanted));
        }
    }
    for span in diagnostics.spans_mut() {
        let raw = lines.get(&span.source.file).and_then(|lines| lines.get(&(span.source.line as usize)));
        let start = span.source.column.saturating_sub(1) as usize;
        let meant = Meant { start, length: span.length as usize, harmless: span.harmless };
        span.line = raw.map(|raw| mask(raw, meant));
    }
}

/// The wanted lines of a text with the scalars on them.
pub(super) fn read(text: &str, wanted: &BTreeSet<usize>) -> BTreeMap<usize, RawLine> {
    let mut lines = split(text, wanted);
    let Some(last) = wanted.last().copied() else {
        return lines;
    };
    let broken_from = each_scalar(text, &mut |scalar| {
        if scalar.start.0 > last {
            return ControlFlow::Break(());
        }
        for (number, line) in lines.range_mut(scalar.start.0..=scalar.end.0.max(scalar.start.0)) {
            if let Some(stretches) = &mut line.stretches {
                stretches.push(stretch_on(*number, &scalar));
            }
        }
        ControlFlow::Continue(())
    });
    for (_, line) in lines.range_mut(broken_from.unwrap_or(usize::MAX)..) {
        line.stretches = None;
    }
    lines
}

/// In how many mappings a key may be that isn't a known word: sections, targets' names, and what entries have.
const DEEPEST_NAME: usize = 2;

/// The part of a scalar that is on a line.
fn stretch_on(line: usize, scalar: &ScalarPlace<'_>) -> Stretch {
    let start = if line == scalar.start.0 { scalar.start.1 } else { 0 };
    let end = if line == scalar.end.0 { scalar.end.1 } else { usize::MAX };
    // Its text as it is or in quotes; with a tag or an anchor before it, it isn't shown.
    let length = scalar.text.chars().count();
    // Deeper down a mapping may stand where a secret should, and its keys be the secret.
    let is_name = scalar.has_value && scalar.depth <= DEEPEST_NAME && is_word(&scalar.text);
    let is_shown = is_known(&scalar.text) || is_name;
    let is_whole = scalar.start.0 == scalar.end.0;
    let is_plain = is_whole && [length, length + 2].contains(&end.saturating_sub(start));
    let is_key = scalar.is_key && is_plain && is_shown;
    Stretch { start, end, is_key, is_whole }
}

/// The wanted lines' texts. A line ends as it does for the parser: with LF, CR LF or CR.
fn split(text: &str, wanted: &BTreeSet<usize>) -> BTreeMap<usize, RawLine> {
    let mut lines = BTreeMap::new();
    let (mut rest, mut number) = (text, 1);
    while !rest.is_empty() && wanted.last().is_some_and(|last| number <= *last) {
        let end = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let (line, after) = rest.split_at(end);
        if wanted.contains(&number) {
            lines.insert(number, RawLine { text: line.to_owned(), stretches: Some(Vec::new()) });
        }
        rest = after.strip_prefix("\r\n").or_else(|| after.get(1..)).unwrap_or_default();
        number += 1;
    }
    lines
}

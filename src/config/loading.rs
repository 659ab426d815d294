//! Reads all files, several at a time where that pays.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{fs, panic, thread};

use super::document::{self, Document};
use super::files::{self, SourceFile};
use super::report::{FileId, Report};

/// Files that are smaller together are read by one thread: starting others takes longer than it saves.
const WORTH_A_THREAD: u64 = 512 << 10;

/// A file to read.
pub(super) struct Input<'a> {
    pub(super) path: PathBuf,
    /// Its text, where it is on no disk yet.
    pub(super) unsaved: Option<&'a str>,
}

/// What became of one file.
pub(super) struct FileRead {
    /// `None`: it couldn't be read.
    pub(super) source: Option<SourceFile>,
    pub(super) document: Document,
    /// Whether it was read to its end.
    pub(super) complete: bool,
    /// What was found in it.
    pub(super) report: Report,
}

/// Reads files, whose names are in the report by their places in the list. The answer is in the same order.
pub(super) fn read(inputs: &[Input<'_>], report: &Report) -> Vec<FileRead> {
    read_with(threads(inputs), inputs, report)
}

fn read_with(threads: usize, inputs: &[Input<'_>], report: &Report) -> Vec<FileRead> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(input) = inputs.get(index) else { return done };
            done.push((index, read_one(input, index, report)));
        }
    };
    let mut all = thread::scope(|scope| {
        // Where no thread can be started, this one reads them all.
        let helpers = (1..threads).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok());
        let helpers: Vec<_> = helpers.collect();
        let mut all = work();
        for helper in helpers {
            all.extend(helper.join().unwrap_or_else(|cause| panic::resume_unwind(cause)));
        }
        all
    });
    all.sort_unstable_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, read)| read).collect()
}

/// How many threads to read with.
fn threads(inputs: &[Input<'_>]) -> usize {
    if inputs.len() < 2 {
        return 1;
    }
    let sizes = inputs.iter().map(|input| fs::metadata(&input.path).map_or(0, |metadata| metadata.len()));
    if sizes.sum::<u64>() < WORTH_A_THREAD {
        return 1;
    }
    thread::available_parallelism().map_or(1, NonZeroUsize::get).min(inputs.len())
}

fn read_one(input: &Input<'_>, index: usize, names: &Report) -> FileRead {
    let file = FileId::try_from(index).unwrap_or(FileId::MAX);
    let mut report = names.beside();
    let found = match input.unsaved {
        Some(text) => Some((SourceFile::unsaved(&input.path, text), text.to_owned())),
        None => files::read(&input.path, file, &mut report),
    };
    let Some((source, text)) = found else {
        return FileRead { source: None, document: Document::default(), complete: false, report };
    };
    let (document, complete) = document::read(&text, source.folder(), file, &mut report);
    FileRead { source: Some(source), document, complete, report }
}

impl Input<'_> {
    /// The folder from which relative paths in the file start.
    pub(super) fn folder(&self) -> &Path {
        files::folder(&self.path)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    /// What was read, file by file, as far as it can be compared.
    fn shown(threads: usize, inputs: &[Input<'_>], names: &Report) -> Vec<String> {
        let read = read_with(threads, inputs, names);
        let shown = read.into_iter().map(|file| {
            let keys: Vec<_> = file.document.entries.iter().map(|entry| entry.keys.first().into_owned()).collect();
            let name = file.source.map(|source| source.name);
            format!("{name:?} {keys:?} {} {:?}", file.complete, file.report.finish())
        });
        shown.collect()
    }

    #[test]
    fn however_many_read_the_files_they_come_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let mut names = Report::default();
        let mut inputs = Vec::new();
        for file in 0..40 {
            let path = folder.path().join(format!("{file}.yaml"));
            // Of different lengths, so that later ones are done earlier; with mistakes, some of which end the reading.
            let mut text = "sip_numbers:\n".to_owned();
            let entry = |number| format!("  - {{ number: \"{file}{number}\", pasword: x, nat: maybe }}\n");
            text.extend((0..(40 - file) * 5).map(entry));
            text += if file % 3 == 0 { "  - [\n" } else { "" };
            if file % 7 != 6 {
                std::fs::write(&path, text).unwrap();
            }
            names.add_file(files::display_name(&path).into());
            inputs.push(Input { path, unsaved: None });
        }
        inputs.push(Input { path: folder.path().join("new.yaml"), unsaved: Some("trunks: [{ name: a }]") });
        names.add_file("new.yaml".into());
        let alone = shown(1, &inputs, &names);
        assert_eq!(alone.len(), inputs.len());
        assert!(
            alone.iter().any(|file| file.contains("yaml_syntax")) && alone.iter().any(|file| file.contains("new.yaml"))
        );
        for threads in [2, 7] {
            assert_eq!(shown(threads, &inputs, &names), alone, "{threads} threads");
        }
    }
}

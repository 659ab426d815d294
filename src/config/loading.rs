//! Reads all files, several at a time where that pays.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ahead::{self, Steps};
use super::document::{self, Document};
use super::files::{self, SourceFile};
use super::report::{FileId, Report};
use super::side_by_side;

/// Files that are smaller together are read by one thread: starting others takes longer than it saves.
const WORTH_A_THREAD: u64 = 512 << 10;

/// A file whose text is shorter is read by one thread, in bytes. Tests have short ones.
const WORTH_READING_AHEAD: usize = if cfg!(test) { 1 << 10 } else { 1 << 20 };

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

/// Files that are being read.
struct Work<'a> {
    report: &'a Report,
    cores: usize,
    /// How many aren't done.
    left: AtomicUsize,
}

/// Reads files, whose names are in the report by their places in the list. The answer is in the same order.
pub(super) fn read(inputs: &[Input<'_>], report: &Report) -> Vec<FileRead> {
    let cores = side_by_side::cores();
    read_with(threads(cores, inputs), cores, inputs, report)
}

fn read_with(threads: usize, cores: usize, inputs: &[Input<'_>], report: &Report) -> Vec<FileRead> {
    let work = Work { report, cores, left: AtomicUsize::new(inputs.len()) };
    side_by_side::each(threads, inputs.iter().enumerate(), |(index, input)| {
        let read = work.one(input, index);
        work.left.fetch_sub(1, Ordering::Relaxed);
        read
    })
}

/// How many threads to read with.
fn threads(cores: usize, inputs: &[Input<'_>]) -> usize {
    if inputs.len() < 2 {
        return 1;
    }
    let sizes = inputs.iter().map(|input| fs::metadata(&input.path).map_or(0, |metadata| metadata.len()));
    if sizes.sum::<u64>() < WORTH_A_THREAD {
        return 1;
    }
    cores.min(inputs.len())
}

impl Work<'_> {
    fn one(&self, input: &Input<'_>, index: usize) -> FileRead {
        let file = FileId::try_from(index).unwrap_or(FileId::MAX);
        let mut report = self.report.beside();
        let found = match input.unsaved {
            Some(text) => Some((SourceFile::unsaved(&input.path, text), text.to_owned())),
            None => files::read(&input.path, file, &mut report),
        };
        let Some((source, text)) = found else {
            return FileRead { source: None, document: Document::default(), complete: false, report };
        };
        let mut read = |steps: Steps<'_>| document::read(steps, source.folder(), file, &mut report);
        let (document, complete) =
            if self.is_worth_two(&text) { ahead::reading(&text, read) } else { read(Steps::of(&text)) };
        FileRead { source: Some(source), document, complete, report }
    }

    /// Whether a second thread helps with a file, and no other file needs its core. Where a character isn't a byte, each text
    /// is a copy, and the threads would wait for each other to give back its memory.
    fn is_worth_two(&self, text: &str) -> bool {
        text.len() >= WORTH_READING_AHEAD && text.is_ascii() && 2 * self.left.load(Ordering::Relaxed) <= self.cores
    }
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
    fn shown(threads: usize, cores: usize, inputs: &[Input<'_>], names: &Report) -> Vec<String> {
        let read = read_with(threads, cores, inputs, names);
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
        let alone = shown(1, 1, &inputs, &names);
        assert_eq!(alone.len(), inputs.len());
        assert!(
            alone.iter().any(|file| file.contains("yaml_syntax")) && alone.iter().any(|file| file.contains("new.yaml"))
        );
        for (threads, cores) in [(2, 2), (7, 7), (1, 99), (7, 99)] {
            assert_eq!(shown(threads, cores, &inputs, &names), alone, "{threads} threads, {cores} cores");
        }
    }
}

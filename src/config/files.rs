//! Which files there are, and their text.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::node::Mark;
use super::report::{FileId, Finding, Place, Report};

/// The largest file, in bytes.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// How deep folders are searched.
const MAX_FOLDER_DEPTH: usize = 32;

/// The most files of one configuration.
const MAX_FILES: usize = 100_000;

/// The folder in which sipform keeps its own things.
const OWN_FOLDER: &str = ".sipform";

/// A file that was read. Its text isn't kept: what has to be shown of it is read again.
pub(super) struct SourceFile {
    pub(super) name: Arc<str>,
    pub(super) path: PathBuf,
    /// Tells whether the file is still the same when it is read again.
    digest: u64,
    /// The text of a file that is on no disk yet.
    unsaved: Option<Box<str>>,
}

/// Finds the files behind the given paths: folders recursively, each file once, sorted within a folder.
pub(super) fn collect(paths: &[PathBuf], report: &mut Report) -> Vec<PathBuf> {
    let mut found = Found::default();
    for path in paths {
        match fs::metadata(path) {
            Err(error) => report.add(unreadable(path, &error)),
            Ok(metadata) if metadata.is_dir() => {
                let before = found.files.len();
                found.folder(path, 0, report);
                if found.files.len() == before && !found.contains_seen(path) {
                    let message = format!("{}: the folder has no *.yaml or *.yml file", path.display());
                    report.add(Finding::nowhere("empty_folder", message));
                }
            }
            Ok(_) => found.file(path.clone()),
        }
    }
    if found.files.len() > MAX_FILES {
        let message = format!("more than {MAX_FILES} files; only these many can be read");
        report.add(Finding::nowhere("too_many_files", message));
        found.files.truncate(MAX_FILES);
    }
    found.files
}

#[derive(Default)]
struct Found {
    files: Vec<PathBuf>,
    seen: HashSet<PathBuf>,
}

impl Found {
    fn file(&mut self, path: PathBuf) {
        let identity = path.canonicalize().unwrap_or_else(|_| path.clone());
        if self.seen.insert(identity) {
            self.files.push(path);
        }
    }

    /// Whether a file of this folder was named before the folder itself.
    fn contains_seen(&self, folder: &Path) -> bool {
        let folder = folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        self.seen.iter().any(|file| file.starts_with(&folder))
    }

    fn folder(&mut self, folder: &Path, depth: usize, report: &mut Report) {
        if depth > MAX_FOLDER_DEPTH {
            let message = format!("{}: folders nested more than {MAX_FOLDER_DEPTH} deep", folder.display());
            return report.add(Finding::nowhere("too_deep", message));
        }
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return report.add(unreadable(folder, &error)),
        };
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            // A link to a folder isn't followed (it may lead back here); one to a file is.
            if is_hidden(&path) {
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                self.folder(&path, depth + 1, report);
            } else if is_yaml(&path) && !path.is_dir() {
                self.file(path);
            }
        }
    }
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == OWN_FOLDER || name.as_encoded_bytes().starts_with(b"."))
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Reads a file's text, or reports why it can't be read.
pub(super) fn read(path: &Path, file: FileId, report: &mut Report) -> Option<(SourceFile, String)> {
    let name: Arc<str> = display_name(path).into();
    let text = match crate::files::read(path, MAX_FILE_BYTES) {
        Ok(bytes) => decode(bytes),
        Err(error) => {
            report.add(unreadable(path, &error));
            return None;
        }
    };
    match text {
        Ok(text) => Some((SourceFile { name, path: path.to_path_buf(), digest: digest(&text), unsaved: None }, text)),
        Err((code, message, mark)) => {
            report.add(Finding::error(code, Place { file, mark }, message));
            None
        }
    }
}

impl SourceFile {
    /// A file that is to be written there, and isn't yet.
    pub(super) fn unsaved(path: &Path, text: &str) -> Self {
        let name = display_name(path).into();
        Self { name, path: path.to_path_buf(), digest: digest(text), unsaved: Some(text.into()) }
    }

    /// The text once more; `None` where the file has changed since, or is gone.
    pub(super) fn reread(&self) -> Option<String> {
        if let Some(text) = &self.unsaved {
            return Some(text.to_string());
        }
        let text = decode(crate::files::read(&self.path, MAX_FILE_BYTES).ok()?).ok()?;
        (digest(&text) == self.digest).then_some(text)
    }

    /// The folder that relative paths in the file start from.
    pub(super) fn folder(&self) -> &Path {
        folder(&self.path)
    }
}

/// The folder that a file is in.
pub(super) fn folder(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Text without its byte order mark. A control character is refused here: the parser takes a NUL for the end of the file.
fn decode(bytes: Vec<u8>) -> Result<String, (&'static str, &'static str, Mark)> {
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let readable = error.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(error.as_bytes().get(..readable).unwrap_or_default()).into_owned();
        ("not_utf8", "the file isn't UTF-8 from here on", end_of(&before))
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    match control(&text) {
        None => Ok(text),
        Some(at) => {
            let mark = end_of(text.get(..at).unwrap_or_default());
            Err(("control_character", "a control character, which YAML doesn't allow", mark))
        }
    }
}

/// Where a text's first control character is.
fn control(text: &str) -> Option<usize> {
    const STRETCH: usize = 4096;
    let is_control = |byte: &u8| *byte < b' ' && !matches!(*byte, b'\t' | b'\n' | b'\r');
    // A stretch is looked at without stopping, which takes many bytes at a time.
    let has_control = |stretch: &[u8]| stretch.iter().fold(false, |found, byte| found | is_control(byte));
    let before = text.as_bytes().chunks(STRETCH).take_while(|stretch| !has_control(stretch)).count() * STRETCH;
    let rest = text.as_bytes().get(before..)?;
    rest.iter().position(is_control).map(|at| before + at)
}

/// The place behind a text.
fn end_of(text: &str) -> Mark {
    let line = text.matches('\n').count() + 1;
    let column = text.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    let narrow = |number| u32::try_from(number).unwrap_or(u32::MAX);
    Mark { line: narrow(line), column: narrow(column), length: 0 }
}

/// A number that another text hardly has by accident. Nobody gains by making two that have the same.
fn digest(text: &str) -> u64 {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let add = |digest: u64, word: u64| (digest.rotate_left(23) ^ word).wrapping_mul(FACTOR);
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let whole = words.iter().fold(text.len() as u64, |digest, word| add(digest, u64::from_le_bytes(*word)));
    rest.iter().fold(whole, |digest, byte| add(digest, u64::from(*byte)))
}

/// The path as the user would type it.
pub(super) fn display_name(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

fn unreadable(path: &Path, error: &io::Error) -> Finding {
    let name = display_name(path);
    let finding = |code, why: &str| Finding::nowhere(code, format!("{name}: {why}"));
    match error.kind() {
        io::ErrorKind::NotFound => {
            finding("file_not_found", "no such file or folder").hint("name the desired state with -f FILE or -f FOLDER")
        }
        io::ErrorKind::PermissionDenied => finding("unreadable_file", "permission denied"),
        io::ErrorKind::FileTooLarge => {
            finding("file_too_large", &error.to_string()).hint("split it: -f takes several files, and folders")
        }
        io::ErrorKind::InvalidInput => finding("not_a_file", &error.to_string())
            .hint("write its content to a file first: what is wrong is shown by reading it again"),
        kind => finding("unreadable_file", &format!("can't be read ({kind})")),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn codes(report: Report) -> Vec<&'static str> {
        report.finish().iter().map(|diagnostic| diagnostic.code).collect()
    }

    #[test]
    fn folders_are_read_sorted_without_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.yaml", "a.yml", "sub/c.yaml", ".hidden.yaml", ".sipform/x.yaml", "sub/.git/y.yaml", "notes.md"]
        {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "version: 1\n").unwrap();
        }
        let mut report = Report::default();
        let given = [folder.path().join("b.yaml"), folder.path().to_path_buf()];
        let found = collect(&given, &mut report);
        let names: Vec<_> =
            found.iter().map(|path| path.strip_prefix(folder.path()).unwrap().to_str().unwrap()).collect();
        assert_eq!(names, ["b.yaml", "a.yml", "sub/c.yaml"]);
        assert_eq!(codes(report), Vec::<&str>::new());
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let empty = folder.path().join("empty");
        fs::create_dir(&empty).unwrap();
        let latin = folder.path().join("latin.yaml");
        fs::write(&latin, b"a: b\nc: \xe9\n").unwrap();
        let nul = folder.path().join("nul.yaml");
        fs::write(&nul, b"a: b\0\n").unwrap();
        let mut report = Report::default();
        let found = collect(&[folder.path().join("none.yaml"), empty, latin, nul], &mut report);
        for path in &found {
            let file = report.add_file(display_name(path).into());
            assert!(read(path, file, &mut report).is_none());
        }
        assert_eq!(codes(report), ["file_not_found", "empty_folder", "not_utf8", "control_character"]);
    }
}

//! State files: one a box, JSON that people may edit.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::Error;

/// What marks a file as ours, whatever has become of the rest of it.
const SCHEMA: &str = "sipform.sandbox/v1";

/// The end of every state file's name. A folder may hold other JSON files, a ledger for one.
const SUFFIX: &str = ".box.json";

/// The largest state file that is read: 1 GiB.
const MAX_BYTES: u64 = 1 << 30;

/// The end of the name of a file that is being written.
const TEMPORARY: &str = ".tmp";

/// A file name's longest part that is made from a target's name, in bytes; file systems take 255 for the whole.
const MAX_STEM: usize = 180;

/// How far into a file its mark is looked for, in bytes.
const MARK_WITHIN: usize = 256;

/// A file that is written faster than this is written after every change.
const SLOW: Duration = Duration::from_millis(5);

/// Of the time of a box with a slow file, writing it takes at most one part in so many.
const SHARE: u32 = 20;

/// One box's state file.
pub(super) struct Store {
    path: PathBuf,
    target: String,
    provider: &'static str,
    /// The file as it was when it was last read or written here; `None`: there was none.
    seen: Option<Stamp>,
    /// When it was last written, and how long that took.
    written: Option<(Instant, Duration)>,
}

/// What tells one version of a file from the next.
#[derive(PartialEq, Eq)]
struct Stamp {
    modified: Option<SystemTime>,
    length: u64,
}

#[derive(Deserialize)]
struct Document {
    schema: String,
    provider: String,
    state: Value,
}

#[derive(Serialize)]
struct DocumentRef<'a, S> {
    schema: &'a str,
    provider: &'a str,
    target: &'a str,
    state: &'a S,
}

impl Store {
    pub(super) fn new(folder: &Path, target: &str, provider: &'static str) -> Self {
        Self { path: folder.join(file_name(target)), target: target.to_owned(), provider, seen: None, written: None }
    }

    /// Whether it is slow to write and was written a moment ago.
    pub(super) fn is_tired(&self) -> bool {
        self.written.is_some_and(|(end, took)| took > SLOW && end.elapsed() < took * SHARE)
    }

    /// Whether somebody has changed or removed the file since it was last read or written here.
    pub(super) fn is_edited(&self) -> bool {
        Stamp::of(&self.path) != self.seen
    }

    /// The file's name, for messages.
    pub(super) fn place(&self) -> String {
        self.path.display().to_string()
    }

    /// The kept state; `None` where there is no file.
    pub(super) fn load(&mut self) -> Result<Option<Value>, Error> {
        let seen = Stamp::of(&self.path);
        let text = match crate::files::read(&self.path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.seen = None;
                return Ok(None);
            }
            Err(error) => return Err(file_error("read", &self.path, error)),
        };
        let document: Document = serde_json::from_slice(&text).map_err(|error| self.bad(error.to_string()))?;
        if document.schema != SCHEMA {
            return Err(self.bad(format!("expected \"schema\": \"{SCHEMA}\"")));
        }
        if document.provider != self.provider {
            return Err(Error::OtherProvider {
                target: self.target.clone(),
                is: document.provider,
                asked: self.provider,
            });
        }
        self.seen = seen;
        Ok(Some(document.state))
    }

    /// Replaces the file by one with this state, in one step for whoever reads it.
    pub(super) fn save(&mut self, state: &impl Serialize) -> Result<(), Error> {
        let begun = Instant::now();
        let document = DocumentRef { schema: SCHEMA, provider: self.provider, target: &self.target, state };
        let text = serde_json::to_string_pretty(&document).map_err(|error| self.bad(error.to_string()))?;
        replace(&self.path, (crate::diag::escape_json(&text) + "\n").as_bytes())
            .map_err(|error| file_error("write", &self.path, error))?;
        self.written = Some((Instant::now(), begun.elapsed()));
        self.seen = Stamp::of(&self.path);
        Ok(())
    }

    fn bad(&self, reason: String) -> Error {
        Error::BadState { place: self.place(), reason }
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        Some(Self { modified: metadata.modified().ok(), length: metadata.len() })
    }
}

/// Removes the state files in a folder, and nothing else; gives their number. A folder that isn't there holds none.
///
/// # Errors
/// A folder that can't be listed, a file that can't be removed.
pub fn reset(folder: &Path) -> Result<usize, Error> {
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(file_error("read", folder, error)),
    };
    let mut removed = 0;
    for entry in listing {
        let path = entry.map_err(|error| file_error("read", folder, error))?.path();
        if is_ours(&path) {
            fs::remove_file(&path).map_err(|error| file_error("remove", &path, error))?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// By name and by mark: a file that somebody broke while editing is still ours, one that is only called so isn't.
fn is_ours(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let named = name.ends_with(SUFFIX) || (name.contains(&format!("{SUFFIX}.")) && name.ends_with(TEMPORARY));
    let is_file = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file());
    named && is_file && has_mark(path)
}

fn has_mark(path: &Path) -> bool {
    let Ok(text) = crate::files::read(path, MAX_BYTES) else {
        return false;
    };
    let start = String::from_utf8_lossy(text.get(..MARK_WITHIN).unwrap_or(&text)).into_owned();
    start.contains(SCHEMA)
}

/// A target's file: small letters, digits, `-` and `_` as they are, every other byte as `%` and its hex digits, so that
/// no two targets share a file, also where the file system doesn't tell capital letters from small ones.
pub(super) fn file_name(target: &str) -> String {
    let mut name = String::new();
    for byte in target.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => name.push(byte.into()),
            _ => {
                // Writing to a string can't fail.
                let _ = write!(name, "%{byte:02x}");
            }
        }
    }
    if name.len() > MAX_STEM {
        let start: String = name.chars().take(MAX_STEM - 70).collect();
        name = format!("{start}%%{}", super::hash::md5_hex(target));
    }
    name + SUFFIX
}

fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}-{}{TEMPORARY}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed)));
    let written = private_file(Path::new(&temporary))
        .and_then(|mut file| file.write_all(text))
        .and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        drop(fs::remove_file(&temporary));
    }
    written
}

/// For its owner alone: whoever points real targets at a served sandbox leaves real passwords here.
fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn file_error(action: &'static str, path: &Path, source: io::Error) -> Error {
    Error::File { action, path: path.to_owned(), source }
}

//! The journal: an intent before each write, its result after it, flushed to disk. What a killed run leaves open, the next
//! one settles by looking.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::diag::escape_json;
use crate::files;
use crate::model::Address;
use crate::model::outcome::Action;

/// The largest journal that is read: 1 GiB. A run empties it at its end.
const MAX_BYTES: u64 = 1 << 30;

/// An append-only file, one JSON object a line.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Mutex<Option<File>>,
}

/// The journal can't be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path} can't be used: {source}", path = .path.display())]
pub struct JournalError {
    path: PathBuf,
    source: io::Error,
}

/// A write of which nobody noted the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenIntent {
    /// `target/kind/key`.
    pub address: String,
    /// What was to be done.
    pub action: String,
    /// Whether the object is never to be deleted.
    pub protect: bool,
    /// Whether it was noted as done.
    pub done: bool,
}

#[derive(Serialize, Deserialize)]
struct Line {
    address: String,
    action: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protect: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    result: Option<String>,
}

impl Journal {
    /// The journal at this path; nothing is touched until something is noted.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), file: Mutex::new(None) }
    }

    /// Notes what is about to be sent, and waits until the disk has it.
    pub fn intend(&self, address: &Address, action: Action, protect: bool) -> Result<(), JournalError> {
        self.append(&line(address, action, protect, None))
    }

    /// Notes how it ended.
    pub fn conclude(&self, address: &Address, action: Action, protect: bool, result: &str) -> Result<(), JournalError> {
        self.append(&line(address, action, protect, Some(result)))
    }

    fn append(&self, line: &Line) -> Result<(), JournalError> {
        self.try_append(line).map_err(|source| self.error(source))
    }

    fn try_append(&self, line: &Line) -> io::Result<()> {
        let text = escape_json(&serde_json::to_string(line)?) + "\n";
        let mut guard = self.file.lock().map_err(|_| io::Error::other("a writer of it failed"))?;
        let file = match &mut *guard {
            Some(file) => file,
            None => guard.insert(open(&self.path)?),
        };
        file.write_all(text.as_bytes())?;
        file.sync_data()
    }

    /// What a run that was cut off left behind: the last word on each address that it was going to write.
    pub fn left_over(&self) -> Result<Vec<OpenIntent>, JournalError> {
        let text = match files::read(&self.path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(self.error(source)),
        };
        let mut intents = BTreeMap::new();
        for line in text.split(|&byte| byte == b'\n') {
            // A line may be torn, in the middle of a character too, where the power went: it was never flushed, so nothing
            // was sent for it.
            if let Ok(Line { address, action, protect, result }) = serde_json::from_slice::<Line>(line) {
                let done = result.as_deref() == Some("done");
                intents.insert(address.clone(), OpenIntent { address, action, protect, done });
            }
        }
        Ok(intents.into_values().collect())
    }

    /// Keeps these and nothing else: they are about targets that this run couldn't look at. The rest is settled, and the
    /// ledger knows.
    pub fn keep(&self, unsettled: &[OpenIntent]) -> Result<(), JournalError> {
        if unsettled.is_empty() {
            return self.clear();
        }
        self.close();
        let mut text = String::new();
        for OpenIntent { address, action, protect, done } in unsettled {
            let result = done.then(|| "done".to_owned());
            let line = Line { address: address.clone(), action: action.clone(), protect: *protect, result };
            let line = serde_json::to_string(&line).map_err(|error| self.error(error.into()))?;
            text.extend([&*escape_json(&line), "\n"]);
        }
        let temporary = self.path.with_added_extension("new");
        write_whole(&temporary, text.as_bytes())
            .and_then(|()| fs::rename(&temporary, &self.path))
            .map_err(|source| self.error(source))
    }

    /// Empties it: everything in it is settled and the ledger knows.
    pub fn clear(&self) -> Result<(), JournalError> {
        self.close();
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.error(error)),
            _ => Ok(()),
        }
    }

    fn close(&self) {
        if let Ok(mut file) = self.file.lock() {
            *file = None;
        }
    }

    fn error(&self, source: io::Error) -> JournalError {
        JournalError { path: self.path.clone(), source }
    }
}

fn line(address: &Address, action: Action, protect: bool, result: Option<&str>) -> Line {
    Line { address: address.to_string(), action: action.name().into(), protect, result: result.map(Into::into) }
}

/// Opens it for adding to. What is left of a torn line is ended first, or the next one would be lost with it.
fn open(path: &Path) -> io::Result<File> {
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    if file.metadata()?.len() > 0 {
        file.seek(SeekFrom::End(-1))?;
        let mut last = [0];
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            file.write_all(b"\n")?;
        }
    }
    Ok(file)
}

fn write_whole(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(text)?;
    file.sync_all()
}

//! The ledger as a local file: read whole, replaced atomically.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::document::{Document, Header, SCHEMA};
use super::{Ledger, Lock, LockError};
use crate::diag::escape_json;
use crate::files;

/// The largest ledger that is read: 1 GiB, far above a million claims.
const MAX_BYTES: u64 = 1 << 30;

/// Where the ledger is.
#[derive(Clone, Debug)]
pub struct LedgerFile {
    path: PathBuf,
}

/// Why the ledger can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// Reading or writing failed.
    #[error("the ledger {path} can't be {what}: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// `read` or `written`.
        what: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// It isn't a ledger, or not whole.
    #[error("the ledger {path} is damaged: {why}", path = .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, as a fragment.
        why: String,
    },
    /// A later version of sipform wrote it.
    #[error("the ledger {path} was written by a newer sipform (schema {schema}); this one reads {SCHEMA}", path = .path.display())]
    Newer {
        /// The file.
        path: PathBuf,
        /// What it says.
        schema: String,
    },
    /// A real ledger where a sandbox runs, or the other way round.
    #[error("the ledger {path} belongs to {theirs}, and this run is against {ours}", path = .path.display())]
    Mixed {
        /// The file.
        path: PathBuf,
        /// What it belongs to.
        theirs: &'static str,
        /// What the run is against.
        ours: &'static str,
    },
}

impl LedgerError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Io { .. } => "check the path and its permissions, or give another with --ledger",
            Self::Damaged { .. } => {
                "restore it from a backup; or move it away: sipform then adopts what matches and deletes nothing of its own accord"
            }
            Self::Newer { .. } => "run the newer version of sipform",
            Self::Mixed { .. } => "give each its own with --ledger, or leave the option out",
        }
    }
}

impl LedgerFile {
    /// The ledger at this path.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that holds it, its lock and its journal.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// A file beside the ledger: `ledger.json` → `ledger.json.lock`.
    pub fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    /// Reads it; `None` where there is none yet.
    pub fn load(&self, sandbox: bool) -> Result<Option<Ledger>, LedgerError> {
        let text = match self.read() {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(self.io("read", source)),
        };
        let ledger = self.parse(&text)?;
        if ledger.sandbox == sandbox {
            return Ok(Some(ledger));
        }
        let name = |sandbox| if sandbox { "the sandbox" } else { "real targets" };
        Err(LedgerError::Mixed { path: self.path.clone(), theirs: name(ledger.sandbox), ours: name(sandbox) })
    }

    fn read(&self) -> io::Result<String> {
        files::read_text(&self.path, MAX_BYTES)
    }

    fn parse(&self, text: &str) -> Result<Ledger, LedgerError> {
        let damaged = |error: &serde_json::Error| LedgerError::Damaged {
            path: self.path.clone(),
            why: format!("line {}, column {}: not what a ledger holds there", error.line(), error.column()),
        };
        let header: Header = serde_json::from_str(text).map_err(|error| damaged(&error))?;
        if header.schema != SCHEMA {
            return Err(self.foreign(header.schema));
        }
        let document: Document = serde_json::from_str(text).map_err(|error| damaged(&error))?;
        Ok(document.into())
    }

    fn foreign(&self, schema: String) -> LedgerError {
        let path = self.path.clone();
        if schema.starts_with("sipform.ledger/") {
            LedgerError::Newer { path, schema }
        } else {
            LedgerError::Damaged { path, why: format!("its schema isn't {SCHEMA}") }
        }
    }

    /// Writes it: to a file beside it, flushed, then moved over the old one, so that it is always whole.
    pub fn save(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        let document = Document::from(ledger);
        self.write(&document).map_err(|source| self.io("written", source))
    }

    fn write(&self, document: &Document) -> io::Result<()> {
        self.make_folder()?;
        let temporary = self.beside(".new");
        let mut file = File::create(&temporary)?;
        let text = serde_json::to_string_pretty(document).map_err(io::Error::other)?;
        file.write_all((escape_json(&text) + "\n").as_bytes())?;
        file.sync_all()?;
        fs::rename(&temporary, &self.path)?;
        // The rename itself has to survive a crash, too; not every system lets a folder be opened for that.
        File::open(self.folder()).and_then(|folder| folder.sync_all()).or(Ok(()))
    }

    fn make_folder(&self) -> io::Result<()> {
        fs::create_dir_all(self.folder())?;
        // A team that keeps its ledger in git says so by --ledger; the default folder stays out of it.
        let own = self.folder().ancestors().find(|folder| folder.file_name().is_some_and(|name| name == ".sipform"));
        match own.map(|folder| folder.join(".gitignore")).filter(|file| !file.exists()) {
            Some(file) => fs::write(file, "*\n"),
            None => Ok(()),
        }
    }

    /// Takes the lock beside it; see [`Lock`].
    pub fn lock(&self) -> Result<Lock, LockError> {
        let path = self.beside(".lock");
        self.make_folder().map_err(|source| LockError::Io { path: path.clone(), source })?;
        Lock::take(&path)
    }

    fn io(&self, what: &'static str, source: io::Error) -> LedgerError {
        LedgerError::Io { path: self.path.clone(), what, source }
    }
}

//! The ledger as a local file: read whole, replaced atomically.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::document::{Document, Header, SCHEMA, Written};
use super::{Ledger, Lock, LockError, disk};
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
    /// A version of sipform wrote it that is too old to be read.
    #[error("the ledger {path} was written by an older sipform (schema {schema}); this one reads {SCHEMA}", path = .path.display())]
    Older {
        /// The file.
        path: PathBuf,
        /// What it says.
        schema: String,
    },
    /// It is a symbolic link that leads nowhere: the ledger is elsewhere, and can't be reached.
    #[error("the ledger {path} is a link to {towards}, which isn't there", path = .path.display(), towards = .towards.display())]
    Dangling {
        /// The link.
        path: PathBuf,
        /// Where it leads.
        towards: PathBuf,
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
            Self::Older { .. } => {
                "run the version of sipform that wrote it; or move it away: sipform then adopts what matches and deletes \
                 nothing of its own accord"
            }
            Self::Dangling { .. } => {
                "bring back what it leads to, such as a drive that isn't mounted; or remove the link, if there is no ledger yet"
            }
            Self::Mixed { .. } => "give each its own with --ledger, or leave the option out",
        }
    }
}

impl LedgerFile {
    /// The ledger at this path. Behind a symbolic link it is the file that the link leads to: that one is replaced, and
    /// beside it are the lock and the journal, the same for everybody who shares it.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let real = if path.is_symlink() { fs::canonicalize(&path).ok() } else { None };
        Self { path: real.unwrap_or(path) }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder that holds it, its lock and its journal.
    pub fn folder(&self) -> &Path {
        disk::folder_of(&self.path)
    }

    /// A file beside the ledger: `ledger.json` → `ledger.json.lock`.
    pub fn beside(&self, suffix: &str) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(suffix);
        name.into()
    }

    /// Reads it; `None` where there is none yet.
    pub fn load(&self, sandbox: bool) -> Result<Option<Ledger>, LedgerError> {
        self.check_link()?;
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

    /// A link that leads nowhere isn't "no ledger yet".
    fn check_link(&self) -> Result<(), LedgerError> {
        let leads_nowhere = || fs::metadata(&self.path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound);
        match fs::read_link(&self.path) {
            Ok(towards) if leads_nowhere() => Err(LedgerError::Dangling { path: self.path.clone(), towards }),
            _ => Ok(()),
        }
    }

    fn read(&self) -> io::Result<Vec<u8>> {
        files::read(&self.path, MAX_BYTES)
    }

    fn parse(&self, text: &[u8]) -> Result<Ledger, LedgerError> {
        if text.is_empty() {
            return Err(self.damaged("it is empty"));
        }
        let damaged = |error: serde_json::Error| {
            self.damaged(format!("line {}, column {}: not what a ledger holds there", error.line(), error.column()))
        };
        match serde_json::from_slice::<Document>(text) {
            Ok(document) if document.schema() == SCHEMA => Ok(document.into()),
            // Another version's may look different in every other respect.
            other => match serde_json::from_slice(text).map_err(damaged)? {
                Header { schema } if schema != SCHEMA => Err(self.foreign(schema)),
                Header { .. } => other.map(Ledger::from).map_err(damaged),
            },
        }
    }

    fn foreign(&self, schema: String) -> LedgerError {
        let path = self.path.clone();
        match version(&schema).and_then(|theirs| Some(theirs.cmp(&version(SCHEMA)?))) {
            Some(Ordering::Greater) => LedgerError::Newer { path, schema },
            Some(Ordering::Less) => LedgerError::Older { path, schema },
            _ => self.damaged(format!("its schema isn't {SCHEMA}")),
        }
    }

    fn damaged(&self, why: impl Into<String>) -> LedgerError {
        LedgerError::Damaged { path: self.path.clone(), why: why.into() }
    }

    /// Writes it: to a file beside it, flushed, then moved over the old one, so that it is always whole.
    pub fn save(&self, ledger: &Ledger) -> Result<(), LedgerError> {
        self.check_link()?;
        self.write(&Written::from(ledger)).map_err(|source| self.io("written", source))
    }

    fn write(&self, document: &Written<'_>) -> io::Result<()> {
        self.make_folder()?;
        disk::replace(&self.path, &self.beside(".new"), |file| {
            let mut lines = Lines { file: BufWriter::new(file), line: Vec::new() };
            serde_json::to_writer_pretty(&mut lines, document)?;
            lines.write_all(b"\n")?;
            lines.flush()
        })
    }

    fn make_folder(&self) -> io::Result<()> {
        disk::make_folder(self.folder())?;
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

/// Escapes a JSON text line by line on its way to a file: a ledger of a million claims is never one text in memory.
struct Lines<'f> {
    file: BufWriter<&'f File>,
    /// What has no end yet.
    line: Vec<u8>,
}

impl Write for Lines<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.line.extend_from_slice(bytes);
        // Texts in it hold no line's end, so only the layout does.
        if bytes.contains(&b'\n') {
            let text = str::from_utf8(&self.line).map_err(io::Error::other)?;
            self.file.write_all(escape_json(text).as_bytes())?;
            self.line.clear();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The number of a schema's version; `None` for what is no ledger's.
fn version(schema: &str) -> Option<u32> {
    schema.strip_prefix("sipform.ledger/v")?.parse().ok()
}

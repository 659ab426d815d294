//! One apply at a time on a ledger: an advisory lock of the system's, which dies with its holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The longest note about a holder that is read, in bytes.
const MAX_NOTE: u64 = 4096;

/// The lock, held until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

/// Who holds a lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Process id.
    pub process: u32,
    /// Host name, or the CI job's address.
    pub host: String,
    /// When it was taken, as RFC 3339.
    pub since: String,
}

/// Why the lock wasn't taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else holds it.
    #[error("another apply holds the ledger's lock{}", .0.as_ref().map(describe).unwrap_or_default())]
    Held(Option<Holder>),
    /// The lock file can't be used.
    #[error("the lock {path} can't be taken: {source}", path = .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

fn describe(holder: &Holder) -> String {
    format!(": process {} on {}, since {}", holder.process, holder.host, holder.since)
}

impl Lock {
    /// Tries to take it, without waiting.
    pub(super) fn take(path: &Path) -> Result<Self, LockError> {
        let io = |source| LockError::Io { path: path.to_owned(), source };
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {
                // What a killed holder left there must not be taken for ours. Its end is a new beginning in any case.
                _ = file.set_len(0);
                Ok(Self { file })
            }
            Err(TryLockError::WouldBlock) => Err(LockError::Held(read_holder(&mut file))),
            Err(TryLockError::Error(source)) => Err(io(source)),
        }
    }

    /// Notes who holds it, for those who find it taken.
    pub fn sign(&mut self, holder: &Holder) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()?;
        self.file.write_all(crate::diag::escape_json(&serde_json::to_string(holder)?).as_bytes())?;
        self.file.flush()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Nobody holds it any more, so nobody should be named. The file stays: removing it would race with a waiter.
        _ = self.file.set_len(0);
    }
}

fn read_holder(file: &mut File) -> Option<Holder> {
    let mut text = String::new();
    file.take(MAX_NOTE).read_to_string(&mut text).ok()?;
    serde_json::from_str(&text).ok()
}

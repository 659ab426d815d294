//! Why a command ended early: one type, of which everything else becomes a case in this file alone.

use super::exit::Exit;
use crate::diag::{Diagnostic, Diagnostics};
use crate::http::Failure;
use crate::ledger::{JournalError, LedgerError, LockError};

/// The end of a command that couldn't do its work: the exit code, and what to tell.
#[derive(Debug)]
pub(super) struct CommandError {
    /// How the process ends.
    pub(super) exit: Exit,
    /// What to tell.
    pub(super) diagnostics: Diagnostics,
}

impl CommandError {
    /// One message.
    pub(super) fn new(exit: Exit, diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(diagnostic);
        Self { exit, diagnostics }
    }

    /// Bad input: nothing was applied.
    pub(super) fn failure(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::Failure, Diagnostic::error(code, message))
    }

    /// Refused before the first write.
    pub(super) fn refused(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Exit::Refused, Diagnostic::error(code, message).hint(hint))
    }

    /// A file that can't be read or written.
    pub(super) fn file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        Self::failure("file", format!("{} can't be {what}: {error}", path.display()))
    }

    /// The user asked it to end.
    pub(super) fn interrupted() -> Self {
        Self::new(Exit::Interrupted, Diagnostic::error("interrupted", "interrupted before anything was sent"))
    }
}

impl From<Diagnostics> for CommandError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { exit: Exit::Failure, diagnostics }
    }
}

impl From<LedgerError> for CommandError {
    fn from(error: LedgerError) -> Self {
        Self::new(Exit::Failure, Diagnostic::error("ledger", error.to_string()).hint(error.hint()))
    }
}

impl From<JournalError> for CommandError {
    fn from(error: JournalError) -> Self {
        let hint =
            "check the path and its permissions; don't remove it: it knows what a run that was cut off may have made";
        Self::new(Exit::Failure, Diagnostic::error("journal", error.to_string()).hint(hint))
    }
}

impl From<LockError> for CommandError {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held(_) => Self::refused(
                "locked",
                error.to_string(),
                "wait for it, or give a time to wait with --lock-timeout 5m; a lock dies with its holder",
            ),
            LockError::Io { .. } => {
                let hint = "check the path and its permissions, or give another ledger with --ledger";
                Self::new(Exit::Failure, Diagnostic::error("lock", error.to_string()).hint(hint))
            }
        }
    }
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        let mut diagnostic = Diagnostic::error("target", failure.message);
        diagnostic.hint = failure.hint;
        Self::new(Exit::Failure, diagnostic)
    }
}

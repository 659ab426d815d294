//! The exit codes, which scripts rely on.

use std::process::ExitCode;

/// How the command ended. The same whatever the output format. A bug that stops the program is none of these: it ends with
/// Rust's own 101 (see `crash`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// Everything is as it was asked for.
    Success,
    /// Nothing was applied; `plan`, `drift`: a target couldn't be read.
    Failure,
    /// There are changes (`plan --detailed-exitcode`) or differences (`drift`).
    Differences,
    /// Refused before the first write.
    Refused,
    /// Applied in part.
    Partial,
    /// Only what the vendors' APIs can't do remains (`--detailed-exitcode`).
    CannotConverge,
    /// Interrupted, with a full report.
    Interrupted,
}

impl Exit {
    /// The number.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Differences => 2,
            Self::Refused => 3,
            Self::Partial => 4,
            Self::CannotConverge => 5,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

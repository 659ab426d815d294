//! What went wrong with a call, in the terms that decide what happens next.

use std::time::Duration;

use crate::model::Unreadable;

/// What a call does to the vendor's state; decides whether it may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Changes nothing.
    Read,
    /// Twice is the same as once.
    IdempotentWrite,
    /// Twice makes two, or fails.
    Create,
    /// Twice is the same as once, and "no such object" is success.
    Delete,
}

/// Why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The request never left: no such host, connection refused.
    NotSent,
    /// The other side's certificate isn't believed, so nothing was sent: never repeated, the target is stopped.
    Untrusted,
    /// It left, and nobody can say whether it took effect: time-out, reset, 5xx, an answer that makes no sense.
    Unknown,
    /// The vendor didn't do it and says to come back later.
    Busy,
    /// The session's token is dead.
    Token,
    /// Wrong user, password or key: never repeated, the target is stopped.
    Credentials,
    /// The door is locked, or this address isn't let in: the target is stopped.
    Locked,
    /// There is one with this key already.
    Exists,
    /// There is none with this key or id.
    Missing,
    /// The vendor's limit on how many there may be is reached: nothing more of the kind is created on this target.
    Full,
    /// The vendor failed in a way that one repetition may mend.
    OnceMore,
    /// The vendor refuses what was asked.
    Refused,
    /// The call isn't one that this box speaks: wrong address or version.
    Unsupported,
}

/// A failed call. Its message holds no secret: no URL with a token, no body, no header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Why, in the terms of what happens next.
    pub kind: FailureKind,
    /// The vendor's code, or a word of ours (`timeout`, `http_502`, `not_json`).
    pub code: String,
    /// What happened, to whom, and why, as a fragment.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
    /// The kind's field that the vendor complains about.
    pub field: Option<&'static str>,
    /// How long the vendor asked to wait.
    pub retry_after: Option<Duration>,
}

impl Failure {
    /// A failure with neither hint nor field.
    pub fn new(kind: FailureKind, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, code: code.into(), message: message.into(), hint: None, field: None, retry_after: None }
    }

    /// With what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With the field that the vendor complains about.
    #[must_use]
    pub fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// Of a call that only prepares a write: whatever became of it, the write itself wasn't sent.
    #[must_use]
    pub fn before_write(self) -> Self {
        match self.kind {
            FailureKind::Unknown => Self { kind: FailureKind::NotSent, ..self },
            _ => self,
        }
    }

    /// What a reader makes of it.
    pub fn into_unreadable(self) -> Unreadable {
        Unreadable { code: self.code, message: self.message, hint: self.hint }
    }

    /// Whether nothing more may be sent to this target in this run.
    pub fn stops_target(&self) -> bool {
        matches!(self.kind, FailureKind::Untrusted | FailureKind::Credentials | FailureKind::Locked)
    }
}

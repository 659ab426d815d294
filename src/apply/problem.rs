//! Why a change isn't done, in the words of the report.

use crate::http::{Failure, FailureKind};
use crate::model::outcome::{Ending, OutcomeError};

/// How a change ended that isn't done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) ending: Ending,
    pub(super) error: OutcomeError,
    /// The vendor's limit is reached: it may work once something else has gone.
    pub(super) no_room: bool,
}

impl Problem {
    pub(super) fn new(ending: Ending, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { ending, error: OutcomeError { code: code.into(), message: message.into() }, no_room: false }
    }

    pub(super) fn stale(message: impl Into<String>) -> Self {
        Self::new(Ending::Stale, "stale", message)
    }

    pub(super) fn skipped(code: &str, message: impl Into<String>) -> Self {
        Self::new(Ending::Skipped, code, message)
    }

    pub(super) fn unknown(failure: &Failure, what: &str) -> Self {
        Self::new(Ending::Unknown, failure.code.clone(), format!("{}; {what}", text(failure)))
    }

    /// The vendor's refusal, in plain words.
    pub(super) fn refused(failure: &Failure) -> Self {
        let ending = match failure.kind {
            FailureKind::Unknown => Ending::Unknown,
            FailureKind::Missing => Ending::Stale,
            _ => Ending::Failed,
        };
        let no_room = failure.kind == FailureKind::Full;
        Self { no_room, ..Self::new(ending, failure.code.clone(), text(failure)) }
    }

    /// What another create may wait for: the vendor takes no more of the kind.
    pub(super) fn full(kind: &str) -> Self {
        let why = format!("the vendor's limit of {kind} objects is reached");
        Self { no_room: true, ..Self::skipped("full", why) }
    }

    /// A refusal after an attempt whose answer got lost: it says nothing about that one, unless the vendor would have
    /// refused that one for the same reason.
    pub(super) fn after_lost(failure: &Failure) -> Self {
        use FailureKind::{Exists, Full, Missing, Refused, Unsupported};
        match failure.kind {
            Exists | Full | Missing | Refused | Unsupported => Self::refused(failure).after_sending(),
            _ => Self::unknown(failure, "it was sent once before, without an answer: look at it, then plan again"),
        }
    }

    /// Stale means that nothing was sent. What was sent without an answer and can't be repeated has failed, and so has a
    /// create for which the vendor misses something: it isn't the object itself.
    pub(super) fn after_sending(mut self) -> Self {
        if self.ending == Ending::Stale {
            self.ending = Ending::Failed;
        }
        self
    }

    /// For a change of which a first part took effect.
    pub(super) fn half_done(mut self, done: &str) -> Self {
        if matches!(self.ending, Ending::Stale | Ending::Skipped) {
            self.ending = Ending::Failed;
        }
        self.error.message.insert_str(0, &format!("{done}, and the rest isn't done: "));
        self
    }
}

fn text(failure: &Failure) -> String {
    let field = failure.field.map(|field| format!(" (field `{field}`)")).unwrap_or_default();
    let hint = failure.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    format!("{}{field}{hint}", failure.message)
}

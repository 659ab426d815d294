//! What became of a planned change.

use schemars::JsonSchema;

use super::Address;

/// What a plan does about one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Action {
    /// Make it.
    Create,
    /// Change it in place.
    Update,
    /// Delete it and make it anew.
    Replace,
    /// Remove it.
    Delete,
    /// The vendor's API can't do what the YAML asks for.
    CannotConverge,
}

impl Action {
    /// The spelling in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
            Self::CannotConverge => "cannot_converge",
        }
    }

    /// Whether apply sends anything for it.
    pub fn sends(self) -> bool {
        self != Self::CannotConverge
    }
}

/// How a change ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum Ending {
    /// Sent, accepted, read back and found as wanted.
    Done,
    /// Refused by the vendor, or accepted and not applied.
    Failed,
    /// Not sent: the live object isn't the one that the plan was made from.
    Stale,
    /// Not sent: something that it needs didn't happen, or the run was interrupted.
    Skipped,
    /// Sent, and nobody can say whether it took effect.
    Unknown,
}

impl Ending {
    /// The spelling in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Stale => "stale",
            Self::Skipped => "skipped",
            Self::Unknown => "unknown",
        }
    }

    /// Reads a spelling.
    pub fn by_name(name: &str) -> Option<Self> {
        let all = [Self::Done, Self::Failed, Self::Stale, Self::Skipped, Self::Unknown];
        all.into_iter().find(|ending| ending.name() == name)
    }
}

/// What became of one change.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Which object.
    pub address: Address,
    /// What the plan wanted.
    pub action: Action,
    /// How it ended.
    pub ending: Ending,
    /// Why, unless it is done.
    pub error: Option<OutcomeError>,
}

/// Why a change isn't done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeError {
    /// A stable word for scripts: `vendor_10043`, `timeout`, `stale`.
    pub code: String,
    /// What happened, why, and what to do next. No secret.
    pub message: String,
}

//! How the live state differs from the YAML, as `drift` reports it.

use schemars::JsonSchema;

use super::Address;

/// One difference between the YAML and a vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftItem {
    /// Which object.
    pub address: Address,
    /// What kind of difference.
    pub class: DriftClass,
}

/// Why an object isn't as the YAML says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum DriftClass {
    /// It was as applied, and somebody changed it since.
    ChangedOutside,
    /// It is ours and is gone.
    DeletedOutside,
    /// The YAML asks for it and it was not applied yet.
    NotApplied,
    /// The vendor's API can't bring it about.
    CannotConverge,
}

impl DriftClass {
    /// The spelling in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChangedOutside => "changed_outside",
            Self::DeletedOutside => "deleted_outside",
            Self::NotApplied => "not_applied",
            Self::CannotConverge => "cannot_converge",
        }
    }
}

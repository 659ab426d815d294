//! How the live state differs from the YAML, as `drift` reports it, and what of that is known already.

use schemars::JsonSchema;

use super::{Address, Glob, Source};

/// One finding about one object, or about all objects of a kind on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftItem {
    /// Which object; without a key for [`DriftClass::Incomplete`].
    pub address: Address,
    /// What kind of finding.
    pub class: DriftClass,
    /// The fields that [`DriftClass::NotReadable`] is about; empty for the others.
    pub fields: Vec<&'static str>,
}

/// Why an object isn't as the YAML says, or why nobody can say so.
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
    /// It is live and in no YAML.
    Unmanaged,
    /// The vendor doesn't show some of its fields.
    NotReadable,
    /// Not all objects of the kind were seen.
    Incomplete,
}

/// Drift that somebody knows of and puts up with for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Where.
    pub addresses: Glob,
    /// Of which class; any where there is none.
    pub class: Option<DriftClass>,
    /// The fields that may differ; any where there are none.
    pub fields: Vec<String>,
    /// Why nobody does anything about it.
    pub reason: String,
    /// The last day on which it counts as known, `YYYY-MM-DD`.
    pub expires: String,
    /// Where it is written down.
    pub source: Source,
}

impl DriftItem {
    /// A finding that isn't about fields that are hidden.
    pub fn new(address: Address, class: DriftClass) -> Self {
        Self { address, class, fields: Vec::new() }
    }
}

impl DriftClass {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::ChangedOutside,
        Self::DeletedOutside,
        Self::NotApplied,
        Self::CannotConverge,
        Self::Unmanaged,
        Self::NotReadable,
        Self::Incomplete,
    ];

    /// The spelling in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChangedOutside => "changed_outside",
            Self::DeletedOutside => "deleted_outside",
            Self::NotApplied => "not_applied",
            Self::CannotConverge => "cannot_converge",
            Self::Unmanaged => "unmanaged",
            Self::NotReadable => "not_readable",
            Self::Incomplete => "incomplete",
        }
    }

    /// By its spelling.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }

    /// Whether something isn't as the YAML says. The others are worth knowing.
    pub fn is_difference(self) -> bool {
        !matches!(self, Self::Unmanaged | Self::NotReadable | Self::Incomplete)
    }
}

impl Known {
    /// Whether it speaks of a difference in these fields. A difference in one more field is news.
    pub fn covers<'f>(&self, address: &str, class: &str, fields: impl IntoIterator<Item = &'f str>) -> bool {
        let mut fields = fields.into_iter().peekable();
        let in_fields = self.fields.is_empty()
            || (fields.peek().is_some() && fields.all(|field| self.fields.iter().any(|known| known == field)));
        in_fields && self.class.is_none_or(|known| known.name() == class) && self.addresses.matches(address)
    }

    /// Whether its last day is over. `today` is a date as in `2026-12-31`: those sort as texts.
    pub fn has_expired(&self, today: &str) -> bool {
        *self.expires < *today
    }
}

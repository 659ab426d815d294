//! How the live state differs from the YAML: `sipform.drift/v1`. For people it is in `drift_text`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::told::{News, ToldDocument};
use crate::model::Address;
use crate::model::drift::{DriftClass, DriftItem};
use crate::plan::PlanDocument;
use crate::plan::document::{ChangeDocument, DiagnosticDocument, FieldDocument, SourceDocument, TargetDocument};

pub use super::drift_text::{Text, text};

/// The schema that this version writes.
pub const SCHEMA: &str = "sipform.drift/v1";

/// What apply does about an object of ours that is neither there nor in the YAML.
pub(super) const FORGET: &str = "forget";
/// What apply does about what is no difference.
const NONE: &str = "none";

/// How the live state differs from the YAML. Fields may be added; these stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DriftDocument {
    /// [`SCHEMA`].
    pub schema: String,
    /// sipform's version.
    pub version: String,
    /// How many of what.
    pub summary: DriftSummary,
    /// What was read.
    pub targets: Vec<TargetDocument>,
    /// By address: the differences, and what is worth knowing beside them.
    pub items: Vec<ItemDocument>,
    /// What of it was told before, where the run was asked to remember.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<ToldDocument>,
    /// Errors and warnings.
    pub diagnostics: Vec<DiagnosticDocument>,
}

/// How many of what. What a baseline knows of is counted in `known` alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DriftSummary {
    /// Somebody changed it since it was applied.
    pub changed_outside: usize,
    /// It was ours and has gone.
    pub deleted_outside: usize,
    /// The YAML asks for it, and it wasn't applied yet.
    pub not_applied: usize,
    /// The vendors' APIs can't bring it about.
    pub cannot_converge: usize,
    /// Differences that a baseline knows of.
    #[serde(default)]
    pub known: usize,
    /// As the YAML says.
    pub unchanged: usize,
    /// In no YAML.
    pub unmanaged: usize,
    /// Left alone by `ignore`.
    pub ignored: usize,
    /// Fields that the vendors don't show.
    pub not_readable: usize,
    /// Kinds on targets of which not everything was seen.
    #[serde(default)]
    pub incomplete: usize,
}

/// One difference, or one thing worth knowing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ItemDocument {
    /// `target/kind/key`; `target/kind` for `incomplete`.
    pub address: String,
    /// Differences: `changed_outside`, `deleted_outside`, `not_applied`, `cannot_converge`. Others: `unmanaged`,
    /// `not_readable`, `incomplete`.
    #[schemars(with = "DriftClass")]
    pub class: String,
    /// What apply would do about it; `forget` where it would only stop calling it ours, `none` where it is no difference.
    pub action: String,
    /// Where the YAML asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceDocument>,
    /// What differs: `before` is live, `after` is the YAML. Of `not_readable`, the names of what is hidden.
    pub fields: Vec<FieldDocument>,
    /// Why it can't converge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The baseline's word on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<KnownDocument>,
}

/// Why a difference is put up with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct KnownDocument {
    /// In the words of who wrote it down.
    pub reason: String,
    /// The last day on which it counts as known, `YYYY-MM-DD`.
    pub expires: String,
    /// Where in the baseline.
    pub source: SourceDocument,
}

impl DriftDocument {
    /// Draws the document up from a plan, what each of its changes is for, and what no change is about.
    pub fn new(plan: PlanDocument, classes: &[DriftItem], others: &[DriftItem]) -> Self {
        let changes = plan.changes.into_iter().zip(classes).map(ItemDocument::from);
        let mut items: Vec<_> = changes.chain(others.iter().map(ItemDocument::of_other)).collect();
        items.sort_by(|a, b| (&a.address, &a.class).cmp(&(&b.address, &b.class)));
        let mut document = Self { targets: plan.targets, items, ..Self::of_diagnostics(plan.diagnostics) };
        document.summary.unchanged = plan.summary.unchanged;
        document.summary.ignored = plan.summary.ignored;
        document.version = plan.version;
        document.count();
        document
    }

    /// For a run that ended before anything was compared.
    pub fn of_diagnostics(diagnostics: Vec<DiagnosticDocument>) -> Self {
        Self {
            schema: SCHEMA.into(),
            version: env!("CARGO_PKG_VERSION").into(),
            summary: DriftSummary::default(),
            targets: Vec::new(),
            items: Vec::new(),
            told: None,
            diagnostics,
        }
    }

    /// Counts the items anew.
    pub(super) fn count(&mut self) {
        let DriftSummary { unchanged, ignored, .. } = self.summary;
        self.summary = DriftSummary { unchanged, ignored, ..DriftSummary::default() };
        for item in &self.items {
            self.summary.count(item);
        }
    }

    /// Whether everything was seen that the run is about.
    pub fn read_everything(&self) -> bool {
        self.targets.iter().all(|target| target.complete)
    }

    /// Differences that no baseline knows of.
    pub fn news(&self) -> impl Iterator<Item = &ItemDocument> {
        self.items.iter().filter(|item| item.is_difference() && item.known.is_none())
    }

    /// Whether the same was told before.
    pub fn was_told(&self) -> bool {
        self.told.as_ref().is_some_and(|told| told.news == News::Same.name())
    }
}

impl DriftSummary {
    fn count(&mut self, item: &ItemDocument) {
        let count = match DriftClass::by_name(&item.class) {
            Some(DriftClass::Unmanaged) => &mut self.unmanaged,
            Some(DriftClass::Incomplete) => &mut self.incomplete,
            Some(DriftClass::NotReadable) => {
                self.not_readable += item.fields.len();
                return;
            }
            _ if item.known.is_some() => &mut self.known,
            Some(DriftClass::ChangedOutside) => &mut self.changed_outside,
            Some(DriftClass::DeletedOutside) => &mut self.deleted_outside,
            Some(DriftClass::NotApplied) => &mut self.not_applied,
            Some(DriftClass::CannotConverge) | None => &mut self.cannot_converge,
        };
        *count += 1;
    }
}

impl From<(ChangeDocument, &DriftItem)> for ItemDocument {
    fn from((change, item): (ChangeDocument, &DriftItem)) -> Self {
        Self {
            address: change.address,
            class: item.class.name().into(),
            action: change.action,
            source: change.source,
            fields: change.fields,
            reason: change.reason,
            known: None,
        }
    }
}

impl ItemDocument {
    /// What has gone, and what is no difference.
    fn of_other(item: &DriftItem) -> Self {
        let name = |field: &&str| FieldDocument {
            name: (*field).into(),
            before: None,
            after: None,
            secret: false,
            deferred: None,
        };
        let Address { target, kind, key } = &item.address;
        Self {
            address: if key.is_empty() { format!("{target}/{kind}") } else { item.address.to_string() },
            class: item.class.name().into(),
            action: if item.class.is_difference() { FORGET } else { NONE }.into(),
            source: None,
            fields: item.fields.iter().map(name).collect(),
            reason: None,
            known: None,
        }
    }

    /// Whether something isn't as the YAML says; also where the word for it is a later version's.
    pub fn is_difference(&self) -> bool {
        DriftClass::by_name(&self.class).is_none_or(DriftClass::is_difference)
    }

    /// The names of its fields, listed.
    pub(super) fn field_names(&self) -> String {
        self.fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ")
    }
}

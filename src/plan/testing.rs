//! One target with its YAML, its live state and its ledger, for tests of plans and of their execution.

use super::applied::Remembered;
use super::fingerprint::{KeySource, MasterKey};
use super::{Fingerprinter, Options, Plan, TargetInput, build};
use crate::diff::{Input, diff};
use crate::model::testing::{claimed, snapshot, target};
use crate::model::{
    Claims, Desired, DesiredObject, Kind, LiveObject, ProviderTable, Removed, Selection, Snapshot, Target,
};

/// Everything that a plan for one target is made of.
pub(crate) struct Fleet {
    pub(crate) desired: Desired,
    pub(crate) live: Snapshot,
    pub(crate) claims: Claims,
    pub(crate) fingerprinter: Fingerprinter,
    pub(crate) key_check: Option<String>,
    pub(crate) options: Options,
    pub(crate) selection: Selection,
}

impl Fleet {
    /// These entries and these objects, all of them claimed.
    pub(crate) fn new(
        table: &'static ProviderTable,
        kind: &'static Kind,
        mut entries: Vec<DesiredObject>,
        objects: Vec<LiveObject>,
    ) -> Self {
        entries.sort_by(|a, b| a.address.cmp(&b.address));
        Self {
            desired: Desired {
                targets: vec![target(table)],
                objects: entries,
                call_checks: Vec::new(),
                unselected: Vec::new(),
                removed: Vec::new(),
            },
            claims: claimed(kind, &objects),
            live: snapshot(kind, objects),
            fingerprinter: fingerprinter(7),
            key_check: Some(fingerprinter(7).key_check()),
            options: Options::default(),
            selection: Selection::default(),
        }
    }

    /// With these left out of the YAML.
    pub(crate) fn removing(mut self, removed: Vec<Removed>) -> Self {
        self.desired.removed = removed;
        self
    }

    #[expect(clippy::indexing_slicing, reason = "`new` makes one")]
    pub(crate) fn target(&self) -> &Target {
        &self.desired.targets[0]
    }

    /// The live objects.
    #[expect(clippy::indexing_slicing, reason = "`new` makes one")]
    pub(crate) fn objects(&mut self) -> &mut Vec<LiveObject> {
        &mut self.live.listings[0].objects
    }

    /// What a plan gets of the target.
    pub(crate) fn input(&self) -> TargetInput<'_> {
        let applied = Remembered {
            claims: &self.claims,
            fingerprinter: &self.fingerprinter,
            key_check: self.key_check.as_deref(),
        };
        let input = Input {
            target: self.target(),
            desired: &self.desired.objects,
            unselected: &self.desired.unselected,
            removed: &self.desired.removed,
            snapshot: &self.live,
            claims: &self.claims,
            applied: &applied,
            replace: &self.options.replace,
            selection: &self.selection,
        };
        TargetInput {
            target: self.target(),
            live: Ok(&self.live),
            claims: &self.claims,
            diff: diff(&input),
            fingerprinter: &self.fingerprinter,
        }
    }

    /// The plan.
    pub(crate) fn plan(&self) -> Plan<'_> {
        build(vec![self.input()], self.options.clone())
    }
}

/// Fingerprints with a key of these bytes.
pub(crate) fn fingerprinter(byte: u8) -> Fingerprinter {
    Fingerprinter::new(KeySource::Master(MasterKey::new([byte; 32])), "https://pbx.example")
}

//! All files together: targets by name, entries, defaults, and which value an entry's field has.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::call_checks::CallCheckEntry;
use super::defaults::Defaults;
use super::drafts::{Draft, Written};
use super::lower::{Label, Lowering, Numbers};
use super::objects::{Entry, Keys};
use super::references;
use super::removed::RemovedEntry;
use super::report::{FileId, Report};
use super::sharing::{NameId, Names};
use super::targets::TargetEntry;
use super::written;
use crate::model::{Address, Field, Kind, KindSupport, Type, Value};

/// A target, by its place in the sorted list of targets.
pub(super) type TargetId = u32;

/// What all files say.
pub(super) struct Whole {
    /// Sorted by name.
    pub(super) targets: Vec<TargetEntry>,
    by_name: HashMap<Arc<str>, TargetId>,
    /// The names that entries refer to, and which targets they are, by [`NameId`].
    names: Names,
    targets_named: Vec<Option<TargetId>>,
    pub(super) entries: Vec<Entry>,
    pub(super) defaults: Defaults,
    pub(super) removed: Vec<RemovedEntry>,
    pub(super) call_checks: Vec<CallCheckEntry>,
    /// By [`FileId`]: the folder that relative paths start from.
    folders: Vec<PathBuf>,
}

/// One object: an entry, or one number of its run.
#[derive(Clone, Copy)]
pub(super) struct Placed {
    pub(super) target: TargetId,
    /// The entry's place in the list of entries.
    pub(super) entry: u32,
    /// Which number of the entry's run it is.
    pub(super) offset: u32,
}

impl Whole {
    pub(super) fn new(written: written::Written, folders: Vec<PathBuf>) -> Self {
        let mut targets = written.targets;
        targets.sort_by(|a, b| a.name.cmp(&b.name));
        let by_name: HashMap<Arc<str>, TargetId> =
            targets.iter().map(|target| Arc::clone(&target.name)).zip(0..).collect();
        let names = written.names;
        let targets_named = names.all().iter().map(|name| by_name.get(name).copied()).collect();
        let (entries, defaults, removed) = (written.entries, written.defaults, written.removed);
        let call_checks = written.call_checks;
        Self { targets, by_name, names, targets_named, entries, defaults, removed, call_checks, folders }
    }

    /// The target of this name.
    pub(super) fn target_id(&self, name: &str) -> Option<TargetId> {
        self.by_name.get(name).copied()
    }

    /// The target that an entry names.
    pub(super) fn target_named(&self, id: NameId) -> Option<TargetId> {
        self.targets_named.get(id.index()).copied().flatten()
    }

    /// The name of a target as an entry wrote it.
    pub(super) fn name(&self, id: NameId) -> &str {
        self.names.name(id)
    }

    /// A target by its place.
    pub(super) fn target(&self, id: TargetId) -> Option<&TargetEntry> {
        self.targets.get(id as usize)
    }

    /// An object's entry.
    pub(super) fn entry(&self, placed: &Placed) -> Option<&Entry> {
        self.entries.get(placed.entry as usize)
    }

    /// Every target's name, sorted.
    pub(super) fn target_names(&self) -> Vec<&str> {
        self.targets.iter().map(|target| &*target.name).collect()
    }

    /// What the target's vendor can do with a kind.
    pub(super) fn support(&self, target: TargetId, kind: &Kind) -> Option<&'static KindSupport> {
        self.target(target)?.table?.support(kind)
    }

    /// An entry's field: its own, or else a default. Tells which.
    pub(super) fn field<'w>(&'w self, entry: &'w Entry, target: TargetId, index: usize) -> Option<(Written<'w>, bool)> {
        if let Some(own) = entry.field(index) {
            return Some((own, true));
        }
        self.default(entry.kind, target, index).map(|written| (written, false))
    }

    /// What the defaults say of a field.
    pub(super) fn default(&self, kind: &'static Kind, target: TargetId, index: usize) -> Option<Written<'_>> {
        if self.defaults.is_empty() {
            return None;
        }
        self.defaults.field(&self.target(target)?.name, kind, index)
    }

    /// The variant that an entry chooses, if its kind has variants and it is known.
    pub(super) fn variant(&self, entry: &Entry, target: TargetId) -> Option<&'static str> {
        let index = entry.kind.index_of(entry.kind.variant?)?;
        let Draft::Ready(value) = self.field(entry, target, index)?.0.draft else { return None };
        let Type::Choice(variants) = entry.kind.fields.get(index)?.ty else { return None };
        variants.iter().find(|variant| value.as_text() == Some(variant)).copied()
    }

    /// An object's address.
    pub(super) fn address(&self, target: TargetId, kind: &'static Kind, key: impl Into<Box<str>>) -> Address {
        let name = self.target(target).map(|target| Arc::clone(&target.name));
        Address::new(name.unwrap_or_default(), kind.name, key)
    }

    /// The folder of a file.
    pub(super) fn folder(&self, file: FileId) -> &std::path::Path {
        self.folders.get(file as usize).map_or(std::path::Path::new(""), PathBuf::as_path)
    }

    /// A value as far as it is known without reading a reference; for a run, that of its first number.
    pub(super) fn value_unread<'w>(&self, field: &Field, written: Written<'w>, keys: &Keys) -> Option<Cow<'w, Value>> {
        if let Draft::Ready(value) = written.draft {
            return Some(Cow::Borrowed(value));
        }
        let node = written.draft.waiting(written.place.mark)?;
        if node.any_text(&references::refers) {
            return None;
        }
        let number = keys.first();
        // What is wrong with the value was said when it was read, or will be when references are.
        let mut low = Lowering {
            report: &mut Report::default(),
            file: written.place.file,
            folder: self.folder(written.place.file),
            numbers: Numbers::Known(&number),
            reading: None,
        };
        low.value(&field.ty, &node, Label::of(field)).map(Cow::Owned)
    }
}

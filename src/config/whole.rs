//! All files together: targets by name, entries, defaults, and which value an entry's field has.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::call_checks::CallCheckEntry;
use super::defaults::Defaults;
use super::lower::{Label, Lowering, Numbers};
use super::objects::{Draft, Entry, Written};
use super::references;
use super::removed::RemovedEntry;
use super::report::{FileId, Report};
use super::targets::TargetEntry;
use crate::model::{Address, Kind, KindSupport, Value};

/// A target, by its place in the sorted list of targets.
pub(super) type TargetId = usize;

/// What all files say.
pub(super) struct Whole {
    /// Sorted by name.
    pub(super) targets: Vec<TargetEntry>,
    by_name: HashMap<Arc<str>, TargetId>,
    pub(super) entries: Vec<Entry>,
    pub(super) defaults: Defaults,
    pub(super) removed: Vec<RemovedEntry>,
    pub(super) call_checks: Vec<CallCheckEntry>,
    /// By [`FileId`]: the folder that relative paths start from.
    folders: Vec<PathBuf>,
}

/// One object: an entry, or one number of its run.
pub(super) struct Placed {
    pub(super) target: TargetId,
    /// The entry's place in the list of entries.
    pub(super) entry: usize,
    pub(super) key: Box<str>,
}

impl Whole {
    pub(super) fn new(written: super::document::Written, folders: Vec<PathBuf>) -> Self {
        let mut targets = written.targets;
        targets.sort_by(|a, b| a.name.cmp(&b.name));
        let names = targets.iter().enumerate();
        let by_name = names.map(|(id, target)| (Arc::clone(&target.name), id)).collect();
        let (entries, defaults, removed) = (written.entries, written.defaults, written.removed);
        let call_checks = written.call_checks;
        Self { targets, by_name, entries, defaults, removed, call_checks, folders }
    }

    /// The target of this name.
    pub(super) fn target_id(&self, name: &str) -> Option<TargetId> {
        self.by_name.get(name).copied()
    }

    /// Every target's name, sorted.
    pub(super) fn target_names(&self) -> Vec<&str> {
        self.targets.iter().map(|target| &*target.name).collect()
    }

    /// What the target's vendor can do with a kind.
    pub(super) fn support(&self, target: TargetId, kind: &Kind) -> Option<&'static KindSupport> {
        self.targets.get(target)?.table?.support(kind)
    }

    /// An entry's field: its own, or else a default. Tells which.
    pub(super) fn field<'w>(&'w self, entry: &'w Entry, target: TargetId, index: usize) -> Option<(&'w Written, bool)> {
        if let Some(own) = entry.field(index) {
            return Some((own, true));
        }
        if self.defaults.is_empty() {
            return None;
        }
        let name = &self.targets.get(target)?.name;
        self.defaults.field(name, entry.kind, index).map(|written| (written, false))
    }

    /// The variant that an entry chooses, if its kind has variants and it is known.
    pub(super) fn variant<'w>(&'w self, entry: &'w Entry, target: TargetId) -> Option<&'w str> {
        let index = entry.kind.index_of(entry.kind.variant?)?;
        match &self.field(entry, target, index)?.0.draft {
            Draft::Ready(value) => value.as_text(),
            Draft::Later(_) | Draft::Broken => None,
        }
    }

    /// An object's address.
    pub(super) fn address(&self, target: TargetId, kind: &'static Kind, key: impl Into<Box<str>>) -> Address {
        let name = self.targets.get(target).map(|target| Arc::clone(&target.name));
        Address::new(name.unwrap_or_default(), kind.name, key)
    }

    /// The folder of a file.
    pub(super) fn folder(&self, file: FileId) -> &std::path::Path {
        self.folders.get(file as usize).map_or(std::path::Path::new(""), PathBuf::as_path)
    }

    /// A value as far as it is known without reading a reference; `number` is what `{number}` stands for.
    pub(super) fn value_unread<'w>(&self, kind: &Kind, written: &'w Written, number: &str) -> Option<Cow<'w, Value>> {
        let node = match &written.draft {
            Draft::Ready(value) => return Some(Cow::Borrowed(value)),
            Draft::Broken => return None,
            Draft::Later(node) => node,
        };
        if node.any_text(&references::refers) {
            return None;
        }
        let field = kind.fields.get(written.index)?;
        // What is wrong with the value was said when it was read, or will be when references are.
        let mut low = Lowering {
            report: &mut Report::default(),
            file: written.place.file,
            folder: self.folder(written.place.file),
            numbers: Numbers::Known(number),
            reading: None,
        };
        low.value(&field.ty, node, Label::of(field)).map(Cow::Owned)
    }
}

//! What all files say together, one after the other: targets and defaults may stand in any of them, once.

use std::collections::HashMap;

use super::call_checks::CallCheckEntry;
use super::defaults::Defaults;
use super::document::Document;
use super::lower::Lowering;
use super::node::Pair;
use super::objects::Entry;
use super::removed::RemovedEntry;
use super::report::{Finding, Place};
use super::sharing::{NameId, Names};
use super::targets::{self, TargetEntry};
use crate::diag::quote;
use crate::model::ProviderTable;

/// What all files say, before it is checked as a whole.
#[derive(Default)]
pub(super) struct Written {
    pub(super) targets: Vec<TargetEntry>,
    pub(super) defaults: Defaults,
    pub(super) entries: Vec<Entry>,
    pub(super) removed: Vec<RemovedEntry>,
    pub(super) call_checks: Vec<CallCheckEntry>,
    /// Whether a file says which version it is.
    pub(super) has_version: bool,
    /// The names of targets that entries refer to.
    pub(super) names: Names,
    target_places: HashMap<String, Place>,
}

impl Written {
    /// Makes room for this many more entries.
    pub(super) fn reserve(&mut self, entries: usize) {
        self.entries.reserve_exact(entries);
    }

    /// Adds what the next file says; `low` is for that file.
    pub(super) fn add(&mut self, document: Document, tables: &[&'static ProviderTable], low: &mut Lowering<'_>) {
        self.has_version |= document.has_version;
        for pair in document.targets {
            self.target(pair, tables, low);
        }
        for node in &document.defaults {
            self.defaults.read(node, low, &mut self.names);
        }
        let ids: Vec<NameId> = document.names.all().iter().map(|name| self.names.id(name)).collect();
        self.entries.extend(document.entries.into_iter().map(|mut entry| {
            if let Some((id, _)) = &mut entry.target {
                *id = ids.get(id.index()).copied().unwrap_or(*id);
            }
            entry
        }));
        self.removed.extend(document.removed);
        self.call_checks.extend(document.call_checks);
    }

    fn target(&mut self, pair: Pair<'static>, tables: &[&'static ProviderTable], low: &mut Lowering<'_>) {
        let place = Place { file: low.file, mark: pair.key.mark };
        if let Some(why) = targets::bad_name(&pair.key.text) {
            low.report.add(Finding::error("bad_name", place, why));
        } else if let Some(first) = self.target_places.get(&*pair.key.text) {
            let message = format!("the target {} twice", quote(&pair.key.text));
            let finding = Finding::error("duplicate_target", place, message).shown(true);
            low.report.add(finding.related(*first, "the first one").about_target(&pair.key.text));
            return;
        }
        self.target_places.insert(pair.key.text.to_string(), place);
        let table = targets::provider(&pair.value, place, tables, low);
        let name = self.names.intern(&pair.key.text);
        let entry = TargetEntry { name, place, table, node: pair.value };
        targets::read(&entry, tables, low);
        self.targets.push(entry);
    }
}

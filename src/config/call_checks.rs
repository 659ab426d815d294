//! `call_checks:`: calls to place when asked for.

use std::collections::HashMap;

use super::checks::unknown_target;
use super::lower::{Label, Lowering};
use super::node::{Content, Node};
use super::report::{Finding, Place, Report};
use super::unknown::unknown_key;
use super::whole::Whole;
use crate::diag::quote;
use crate::model::CallCheck;

const KEYS: [&str; 5] = ["name", "target", "caller", "callee", "auto_answer"];

/// One entry as it was written.
pub(super) struct CallCheckEntry {
    name: String,
    target: String,
    caller: String,
    callee: String,
    auto_answer: bool,
    place: Place,
    name_place: Place,
    target_place: Place,
}

/// Reads one item. `None`: something that it needs is missing or wrong, and that was reported.
pub(super) fn read(node: &Node<'_>, low: &mut Lowering<'_>) -> Option<CallCheckEntry> {
    let place = Place::of(low.file, node);
    if !matches!(node.content, Content::Map(_)) {
        let message = format!("an entry of `call_checks` is {}: expected a mapping", node.describe());
        low.report.add(Finding::error("wrong_type", place, message));
        return None;
    }
    for pair in node.pairs().iter().filter(|pair| !KEYS.contains(&&*pair.key.text)) {
        low.report.add(unknown_key(low.file, pair, "in a call check", &KEYS));
    }
    let [name, target, from, to] = ["name", "target", "caller", "callee"].map(|key| text(node, key, low));
    let auto_answer = match node.get("auto_answer") {
        Some(value) => low.flag(value, "auto_answer")?,
        None => false,
    };
    let ((name, name_place), (target, target_place)) = (name?, target?);
    Some(CallCheckEntry { name, target, caller: from?.0, callee: to?.0, auto_answer, place, name_place, target_place })
}

fn text(node: &Node<'_>, key: &'static str, low: &mut Lowering<'_>) -> Option<(String, Place)> {
    let Some(value) = node.get(key) else {
        let message = format!("a call check without {}", quote(key));
        low.report.add(Finding::error("missing_field", Place::of(low.file, node), message));
        return None;
    };
    let word = low.word(value, Label::open(key))?.to_owned();
    Some((word, Place::of(low.file, value)))
}

/// Checks all entries against each other and against the targets.
pub(super) fn check(whole: &Whole, entries: &[CallCheckEntry], complete: bool, report: &mut Report) {
    let mut names: HashMap<&str, Place> = HashMap::new();
    for entry in entries {
        if let Some(first) = names.insert(&entry.name, entry.name_place) {
            let message = format!("the call check {} twice", quote(&entry.name));
            let finding = Finding::error("duplicate_call_check", entry.name_place, message).shown(true);
            report.add(finding.related(first, "the first one"));
        }
        if entry.caller == entry.callee {
            let message = format!("the call check {} has an extension call itself", quote(&entry.name));
            report.add(Finding::error("call_to_itself", entry.name_place, message).shown(true));
        }
        match whole.target_id(&entry.target).and_then(|id| whole.target(id)) {
            None if complete => report.add(unknown_target(whole, &entry.target, entry.target_place)),
            Some(target) if target.table.is_some_and(|table| !table.calls) => {
                let message = format!("{} can't place calls: its vendor's API has none", quote(&entry.target));
                report.add(Finding::error("unsupported_call", entry.target_place, message).shown(true));
            }
            _ => {}
        }
    }
}

/// The entries whose target is wanted, by name.
pub(super) fn resolve(entries: &[CallCheckEntry], wanted: &dyn Fn(&str) -> bool, report: &Report) -> Vec<CallCheck> {
    let wanted = entries.iter().filter(|entry| wanted(&entry.target));
    let mut checks: Vec<_> = wanted
        .map(|entry| CallCheck {
            name: entry.name.as_str().into(),
            target: entry.target.as_str().into(),
            caller: entry.caller.as_str().into(),
            callee: entry.callee.as_str().into(),
            auto_answer: entry.auto_answer,
            source: report.source(entry.place),
        })
        .collect();
    checks.sort_by(|a, b| a.name.cmp(&b.name));
    checks
}

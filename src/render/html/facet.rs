//! What a reader can narrow the list by, and what the words of a report look like.

use super::markup::Markup;
use crate::render::document::Verb;
use crate::render::view::{Item, Severity, View};

/// Something that items differ in.
#[derive(Debug)]
pub(super) struct Facet {
    /// Its name in `data-` attributes and in the address of the page.
    pub(super) key: &'static str,
    /// Its name for people.
    pub(super) label: &'static str,
    /// What an item has of it.
    pub(super) of: fn(&Item<'_>) -> String,
}

const TARGET: Facet = Facet { key: "target", label: "Target", of: |item| item.target.to_owned() };
const KIND: Facet = Facet { key: "kind", label: "Kind", of: |item| item.kind.to_owned() };
const ACTION: Facet = Facet { key: "action", label: "Action", of: |item| spaced(item.action) };
const OUTCOME: Facet = Facet { key: "outcome", label: "Outcome", of: |item| spaced(item.word) };
const CLASS: Facet = Facet { key: "class", label: "Class", of: |item| spaced(item.word) };

/// Those of a command's report; the last one holds the words that the report counts.
pub(super) fn facets(verb: Verb) -> &'static [Facet] {
    const PLAN: &[Facet] = &[TARGET, KIND, ACTION];
    const APPLY: &[Facet] = &[TARGET, KIND, ACTION, OUTCOME];
    const DRIFT: &[Facet] = &[TARGET, KIND, ACTION, CLASS];
    match verb {
        Verb::Validate => &[],
        Verb::Plan => PLAN,
        Verb::Apply => APPLY,
        Verb::Drift => DRIFT,
    }
}

/// A word of the documents for people, as in `cannot converge`.
pub(super) fn spaced(word: &str) -> String {
    word.replace('_', " ")
}

/// The words in the order in which people should see them: what went wrong, what destroys, what somebody else did, what
/// stays as it is, then the usual. One that this version doesn't know stands before the usual.
const ORDER: [&str; 17] = [
    "failed",
    "unknown",
    "stale",
    "skipped",
    "delete",
    "replace",
    "deleted_outside",
    "changed_outside",
    "incomplete",
    "cannot_converge",
    "",
    "update",
    "create",
    "not_applied",
    "done",
    "not_readable",
    "unmanaged",
];

/// Where a word stands in the order.
pub(super) fn rank(word: &str) -> usize {
    let at = |word: &str| ORDER.iter().position(|known| *known == word);
    at(word).or_else(|| at("")).unwrap_or_default()
}

/// The class of what looks like this word.
pub(super) fn tone(word: &str) -> &'static str {
    match word {
        "failed" | "unknown" | "delete" | "replace" | "deleted_outside" | "errors" => "bad",
        "update" | "not_applied" => "change",
        "create" | "done" => "good",
        "unmanaged" | "not_readable" | "unchanged" | "ignored" => "quiet",
        _ => "warn",
    }
}

/// The class of what looks like this item.
pub(super) fn tone_of(item: &Item<'_>) -> &'static str {
    let still_to_come = !matches!(item.word, "done");
    if item.severity == Severity::Error || item.destroys() && still_to_come { "bad" } else { tone(item.word) }
}

/// What stands behind a number of such items, as in `to delete`.
pub(super) fn phrase(view: &View<'_>, word: &str) -> String {
    let known = view.counts.iter().find(|count| count.word == word);
    known.map_or_else(|| spaced(word), |count| count.phrase.to_owned())
}

/// A text that the script turns into a link which narrows the list to a word, on a target if one is named.
pub(super) fn pick(page: &mut Markup, view: &View<'_>, target: Option<&str>, word: &str) {
    page.put("<a class=\"pick ").put(tone(word)).put("\"");
    if let Some(target) = target {
        page.put(" data-target=\"").text(target).put("\"");
    }
    if let Some(facet) = facets(view.verb).last() {
        page.put(" data-").put(facet.key).put("=\"").text(&spaced(word)).put("\"");
    }
    page.put(">");
}

//! What most formats are drawn from: one shape for every document. Borrowed, pure, in the document's order.
//!
//! Every text in it may have come from outside, also the words: a format escapes all of it.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::counts::{Count, counts};
use super::document::{Document, Verb};
use super::plan::{is_empty, value};
use super::style::{printable, printable_lines};
use crate::plan::document::{ChangeDocument, DiagnosticDocument, FieldDocument, SourceDocument, TargetDocument};
use crate::render::apply::ResultDocument;
use crate::render::drift::{ItemDocument, KnownDocument};

/// A document as a report shows it.
#[derive(Debug)]
pub struct View<'d> {
    /// The command that it comes from.
    pub verb: Verb,
    /// The document's schema.
    pub schema: &'d str,
    /// sipform's version.
    pub version: &'d str,
    /// How many of what: first what was found, then what was left alone.
    pub counts: Vec<Count>,
    /// What was read.
    pub targets: &'d [TargetDocument],
    /// One an address, in the document's order.
    pub items: Vec<Item<'d>>,
    /// Errors and warnings.
    pub diagnostics: &'d [DiagnosticDocument],
    /// The run got as far as comparing; otherwise the counts mean nothing.
    pub got_through: bool,
    /// Everything was read that the run is about.
    pub read_everything: bool,
    /// The user asked it to end early.
    pub interrupted: bool,
    /// A file of the YAML, for a finding that has no place in it: what was pruned, or a target that can't be read.
    pub file: &'d str,
}

/// How much an item or a diagnostic deserves a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It went wrong, or nothing is sent while it stands.
    Error,
    /// It destroys something, or stays as it is.
    Warning,
    /// Worth knowing.
    Note,
}

/// One address.
#[derive(Clone, Debug)]
pub struct Item<'d> {
    /// The command that the document comes from.
    pub verb: Verb,
    /// `target/kind/key`.
    pub address: &'d str,
    /// Its first part.
    pub target: &'d str,
    /// Its second part.
    pub kind: &'d str,
    /// The rest of it.
    pub key: &'d str,
    /// What the report is about: the action of a plan, the outcome of an apply, the class of a drift.
    pub word: &'d str,
    /// `create`, `update`, `replace`, `delete`, `cannot_converge`.
    pub action: &'d str,
    /// How much it deserves a look.
    pub severity: Severity,
    /// Where the YAML asks for it; none for what was pruned.
    pub source: Option<&'d SourceDocument>,
    /// What differs: `before` is live, `after` is the YAML.
    pub fields: &'d [FieldDocument],
    /// Addresses of changes that have to be done first.
    pub requires: &'d [String],
    /// Settings that the YAML doesn't know and that the update resets.
    pub resets: &'d [String],
    /// It becomes ours by this change.
    pub adopt: bool,
    /// Why it can't converge, or isn't done.
    pub reason: Option<&'d str>,
    /// The stable word or the vendor's code of that, where there is one.
    pub code: Option<&'d str>,
    /// Why this drift is put up with.
    pub known: Option<&'d KnownDocument>,
}

/// A line of what differs: a field, or a member of a record. Everything in it may be shown on a terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// `host`, `dod.groups`.
    pub name: String,
    /// The live value; none where the object is made, and for a secret.
    pub before: Option<String>,
    /// The wanted value; none for a secret.
    pub after: Option<String>,
    /// Neither value may be shown.
    pub secret: bool,
    /// Why it isn't sent now.
    pub deferred: Option<String>,
}

/// A target and what is to be said of it.
#[derive(Debug)]
pub struct Group<'v, 'd> {
    /// Its name.
    pub name: &'d str,
    /// How it was read, where the document says.
    pub target: Option<&'d TargetDocument>,
    /// Its items, in the document's order.
    pub items: Vec<&'v Item<'d>>,
}

impl<'d> View<'d> {
    /// Of any document.
    pub fn new(document: Document<'d>) -> Self {
        let (schema, version, targets): (&str, &str, &[TargetDocument]) = match document {
            Document::Validate(document) => (&document.schema, &document.version, &[]),
            Document::Plan(document) => (&document.schema, &document.version, &document.targets),
            Document::Apply(document) => (&document.schema, &document.version, &document.targets),
            Document::Drift(document) => (&document.schema, &document.version, &document.targets),
        };
        let (items, diagnostics) = (items(document), document.diagnostics());
        let got_through = document.got_through();
        Self {
            verb: document.verb(),
            schema,
            version,
            counts: counts(document),
            file: file(document, &items),
            targets,
            items,
            diagnostics,
            got_through,
            read_everything: got_through && targets.iter().all(|target| target.complete),
            interrupted: interrupted(document),
        }
    }

    /// What most deserves a look first: errors, then what destroys, then the other warnings, then the rest.
    pub fn by_weight(&self) -> Vec<&Item<'d>> {
        let mut items: Vec<_> = self.items.iter().collect();
        items.sort_by_key(|item| (item.severity, !item.destroys(), !item.is_finding()));
        items
    }

    /// The items by target: first the targets that were read, in their order, then others.
    pub fn by_target(&self) -> Vec<Group<'_, 'd>> {
        let empty = |target: &'d TargetDocument| Group { name: &target.name, target: Some(target), items: Vec::new() };
        let mut groups: Vec<Group<'_, 'd>> = self.targets.iter().map(empty).collect();
        for item in &self.items {
            match groups.iter_mut().find(|group| group.name == item.target) {
                Some(group) => group.items.push(item),
                None => groups.push(Group { name: item.target, target: None, items: vec![item] }),
            }
        }
        groups
    }

    /// What it comes to, in a line without a full stop.
    pub fn headline(&self) -> String {
        let found: Vec<_> = self.counts.iter().filter(|count| count.found && count.number > 0).collect();
        let text = if !self.got_through {
            "ended before anything was compared".into()
        } else if found.is_empty() {
            self.nothing().into()
        } else {
            found.iter().map(|count| format!("{} {}", count.number, count.phrase)).collect::<Vec<_>>().join(", ")
        };
        let rest = if self.got_through && !self.read_everything { "; not everything could be read" } else { "" };
        format!("{}{text}{rest}", if self.interrupted { "interrupted: " } else { "" })
    }

    fn nothing(&self) -> &'static str {
        match self.verb {
            Verb::Validate => "valid",
            Verb::Plan => "no changes",
            Verb::Apply => "nothing to do",
            Verb::Drift => "no drift",
        }
    }
}

fn items(document: Document<'_>) -> Vec<Item<'_>> {
    match document {
        Document::Validate(_) => Vec::new(),
        Document::Plan(document) => document.changes.iter().map(Item::of_change).collect(),
        Document::Drift(document) => document.items.iter().map(Item::of_difference).collect(),
        Document::Apply(document) => {
            let left = document.remaining.iter().map(|change| Item { verb: Verb::Apply, ..Item::of_change(change) });
            document.results.iter().map(Item::of_result).chain(left).collect()
        }
    }
}

fn interrupted(document: Document<'_>) -> bool {
    let told = document.diagnostics().iter().any(|diagnostic| diagnostic.code == "interrupted");
    told || matches!(document, Document::Apply(document) if document.interrupted)
}

/// The first file that is named anywhere, else what `-f` named, else what it is without `-f`.
fn file<'d>(document: Document<'d>, items: &[Item<'d>]) -> &'d str {
    let places = document.diagnostics().iter().filter_map(|diagnostic| diagnostic.source.as_ref());
    let named = items.iter().filter_map(|item| item.source).chain(places).map(|source| source.file.as_str()).min();
    let given = match document {
        Document::Plan(document) => document.inputs.files.first().map(String::as_str),
        _ => None,
    };
    named.or(given).unwrap_or("desired-state.yaml")
}

impl<'d> Item<'d> {
    fn new(verb: Verb, address: &'d str, word: &'d str, action: &'d str) -> Self {
        let mut parts = address.splitn(3, '/');
        let mut part = || parts.next().unwrap_or_default();
        Self {
            verb,
            address,
            target: part(),
            kind: part(),
            key: part(),
            word,
            action,
            severity: severity(word),
            source: None,
            fields: &[],
            requires: &[],
            resets: &[],
            adopt: false,
            reason: None,
            code: None,
            known: None,
        }
    }

    fn of_change(change: &'d ChangeDocument) -> Self {
        Self {
            source: change.source.as_ref(),
            fields: &change.fields,
            requires: &change.requires,
            resets: &change.resets,
            adopt: change.adopt,
            reason: change.reason.as_deref(),
            ..Self::new(Verb::Plan, &change.address, &change.action, &change.action)
        }
    }

    fn of_result(result: &'d ResultDocument) -> Self {
        Self {
            source: result.source.as_ref(),
            fields: &result.fields,
            reason: result.error.as_ref().map(|error| error.message.as_str()),
            code: result.error.as_ref().map(|error| error.code.as_str()),
            ..Self::new(Verb::Apply, &result.address, &result.outcome, &result.action)
        }
    }

    pub(super) fn of_difference(item: &'d ItemDocument) -> Self {
        let new = Self::new(Verb::Drift, &item.address, &item.class, &item.action);
        Self {
            source: item.source.as_ref(),
            fields: &item.fields,
            reason: item.reason.as_deref().or(item.known.as_ref().map(|known| known.reason.as_str())),
            known: item.known.as_ref(),
            severity: if item.known.is_some() { Severity::Note } else { new.severity },
            ..new
        }
    }

    /// Whether it is about something that isn't as the YAML says, or wasn't seen, and that nobody knows of yet; otherwise it
    /// is worth knowing, and no finding.
    pub fn is_finding(&self) -> bool {
        self.known.is_none() && !matches!(self.word, "unmanaged" | "not_readable")
    }

    /// Whether it takes away what is there.
    pub fn destroys(&self) -> bool {
        matches!(self.action, "replace" | "delete")
    }

    /// What differs, line by line.
    pub fn rows(&self) -> Vec<Row> {
        let rows = |field| rows(field, self.action == "create");
        let hidden = |field: &FieldDocument| Row::hidden(&field.name);
        match self.word {
            "not_readable" => self.fields.iter().map(hidden).collect(),
            _ => self.fields.iter().flat_map(rows).collect(),
        }
    }

    /// A sentence about it, then a line for each of its rows, then why. Fit for a terminal; ends without a line break.
    pub fn details(&self) -> String {
        let mut text = format!("{} {}", printable(self.address), self.predicate());
        for row in self.rows() {
            _ = write!(text, "\n{} = {}", row.name, row.change());
        }
        if let Some(reason) = self.reason {
            _ = write!(text, "\n{}", printable_lines(reason));
        }
        text
    }

    /// What is to be said of the address, as in "will be created". Never text from outside.
    pub fn predicate(&self) -> &'static str {
        match self.word {
            "create" => "will be created",
            "update" if self.adopt => "will be updated in place and adopted",
            "update" => "will be updated in place",
            "replace" => "will be replaced: deleted first, then made anew",
            "delete" => "will be deleted",
            "cannot_converge" => "can't converge",
            "changed_outside" => "was changed outside",
            "deleted_outside" => "was deleted outside",
            "not_applied" => "isn't applied yet",
            "unmanaged" => "is in no YAML",
            "not_readable" => "isn't shown whole by the vendor",
            "incomplete" => "wasn't seen whole",
            "done" => match self.action {
                "create" => "was created",
                "update" => "was updated",
                "replace" => "was replaced",
                "delete" => "was deleted",
                _ => "is done",
            },
            "failed" => match self.action {
                "create" => "couldn't be created",
                "update" => "couldn't be updated",
                "replace" => "couldn't be replaced",
                "delete" => "couldn't be deleted",
                _ => "failed",
            },
            "stale" => "is stale: not sent",
            "skipped" => "was skipped: not sent",
            "unknown" => "was sent, and nobody can say whether it took effect",
            _ => "is in a state that this sipform doesn't know",
        }
    }
}

impl Row {
    /// Of a field that the vendor doesn't show: neither compared nor sent.
    fn hidden(name: &str) -> Self {
        let after = Some("(not readable)".to_owned());
        Self { name: printable(name), before: None, after, secret: false, deferred: None }
    }

    /// The values, as in `"a" -> "b"`.
    pub fn change(&self) -> String {
        let later = self.deferred.as_ref().map(|why| format!("  (deferred: {why})")).unwrap_or_default();
        let values = match (self.secret, &self.before, &self.after) {
            (true, ..) => "(secret)".into(),
            (false, Some(before), after) => format!("{before} -> {}", after.as_deref().unwrap_or("(none)")),
            (false, None, after) => after.clone().unwrap_or_else(|| "(none)".into()),
        };
        values + &later
    }
}

fn severity(word: &str) -> Severity {
    match word {
        "failed" | "unknown" | "incomplete" => Severity::Error,
        "create" | "update" | "done" | "not_applied" | "unmanaged" | "not_readable" => Severity::Note,
        _ => Severity::Warning,
    }
}

/// The severity that a diagnostic names.
pub fn severity_of(diagnostic: &DiagnosticDocument) -> Severity {
    if diagnostic.severity == "error" { Severity::Error } else { Severity::Warning }
}

/// A record gives a row for each member that differs.
fn rows(field: &FieldDocument, creates: bool) -> Vec<Row> {
    let (before, after) = (field.before.as_ref().unwrap_or(&Json::Null), field.after.as_ref().unwrap_or(&Json::Null));
    let row = |name: String, before: &Json, after: &Json| Row {
        name: printable(&name),
        before: (!creates && !field.secret).then(|| value(before)),
        after: (!field.secret).then(|| value(after)),
        secret: field.secret,
        deferred: field.deferred.as_deref().map(printable),
    };
    match after {
        Json::Object(members) if !field.secret => members
            .iter()
            .map(|(name, after)| (name, before.get(name).unwrap_or(&Json::Null), after))
            .filter(|(_, before, after)| before != after && !(is_empty(before) && is_empty(after)))
            .map(|(name, before, after)| row(format!("{}.{name}", field.name), before, after))
            .collect(),
        _ => vec![row(field.name.clone(), before, after)],
    }
}

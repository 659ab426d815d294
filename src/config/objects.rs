//! One item of `trunks:`, `sip_numbers:`, … through its kind's table.

use std::collections::HashSet;
use std::sync::Arc;

use super::lower::{Label, Lowering, Numbers};
use super::node::{Content, Mark, Node, Pair};
use super::numbers::Run;
use super::references;
use super::report::{Finding, Place};
use super::suggest;
use super::unknown::unknown_key;
use crate::diag::quote;
use crate::model::{FieldSet, Kind, Value, kinds};

/// Keys that every entry may have, beside its kind's own key and fields.
const COMMON: [&str; 4] = ["target", "previously", "protect", "ignore_fields"];

/// One entry as it was written; a run of numbers is one entry.
pub(super) struct Entry {
    pub(super) kind: &'static Kind,
    /// Where the entry begins.
    pub(super) place: Place,
    pub(super) keys: Keys,
    pub(super) key_mark: Mark,
    pub(super) target: Option<(Arc<str>, Mark)>,
    /// The fields that the entry has, in no particular order.
    pub(super) fields: Box<[Written]>,
    pub(super) previously: Option<(Box<str>, Mark)>,
    pub(super) protect: Option<bool>,
    pub(super) ignore_fields: FieldSet,
}

/// What an entry is about.
pub(super) enum Keys {
    /// One object.
    One(Box<str>),
    /// An object for each number.
    Run(Run),
}

/// A field that somebody wrote, in an entry or among the defaults.
pub(super) struct Written {
    /// The field's place in its kind's table.
    pub(super) index: usize,
    pub(super) place: Place,
    pub(super) draft: Draft,
}

/// A written value.
pub(super) enum Draft {
    /// Known.
    Ready(Value),
    /// Known once references are read and `{number}` has its value.
    Later(Box<Node<'static>>),
    /// Wrong, and reported.
    Broken,
}

/// Each target's name once in memory, however many entries have it.
#[derive(Default)]
pub(super) struct Names(HashSet<Arc<str>>);

impl Names {
    pub(super) fn intern(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}

impl Keys {
    /// The key, or the run's first one.
    pub(super) fn first(&self) -> Box<str> {
        match self {
            Self::One(key) => key.clone(),
            Self::Run(run) => run.first().into(),
        }
    }

    /// How many objects the entry stands for.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Run(run) => run.count(),
        }
    }
}

impl Entry {
    /// The field at this place in the table, if the entry has it.
    pub(super) fn field(&self, index: usize) -> Option<&Written> {
        self.fields.iter().find(|written| written.index == index)
    }

    /// Where its key stands.
    pub(super) fn key_place(&self) -> Place {
        Place { file: self.place.file, mark: self.key_mark }
    }
}

/// Reads one item. `None`: it can't be told which object it is.
pub(super) fn read(kind: &'static Kind, node: &Node<'_>, low: &mut Lowering<'_>, names: &mut Names) -> Option<Entry> {
    let place = Place::of(low.file, node);
    if !matches!(node.content, Content::Map(_)) {
        let message = format!("an entry of {} is {}: expected a mapping", quote(kind.section), node.describe());
        low.report.add(Finding::error("wrong_type", place, message));
        return None;
    }
    let keys = keys(kind, node, low);
    let sample = keys.as_ref().map(Keys::first);
    let numbers = match (&sample, kind.numeric_key) {
        (_, false) => Numbers::Literal,
        (Some(number), true) => Numbers::Known(number),
        (None, true) => Numbers::Unknown,
    };
    let low = &mut low.with_numbers(numbers);
    let mut entry = Entry {
        kind,
        place,
        keys: Keys::One("".into()),
        key_mark: node.get(kind.key).map_or(node.mark, |key| key.mark),
        target: None,
        fields: Box::default(),
        previously: None,
        protect: None,
        ignore_fields: FieldSet::default(),
    };
    let mut fields = Vec::with_capacity(node.pairs().len());
    for pair in node.pairs() {
        match kind.index_of(&pair.key.text) {
            Some(index) => fields.push(written(kind, index, &pair.value, low)),
            None => common(&mut entry, pair, low, names),
        }
    }
    entry.fields = fields.into();
    entry.keys = keys?;
    refuse_renamed_run(&mut entry, low);
    Some(entry)
}

/// Reads a field's value.
pub(super) fn written(kind: &Kind, index: usize, node: &Node<'_>, low: &mut Lowering<'_>) -> Written {
    let place = Place::of(low.file, node);
    let Some(field) = kind.fields.get(index) else {
        return Written { index, place, draft: Draft::Broken };
    };
    let label = Label::of(field);
    if kind.variant == Some(field.name) && low.word(node, label).is_none() {
        return Written { index, place, draft: Draft::Broken };
    }
    if field.secret {
        count_literal(node, low);
    }
    let value = low.value(&field.ty, node, label);
    let draft = match value {
        _ if low.numbers.wait_for(node) => Draft::Later(Box::new(node.clone().into_owned())),
        Some(value) => Draft::Ready(value),
        None => Draft::Broken,
    };
    Written { index, place, draft }
}

/// Counts a secret that stands in the file as it is.
pub(super) fn count_literal(node: &Node<'_>, low: &mut Lowering<'_>) {
    let is_literal = node.text().is_some_and(|text| !text.is_empty() && !references::refers(text));
    if is_literal && low.reading.is_none() {
        low.report.literal_secret(Place::of(low.file, node));
    }
}

fn keys(kind: &'static Kind, node: &Node<'_>, low: &mut Lowering<'_>) -> Option<Keys> {
    let label = Label::open(kind.key);
    let Some(value) = node.get(kind.key) else {
        let message = format!("a {} without {}", kind.name, quote(kind.key));
        low.report.add(Finding::error("missing_field", Place::of(low.file, node), message));
        return None;
    };
    let key = low.word(value, label)?;
    match Run::parse(key).filter(|_| kind.numeric_key) {
        None => Some(Keys::One(key.into())),
        Some(Ok(run)) => Some(Keys::Run(run)),
        Some(Err(expected)) => {
            low.error(value, label, "bad_run", &format!("is wrong: {expected}"));
            None
        }
    }
}

/// A key that isn't one of the kind's fields.
fn common(entry: &mut Entry, pair: &Pair<'_>, low: &mut Lowering<'_>, names: &mut Names) {
    let node = &pair.value;
    match &*pair.key.text {
        "target" => {
            entry.target = low.word(node, Label::open("target")).map(|name| (names.intern(name), node.mark));
        }
        "previously" => {
            entry.previously = low.live_word(node, Label::open("previously")).map(|key| (key.into(), node.mark));
        }
        "protect" => entry.protect = low.flag(node, "protect"),
        "ignore_fields" => entry.ignore_fields = ignore_fields(entry.kind, node, low),
        key if key == entry.kind.key => {}
        _ => low.report.add(unknown(entry.kind, pair, low.file)),
    }
}

fn unknown(kind: &Kind, pair: &Pair<'_>, file: super::report::FileId) -> Finding {
    let mut known: Vec<&str> = vec![kind.key];
    known.extend(COMMON);
    known.extend(kind.fields.iter().map(|field| field.name));
    let key = &*pair.key.text;
    let other = kinds::ALL.iter().find(|other| other.index_of(key).is_some());
    match other {
        Some(other) => {
            let message = format!("{} is a field of {}, not of {}", quote(key), other.name, kind.name);
            Finding::error("unknown_field", Place { file, mark: pair.key.mark }, message)
                .hint(format!("a {} has {}", kind.name, suggest::listed(&known)))
                .shown(true)
        }
        None => unknown_key(file, pair, &format!("in a {}", kind.name), &known),
    }
}

fn ignore_fields(kind: &'static Kind, node: &Node<'_>, low: &mut Lowering<'_>) -> FieldSet {
    let label = Label::open("ignore_fields");
    let mut ignored = FieldSet::default();
    for item in low.items(node, label).unwrap_or_default() {
        let Some(name) = low.word(item, label) else { continue };
        match kind.index_of(name) {
            Some(_) if kind.variant == Some(name) => {
                let message = format!("can't name {}, which decides what the other fields are", quote(name));
                low.error(item, label, "bad_ignore_field", &message);
            }
            Some(index) => ignored.insert(index),
            None => {
                let names: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
                let finding = low.about(item, label, "unknown_field", &format!("names no field of a {}", kind.name));
                low.report.add(finding.hint(suggest::hint(name, &names)));
            }
        }
    }
    ignored
}

fn refuse_renamed_run(entry: &mut Entry, low: &mut Lowering<'_>) {
    if let Keys::Run(_) = entry.keys
        && let Some((_, mark)) = entry.previously.take()
    {
        let place = Place { file: entry.place.file, mark };
        let message = "a run of numbers can't have been one object before";
        low.report.add(Finding::error("rename_conflict", place, message).shown(true));
    }
}

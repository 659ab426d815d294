//! One item of `trunks:`, `sip_numbers:`, … through its kind's table.

use std::borrow::Cow;

use super::drafts::{Draft, Fields, Written};
use super::lower::{Label, Lowering, Numbers};
use super::node::{Content, Mark, Node, Pair};
use super::numbers::Run;
use super::report::{Finding, Place};
use super::sharing::{NameId, Names, Neighbours};
use super::suggest;
use super::unknown::unknown_key;
use crate::diag::quote;
use crate::model::{FieldSet, Kind, kinds};

/// Keys that every entry may have, beside its kind's own key and fields.
const COMMON: [&str; 4] = ["target", "previously", "protect", "ignore_fields"];

/// One entry as it was written; a run of numbers is one entry.
pub(super) struct Entry {
    pub(super) kind: &'static Kind,
    /// Where the entry begins.
    pub(super) place: Place,
    pub(super) keys: Keys,
    pub(super) key_mark: Mark,
    pub(super) target: Option<(NameId, Mark)>,
    pub(super) fields: Fields,
    pub(super) previously: Option<Box<Previously>>,
    pub(super) protect: Option<bool>,
    pub(super) ignore_fields: FieldSet,
}

/// The key that an entry had before, and where that stands.
pub(super) struct Previously {
    pub(super) key: Box<str>,
    pub(super) mark: Mark,
}

/// What an entry is about.
pub(super) enum Keys {
    /// One object.
    One(Box<str>),
    /// An object for each number.
    Run(Box<Run>),
}

/// What entries of one file share while they are read.
#[derive(Default)]
pub(super) struct Common {
    pub(super) names: Names,
    pub(super) neighbours: Neighbours,
}

impl Keys {
    /// The key, or the run's first one.
    pub(super) fn first(&self) -> Cow<'_, str> {
        self.at(0)
    }

    /// The key, or the run's number at this place.
    pub(super) fn at(&self, offset: u32) -> Cow<'_, str> {
        match self {
            Self::One(key) => Cow::Borrowed(key),
            Self::Run(run) => Cow::Owned(run.at(offset)),
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
    pub(super) fn field(&self, index: usize) -> Option<Written<'_>> {
        let (draft, mark) = self.fields.get(index)?;
        Some(Written { draft, place: Place { file: self.place.file, mark } })
    }

    /// Where its key stands.
    pub(super) fn key_place(&self) -> Place {
        Place { file: self.place.file, mark: self.key_mark }
    }
}

/// Reads one item. `None`: it can't be told which object it is.
pub(super) fn read(kind: &'static Kind, node: &Node<'_>, low: &mut Lowering<'_>, common: &mut Common) -> Option<Entry> {
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
    let mut entry = Entry {
        kind,
        place,
        keys: Keys::One("".into()),
        key_mark: node.get(kind.key).map_or(node.mark, |key| key.mark),
        target: None,
        fields: Fields::default(),
        previously: None,
        protect: None,
        ignore_fields: FieldSet::default(),
    };
    entry.fields = fields(&mut entry, node, &mut low.with_numbers(numbers), common);
    entry.keys = keys?;
    refuse_renamed_run(&mut entry, low);
    Some(entry)
}

/// The entry's fields; what else it says is put into it.
fn fields(entry: &mut Entry, node: &Node<'_>, low: &mut Lowering<'_>, common: &mut Common) -> Fields {
    let kind = entry.kind;
    let mut drafts = Vec::with_capacity(kind.fields.len());
    drafts.resize_with(kind.fields.len(), Draft::default);
    let mut marks = [Mark::START; FieldSet::MOST];
    for pair in node.pairs() {
        let place = kind.index_of(&pair.key.text);
        let recent = place.and_then(|index| Some((index, common.neighbours.of(kind).get_mut(index)?)));
        let Some((index, recent)) = recent else {
            other(entry, pair, low, &mut common.names);
            continue;
        };
        if let (Some(draft), Some(mark)) = (drafts.get_mut(index), marks.get_mut(index)) {
            *draft = Draft::read_like(kind, index, &pair.value, low, recent);
            *mark = pair.value.mark;
        }
    }
    Fields::new(drafts, &marks)
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
        Some(Ok(run)) => Some(Keys::Run(Box::new(run))),
        Some(Err(expected)) => {
            low.error(value, label, "bad_run", &format!("is wrong: {expected}"));
            None
        }
    }
}

/// A key that isn't one of the kind's fields.
fn other(entry: &mut Entry, pair: &Pair<'_>, low: &mut Lowering<'_>, names: &mut Names) {
    let node = &pair.value;
    match &*pair.key.text {
        "target" => {
            entry.target = low.word(node, Label::open("target")).map(|name| (names.id(name), node.mark));
        }
        "previously" => {
            let key = low.live_word(node, Label::open("previously"));
            entry.previously = key.map(|key| Box::new(Previously { key: key.into(), mark: node.mark }));
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
        && let Some(previously) = entry.previously.take()
    {
        let place = Place { file: entry.place.file, mark: previously.mark };
        let message = "a run of numbers can't have been one object before";
        low.report.add(Finding::error("rename_conflict", place, message).shown(true));
    }
}

//! Values as they were written, before references are read.

use std::borrow::Cow;
use std::sync::Arc;

use super::lower::{Label, Lowering};
use super::node::{Content, Mark, Node};
use super::references;
use super::report::Place;
use super::sharing::Recent;
use crate::model::{Kind, Value};

/// A value that somebody wrote, in an entry or among the defaults.
#[derive(Clone, Copy)]
pub(super) struct Written<'w> {
    pub(super) place: Place,
    pub(super) draft: &'w Draft,
}

/// A field's value in an entry.
#[derive(Default)]
pub(super) enum Draft {
    /// The entry doesn't have the field.
    #[default]
    Absent,
    /// Known.
    Ready(Value),
    /// A text that is known once references are read and `{number}` has its value. Entries that have the same share it.
    LaterText(Arc<str>),
    /// Known then, too: lists and mappings.
    Later(Box<Node<'static>>),
    /// Wrong, and reported.
    Broken,
}

/// The fields of one entry: a draft for each row of its kind's table, which becomes the object's value in the same memory,
/// and the places of those that it has.
#[derive(Default)]
pub(super) struct Fields {
    drafts: Box<[Draft]>,
    marks: Box<[Mark]>,
}

impl Draft {
    /// Reads a field's value.
    pub(super) fn read(kind: &'static Kind, index: usize, node: &Node<'_>, low: &mut Lowering<'_>) -> Self {
        Self::read_like(kind, index, node, low, &mut Recent::default())
    }

    /// The same; what the entry before had, too, is shared with it.
    pub(super) fn read_like(
        kind: &'static Kind,
        index: usize,
        node: &Node<'_>,
        low: &mut Lowering<'_>,
        recent: &mut Recent,
    ) -> Self {
        let Some(field) = kind.fields.get(index) else {
            return Self::Broken;
        };
        if let Some(text) = recent.text(node, low.numbers) {
            return Self::LaterText(text);
        }
        let label = Label::of(field);
        if kind.variant == Some(field.name) && low.word(node, label).is_none() {
            return Self::Broken;
        }
        if field.secret {
            count_literal(node, low);
        } else if let Some(list) = recent.list(node) {
            return Self::Ready(list);
        }
        let value = low.value(&field.ty, node, label);
        match value {
            // Where something else than a text belongs, each entry is told so.
            _ if low.numbers.wait_for(node) && field.ty.is_scalar() => Self::later_like(node, recent),
            _ if low.numbers.wait_for(node) => Self::later(node),
            Some(value) if field.secret => Self::Ready(value),
            Some(value) => Self::Ready(recent.keep_list(node, value)),
            None => Self::Broken,
        }
    }

    fn later_like(node: &Node<'_>, recent: &mut Recent) -> Self {
        node.text().map_or_else(|| Self::later(node), |text| Self::LaterText(recent.keep_text(text)))
    }

    fn later(node: &Node<'_>) -> Self {
        match node.text() {
            Some(text) => Self::LaterText(text.into()),
            None => Self::Later(Box::new(node.clone().into_owned())),
        }
    }

    /// What has to wait until references are read, as it stands at `mark`.
    pub(super) fn waiting(&self, mark: Mark) -> Option<Cow<'_, Node<'_>>> {
        match self {
            Self::LaterText(text) => {
                let content = Content::Scalar { text: Cow::Borrowed(text), null: false };
                Some(Cow::Owned(Node { mark, content }))
            }
            Self::Later(node) => Some(Cow::Borrowed(node)),
            Self::Absent | Self::Ready(_) | Self::Broken => None,
        }
    }

    /// Whether the entry has the field.
    pub(super) fn is_present(&self) -> bool {
        !matches!(self, Self::Absent)
    }

    /// Whether it has to wait until references are read.
    pub(super) fn is_later(&self) -> bool {
        matches!(self, Self::LaterText(_) | Self::Later(_))
    }
}

impl Fields {
    /// Drafts for each row of the table, and for each row where its value stands.
    pub(super) fn new(drafts: Vec<Draft>, marks: &[Mark]) -> Self {
        let mut places = Vec::with_capacity(drafts.iter().filter(|draft| draft.is_present()).count());
        let present = drafts.iter().zip(marks).filter(|(draft, _)| draft.is_present());
        places.extend(present.map(|(_, mark)| *mark));
        Self { marks: places.into(), drafts: drafts.into() }
    }

    /// The drafts, one for each row, and the places of those that are there.
    pub(super) fn into_parts(self) -> (Vec<Draft>, Box<[Mark]>) {
        (self.drafts.into_vec(), self.marks)
    }

    /// The draft of a row, and where it stands; `None`: the entry doesn't have the field.
    pub(super) fn get(&self, index: usize) -> Option<(&Draft, Mark)> {
        let draft = self.drafts.get(index).filter(|draft| draft.is_present())?;
        let before = self.drafts.get(..index)?.iter().filter(|draft| draft.is_present()).count();
        Some((draft, *self.marks.get(before)?))
    }
}

/// Counts a secret that stands in the file as it is.
pub(super) fn count_literal(node: &Node<'_>, low: &mut Lowering<'_>) {
    let is_literal = node.text().is_some_and(|text| !text.is_empty() && !references::refers(text));
    if is_literal && low.reading.is_none() {
        low.report.literal_secret(Place::of(low.file, node));
    }
}

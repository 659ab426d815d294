//! What neighbouring entries have in common, once in memory: thousands have the same target, codecs and references.

use std::collections::HashMap;
use std::sync::Arc;

use super::lower::Numbers;
use super::node::{Content, Node};
use super::references;
use crate::model::{Kind, Value};

/// A name of a target in one list of [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NameId(u32);

/// Each target's name once in memory, however many entries have it.
#[derive(Default)]
pub(super) struct Names {
    known: HashMap<Arc<str>, NameId>,
    all: Vec<Arc<str>>,
    last: Option<NameId>,
}

/// For each field of a kind, what the entry before had.
#[derive(Default)]
pub(super) struct Neighbours {
    kind: Option<&'static Kind>,
    fields: Vec<Recent>,
}

/// What an entry had in a field. Of a secret's field only how it refers to its value.
#[derive(Default)]
pub(super) struct Recent {
    /// A list as it was written, and what it stands for.
    list: Option<(Box<[Box<str>]>, Value)>,
    /// A text with a reference in it, with which nothing is wrong whatever `{number}` stands for.
    text: Option<Arc<str>>,
}

impl Names {
    /// The name's number, old or new.
    pub(super) fn id(&mut self, name: &str) -> NameId {
        if let Some(last) = self.last.filter(|last| self.name(*last) == name) {
            return last;
        }
        let id = self.known.get(name).copied().unwrap_or_else(|| self.add(name.into()));
        self.last = Some(id);
        id
    }

    /// The name as it is shared.
    pub(super) fn intern(&mut self, name: &str) -> Arc<str> {
        let id = self.id(name);
        self.all.get(id.index()).cloned().unwrap_or_default()
    }

    /// The name behind a number.
    pub(super) fn name(&self, id: NameId) -> &str {
        self.all.get(id.index()).map_or("", |name| name)
    }

    /// All names by their numbers.
    pub(super) fn all(&self) -> &[Arc<str>] {
        &self.all
    }

    fn add(&mut self, name: Arc<str>) -> NameId {
        let id = NameId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.known.insert(Arc::clone(&name), id);
        self.all.push(name);
        id
    }
}

impl NameId {
    /// Its place in [`Names::all`].
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

impl Neighbours {
    /// What the entry before had in each field; nothing where it was of another kind.
    pub(super) fn of(&mut self, kind: &'static Kind) -> &mut [Recent] {
        if self.kind != Some(kind) {
            self.kind = Some(kind);
            self.fields.clear();
            self.fields.resize_with(kind.fields.len(), Recent::default);
        }
        &mut self.fields
    }
}

impl Recent {
    /// The value of a list that is written as the one before was.
    pub(super) fn list(&self, node: &Node<'_>) -> Option<Value> {
        let (texts, value) = self.list.as_ref()?;
        let Content::List(items) = &node.content else { return None };
        let is_same = items.len() == texts.len()
            && items.iter().zip(texts).all(|(item, text)| item.text().is_some_and(|item| item == &**text));
        is_same.then(|| value.clone())
    }

    /// Keeps a list of texts for the next entry.
    pub(super) fn keep_list(&mut self, node: &Node<'_>, value: Value) -> Value {
        if let Content::List(items) = &node.content
            && let Some(texts) = items.iter().map(|item| item.text().map(Box::from)).collect()
        {
            self.list = Some((texts, value.clone()));
        }
        value
    }

    /// A text that is written as the one before was. Nothing of it has to be looked at again.
    pub(super) fn text(&self, node: &Node<'_>, numbers: Numbers<'_>) -> Option<Arc<str>> {
        let text = self.text.as_ref().filter(|text| node.text() == Some(text))?;
        let is_plain = match numbers {
            Numbers::Known(number) => number.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'+'),
            Numbers::Literal | Numbers::Unknown => true,
        };
        is_plain.then(|| Arc::clone(text))
    }

    /// Keeps a text that waits for its references for the next entry.
    pub(super) fn keep_text(&mut self, text: &str) -> Arc<str> {
        let kept: Arc<str> = text.into();
        self.text = references::is_sound(text).then(|| Arc::clone(&kept));
        kept
    }
}

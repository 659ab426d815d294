//! A piece of a YAML file as a small tree: scalars stay text until a table says what they are.

use std::borrow::Cow;

/// Where a node or key stands in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Mark {
    /// From 1.
    pub(super) line: u32,
    /// From 1, in characters.
    pub(super) column: u32,
    /// In characters; 0 where the text must not be shown: it goes over several lines, or an alias stands for it.
    pub(super) length: u32,
}

/// A value.
#[derive(Clone)]
pub(super) struct Node<'t> {
    pub(super) mark: Mark,
    pub(super) content: Content<'t>,
}

/// What a value is.
#[derive(Clone)]
pub(super) enum Content<'t> {
    /// A text; `null` where it is unquoted and empty, `~` or `null`.
    Scalar {
        text: Cow<'t, str>,
        null: bool,
    },
    List(Vec<Node<'t>>),
    Map(Vec<Pair<'t>>),
}

/// A key with its value.
#[derive(Clone)]
pub(super) struct Pair<'t> {
    pub(super) key: Key<'t>,
    pub(super) value: Node<'t>,
}

/// A mapping's key.
#[derive(Clone)]
pub(super) struct Key<'t> {
    pub(super) text: Cow<'t, str>,
    pub(super) mark: Mark,
}

impl Mark {
    /// The file's first character.
    pub(super) const START: Self = Self { line: 1, column: 1, length: 0 };
}

impl<'t> Node<'t> {
    /// The scalar's text, unless it is null or no scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, null: false } => Some(text),
            _ => None,
        }
    }

    /// Whether it is null: nothing, `~` or `null`, without quotes.
    pub(super) fn is_null(&self) -> bool {
        matches!(self.content, Content::Scalar { null: true, .. })
    }

    /// Whether the text may be shown where its field is no secret: it stands here itself, on one line.
    pub(super) fn is_showable(&self) -> bool {
        self.mark.length > 0 && matches!(self.content, Content::Scalar { .. })
    }

    /// What it is, for people.
    pub(super) fn describe(&self) -> &'static str {
        match &self.content {
            Content::Scalar { null: true, .. } => "nothing",
            Content::Scalar { .. } => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }

    /// The value of a mapping's key.
    pub(super) fn get(&self, key: &str) -> Option<&Node<'t>> {
        self.pairs().iter().find(|pair| pair.key.text == key).map(|pair| &pair.value)
    }

    /// A mapping's pairs; none where it is something else.
    pub(super) fn pairs(&self) -> &[Pair<'t>] {
        match &self.content {
            Content::Map(pairs) => pairs,
            _ => &[],
        }
    }

    /// How many nodes the tree has, keys included.
    pub(super) fn count(&self) -> usize {
        match &self.content {
            Content::Scalar { .. } => 1,
            Content::List(items) => 1 + items.iter().map(Node::count).sum::<usize>(),
            Content::Map(pairs) => 1 + pairs.iter().map(|pair| 1 + pair.value.count()).sum::<usize>(),
        }
    }

    /// How long the tree's texts are together, in bytes, keys included.
    pub(super) fn bytes(&self) -> usize {
        match &self.content {
            Content::Scalar { text, .. } => text.len(),
            Content::List(items) => items.iter().map(Node::bytes).sum(),
            Content::Map(pairs) => pairs.iter().map(|pair| pair.key.text.len() + pair.value.bytes()).sum(),
        }
    }

    /// Whether any scalar in the tree, keys aside, fulfils a condition.
    pub(super) fn any_text(&self, condition: &dyn Fn(&str) -> bool) -> bool {
        match &self.content {
            Content::Scalar { text, .. } => condition(text),
            Content::List(items) => items.iter().any(|item| item.any_text(condition)),
            Content::Map(pairs) => pairs.iter().any(|pair| pair.value.any_text(condition)),
        }
    }

    /// The same tree as if all of it stood where an alias stands. What an alias stands for may be a secret elsewhere, so
    /// nothing of it may be shown.
    pub(super) fn moved_to(&self, mark: Mark) -> Self {
        let mark = Mark { length: 0, ..mark };
        let content = match &self.content {
            Content::Scalar { text, null } => Content::Scalar { text: text.clone(), null: *null },
            Content::List(items) => Content::List(items.iter().map(|item| item.moved_to(mark)).collect()),
            Content::Map(pairs) => Content::Map(pairs.iter().map(|pair| pair.moved_to(mark)).collect()),
        };
        Self { mark, content }
    }

    /// The same tree, independent of the file's text.
    pub(super) fn into_owned(self) -> Node<'static> {
        let content = match self.content {
            Content::Scalar { text, null } => Content::Scalar { text: Cow::Owned(text.into_owned()), null },
            Content::List(items) => Content::List(items.into_iter().map(Node::into_owned).collect()),
            Content::Map(pairs) => Content::Map(pairs.into_iter().map(Pair::into_owned).collect()),
        };
        Node { mark: self.mark, content }
    }
}

impl Pair<'_> {
    fn moved_to(&self, mark: Mark) -> Self {
        Self { key: Key { text: self.key.text.clone(), mark }, value: self.value.moved_to(mark) }
    }

    /// The same pair, independent of the file's text.
    pub(super) fn into_owned(self) -> Pair<'static> {
        let key = Key { text: Cow::Owned(self.key.text.into_owned()), mark: self.key.mark };
        Pair { key, value: self.value.into_owned() }
    }
}

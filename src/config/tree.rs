//! Events into small trees, one list item at a time, within bounds.
//!
//! A file is pulled: [`Tree::next_document`], then [`Tree::open`], then for each [`Tree::next_key`] either the whole value
//! ([`Tree::node`]) or its items one by one ([`Tree::open`], [`Tree::next_item`]).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::ahead::Steps;
use super::node::{Content, Key, Mark, Node, Pair};
use super::yaml::{Broken, Event, MAX_DEPTH, Problem, Step, broken, too_deep};

/// The most values and keys of one list item.
const MAX_NODES: usize = 100_000;

/// The most values and keys that a file's anchors and aliases may stand for, together: each is kept or made once more.
const MAX_COPIED_NODES: usize = 100_000;

/// The most text, in bytes, that they may stand for.
const MAX_COPIED_BYTES: usize = 16 << 20;

/// The longest text, in bytes.
const MAX_TEXT_BYTES: usize = 64 << 10;

/// How many pairs a mapping has room for at first: most entries have no more.
const USUAL_PAIRS: usize = 8;

/// The most pairs of a mapping whose keys are compared each with each.
const FEW_PAIRS: usize = 16;

/// What an opened value turned out to be.
pub(super) enum Opened<'t> {
    /// A list; its items come from [`Tree::next_item`].
    List,
    /// A mapping; its keys come from [`Tree::next_key`].
    Map,
    /// Anything else, whole.
    Whole(Node<'t>),
}

/// One file being read.
pub(super) struct Tree<'t> {
    steps: Steps<'t>,
    peeked: Option<Step<'t>>,
    anchors: HashMap<usize, Node<'t>>,
    copied: Copied,
    nodes: usize,
    /// What was wrong without ending the reading, in order; the caller takes it.
    pub(super) problems: Vec<Problem>,
}

/// What a file's anchors and aliases stand for so far.
#[derive(Default)]
struct Copied {
    nodes: usize,
    bytes: usize,
}

impl Copied {
    /// Counts a tree that is about to be kept or made once more; gives how many values it has.
    fn add(&mut self, node: &Node<'_>, mark: Mark) -> Result<usize, Broken> {
        let nodes = node.count();
        self.nodes = self.nodes.saturating_add(nodes);
        self.bytes = self.bytes.saturating_add(node.bytes());
        let most = if self.nodes > MAX_COPIED_NODES {
            format!("{MAX_COPIED_NODES} values")
        } else if self.bytes > MAX_COPIED_BYTES {
            format!("{} MiB of text", MAX_COPIED_BYTES >> 20)
        } else {
            return Ok(nodes);
        };
        let message = format!("the file's anchors (`&…`) and aliases (`*…`) stand for more than {most}");
        Err(broken("too_many_aliases", message, mark, Some("write the values out, or use `defaults:`")))
    }
}

impl<'t> Tree<'t> {
    /// Begins to read a file.
    pub(super) fn new(steps: Steps<'t>) -> Self {
        Self { steps, peeked: None, anchors: HashMap::new(), copied: Copied::default(), nodes: 0, problems: Vec::new() }
    }

    /// Goes to the next document that has something in it, if there is one.
    pub(super) fn next_document(&mut self) -> Result<bool, Broken> {
        loop {
            match self.peek()?.event {
                Event::End => return Ok(false),
                Event::Boundary => drop(self.next()?),
                _ => return Ok(true),
            }
        }
    }

    /// Opens the next value if it is a mapping or a list without an anchor; gives anything else whole.
    pub(super) fn open(&mut self) -> Result<Opened<'t>, Broken> {
        let step = self.peek()?;
        let opened = match step.event {
            Event::List if step.anchor == 0 && !step.is_tagged => Opened::List,
            Event::Map if step.anchor == 0 && !step.is_tagged => Opened::Map,
            _ => return self.node().map(Opened::Whole),
        };
        self.next()?;
        Ok(opened)
    }

    /// The next key of an opened mapping. A key that is none is reported and skipped together with its value.
    pub(super) fn next_key(&mut self) -> Result<Option<Key<'t>>, Broken> {
        self.nodes = 0;
        loop {
            let step = self.next()?;
            if matches!(step.event, Event::MapEnd) {
                return Ok(None);
            }
            if let Some(key) = self.key(step, 0)? {
                return Ok(Some(key));
            }
            self.node()?;
        }
    }

    /// The next item of an opened list.
    pub(super) fn next_item(&mut self) -> Result<Option<Node<'t>>, Broken> {
        self.nodes = 0;
        match self.next()? {
            Step { event: Event::ListEnd, .. } => Ok(None),
            step => self.node_from(step, 0).map(Some),
        }
    }

    /// The next value, whole.
    pub(super) fn node(&mut self) -> Result<Node<'t>, Broken> {
        self.nodes = 0;
        self.node_at(0)
    }

    fn node_at(&mut self, depth: usize) -> Result<Node<'t>, Broken> {
        let step = self.next()?;
        self.node_from(step, depth)
    }

    /// The value that a step begins.
    fn node_from(&mut self, step: Step<'t>, depth: usize) -> Result<Node<'t>, Broken> {
        let Step { event, anchor, is_tagged, mark, .. } = step;
        self.spend(depth, mark)?;
        if is_tagged {
            self.problem("unsupported_tag", "a tag (`!…`), which sipform doesn't read", mark);
            self.hint("a text that begins with `!` has to stand in quotes");
        }
        let content = match event {
            Event::Alias(id) => return self.alias(id, mark),
            Event::Scalar { text, null } => self.scalar(text, null, mark),
            Event::List => self.list(depth)?,
            Event::Map => self.map(depth)?,
            _ => return Err(broken("yaml_syntax", "expected a value", mark, None)),
        };
        let node = Node { mark, content };
        if anchor > 0 {
            self.copied.add(&node, mark)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn scalar(&mut self, text: Cow<'t, str>, null: bool, mark: Mark) -> Content<'t> {
        if text.len() <= MAX_TEXT_BYTES {
            return Content::Scalar { text, null };
        }
        self.problem("text_too_long", format!("a text of more than {MAX_TEXT_BYTES} bytes"), mark);
        Content::Scalar { text: Cow::Borrowed(""), null: false }
    }

    fn list(&mut self, depth: usize) -> Result<Content<'t>, Broken> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Step { event: Event::ListEnd, .. } => return Ok(Content::List(items)),
                step => items.push(self.node_from(step, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Content<'t>, Broken> {
        let (mut pairs, mut merged) = (Vec::new(), Vec::new());
        loop {
            let step = self.next()?;
            if matches!(step.event, Event::MapEnd) {
                break;
            }
            let key = self.key(step, depth)?;
            let mut value = self.node_at(depth + 1)?;
            match key {
                Some(key) if key.text == "<<" => self.merge(value, &mut merged),
                Some(key) => {
                    if value.mark.length == 0 && value.is_null() {
                        // The parser puts an absent value where the next token stands.
                        value.mark = Mark { length: 0, ..key.mark };
                    }
                    if pairs.is_empty() {
                        pairs.reserve(USUAL_PAIRS);
                    }
                    pairs.push(Pair { key, value });
                }
                None => {}
            }
        }
        self.refuse_duplicates(&mut pairs);
        if !merged.is_empty() {
            let mut present: HashSet<Cow<'t, str>> = pairs.iter().map(|pair| pair.key.text.clone()).collect();
            pairs.extend(merged.into_iter().filter(|pair| present.insert(pair.key.text.clone())));
        }
        Ok(Content::Map(pairs))
    }

    /// A mapping's key, or `None` after a problem with it.
    fn key(&mut self, step: Step<'t>, depth: usize) -> Result<Option<Key<'t>>, Broken> {
        let is_scalar = matches!(step.event, Event::Scalar { .. });
        let node = self.node_from(step, depth + 1)?;
        let mark = node.mark;
        match node.content {
            Content::Scalar { text, null: false } if is_scalar && mark.length > 0 => Ok(Some(Key { text, mark })),
            _ => {
                self.problem("bad_key", "expected a key that is one word", mark);
                Ok(None)
            }
        }
    }

    fn alias(&mut self, id: usize, mark: Mark) -> Result<Node<'t>, Broken> {
        let Some(node) = self.anchors.get(&id) else {
            return Err(broken("yaml_syntax", "an alias inside of what it stands for", mark, None));
        };
        self.nodes = self.nodes.saturating_add(self.copied.add(node, mark)?);
        Ok(node.moved_to(mark))
    }

    /// `<<: *anchor`, or a list of them: keys that the mapping itself doesn't have.
    fn merge(&mut self, value: Node<'t>, merged: &mut Vec<Pair<'t>>) {
        let mark = value.mark;
        match value.content {
            Content::Map(pairs) => merged.extend(pairs),
            Content::List(items) if items.iter().all(|item| matches!(item.content, Content::Map(_))) => {
                for item in items {
                    self.merge(item, merged);
                }
            }
            _ => self.problem("bad_merge", "expected a mapping behind `<<`, or a list of mappings", mark),
        }
    }

    /// Reports each key that is there a second time, and drops it.
    fn refuse_duplicates(&mut self, pairs: &mut Vec<Pair<'t>>) {
        if pairs.len() <= FEW_PAIRS && !has_repeats(pairs) {
            return;
        }
        let mut order: Vec<usize> = (0..pairs.len()).collect();
        let text = |index: &usize| pairs.get(*index).map(|pair| &pair.key.text);
        order.sort_by(|a, b| text(a).cmp(&text(b)));
        let mut repeats = HashSet::new();
        let mut first = None;
        for index in order {
            let Some(key) = pairs.get(index).map(|pair| &pair.key) else {
                continue;
            };
            match first {
                Some((text, mark)) if text == &key.text => {
                    repeats.insert(index);
                    self.problems.push(duplicate_key(key.mark, mark));
                }
                _ => first = Some((&key.text, key.mark)),
            }
        }
        if !repeats.is_empty() {
            let mut index = 0..;
            pairs.retain(|_| index.next().is_none_or(|index| !repeats.contains(&index)));
        }
    }

    fn spend(&mut self, depth: usize, mark: Mark) -> Result<(), Broken> {
        self.nodes += 1;
        if depth > MAX_DEPTH {
            return Err(too_deep(mark));
        }
        if self.nodes > MAX_NODES {
            let message = format!("one entry with more than {MAX_NODES} values");
            return Err(broken("too_large", message, mark, None));
        }
        Ok(())
    }

    fn problem(&mut self, code: &'static str, message: impl Into<String>, mark: Mark) {
        let message = message.into();
        self.problems.push(Problem { code, message, mark, first: None, hint: None });
    }

    /// Says what to do about the last problem.
    fn hint(&mut self, hint: &'static str) {
        if let Some(last) = self.problems.last_mut() {
            last.hint = Some(hint);
        }
    }

    fn peek(&mut self) -> Result<&Step<'t>, Broken> {
        let step = match self.peeked.take() {
            Some(step) => step,
            None => self.steps.next()?,
        };
        Ok(self.peeked.insert(step))
    }

    fn next(&mut self) -> Result<Step<'t>, Broken> {
        match self.peeked.take() {
            Some(step) => Ok(step),
            None => self.steps.next(),
        }
    }
}

/// Whether a key is there a second time; by comparing each with each, which is quickest for a few.
fn has_repeats(pairs: &[Pair<'_>]) -> bool {
    let mut rest = pairs;
    while let [first, others @ ..] = rest {
        if others.iter().any(|other| other.key.text == first.key.text) {
            return true;
        }
        rest = others;
    }
    false
}

/// The problem of a key that a mapping has twice.
pub(super) fn duplicate_key(mark: Mark, first: Mark) -> Problem {
    let message = "the same key twice in one mapping".to_owned();
    Problem { code: "duplicate_key", message, mark, first: Some(first), hint: None }
}

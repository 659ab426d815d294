//! Texts of one file: references, `{number}`, and what is said where a text isn't as it should be.

use std::borrow::Cow;
use std::path::Path;

use super::node::{Content, Node};
use super::reading::Reading;
use super::references::{self, HOW_TO_REFER, NUMBER, Part};
use super::report::{FileId, Finding, Place, Report};
use super::suggest;
use super::unknown::unknown_key;
use crate::diag::quote;
use crate::model::{Field, Type, Value};

/// Turns nodes of one file into values. What is wrong goes to the report and has no value.
pub(super) struct Lowering<'a> {
    pub(super) report: &'a mut Report,
    pub(super) file: FileId,
    /// The folder that relative paths start from.
    pub(super) folder: &'a Path,
    pub(super) numbers: Numbers<'a>,
    /// Where references are read; `None`: they are only checked, and a text with one has no value yet.
    pub(super) reading: Option<&'a Reading<'a>>,
}

/// What `{number}` stands for.
#[derive(Clone, Copy)]
pub(super) enum Numbers<'a> {
    /// For itself.
    Literal,
    /// For a number that isn't known yet.
    Unknown,
    /// For this one.
    Known(&'a str),
}

/// The name of a field, and whether its text may be shown.
#[derive(Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) name: &'a str,
    pub(super) secret: bool,
    /// What to do where the value is wrong; empty where nothing needs saying.
    pub(super) advice: &'static str,
}

/// A scalar's text.
pub(super) struct Text<'n> {
    pub(super) value: Cow<'n, str>,
    /// Whether a part of it was read through a reference.
    pub(super) referred: bool,
}

impl<'a> Label<'a> {
    /// A field whose text may be shown.
    pub(super) fn open(name: &'a str) -> Self {
        Self { name, secret: false, advice: "" }
    }

    /// A kind's field.
    pub(super) fn of(field: &Field) -> Self {
        Self { name: field.name, secret: field.secret, advice: field.advice }
    }
}

impl Numbers<'_> {
    /// Whether a tree has no value before it is known what `{number}` and references stand for.
    pub(super) fn wait_for(self, node: &Node<'_>) -> bool {
        let has_number = |text: &str| !matches!(self, Numbers::Literal) && references::has_number(text);
        node.any_text(&|text| references::refers(text) || has_number(text))
    }
}

/// Whether a text holds a control character.
fn has_control(text: &str) -> bool {
    let is_plain = |byte: u8| (b' '..=b'~').contains(&byte);
    !text.bytes().all(is_plain) && text.chars().any(char::is_control)
}

impl Lowering<'_> {
    /// The same, where `{number}` stands for something else.
    pub(super) fn with_numbers<'b>(&'b mut self, numbers: Numbers<'b>) -> Lowering<'b> {
        Lowering { report: self.report, file: self.file, folder: self.folder, numbers, reading: self.reading }
    }

    /// A text in which references are allowed; `None` where something was reported or a reference isn't read yet.
    pub(super) fn text<'n>(&mut self, node: &'n Node<'_>, label: Label<'_>) -> Option<Text<'n>> {
        let Some(text) = node.text() else {
            self.not_of_type(&Type::Text, node, label);
            return None;
        };
        let text = self.with_number(text)?;
        if !references::has_opening(&text) {
            return Some(Text { value: text, referred: false });
        }
        let parts = match references::parse(&text) {
            Ok(parts) => parts,
            Err(references::Malformed(message)) => {
                let finding = self.about(node, label, "bad_reference", &format!("holds {message}"));
                self.report.add(finding.shown(false).hint(HOW_TO_REFER));
                return None;
            }
        };
        self.expand(&parts, node).map(|(value, referred)| Text { value: Cow::Owned(value), referred })
    }

    /// What `parse` makes of a text; where a sandbox value stands in for the text and doesn't parse, `stand_in`.
    pub(super) fn parsed<T>(
        &mut self,
        node: &Node<'_>,
        label: Label<'_>,
        parse: &dyn Fn(&str) -> Result<T, String>,
        stand_in: Option<T>,
    ) -> Option<T> {
        let text = self.text(node, label)?;
        if has_control(&text.value) {
            self.error(node, label, "control_character", "holds a line break or a control character");
            return None;
        }
        match parse(&text.value) {
            Ok(value) => Some(value),
            Err(_) if text.referred && self.stands_in() => stand_in,
            Err(expected) => {
                self.wrong_text(node, label, &expected);
                None
            }
        }
    }

    /// A word that stands for itself: a key, a target's name, a choice that decides how the rest is read.
    pub(super) fn word<'n>(&mut self, node: &'n Node<'_>, label: Label<'_>) -> Option<&'n str> {
        let text = self.live_word(node, label)?;
        if has_control(text) {
            self.error(node, label, "control_character", "holds a line break or a control character");
            return None;
        }
        Some(text)
    }

    /// What something live is called: whatever that is, control characters too, or it could never be removed or renamed.
    pub(super) fn live_word<'n>(&mut self, node: &'n Node<'_>, label: Label<'_>) -> Option<&'n str> {
        let Some(text) = node.text() else {
            self.not_of_type(&Type::Text, node, label);
            return None;
        };
        if self.refuse_reference(text, node, label) {
            return None;
        }
        if text.is_empty() {
            self.error(node, label, "empty_value", "is empty");
            return None;
        }
        Some(text)
    }

    /// Reports a reference where none may stand.
    fn refuse_reference(&mut self, text: &str, node: &Node<'_>, label: Label<'_>) -> bool {
        let refers = references::refers(text);
        if refers {
            let finding = self.about(node, label, "reference_not_allowed", "can't be a reference");
            self.report.add(finding.hint("write the text itself; a plain `${` can't stand here"));
        }
        refers
    }

    /// A yes or no that stands for itself: it decides before references are read.
    pub(super) fn flag(&mut self, node: &Node<'_>, name: &str) -> Option<bool> {
        if node.text().is_some_and(|text| self.refuse_reference(text, node, Label::open(name))) {
            return None;
        }
        match self.value(&Type::Bool, node, Label::open(name))? {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// A list's items, or a report that it is none.
    pub(super) fn items<'n, 't>(&mut self, node: &'n Node<'t>, label: Label<'_>) -> Option<&'n [Node<'t>]> {
        if let Content::List(items) = &node.content {
            return Some(items);
        }
        self.wrong_shape(node, label, "a list");
        None
    }

    /// Whether the node is a mapping without unknown keys; what isn't so is reported. Keys are all that is looked at.
    pub(super) fn is_map_of(&mut self, node: &Node<'_>, label: Label<'_>, known: &[&str]) -> bool {
        if !matches!(node.content, Content::Map(_)) {
            self.wrong_shape(node, label, &format!("a mapping with {}", suggest::listed(known)));
            return false;
        }
        let mut all_known = true;
        for pair in node.pairs() {
            if !known.contains(&&*pair.key.text) {
                all_known = false;
                let finding = unknown_key(self.file, pair, &format!("in {}", quote(label.name)), known);
                self.report.add(finding);
            }
        }
        all_known
    }

    /// An error at a node.
    pub(super) fn error(&mut self, node: &Node<'_>, label: Label<'_>, code: &'static str, message: &str) {
        let finding = self.about(node, label, code, message);
        self.report.add(finding);
    }

    /// The beginning of an error at a node: its name, then the message.
    pub(super) fn about(&self, node: &Node<'_>, label: Label<'_>, code: &'static str, message: &str) -> Finding {
        let place = Place::of(self.file, node);
        let shown = !label.secret && node.is_showable();
        Finding::error(code, place, format!("{} {message}", quote(label.name))).shown(shown)
    }

    /// Whether values only stand in for real ones.
    pub(super) fn stands_in(&self) -> bool {
        self.reading.is_some_and(Reading::stands_in)
    }

    fn with_number<'n>(&self, text: &'n str) -> Option<Cow<'n, str>> {
        match self.numbers {
            Numbers::Known(number) if references::has_number(text) => Some(Cow::Owned(text.replace(NUMBER, number))),
            Numbers::Unknown if references::has_number(text) => None,
            _ => Some(Cow::Borrowed(text)),
        }
    }

    fn expand(&mut self, parts: &[Part<'_>], node: &Node<'_>) -> Option<(String, bool)> {
        if self.reading.is_none() && parts.iter().any(|part| !matches!(part, Part::Literal(_))) {
            return None;
        }
        // A text that is nothing but names may be shown, also in a secret's field.
        let only_names = parts.iter().all(|part| matches!(part, Part::Env(_) | Part::File(_)));
        let (mut value, mut referred, mut whole) = (String::new(), false, true);
        for part in parts {
            if let Part::Literal(text) = part {
                value.push_str(text);
                continue;
            }
            referred = true;
            match self.reading.map(|reading| reading.read(*part, self.folder)) {
                Some(Ok(text)) => value.push_str(&text),
                Some(Err(unread)) => {
                    whole = false;
                    let finding = Finding::error(unread.code, Place::of(self.file, node), unread.message);
                    self.report.add(finding.maybe_hint(unread.hint).shown(only_names && node.is_showable()));
                }
                None => whole = false,
            }
        }
        whole.then_some((value, referred))
    }

    /// Reports that a value has another shape than its type.
    pub(super) fn not_of_type(&mut self, ty: &Type, node: &Node<'_>, label: Label<'_>) {
        if !node.is_null() {
            return self.wrong_shape(node, label, &ty.expected());
        }
        let empty = match ty {
            Type::Text | Type::Host | Type::Joined(_) => "write \"\" for an empty text, or leave the line out",
            Type::List(_) | Type::Set(_) => "write [] for an empty list, or leave the line out",
            Type::Record(_) => "write {} for an empty mapping, or leave the line out",
            Type::Integer { .. } | Type::Bool | Type::Choice(_) => "leave the line out for the default",
        };
        let message = format!("has no value: expected {}", ty.expected());
        let finding = self.about(node, label, "null_value", &message);
        self.report.add(finding.hint(empty));
    }

    /// Reports that a text of another form was expected.
    fn wrong_text(&mut self, node: &Node<'_>, label: Label<'_>, expected: &str) {
        let finding = self.about(node, label, "wrong_type", &format!("is wrong: expected {expected}"));
        let advice = (!label.advice.is_empty()).then(|| label.advice.to_owned());
        self.report.add(finding.maybe_hint(advice));
    }

    /// Reports that something else was expected than a text, a list or a mapping. A text where none belongs may be
    /// anything, so it isn't shown.
    fn wrong_shape(&mut self, node: &Node<'_>, label: Label<'_>, expected: &str) {
        let message = format!("is {}: expected {expected}", node.describe());
        let finding = self.about(node, label, "wrong_type", &message);
        self.report.add(finding.shown(false));
    }
}

//! `defaults:` by kind, and by target and kind: what entries need not repeat.

use std::collections::HashMap;
use std::sync::Arc;

use super::drafts::{Draft, Written};
use super::lower::{Label, Lowering, Numbers};
use super::node::{Content, Mark, Node, Pair};
use super::report::{Finding, Place, Report};
use super::sharing::Names;
use super::suggest;
use super::unknown::{is_word, unknown_key};
use crate::diag::quote;
use crate::model::{Kind, kinds};

/// All defaults of all files.
#[derive(Default)]
pub(super) struct Defaults {
    by_kind: HashMap<&'static str, KindDefaults>,
    by_target: HashMap<(Arc<str>, &'static str), KindDefaults>,
    /// Keys under `defaults:` that aren't kinds, so have to be targets; what is wrong below them counts if they are.
    named: Vec<Named>,
}

/// The defaults of one kind.
#[derive(Default)]
struct KindDefaults {
    target: Option<(Arc<str>, Place)>,
    fields: Vec<DefaultField>,
}

struct DefaultField {
    /// The field's place in its kind's table.
    index: usize,
    place: Place,
    draft: Draft,
}

struct Named {
    /// `None`: it may be a piece of a value, so isn't quoted.
    name: Option<Arc<str>>,
    place: Place,
    inner: Vec<Finding>,
}

impl Defaults {
    /// Reads a file's `defaults:`.
    pub(super) fn read(&mut self, node: &Node<'_>, low: &mut Lowering<'_>, names: &mut Names) {
        for pair in pairs(node, "defaults", low) {
            match kind_of(&pair.key.text) {
                Some(kind) => {
                    let defaults = self.by_kind.entry(kind.name).or_default();
                    read_kind(kind, defaults, true, &pair.value, low, names);
                }
                None => self.read_target(pair, low, names),
            }
        }
    }

    fn read_target(&mut self, pair: &Pair<'_>, low: &mut Lowering<'_>, names: &mut Names) {
        let is_name = is_word(&pair.key.text) && !pair.value.is_null();
        let name = is_name.then(|| names.intern(&pair.key.text));
        let place = Place { file: low.file, mark: pair.key.mark };
        let mut inner = Vec::new();
        for pair in pair.value.pairs() {
            match (kind_of(&pair.key.text), &name) {
                (Some(kind), Some(name)) => {
                    let defaults = self.by_target.entry((Arc::clone(name), kind.name)).or_default();
                    read_kind(kind, defaults, false, &pair.value, low, names);
                }
                _ => inner.push(unknown_key(low.file, pair, "in a target's defaults", &kinds::names())),
            }
        }
        if !matches!(pair.value.content, Content::Map(_)) {
            let message = format!("a target's defaults are {}: expected a mapping of kinds", pair.value.describe());
            inner.push(Finding::error("wrong_type", Place::of(low.file, &pair.value), message));
        }
        self.named.push(Named { name, place, inner });
    }

    /// Reports names under `defaults:` that are neither kinds nor targets, once all targets are known.
    pub(super) fn check_names(&mut self, targets: &[&str], report: &mut Report) {
        let known: Vec<&str> = kinds::names().into_iter().chain(targets.iter().copied()).collect();
        for Named { name, place, inner } in self.named.drain(..) {
            match name {
                Some(name) if targets.contains(&&*name) => inner.into_iter().for_each(|finding| report.add(finding)),
                Some(name) => {
                    let message = format!("{} under `defaults` is neither a kind nor a target", quote(&name));
                    let finding = Finding::error("unknown_field", place, message).shown(true);
                    report.add(finding.hint(suggest::hint(&name, &known)));
                }
                None => {
                    let message = "a key under `defaults` is neither a kind nor a target";
                    let hint = format!("expected one of {}", suggest::listed(&known));
                    report.add(Finding::error("unknown_field", place, message).hint(hint));
                }
            }
        }
    }

    /// The target of entries of this kind that name none.
    pub(super) fn target(&self, kind: &Kind) -> Option<(&str, Place)> {
        let (name, place) = self.by_kind.get(kind.name)?.target.as_ref()?;
        Some((name, *place))
    }

    /// The default of a field: the target's, or else the kind's.
    pub(super) fn field(&self, target: &Arc<str>, kind: &Kind, index: usize) -> Option<Written<'_>> {
        let find = |defaults: &'_ KindDefaults| defaults.fields.iter().position(|field| field.index == index);
        let of_target = (!self.by_target.is_empty())
            .then(|| self.by_target.get(&(Arc::clone(target), kind.name)))
            .flatten()
            .and_then(|defaults| defaults.fields.get(find(defaults)?));
        let found = of_target.or_else(|| {
            let defaults = self.by_kind.get(kind.name)?;
            defaults.fields.get(find(defaults)?)
        });
        found.map(|field| Written { place: field.place, draft: &field.draft })
    }

    /// Whether there are no defaults.
    pub(super) fn is_empty(&self) -> bool {
        self.by_kind.is_empty() && self.by_target.is_empty()
    }
}

fn read_kind(
    kind: &'static Kind,
    defaults: &mut KindDefaults,
    may_name_target: bool,
    node: &Node<'_>,
    low: &mut Lowering<'_>,
    names: &mut Names,
) {
    low.numbers = if kind.numeric_key { Numbers::Unknown } else { Numbers::Literal };
    for pair in pairs(node, kind.name, low) {
        let place = Place { file: low.file, mark: pair.key.mark };
        if let Some(index) = kind.index_of(&pair.key.text) {
            match defaults.fields.iter().find(|earlier| earlier.index == index) {
                Some(earlier) => refuse_second(place, earlier.place, low),
                None => defaults.fields.push(DefaultField {
                    index,
                    place: Place::of(low.file, &pair.value),
                    draft: Draft::read(kind, index, &pair.value, low),
                }),
            }
        } else if may_name_target && pair.key.text == "target" {
            let Some(name) = low.word(&pair.value, Label::open("target")) else {
                continue;
            };
            match &defaults.target {
                Some((_, earlier)) => refuse_second(place, *earlier, low),
                None => defaults.target = Some((names.intern(name), Place::of(low.file, &pair.value))),
            }
        } else {
            let mut known: Vec<&str> = kind.fields.iter().map(|field| field.name).collect();
            known.extend(may_name_target.then_some("target"));
            low.report.add(unknown_key(low.file, pair, &format!("in the defaults of a {}", kind.name), &known));
        }
    }
}

fn refuse_second(place: Place, earlier: Place, low: &mut Lowering<'_>) {
    let finding = Finding::error("duplicate_default", place, "the same default twice");
    let first = Place { mark: Mark { length: 0, ..earlier.mark }, ..earlier };
    low.report.add(finding.shown(true).related(first, "the first one"));
}

fn pairs<'n, 't>(node: &'n Node<'t>, name: &str, low: &mut Lowering<'_>) -> &'n [Pair<'t>] {
    if !matches!(node.content, Content::Map(_)) && !node.is_null() {
        low.is_map_of(node, Label::open(name), &kinds::names());
    }
    node.pairs()
}

/// The kind behind `trunk` or `trunks`.
fn kind_of(key: &str) -> Option<&'static Kind> {
    kinds::by_name(key).or_else(|| kinds::by_section(key))
}

//! A kind's field: one row of its table, and the rules that follow from the row.

use std::fmt;
use std::sync::Arc;

use super::Value;

/// One row of a kind's table. Validation, comparison, import and the reference page all read it.
#[derive(Debug)]
pub struct Field {
    /// The key in the YAML.
    pub name: &'static str,
    /// What a value looks like, and when two of them are the same.
    pub ty: Type,
    /// The variants that have this field at all.
    pub applies: Scope,
    /// The variants that must write it; a provider's table can ask for more.
    pub required: Scope,
    /// A yes/no field of the same kind: where that says yes, this one must be written.
    pub needed_with: Option<&'static str>,
    /// What an omitted field means.
    pub default: Default,
    /// Never shown, stored or logged.
    pub secret: bool,
    /// A change can't be made in place: the object has to be replaced.
    pub forces_replacement: bool,
    /// Two objects that share this value serve the same purpose, as two trunks to one carrier do: the new one is made
    /// before the old one goes.
    pub succeeds: bool,
    /// What to do instead of a value that the type refuses; empty where nothing needs saying.
    pub advice: &'static str,
    /// One line for the reference page.
    pub doc: &'static str,
}

/// The variants (a trunk's `type`) that a rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No variant.
    Nothing,
    /// Every variant, and kinds that have none.
    All,
    /// The variants named.
    Only(&'static [&'static str]),
}

impl Scope {
    /// Whether the rule is for this variant; `None` is a kind without variants.
    pub fn covers(self, variant: Option<&str>) -> bool {
        match self {
            Self::Nothing => false,
            Self::All => true,
            Self::Only(names) => variant.is_some_and(|variant| names.contains(&variant)),
        }
    }
}

/// What omitting a field means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Default {
    /// The type's empty value: `""`, `[]`. Removing the line removes the setting.
    Empty,
    /// This scalar, as it would stand in the YAML.
    Scalar(&'static str),
    /// This list.
    List(&'static [&'static str]),
    /// Left alone unless written.
    LeftAlone,
}

/// What a field's value looks like.
#[derive(Clone, Copy, Debug)]
pub enum Type {
    /// Any text.
    Text,
    /// A host name or address, compared without case.
    Host,
    /// A whole number within bounds, both included.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// Yes or no.
    Bool,
    /// One of these spellings, read without case.
    Choice(&'static [&'static str]),
    /// Items whose order means something.
    List(&'static Type),
    /// Items whose order means nothing.
    Set(&'static Type),
    /// Named members, each a value of its own.
    Record(&'static [Member]),
    /// Named parts that the vendors write as one text joined by `-`. A part may hold a `-` itself, so the parts can't be
    /// told apart again for certain: the whole text is what is compared.
    Joined(&'static [&'static str]),
}

/// A member of a [`Type::Record`].
#[derive(Debug)]
pub struct Member {
    /// The key in the YAML.
    pub name: &'static str,
    /// Its type.
    pub ty: Type,
    /// The variants that must write it.
    pub required: Scope,
    /// One line for the reference page.
    pub doc: &'static str,
}

impl Type {
    /// Reads a scalar as it stands in the YAML or on the wire into its canonical value.
    ///
    /// # Errors
    /// What was expected, as a fragment: "a whole number from 1 to 65535". Never the text itself: it may be a secret.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        match *self {
            Self::Text | Self::Joined(_) => Ok(Value::text(text)),
            Self::Host => Ok(Value::text(text.trim().to_ascii_lowercase())),
            Self::Integer { min, max } => text
                .trim()
                .parse::<i64>()
                .ok()
                .filter(|number| (min..=max).contains(number))
                .map(Value::Integer)
                .ok_or_else(|| self.expected()),
            Self::Bool => parse_bool(text).map(Value::Bool).ok_or_else(|| self.expected()),
            Self::Choice(choices) => choices
                .iter()
                .find(|choice| choice.eq_ignore_ascii_case(text.trim()))
                .map(|choice| Value::text(*choice))
                .ok_or_else(|| self.expected()),
            Self::List(_) | Self::Set(_) | Self::Record(_) => Err(self.expected()),
        }
    }

    /// Gathers items into a list or a set in canonical form: a set is sorted and loses its repeats.
    pub fn gather(&self, mut items: Vec<Value>) -> Value {
        if matches!(self, Self::Set(_)) {
            items.sort_by(compare);
            items.dedup();
        }
        Value::List(items.into())
    }

    /// Whether a value is one text in the YAML.
    pub fn is_scalar(&self) -> bool {
        matches!(self, Self::Text | Self::Host | Self::Integer { .. } | Self::Bool | Self::Choice(_))
    }

    /// The value that stands for nothing: `""`, `[]`, a record of those. Numbers, choices and yes/no have none.
    pub fn empty(&self) -> Value {
        match self {
            Self::Text | Self::Host | Self::Joined(_) => Value::text(""),
            Self::List(_) | Self::Set(_) => Value::List(Arc::default()),
            Self::Record(members) => Value::Record(members.iter().map(|member| member.ty.empty()).collect()),
            Self::Integer { .. } | Self::Bool | Self::Choice(_) => Value::Unset,
        }
    }

    /// What a person should have written, as a fragment for "expected …".
    pub fn expected(&self) -> String {
        match self {
            Self::Text => "a text".into(),
            Self::Host => "a host name or an IP address".into(),
            Self::Integer { min, max } => format!("a whole number from {min} to {max}"),
            Self::Bool => "true or false".into(),
            Self::Choice(choices) => format!("one of {}", choices.join(", ")),
            Self::List(item) | Self::Set(item) => format!("a list, each item {}", item.expected()),
            Self::Record(members) => {
                let names: Vec<_> = members.iter().map(|member| member.name).collect();
                format!("a mapping with {}", names.join(", "))
            }
            Self::Joined(parts) => format!("a mapping with {}", parts.join(", ")),
        }
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    let text = text.trim();
    let is_one_of = |words: [&str; 3]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is_one_of(["true", "yes", "1"]) {
        return Some(true);
    }
    is_one_of(["false", "no", "0"]).then_some(false)
}

/// An order for the items of a set. Only texts and numbers stand in sets; anything else keeps its place.
fn compare(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Record(a), Value::Record(b)) => {
            let differing = a.iter().zip(b.iter()).map(|(a, b)| compare(a, b));
            differing.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        }
        _ => std::cmp::Ordering::Equal,
    }
}

impl Field {
    /// An optional text: what most rows of a table differ from in a few places.
    pub const TEXT: Self = Self {
        name: "",
        ty: Type::Text,
        applies: Scope::All,
        required: Scope::Nothing,
        needed_with: None,
        default: Default::Empty,
        secret: false,
        forces_replacement: false,
        succeeds: false,
        advice: "",
        doc: "",
    };

    /// The value that an omitted field stands for; [`Value::Unset`] where it is left alone.
    pub fn default_value(&self) -> Value {
        match self.default {
            Default::Empty => self.ty.empty(),
            Default::Scalar(text) => self.ty.parse(text).unwrap_or_default(),
            Default::List(items) => match self.ty {
                Type::List(item) | Type::Set(item) => {
                    self.ty.gather(items.iter().filter_map(|text| item.parse(text).ok()).collect())
                }
                _ => Value::Unset,
            },
            Default::LeftAlone => Value::Unset,
        }
    }
}

/// A set of a kind's fields by their place in its table (at most 32).
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSet(u32);

impl FieldSet {
    /// The most fields of a kind.
    pub const MOST: usize = 32;

    /// Adds the field at this place; no table has one beyond the 32nd.
    pub fn insert(&mut self, index: usize) {
        let bit = u32::try_from(index).ok().and_then(|index| 1_u32.checked_shl(index));
        self.0 |= bit.unwrap_or_default();
    }

    /// Whether the field at this place is in the set.
    pub fn contains(self, index: usize) -> bool {
        index < Self::MOST && self.0 & (1 << index) != 0
    }

    /// How many fields are in the set.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether no field is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Debug for FieldSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries((0..Self::MOST).filter(|&index| self.contains(index))).finish()
    }
}

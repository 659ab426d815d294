//! What an answer may hold at most, and what no answer may hold: checked before it is decoded, so that every decoder after
//! it works on something bounded and unambiguous.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::fmt;

use bytes::Bytes;
use http::Response;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::http::{Class, Failure, FailureKind, no_envelope};

/// How deep lists and objects may be nested. The vendors' own have six levels.
pub(super) const MAX_DEPTH: usize = 32;
/// The most values, keys included, or elements of XML: far above what a target's largest listing has.
pub(super) const MAX_VALUES: usize = 4_000_000;
/// The longest text, in bytes, as for a text in the YAML.
pub(super) const MAX_TEXT_BYTES: usize = 64 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An answer's body that is one JSON object within the limits. `expected` names what should have come: "the PBX's JSON
/// answer".
///
/// # Errors
/// It is something else, or over a limit; then it isn't known what became of the call.
pub(super) fn json_object<'r>(
    class: Class,
    response: &'r Response<Bytes>,
    expected: &str,
) -> Result<&'r [u8], Failure> {
    json_around(class, response, expected, None, |line, column| (line, column))
}

/// The same for what is left of an answer whose rows were cut out: what is wrong with these goes first, and `place` says
/// where in the whole answer a line and a column are.
pub(super) fn json_around<'r>(
    class: Class,
    response: &'r Response<Bytes>,
    expected: &str,
    rows: Option<&Flaw>,
    place: impl Fn(usize, usize) -> (usize, usize),
) -> Result<&'r [u8], Failure> {
    let body = bare(response);
    // Serde would read a list as an envelope too, member by member.
    if !body.starts_with(b"{") {
        return Err(no_envelope(class, response, expected));
    }
    match rows.cloned().or_else(|| flaw(body, 0, place)) {
        None => Ok(body),
        Some(Flaw::Broken(reason)) => {
            let mut failure = no_envelope(class, response, expected);
            failure.message = format!("{} ({reason})", failure.message);
            Err(failure)
        }
        Some(Flaw::Refused { code, why }) => {
            let failure = Failure::new(FailureKind::Unknown, code, format!("{expected} {why}"));
            Err(failure.hint("the other side is broken, or isn't what `url` should lead to"))
        }
    }
}

/// An answer's body without blanks around it and without a byte order mark.
pub(super) fn bare(response: &Response<Bytes>) -> &[u8] {
    let body = response.body();
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii()
}

/// What is wrong with a JSON text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is none; what the parser says and where.
    Broken(String),
    /// It is one that isn't taken.
    Refused { code: &'static str, why: String },
}

impl Flaw {
    /// What ended a reading. `place` says where in the answer a line and a column of the text are.
    pub(super) fn of(
        error: &serde_json::Error,
        state: State,
        place: impl FnOnce(usize, usize) -> (usize, usize),
    ) -> Self {
        let words = error.to_string();
        let (line, column) = place(error.line(), error.column());
        if let Some((code, why)) = state.refused.into_inner() {
            // Where, but not what: a text may be a password.
            return Self::Refused { code, why: format!("{why} (line {line}, column {column})") };
        }
        // Of broken JSON the parser quotes nothing.
        let told = format!(" at line {} column {}", error.line(), error.column());
        Self::broken(words.strip_suffix(&told).unwrap_or(&words), (line, column))
    }

    /// No JSON, as the parser would say it.
    pub(super) fn broken(words: &str, (line, column): (usize, usize)) -> Self {
        Self::Broken(format!("{words} at line {line} column {column}"))
    }
}

/// What is wrong with a JSON text that stands within so many lists and objects.
pub(super) fn flaw(body: &[u8], depth: usize, place: impl FnOnce(usize, usize) -> (usize, usize)) -> Option<Flaw> {
    let state = State::default();
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let result = Check::new(&state, depth).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    Some(Flaw::of(&result.err()?, state, place))
}

/// What is known in all depths.
#[derive(Default)]
pub(super) struct State {
    values: Cell<usize>,
    refused: RefCell<Option<(&'static str, String)>>,
}

impl State {
    /// Whether something is over a limit.
    pub(super) fn is_refused(&self) -> bool {
        self.refused.borrow().is_some()
    }

    pub(super) fn refuse<E: Error>(&self, code: &'static str, why: String) -> E {
        *self.refused.borrow_mut() = Some((code, why));
        E::custom(code)
    }

    /// Counts one value more.
    pub(super) fn count<E: Error>(&self) -> Result<(), E> {
        self.values.set(self.values.get() + 1);
        if self.values.get() > MAX_VALUES {
            return Err(
                self.refuse("too_many_values", format!("has more than {MAX_VALUES} values, the most that is read"))
            );
        }
        Ok(())
    }

    /// Checks a text.
    pub(super) fn text<E: Error>(&self, text: &str) -> Result<(), E> {
        if text.len() > MAX_TEXT_BYTES {
            let why = format!("has a text of more than {MAX_TEXT_BYTES} bytes, the longest that is read");
            return Err(self.refuse("text_too_long", why));
        }
        Ok(())
    }
}

/// Goes through a value and keeps nothing.
#[derive(Clone, Copy)]
pub(super) struct Check<'s> {
    pub(super) state: &'s State,
    depth: usize,
}

impl<'s> Check<'s> {
    /// Of a value within so many lists and objects.
    pub(super) fn new(state: &'s State, depth: usize) -> Self {
        Self { state, depth }
    }

    /// Of what is within this value.
    pub(super) fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            let why = format!("is nested more than {MAX_DEPTH} deep, the deepest that is read");
            return Err(self.state.refuse("too_deep", why));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Check<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.state.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Check<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        self.state.text(text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        while items.next_element_seed(inside)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let inside = self.deeper()?;
        let mut keys = Keys::default();
        while let Some(key) = members.next_key_seed(Key(self.state))? {
            keys.add(key, self.state)?;
            members.next_value_seed(inside)?;
        }
        Ok(())
    }
}

/// A key, borrowed where it can be.
pub(super) struct Key<'s>(pub(super) &'s State);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.count()?;
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key<'_> {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.0.text(text).map(|()| text.into())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.0.text(text).map(|()| text.to_owned().into())
    }
}

/// How many keys are looked through one by one.
const FEW: usize = 32;

/// The keys of one object, to see that none comes twice. An object has few as a rule, all different, so most are known to be
/// new by one bit.
#[derive(Default)]
pub(super) struct Keys<'de> {
    bits: u64,
    few: Vec<Cow<'de, str>>,
    many: HashSet<Cow<'de, str>>,
}

impl<'de> Keys<'de> {
    /// Those that are known to be different.
    pub(super) fn of(different: impl IntoIterator<Item = Cow<'de, str>>) -> Self {
        let mut keys = Self::default();
        for key in different {
            keys.is_new(key);
        }
        keys
    }

    /// Takes a key in.
    ///
    /// # Errors
    /// It is there already.
    pub(super) fn add<E: Error>(&mut self, key: Cow<'de, str>, state: &State) -> Result<(), E> {
        if self.is_new(key) {
            return Ok(());
        }
        Err(Self::refusal(state))
    }

    /// That a key is there already.
    pub(super) fn refusal<E: Error>(state: &State) -> E {
        // Which of the two counts? Readers differ.
        state.refuse("duplicate_key", "has the same key twice in one object".into())
    }

    fn is_new(&mut self, key: Cow<'de, str>) -> bool {
        let bit = bit(key.as_bytes());
        let may_be_known = self.bits & bit != 0;
        self.bits |= bit;
        if !self.many.is_empty() {
            return self.many.insert(key);
        }
        if may_be_known && self.few.contains(&key) {
            return false;
        }
        if self.few.is_empty() {
            self.few.reserve(FEW / 2);
        }
        self.few.push(key);
        if self.few.len() > FEW {
            self.many = self.few.drain(..).collect();
        }
        true
    }
}

/// One bit that equal keys share and different ones seldom do.
fn bit(key: &[u8]) -> u64 {
    let (first, last) = (key.first().copied().unwrap_or(0), key.last().copied().unwrap_or(0));
    1 << ((key.len() * 7 + usize::from(first) * 3 + usize::from(last)) % 64)
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;

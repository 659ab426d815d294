//! The rows of a listing, read in one go: what a row knows is kept, the rest is checked and dropped.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::limits::{self, Check, Flaw, Key, Keys, State};
use super::rows::Run;

/// One row of a listing.
pub(super) trait Row: Default + Send + 'static {
    /// What the rows that are read together share.
    type Shared: Default + Send;

    /// The place of a member that the row wants; `None` for one that it doesn't.
    fn place(name: &str) -> Option<usize>;

    /// Takes the member of this place in.
    fn take(&mut self, place: usize, value: &Shown<'_>, shared: &mut Self::Shared);
}

/// A value as it is shown.
#[derive(Debug, PartialEq)]
pub(super) enum Shown<'de> {
    /// `null`.
    Nothing,
    /// A text, number, or yes or no, as text.
    Scalar(Cow<'de, str>),
    /// The items.
    List(Vec<Self>),
    /// The members.
    Object(Vec<(Cow<'de, str>, Self)>),
}

impl Shown<'_> {
    /// A scalar's text.
    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Scalar(text) = self { Some(text) } else { None }
    }

    /// A scalar's text; empty where there is no scalar.
    pub(super) fn or_empty(&self) -> &str {
        self.text().unwrap_or("")
    }

    /// Whether it says yes: `true`, `"true"`, `1`, `"1"`.
    pub(super) fn is_yes(&self) -> bool {
        let text = self.or_empty().trim();
        text == "1" || ["true", "yes"].iter().any(|yes| yes.eq_ignore_ascii_case(text))
    }
}

/// What came of a run of rows.
pub(super) struct Read<R> {
    /// The rows up to the first that is none.
    pub(super) rows: Vec<R>,
    /// Why the answer can't be used.
    pub(super) flaw: Option<Flaw>,
    /// Where a row is no object.
    pub(super) odd: Option<(usize, usize)>,
}

/// Reads a run of rows that stand within so many lists and objects.
pub(super) fn read<R: Row>(run: &Run, depth: usize) -> Read<R> {
    let state = State::default();
    let mut read = Read { rows: Vec::new(), flaw: None, odd: None };
    let mut deserializer = serde_json::Deserializer::from_slice(&run.json);
    let seed = Rows { check: Check::new(&state, depth), rows: &mut read.rows };
    let result = seed.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    match result {
        Ok(()) => {}
        // A value of another sort than a row's. What is wrong with it or behind it goes first all the same.
        Err(error) if error.is_data() && !state.is_refused() => {
            read.odd = Some(run.place(error.line(), error.column()));
            read.flaw = limits::flaw(&run.json, depth.saturating_sub(1), |line, column| run.place(line, column));
        }
        Err(error) => read.flaw = Some(Flaw::of(&error, state, |line, column| run.place(line, column))),
    }
    read
}

/// A row that stands in an answer which was read already, and is within the limits.
pub(super) struct Plain<R>(pub(super) R);

impl<'de, R: Row> Deserialize<'de> for Plain<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (state, mut shared) = (State::default(), R::Shared::default());
        let one = One { check: Check::new(&state, 0), shared: &mut shared, row: PhantomData };
        one.deserialize(deserializer).map(Self)
    }
}

struct Rows<'s, 'r, R> {
    check: Check<'s>,
    rows: &'r mut Vec<R>,
}

impl<'de, R: Row> DeserializeSeed<'de> for Rows<'_, '_, R> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de, R: Row> Visitor<'de> for Rows<'_, '_, R> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let mut shared = R::Shared::default();
        while let Some(row) =
            items.next_element_seed(One::<R> { check: self.check, shared: &mut shared, row: PhantomData })?
        {
            self.rows.push(row);
        }
        Ok(())
    }
}

/// Reads one row.
struct One<'s, 'r, R: Row> {
    check: Check<'s>,
    shared: &'r mut R::Shared,
    row: PhantomData<R>,
}

impl<'de, R: Row> DeserializeSeed<'de> for One<'_, '_, R> {
    type Value = R;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<R, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Row> Visitor<'de> for One<'_, '_, R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<R, A::Error> {
        let inside = self.check.deeper()?;
        let (mut row, mut keys) = (R::default(), Keys::default());
        while let Some(key) = members.next_key_seed(Key(self.check.state))? {
            let place = R::place(&key);
            keys.add(key, self.check.state)?;
            match place {
                Some(place) => row.take(place, &members.next_value_seed(Show(inside))?, self.shared),
                None => members.next_value_seed(inside)?,
            }
        }
        Ok(row)
    }
}

/// Reads a value within the limits.
struct Show<'s>(Check<'s>);

impl<'de> DeserializeSeed<'de> for Show<'_> {
    type Value = Shown<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.state.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Show<'_> {
    type Value = Shown<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
        Ok(Shown::Scalar(if yes { "true" } else { "false" }.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Shown::Scalar(number.to_string().into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Shown::Scalar(number.to_string().into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Shown::Scalar(number.to_string().into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Shown::Nothing)
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        self.0.state.text(text).map(|()| Shown::Scalar(text.into()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        self.0.state.text(text).map(|()| Shown::Scalar(text.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let inside = self.0.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Show(inside))? {
            list.push(item);
        }
        Ok(Shown::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let inside = self.0.deeper()?;
        let (mut object, mut keys) = (Vec::new(), Keys::default());
        while let Some(key) = members.next_key_seed(Key(self.0.state))? {
            keys.add(key.clone(), self.0.state)?;
            object.push((key, members.next_value_seed(Show(inside))?));
        }
        Ok(Shown::Object(object))
    }
}

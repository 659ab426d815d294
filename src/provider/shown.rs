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
    /// The same with texts of its own.
    pub(super) fn to_static(&self) -> Shown<'static> {
        let own = |text: &str| Cow::Owned(text.to_owned());
        match self {
            Self::Nothing => Shown::Nothing,
            Self::Scalar(text) => Shown::Scalar(own(text)),
            Self::List(items) => Shown::List(items.iter().map(Shown::to_static).collect()),
            Self::Object(members) => {
                Shown::Object(members.iter().map(|(name, value)| (own(name), value.to_static())).collect())
            }
        }
    }

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
    let seed = Rows { check: Check::new(&state, depth), rows: &mut read.rows };
    // Whether the texts are UTF-8 is seen faster for all at once.
    let result = match str::from_utf8(&run.json) {
        Ok(json) => whole(seed, &mut serde_json::Deserializer::from_str(json)),
        Err(_) => whole(seed, &mut serde_json::Deserializer::from_slice(&run.json)),
    };
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

fn whole<'de, S, R>(seed: S, deserializer: &mut serde_json::Deserializer<R>) -> serde_json::Result<()>
where
    S: DeserializeSeed<'de, Value = ()>,
    R: serde_json::de::Read<'de>,
{
    seed.deserialize(&mut *deserializer).and_then(|()| deserializer.end())
}

/// A row that stands in an answer which was read already, and is within the limits.
pub(super) struct Plain<R>(pub(super) R);

impl<'de, R: Row> Deserialize<'de> for Plain<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (state, mut shared) = (State::default(), R::Shared::default());
        let (check, known) = (Check::new(&state, 0), &mut Vec::new());
        let one = One { check, known, shared: &mut shared, row: PhantomData };
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
        let (check, mut known, mut shared) = (self.check, Vec::new(), R::Shared::default());
        while let Some(row) =
            items.next_element_seed(One::<R> { check, known: &mut known, shared: &mut shared, row: PhantomData })?
        {
            self.rows.push(row);
        }
        Ok(())
    }
}

/// The names of a row's members in their order, all different, and the place of each.
type Names<'de> = Vec<(Cow<'de, str>, Option<usize>)>;

/// Reads one row.
struct One<'s, 'r, 'de, R: Row> {
    check: Check<'s>,
    /// Those of the row before: as a rule this one has the same.
    known: &'r mut Names<'de>,
    shared: &'r mut R::Shared,
    row: PhantomData<R>,
}

impl<'de, R: Row> DeserializeSeed<'de> for One<'_, '_, 'de, R> {
    type Value = R;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<R, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, R: Row> Visitor<'de> for One<'_, '_, 'de, R> {
    type Value = R;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<R, A::Error> {
        let inside = self.check.deeper()?;
        let (mut row, mut names) = (R::default(), NamesOfRow { known: self.known, count: 0, keys: None });
        while let Some(key) = members.next_key_seed(Key(self.check.state))? {
            match names.place::<R, A::Error>(key, self.check.state)? {
                Some(place) => row.take(place, &members.next_value_seed(Show(inside))?, self.shared),
                None => members.next_value_seed(inside)?,
            }
        }
        Ok(row)
    }
}

/// The names of the row that is being read.
struct NamesOfRow<'r, 'de> {
    /// As many as `count` are this row's; the others are those of the row before.
    known: &'r mut Names<'de>,
    count: usize,
    /// All of this row's, from the first on that the row before has not at the same place.
    keys: Option<Keys<'de>>,
}

impl<'de> NamesOfRow<'_, 'de> {
    /// Takes the next name in; gives its place.
    fn place<R: Row, E: Error>(&mut self, key: Cow<'de, str>, state: &State) -> Result<Option<usize>, E> {
        if self.keys.is_none() {
            if let Some((_, place)) = self.known.get(self.count).filter(|(known, _)| *known == key) {
                self.count += 1;
                return Ok(*place);
            }
            self.known.truncate(self.count);
        }
        let known = &self.known;
        let keys = self.keys.get_or_insert_with(|| Keys::of(known.iter().map(|(known, _)| known.clone())));
        keys.add(key.clone(), state)?;
        let place = R::place(&key);
        self.known.push((key, place));
        Ok(place)
    }
}

/// How many members of an object are looked through one by one.
const FEW: usize = 8;

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
        // Most numbers are a yes or no.
        let text = match number {
            0 => "0".into(),
            1 => "1".into(),
            _ => number.to_string().into(),
        };
        Ok(Shown::Scalar(text))
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
        let (mut object, mut keys): (Vec<(Cow<'_, str>, _)>, Option<Keys<'_>>) = (Vec::new(), None);
        while let Some(key) = members.next_key_seed(Key(self.0.state))? {
            if object.len() >= FEW {
                let known = || Keys::of(object.iter().map(|(known, _)| known.clone()));
                keys.get_or_insert_with(known).add(key.clone(), self.0.state)?;
            } else if object.iter().any(|(known, _)| *known == key) {
                return Err(Keys::refusal(self.0.state));
            }
            object.push((key, members.next_value_seed(Show(inside))?));
        }
        Ok(Shown::Object(object))
    }
}

#[cfg(test)]
#[path = "shown_tests.rs"]
mod tests;

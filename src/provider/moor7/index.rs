//! The records of `call/query/number`, findable by id and by number, and what comes twice in a listing. The platform lists
//! in an order as a rule: where it does, that alone says what is where, and that nothing comes twice.

use std::cell::{Cell, OnceCell};
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

use super::wire::Numbered;

/// The order that makes all texts different: each is less, or each is greater than the next one.
fn order<T>(all: &[T], by: impl Fn(&T) -> &str) -> Option<Ordering> {
    let is = |order: Ordering| all.is_sorted_by(|a, b| by(a).cmp(by(b)) == order);
    [Ordering::Less, Ordering::Greater].into_iter().find(|order| is(*order))
}

/// Sees which texts come again.
pub(super) struct Seen<'l> {
    /// `None` where all are known to be different.
    texts: Option<HashSet<&'l str>>,
}

impl<'l> Seen<'l> {
    /// None of them yet.
    pub(super) fn new<T>(all: &[T], by: impl Fn(&T) -> &str) -> Self {
        Self { texts: order(all, by).is_none().then(|| HashSet::with_capacity(all.len())) }
    }

    /// Takes one of the texts in; tells whether it is the first one like this.
    pub(super) fn is_new(&mut self, text: &'l str) -> bool {
        self.texts.as_mut().is_none_or(|texts| texts.insert(text))
    }
}

/// The records, findable.
pub(super) struct Index<'r> {
    records: &'r [Numbered],
    by_id: ById<'r>,
    /// Made where it is needed: ids are enough as a rule.
    by_number: OnceCell<HashMap<&'r str, usize>>,
}

enum ById<'r> {
    /// All ids are different and in this order; behind the one found last is most likely the next one.
    Ordered { order: Ordering, next: Cell<usize> },
    /// The places of the live records, and the ids of the others.
    Hashed { live: HashMap<&'r str, usize>, deleted: HashSet<&'r str> },
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The place of a live record.
    Record(usize),
    /// Its id is that of a deleted number.
    Deleted,
    /// Its id is that of a live number, under another number.
    OtherNumber,
    Nothing,
}

impl<'r> Index<'r> {
    /// Of these records.
    pub(super) fn new(records: &'r [Numbered]) -> Self {
        let by_id = match order(records, |record| &record.id) {
            Some(order) => ById::Ordered { order, next: Cell::new(0) },
            None => ById::hashed(records),
        };
        Self { records, by_id, by_number: OnceCell::new() }
    }

    /// By id first. That `_id` is the same as `sipId` is not documented, so by number where no id fits.
    pub(super) fn find(&self, id: &str, number: &str) -> Found {
        match self.by_id.find(self.records, id) {
            Some(place) => self.at(place, number),
            None if self.by_id.is_deleted(id) => Found::Deleted,
            None => {
                let by_number = self.by_number.get_or_init(|| live_by(self.records, |record| &record.number));
                by_number.get(number).map_or(Found::Nothing, |place| Found::Record(*place))
            }
        }
    }

    fn at(&self, place: usize, number: &str) -> Found {
        match self.records.get(place) {
            Some(record) if record.is_deleted => Found::Deleted,
            Some(record) if *record.number == *number => Found::Record(place),
            _ => Found::OtherNumber,
        }
    }
}

impl<'r> ById<'r> {
    fn hashed(records: &'r [Numbered]) -> Self {
        let deleted = records.iter().filter(|record| record.is_deleted && !record.id.is_empty());
        let deleted = deleted.map(|record| &*record.id).collect();
        Self::Hashed { live: live_by(records, |record| &record.id), deleted }
    }

    /// The place of the record with this id; of a deleted one only where all are different.
    fn find(&self, records: &[Numbered], id: &str) -> Option<usize> {
        match self {
            Self::Hashed { live, .. } => live.get(id).copied(),
            Self::Ordered { order, next } => {
                let is_next = records.get(next.get()).is_some_and(|record| *record.id == *id);
                let place = if is_next { Some(next.get()) } else { search(records, *order, id) };
                place.inspect(|place| next.set(place + 1))
            }
        }
    }

    fn is_deleted(&self, id: &str) -> bool {
        matches!(self, Self::Hashed { deleted, .. } if deleted.contains(id))
    }
}

fn search(records: &[Numbered], order: Ordering, id: &str) -> Option<usize> {
    let compare = |record: &Numbered| {
        let ascending = (*record.id).cmp(id);
        if order == Ordering::Greater { ascending.reverse() } else { ascending }
    };
    records.binary_search_by(compare).ok().filter(|_| !id.is_empty())
}

/// The places of the live records by something that they have.
fn live_by<'r>(records: &'r [Numbered], by: impl Fn(&'r Numbered) -> &'r str) -> HashMap<&'r str, usize> {
    let mut places = HashMap::with_capacity(records.len());
    let live = records.iter().enumerate().filter(|(_, record)| !record.is_deleted);
    places.extend(live.map(|(place, record)| (by(record), place)).filter(|(text, _)| !text.is_empty()));
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record((id, number, is_deleted): (String, String, bool)) -> Numbered {
        Numbered { id: id.into(), number: number.into(), is_deleted, ..Numbered::default() }
    }

    proptest! {
        /// Where an order says what is where, it says what hashing would say.
        #[test]
        fn an_order_finds_what_hashing_finds(
            rows in prop::collection::btree_map("[a-h]{0,2}", ("[1-4]{0,1}", any::<bool>()), 0..12),
            descending: bool,
            asked in prop::collection::vec(("[a-h]{1,2}", "[1-4]{1}"), 0..12),
        ) {
            let rows = rows.into_iter().map(|(id, (number, deleted))| record((id, number, deleted)));
            let mut records: Vec<_> = rows.collect();
            if descending {
                records.reverse();
            }
            let ordered = Index::new(&records);
            let is_ordered = matches!(ordered.by_id, ById::Ordered { .. });
            prop_assert!(is_ordered);
            let hashed = Index { by_id: ById::hashed(&records), ..Index::new(&records) };
            let own: Vec<_> = records.iter().map(|record| (record.id.to_string(), record.number.to_string())).collect();
            for (id, number) in own.iter().chain(&asked).filter(|(id, _)| !id.is_empty()) {
                prop_assert_eq!(ordered.find(id, number), hashed.find(id, number), "{} {}", id, number);
            }
        }

        /// What comes again is told, in whatever order it comes.
        #[test]
        fn what_comes_twice_is_seen(texts in prop::collection::vec("[a-d]{1,2}", 0..8), sorted: bool) {
            let mut texts = texts;
            if sorted {
                texts.sort();
            }
            let mut seen = Seen::new(&texts, |text| text);
            for (at, text) in texts.iter().enumerate() {
                let first = texts.iter().position(|other| other == text);
                prop_assert_eq!(seen.is_new(text), first == Some(at));
            }
        }
    }
}

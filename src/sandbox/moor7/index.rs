//! Where a number is found: a write to a contact centre of a million numbers doesn't look at each of them.

use std::collections::HashMap;

use super::numbers::SipNumber;

/// The numbers of a state by what calls name them by.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// The place of each record, deleted ones included, by its id.
    places: HashMap<String, usize>,
    /// How many records that aren't deleted have a number.
    alive: HashMap<String, usize>,
}

impl Index {
    pub(super) fn new(numbers: &[SipNumber]) -> Self {
        let mut index = Self::default();
        for (place, number) in numbers.iter().enumerate() {
            index.places.insert(number.sip_id.clone(), place);
            if !number.is_del {
                index.count(&number.number, 1);
            }
        }
        index
    }

    /// The place of the record with this id.
    pub(super) fn place(&self, sip_id: &str) -> Option<usize> {
        self.places.get(sip_id).copied()
    }

    /// How many records that aren't deleted have this number.
    pub(super) fn alive(&self, number: &str) -> usize {
        self.alive.get(number).copied().unwrap_or_default()
    }

    /// A record was made at the end.
    pub(super) fn made(&mut self, sip_id: &str, number: &str) {
        self.places.insert(sip_id.to_owned(), self.places.len());
        self.count(number, 1);
    }

    /// A record has another number now.
    pub(super) fn renumbered(&mut self, from: &str, to: &str) {
        self.gone(from);
        self.count(to, 1);
    }

    /// A record with this number was deleted.
    pub(super) fn gone(&mut self, number: &str) {
        self.count(number, -1);
    }

    fn count(&mut self, number: &str, change: isize) {
        let count = self.alive.entry(number.to_owned()).or_default();
        *count = count.saturating_add_signed(change);
        if *count == 0 {
            self.alive.remove(number);
        }
    }
}

//! What happened in some runs, by name: to know that the worlds are rich enough.

use std::collections::BTreeMap;

/// How often each thing happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally(BTreeMap<String, usize>);

impl Tally {
    pub(crate) fn note(&mut self, what: impl Into<String>) {
        *self.0.entry(what.into()).or_default() += 1;
    }

    pub(crate) fn add(&mut self, other: Self) {
        for (what, count) in other.0 {
            *self.0.entry(what).or_default() += count;
        }
    }

    pub(crate) fn count(&self, what: &str) -> usize {
        self.0.get(what).copied().unwrap_or_default()
    }

    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(what, count)| format!("{count:>8} {what}")).collect::<Vec<_>>().join("\n")
    }
}

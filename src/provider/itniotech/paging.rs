//! A listing's pages, and whether together they show all that there is.
//!
//! What is made or removed between two pages moves the rest: records come twice or not at all. The platform says with every
//! page how many there are, so that can be noticed.

use crate::model::Completeness;
use crate::provider::loose::Record;

use super::wire::Page;

/// Records on a page: the most that the platform gives.
pub(super) const SIZE: u32 = 100;
/// The most pages of one listing.
pub(super) const MAX_PAGES: u32 = 1_000;
/// The most records of one listing, however many a page holds.
pub(super) const MAX_RECORDS: usize = 100_000;
/// The most that the pages of one listing may have together, in bytes.
const MAX_BYTES: usize = 256 << 20;

/// The pages read so far.
#[derive(Default)]
pub(super) struct Pages {
    records: Vec<Record>,
    read: u32,
    bytes: usize,
    total: Option<u64>,
    doubts: Doubts,
}

impl Pages {
    /// Which page comes next, from 1.
    pub(super) fn next(&self) -> u32 {
        self.read + 1
    }

    /// Takes a page in; tells whether another one is to be read.
    pub(super) fn add(&mut self, page: Page) -> bool {
        self.read += 1;
        self.bytes = self.bytes.saturating_add(page.bytes);
        let total = page.total.or_empty().trim().parse().ok();
        match (self.total, total) {
            (_, None) => self.doubts.add(|| format!("page {} doesn't say how many there are in all", self.read)),
            (Some(before), Some(now)) if before != now => {
                self.doubts.add(|| format!("there were {before} on one page and {now} on the next"));
            }
            _ => {}
        }
        self.total = total;
        if page.records.is_empty() {
            return false;
        }
        if self.records.ends_with(&page.records) {
            self.doubts.add(|| format!("page {} repeats the one before it", self.read));
            return false;
        }
        self.records.extend(page.records);
        // Without a total nobody knows where to stop.
        self.total.is_some_and(|total| self.count() < total) && self.may_go_on()
    }

    /// Whether the limits let another page be read.
    fn may_go_on(&mut self) -> bool {
        let what = if self.read >= MAX_PAGES {
            format!("{MAX_PAGES} pages")
        } else if self.records.len() >= MAX_RECORDS {
            format!("{MAX_RECORDS} records")
        } else if self.bytes >= MAX_BYTES {
            format!("{} MiB", MAX_BYTES >> 20)
        } else {
            return true;
        };
        self.doubts.add(|| format!("it goes on behind {what}, the most that is read of a listing"));
        false
    }

    /// All records, and what is doubtful about them.
    pub(super) fn finish(mut self) -> (Vec<Record>, Doubts) {
        let (count, read) = (self.count(), self.read);
        if let Some(total) = self.total.filter(|total| *total != count) {
            self.doubts.add(|| format!("{count} of {total} were shown, on {read} pages"));
        }
        (self.records, self.doubts)
    }

    fn count(&self) -> u64 {
        self.records.len() as u64
    }
}

/// Why a listing may not be whole: the first reason, and how many there are.
#[derive(Default)]
pub(super) struct Doubts {
    first: Option<String>,
    more: usize,
}

impl Doubts {
    pub(super) fn add(&mut self, reason: impl FnOnce() -> String) {
        if self.first.is_none() {
            self.first = Some(reason());
        } else {
            self.more += 1;
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    /// The verdict on what `call` lists.
    pub(super) fn verdict(self, call: &str) -> Completeness {
        match self {
            Self { first: None, .. } => Completeness::Complete,
            Self { first: Some(reason), more: 0 } => Completeness::Incomplete(format!("{call}: {reason}")),
            Self { first: Some(reason), more } => {
                Completeness::Incomplete(format!("{call}: {reason} (and {more} more)"))
            }
        }
    }
}

/// A name for a message.
pub(super) fn show(text: &str) -> String {
    format!("{:?}", crate::http::neutral(text, &[]))
}

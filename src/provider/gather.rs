//! A listing's answer, read while it arrives: the rows on other threads, in runs, and what is around them at the end.

use std::collections::VecDeque;

use async_trait::async_trait;
use bytes::Bytes;
use http::Response;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::http::{Class, Failure, Sink};

use super::limits::{self, Flaw};
use super::rows::{Path, Rest, Run, Splitter};
use super::shown::{self, Read, Row};

/// From how many bytes on rows are worth another thread.
const RUN_BYTES: usize = 256 << 10;
/// How many runs wait for their turn at most.
const MAX_RUNS: usize = 4;
/// The most rows of one listing.
const MAX_ROWS: usize = 5_000_000;

/// Takes an answer's body in and reads the rows of the list at a path.
pub(super) struct Gather<R> {
    splitter: Splitter,
    /// Within how many lists and objects a row stands.
    depth: usize,
    under_way: VecDeque<JoinHandle<Read<R>>>,
    gathered: Gathered<R>,
}

/// The rows of an answer.
pub(super) struct Gathered<R> {
    /// The rows, in their order.
    pub(super) rows: Vec<R>,
    /// Where a row is no object.
    odd: Option<(usize, usize)>,
    flaw: Option<Flaw>,
    rest: Rest,
}

#[async_trait]
impl<R: Row> Sink for Gather<R> {
    async fn take(&mut self, piece: Bytes) {
        let mut runs = Vec::new();
        self.splitter.feed(&piece, |run| runs.push(run));
        for run in runs {
            self.read(run).await;
        }
    }
}

impl<R: Row> Gather<R> {
    /// Nothing yet.
    pub(super) fn new(path: Path) -> Self {
        let gathered = Gathered { rows: Vec::new(), odd: None, flaw: None, rest: Rest::default() };
        let splitter = Splitter::new(path, RUN_BYTES);
        Self { splitter, depth: path.len() + 1, under_way: VecDeque::new(), gathered }
    }

    async fn read(&mut self, run: Run) {
        // A short one is the last: it isn't worth a thread.
        if run.json.len() < RUN_BYTES && self.under_way.is_empty() {
            return self.gathered.add(shown::read(&run, self.depth));
        }
        if self.under_way.len() == MAX_RUNS {
            self.wait().await;
        }
        let depth = self.depth;
        self.under_way.push_back(spawn_blocking(move || shown::read(&run, depth)));
    }

    async fn wait(&mut self) {
        match self.under_way.pop_front() {
            None => {}
            Some(read) => match read.await {
                Ok(read) => self.gathered.add(read),
                Err(_) => self.gathered.refuse(Flaw::Broken("its reader broke off".into())),
            },
        }
    }

    /// The rows, and the answer without them.
    pub(super) async fn finish(mut self, answer: Response<()>) -> (Response<Bytes>, Gathered<R>) {
        let mut last = None;
        let splitter = std::mem::replace(&mut self.splitter, Splitter::new(&[], 0));
        let mut rest = splitter.finish(|run| last = Some(run));
        if let Some(run) = last {
            self.read(run).await;
        }
        while !self.under_way.is_empty() {
            self.wait().await;
        }
        if let Some(place) = rest.trailing_comma {
            self.gathered.refuse(Flaw::broken("trailing comma", place));
        }
        let answer = answer.map(|()| Bytes::from(std::mem::take(&mut rest.json)));
        self.gathered.rest = rest;
        (answer, self.gathered)
    }
}

impl<R> Gathered<R> {
    fn add(&mut self, mut read: Read<R>) {
        if self.flaw.is_some() {
            return;
        }
        if self.rows.len() + read.rows.len() > MAX_ROWS {
            let why = format!("lists more than {MAX_ROWS} objects, the most that is read");
            return self.refuse(Flaw::Refused { code: "too_many_values", why });
        }
        self.rows.append(&mut read.rows);
        self.odd = self.odd.or(read.odd);
        if let Some(flaw) = read.flaw {
            self.refuse(flaw);
        }
    }

    /// The first flaw stands.
    fn refuse(&mut self, flaw: Flaw) {
        self.flaw.get_or_insert(flaw);
    }

    /// What is left of the answer, where that and the rows are good JSON within the limits; see [`limits::json_object`].
    pub(super) fn json_object<'r>(
        &self,
        class: Class,
        answer: &'r Response<Bytes>,
        expected: &str,
    ) -> Result<&'r [u8], Failure> {
        limits::json_around(class, answer, expected, self.flaw.as_ref(), |line, column| self.rest.place(line, column))
    }

    /// Where in the answer a row is no object, if one isn't.
    pub(super) fn odd(&self) -> Option<(usize, usize)> {
        self.odd
    }
}

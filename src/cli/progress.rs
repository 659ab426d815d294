//! Progress of an apply, on standard error: a bar on a terminal; elsewhere a line for each change, which is what is left to
//! look at where a job is killed, and one every ten seconds that says how long it will take.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::ProgressBar;

use super::output::Output;
use super::pace::{self, Shown};
use crate::apply::{Event, Listener};
use crate::diag::fit_to_print;
use crate::model::Address;
use crate::model::outcome::{Ending, Outcome};
use crate::render::apply::{ResultDocument, result_line};
use crate::render::style::{Color, printable};

/// Shows how an apply goes on.
#[derive(Debug)]
pub(super) struct Progress {
    output: Output,
    bar: Option<ProgressBar>,
    shown: Shown,
    total: usize,
    ended: AtomicUsize,
    /// Accepted, and not read back yet.
    sent: Mutex<HashSet<Address>>,
}

impl Progress {
    /// For this many changes.
    pub(super) fn new(output: Output, total: usize, shown: Shown) -> Self {
        let bar = (shown == Shown::Bar && total > 0).then(|| pace::bar(total, "changes"));
        Self { output, bar, shown, total, ended: AtomicUsize::new(0), sent: Mutex::default() }
    }

    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => self.above(bar, text),
            None => self.output.message(&format!("{text}\n")),
        }
    }

    /// A line above the bar.
    fn above(&self, bar: &ProgressBar, text: &str) {
        bar.println(fit_to_print(text, self.output.message_color == Color::On));
    }

    /// A change has been sent, or won't be. Whether what was sent took effect shows only when it is read back.
    fn finished(&self, outcome: &Outcome) {
        let ended = self.ended.fetch_add(1, Ordering::Relaxed) + 1;
        let mut document = ResultDocument::new(outcome, None);
        if outcome.ending == Ending::Done {
            document.outcome = "sent".into();
            self.sent().insert(outcome.address.clone());
        }
        let line = result_line(&document, self.output.message_color);
        // On a terminal the bar counts, and only what went wrong deserves a line of its own.
        match &self.bar {
            Some(bar) => {
                if outcome.ending != Ending::Done {
                    self.above(bar, &line);
                }
                bar.inc(1);
            }
            None => self.line(&format!("[{ended}/{}] {line}", self.total)),
        }
    }

    /// What a change came to, said only where it differs from what was said before.
    fn settled(&self, outcome: &Outcome) {
        if self.sent().remove(&outcome.address) && outcome.ending != Ending::Done {
            self.line(&result_line(&ResultDocument::new(outcome, None), self.output.message_color));
        }
    }

    fn sent(&self) -> MutexGuard<'_, HashSet<Address>> {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries the changes out. Where they are told line by line, it is also said how long they will take.
    pub(super) async fn beside<T>(&self, work: impl Future<Output = T>) -> T {
        let counts = || (self.ended.load(Ordering::Relaxed), self.total);
        match self.shown {
            Shown::Lines => pace::in_lines(self.output, "sent", "changes", counts, work).await,
            Shown::Bar | Shown::Nothing => work.await,
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Listener for Progress {
    fn hear(&self, event: Event<'_>) {
        match event {
            Event::Started { address, action } => {
                if let Some(bar) = &self.bar {
                    bar.set_message(printable(&format!("{} {address}", action.name())));
                }
            }
            Event::Finished(outcome) => self.finished(outcome),
            Event::Verifying { target } => match &self.bar {
                Some(bar) => bar.set_message(printable(&format!("reading {target} back"))),
                None => self.line(&printable(&format!("reading {target} back"))),
            },
            Event::Settled(outcome) => self.settled(outcome),
        }
    }
}

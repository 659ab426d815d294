//! Progress of an apply: a bar on a terminal, plain lines elsewhere, both on standard error.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::Output;
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
    total: usize,
    ended: AtomicUsize,
    /// Accepted, and not read back yet.
    sent: Mutex<HashSet<Address>>,
}

impl Progress {
    /// For this many changes.
    pub(super) fn new(output: Output, total: usize, terminal: bool) -> Self {
        let bar = terminal.then(|| bar(total));
        Self { output, bar, total, ended: AtomicUsize::new(0), sent: Mutex::default() }
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

    /// Takes the bar away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr());
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} changes, {elapsed} so far, about {eta} left  {wide_msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
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

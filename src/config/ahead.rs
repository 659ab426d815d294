//! The steps through one large file, made on another thread ahead of whoever reads them.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver, Sender, SyncSender};
use std::thread;

use super::yaml::{Broken, Events, Step};

/// How many steps are handed over at a time: more of them no longer fit into a core's own cache.
const BATCH: usize = 1024;

/// How many batches may wait to be read.
const WAITING: usize = 4;

/// The steps through one file, in order.
pub(super) enum Steps<'t> {
    /// Made when they are asked for.
    Here(Box<Events<'t>>),
    /// Made on another thread.
    Ahead(Ahead<'t>),
}

type Batch<'t> = VecDeque<Result<Step<'t>, Broken>>;

/// What another thread makes.
pub(super) struct Ahead<'t> {
    batches: Receiver<Batch<'t>>,
    /// Batches that were read go back, to be filled again.
    empty: Sender<Batch<'t>>,
    now: Batch<'t>,
}

impl<'t> Steps<'t> {
    /// The steps through a text, made when they are asked for.
    pub(super) fn of(text: &'t str) -> Self {
        Self::Here(Box::new(Events::new(text)))
    }

    /// The next one; behind the end, the end again. Must not be called after an error.
    pub(super) fn next(&mut self) -> Result<Step<'t>, Broken> {
        match self {
            Self::Here(events) => events.next(),
            Self::Ahead(ahead) => ahead.next(),
        }
    }
}

impl<'t> Ahead<'t> {
    fn next(&mut self) -> Result<Step<'t>, Broken> {
        loop {
            if let Some(step) = self.now.pop_front() {
                return step;
            }
            let Ok(batch) = self.batches.recv() else { return Ok(Step::end()) };
            // Whoever fills them may be done.
            let _ = self.empty.send(std::mem::replace(&mut self.now, batch));
        }
    }
}

/// Gives `read` the steps through a text, made on another thread where one can be started.
pub(super) fn reading<'t, R>(text: &'t str, read: impl FnOnce(Steps<'t>) -> R) -> R {
    thread::scope(|scope| {
        let (full, batches) = mpsc::sync_channel(WAITING);
        let (empty, emptied) = mpsc::channel();
        let helper = thread::Builder::new().spawn_scoped(scope, move || fill(text, &full, &emptied));
        let ahead = Ahead { batches, empty, now: Batch::new() };
        read(if helper.is_ok() { Steps::Ahead(ahead) } else { Steps::of(text) })
    })
}

/// Makes all steps, up to the end, an error, or until nobody wants them any more.
fn fill<'t>(text: &'t str, full: &SyncSender<Batch<'t>>, emptied: &Receiver<Batch<'t>>) {
    let mut events = Events::new(text);
    loop {
        let mut batch = emptied.try_recv().unwrap_or_default();
        batch.reserve(BATCH);
        let mut is_last = false;
        while !is_last && batch.len() < BATCH {
            let step = events.next();
            is_last = step.as_ref().map_or(true, Step::is_end);
            batch.push_back(step);
        }
        if full.send(batch).is_err() || is_last {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::yaml::Event;

    /// The steps up to the end or an error.
    fn shown(mut steps: Steps<'_>) -> Vec<String> {
        let mut shown = Vec::new();
        loop {
            let step = steps.next();
            let is_last = step.as_ref().map_or(true, Step::is_end);
            shown.push(match step {
                Ok(Step { event: Event::Scalar { text, null }, mark, .. }) => format!("{text} {null} {mark:?}"),
                Ok(step) => format!("{:?} {:?}", std::mem::discriminant(&step.event), step.mark),
                Err(Broken(problem)) => problem.message,
            });
            if is_last {
                return shown;
            }
        }
    }

    #[test]
    fn the_steps_are_the_same_on_another_thread() {
        let entry = "  - { number: \"10\\t1\", 'a''b': plain, c: ~ }\n";
        let long = format!("sip_numbers:\n{}", entry.repeat(BATCH));
        let broken = format!("{long}  - [\n");
        let foreign = format!("# 号码\n{long}");
        for text in ["", "a: 1", "a: |\n  b\n  c\n", "a: {", &long, &broken, &foreign] {
            assert_eq!(reading(text, shown), shown(Steps::of(text)), "{}", text.len());
        }
    }

    #[test]
    fn whoever_reads_may_stop_early() {
        let text = "- a\n".repeat(20 * BATCH);
        let first = reading(&text, |mut steps| steps.next().map(|step| step.mark.line).ok());
        assert_eq!(first, Some(1));
    }
}

//! The executor: sends a plan's changes in order, never more than the plan said, and says how each one ended.
//!
//! Targets run side by side; within a target, what doesn't depend on each other runs side by side as far as the target's
//! limits allow. A failure stops only what depends on it.

pub mod claims;
mod event;
pub mod late;
mod observe;
mod problem;
mod recovery;
pub mod reviewed;
mod schedule;
mod settle;
mod step;
mod verify;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures_util::future::join_all;
use tokio::time::Instant;

use crate::ledger::Journal;
use crate::model::outcome::{Ending, Outcome};
use crate::model::{Kind, LiveObject, Snapshot};
use crate::plan::{Plan, TargetInput};
use crate::provider::Writer;

pub use crate::http::{Stop, Stopper};
pub use event::{Event, Listener};
pub use reviewed::Gate;

/// Everything that an execution needs.
pub struct Execution<'a> {
    /// What to do.
    pub plan: &'a Plan<'a>,
    /// Which steps may be sent; one a step.
    pub gates: &'a [Gate],
    /// Each target's session, and when its snapshot was begun.
    pub sessions: &'a BTreeMap<Arc<str>, Session>,
    /// Where intents and results are noted.
    pub journal: &'a Journal,
    /// Who hears of progress.
    pub listener: &'a dyn Listener,
    /// Whether the user wants it to end.
    pub stop: &'a Stop,
}

/// One target's session for writing.
pub struct Session {
    /// What sends.
    pub writer: Arc<dyn Writer>,
    /// When the snapshot that the plan was made from was begun.
    pub observed: Instant,
}

/// How an execution ended.
#[derive(Debug, Default)]
pub struct Report {
    /// One a step that was to be sent, in the plan's order.
    pub outcomes: Vec<Outcome>,
    /// What the objects look like that were written, by step.
    pub written: BTreeMap<usize, LiveObject>,
    /// The user asked it to end before everything was sent.
    pub interrupted: bool,
}

/// Sends a plan. Always comes back with a report, whatever happens on the way.
pub async fn execute(execution: &Execution<'_>) -> Report {
    let steps = steps_by_target(execution.plan);
    let own = |input: &TargetInput<'_>| steps.get(&*input.target.name).map(Vec::as_slice).unwrap_or_default();
    let runs = execution.plan.targets.iter().map(|input| run_target(execution, input, own(input)));
    let mut outcomes = BTreeMap::new();
    let mut report = Report { interrupted: execution.stop.is_requested(), ..Report::default() };
    for part in join_all(runs).await.into_iter().flatten() {
        outcomes.extend(part.outcomes);
        report.written.extend(part.written);
    }
    report.interrupted |= execution.stop.is_requested();
    report.outcomes = outcomes.into_values().collect();
    report
}

/// The places of each target's steps, so that nobody goes through those of a thousand targets for each of them.
fn steps_by_target<'p>(plan: &'p Plan<'_>) -> HashMap<&'p str, Vec<usize>> {
    let mut steps: HashMap<&str, Vec<usize>> = HashMap::new();
    for (index, step) in plan.steps.iter().enumerate() {
        steps.entry(&step.change.address.target).or_default().push(index);
    }
    steps
}

/// What one target's run came to, by step.
struct Part {
    outcomes: BTreeMap<usize, Outcome>,
    written: BTreeMap<usize, LiveObject>,
}

async fn run_target(execution: &Execution<'_>, input: &TargetInput<'_>, steps: &[usize]) -> Option<Part> {
    let mut graph = schedule::Graph::new(execution.plan, execution.gates, steps);
    if graph.is_empty() {
        return None;
    }
    // A target without a session couldn't be read, so nothing was planned for it.
    let session = execution.sessions.get(&input.target.name)?;
    let snapshot = input.live.as_ref().ok().copied()?;
    let observer = observe::Observer::new(&*session.writer, kinds(snapshot), snapshot, session.observed);
    let runner = step::Runner::new(execution, input, &*session.writer, &observer);
    schedule::run(&mut graph, &runner).await;
    let mut part = Part { outcomes: graph.into_outcomes(), written: BTreeMap::new() };
    verify::verify(&runner, &mut part.outcomes, &mut part.written).await;
    for outcome in part.outcomes.values() {
        execution.listener.hear(Event::Settled(outcome));
    }
    Some(part)
}

fn kinds(snapshot: &Snapshot) -> Vec<&'static Kind> {
    snapshot.listings.iter().map(|listing| listing.kind).collect()
}

impl Report {
    /// How many changes ended so.
    pub fn count(&self, ending: Ending) -> usize {
        self.outcomes.iter().filter(|outcome| outcome.ending == ending).count()
    }

    /// Whether every change is done.
    pub fn is_done(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.ending == Ending::Done)
    }
}

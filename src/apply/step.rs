//! One step: is its object still what the plan saw, then the calls, each with its note in the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::observe::{Observation, Observer};
use super::problem::Problem;
use super::schedule::Part;
use super::settle::Aftermath;
use super::{Event, Execution};
use crate::diff::{Change, FieldChange, same_observation};
use crate::http::{Failure, FailureKind};
use crate::ledger::JournalError;
use crate::model::outcome::{Action, Ending, Outcome};
use crate::model::{Address, FieldSet, Kind, LiveObject, Value};
use crate::plan::{Step, TargetInput};
use crate::provider::{NewObject, Update, Writer};

/// A change is sent only if its object was seen to match within this time.
const FRESHNESS: Duration = Duration::from_secs(30);

/// How old a note may be when its change is sent.
pub(super) const MAX_NOTED_AHEAD: Duration = Duration::from_secs(10);

/// Runs the steps of one target.
pub(super) struct Runner<'a> {
    pub(super) execution: &'a Execution<'a>,
    pub(super) input: &'a TargetInput<'a>,
    pub(super) writer: &'a dyn Writer,
    pub(super) observer: &'a Observer<'a>,
    state: Mutex<State>,
}

/// What the steps of a target learned from each other.
#[derive(Default)]
struct State {
    /// Why nothing more may be sent to the target.
    stopped: Option<Problem>,
    /// Kinds of which the vendor takes no more.
    full: BTreeSet<&'static str>,
    /// Objects as our own release left them, by kind and key.
    released: BTreeMap<(&'static str, Box<str>), LiveObject>,
    /// Changes that were refused for a reason that the vendor doesn't give clearly.
    doubted: BTreeSet<Address>,
}

/// What the look before a change shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fresh {
    /// The object is as the plan saw it.
    AsPlanned,
    /// What was to be deleted has gone already.
    Gone,
}

impl<'a> Runner<'a> {
    pub(super) fn new(
        execution: &'a Execution<'a>,
        input: &'a TargetInput<'a>,
        writer: &'a dyn Writer,
        observer: &'a Observer<'a>,
    ) -> Self {
        Self { execution, input, writer, observer, state: Mutex::default() }
    }

    pub(super) fn concurrency(&self) -> usize {
        self.input.target.limits.concurrency.max(1) as usize
    }

    /// Why a change may not start, if it may not.
    pub(super) fn objection(&self, change: &Change<'_>) -> Option<Problem> {
        if self.execution.stop.is_requested() {
            return Some(Problem::skipped("interrupted", "the run was interrupted before it was sent"));
        }
        let state = self.lock()?;
        let full = matches!(change.action, Action::Create) && state.full.contains(change.kind.name);
        state.stopped.clone().or_else(|| full.then(|| Problem::full(change.kind.name)))
    }

    /// Whether a refusal leaves open if the change took effect all the same.
    pub(super) fn doubts(&self, change: &Change<'_>) -> bool {
        self.lock().is_some_and(|state| state.doubted.contains(&change.address))
    }

    /// Puts a problem in the light of a first part that took effect.
    pub(super) fn in_context(&self, change: &Change<'_>, problem: Problem) -> Problem {
        let released = change.live.and_then(|live| Some((live, self.released(change.kind, &live.key)?)));
        let Some((before, after)) = released else { return problem };
        let fields = change.kind.fields.iter().zip(before.values.iter().zip(&after.values));
        let emptied: Vec<_> = fields.filter(|(_, (a, b))| a != b).map(|(field, _)| field.name).collect();
        problem.half_done(&format!("{} was emptied to take another value", emptied.join(", ")))
    }

    pub(super) fn tell_finished(&self, outcome: &Outcome) {
        self.execution.listener.hear(Event::Finished(outcome));
    }

    /// Notes that a step is about to be sent, and when. Without its note nothing is sent: a run that dies then would leave
    /// something that no run knows of.
    pub(super) async fn intend(&self, change: &Change<'_>) -> Result<Instant, Problem> {
        let noted = Instant::now();
        let written = self.execution.journal.intend(&change.address, change.action, change.protected).await;
        written.map(|()| noted).map_err(|error| {
            Problem::new(Ending::Failed, "journal", format!("{error}; nothing was sent for this change"))
        })
    }

    /// Carries out one part of a step whose intent was noted then.
    pub(super) async fn run(&self, step: &Step<'_>, part: Part, noted: Instant) -> Result<(), Problem> {
        let change = &step.change;
        // How old a note is tells the next run what may still come.
        if noted.elapsed() > MAX_NOTED_AHEAD {
            self.intend(change).await?;
        }
        let result = self.carry_out(step, part).await;
        let ending = match &result {
            Ok(()) => Ending::Done,
            // Whether it was made all the same is looked up at the end.
            Err(_) if self.doubts(change) => Ending::Unknown,
            Err(problem) => problem.ending,
        };
        self.conclude(change, ending);
        result
    }

    /// Notes how it ended; also that nothing was sent after all.
    pub(super) fn conclude(&self, change: &Change<'_>, ending: Ending) {
        let written = self.execution.journal.conclude(&change.address, change.action, change.protected, ending);
        warn_unless_noted(written);
    }

    /// Waits until the disk has every result.
    pub(super) async fn flush(&self) {
        warn_unless_noted(self.execution.journal.flush().await);
    }

    async fn carry_out(&self, step: &Step<'_>, part: Part) -> Result<(), Problem> {
        let change = &step.change;
        if self.check_fresh(change).await? == Fresh::Gone {
            return Ok(());
        }
        if part == Part::Main || step.releases.is_empty() {
            self.execution.listener.hear(Event::Started { address: &change.address, action: change.action });
        }
        match part {
            Part::Release => self.release(step).await,
            Part::Main => self.main(change).await,
        }
    }

    /// The object must have been seen, not long ago, as the plan saw it.
    async fn check_fresh(&self, change: &Change<'_>) -> Result<Fresh, Problem> {
        let oldest = Instant::now().checked_sub(FRESHNESS).unwrap_or_else(Instant::now);
        let seen = self.observer.since(oldest).await.map_err(|failure| {
            self.note(&failure, change);
            Problem::stale(format!("it couldn't be looked at again before the change: {failure}"))
        })?;
        // A name that it takes may belong to an object that wasn't seen.
        let is_renamed = change.live.is_some_and(|live| live.key != change.address.key);
        if (change.action != Action::Update || is_renamed) && !seen.is_complete(change.kind) {
            let why =
                "by now the listing is incomplete, and nothing is made, renamed or deleted on its strength: plan again";
            return Err(Problem::stale(why));
        }
        let stale = || Problem::stale("the object was changed since the plan was made: plan again");
        let Some(expected) = self.expected(change) else {
            let is_free = seen.find(change.kind, &change.address.key).is_none();
            return if is_free { Ok(Fresh::AsPlanned) } else { Err(stale()) };
        };
        if self.has_lost_its_name(change, &seen) {
            return Err(Problem::stale("somebody else has taken the new name since the plan was made: plan again"));
        }
        match seen.find_either(change.kind, &expected.key, &expected.remote_id) {
            Some(seen) if is_as_expected(change, seen, &expected) => Ok(Fresh::AsPlanned),
            None if change.action == Action::Delete && seen.find(change.kind, &expected.key).is_none() => {
                Ok(Fresh::Gone)
            }
            _ => Err(stale()),
        }
    }

    /// Whether the name that a rename takes belongs to an object that the plan didn't see under it.
    fn has_lost_its_name(&self, change: &Change<'_>, seen: &Observation<'_>) -> bool {
        let key = &change.address.key;
        if change.action != Action::Update || change.live.is_none_or(|live| live.key == *key) {
            return false;
        }
        let planned = self.input.live.as_ref().ok().and_then(|snapshot| snapshot.listing(change.kind));
        let knew = |id: &str| {
            planned.is_some_and(|listing| {
                listing.objects.iter().any(|object| object.key == *key && &*object.remote_id == id)
            })
        };
        seen.find(change.kind, key).is_some_and(|other| !knew(&other.remote_id))
    }

    fn expected(&self, change: &Change<'_>) -> Option<LiveObject> {
        let live = change.live?;
        Some(self.released(change.kind, &live.key).unwrap_or_else(|| live.clone()))
    }

    fn released(&self, kind: &'static Kind, key: &str) -> Option<LiveObject> {
        self.lock()?.released.get(&(kind.name, Box::from(key))).cloned()
    }

    /// Empties the fields that are about to take another value, so that somebody else can have the old one.
    async fn release(&self, step: &Step<'_>) -> Result<(), Problem> {
        let change = &step.change;
        let Some(live) = change.live else { return Ok(()) };
        let mut after = live.clone();
        let mut values = with_hidden(change, live);
        let mut changed = FieldSet::default();
        for &index in &step.releases {
            changed.insert(index);
            let Some(field) = change.kind.fields.get(index) else { continue };
            for slot in [after.values.get_mut(index), values.get_mut(index)].into_iter().flatten() {
                *slot = field.ty.empty();
            }
        }
        let update = Update { kind: change.kind, live, key: &live.key, values: &values, changed };
        let until = self.settle_update(change, &update).await?;
        // What comes next is another update of the same object. After an interrupt there is none.
        self.outlast(until).await;
        if let Some(mut state) = self.lock() {
            state.released.insert((change.kind.name, live.key.clone()), after);
        }
        Ok(())
    }

    async fn main(&self, change: &Change<'_>) -> Result<(), Problem> {
        match change.action {
            Action::Create => self.create(change).await,
            Action::Update => self.update(change).await,
            Action::Delete => self.delete(change).await,
            Action::Replace => self.replace(change).await,
            Action::CannotConverge => Ok(()),
        }
    }

    async fn replace(&self, change: &Change<'_>) -> Result<(), Problem> {
        let made = match self.settle_delete(change).await? {
            Aftermath::Clear => self.create(change).await,
            Aftermath::MayFollow => {
                let why = "the run was interrupted while an unanswered delete could still have hit the new one";
                Err(Problem::new(Ending::Failed, "interrupted", why))
            }
        };
        made.map_err(|mut problem| {
            problem.error.message.insert_str(0, "it was deleted to be made anew, and making it failed: ");
            problem.error.message.push_str("; the next apply makes it");
            problem
        })
    }

    /// A delete makes room, where the vendor takes only so many.
    async fn delete(&self, change: &Change<'_>) -> Result<(), Problem> {
        self.settle_delete(change).await?;
        if let Some(mut state) = self.lock() {
            state.full.remove(change.kind.name);
        }
        Ok(())
    }

    async fn create(&self, change: &Change<'_>) -> Result<(), Problem> {
        let values = change.made_with();
        let object = NewObject { kind: change.kind, key: &change.address.key, values: &values };
        self.settle_create(change, &object).await
    }

    async fn update(&self, change: &Change<'_>) -> Result<(), Problem> {
        let Some(live) = self.expected(change) else {
            return Ok(());
        };
        let (mut values, mut changed) = (with_remembered(change, &live), FieldSet::default());
        for field in sent_fields(change) {
            if let Some((index, slot)) = field.index.and_then(|index| Some((index, values.get_mut(index)?))) {
                *slot = field.after.clone();
                changed.insert(index);
            }
        }
        pinned_fields(change).for_each(|index| changed.insert(index));
        let update = Update { kind: change.kind, live: &live, key: &change.address.key, values: &values, changed };
        self.settle_update(change, &update).await.map(drop)
    }

    /// Draws the conclusions for the rest of the target from a failure.
    pub(super) fn note(&self, failure: &Failure, change: &Change<'_>) {
        let Some(mut state) = self.lock() else { return };
        if failure.stops_target() {
            let why = format!("nothing more is sent to {}: {failure}", change.address.target);
            state.stopped.get_or_insert(Problem::skipped("target_stopped", why));
        } else if failure.kind == FailureKind::Full {
            state.full.insert(change.kind.name);
        }
    }

    /// A refusal without a clear reason: whether it took effect all the same, or there was nothing left to do, is looked up
    /// before the change is called failed.
    pub(super) fn doubt(&self, failure: &Failure, change: &Change<'_>) {
        if let (FailureKind::Refused | FailureKind::OnceMore, Some(mut state)) = (failure.kind, self.lock()) {
            state.doubted.insert(change.address.clone());
        }
    }

    fn lock(&self) -> Option<std::sync::MutexGuard<'_, State>> {
        // Poisoned only if a holder panicked, and none of the few lines under the lock can.
        self.state.lock().ok()
    }
}

fn warn_unless_noted(written: Result<(), JournalError>) {
    if let Err(error) = written {
        tracing::warn!(%error, "a result wasn't noted; the next run will look for itself");
    }
}

/// The differences that are sent now.
fn sent_fields<'c>(change: &'c Change<'_>) -> impl Iterator<Item = &'c FieldChange> {
    change.fields.iter().filter(|field| field.deferred.is_none())
}

/// What the vendor would compute anew from the rest of a full replacement, though the YAML says what it has to be.
fn pinned_fields<'c>(change: &'c Change<'_>) -> impl Iterator<Item = usize> + 'c {
    let desired = change.desired.filter(|_| change.support.full_replacement);
    let wanted = change.kind.fields.iter().zip(desired.map(|desired| &*desired.values).unwrap_or_default());
    wanted.enumerate().filter_map(move |(index, (field, wanted))| {
        let computed = change.support.field(field.name).is_some_and(|support| support.computed);
        let ignored = desired.is_some_and(|desired| desired.ignore_fields.contains(index));
        (computed && !wanted.is_empty() && !ignored).then_some(index)
    })
}

/// An object's values, with what is known of its hidden fields: some vendors want every field with every update.
fn with_remembered(change: &Change<'_>, live: &LiveObject) -> Box<[Value]> {
    let mut values = live.values.clone();
    let Some(desired) = change.desired else { return values };
    for (index, (slot, wanted)) in values.iter_mut().zip(&desired.values).enumerate() {
        if change.remembered.contains(index) {
            *slot = wanted.clone();
        }
    }
    values
}

/// The same, with what the plan sends along for hidden fields of which nobody knows anything: where an update replaces the
/// whole object, it is needed with the first call already.
fn with_hidden(change: &Change<'_>, live: &LiveObject) -> Box<[Value]> {
    let mut values = with_remembered(change, live);
    for field in sent_fields(change).filter(|field| field.before == Value::NotReadable) {
        if let Some(slot) = field.index.and_then(|index| values.get_mut(index)) {
            *slot = field.after.clone();
        }
    }
    values
}

/// The values that a change is to bring about; [`Value::Unset`] wants nothing.
pub(super) fn wanted(change: &Change<'_>) -> Box<[Value]> {
    if change.action != Action::Update {
        return change.made_with();
    }
    let mut values: Box<[Value]> = change.kind.fields.iter().map(|_| Value::Unset).collect();
    for field in sent_fields(change) {
        if let Some(slot) = field.index.and_then(|index| values.get_mut(index)) {
            *slot = field.after.clone();
        }
    }
    values
}

/// Whether the vendor hides a field for which something is wanted: whether it took effect can't be seen.
pub(super) fn hides(wanted: &[Value], live: &LiveObject) -> bool {
    let mut pairs = wanted.iter().zip(live.values.iter());
    pairs.any(|(wanted, seen)| *wanted != Value::Unset && *seen == Value::NotReadable)
}

/// As the plan saw it, or as our own release has left it since.
fn is_as_expected(change: &Change<'_>, seen: &LiveObject, expected: &LiveObject) -> bool {
    let planned = change.live.is_some_and(|live| same_observation(change.support, seen, live));
    planned || same_observation(change.support, seen, expected)
}

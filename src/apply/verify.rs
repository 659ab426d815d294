//! Reading back: a write that was accepted and didn't take effect is a failure. One listing checks a whole target.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::sleep;

use super::Event;
use super::observe::Observation;
use super::problem::Problem;
use super::step::{Runner, hides, wanted};
use crate::diff::{Change, unmet_fields};
use crate::model::outcome::{Action, Ending, Outcome};
use crate::model::{LiveObject, Value};

/// Pauses before another look where a listing doesn't show a change yet: some are behind for a moment.
const PAUSES: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(3)];

/// Reads a target back and corrects the outcomes: of what was accepted but isn't there, and of what nobody knew of and is
/// there.
pub(super) async fn verify(
    runner: &Runner<'_>,
    outcomes: &mut BTreeMap<usize, Outcome>,
    written: &mut BTreeMap<usize, LiveObject>,
) {
    let mut checks = Checks { runner, outcomes, written };
    if !checks.outcomes.keys().any(|&index| checks.claim(index).is_some()) {
        return;
    }
    runner.execution.listener.hear(Event::Verifying { target: &runner.input.target.name });
    let mut pauses = PAUSES.iter();
    loop {
        let seen = match runner.observer.anew().await {
            Ok(seen) => seen,
            Err(failure) => {
                return checks.correct_all(&Problem::unknown(&failure, "accepted, but it can't be read back"));
            }
        };
        let wrong = checks.check_all(&seen);
        let is_open = !wrong.is_empty() || checks.leaves_unknown();
        match pauses.next().filter(|_| is_open && !runner.execution.stop.is_requested()) {
            Some(pause) => tokio::select! {
                () = sleep(*pause) => {}
                () = runner.execution.stop.requested() => {}
            },
            None => return wrong.into_iter().for_each(|(index, problem)| checks.correct(index, Err(problem))),
        }
    }
}

/// What an outcome says before it is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Claim {
    /// The vendor said yes.
    Accepted,
    /// Nobody knows, or it was refused for no clear reason.
    Open,
}

/// One target's outcomes, and what reading back makes of them.
struct Checks<'v, 'a> {
    runner: &'v Runner<'a>,
    outcomes: &'v mut BTreeMap<usize, Outcome>,
    written: &'v mut BTreeMap<usize, LiveObject>,
}

impl<'v, 'a> Checks<'v, 'a> {
    fn change(&self, index: usize) -> Option<&'v Change<'a>> {
        self.runner.execution.plan.steps.get(index).map(|step| &step.change)
    }

    fn claim(&self, index: usize) -> Option<Claim> {
        match self.outcomes.get(&index)?.ending {
            Ending::Done => Some(Claim::Accepted),
            Ending::Unknown => Some(Claim::Open),
            Ending::Failed if self.runner.doubts(self.change(index)?) => Some(Claim::Open),
            Ending::Failed | Ending::Stale | Ending::Skipped => None,
        }
    }

    /// Whether there is a change of which nobody knows yet.
    fn leaves_unknown(&self) -> bool {
        self.outcomes.values().any(|outcome| outcome.ending == Ending::Unknown)
    }

    /// What was accepted and doesn't show.
    fn check_all(&mut self, seen: &Observation<'_>) -> Vec<(usize, Problem)> {
        let mut wrong = Vec::new();
        for index in self.outcomes.keys().copied().collect::<Vec<_>>() {
            let (Some(claim), Some(change)) = (self.claim(index), self.change(index)) else {
                continue;
            };
            match (check(change, seen), claim) {
                (Ok(live), Claim::Accepted) => self.note(index, live),
                (Ok(live), Claim::Open) if is_evidence(change, live, seen) => {
                    self.note(index, live);
                    self.correct(index, Ok(()));
                }
                (Err(problem), Claim::Accepted) => wrong.push((index, problem)),
                (_, Claim::Open) => {}
            }
        }
        wrong
    }

    fn note(&mut self, index: usize, live: Option<&LiveObject>) {
        if let Some(live) = live {
            self.written.insert(index, live.clone());
        }
    }

    fn correct(&mut self, index: usize, result: Result<(), Problem>) {
        if let Some(outcome) = self.outcomes.get_mut(&index) {
            (outcome.ending, outcome.error) = match result {
                Ok(()) => (Ending::Done, None),
                Err(problem) => (problem.ending, Some(problem.error)),
            };
        }
    }

    fn correct_all(&mut self, problem: &Problem) {
        for index in self.outcomes.keys().copied().collect::<Vec<_>>() {
            if self.claim(index) == Some(Claim::Accepted) {
                self.correct(index, Err(problem.clone()));
            }
        }
    }
}

/// Whether a change shows: the object as it is now, if there is to be one.
fn check<'s>(change: &Change<'_>, seen: &'s Observation<'_>) -> Result<Option<&'s LiveObject>, Problem> {
    let (kind, key) = (change.kind, &*change.address.key);
    let old = change.live.and_then(|old| seen.find_either(kind, &old.key, &old.remote_id));
    let live = match change.action {
        Action::Delete => {
            let why = "the vendor accepted it, and the object is still there";
            return match old {
                Some(_) => Err(not_applied(why)),
                None if seen.is_complete(kind) => Ok(None),
                None => Err(not_there(change, seen)),
            };
        }
        Action::Replace if old.is_some_and(|old| old.remote_id != old.key && is_same(change, old)) => {
            return Err(not_applied("the vendor accepted it, and the old object is still there"));
        }
        Action::Update => old.or_else(|| seen.find(kind, key)),
        _ => seen.find(kind, key),
    };
    let Some(live) = live else { return Err(not_there(change, seen)) };
    let renamed = (*live.key != *key).then_some(kind.key);
    let unmet: Vec<_> = renamed.into_iter().chain(unmet_fields(change.support, &wanted(change), live)).collect();
    if unmet.is_empty() {
        return newly_hidden(change, live).map_or(Ok(Some(live)), |field| Err(not_verified(field)));
    }
    Err(not_applied(&format!("the vendor accepted it, and it didn't take effect in: {}", unmet.join(", "))))
}

/// A field that the vendor showed when the plan was made and doesn't show now. What it never shows can't be asked for.
fn newly_hidden(change: &Change<'_>, live: &LiveObject) -> Option<&'static str> {
    let shown_before = change.live?.values.iter().map(|value| *value != Value::NotReadable);
    let wanted = wanted(change);
    let mut fields = change.kind.fields.iter().zip(live.values.iter().zip(&wanted)).zip(shown_before);
    let hidden = fields.find(|((_, (seen, wanted)), shown_before)| {
        *shown_before && **seen == Value::NotReadable && **wanted != Value::Unset
    });
    hidden.map(|((field, _), _)| field.name)
}

fn not_verified(field: &str) -> Problem {
    let why = format!("the vendor accepted it, and doesn't show {field} any more to check it by");
    Problem::new(Ending::Unknown, "not_verified", why)
}

fn is_same(change: &Change<'_>, seen: &LiveObject) -> bool {
    change.live.is_some_and(|old| old.remote_id == seen.remote_id)
}

fn not_there(change: &Change<'_>, seen: &Observation<'_>) -> Problem {
    if seen.is_complete(change.kind) {
        return not_applied("the vendor accepted it, and the object isn't there");
    }
    let why = "the vendor accepted it, and the listing to check it by is incomplete";
    Problem::new(Ending::Unknown, "not_verified", why)
}

/// Whether what is seen proves that a change took effect of which nobody heard.
fn is_evidence(change: &Change<'_>, live: Option<&LiveObject>, seen: &Observation<'_>) -> bool {
    match (change.action, live) {
        (Action::Delete, _) => seen.is_complete(change.kind),
        (Action::Update, Some(live)) => !hides(&wanted(change), live),
        (Action::Create | Action::Replace, Some(_)) => true,
        _ => false,
    }
}

fn not_applied(why: &str) -> Problem {
    Problem::new(Ending::Failed, "not_applied", why)
}

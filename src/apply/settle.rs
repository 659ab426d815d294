//! Writes with an end that is known: what to do when a call's answer got lost.
//!
//! The vendor may have done it, may be doing it still, or may never have heard of it. So look first, and repeat only what
//! can't double: *not seen is not "not made"*.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::problem::Problem;
use super::step::{Runner, hides};
use crate::diff::{Change, same_observation, unmet_fields};
use crate::http::{Failure, FailureKind};
use crate::model::outcome::Ending;
use crate::model::{LiveObject, Value};
use crate::provider::{NewObject, Update};

/// How often a write whose answer got lost is sent: once, and once more after looking.
const ATTEMPTS: u32 = 2;
/// The first pause between two looks for an object that may still be in the making; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How far behind a listing may be.
const LISTING_LAG: Duration = Duration::from_secs(4);

/// The code of a call that took as long as one may.
const TIMED_OUT: &str = "timeout";

/// What is left of a write that took effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Aftermath {
    /// Nothing.
    Clear,
    /// The run was interrupted while an earlier attempt, that nobody answered, may still be carried out: it would undo what
    /// is done next, and where deletes go by name hit whatever has the name by then.
    MayFollow,
}

/// What a look after a lost answer shows.
enum Look {
    /// It took effect.
    Happened,
    /// It didn't, and can be sent again.
    DidNotHappen,
    /// Something else is there: an end of its own.
    Otherwise(Problem),
}

impl Runner<'_> {
    /// Makes an object; once, whatever happens to the answers.
    pub(super) async fn settle_create(&self, change: &Change<'_>, object: &NewObject<'_>) -> Result<(), Problem> {
        let mut lost = None;
        for _ in 0..ATTEMPTS {
            let Err(failure) = self.writer.create(object).await else {
                return Ok(());
            };
            self.note(&failure, change);
            if failure.kind != FailureKind::Unknown && lost.is_none() && !self.made_before(&failure, change) {
                self.doubt(&failure, change);
                return Err(Problem::refused(&failure).after_sending());
            }
            match self.look_for_created(change, object, &failure).await {
                Look::Happened => return Ok(()),
                Look::Otherwise(problem) => return Err(problem),
                Look::DidNotHappen if matches!(failure.kind, FailureKind::Unknown | FailureKind::Exists) => {
                    lost = Some(failure);
                }
                Look::DidNotHappen => return Err(Problem::after_lost(&failure)),
            }
        }
        Err(never_seen(lost))
    }

    /// Looks for an object whose create got no answer. Where the vendor refuses duplicates one look is enough, as a
    /// repetition can't double; elsewhere it is looked for until the call can't be under way any more.
    async fn look_for_created(&self, change: &Change<'_>, object: &NewObject<'_>, failure: &Failure) -> Look {
        let is_open = failure.kind == FailureKind::Unknown && !self.input.target.refuses_duplicates(change.support);
        let patience = if is_open { self.may_be_under_way(failure) } else { Duration::ZERO };
        let deadline = Instant::now() + patience;
        let mut pause = FIRST_PAUSE;
        loop {
            let looked = Instant::now();
            let seen = match self.observer.anew().await {
                Ok(seen) => seen,
                Err(failure) => return self.blind(&failure, change, "whether it was made can't be seen"),
            };
            if let Some(live) = seen.find(change.kind, object.key).filter(|live| !is_replaced(change, live)) {
                return judge(change, object.values, live);
            }
            if looked >= deadline {
                return if seen.is_complete(change.kind) {
                    Look::DidNotHappen
                } else {
                    incomplete("whether it was made")
                };
            }
            if let Some(interrupted) = self.interrupted_before((looked + pause).min(deadline)).await {
                return interrupted;
            }
            pause *= 2;
        }
    }

    /// Waits for the time to look again, unless the user wants the run to end.
    async fn interrupted_before(&self, next: Instant) -> Option<Look> {
        tokio::select! {
            biased;
            () = sleep_until(next) => None,
            () = self.execution.stop.requested() => {
                let why = "no answer came, and the run was interrupted before it could be looked for long enough";
                Some(Look::Otherwise(Problem::new(Ending::Unknown, "interrupted", why)))
            }
        }
    }

    /// "Exists", and "full" too, may be due to an attempt of an earlier run that was cut off before it could note its end.
    fn made_before(&self, failure: &Failure, change: &Change<'_>) -> bool {
        let fits = matches!(failure.kind, FailureKind::Exists | FailureKind::Full);
        fits && self.execution.journal.was_left_open(&change.address)
    }

    /// How long what a call without an answer did may still come to be seen: as long as a call may take, and where it has
    /// taken that long already, as long as a listing may be behind. When exactly it left isn't known here: it may have
    /// waited for its turn.
    fn may_be_under_way(&self, failure: &Failure) -> Duration {
        if failure.code == TIMED_OUT { LISTING_LAG } else { self.input.target.limits.timeout }
    }

    /// Changes an object; sending the same values twice is the same as once. Gives the time until which an attempt without
    /// an answer may still be carried out after another one was.
    pub(super) async fn settle_update(&self, change: &Change<'_>, update: &Update<'_>) -> Result<Instant, Problem> {
        let mut lost = None;
        let mut under_way_until = Instant::now();
        for _ in 0..ATTEMPTS {
            let Err(failure) = self.writer.update(update).await else {
                return Ok(under_way_until);
            };
            self.note(&failure, change);
            if failure.kind != FailureKind::Unknown {
                self.doubt(&failure, change);
                return Err(refused(&failure, lost.is_some()));
            }
            let until = Instant::now() + self.may_be_under_way(&failure);
            match self.look_for_updated(change, update).await {
                Look::Happened => return Ok(if lost.is_some() { until } else { under_way_until }),
                Look::Otherwise(problem) => return Err(problem),
                Look::DidNotHappen => (under_way_until, lost) = (until, Some(failure)),
            }
        }
        Err(never_seen(lost))
    }

    async fn look_for_updated(&self, change: &Change<'_>, update: &Update<'_>) -> Look {
        let seen = match self.observer.anew().await {
            Ok(seen) => seen,
            Err(failure) => return self.blind(&failure, change, "whether it took effect can't be seen"),
        };
        let Some(live) = seen.find_either(change.kind, update.key, &update.live.remote_id) else {
            return if seen.is_complete(change.kind) {
                let why = "no answer came, and the object has gone meanwhile: plan again";
                Look::Otherwise(Problem::new(Ending::Failed, "gone", why))
            } else {
                incomplete("whether it took effect")
            };
        };
        let wanted = changed_values(update);
        let shows = &*live.key == update.key && unmet_fields(change.support, &wanted, live).is_empty();
        if shows && !hides(&wanted, live) {
            Look::Happened
        } else if shows || same_observation(change.support, live, update.live) {
            Look::DidNotHappen
        } else {
            let why = "no answer came, and somebody else changed the object meanwhile: plan again";
            Look::Otherwise(Problem::new(Ending::Unknown, "changed_meanwhile", why))
        }
    }

    /// Removes an object; what is gone already is done. Where it took two attempts, the first may still be under way: only
    /// when it can't be any more may its name be somebody else's.
    pub(super) async fn settle_delete(&self, change: &Change<'_>) -> Result<Aftermath, Problem> {
        let Some(live) = change.live else { return Ok(Aftermath::Clear) };
        let mut lost = None;
        let mut under_way_until = Instant::now();
        for _ in 0..ATTEMPTS {
            let Err(failure) = self.writer.delete(change.kind, live).await else {
                return Ok(self.outlast(under_way_until).await);
            };
            self.note(&failure, change);
            match failure.kind {
                FailureKind::Missing => return Ok(Aftermath::Clear),
                FailureKind::Unknown => {}
                _ => {
                    self.doubt(&failure, change);
                    return Err(refused(&failure, lost.is_some()));
                }
            }
            let until = Instant::now() + self.may_be_under_way(&failure);
            match self.look_for_deleted(change, live).await {
                Look::Happened if lost.is_none() => return Ok(Aftermath::Clear),
                // One of the two was carried out, and nobody knows which.
                Look::Happened => return Ok(self.outlast(until).await),
                Look::Otherwise(problem) => return Err(problem),
                Look::DidNotHappen => (under_way_until, lost) = (until, Some(failure)),
            }
        }
        Err(never_seen(lost))
    }

    /// Waits until nothing can be under way any more.
    pub(super) async fn outlast(&self, until: Instant) -> Aftermath {
        tokio::select! {
            biased;
            () = sleep_until(until) => Aftermath::Clear,
            () = self.execution.stop.requested() => Aftermath::MayFollow,
        }
    }

    async fn look_for_deleted(&self, change: &Change<'_>, live: &LiveObject) -> Look {
        match self.observer.anew().await {
            Err(failure) => self.blind(&failure, change, "whether it is gone can't be seen"),
            Ok(seen) => match seen.find_either(change.kind, &live.key, &live.remote_id) {
                Some(_) => Look::DidNotHappen,
                None if seen.is_complete(change.kind) => Look::Happened,
                None => incomplete("whether it is gone"),
            },
        }
    }

    /// The look itself failed; what that says about the target is noted, too.
    fn blind(&self, failure: &Failure, change: &Change<'_>, what: &str) -> Look {
        self.note(failure, change);
        Look::Otherwise(Problem::unknown(failure, what))
    }
}

fn incomplete(what: &str) -> Look {
    let why = format!("no answer came, and the listing is incomplete: {what} can't be seen");
    Look::Otherwise(Problem::new(Ending::Unknown, "unknown", why))
}

fn refused(failure: &Failure, after_lost: bool) -> Problem {
    if after_lost { Problem::after_lost(failure) } else { Problem::refused(failure) }
}

/// Whether this is the old object that a replacement has deleted: a listing may be behind.
fn is_replaced(change: &Change<'_>, live: &LiveObject) -> bool {
    change.live.is_some_and(|old| old.remote_id == live.remote_id && live.remote_id != live.key)
}

fn never_seen(lost: Option<Failure>) -> Problem {
    let failure = lost.unwrap_or_else(|| Failure::new(FailureKind::Unknown, "unknown", "no answer came"));
    Problem::unknown(&failure, "sent twice, and no effect was seen: look at it, then plan again")
}

/// An object that came to be while we waited for the answer to its create.
fn judge(change: &Change<'_>, wanted: &[Value], live: &LiveObject) -> Look {
    let unmet = unmet_fields(change.support, wanted, live);
    if unmet.is_empty() {
        return Look::Happened;
    }
    let why = format!("one with this key exists by now and differs in {}: plan again", unmet.join(", "));
    Look::Otherwise(Problem::new(Ending::Failed, "exists_differently", why))
}

/// The values that an update changes; the others want nothing.
fn changed_values(update: &Update<'_>) -> Vec<Value> {
    let values = update.values.iter().enumerate();
    values.map(|(index, value)| if update.changed.contains(index) { value.clone() } else { Value::Unset }).collect()
}

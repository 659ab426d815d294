//! Waiting for what a run that was cut off may still be making or removing.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Stop;
use super::recovery::under_way;
use crate::http::Failure;
use crate::ledger::OpenIntent;
use crate::model::{Kind, Snapshot, Target};
use crate::provider::Reader;

/// The first pause between two looks; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
/// The longest one: looking costs the vendor a listing.
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// How the wait ended.
#[derive(Debug)]
pub enum Waited {
    /// Everything is seen, or nothing can come any more: the last look, and when it was begun.
    Looked(Snapshot, Instant),
    /// Looking again failed.
    Blind(Failure),
    /// The user wants the run to end.
    Interrupted,
}

/// Looks at a target again and again, until what is under way there is seen or can't come any more. Until the last look
/// was begun, that long has passed since this was called.
pub async fn wait(
    reader: &dyn Reader,
    target: &Target,
    at_most: Duration,
    left_over: &[OpenIntent],
    stop: &Stop,
) -> Waited {
    let kinds: Vec<&'static Kind> = target.provider.kinds.iter().map(|support| support.kind).collect();
    let (mut looked, mut pause) = (Instant::now(), FIRST_PAUSE);
    let deadline = looked + at_most;
    loop {
        tokio::select! {
            () = sleep_until((looked + pause).min(deadline)) => pause = (pause * 2).min(LONGEST_PAUSE),
            () = stop.requested() => return Waited::Interrupted,
        }
        looked = Instant::now();
        let snapshot = tokio::select! {
            snapshot = reader.snapshot(&kinds) => snapshot,
            () = stop.requested() => return Waited::Interrupted,
        };
        match snapshot {
            Err(failure) => return Waited::Blind(failure),
            // In a listing that isn't whole something may be coming to be at this very moment.
            Ok(seen) if looked >= deadline || (seen.is_complete() && under_way(target, &seen, left_over).is_none()) => {
                return Waited::Looked(seen, looked);
            }
            Ok(_) => {}
        }
    }
}

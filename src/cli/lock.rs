//! Waiting for the ledger's lock.

use std::path::Path;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::error::CommandError;
use super::output::Output;
use crate::apply::Stop;
use crate::ledger::{Holder, LedgerFile, Lock, LockError};

/// How often a taken lock is tried again.
const PAUSE: Duration = Duration::from_millis(250);

/// Takes the lock, waiting up to `patience` for another holder.
pub(super) async fn take(
    ledger: &LedgerFile,
    patience: Duration,
    output: Output,
    stop: &Stop,
) -> Result<Lock, CommandError> {
    // A time beyond the clock's reach is no deadline at all.
    let deadline = Instant::now().checked_add(patience);
    let mut told = None;
    loop {
        match ledger.lock().map_err(without_the_dead) {
            Ok(mut lock) => {
                // Without the note the lock holds all the same; who waits just can't be told who it is.
                _ = lock.sign(&holder());
                return Ok(lock);
            }
            Err(error @ LockError::Held(_)) if deadline.is_none_or(|deadline| Instant::now() < deadline) => {
                let message = error.to_string();
                if told.as_ref() != Some(&message) {
                    output.message(&format!("{message}; waiting up to {}\n", spoken(patience)));
                    told = Some(message);
                }
            }
            Err(error) => return Err(error.into()),
        }
        let left = deadline.map_or(PAUSE, |deadline| deadline.saturating_duration_since(Instant::now()));
        tokio::select! {
            () = sleep(PAUSE.min(left)) => {}
            () = stop.requested() => return Err(CommandError::interrupted()),
        }
    }
}

/// Between taking the lock and signing it, a holder's file may still hold the note of one who was killed: a process of this
/// machine that isn't there any more isn't named.
fn without_the_dead(error: LockError) -> LockError {
    match error {
        LockError::Held(Some(holder)) if is_dead(&holder) => LockError::Held(None),
        other => other,
    }
}

/// Only where the system shows its processes as files.
fn is_dead(holder: &Holder) -> bool {
    let processes = Path::new("/proc");
    let here = holder.host == host() && processes.join("self").exists();
    here && !processes.join(holder.process.to_string()).exists()
}

/// A time as one would type it: `500ms`, `90s`, `5m`.
pub(super) fn spoken(time: Duration) -> String {
    let (seconds, rest) = (time.as_secs(), time.subsec_millis());
    if rest > 0 {
        format!("{}ms", time.as_millis())
    } else if seconds > 0 && seconds % 60 == 0 {
        format!("{}m", seconds / 60)
    } else {
        format!("{seconds}s")
    }
}

fn holder() -> Holder {
    Holder {
        process: std::process::id(),
        host: host(),
        since: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    }
}

/// The CI job where the environment tells, else the machine.
fn host() -> String {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let github = || {
        let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", variable("GITHUB_RUN_ID")?))
    };
    let named = || std::fs::read_to_string("/proc/sys/kernel/hostname").ok().map(|name| name.trim().to_owned());
    variable("CI_JOB_URL")
        .or_else(github)
        .or_else(|| variable("HOSTNAME"))
        .or_else(named)
        .unwrap_or_else(|| "this machine".into())
}

//! One target's door: shut for the rest of the run once the other side refuses who we are, or we refuse who they are.
//!
//! A refused login must never be repeated: vendors lock the door after a few, for everyone behind the same address. So
//! a refusal is remembered where every request has to pass, whichever part of the run sends it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::Failure;

/// How long a signed call that has worked speaks for the ones beside it. Later the key may have been changed.
const SPEAKS_FOR: Duration = Duration::from_secs(10);

/// What a run knows about whether a target lets it in.
#[derive(Default)]
pub(super) struct Door {
    /// Why nothing is sent any more.
    shut: Mutex<Option<Failure>>,
    /// When a signed call has worked last.
    open: Mutex<Option<Instant>>,
    /// Held by the one call that finds out.
    first: tokio::sync::Mutex<()>,
}

impl Door {
    /// # Errors
    /// The failure that shut the door.
    pub(super) fn check(&self) -> Result<(), Failure> {
        let shut = locked(&self.shut);
        shut.as_ref().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// Shuts the door where a failure stops the target.
    pub(super) fn note(&self, failure: &Failure) {
        if failure.stops_target() {
            locked(&self.shut).get_or_insert_with(|| failure.clone());
        }
    }

    /// Whether a signed call has worked in this run.
    pub(super) fn was_opened(&self) -> bool {
        locked(&self.open).is_some()
    }

    /// Whether a signed call has worked just now.
    fn is_open(&self) -> bool {
        locked(&self.open).is_some_and(|worked| worked.elapsed() < SPEAKS_FOR)
    }

    /// Makes one attempt of a call that carries its own signature. Unless one has worked just now they go one by one, so
    /// that a wrong key is refused once and not to as many calls as are under way.
    pub(super) async fn knock<T>(&self, attempt: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        let turn = self.turn().await;
        self.check()?;
        let result = attempt.await;
        match &result {
            Ok(_) => *locked(&self.open) = Some(Instant::now()),
            Err(failure) => self.note(failure),
        }
        drop(turn);
        result
    }

    /// The turn of a call that has to find out; `None` where it is known.
    async fn turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        if self.is_open() {
            return None;
        }
        let turn = self.first.lock().await;
        (!self.is_open()).then_some(turn)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use futures_util::future::join_all;

    use super::super::FailureKind;
    use super::*;

    /// So many calls at once, each a second long; gives how many were made and the most at a time.
    async fn many(door: &Door, results: &(dyn Fn(u32) -> Result<(), Failure> + Sync)) -> (u32, u32) {
        let (made, now, most) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
        let attempt = async || {
            let number = made.fetch_add(1, Ordering::SeqCst);
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            results(number)
        };
        join_all((0..20).map(|_| door.knock(attempt()))).await;
        (made.load(Ordering::SeqCst), most.load(Ordering::SeqCst))
    }

    fn failure(kind: FailureKind) -> Failure {
        Failure::new(kind, "1", "refused")
    }

    #[tokio::test(start_paused = true)]
    async fn a_wrong_key_is_refused_once() {
        for kind in [FailureKind::Credentials, FailureKind::Locked, FailureKind::Untrusted] {
            let door = Door::default();
            assert_eq!(many(&door, &|_| Err(failure(kind))).await, (1, 1));
            assert_eq!(door.check().unwrap_err().kind, kind);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn all_go_once_one_has_worked() {
        let door = Door::default();
        assert_eq!(many(&door, &|_| Ok(())).await, (20, 19));
        assert_eq!(many(&door, &|_| Ok(())).await, (20, 20));
        tokio::time::sleep(SPEAKS_FOR).await;
        assert_eq!(many(&door, &|_| Err(failure(FailureKind::Credentials))).await, (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_no_refusal_neither_opens_nor_shuts() {
        let door = Door::default();
        let result = |number| if number < 5 { Err(failure(FailureKind::Busy)) } else { Ok(()) };
        assert_eq!(many(&door, &result).await, (20, 14));
        door.check().unwrap();
    }
}

//! One target's limits: calls in flight and calls a second, shared by everything that talks to it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

use crate::model::Limits;

/// How many calls may go out at once after a pause, before the rate holds.
pub const BURST: u32 = 10;

/// Lets calls through within a target's limits, in the order in which they ask. On tokio's clock, so tests can pause it.
pub struct Pacer {
    in_flight: Semaphore,
    rate: Option<Rate>,
}

/// A token bucket, kept as the time at which it would be full but for the calls let through so far.
struct Rate {
    interval: Duration,
    full_at: Mutex<Instant>,
}

impl Pacer {
    /// A pacer with a full bucket.
    pub fn new(limits: &Limits) -> Self {
        let concurrency = usize::try_from(limits.concurrency.max(1)).unwrap_or(1);
        let rate = limits.requests_per_second.and_then(interval);
        Self {
            in_flight: Semaphore::new(concurrency.min(Semaphore::MAX_PERMITS)),
            rate: rate.map(|interval| Rate { interval, full_at: Mutex::new(Instant::now()) }),
        }
    }

    /// Waits for a place among the calls in flight; a call has it while the permit lives.
    pub async fn place(&self) -> Option<SemaphorePermit<'_>> {
        // The semaphore is never closed, so there is always a permit.
        self.in_flight.acquire().await.ok()
    }

    /// Takes the next turn by the rate, and says when it is.
    pub fn turn(&self) -> Instant {
        self.rate.as_ref().map_or_else(Instant::now, Rate::reserve)
    }

    /// Waits until a call may go out.
    #[cfg(test)]
    async fn admit(&self) -> Option<SemaphorePermit<'_>> {
        let permit = self.place().await;
        tokio::time::sleep_until(self.turn()).await;
        permit
    }
}

/// The time between two calls; `None` for a rate that is no rate.
fn interval(per_second: f64) -> Option<Duration> {
    (per_second > 0.0).then(|| Duration::try_from_secs_f64(1.0 / per_second).ok())?
}

impl Rate {
    /// Takes a place and says when its turn is.
    fn reserve(&self) -> Instant {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let full = (*full_at).max(now);
        *full_at = full + self.interval;
        let head_start = self.interval * (BURST - 1);
        full.checked_sub(head_start).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn limits(concurrency: u32, rate: Option<f64>) -> Limits {
        Limits { concurrency, requests_per_second: rate, timeout: Duration::from_secs(30), max_body: 1 << 20 }
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_of_ten_then_the_rate() {
        let pacer = Pacer::new(&limits(1, Some(5.0)));
        let start = Instant::now();
        for call in 0..30_u32 {
            drop(pacer.admit().await);
            let expected = Duration::from_millis(200) * call.saturating_sub(9);
            let late = start.elapsed().checked_sub(expected).unwrap();
            assert!(late <= Duration::from_millis(2), "call {call} at {:?}", start.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_fills_the_bucket_and_no_more() {
        let pacer = Pacer::new(&limits(1, Some(1.0)));
        for _ in 0..10 {
            drop(pacer.admit().await);
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
        let start = Instant::now();
        for _ in 0..11 {
            drop(pacer.admit().await);
        }
        assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn never_more_in_flight_than_allowed() {
        let pacer = Arc::new(Pacer::new(&limits(3, None)));
        let (now, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let calls: Vec<_> = (0..20)
            .map(|_| {
                let (pacer, now, most) = (pacer.clone(), now.clone(), most.clone());
                tokio::spawn(async move {
                    let _permit = pacer.admit().await;
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }

    #[test]
    fn a_rate_that_is_no_rate() {
        for rate in [0.0, -1.0, f64::NAN] {
            assert_eq!(interval(rate), None, "{rate}");
        }
        assert_eq!(interval(f64::INFINITY), Some(Duration::ZERO));
        assert_eq!(interval(4.0), Some(Duration::from_millis(250)));
    }
}

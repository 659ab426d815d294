//! What nobody decides: the time of day, and numbers that spread things out. A value, so that a test can decide it.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

/// Where clients get the time of day and random numbers. Clones share them.
#[derive(Clone)]
pub struct Surroundings {
    inner: Arc<Inner>,
}

struct Inner {
    clock: Clock,
    numbers: Numbers,
    next_ticket: OnceLock<AtomicU32>,
}

/// Seconds since 1970.
type Clock = Box<dyn Fn() -> u64 + Send + Sync>;

/// Not for keys.
enum Numbers {
    /// Nobody can foresee them.
    System,
    /// All of them follow from what it was at first.
    Seeded(AtomicU64),
}

impl Surroundings {
    /// The system's: one for the whole process.
    pub fn system() -> Self {
        static SYSTEM: OnceLock<Surroundings> = OnceLock::new();
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        SYSTEM.get_or_init(|| Self::new(Box::new(clock), Numbers::System)).clone()
    }

    /// Surroundings in which everything follows from `seed`, and `clock` gives the seconds since 1970.
    pub fn seeded(seed: u64, clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self::new(Box::new(clock), Numbers::Seeded(AtomicU64::new(seed)))
    }

    fn new(clock: Clock, numbers: Numbers) -> Self {
        Self { inner: Arc::new(Inner { clock, numbers, next_ticket: OnceLock::new() }) }
    }

    /// The time of day, in seconds since 1970.
    pub fn unix_time(&self) -> u64 {
        (self.inner.clock)()
    }

    /// A number that is nobody else's: they count up from a random start, for all clients of these surroundings together,
    /// and begin anew at 2^32. Draws at random would collide long before.
    pub fn ticket(&self) -> u32 {
        let start = || AtomicU32::new(u32::try_from(self.random() >> 32).unwrap_or(0));
        self.inner.next_ticket.get_or_init(start).fetch_add(1, Ordering::Relaxed)
    }

    /// A number from 0 up to, but not, 1, for [`super::decide`].
    pub(super) fn jitter(&self) -> f64 {
        let high = u32::try_from(self.random() >> 32).unwrap_or(0);
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }

    fn random(&self) -> u64 {
        match &self.inner.numbers {
            // From the randomness that the standard library seeds its hash maps with.
            Numbers::System => RandomState::new().hash_one(0_u8),
            Numbers::Seeded(state) => mix(state.fetch_add(GOLDEN, Ordering::Relaxed).wrapping_add(GOLDEN)),
        }
    }
}

/// The step of the generator `SplitMix64`: 2^64 divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// `SplitMix64`'s way from a state to a number.
fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Surroundings").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn one_seed_decides_everything() {
        let draw = |seed| {
            let surroundings = Surroundings::seeded(seed, || 7);
            let jitters: Vec<_> = (0..9).map(|_| surroundings.jitter().to_bits()).collect();
            (surroundings.unix_time(), surroundings.ticket(), jitters)
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn jitter_stays_within_its_bounds() {
        for surroundings in [Surroundings::system(), Surroundings::seeded(3, || 0)] {
            let all: Vec<_> = (0..1000).map(|_| surroundings.jitter()).collect();
            assert!(all.iter().all(|jitter| (0.0..1.0).contains(jitter)));
            assert!(all.iter().any(|jitter| *jitter < 0.1) && all.iter().any(|jitter| *jitter > 0.9));
        }
    }

    #[test]
    fn all_clients_of_a_process_share_the_systems() {
        let tickets: HashSet<_> = (0..1000).map(|_| Surroundings::system().ticket()).collect();
        assert_eq!(tickets.len(), 1000);
    }
}

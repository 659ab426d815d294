//! Numbers that spread things out: jitter, where a counter starts. Not for keys.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// A number that nobody can foresee, from the randomness that the standard library seeds its hash maps with.
pub fn random() -> u64 {
    RandomState::new().hash_one(0_u8)
}

/// A number from 0 up to, but not, 1, for [`super::decide`].
pub(super) fn jitter() -> f64 {
    let high = u32::try_from(random() >> 32).unwrap_or(0);
    f64::from(high) / (f64::from(u32::MAX) + 1.0)
}

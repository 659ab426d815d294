//! What to do after a failed attempt: one pure function, so that every rule about repeating a call stands in one place.
//!
//! | failure | class | decision |
//! |---|---|---|
//! | not sent | any | repeat, [`MAX_ATTEMPTS`] attempts in all: nothing happened |
//! | busy | any | repeat after what the vendor asks for, else after a growing delay, [`MAX_BUSY_ATTEMPTS`] in all |
//! | token | any | renew the token, once a call |
//! | unknown | read | repeat, [`MAX_ATTEMPTS`] in all |
//! | unknown | the others | give up: the executor looks before anything is repeated |
//! | once more | idempotent write, delete | repeat once |
//! | everything else | any | give up |
//!
//! All waiting of one call together stays within [`MAX_WAIT`], and no single wait exceeds [`MAX_RETRY_AFTER`]: where
//! the vendor asks for more, coming back earlier would be worse than giving up.

use std::time::Duration;

use super::{Class, FailureKind};

/// Attempts in all where a repetition is harmless.
pub const MAX_ATTEMPTS: u32 = 3;
/// Attempts in all while the vendor says that it is busy.
pub const MAX_BUSY_ATTEMPTS: u32 = 6;
/// The first delay; each one after it is twice as long.
pub const FIRST_DELAY: Duration = Duration::from_millis(500);
/// The longest delay of our own choosing.
pub const MAX_DELAY: Duration = Duration::from_secs(30);
/// The longest wait that a vendor may ask for.
pub const MAX_RETRY_AFTER: Duration = Duration::from_mins(5);
/// All waits of one call together.
pub const MAX_WAIT: Duration = Duration::from_mins(10);

/// What a call has been through so far, the failed attempt included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoFar {
    /// Attempts made, 1 or more.
    pub attempts: u32,
    /// Whether the token was renewed for this call already.
    pub renewed: bool,
    /// Whether the one repetition of "once more" was used already.
    pub repeated: bool,
    /// How long the call has waited between attempts.
    pub waited: Duration,
}

/// What happens next to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Send it again after this long.
    Retry(Duration),
    /// Get a new token, then send it again.
    RenewToken,
    /// The failure stands, for this reason.
    GiveUp(Limit),
}

/// Why a call isn't repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A failure of this kind isn't repeated, or not again: who called has to decide.
    Final,
    /// So many attempts are all that are made.
    Attempts(u32),
    /// The vendor asks for a longer wait than [`MAX_RETRY_AFTER`].
    Asked(Duration),
    /// One more wait would go beyond [`MAX_WAIT`].
    Waited,
}

/// Decides what happens after a failed attempt. `jitter` is from 0 to 1 and shortens a delay of our own by up to half,
/// so that many calls that failed together don't come back together.
pub fn decide(class: Class, kind: FailureKind, retry_after: Option<Duration>, so_far: SoFar, jitter: f64) -> Decision {
    let most = match (kind, class) {
        (FailureKind::Token, _) if !so_far.renewed => return Decision::RenewToken,
        (FailureKind::NotSent, _) | (FailureKind::Unknown, Class::Read) => MAX_ATTEMPTS,
        (FailureKind::Busy, _) => MAX_BUSY_ATTEMPTS,
        (FailureKind::OnceMore, Class::IdempotentWrite | Class::Delete) if !so_far.repeated => u32::MAX,
        _ => return Decision::GiveUp(Limit::Final),
    };
    if so_far.attempts >= most {
        return Decision::GiveUp(Limit::Attempts(most));
    }
    let delay = retry_after.unwrap_or_else(|| backoff(so_far.attempts, jitter));
    if delay > MAX_RETRY_AFTER {
        Decision::GiveUp(Limit::Asked(delay))
    } else if so_far.waited.saturating_add(delay) > MAX_WAIT {
        Decision::GiveUp(Limit::Waited)
    } else {
        Decision::Retry(delay)
    }
}

fn backoff(attempts: u32, jitter: f64) -> Duration {
    let doublings = attempts.saturating_sub(1).min(16);
    let longest = FIRST_DELAY.saturating_mul(1 << doublings).min(MAX_DELAY);
    longest.mul_f64(1.0 - jitter.clamp(0.0, 1.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CLASSES: [Class; 4] = [Class::Read, Class::IdempotentWrite, Class::Create, Class::Delete];
    const KINDS: [FailureKind; 13] = [
        FailureKind::NotSent,
        FailureKind::Untrusted,
        FailureKind::Unknown,
        FailureKind::Busy,
        FailureKind::Token,
        FailureKind::Credentials,
        FailureKind::Locked,
        FailureKind::Exists,
        FailureKind::Missing,
        FailureKind::Full,
        FailureKind::OnceMore,
        FailureKind::Refused,
        FailureKind::Unsupported,
    ];

    const FIRST: SoFar = SoFar { attempts: 1, renewed: false, repeated: false, waited: Duration::ZERO };

    #[test]
    fn after_a_first_attempt() {
        use Class::{Create, Delete, IdempotentWrite, Read};
        for kind in KINDS {
            let repeated: &[Class] = match kind {
                FailureKind::NotSent | FailureKind::Busy => &CLASSES,
                FailureKind::Unknown => &[Read],
                FailureKind::OnceMore => &[IdempotentWrite, Delete],
                _ => &[],
            };
            for class in [Read, IdempotentWrite, Create, Delete] {
                let decision = decide(class, kind, None, FIRST, 0.0);
                let expected = match kind {
                    FailureKind::Token => Decision::RenewToken,
                    _ if repeated.contains(&class) => Decision::Retry(FIRST_DELAY),
                    _ => Decision::GiveUp(Limit::Final),
                };
                assert_eq!(decision, expected, "{kind:?} {class:?}");
            }
        }
    }

    #[test]
    fn once_is_once() {
        let renewed = SoFar { attempts: 2, renewed: true, ..FIRST };
        assert_eq!(decide(Class::Read, FailureKind::Token, None, renewed, 0.0), Decision::GiveUp(Limit::Final));
        let repeated = SoFar { attempts: 2, repeated: true, ..FIRST };
        assert_eq!(decide(Class::Delete, FailureKind::OnceMore, None, repeated, 0.0), Decision::GiveUp(Limit::Final));
    }

    #[test]
    fn the_vendors_wait_is_kept_exactly_or_the_call_gives_up() {
        let asked = Duration::from_mins(2);
        let decision = decide(Class::Create, FailureKind::Busy, Some(asked), FIRST, 1.0);
        assert_eq!(decision, Decision::Retry(asked));
        let hours = Duration::from_hours(2);
        let decision = decide(Class::Create, FailureKind::Busy, Some(hours), FIRST, 0.0);
        assert_eq!(decision, Decision::GiveUp(Limit::Asked(hours)));
    }

    #[test]
    fn the_limit_that_ends_a_call_is_named() {
        for (kind, attempts, waited, limit) in [
            (FailureKind::NotSent, 3, 0, Limit::Attempts(3)),
            (FailureKind::Unknown, 3, 0, Limit::Attempts(3)),
            (FailureKind::Busy, 6, 0, Limit::Attempts(6)),
            (FailureKind::Busy, 2, 599, Limit::Waited),
            (FailureKind::Refused, 1, 0, Limit::Final),
        ] {
            let so_far = SoFar { attempts, waited: Duration::from_secs(waited), ..FIRST };
            let asked = Some(Duration::from_secs(2));
            assert_eq!(decide(Class::Read, kind, asked, so_far, 0.0), Decision::GiveUp(limit), "{kind:?}");
        }
    }

    proptest! {
        #[test]
        fn every_call_ends_within_its_bounds(
            class in prop::sample::select(&CLASSES),
            failures in prop::collection::vec((prop::sample::select(&KINDS), prop::option::of(0..1000_u64)), 64),
            jitter in -1.0..2.0_f64,
        ) {
            let mut so_far = FIRST;
            for (kind, asked) in failures {
                match decide(class, kind, asked.map(Duration::from_secs), so_far, jitter) {
                    Decision::GiveUp(_) => break,
                    Decision::RenewToken => { prop_assert!(!so_far.renewed); so_far.renewed = true; }
                    Decision::Retry(delay) => {
                        so_far.repeated |= kind == FailureKind::OnceMore;
                        so_far.waited += delay;
                    }
                }
                so_far.attempts += 1;
            }
            prop_assert!(so_far.waited <= MAX_WAIT);
            prop_assert!(so_far.attempts <= MAX_BUSY_ATTEMPTS + 2);
        }

        #[test]
        fn a_write_whose_outcome_is_unknown_is_never_repeated(
            class in prop::sample::select(&CLASSES[1..]), attempts in 1..9_u32, asked in prop::option::of(0..900_u64), jitter in 0.0..1.0_f64,
        ) {
            let so_far = SoFar { attempts, ..FIRST };
            let asked = asked.map(Duration::from_secs);
            prop_assert_eq!(decide(class, FailureKind::Unknown, asked, so_far, jitter), Decision::GiveUp(Limit::Final));
        }

        #[test]
        fn delays_grow_up_to_the_cap(attempts in 1..6_u32, jitter in 0.0..=1.0_f64) {
            let so_far = SoFar { attempts, ..FIRST };
            let decision = decide(Class::Read, FailureKind::Busy, None, so_far, jitter);
            let Decision::Retry(delay) = decision else { return Err(TestCaseError::fail("no retry")) };
            let full = (FIRST_DELAY * (1 << (attempts - 1))).min(MAX_DELAY);
            prop_assert!(delay <= full && delay >= full / 2);
        }
    }
}

//! Which fault strikes which call.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Fault;
use super::faults::Kind;

/// The faults of a sandbox and how often each still strikes. Counts are shared by all boxes; what `random` draws depends
/// on the seed, the box's name and how many of its calls came before, never on other boxes.
#[derive(Default)]
pub(super) struct FaultPlan(Mutex<Armed>);

#[derive(Default)]
struct Armed {
    faults: Vec<Fault>,
    /// How many numbers each box has drawn.
    draws: BTreeMap<String, u64>,
}

/// How late a fault drawn at random makes an answer or a change.
const RANDOM_DELAY: Duration = Duration::from_millis(1500);

/// What `random` draws from: what a network or a restart does to a healthy box.
const RANDOM_KINDS: &[Kind] = &[
    Kind::Before,
    Kind::After,
    Kind::Cut,
    Kind::CutBefore,
    Kind::Slow(RANDOM_DELAY),
    Kind::Late(RANDOM_DELAY),
    Kind::Garbage,
    Kind::GarbageAfter,
    Kind::Expire,
];

impl FaultPlan {
    /// Replaces the faults.
    pub(super) fn set(&self, faults: Vec<Fault>) {
        *self.armed() = Armed { faults, draws: BTreeMap::new() };
    }

    /// Whether a box has to remember its state before the last write.
    pub(super) fn needs_history(&self) -> bool {
        self.armed().faults.iter().any(|fault| fault.kind == Kind::Stale)
    }

    /// The fault that strikes this call, if one does; `fits` says which kinds make sense for it.
    pub(super) fn strike(&self, target: &str, endpoint: &str, fits: impl Fn(&Kind) -> bool) -> Option<Kind> {
        let mut armed = self.armed();
        let Armed { faults, draws } = &mut *armed;
        for fault in faults.iter_mut() {
            if fault.count == Some(0) || !fault.endpoint.matches(endpoint) {
                continue;
            }
            let kind = match fault.kind {
                Kind::Random { seed, percent } => draw(draws, target, seed, percent),
                ref kind => Some(kind.clone()),
            };
            if let Some(kind) = kind.filter(&fits) {
                fault.count = fault.count.map(|left| left - 1);
                return Some(kind);
            }
        }
        None
    }

    fn armed(&self) -> MutexGuard<'_, Armed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn draw(draws: &mut BTreeMap<String, u64>, target: &str, seed: u64, percent: u8) -> Option<Kind> {
    let number = draws.entry(target.to_owned()).or_default();
    *number += 1;
    let mut hasher = DefaultHasher::new();
    (seed, target, *number).hash(&mut hasher);
    let roll = hasher.finish();
    let choice = usize::try_from(roll / 100 % RANDOM_KINDS.len() as u64).unwrap_or_default();
    (roll % 100 < percent.into()).then(|| RANDOM_KINDS.get(choice).cloned())?
}

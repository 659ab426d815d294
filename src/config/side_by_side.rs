//! Work on many things, a stretch of them at a time, on several threads; the outcome is in order.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::{panic, thread};

/// How many threads can work at once.
pub(super) fn cores() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Does a piece of work with each item, on several threads. What each gives comes in the order of the items.
pub(super) fn each<I, R>(threads: usize, items: I, work: impl Fn(I::Item) -> R + Sync) -> Vec<R>
where
    I: Iterator + Send,
    R: Send,
{
    let items = Mutex::new(items.enumerate());
    let next = || items.lock().unwrap_or_else(PoisonError::into_inner).next();
    let worker = || std::iter::from_fn(next).map(|(index, item)| (index, work(item))).collect::<Vec<_>>();
    let mut all = thread::scope(|scope| {
        // Where no thread can be started, this one does it all.
        let helpers = (1..threads).map_while(|_| thread::Builder::new().spawn_scoped(scope, worker).ok());
        let helpers: Vec<_> = helpers.collect();
        let mut all = worker();
        for helper in helpers {
            all.extend(helper.join().unwrap_or_else(|cause| panic::resume_unwind(cause)));
        }
        all
    });
    all.sort_unstable_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, done)| done).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_in_order_however_many_work() {
        for threads in [1, 2, 7] {
            let squares = each(threads, 0..1_000_u64, |number| number * number);
            assert_eq!(squares, (0..1_000).map(|number| number * number).collect::<Vec<_>>(), "{threads} threads");
        }
    }
}

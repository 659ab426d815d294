//! What the executor tells while it works. It never prints; whoever listens may.

use crate::model::Address;
use crate::model::outcome::{Action, Outcome};

/// One piece of news.
#[derive(Clone, Copy, Debug)]
pub enum Event<'e> {
    /// A change is about to be sent.
    Started {
        /// Which object.
        address: &'e Address,
        /// What is done to it.
        action: Action,
    },
    /// The vendor answered, or the change was given up: how it ended so far.
    Finished(&'e Outcome),
    /// What was written on a target is read back.
    Verifying {
        /// The target's name.
        target: &'e str,
    },
    /// The final word on a change, after reading back.
    Settled(&'e Outcome),
}

/// Hears what the executor tells.
pub trait Listener {
    /// One piece of news; must not block.
    fn hear(&self, event: Event<'_>);
}

/// Hears nothing.
impl Listener for () {
    fn hear(&self, _: Event<'_>) {}
}

//! What sipform remembers between runs: which objects are ours, what is protected, and what was last applied. No secret.
//!
//! Without it sipform is more careful, never less: nothing can be called ours, so nothing is pruned.

mod document;
mod file;
mod journal;
mod lock;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::model::Claims;

pub use file::{LedgerError, LedgerFile};
pub use journal::{Journal, JournalError, OpenIntent};
pub use lock::{Holder, Lock, LockError};

/// The ledger in memory.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Ledger {
    /// Grows by one with every write.
    pub serial: u64,
    /// Made against the sandbox: never mixed with a real one.
    pub sandbox: bool,
    /// By target name.
    pub targets: BTreeMap<String, TargetRecord>,
}

/// What is remembered of one target.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct TargetRecord {
    /// Its address when it was last written: claims are about the box that stood there.
    pub url: String,
    /// Tells a changed fingerprint key from changed objects.
    pub key_check: Option<String>,
    /// What is ours on it.
    pub claims: Claims,
}

impl Ledger {
    /// The claims on a target, as far as they hold for the box at this address. Of a box at another address nothing is
    /// known.
    pub fn claims(&self, target: &str, url: &str) -> Claims {
        match self.targets.get(target) {
            Some(record) if record.url == url => record.claims.clone(),
            _ => Claims::default(),
        }
    }
}

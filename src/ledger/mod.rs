//! What sipform remembers between runs: which objects are ours, what is protected, and what was last applied. No secret.
//!
//! Without it sipform is more careful, never less: nothing can be called ours, so nothing is pruned.

mod disk;
mod document;
mod file;
mod journal;
mod lock;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::model::{Claim, Claims};

pub use file::{LedgerError, LedgerFile};
pub use journal::{Journal, JournalError, Notes, OpenIntent};
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

    /// What is protected on a target of which nothing else is known: its box has moved to another address, or it has
    /// another name in the YAML (`is_listed` tells which names are there). Whether it is the same box can't be told, so
    /// nothing becomes ours by this; but what was protected isn't deleted for a change of its address.
    pub fn protections(&self, target: &str, url: &str, is_listed: impl Fn(&str) -> bool) -> Claims {
        let mut protections = Claims::default();
        let may_be_it = |name: &str, record: &TargetRecord| name == target || (record.url == url && !is_listed(name));
        for (_, record) in self.targets.iter().filter(|(name, record)| may_be_it(name, record)) {
            for (kind, key, _) in record.claims.iter().filter(|(.., claim)| claim.protect) {
                protections.insert(kind, key, Claim { protect: true, ..Claim::default() });
            }
        }
        protections
    }
}

//! A call from one extension to another, to see that phones ring.

use std::sync::Arc;

use super::Source;

/// A call that `check` places; it rings phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallCheck {
    /// What people call it; unique.
    pub name: Box<str>,
    /// The target whose extensions it is about.
    pub target: Arc<str>,
    /// The extension that rings first.
    pub caller: Box<str>,
    /// The extension that is called.
    pub callee: Box<str>,
    /// Whether the caller's phone answers by itself; the phone has to support it.
    pub auto_answer: bool,
    /// Where it stands in the YAML.
    pub source: Source,
}

//! The PBX's answers, as it spells them, where they aren't those of the whole family.

use crate::provider::loose::{Loose, Record};

/// The list of trunks of every sort in the answer to the list call.
const LINES: &str = "trunklist";

/// One line of the list call.
#[derive(Debug)]
pub(super) struct Listed {
    /// v1.1.0 shows none.
    pub(super) id: Loose,
    pub(super) name: Loose,
    /// The trunk's technology or type.
    pub(super) sort: Loose,
}

/// The lines of the list call; `None` where there are none to be read.
pub(super) fn lines(answer: &Record) -> Option<Vec<Listed>> {
    let lines = answer.get(LINES)?.as_array()?;
    lines.iter().map(|line| line.as_object().map(listed)).collect()
}

fn listed(line: &Record) -> Listed {
    let member = |name| Loose::member(line, name);
    Listed { id: member("id"), name: member("trunkname"), sort: member("type") }
}

/// What every body is.
pub(super) const CONTENT_TYPE: &str = "application/json; charset=utf-8";

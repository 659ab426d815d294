//! `removed:`: what has left the files, and what becomes of it.

use super::lower::{Label, Lowering};
use super::node::{Content, Node};
use super::report::{Finding, Place};
use super::sharing::Names;
use crate::diag::quote;
use crate::model::Address;

const KEYS: [&str; 2] = ["address", "delete"];

/// One entry.
pub(super) struct RemovedEntry {
    pub(super) address: Address,
    pub(super) delete: bool,
    /// Where the entry begins.
    pub(super) place: Place,
    /// Where its address stands.
    pub(super) address_place: Place,
}

/// Reads one item.
pub(super) fn read(node: &Node<'_>, low: &mut Lowering<'_>, names: &mut Names) -> Option<RemovedEntry> {
    low.is_map_of(node, Label::open("removed"), &KEYS);
    if !matches!(node.content, Content::Map(_)) {
        return None;
    }
    let address = node.get("address").map(|address| (address, read_address(address, low, names)));
    let delete = node.get("delete").map(|delete| low.flag(delete, "delete"));
    for (key, missing) in [("address", address.is_none()), ("delete", delete.is_none())] {
        if missing {
            let message = format!("an entry of `removed` without {}", quote(key));
            let finding = Finding::error("missing_field", Place::of(low.file, node), message);
            low.report.add(finding.hint("write `delete: true` to delete it, `delete: false` to let it be"));
        }
    }
    let (address_node, address) = address?;
    Some(RemovedEntry {
        address: address?,
        delete: delete??,
        place: Place::of(low.file, node),
        address_place: Place::of(low.file, address_node),
    })
}

fn read_address(node: &Node<'_>, low: &mut Lowering<'_>, names: &mut Names) -> Option<Address> {
    let label = Label::open("address");
    match Address::parse(low.live_word(node, label)?) {
        Ok(address) => Some(Address { target: names.intern(&address.target), ..address }),
        Err(expected) => {
            low.error(node, label, "bad_address", &format!("is wrong: {expected}"));
            None
        }
    }
}

//! Every kind that sipform knows, one file each.

mod call_center_trunk;
mod number;
mod phone_group;
mod sip_number;
mod trunk;

use super::Kind;

pub use call_center_trunk::CALL_CENTER_TRUNK;
pub use number::NUMBER;
pub use phone_group::PHONE_GROUP;
pub use sip_number::SIP_NUMBER;
pub use trunk::TRUNK;

/// All kinds, in the order in which they stand in documents.
pub static ALL: &[&Kind] = &[&TRUNK, &SIP_NUMBER, &PHONE_GROUP, &CALL_CENTER_TRUNK, &NUMBER];

/// The kind of this name (`trunk`).
pub fn by_name(name: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.name == name)
}

/// The kind that this list in the YAML holds (`trunks`).
pub fn by_section(section: &str) -> Option<&'static Kind> {
    ALL.iter().copied().find(|kind| kind.section == section)
}

/// The names of all kinds.
pub fn names() -> Vec<&'static str> {
    ALL.iter().map(|kind| kind.name).collect()
}

//! What the PBXs of one family have in common. Yeastar's and OpenVox's APIs are two dialects of one design: the same
//! login and token, the same envelope, the same error numbers, the same record of a trunk. What a dialect says
//! differently (paths, versions, JSON or XML) is a [`Dialect`] in its vendor's own folder; nothing here knows a vendor.

mod auth;
mod call;
mod envelope;
mod errno;
mod id;
mod listing;
mod params;
mod record;
mod session;

pub use id::{TrunkId, TrunkName};

pub(in crate::provider) use auth::{Credentials, REPORT_PORT};
pub(in crate::provider) use envelope::{added_id, has_status, json};
pub(in crate::provider) use errno::failure;
pub(in crate::provider) use listing::{Doubts, entries, objects, show};
pub(in crate::provider) use params::{Params, replacement, values};
pub(in crate::provider) use record::Reading;
pub(in crate::provider) use session::{Connection, Dialect};

#[cfg(test)]
pub(in crate::provider) use auth::md5_hex;
#[cfg(test)]
pub(in crate::provider) use envelope::accept;

/// A trunk's name, in every call and record.
pub(in crate::provider) const NAME: &str = "trunkname";
/// A trunk's id.
pub(in crate::provider) const ID: &str = "id";
/// The list of trunks in the answer to a query.
pub(in crate::provider) const TRUNKS: &str = "trunks";

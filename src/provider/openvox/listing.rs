//! The one listing of the PBX's trunks, and whether it shows all that there is.

use crate::http::Failure;
use crate::model::{Completeness, KindSupport, Listing};
use crate::provider::loose::Record;
use crate::provider::pbx::{self, Doubts};

use super::{response, wire};

/// The listing in the answer to a query for every trunk.
///
/// # Errors
/// The answer isn't of the documented form.
pub(super) fn read(support: &'static KindSupport, answer: &Record) -> Result<Listing, Failure> {
    let mut doubts = Doubts::default();
    let entries = pbx::entries(answer)?.unwrap_or_else(|| {
        // Nothing else shows whether there are any.
        doubts.add(|| format!("{} gives no list", wire::QUERY));
        &[]
    });
    let objects = pbx::objects(response::reading(support), entries, wire::QUERY, &mut doubts);
    Ok(Listing { kind: support.kind, completeness: doubts.verdict(), objects })
}

/// The listing of a PBX that says that there is none.
pub(super) fn none(support: &'static KindSupport) -> Listing {
    Listing { kind: support.kind, completeness: Completeness::Complete, objects: Vec::new() }
}

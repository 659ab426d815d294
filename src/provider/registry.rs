//! Every vendor, one line each.

use std::sync::Arc;

use crate::http::Client;
use crate::model::{ProviderTable, Target};

use super::{Dialer, Reader, Writer, itniotech, moor7, openvox, yeastar};

/// A vendor: what it can do, and how to talk to one of its targets.
pub struct Vendor {
    /// What it can do.
    pub table: &'static ProviderTable,
    /// Opens a session without sending anything yet; the first call logs in where the vendor has logins.
    pub connect: fn(&Target, Client) -> Arc<dyn Writer>,
    /// Opens a session that can place calls, likewise; `None` for a vendor that has no such call.
    pub dialer: Option<ToDialer>,
}

/// Opens a session that can place calls.
pub type ToDialer = fn(&Target, Client) -> Arc<dyn Dialer>;

/// All vendors, in the order in which they stand in documents.
pub static VENDORS: &[Vendor] = &[
    Vendor {
        table: &yeastar::TABLE,
        connect: |target, client| Arc::new(yeastar::Session::new(target, client)),
        dialer: Some(|target, client| Arc::new(yeastar::Session::new(target, client))),
    },
    Vendor {
        table: &openvox::TABLE,
        connect: |target, client| Arc::new(openvox::Session::new(target, client)),
        dialer: Some(|target, client| Arc::new(openvox::Session::new(target, client))),
    },
    Vendor {
        table: &moor7::TABLE,
        connect: |target, client| Arc::new(moor7::Session::new(target, client)),
        dialer: None,
    },
    Vendor {
        table: &itniotech::TABLE,
        connect: |target, client| Arc::new(itniotech::Session::new(target, client)),
        dialer: None,
    },
];

/// What each vendor can do.
pub fn tables() -> impl Iterator<Item = &'static ProviderTable> {
    VENDORS.iter().map(|vendor| vendor.table)
}

/// The table of the provider of this name, as the YAML spells it.
pub fn by_name(name: &str) -> Option<&'static ProviderTable> {
    tables().find(|table| table.name == name)
}

/// A session for looking; `None` where the target's table is none of [`VENDORS`].
pub fn reader(target: &Target, client: Client) -> Option<Arc<dyn Reader>> {
    writer(target, client).map(|writer| writer as Arc<dyn Reader>)
}

/// A session for looking and changing; `None` where the target's table is none of [`VENDORS`].
pub fn writer(target: &Target, client: Client) -> Option<Arc<dyn Writer>> {
    Some((vendor(target)?.connect)(target, client))
}

/// A session for placing calls; `None` where the target's vendor has no such call, or is none of [`VENDORS`].
pub fn dialer(target: &Target, client: Client) -> Option<Arc<dyn Dialer>> {
    Some((vendor(target)?.dialer?)(target, client))
}

fn vendor(target: &Target) -> Option<&'static Vendor> {
    VENDORS.iter().find(|vendor| vendor.table.name == target.provider.name)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::expect_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::model::field::Type;

    #[test]
    fn who_can_call_says_so() {
        for vendor in VENDORS {
            assert_eq!(vendor.table.calls, vendor.dialer.is_some(), "{}", vendor.table.name);
        }
    }

    /// The decoders and request bodies go by these tables: a row without its spellings would silently be left out.
    #[test]
    fn every_table_fits_its_kinds() {
        for table in tables() {
            let credential = table.setting(table.credential).expect(table.name);
            assert!(credential.secret, "{}", table.name);
            for support in table.kinds {
                for field in support.fields {
                    let index = support.kind.index_of(field.name).expect(field.name);
                    let spellings = match support.kind.fields.get(index).map(|field| field.ty) {
                        Some(Type::Record(members)) => members.len(),
                        _ => 1,
                    };
                    assert_eq!(field.wire.len(), spellings, "{} {}", table.name, field.name);
                }
            }
        }
    }
}

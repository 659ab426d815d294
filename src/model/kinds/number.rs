//! A number that was bought on a voice platform.

use crate::model::field::{Default, Field, Type};
use crate::model::kind::Kind;

/// A bought number. Buying and releasing is done by hand; its settings are kept here.
pub static NUMBER: Kind = Kind {
    name: "number",
    section: "numbers",
    key: "number",
    numeric_key: true,
    variant: None,
    doc: "a number that was bought on a voice platform",
    fields: &[
        Field { name: "inbound_ip", doc: "where its calls are sent, as address:port", ..Field::TEXT },
        Field {
            name: "outbound_ips",
            ty: Type::Set(&Type::Text),
            doc: "the addresses that may call out with it",
            ..Field::TEXT
        },
        Field { name: "inbound_prefix", doc: "what is put before the number of its calls", ..Field::TEXT },
        Field { name: "remark", doc: "a note", ..Field::TEXT },
        Field {
            name: "voicemail",
            ty: Type::Bool,
            default: Default::LeftAlone,
            doc: "whether it has a voicemail; left alone unless written",
            ..Field::TEXT
        },
    ],
};

//! A batch of phones on a voice platform.

use crate::model::field::{Field, Scope, Type};
use crate::model::kind::Kind;

/// A phone group: a batch of phones that is made in one go. The platform makes their accounts and passwords.
pub static PHONE_GROUP: Kind = Kind {
    name: "phone_group",
    section: "phone_groups",
    key: "name",
    numeric_key: false,
    variant: None,
    doc: "a batch of phones on a voice platform, which makes their accounts and passwords",
    fields: &[
        Field {
            name: "phone_name",
            required: Scope::All,
            doc: "what the phones' names begin with: `sip` gives sip-1, sip-2 and so on",
            ..Field::TEXT
        },
        Field {
            name: "quantity",
            ty: Type::Integer { min: 1, max: 50 },
            required: Scope::All,
            advice: "a group has at most 50 phones: for more, declare two groups",
            doc: "how many phones; for more than 50 declare two groups",
            ..Field::TEXT
        },
        Field {
            name: "display_number",
            required: Scope::All,
            doc: "the number that the called side sees",
            ..Field::TEXT
        },
    ],
};

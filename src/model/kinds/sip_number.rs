//! A SIP number (a phone's account) in a contact centre.

use crate::model::field::{Default, Field, Scope, Type};
use crate::model::kind::Kind;

/// A SIP number: an account that one phone registers with.
pub static SIP_NUMBER: Kind = Kind {
    name: "sip_number",
    section: "sip_numbers",
    key: "number",
    numeric_key: true,
    variant: None,
    doc: "a SIP number in a contact centre: the account that one phone registers with",
    fields: &[
        Field {
            name: "password",
            required: Scope::All,
            secret: true,
            doc: "what the phone registers with",
            ..Field::TEXT
        },
        Field {
            name: "nat",
            ty: Type::Bool,
            default: Default::Scalar("false"),
            doc: "whether the phone is behind a NAT",
            ..Field::TEXT
        },
        Field {
            name: "codecs",
            ty: Type::List(&Type::Choice(&["G711A", "G711U", "GSM", "G729", "VP8", "ILBC"])),
            default: Default::List(&["G711A"]),
            doc: "the codecs offered, the preferred one first",
            ..Field::TEXT
        },
        Field {
            name: "agent",
            default: Default::LeftAlone,
            doc: "the agent who answers on this number, by the vendor's agentId; \"\" unbinds, omitted leaves alone",
            ..Field::TEXT
        },
    ],
};

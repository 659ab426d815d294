//! A SIP trunk of a cloud call centre.

use crate::model::field::{Default, Field, Member, Scope, Type};
use crate::model::kind::Kind;

const OUTBOUND: Scope = Scope::Only(&["outbound"]);
const INBOUND: Scope = Scope::Only(&["inbound"]);

/// A call centre's SIP trunk: calls leave by it (`outbound`) or come in by it (`inbound`).
pub static CALL_CENTER_TRUNK: Kind = Kind {
    name: "call_center_trunk",
    section: "call_center_trunks",
    key: "name",
    numeric_key: false,
    variant: Some("direction"),
    doc: "a SIP trunk of a cloud call centre",
    fields: &[
        Field {
            name: "direction",
            ty: Type::Choice(&["outbound", "inbound"]),
            required: Scope::All,
            forces_replacement: true,
            doc: "which way calls go",
            ..Field::TEXT
        },
        Field {
            name: "gateway_ip",
            applies: OUTBOUND,
            required: OUTBOUND,
            succeeds: true,
            doc: "the carrier's gateway, as address or address:port",
            ..Field::TEXT
        },
        Field {
            name: "allowed_ip",
            applies: INBOUND,
            required: INBOUND,
            succeeds: true,
            doc: "where calls may come from, as address or address:port",
            ..Field::TEXT
        },
        Field {
            name: "register",
            ty: Type::Bool,
            applies: OUTBOUND,
            default: Default::Scalar("false"),
            doc: "whether it registers with the carrier",
            ..Field::TEXT
        },
        Field {
            name: "username",
            applies: OUTBOUND,
            needed_with: Some("register"),
            doc: "the SIP account to register with",
            ..Field::TEXT
        },
        Field {
            name: "password",
            applies: OUTBOUND,
            needed_with: Some("register"),
            secret: true,
            doc: "the SIP account's password",
            ..Field::TEXT
        },
        Field { name: "prefix", doc: "what is dialled before a number to take this trunk", ..Field::TEXT },
        Field {
            name: "groups",
            ty: Type::Set(&Type::Record(&[
                Member { name: "group", ty: Type::Text, required: Scope::All, doc: "the seat group's name" },
                Member { name: "number", ty: Type::Text, required: INBOUND, doc: "the number that leads to the group" },
            ])),
            required: Scope::All,
            doc: "the seat groups that use it",
            ..Field::TEXT
        },
    ],
};

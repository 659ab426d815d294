//! A SIP trunk on a PBX.

use crate::model::field::{Default, Field, Member, Scope, Type};
use crate::model::kind::Kind;

const CARRIER: Scope = Scope::Only(&["register", "peer"]);
const CREDENTIALS: Scope = Scope::Only(&["register", "account"]);
const REGISTER: Scope = Scope::Only(&["register"]);

/// A SIP trunk: the PBX registers with a carrier (`register`), trusts its address (`peer`), or lets it register
/// (`account`).
pub static TRUNK: Kind = Kind {
    name: "trunk",
    section: "trunks",
    key: "name",
    numeric_key: false,
    variant: Some("type"),
    doc: "a SIP trunk on a PBX",
    fields: &[
        Field {
            name: "type",
            ty: Type::Choice(&["register", "peer", "account"]),
            required: Scope::All,
            forces_replacement: true,
            doc: "who authenticates: the PBX registers with the carrier, trusts its address, or the other side registers here",
            ..Field::TEXT
        },
        Field {
            name: "host",
            ty: Type::Host,
            applies: CARRIER,
            required: CARRIER,
            succeeds: true,
            doc: "the carrier's host name or IP address",
            ..Field::TEXT
        },
        Field {
            name: "port",
            ty: Type::Integer { min: 1, max: 65535 },
            applies: CARRIER,
            default: Default::Scalar("5060"),
            doc: "the carrier's SIP port",
            ..Field::TEXT
        },
        Field {
            name: "domain",
            ty: Type::Host,
            applies: CARRIER,
            default: Default::LeftAlone,
            doc: "the SIP domain; where a PBX computes it, left alone unless written",
            ..Field::TEXT
        },
        Field {
            name: "username",
            applies: CREDENTIALS,
            required: CREDENTIALS,
            succeeds: true,
            doc: "the SIP account",
            ..Field::TEXT
        },
        Field {
            name: "auth_name",
            applies: CREDENTIALS,
            required: CREDENTIALS,
            doc: "the name for digest authentication, most often the SIP account",
            ..Field::TEXT
        },
        Field {
            name: "password",
            applies: CREDENTIALS,
            required: CREDENTIALS,
            secret: true,
            doc: "the SIP account's password",
            ..Field::TEXT
        },
        Field {
            name: "from_user",
            applies: REGISTER,
            doc: "the user part of the From header; empty where the carrier doesn't support it",
            ..Field::TEXT
        },
        Field {
            name: "dod",
            ty: Type::Record(&[
                Member {
                    name: "extensions",
                    ty: Type::Set(&Type::Joined(&["number", "name", "extension"])),
                    required: Scope::Nothing,
                    doc: "numbers shown when an extension calls out",
                },
                Member {
                    name: "groups",
                    ty: Type::Set(&Type::Joined(&["number", "name", "group"])),
                    required: Scope::Nothing,
                    doc: "numbers shown when a member of an extension group calls out",
                },
            ]),
            doc: "direct outward dialling: which number the called side sees",
            ..Field::TEXT
        },
    ],
};

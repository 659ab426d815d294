//! What 7moor's platform v7 can do, field by field.

use std::time::Duration;

use crate::model::field::{Scope, Type};
use crate::model::kinds::SIP_NUMBER;
use crate::model::table::{ANY_TEXT, Ability, FieldSupport, KindSupport, ProviderTable, Setting, TextRules};

/// The settings' names, so that nothing else spells them.
pub(super) const APP_KEY: &str = "app_key";
pub(super) const SECRET: &str = "secret";
/// The field that only a registered number can have.
pub(super) const AGENT: &str = "agent";

/// 7moor's cloud contact centre, platform v7. Slow: the vendor's own samples show 7 s for a create and 25 s for a
/// delete.
pub static TABLE: ProviderTable = ProviderTable {
    name: "7moor",
    title: "7moor cloud contact centre, platform v7",
    default_url: Some("http://v7openapi.7moor.com"),
    settings: &[
        Setting {
            name: APP_KEY,
            ty: Type::Text,
            secret: false,
            default: None,
            doc: "the account's appkey, from the platform's API page",
        },
        Setting {
            name: SECRET,
            ty: Type::Text,
            secret: true,
            default: None,
            doc: "the account's secret; it signs every request and is never sent",
        },
    ],
    concurrency: 4,
    requests_per_second: None,
    timeout: Duration::from_mins(1),
    credential: SECRET,
    calls: false,
    access: "ask the vendor for the account's app key and secret (m7-appkey), and have this machine's address allowed",
    kinds: &[SIP_NUMBERS],
};

const NUMBER: TextRules = TextRules { min_length: 1, ..ANY_TEXT };

/// Lengths, character sets and whether a number must be unique are not documented.
pub(super) const SIP_NUMBERS: KindSupport = KindSupport {
    kind: &SIP_NUMBER,
    key: NUMBER,
    fields: &[
        FieldSupport { name: "password", wire: &["password"], ..FieldSupport::PLAIN },
        FieldSupport { name: "nat", wire: &["isNAT"], ..FieldSupport::PLAIN },
        FieldSupport { name: "codecs", wire: &["codingFormat"], ..FieldSupport::PLAIN },
        FieldSupport {
            name: AGENT,
            wire: &["agentId"],
            unique: Scope::All,
            not_on_create: Some("a number just made isn't registered; an agent can be bound once its phone is"),
            ..FieldSupport::PLAIN
        },
    ],
    create: Ability::Yes,
    update: Ability::Yes,
    rename: Ability::Yes,
    delete: Ability::Yes,
    full_replacement: true,
    refuses_duplicates: false,
    may_double_with: None,
};

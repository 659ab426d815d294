//! What Yeastar's APIs v2.0.0 and v1.1.0 can do, field by field: the same.

use std::time::Duration;

use crate::model::field::{Scope, Type};
use crate::model::kinds::TRUNK;
use crate::model::table::{ANY_TEXT, Ability, FieldSupport, KindSupport, ProviderTable, Setting, TextRules};

use super::version::Version;

/// The settings' names, so that nothing else spells them.
pub(super) const USERNAME: &str = "username";
pub(super) const PASSWORD: &str = "password";
pub(super) const API_VERSION: &str = "api_version";

/// Yeastar S-Series, S1000, K2 and Cloud PBX. An embedded box that does one thing at a time.
pub static TABLE: ProviderTable = ProviderTable {
    name: "yeastar",
    title: "Yeastar S-Series, S1000, K2 and Cloud PBX",
    default_url: None,
    settings: &[
        Setting {
            name: USERNAME,
            ty: Type::Text,
            secret: false,
            default: None,
            doc: "the API user, as set on the PBX's API page",
        },
        Setting { name: PASSWORD, ty: Type::Text, secret: true, default: None, doc: "the API user's password" },
        Setting {
            name: API_VERSION,
            ty: Type::Choice(Version::CHOICES),
            secret: false,
            default: Some("v2.0.0"),
            doc: "the API that the PBX speaks; with v1.1.0 every update replaces the whole trunk",
        },
    ],
    concurrency: 1,
    requests_per_second: Some(5.0),
    timeout: Duration::from_secs(30),
    credential: PASSWORD,
    calls: true,
    access: "on the PBX's web page, under Settings, General, API: enable the API, set a user name and a password, and allow this machine's address",
    kinds: &[TRUNKS],
};

const CARRIER: Scope = Scope::Only(&["register", "peer"]);

/// The vendor documents the characters that it refuses for the web page's CSV import only: hence doubtful. A comma or
/// the name `all` would turn one trunk into several in calls that take lists of names.
const NAME: TextRules =
    TextRules { min_length: 1, refused: ",", doubtful: r#"!$()/#;[]\"=<>&'`^%@{}|"#, reserved: &["all"], ..ANY_TEXT };

const CREDENTIAL: TextRules = TextRules { doubtful: r#" ;&"'\<>`|"#, ..ANY_TEXT };
const FROM_USER: TextRules = TextRules { doubtful: r#" :!$()/#;,[]\"=<>&'`^%@{}|"#, ..ANY_TEXT };
/// On the wire a comma separates the entries.
const DOD: TextRules = TextRules { refused: ",", ..ANY_TEXT };

const TRUNKS: KindSupport = KindSupport {
    kind: &TRUNK,
    key: NAME,
    fields: &[
        FieldSupport { name: "type", wire: &["trunktype"], ..FieldSupport::PLAIN },
        FieldSupport { name: "host", wire: &["host"], ..FieldSupport::PLAIN },
        FieldSupport { name: "port", wire: &["port"], ..FieldSupport::PLAIN },
        FieldSupport { name: "domain", wire: &["domain"], required: CARRIER, ..FieldSupport::PLAIN },
        FieldSupport {
            name: "username",
            wire: &["username"],
            unique: Scope::Only(&["account"]),
            rules: CREDENTIAL,
            ..FieldSupport::PLAIN
        },
        FieldSupport { name: "auth_name", wire: &["authname"], rules: CREDENTIAL, ..FieldSupport::PLAIN },
        FieldSupport { name: "password", wire: &["password"], rules: CREDENTIAL, ..FieldSupport::PLAIN },
        FieldSupport { name: "from_user", wire: &["fromuser"], rules: FROM_USER, ..FieldSupport::PLAIN },
        FieldSupport { name: "dod", wire: &["extensionsdod", "extensionsgroupdod"], rules: DOD, ..FieldSupport::PLAIN },
    ],
    create: Ability::Yes,
    update: Ability::Yes,
    rename: Ability::Yes,
    delete: Ability::Yes,
    // Of v2.0.0. With v1.1.0 the update says every field, the ones that don't change as they were seen.
    full_replacement: false,
    refuses_duplicates: true,
    // It publishes no error codes for trunks.
    may_double_with: Some((API_VERSION, "v1.1.0")),
};

//! What OpenVox's API v0.0.1 can do, field by field.

use std::time::Duration;

use crate::model::field::Type;
use crate::model::kinds::TRUNK;
use crate::model::table::{ANY_TEXT, Ability, FieldSupport, KindSupport, ProviderTable, Setting, TextRules};

use super::wire::Format;

/// The settings' names, so that nothing else spells them.
pub(super) const USERNAME: &str = "username";
pub(super) const PASSWORD: &str = "password";
pub(super) const API_VERSION: &str = "api_version";
pub(super) const FORMAT: &str = "format";

/// OpenVox UC Series IPPBX. An embedded box that does one thing at a time.
pub static TABLE: ProviderTable = ProviderTable {
    name: "openvox",
    title: "OpenVox UC Series IPPBX",
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
            ty: Type::Text,
            secret: false,
            default: Some("v0.0.1"),
            doc: "the version in every path; one page of the vendor's shows v1.1.0",
        },
        Setting {
            name: FORMAT,
            ty: Type::Choice(Format::CHOICES),
            secret: false,
            default: Some("json"),
            doc: "what requests and answers are written in",
        },
    ],
    concurrency: 1,
    requests_per_second: Some(5.0),
    timeout: Duration::from_secs(30),
    credential: PASSWORD,
    calls: true,
    access: "on the PBX's web page: enable the API, set a user name and a password, and allow this machine's address; the API listens on port 9011 unless set otherwise",
    kinds: &[TRUNKS],
};

/// A comma or the name `all` would turn one trunk into several in calls that take lists of names.
const NAME: TextRules = TextRules { min_length: 1, refused: ",", reserved: &["all"], ..ANY_TEXT };

const TRUNKS: KindSupport = KindSupport {
    kind: &TRUNK,
    key: NAME,
    fields: &[
        FieldSupport { name: "type", wire: &["trunktype"], ..FieldSupport::PLAIN },
        FieldSupport { name: "host", wire: &["host"], ..FieldSupport::PLAIN },
        FieldSupport { name: "port", wire: &["port"], ..FieldSupport::PLAIN },
        // Not a documented parameter, but one of the vendor's samples sends it.
        FieldSupport { name: "domain", wire: &["domain"], computed: true, ..FieldSupport::PLAIN },
        FieldSupport { name: "username", wire: &["username"], ..FieldSupport::PLAIN },
        FieldSupport { name: "auth_name", wire: &["authname"], ..FieldSupport::PLAIN },
        FieldSupport { name: "password", wire: &["password"], ..FieldSupport::PLAIN },
        FieldSupport { name: "from_user", wire: &["fromuser"], ..FieldSupport::PLAIN },
    ],
    create: Ability::Yes,
    update: Ability::Yes,
    rename: Ability::Yes,
    delete: Ability::Yes,
    full_replacement: true,
    // Most likely it does; the vendor doesn't say, and a second trunk would be worse than a wait.
    refuses_duplicates: false,
    may_double_with: None,
};

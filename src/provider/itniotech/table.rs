//! What ITNIO's voice platform can do, field by field.

use std::time::Duration;

use crate::model::field::{Scope, Type};
use crate::model::kinds::{CALL_CENTER_TRUNK, NUMBER, PHONE_GROUP};
use crate::model::table::{ANY_TEXT, Ability, FieldSupport, KindSupport, ProviderTable, Setting, TextRules};

use super::wire;

/// The settings' names, so that nothing else spells them.
pub(super) const API_KEY: &str = "api_key";
pub(super) const API_SECRET: &str = "api_secret";
pub(super) const APP_ID: &str = "app_id";
pub(super) const PREFIX: &str = "path_prefix";
/// Fields that a failure may be about.
pub(super) const GROUPS: &str = "groups";
pub(super) const VOICEMAIL: &str = "voicemail";

/// ITNIO Tech's voice platform, which others sell under names of their own.
pub static TABLE: ProviderTable = ProviderTable {
    name: "itniotech",
    title: "ITNIO Tech voice platform (also as Onbuka and Laaffic)",
    default_url: Some("https://api.itniotech.com"),
    settings: &[
        Setting { name: API_KEY, ty: Type::Text, secret: false, default: None, doc: "the account's API key" },
        Setting {
            name: API_SECRET,
            ty: Type::Text,
            secret: true,
            default: None,
            doc: "the account's API secret; it signs every request and is never sent",
        },
        Setting {
            name: APP_ID,
            ty: Type::Text,
            secret: false,
            default: None,
            doc: "the voice application whose phones and numbers are kept",
        },
        Setting {
            name: PREFIX,
            ty: Type::Text,
            secret: false,
            default: Some(""),
            doc: "what stands before every path: `/v3` where the platform is sold under another name",
        },
    ],
    concurrency: 4,
    requests_per_second: None,
    timeout: Duration::from_secs(30),
    credential: API_SECRET,
    calls: false,
    access: "in the vendor's console: take API key and secret from the account's API page, allow this machine's address \
             there, and take the application's id from the list of voice applications",
    kinds: &[PHONE_GROUPS, CALL_CENTER_TRUNKS, NUMBERS],
};

const OUTBOUND: Scope = Scope::Only(&["outbound"]);
/// The vendor documents 4 to 32 characters, and its own sample has a name of 3.
const NAME: TextRules = TextRules { min_length: 1, max_length: 32, doubtful_below: 4, ..ANY_TEXT };
const DISPLAY_NUMBER: TextRules = TextRules { min_length: 7, max_length: 13, digits: true, ..ANY_TEXT };
const AT_MOST_50: TextRules = TextRules { max_length: 50, ..ANY_TEXT };
/// On the wire a comma separates the addresses.
const LISTED_ADDRESS: TextRules = TextRules { max_length: 50, refused: ",", ..ANY_TEXT };
const INBOUND_PREFIX: TextRules = TextRules { max_length: 32, ..ANY_TEXT };
const NOT_EMPTY: TextRules = TextRules { min_length: 1, ..ANY_TEXT };

/// The platform has a call that makes phones, one that lists them, and no other.
const PHONE_GROUPS: KindSupport = KindSupport {
    kind: &PHONE_GROUP,
    key: NAME,
    fields: &[
        FieldSupport { name: "phone_name", wire: &[wire::PHONE_NAME], rules: NAME, ..FieldSupport::PLAIN },
        FieldSupport { name: "quantity", wire: &[wire::QUANTITY], ..FieldSupport::PLAIN },
        FieldSupport { name: "display_number", wire: &["displayNum"], rules: DISPLAY_NUMBER, ..FieldSupport::PLAIN },
    ],
    create: Ability::Yes,
    update: Ability::ByHand(
        "the platform's API can't change a phone group: for more phones declare a second group; for fewer, or for another \
         name or number, change the phones in the vendor's console",
    ),
    rename: Ability::ByHand(
        "the platform's API can't rename a phone group: keep the old name in the YAML, or declare a second group and remove \
         the first one's phones in the vendor's console",
    ),
    delete: Ability::ByHand("the platform's API can't delete a phone group: remove its phones in the vendor's console"),
    full_replacement: false,
    refuses_duplicates: true,
    may_double_with: None,
};

const CALL_CENTER_TRUNKS: KindSupport = KindSupport {
    kind: &CALL_CENTER_TRUNK,
    key: NOT_EMPTY,
    fields: &[
        FieldSupport { name: "direction", wire: &[wire::TYPE], ..FieldSupport::PLAIN },
        FieldSupport {
            name: "gateway_ip",
            wire: &["sipGatewayIp"],
            unique: OUTBOUND,
            rules: AT_MOST_50,
            ..FieldSupport::PLAIN
        },
        FieldSupport { name: "allowed_ip", wire: &["sipWhiteIp"], rules: AT_MOST_50, ..FieldSupport::PLAIN },
        FieldSupport { name: "register", wire: &[wire::REGISTERS], ..FieldSupport::PLAIN },
        FieldSupport { name: "username", wire: &["sipAccount"], ..FieldSupport::PLAIN },
        FieldSupport { name: "password", wire: &["sipPassword"], ..FieldSupport::PLAIN },
        FieldSupport { name: "prefix", wire: &["sipPrefix"], ..FieldSupport::PLAIN },
        FieldSupport { name: GROUPS, wire: &[wire::GROUP_LIST], ..FieldSupport::PLAIN },
    ],
    create: Ability::Yes,
    update: Ability::Yes,
    rename: Ability::Yes,
    delete: Ability::ByHand(
        "the platform's API can't delete a call-centre trunk, nor turn its direction: delete it in the vendor's console",
    ),
    full_replacement: true,
    refuses_duplicates: true,
    may_double_with: None,
};

const NUMBERS: KindSupport = KindSupport {
    kind: &NUMBER,
    key: NOT_EMPTY,
    fields: &[
        FieldSupport { name: "inbound_ip", wire: &["inIp"], rules: AT_MOST_50, ..FieldSupport::PLAIN },
        FieldSupport { name: "outbound_ips", wire: &["outIp"], rules: LISTED_ADDRESS, ..FieldSupport::PLAIN },
        FieldSupport { name: "inbound_prefix", wire: &["inboundPrefix"], rules: INBOUND_PREFIX, ..FieldSupport::PLAIN },
        FieldSupport { name: "remark", wire: &["remark"], rules: AT_MOST_50, ..FieldSupport::PLAIN },
        FieldSupport { name: VOICEMAIL, wire: &[wire::VOICEMAIL], ..FieldSupport::PLAIN },
    ],
    create: Ability::ByHand(
        "the platform's API can't buy a number: buy it in the vendor's console and assign it to the application",
    ),
    update: Ability::Yes,
    rename: Ability::ByHand(
        "a number can't turn into another one: buy the new one in the vendor's console, and release the old one there",
    ),
    delete: Ability::ByHand("the platform's API can't release a number: release it in the vendor's console"),
    full_replacement: true,
    refuses_duplicates: false,
    may_double_with: None,
};

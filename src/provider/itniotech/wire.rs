//! The platform's answers, as it spells them. Records are read by the table; here are the names that need more than that.

use serde::Deserialize;

use crate::provider::loose::{Loose, Record};

/// Around every answer.
#[derive(Deserialize)]
pub(super) struct Envelope {
    #[serde(default)]
    pub(super) status: Loose,
    #[serde(default)]
    pub(super) reason: Loose,
}

/// What a successful answer holds.
#[derive(Deserialize)]
pub(super) struct Holding<T> {
    pub(super) data: Option<T>,
}

/// One page of a listing. Its `pages`, `size` and `current` repeat what was asked for.
#[derive(Default)]
pub(super) struct Page {
    /// How many records all pages have together.
    pub(super) total: Loose,
    pub(super) records: Vec<Record>,
    /// How large the answer was.
    pub(super) bytes: usize,
}

pub(super) const TOTAL: &str = "total";
pub(super) const RECORDS: &str = "records";

pub(super) const APP_ID: &str = "appId";

pub(super) const GROUP_NAME: &str = "groupName";
pub(super) const PHONE_NAME: &str = "phoneName";
pub(super) const QUANTITY: &str = "quantity";
pub(super) const ACCOUNT: &str = "account";
pub(super) const PASSWORD: &str = "password";

pub(super) const KEY_ID: &str = "keyId";
pub(super) const TRUNK_NAME: &str = "sipTrunkName";
pub(super) const TYPE: &str = "type";
/// The directions as [`TYPE`] spells them.
pub(super) const TYPES: &[(&str, u8)] = &[("outbound", 1), ("inbound", 2)];
/// Named for a state, it says whether the trunk registers.
pub(super) const REGISTERS: &str = "sipTrunkState";
pub(super) const GROUP_LIST: &str = "groupList";
pub(super) const GROUP_ID: &str = "voiceGroupId";
/// A group's members in a record of [`GROUP_LIST`], in the order of the kind's table.
pub(super) const GROUP_MEMBERS: &[&str] = &[GROUP_NAME, GROUP_NUMBER];
pub(super) const GROUP_NUMBER: &str = "number";

pub(super) const NUMBER: &str = "number";
/// `"1"` or `"0"`.
pub(super) const VOICEMAIL: &str = "enableVoicemail";
/// How long a call rings before the voicemail takes it, 1 to 999; demanded where there is a voicemail.
pub(super) const MAX_HANGUP: &str = "voicemailMaxHangup";

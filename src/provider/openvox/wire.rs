//! What the vendor spells differently from the rest of the family, and the two formats.

/// The calls about trunks.
pub(super) const QUERY: &str = "siptrunk/query";
pub(super) const ADD: &str = "siptrunk/add";
pub(super) const UPDATE: &str = "siptrunk/update";
pub(super) const DELETE: &str = "siptrunk/delete";

/// Fields of a record that the PBX works out by itself and no call sets: which SIP stack it uses.
pub(super) const COMPUTED: &[&str] = &["tech"];

/// What requests and answers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One object of texts.
    Json,
    /// One element of elements.
    Xml,
}

impl Format {
    /// The setting's spellings, the default first.
    pub(super) const CHOICES: &[&str] = &["json", "xml"];

    /// Reads a spelling of [`Self::CHOICES`].
    pub(super) fn of(setting: &str) -> Self {
        if setting == Self::Xml.name() { Self::Xml } else { Self::Json }
    }

    /// As the `type` of a URL and the setting spell it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
        }
    }

    /// The header of a request. One of the vendor's samples calls XML JSON; this is what its others say.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
        }
    }
}

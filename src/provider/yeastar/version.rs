//! The two versions of the API, and what differs between them.

/// A version that the PBX speaks. They know the same trunks by the same fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// By id; an update says what changes.
    V2_0,
    /// By name; an update replaces everything.
    V1_1,
}

/// The calls about trunks.
pub(super) struct Endpoints {
    /// One line for every trunk, of whatever technology.
    pub(super) list: &'static str,
    /// The settings of the SIP trunks.
    pub(super) query: &'static str,
    pub(super) add: &'static str,
    pub(super) update: &'static str,
    pub(super) delete: &'static str,
}

static V2_0: Endpoints = Endpoints {
    list: "trunk/list",
    query: "trunk/query_siptrunk",
    add: "trunk/add_siptrunk",
    update: "trunk/update_siptrunk",
    delete: "trunk/delete_siptrunk",
};

static V1_1: Endpoints = Endpoints {
    list: "trunklist/query",
    query: "siptrunk/query",
    add: "siptrunk/add",
    update: "siptrunk/update",
    delete: "siptrunk/delete",
};

impl Version {
    /// The settings' spellings, the default first.
    pub(super) const CHOICES: &[&str] = &["v2.0.0", "v1.1.0"];

    /// Reads a spelling of [`Self::CHOICES`].
    pub(super) fn of(setting: &str) -> Self {
        if setting == Self::V1_1.path() { Self::V1_1 } else { Self::V2_0 }
    }

    /// As it stands in every path and in the YAML.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::V2_0 => "v2.0.0",
            Self::V1_1 => "v1.1.0",
        }
    }

    /// The version of the login itself, which is not the path's.
    pub(super) fn login(self) -> &'static str {
        match self {
            Self::V2_0 => "2.0.0",
            Self::V1_1 => "1.0.2",
        }
    }

    pub(super) fn endpoints(self) -> &'static Endpoints {
        match self {
            Self::V2_0 => &V2_0,
            Self::V1_1 => &V1_1,
        }
    }

    /// Whether an update replaces everything.
    pub(super) fn replaces(self) -> bool {
        self == Self::V1_1
    }

    /// What to do where the PBX doesn't know the calls of this version.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::V2_0 => "this PBX doesn't speak v2.0.0; set api_version: v1.1.0",
            Self::V1_1 => "this PBX doesn't speak v1.1.0; set api_version: v2.0.0",
        }
    }
}

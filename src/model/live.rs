//! What a vendor's listings show.

use std::borrow::Cow;

use super::{Kind, Secret, Value};

/// One target's live state, read at one time.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// One listing a kind that was asked for.
    pub listings: Vec<Listing>,
    /// How many requests it took.
    pub requests: u32,
}

/// All objects of one kind on one target.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The kind.
    pub kind: &'static Kind,
    /// Whether these are all.
    pub completeness: Completeness,
    /// The objects, in no particular order.
    pub objects: Vec<LiveObject>,
}

/// Whether a listing shows all that there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// All of it.
    Complete,
    /// Something is missing or doubled: why, as a fragment. Nothing is created, deleted or replaced on its strength.
    Incomplete(String),
}

/// One object as the vendor shows it.
#[derive(Clone, Debug)]
pub struct LiveObject {
    /// The trunk's name, the number.
    pub key: Box<str>,
    /// What the vendor calls it; equal to the key where the vendor has no ids.
    pub remote_id: Box<str>,
    /// One value a field in the order of the kind's table; [`Value::NotReadable`] where the vendor hides it.
    pub values: Box<[Value]>,
    /// Fields that the vendor wouldn't let anyone set at the moment.
    pub blocked: Cow<'static, [Blocked]>,
    /// What few objects have; see [`Self::extra_mut`].
    pub extra: Option<Box<Extra>>,
}

/// What few objects have: kept apart, so that the others are small.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// What the vendor wants back with every update and the kind's table doesn't know, by the vendor's spelling.
    pub carried: Vec<(&'static str, Box<str>)>,
    /// Settings that the kind's table doesn't know and that an update resets, by the vendor's spelling.
    pub resets: Vec<Box<str>>,
    /// Accounts that the vendor has made for the object, for the people who use them.
    pub credentials: Vec<Credential>,
}

/// An account that a vendor has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The account's name.
    pub account: Box<str>,
    /// Its password; `None` where the vendor doesn't show it.
    pub password: Option<Secret>,
}

/// A field that can't be set at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// The field's name.
    pub field: &'static str,
    /// Why, and when it will work, as a fragment.
    pub reason: &'static str,
}

/// Why a target couldn't be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// A stable word or the vendor's code.
    pub code: String,
    /// What happened, as a fragment without secrets.
    pub message: String,
    /// What to do next.
    pub hint: Option<String>,
}

impl Snapshot {
    /// The listing of this kind.
    pub fn listing(&self, kind: &Kind) -> Option<&Listing> {
        self.listings.iter().find(|listing| listing.kind == kind)
    }

    /// Whether every listing shows all that there is.
    pub fn is_complete(&self) -> bool {
        self.listings.iter().all(Listing::is_complete)
    }
}

impl Listing {
    /// Whether it shows all that there is.
    pub fn is_complete(&self) -> bool {
        self.completeness == Completeness::Complete
    }
}

impl LiveObject {
    /// An object with nothing beside its values.
    pub fn new(key: impl Into<Box<str>>, remote_id: impl Into<Box<str>>, values: Box<[Value]>) -> Self {
        Self { key: key.into(), remote_id: remote_id.into(), values, blocked: Cow::default(), extra: None }
    }

    /// What the object has beside its values, to be added to.
    pub fn extra_mut(&mut self) -> &mut Extra {
        self.extra.get_or_insert_default()
    }

    /// [`Extra::carried`].
    pub fn carried(&self) -> &[(&'static str, Box<str>)] {
        self.extra.as_ref().map_or(&[], |extra| &extra.carried)
    }

    /// [`Extra::resets`].
    pub fn resets(&self) -> &[Box<str>] {
        self.extra.as_ref().map_or(&[], |extra| &extra.resets)
    }

    /// [`Extra::credentials`].
    pub fn credentials(&self) -> &[Credential] {
        self.extra.as_ref().map_or(&[], |extra| &extra.credentials)
    }

    /// Why this field can't be set at the moment, if it can't.
    pub fn blocked(&self, field: &str) -> Option<&'static str> {
        self.blocked.iter().find(|blocked| blocked.field == field).map(|blocked| blocked.reason)
    }
}

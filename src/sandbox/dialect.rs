//! What a vendor has to answer for the sandbox to play it.

use std::borrow::Cow;

use serde_json::Value;

use super::answer::Reply;
use super::call::Call;
use super::store::Store;
use super::{Clock, Error, Settings};

/// What is true of every box of one vendor.
pub(super) struct Vendor {
    /// The provider's name in the YAML.
    pub(super) name: &'static str,
    /// A new box's state, as in its state file.
    pub(super) seed: &'static str,
    /// The credentials of a served box.
    pub(super) defaults: &'static [(&'static str, &'static str)],
    /// Whether it serves one request at a time.
    pub(super) serial: bool,
    /// Whether calls carry a token from a login; otherwise every call carries its own proof.
    pub(super) sessions: bool,
    /// The part of a path behind the API's version.
    pub(super) endpoint: fn(&str) -> &str,
    /// What the call of this name does.
    pub(super) role: fn(&str) -> Role,
    /// A box with nothing in it.
    pub(super) build: Build,
}

/// Makes a box that has nothing in it yet.
pub(super) type Build = fn(&Settings, Clock) -> Result<Box<dyn Dialect>, Error>;

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Begins a session.
    Login,
    /// Lists records: in this member of the answer's payload, or the payload itself is the list.
    Listing(Option<&'static str>),
    /// Changes the kept state.
    Write,
    /// Anything else: a heartbeat, a call that there isn't.
    Other,
}

/// One box of one vendor. Its methods are plain functions of the state and the call: what goes wrong on the way is not
/// theirs to know.
pub(super) trait Dialect: Send {
    /// Takes other credentials. Nothing changes where they won't do.
    fn accept(&mut self, settings: &Settings) -> Result<(), Error>;

    /// Checks what is the same for every call: method, content type, version, who is calling.
    fn admit(&mut self, call: &Call) -> Result<(), Refusal>;

    /// Carries out a call that was admitted. One that is refused changes nothing.
    fn perform(&mut self, call: &Call) -> Result<Value, Refusal>;

    /// Answers a listing that was admitted with the bytes that it keeps until the next change; `None`: [`Self::perform`]
    /// has to. A million records are too many to make a value of each, each time.
    fn listing(&mut self, _call: &Call) -> Option<Reply> {
        None
    }

    /// Wraps what came of a call in the vendor's envelope.
    fn reply(&self, call: &Call, outcome: Result<Value, Refusal>) -> Reply;

    /// What the paths of its API begin with.
    fn prefixes(&self) -> Vec<String>;

    /// Whether the call reads on in a listing that it has read a part of.
    fn reads_on(&self, _call: &Call) -> bool {
        false
    }

    /// Moves the first record of each listing that has pages to its end: the others move up, one to a page that has been
    /// read already.
    fn shift(&mut self) {}

    /// Treats a right login as a wrong one.
    fn refuse_login(&mut self) -> Refusal;

    /// Ends the session that the call belongs to, as if it had been idle for too long.
    fn expire(&mut self, call: &Call);

    /// The state as it is kept.
    fn state(&self) -> Value;

    /// Writes the state to its file. A fleet of thousands is written after each change, so this takes no detour.
    fn keep(&self, store: &mut Store) -> Result<(), Error>;

    /// Takes a state over; nothing changes where it isn't one.
    ///
    /// # Errors
    /// What is wrong with it, as a fragment.
    fn set_state(&mut self, state: Value) -> Result<(), String>;

    /// Replaces the state by so many made-up objects of the kind that there is most of at this vendor.
    fn populate(&mut self, objects: usize);

    /// What this box let pass that its documents forbid.
    fn remarks(&self) -> &Remarks;
}

/// A vendor's "no": its code, and why for whoever reads the sandbox's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) code: Cow<'static, str>,
    pub(super) reason: Cow<'static, str>,
}

impl Refusal {
    pub(super) fn new(code: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { code: code.into(), reason: reason.into() }
    }
}

/// What a box let pass that its documents forbid or don't know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Remarks {
    /// Deletes of `all` or of several at once.
    pub(super) dangerous_deletes: u32,
    /// Parameters that the call doesn't have, as `endpoint: parameter`, each once.
    pub(super) undocumented: Vec<String>,
}

impl Remarks {
    /// How many undocumented parameters are remembered.
    const MAX_UNDOCUMENTED: usize = 100;

    /// Notes the parameters of a call that aren't among the known ones.
    pub(super) fn note_unknown<'a>(&mut self, endpoint: &str, sent: impl Iterator<Item = &'a String>, known: &[&str]) {
        for name in sent.filter(|name| !known.contains(&name.as_str())) {
            let remark = format!("{endpoint}: {name}");
            if self.undocumented.len() < Self::MAX_UNDOCUMENTED && !self.undocumented.contains(&remark) {
                self.undocumented.push(remark);
            }
        }
    }
}

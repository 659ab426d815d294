//! The vendors: one folder each, all behind the same two traits.
//!
//! Reading and writing are two traits. What `plan`, `drift` and `import` hold is a [`Reader`], which has no method that
//! writes; only `apply` asks for a [`Writer`].

mod gather;
pub mod itniotech;
mod limits;
mod loose;
pub mod moor7;
mod one_id;
pub mod openvox;
mod pbx;
pub mod registry;
mod rows;
#[cfg(any(test, fuzzing))]
pub(crate) mod rows_oracle;
mod shown;
pub mod yeastar;

use async_trait::async_trait;

use crate::http::Failure;
use crate::model::{CallCheck, FieldSet, Kind, LiveObject, ProviderTable, Snapshot, Value};

/// One target's session, for looking only.
#[async_trait]
pub trait Reader: Send + Sync {
    /// What the vendor can do.
    fn table(&self) -> &'static ProviderTable;

    /// Reads every object of these kinds. Logs in first where the vendor has sessions. Reads are repeated within
    /// bounds; a listing that can't be trusted to be whole says so in its [`crate::model::Completeness`].
    ///
    /// # Errors
    /// The target couldn't be read at all.
    async fn snapshot(&self, kinds: &[&'static Kind]) -> Result<Snapshot, Failure>;

    /// Ends the session: logs out if it is logged in. Failures don't matter any more and are only logged.
    async fn close(&self);

    /// How many requests the session has sent so far, log-ins and repetitions included.
    fn requests(&self) -> u32;
}

/// One target's session, for changing things. A call here is sent at most once unless the vendor says that it wasn't
/// carried out (busy, dead token, connection refused); an outcome that nobody knows comes back as
/// [`crate::http::FailureKind::Unknown`] and is the executor's to settle by looking.
#[async_trait]
pub trait Writer: Reader {
    /// Makes an object; gives its remote id where the vendor answers with one.
    async fn create(&self, object: &NewObject<'_>) -> Result<Option<Box<str>>, Failure>;

    /// Changes an object in place.
    async fn update(&self, update: &Update<'_>) -> Result<(), Failure>;

    /// Removes an object.
    async fn delete(&self, kind: &'static Kind, live: &LiveObject) -> Result<(), Failure>;
}

/// One target's session, for placing calls. It rings phones.
#[async_trait]
pub trait Dialer: Reader {
    /// Has one extension call another; gives the call's id where the vendor answers with one. Never repeated: it would ring
    /// twice.
    async fn dial(&self, check: &CallCheck) -> Result<Option<Box<str>>, Failure>;
}

/// An object to make.
#[derive(Clone, Copy, Debug)]
pub struct NewObject<'a> {
    /// Its kind.
    pub kind: &'static Kind,
    /// Its key.
    pub key: &'a str,
    /// One value a field in the order of the kind's table; [`Value::Unset`] isn't sent.
    pub values: &'a [Value],
}

/// A change in place.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a> {
    /// Its kind.
    pub kind: &'static Kind,
    /// The object as it was last seen.
    pub live: &'a LiveObject,
    /// The key that it shall have; differs from `live.key` for a rename.
    pub key: &'a str,
    /// What every field shall be afterwards: the wanted value where one changes, the live one elsewhere.
    /// [`Value::Unset`] and [`Value::NotReadable`] can't be sent.
    pub values: &'a [Value],
    /// The fields that change. A vendor with partial updates sends these and no others.
    pub changed: FieldSet,
}

//! Logging in: Yeastar's API, login.
//!
//! The Cloud PBX's v1.1.0 also gives a `refreshtoken`. It isn't used: a login in the place of a dead token does the same,
//! on every PBX, and is counted and bounded like every other renewal.

use crate::model::Target;
use crate::provider::pbx::{Credentials, Params};

use super::table::{PASSWORD, USERNAME};
use super::version::Version;

/// Who logs in on this target.
pub(super) fn credentials(target: &Target) -> Credentials {
    Credentials::of(target, USERNAME, PASSWORD)
}

/// The parameters of a login.
pub(super) fn login(credentials: &Credentials, version: Version) -> Params {
    credentials.login(version.login())
}

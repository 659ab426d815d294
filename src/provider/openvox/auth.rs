//! Logging in: OpenVox's API, login.

use crate::model::Target;
use crate::provider::pbx::{Credentials, Params};

use super::table::{PASSWORD, USERNAME};

/// The version of the login itself. It stays when `api_version` changes the path.
const LOGIN_VERSION: &str = "0.0.1";

/// Who logs in on this target.
pub(super) fn credentials(target: &Target) -> Credentials {
    Credentials::of(target, USERNAME, PASSWORD)
}

/// The parameters of a login.
pub(super) fn login(credentials: &Credentials) -> Params {
    credentials.login(LOGIN_VERSION)
}

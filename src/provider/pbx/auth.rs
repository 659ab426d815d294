//! Who logs in: the same on every PBX of the family.

use md5::{Digest as _, Md5};

use crate::model::{Secret, Target};

use super::Params;

/// The port that the vendors' samples of a login name. It asks where event reports would be sent to, which sipform
/// doesn't receive; some versions demand it all the same.
pub(in crate::provider) const REPORT_PORT: &str = "8260";

/// Who logs in.
pub(in crate::provider) struct Credentials {
    username: String,
    /// As it goes on the wire; as good as the password, so as secret.
    hashed_password: Secret,
}

impl Credentials {
    /// The target's user and password, by the names of their settings.
    pub(in crate::provider) fn of(target: &Target, username: &str, password: &str) -> Self {
        Self {
            username: target.setting_text(username).to_owned(),
            hashed_password: Secret::new(md5_hex(target.setting_text(password))),
        }
    }

    /// What a login says. `version` is the login's own, which is not always the path's.
    pub(in crate::provider) fn login(&self, version: &str) -> Params {
        Params::default()
            .with("username", self.username.as_str())
            .with("password", self.hashed_password.expose())
            .with("port", REPORT_PORT)
            .with("version", version)
    }
}

/// MD5 in lower-case hex, which is how the password is sent.
pub(in crate::provider) fn md5_hex(text: &str) -> String {
    use std::fmt::Write as _;
    Md5::digest(text).iter().fold(String::with_capacity(32), |mut hex, byte| {
        // Writing to a String can't fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

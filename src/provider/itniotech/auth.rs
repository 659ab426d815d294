//! Signing: ITNIO's authentication, the same for every call.

use std::fmt::Write as _;

use md5::{Digest as _, Md5};

use crate::model::{Secret, Target};

use super::table::{API_KEY, API_SECRET};

/// Who signs.
pub(super) struct Signer {
    pub(super) api_key: String,
    pub(super) api_secret: Secret,
}

impl Signer {
    pub(super) fn of(target: &Target) -> Self {
        Self {
            api_key: target.setting_text(API_KEY).to_owned(),
            api_secret: Secret::new(target.setting_text(API_SECRET)),
        }
    }

    /// The 32 hex digits of MD5(api key + api secret + timestamp in seconds since 1970). Body and address are not signed.
    /// A secret: it opens the account until the timestamp is half an hour old.
    pub(super) fn sign(&self, timestamp: u64) -> Secret {
        let mut md5 = Md5::new();
        md5.update(self.api_key.as_bytes());
        md5.update(self.api_secret.expose().as_bytes());
        md5.update(timestamp.to_string().as_bytes());
        let mut hex = String::with_capacity(32);
        for byte in md5.finalize() {
            // Writing to a String can't fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Secret::new(hex)
    }
}

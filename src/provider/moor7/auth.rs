//! Signing: 7moor's authentication, platform v7.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::http::{Failure, FailureKind, Surroundings};
use crate::model::{Secret, Target};

use super::table::{APP_KEY, SECRET};

/// A nonce has 6 digits.
const NONCES: u32 = 1_000_000;

/// Who signs.
pub(super) struct Signer {
    pub(super) app_key: String,
    pub(super) secret: Secret,
}

/// When a request was signed, and the number that makes it one of its kind. Good for one attempt: the server refuses
/// a clock that is off by more than 5 minutes and remembers nonces as long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Seconds since 1970.
    pub(super) timestamp: u64,
    /// Below a million.
    pub(super) nonce: u32,
}

impl Stamp {
    /// A fresh one. Nonces count up over the whole process, so that a million requests in one second would not share one.
    pub(super) fn fresh(surroundings: &Surroundings) -> Self {
        // The count begins anew at 2^32, where two runs of nonces meet in the same second only after a million.
        Self { timestamp: surroundings.unix_time(), nonce: surroundings.ticket() % NONCES }
    }

    /// The nonce as it goes on the wire.
    pub(super) fn nonce_text(self) -> String {
        format!("{:06}", self.nonce)
    }
}

impl Signer {
    pub(super) fn of(target: &Target) -> Self {
        Self { app_key: target.setting_text(APP_KEY).to_owned(), secret: Secret::new(target.setting_text(SECRET)) }
    }

    /// base64(HMAC-SHA256(secret, appkey + timestamp + nonce)).
    pub(super) fn sign(&self, stamp: Stamp) -> Result<Secret, Failure> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes())
            .map_err(|_| Failure::new(FailureKind::Credentials, "bad_secret", "the secret can't be used as a key"))?;
        mac.update(format!("{}{}{}", self.app_key, stamp.timestamp, stamp.nonce_text()).as_bytes());
        Ok(Secret::new(STANDARD.encode(mac.finalize().into_bytes())))
    }
}

//! Signing: 7moor's authentication, platform v7.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::http::{Failure, FailureKind, random};
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
    /// A fresh one. Nonces count up from a random start, over the whole process, so that a million requests in one
    /// second would not share one; draws at random would collide long before.
    pub(super) fn fresh() -> Self {
        static NEXT: OnceLock<AtomicU32> = OnceLock::new();
        let start = || AtomicU32::new(u32::try_from(random() % u64::from(NONCES)).unwrap_or(0));
        // The counter wraps round at 2^32, where two runs of nonces meet in the same second only after a million.
        let nonce = NEXT.get_or_init(start).fetch_add(1, Ordering::Relaxed) % NONCES;
        let timestamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self { timestamp, nonce }
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

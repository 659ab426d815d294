//! Who is calling: the signed headers, the clock, and signatures seen before.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::code;
use crate::sandbox::Clock;
use crate::sandbox::call::Call;
use crate::sandbox::dialect::Refusal;

/// How far the caller's clock may be off, and how long a signature is remembered, in seconds.
const WINDOW: i64 = 5 * 60;

/// Lets signed calls in, each signature once.
pub(super) struct Gate {
    app_key: String,
    secret: String,
    clock: Clock,
    /// When each signature and nonce came, in seconds since 1970.
    seen: HashMap<(String, String), i64>,
}

impl Gate {
    pub(super) fn new(clock: Clock) -> Self {
        Self { app_key: String::new(), secret: String::new(), clock, seen: HashMap::new() }
    }

    pub(super) fn accept(&mut self, app_key: String, secret: String) {
        self.app_key = app_key;
        self.secret = secret;
    }

    /// The account's key, which is no secret.
    pub(super) fn app_key(&self) -> &str {
        &self.app_key
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Checks `m7-appkey`, `m7-timestamp`, `m7-nonce` and `m7-sign`.
    pub(super) fn check(&mut self, call: &Call) -> Result<(), Refusal> {
        let header = |name| call.header(name).unwrap_or_default();
        let (timestamp, nonce, sign) = (header("m7-timestamp"), header("m7-nonce"), header("m7-sign"));
        if header("m7-appkey") != self.app_key {
            return Err(refuse("appKeyUnknown"));
        }
        if !is_digits(timestamp, 10)
            || timestamp.parse::<i64>().is_ok_and(|then| self.now().abs_diff(then) > WINDOW.unsigned_abs())
        {
            return Err(refuse("timestampInvalid"));
        }
        if !is_digits(nonce, 6) {
            return Err(refuse("nonceInvalid"));
        }
        if signature(&self.app_key, &self.secret, timestamp, nonce).as_deref() != Some(sign) {
            return Err(refuse("signatureInvalid"));
        }
        self.remember(sign, nonce)
    }

    fn remember(&mut self, sign: &str, nonce: &str) -> Result<(), Refusal> {
        let now = self.now();
        let is_recent = |then: &i64| now.saturating_sub(*then) <= WINDOW;
        let key = (sign.to_owned(), nonce.to_owned());
        if self.seen.get(&key).is_some_and(is_recent) {
            return Err(refuse("nonceReused"));
        }
        // Growing twofold before each clean-up keeps the cost of a call the same on average.
        if self.seen.len() == self.seen.capacity() {
            self.seen.retain(|_, then| is_recent(then));
        }
        self.seen.insert(key, now);
        Ok(())
    }
}

/// `base64(HMAC-SHA256(secret, app key + timestamp + nonce))`.
pub(in crate::sandbox) fn signature(app_key: &str, secret: &str, timestamp: &str, nonce: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).ok()?;
    for part in [app_key, timestamp, nonce] {
        mac.update(part.as_bytes());
    }
    Some(STANDARD.encode(mac.finalize().into_bytes()))
}

fn is_digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn refuse(reason: &'static str) -> Refusal {
    Refusal::new(code::UNAUTHORIZED, reason)
}

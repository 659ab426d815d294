//! Who is calling: the signed headers and the clock.

use super::status;
use crate::sandbox::Clock;
use crate::sandbox::call::Call;
use crate::sandbox::dialect::Refusal;
use crate::sandbox::hash::md5_hex;

/// How far the caller's clock may be off, in seconds.
const WINDOW: u64 = 30 * 60;

/// Lets signed calls in.
pub(super) struct Gate {
    api_key: String,
    api_secret: String,
    clock: Clock,
}

impl Gate {
    pub(super) fn new(clock: Clock) -> Self {
        Self { api_key: String::new(), api_secret: String::new(), clock }
    }

    pub(super) fn accept(&mut self, api_key: String, api_secret: String) {
        self.api_key = api_key;
        self.api_secret = api_secret;
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Checks `Api-Key`, `Timestamp` and `Sign`. Body and path aren't signed.
    pub(super) fn check(&self, call: &Call) -> Result<(), Refusal> {
        let header = |name| call.header(name).unwrap_or_default();
        let timestamp = header("timestamp");
        let signed = signature(&self.api_key, &self.api_secret, timestamp);
        if header("api-key") != self.api_key || header("sign") != signed {
            return Err(Refusal::new(status::AUTHENTICATION, "account authentication failed"));
        }
        let is_seconds = timestamp.len() == 10 && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let then = timestamp.parse::<i64>().ok().filter(|_| is_seconds);
        if then.is_some_and(|then| self.now().abs_diff(then) <= WINDOW) {
            return Ok(());
        }
        Err(Refusal::new(status::TIMESTAMP, "the timestamp has expired"))
    }
}

/// The MD5 of API key, secret and timestamp in a row, in 32 small hex digits.
pub(in crate::sandbox) fn signature(api_key: &str, api_secret: &str, timestamp: &str) -> String {
    md5_hex(&format!("{api_key}{api_secret}{timestamp}"))
}

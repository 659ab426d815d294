//! One PBX or account: where it is, how to get in, what it may be asked.

use core::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Glob, KindSupport, ProviderTable, Source, Value};

/// A target with every setting resolved.
#[derive(Clone, Debug)]
pub struct Target {
    /// The name in the YAML.
    pub name: Arc<str>,
    /// What the vendor can do.
    pub provider: &'static ProviderTable,
    /// `http://` or `https://`, without user, query and trailing slash.
    pub url: String,
    /// The provider's own settings in the order of [`ProviderTable::settings`]: credentials, `api_version`.
    pub settings: Box<[Value]>,
    /// How much it may be asked at once.
    pub limits: Limits,
    /// What becomes of live objects that the YAML doesn't list.
    pub prune: Prune,
    /// Objects never touched, as patterns over `kind/key`.
    pub ignore: Vec<Glob>,
    /// How its certificate is verified.
    pub tls: Tls,
    /// Where it stands in the YAML.
    pub source: Source,
}

impl Target {
    /// A setting of the provider's by its name; [`Value::Unset`] where the table has none of this name.
    pub fn setting(&self, name: &str) -> &Value {
        let index = self.provider.settings.iter().position(|setting| setting.name == name);
        index.and_then(|index| self.settings.get(index)).unwrap_or(&Value::Unset)
    }

    /// A setting's text, secret or not; empty where it is unset.
    pub fn setting_text(&self, name: &str) -> &str {
        match self.setting(name) {
            Value::Text(text) => text,
            Value::Secret(secret) => secret.expose(),
            _ => "",
        }
    }

    /// Whether the vendor refuses a second object with the same key here.
    pub fn refuses_duplicates(&self, support: &KindSupport) -> bool {
        let may_double = support.may_double_with.is_some_and(|(setting, value)| self.setting_text(setting) == value);
        support.refuses_duplicates && !may_double
    }

    /// Whether this object is on the target's `ignore` list.
    pub fn ignores(&self, kind: &str, key: &str) -> bool {
        !self.ignore.is_empty() && {
            let path = format!("{kind}/{key}");
            self.ignore.iter().any(|glob| glob.matches(&path))
        }
    }
}

/// How much a target may be asked: calls in flight, calls a second, how long one may take, how large an answer may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Calls in flight, 1 or more.
    pub concurrency: u32,
    /// Calls a second, sustained; a burst of 10 is allowed. `None`: no limit.
    pub requests_per_second: Option<f64>,
    /// From sending a request to the last byte of its answer.
    pub timeout: Duration,
    /// The largest answer, in bytes.
    pub max_body: usize,
}

/// The largest answer unless `limits.max_body` says otherwise: 64 MiB.
pub const DEFAULT_MAX_BODY: usize = 64 << 20;

/// What becomes of live objects that the YAML doesn't list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Prune {
    /// They stay.
    None,
    /// Those that sipform made or adopted go; needs the ledger.
    #[default]
    Claimed,
    /// All go, of each kind for which an entry names the target.
    Exclusive,
}

/// The spellings of [`Prune`] in the YAML.
pub const PRUNE_CHOICES: &[&str] = &["none", "claimed", "exclusive"];

impl Prune {
    /// Reads a spelling.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "none" => Some(Self::None),
            "claimed" => Some(Self::Claimed),
            "exclusive" => Some(Self::Exclusive),
            _ => None,
        }
    }

    /// The spelling in the YAML.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Claimed => "claimed",
            Self::Exclusive => "exclusive",
        }
    }
}

/// Whether a URL's host is this machine itself: what is sent there crosses no network.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// How a target's certificate is verified.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Tls {
    /// PEM file, an absolute path or one relative to the working folder: a certificate equal to one in it is accepted as
    /// pinned, else the chain is verified against it.
    pub ca_file: Option<PathBuf>,
    /// SHA-256 of the server's DER certificate.
    pub pin_sha256: Option<[u8; 32]>,
    /// `tls: { insecure_skip_verify: true }`: anything is accepted. Loud, and per target.
    pub insecure_skip_verify: bool,
}

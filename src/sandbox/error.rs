//! Why a sandbox can't be started.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a sandbox can't be opened, kept or served. No message holds a secret.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No vendor of this name.
    #[error("the sandbox knows no provider `{name}`; it plays {known}")]
    UnknownProvider {
        /// What was asked for.
        name: String,
        /// What there is.
        known: String,
    },
    /// A box plays one vendor for good.
    #[error("the sandbox's target `{target}` is a {is} box and can't be opened as {asked}")]
    OtherProvider {
        /// The target.
        target: String,
        /// What the box is, or what its state file says that it is.
        is: String,
        /// What was asked for.
        asked: &'static str,
    },
    /// A credential that the box needs.
    #[error("a {provider} box in the sandbox needs the setting `{name}`, and it is missing or empty")]
    MissingSetting {
        /// The vendor.
        provider: &'static str,
        /// The setting.
        name: &'static str,
    },
    /// A setting that the box can't work with.
    #[error("a {provider} box in the sandbox can't take this `{name}`: expected {expected}")]
    BadSetting {
        /// The vendor.
        provider: &'static str,
        /// The setting.
        name: &'static str,
        /// What would do.
        expected: &'static str,
    },
    /// A state, from a file or a test, that isn't one.
    #[error("{place} is no state of a sandbox box: {reason}; mend it, or start over with `sipform sandbox reset`")]
    BadState {
        /// Which file, or "the edited state".
        place: String,
        /// What was found.
        reason: String,
    },
    /// A file that can't be read, written or removed.
    #[error("can't {action} {}: {source}", path.display())]
    File {
        /// "read", "write", "remove".
        action: &'static str,
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// An address that others could reach.
    #[error("{0} can be reached from outside, and a sandbox has no secrets worth the name; listen on 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// Two boxes that can't share an address.
    #[error("{one} and {other} would both be served under {prefix}; serve one of them alone with --provider")]
    SamePaths {
        /// One vendor.
        one: &'static str,
        /// Another.
        other: &'static str,
        /// What the paths of both begin with.
        prefix: String,
    },
    /// An address that can't be listened on, or a server that broke.
    #[error("can't serve the sandbox on {address}: {source}")]
    Serve {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

//! A SIP trunk's parameters: which type has which, what they may hold, and the `errno` that says they don't.

use std::fmt;

use super::errno;
use crate::sandbox::dialect::Refusal;

/// One parameter, as it is spelled on the wire.
pub(super) struct Parameter {
    pub(super) name: &'static str,
    register: Need,
    peer: Need,
    account: Need,
    /// The `errno` for a value that won't do.
    pub(super) invalid: &'static str,
    is_valid: fn(&str) -> bool,
}

/// Whether a type of trunk has a parameter.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
    None,
}

use Need::{None as Not, Optional, Required};

/// The types of trunk.
pub(super) const TYPES: [&str; 3] = ["register", "peer", "account"];

/// What is a vendor's own about trunks.
#[derive(Clone, Copy)]
pub(in crate::sandbox) struct Rules {
    /// Every parameter of a trunk but its id.
    pub(super) parameters: &'static [Parameter],
    /// Whether the box adds what it computes: `tech`, and `domain` from the host.
    pub(super) computes: bool,
}

/// Yeastar's, in every version.
pub(in crate::sandbox) const YEASTAR: Rules = Rules { parameters: YEASTAR_PARAMETERS, computes: false };

/// OpenVox's: no DOD, and nobody has to give a domain.
pub(in crate::sandbox) const OPENVOX: Rules = Rules { parameters: OPENVOX_PARAMETERS, computes: true };

static YEASTAR_PARAMETERS: &[Parameter] = &[
    NAME,
    TYPE,
    HOST,
    PORT,
    row("domain", [Required, Required, Not], INVALID_DOMAIN, is_host),
    USERNAME,
    AUTHNAME,
    FROM_USER,
    PASSWORD,
    row("extensionsdod", [Optional, Optional, Optional], errno::DOD_FORMAT, is_anything),
    row("extensionsgroupdod", [Optional, Optional, Optional], errno::DOD_FORMAT, is_anything),
];

static OPENVOX_PARAMETERS: &[Parameter] = &[
    NAME,
    TYPE,
    HOST,
    PORT,
    row("domain", [Optional, Optional, Not], INVALID_DOMAIN, is_host),
    USERNAME,
    AUTHNAME,
    FROM_USER,
    PASSWORD,
];

const NAME: Parameter = row("trunkname", [Required, Required, Required], "10042", is_name);
const TYPE: Parameter = row("trunktype", [Required, Required, Required], errno::TYPE, is_type);
const HOST: Parameter = row("host", [Required, Required, Not], "10045", is_host);
const PORT: Parameter = row("port", [Required, Required, Not], "10046", is_port);
const USERNAME: Parameter = row("username", [Required, Not, Required], "10048", is_credential);
const AUTHNAME: Parameter = row("authname", [Required, Not, Required], "10050", is_credential);
const FROM_USER: Parameter = row("fromuser", [Optional, Not, Not], "10051", is_from);
const PASSWORD: Parameter = row("password", [Required, Not, Required], "10052", is_credential);

/// The `errno` for a domain that won't do.
const INVALID_DOMAIN: &str = "10047";

/// Not in a trunk's name.
const NOT_IN_NAME: &str = "!$()/#;,[]\\\"=<>&'`^%@{}|";
/// Not in user names and passwords, nor is a space.
const NOT_IN_CREDENTIAL: &str = ";&\"'\\<>`|";
/// Not in the user part of the From header, nor is a space.
const NOT_IN_FROM: &str = ":!$()/#;,[]\\\"=<>&'`^%@{}|";

const fn row(name: &'static str, needs: [Need; 3], invalid: &'static str, is_valid: fn(&str) -> bool) -> Parameter {
    let [register, peer, account] = needs;
    Parameter { name, register, peer, account, invalid, is_valid }
}

impl Rules {
    /// The names of the parameters that trunks of this type have.
    pub(super) fn parameters_of(self, trunktype: &str) -> impl Iterator<Item = &'static str> {
        let own = self.parameters.iter().filter(move |parameter| parameter.need(trunktype) != Not);
        own.map(|parameter| parameter.name)
    }
}

impl Default for Rules {
    fn default() -> Self {
        YEASTAR
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").field("computes", &self.computes).finish_non_exhaustive()
    }
}

impl Parameter {
    /// Whether trunks of this type need the parameter.
    pub(super) fn need(&self, trunktype: &str) -> Need {
        match trunktype {
            "register" => self.register,
            "peer" => self.peer,
            _ => self.account,
        }
    }

    /// Checks a value on its own.
    pub(super) fn check(&self, value: &str, need: Need) -> Result<(), Refusal> {
        if value.trim().is_empty() && need == Required {
            return Err(super::blank(self.name));
        }
        if value.is_empty() || (self.is_valid)(value) {
            return Ok(());
        }
        Err(self.refuse())
    }

    pub(super) fn refuse(&self) -> Refusal {
        Refusal::new(self.invalid, format!("`{}` won't do", self.name))
    }
}

/// A comma or the name `all` would make a call name other trunks.
fn is_name(text: &str) -> bool {
    !text.contains(|c| NOT_IN_NAME.contains(c)) && !text.eq_ignore_ascii_case("all")
}

fn is_type(text: &str) -> bool {
    TYPES.contains(&text)
}

fn is_host(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || ".-:_[]".contains(c))
}

fn is_port(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    digits && text.parse::<u16>().is_ok_and(|port| port > 0)
}

fn is_credential(text: &str) -> bool {
    !text.contains(|c| c == ' ' || NOT_IN_CREDENTIAL.contains(c))
}

fn is_from(text: &str) -> bool {
    !text.contains(|c| c == ' ' || NOT_IN_FROM.contains(c))
}

/// What has checks of its own.
fn is_anything(_: &str) -> bool {
    true
}

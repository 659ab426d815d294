//! The PBXs' error numbers, in words, and what each means for the call.
//!
//! The numbers from 10042 to 10062 are published for Yeastar's Cloud PBX v2; the S-Series is taken to share them, and so
//! are the older API v1.1.0 and OpenVox, which publish none of their own.

use crate::http::{Failure, FailureKind};

use FailureKind::{Busy, Credentials, Exists, Full, Locked, Missing, OnceMore, Refused, Token, Unsupported};

/// One row: number, kind, the field it is about, words.
type Row = (&'static str, FailureKind, Option<&'static str>, &'static str);

const NO_SESSION: &str = "the PBX doesn't know the session any more";
const NOT_UP: &str = "the PBX's API server is not up";

pub(in crate::provider) static ERRNO: &[Row] = &[
    ("10003", Unsupported, None, "the PBX doesn't know this API call"),
    ("10004", Refused, None, "the PBX misses a required parameter"),
    ("10025", Busy, None, "the PBX says that changes come too often"),
    ("10042", Refused, Some("name"), "the PBX calls the trunk's name invalid"),
    ("10043", Exists, Some("name"), "a trunk of this name exists already"),
    ("10044", Refused, Some("type"), "the PBX calls the trunk's type invalid"),
    ("10045", Refused, Some("host"), "the PBX calls the host invalid"),
    ("10046", Refused, Some("port"), "the PBX calls the port invalid"),
    ("10047", Refused, Some("domain"), "the PBX calls the domain invalid"),
    ("10048", Refused, Some("username"), "the PBX calls the username invalid"),
    ("10049", Exists, Some("username"), "a trunk with this username exists already"),
    ("10050", Refused, Some("auth_name"), "the PBX calls the auth_name invalid"),
    ("10051", Refused, Some("from_user"), "the PBX calls the from_user invalid"),
    ("10052", Refused, Some("password"), "the PBX calls the password invalid"),
    ("10053", Refused, Some("dod"), "an extension of the DOD doesn't exist"),
    ("10054", Refused, Some("dod"), "an extension group of the DOD doesn't exist"),
    ("10055", Refused, Some("dod"), "the PBX calls a DOD number invalid"),
    ("10056", Refused, Some("dod"), "the PBX calls the length of a DOD number invalid"),
    ("10057", Refused, Some("dod"), "the PBX calls a DOD name invalid"),
    ("10058", Refused, Some("dod"), "the PBX calls the length of a DOD name invalid"),
    ("10059", Refused, Some("dod"), "the PBX calls the format of a DOD invalid"),
    ("10060", Full, None, "the PBX has as many trunks as it can hold"),
    ("10061", OnceMore, None, "the PBX failed to delete the trunk"),
    ("10062", Missing, None, "the trunk doesn't exist"),
    ("20000", Refused, None, "the PBX didn't take the request for JSON"),
    ("20001", Refused, None, "the PBX didn't take the request for a POST"),
    ("20002", Locked, None, "the PBX has locked this machine's address after failed log-ins"),
    ("20003", Credentials, None, "the PBX refuses the API user or its password"),
    ("20004", Token, None, NO_SESSION),
    ("20005", Token, None, NO_SESSION),
    ("20006", Token, None, NO_SESSION),
    ("20010", Busy, None, NOT_UP),
    ("20015", Locked, None, "the PBX doesn't let this machine's address use its API"),
    ("30003", Busy, None, NOT_UP),
];

/// The failure that a number stands for.
pub(in crate::provider) fn failure(errno: &str) -> Failure {
    let Some((number, kind, field, words)) = ERRNO.iter().find(|row| row.0 == errno) else {
        return unlisted(errno);
    };
    let mut failure = Failure::new(*kind, *number, format!("{words} (errno {number})"));
    failure.field = *field;
    failure.hint = hint(number).map(Into::into);
    failure
}

/// A number that the vendor's documentation doesn't have: still a refusal, the PBX says so.
fn unlisted(errno: &str) -> Failure {
    if errno.is_empty() {
        return Failure::new(Refused, "no_errno", "the PBX refuses and gives no errno");
    }
    // Anything but a short number could hold what we sent.
    if errno.len() > 10 || !errno.bytes().all(|byte| byte.is_ascii_digit()) {
        return Failure::new(Refused, "bad_errno", "the PBX refuses with an errno that is no number");
    }
    Failure::new(Refused, errno, format!("the PBX refuses with errno {errno}, which its documentation doesn't list"))
}

fn hint(errno: &str) -> Option<&'static str> {
    Some(match errno {
        "10003" => "it may speak another version: check api_version, and the PBX's firmware",
        "10043" | "10049" => "somebody else made it: plan again",
        "10060" => "delete trunks that are not needed, or get a larger PBX",
        "20002" => "it opens again after 10 minutes; check username and password first",
        "20003" => "check username and password; five refusals lock this machine out for 10 minutes",
        "20015" => "add this machine's address on the PBX's API page",
        _ => return None,
    })
}

/// The failure that a number stands for in answer to a login. The vendor's own samples of a failed login show 30003
/// where its table says 20003: "not up" in answer to a login is a wrong password. `failed` has the words for the others.
pub(in crate::provider) fn login_failure(errno: &str, failed: impl FnOnce(&str) -> Failure) -> Failure {
    match errno {
        "20010" | "30003" => {
            let refused = failure("20003");
            Failure { code: errno.into(), message: refused.message.replace("20003", errno), ..refused }
        }
        // A number that means "again" elsewhere, or is about a trunk: a refused login is never repeated, and says nothing
        // about what the call would have come to.
        _ => match failed(errno) {
            other if matches!(other.kind, Busy | Token | OnceMore | Missing | Exists | Full) => {
                Failure { kind: Refused, ..other }
            }
            other => other,
        },
    }
}

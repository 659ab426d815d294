//! The platform's status codes, in words, and what each means for the call.

use crate::http::{Class, Failure, FailureKind};

use FailureKind::{Busy, Credentials, Exists, Full, Locked, Missing, OnceMore, Refused, Unknown};

/// One row: code, kind, the field it is about, words.
type Row = (&'static str, FailureKind, Option<&'static str>, &'static str);

pub(super) static STATUS: &[Row] = &[
    ("-1", Credentials, None, "the platform refuses the API key or its signature"),
    ("-2", Locked, None, "the platform doesn't let this machine's address use its API"),
    ("-10", Refused, None, "the account's balance doesn't suffice"),
    ("-13", Locked, None, "the account is locked"),
    ("-15", Busy, None, "the platform says that calls come too often"),
    ("-16", Refused, None, "the platform calls the request's timestamp expired"),
    ("-18", Unknown, None, "the platform had an error of its own"),
    ("-20", Exists, None, "there is one of this name already"),
    ("-21", Refused, None, "the platform refuses a parameter"),
    ("-22", Refused, None, "the platform refuses a parameter"),
    ("-23", Full, None, "the platform's limit on how many there may be is reached"),
    ("-24", Missing, None, "the platform doesn't know what the request is about"),
    ("-29", Refused, None, "the platform has disabled what the request is about"),
    ("-30", Refused, None, "the platform has disabled what the request is about"),
    ("-31", Locked, None, "the platform doesn't let this machine's address use its API"),
    ("-44", Refused, Some("direction"), "the platform calls the trunk's type invalid"),
    ("-45", Refused, Some("name"), "the platform calls the trunk's name invalid"),
    ("-47", Exists, Some("name"), "a trunk of this name exists already"),
    ("-48", Refused, Some("groups"), "the trunk needs a seat group"),
    ("-49", Refused, Some("gateway_ip"), "the platform misses the gateway's address, or calls it invalid"),
    ("-50", Refused, Some("gateway_ip"), "the platform misses the gateway's address, or calls it invalid"),
    ("-51", Refused, Some("groups"), "a seat group is named twice"),
    ("-52", Refused, Some("groups"), "a seat group is bound to another trunk already"),
    // After a lost answer to a create, the trunk that has the gateway may be our own: the executor looks.
    ("-53", Exists, Some("gateway_ip"), "another trunk has this gateway already"),
    ("-54", Refused, Some("allowed_ip"), "the platform misses the allowed address, or calls it invalid"),
    ("-55", Refused, Some("allowed_ip"), "the platform misses the allowed address, or calls it invalid"),
    ("-56", Refused, None, "the platform misses the trunk's keyId"),
    ("-57", Refused, Some("groups"), "the platform misses a seat group's number, or calls it invalid"),
    ("-58", Refused, Some("groups"), "the platform misses a seat group's number, or calls it invalid"),
];

/// The failure that a status stands for. `reason` is the platform's own text, already harmless.
pub(super) fn failure(class: Class, status: &str, reason: &str) -> Failure {
    let said = if reason.is_empty() { String::new() } else { format!(": {reason:?}") };
    let Some((code, kind, field, words)) = STATUS.iter().find(|row| row.0 == status) else {
        return unlisted(status, &said);
    };
    let mut failure = Failure::new(of_class(*kind, class), *code, format!("{words} (status {code}){said}"));
    failure.field = *field;
    failure.hint = hint(code).map(Into::into);
    failure
}

/// An error of the platform's own leaves open what became of the call. A read is repeated, and so is, once, a write that
/// does no more when it comes twice; what became of a create has to be looked up.
fn of_class(kind: FailureKind, class: Class) -> FailureKind {
    match (kind, class) {
        (Unknown, Class::IdempotentWrite | Class::Delete) => OnceMore,
        _ => kind,
    }
}

/// A status that the vendor's documentation doesn't have: still a refusal, the platform says so.
fn unlisted(status: &str, said: &str) -> Failure {
    let digits = status.strip_prefix('-').unwrap_or(status);
    // Anything but a short number could hold what we sent.
    if digits.is_empty() || digits.len() > 6 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Failure::new(
            Refused,
            "bad_status",
            format!("the platform refuses with a status that is no number{said}"),
        );
    }
    let message = format!("the platform refuses with status {status}, which its documentation doesn't list{said}");
    Failure::new(Refused, status, message)
}

fn hint(status: &str) -> Option<&'static str> {
    Some(match status {
        "-1" => "check api_key and api_secret, and that the target's url and prefix are those of the account",
        "-2" | "-31" => "allow this machine's address on the account's API page",
        "-10" => "top the account up in the vendor's console",
        "-13" => "ask the vendor to unlock it; nothing more is sent meanwhile",
        "-16" => "fix this machine's clock: it may be off by half an hour at most",
        "-20" | "-47" | "-53" => "somebody else made it: plan again",
        "-23" => "remove what isn't needed in the vendor's console, or ask the vendor for more",
        "-29" | "-30" => "enable it in the vendor's console, or ask the vendor why it is disabled",
        "-52" => "name another group, or take this one off the other trunk first",
        _ => return None,
    })
}

//! A call from one extension to another. It rings phones.

use crate::http::{Failure, FailureKind, neutral};
use crate::model::CallCheck;
use crate::provider::loose::{Loose, Record};

use super::Params;

/// The parameters of `extension/dial_extension`.
pub(super) fn call_params(check: &CallCheck) -> Params {
    let auto_answer = if check.auto_answer { "yes" } else { "no" };
    Params::default()
        .with("caller", check.caller.as_ref())
        .with("callee", check.callee.as_ref())
        .with("autoanswer", auto_answer)
}

/// The call's id, where the PBX answers with one.
pub(super) fn call_id(answer: &Record) -> Option<Box<str>> {
    let id = Loose::member(answer, "callid");
    id.text().filter(|id| !id.is_empty()).map(|id| neutral(id, &[]).into())
}

/// The failure that a number stands for in answer to a call.
pub(super) fn call_failure(number: &str, check: &CallCheck, failed: impl FnOnce(&str) -> Failure) -> Failure {
    let [from, to] = [&check.caller, &check.callee].map(|extension| neutral(extension, &[]));
    let (words, hint) = match number {
        "10004" => ("the PBX misses the caller or the callee".into(), "write both extensions' numbers"),
        "10006" => (
            format!("the PBX has no extension {from}, or none {to}"),
            "check both numbers on the PBX's extensions page",
        ),
        "10008" => (
            format!("extension {from} or {to} can't take a call now: it is busy, or its phone isn't registered"),
            "try again when both phones are idle",
        ),
        _ => return failed(number),
    };
    Failure::new(FailureKind::Refused, number, format!("{words} (errno {number})")).hint(hint)
}

/// A call is never repeated where the PBX has heard of it: what means "again" elsewhere is final here. A dead token and
/// a request that never left did surely not ring a phone.
pub(super) fn once(failure: Failure) -> Failure {
    match failure.kind {
        FailureKind::Busy | FailureKind::OnceMore => Failure { kind: FailureKind::Refused, ..failure },
        _ => failure,
    }
}

//! Answers: Yeastar's APIs v2.0.0 and v1.1.0. Pure.

use crate::http::Failure;
use crate::model::KindSupport;
use crate::provider::pbx::{self, Reading};

use super::version::Version;

/// How this version's records of trunks are read.
pub(super) fn reading(version: Version, support: &'static KindSupport) -> Reading {
    Reading { support, computed: &[], replaces: version.replaces() }
}

/// The failure that an error number stands for.
pub(super) fn failure(version: Version, number: &str) -> Failure {
    let failure = pbx::failure(number);
    if number == "10003" { failure.hint(version.hint()) } else { failure }
}

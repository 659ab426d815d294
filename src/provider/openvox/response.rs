//! Answers, from bytes to one record whatever the format: OpenVox's API v0.0.1. Pure.

use bytes::Bytes;
use http::Response;

use crate::http::{Class, Failure, no_envelope};
use crate::model::KindSupport;
use crate::provider::loose::Record;
use crate::provider::pbx::{self, Reading};

use super::wire::{self, Format};
use super::xml;

/// The words for what a PBX answers in XML.
const EXPECTED: &str = "the PBX's XML answer";

/// Reads an answer: an object, or an element `xml`, with a status.
pub(super) fn decode(format: Format, class: Class, response: &Response<Bytes>) -> Result<Record, Failure> {
    match format {
        Format::Json => pbx::json(class, response),
        Format::Xml => from_xml(class, response),
    }
}

fn from_xml(class: Class, response: &Response<Bytes>) -> Result<Record, Failure> {
    let answer = xml::read(response.body());
    let answer = answer.and_then(|it| if pbx::has_status(&it) { Ok(it) } else { Err("it has no status") });
    answer.map_err(|reason| {
        let mut failure = no_envelope(class, response, EXPECTED);
        if response.status().is_success() {
            failure.code = "not_xml".into();
            failure.message = format!("{} ({reason})", failure.message);
        }
        failure
    })
}

/// How the records of trunks are read.
pub(super) fn reading(support: &'static KindSupport) -> Reading {
    Reading { support, computed: wire::COMPUTED, replaces: support.full_replacement }
}

/// The failure that an error number stands for. The vendor publishes no table: its codes are taken to be the family's.
pub(super) fn failure(version: &str, number: &str) -> Failure {
    let failure = pbx::failure(number);
    if number == "10003" {
        let hint = format!("this PBX doesn't speak {version}; set api_version to the one that it speaks");
        return failure.hint(hint);
    }
    failure
}

//! An OpenVox UC Series IPPBX.
//!
//! Yeastar's v1.1.0 under other paths and with one thing more: each call says by `type=json` or `type=xml` what its body
//! is and what its answer shall be. There is no list of trunks without their settings, no DOD, and no logout.

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::answer::Reply;
use super::call::{Call, Payload};
use super::dialect::{Role, Vendor};
use super::pbx::{self, Api, Make, named, parameters};
use super::{Error, Settings, xml};

pub(super) static VENDOR: Vendor = Vendor {
    name: MAKE.provider,
    seed: include_str!("../../../examples/sandbox/openvox.json"),
    defaults: &[("username", "api"), ("password", "sandbox"), ("api_version", VERSION), ("format", "json")],
    serial: true,
    sessions: true,
    endpoint: pbx::endpoint,
    role: named::role,
    build: |settings, _clock| pbx::build(&MAKE, settings),
};

static MAKE: Make = Make { provider: "openvox", rules: parameters::OPENVOX, role: named::role, choose, versions: &[] };

static API: Api = Api {
    login_version: "0.0.1",
    login_needs_port: true,
    knows,
    body_fits,
    answers_call_id: false,
    perform: named::perform,
    reply,
};

/// What the paths have unless the setting `api_version` says otherwise: the vendor's own page shows another in one place.
const VERSION: &str = "v0.0.1";

const JSON_HEADERS: &[(&str, &str)] = &[
    ("content-type", "application/json; charset=utf-8"),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, POST, OPTIONS, PUT, DELETE"),
];

const XML_HEADERS: &[(&str, &str)] = &[
    ("content-type", "application/xml; charset=utf-8"),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, POST, OPTIONS, PUT, DELETE"),
];

/// The box speaks JSON and XML whatever the client's `format` is; only what is neither is refused.
fn choose(settings: &Settings) -> Result<(&'static Api, String), Error> {
    let bad = |name, expected| Error::BadSetting { provider: MAKE.provider, name, expected };
    if settings.get("format").is_some_and(|format| !["json", "xml"].contains(&format)) {
        return Err(bad("format", "json or xml"));
    }
    let version = settings.get("api_version").unwrap_or(VERSION);
    if version.contains(|c: char| !c.is_ascii_alphanumeric() && !".-_".contains(c)) {
        return Err(bad("api_version", "a version as in the path, like v0.0.1"));
    }
    Ok((&API, version.to_owned()))
}

/// Whether there is such a call.
fn knows(endpoint: &str) -> bool {
    endpoint == "heartbeat" || (named::role(endpoint) != Role::Other && endpoint != "trunklist/query")
}

/// Whether content type and body are what the call's `type` says.
fn body_fits(call: &Call) -> bool {
    match (call.parameter("type"), &call.payload) {
        (Some("json"), Payload::Json(body)) => body.is_object() && call.says_json(true),
        (Some("xml"), Payload::Xml(_)) => call.says_xml(),
        _ => false,
    }
}

/// In the format that was asked for; JSON where none was.
fn reply(call: &Call, envelope: &Value) -> Reply {
    match call.parameter("type") {
        Some("xml") => Reply::xml(xml::write(envelope), XML_HEADERS),
        _ => Reply::json(envelope, JSON_HEADERS),
    }
}

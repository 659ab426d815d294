//! A Yeastar PBX: S-Series, S1000, K2, Cloud PBX.
//!
//! JSON only, as `application/json; charset=utf-8`. A box speaks the version of its setting `api_version` and answers
//! 10003 to the other one.
//!
//! | file | what is in it |
//! |---|---|
//! | `v2` | the endpoints of v2.0.0, whose bodies name a trunk by id |
//! | `v1` | the endpoints of v1.1.0, whose bodies name a trunk by name |

#[cfg(test)]
mod tests;
mod v1;
mod v2;

use serde_json::{Value, json};

use super::answer::Reply;
use super::call::{Call, Payload};
use super::dialect::{Role, Vendor};
use super::pbx::{self, Api, Make, named, parameters};
use super::{Error, Settings};

pub(super) static VENDOR: Vendor = Vendor {
    name: MAKE.provider,
    seed: include_str!("../../../examples/sandbox/yeastar.json"),
    defaults: &[("username", "api"), ("password", "sandbox"), ("api_version", v2::VERSION)],
    serial: true,
    sessions: true,
    endpoint: pbx::endpoint,
    role,
    build: |settings, _clock| pbx::build(&MAKE, settings),
};

static MAKE: Make =
    Make { provider: "yeastar", rules: parameters::YEASTAR, role, choose, versions: &[v2::VERSION, v1::VERSION] };

/// What the box's web server puts on every answer.
const HEADERS: &[(&str, &str)] = &[
    ("content-type", "application/json"),
    ("server", "Boa/0.94.14rc21"),
    ("connection", "close"),
    ("access-control-allow-origin", "*"),
    ("access-control-allow-methods", "GET, POST, OPTIONS, PUT, DELETE"),
];

fn choose(settings: &Settings) -> Result<(&'static Api, String), Error> {
    let version = settings.get("api_version").unwrap_or(v2::VERSION);
    let api = match version {
        v2::VERSION => &v2::API,
        v1::VERSION => &v1::API,
        _ => {
            let (provider, name) = (MAKE.provider, "api_version");
            return Err(Error::BadSetting { provider, name, expected: "v2.0.0 or v1.1.0" });
        }
    };
    Ok((api, version.to_owned()))
}

/// No name means different things in the two versions.
fn role(endpoint: &str) -> Role {
    match v2::role(endpoint) {
        Role::Other => named::role(endpoint),
        role => role,
    }
}

/// Whether a call's body is a JSON object; calls without parameters may have none at all.
fn body_fits(call: &Call, without_parameters: &[&str]) -> bool {
    let body_fits = match &call.payload {
        Payload::Empty => without_parameters.contains(&call.endpoint.as_str()),
        Payload::Json(body) => body.is_object(),
        Payload::Xml(_) | Payload::Unreadable => false,
    };
    body_fits && call.says_json(true)
}

fn reply(_call: &Call, envelope: &Value) -> Reply {
    Reply::json(envelope, HEADERS)
}

fn device_info() -> Value {
    json!({ "deviceinfo": {
        "devicename": "Yeastar S100", "sn": "369262E00D0FE", "firmwarever": "30.5.0.19",
    }})
}

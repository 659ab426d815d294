//! Requests, as plain values: Yeastar's APIs v2.0.0 and v1.1.0. Nothing here sends.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};

use crate::http::{Failure, FailureKind, Token, encode_query};
use crate::model::{KindSupport, LiveObject};
use crate::provider::pbx::{ID, NAME, Params, TrunkId, TrunkName, replacement, values};
use crate::provider::{NewObject, Update};

use super::version::Version;
use super::wire;

/// The trunk's type, which an update must repeat.
const TYPE: &str = "trunktype";

/// The PBX's API: address and version, which every path begins with.
pub(super) struct Api {
    base: String,
}

impl Api {
    pub(super) fn new(url: &str, version: Version) -> Self {
        Self { base: format!("{}/api/{}", url.trim_end_matches('/'), version.path()) }
    }

    /// A call; within a session the token is the query.
    pub(super) fn call(&self, endpoint: &str, token: Option<&Token>, body: Bytes) -> Result<Request<Bytes>, Failure> {
        let mut url = format!("{}/{endpoint}", self.base);
        if let Some(token) = token {
            url.push_str("?token=");
            url.push_str(&encode_query(token.expose()));
        }
        let request =
            Request::builder().method(Method::POST).uri(url).header(CONTENT_TYPE, wire::CONTENT_TYPE).body(body);
        // The error is left out: it could show the URL.
        request.map_err(|_| Failure::new(FailureKind::Unsupported, "bad_url", "`url` is no address to send to"))
    }
}

/// The parameters of a heartbeat.
pub(super) fn heartbeat(address: &str) -> Params {
    Params::default().with("ipaddr", address)
}

/// Asks for every SIP trunk. The one place that writes `all`.
pub(super) fn every_trunk(version: Version) -> Params {
    Params::default().with(selector(version), "all")
}

/// Names one trunk: v2.0.0 goes by id, v1.1.0 by name.
///
/// # Errors
/// What the trunk is called could stand for several.
pub(super) fn one_trunk(version: Version, live: &LiveObject) -> Result<Params, Failure> {
    let trunk = match version {
        Version::V2_0 => TrunkId::parse(&live.remote_id)?.as_str().to_owned(),
        Version::V1_1 => TrunkName::parse(&live.key)?.as_str().to_owned(),
    };
    Ok(Params::default().with(selector(version), trunk))
}

fn selector(version: Version) -> &'static str {
    match version {
        Version::V2_0 => ID,
        Version::V1_1 => NAME,
    }
}

/// A new trunk: every field that its type has and that is set.
pub(super) fn add(support: &KindSupport, object: &NewObject<'_>) -> Result<Params, Failure> {
    let mut params = Params::default().with(NAME, TrunkName::parse(object.key)?.as_str());
    values(&mut params, support, object.values, |_| true)?;
    Ok(params)
}

/// A change. v1.1.0 wants everything, and resets what it isn't told.
pub(super) fn update(version: Version, support: &KindSupport, update: &Update<'_>) -> Result<Params, Failure> {
    match version {
        Version::V2_0 => partial(support, update),
        Version::V1_1 => replacement(support, update, |_| true),
    }
}

/// Id and type, which are required, and what changes.
fn partial(support: &KindSupport, update: &Update<'_>) -> Result<Params, Failure> {
    let id = TrunkId::parse(&update.live.remote_id)?;
    let mut params = Params::default().with(ID, id.as_str());
    params.push(TYPE, update.kind.variant_of(update.values).unwrap_or_default().to_owned());
    if *update.key != *update.live.key {
        params.push(NAME, TrunkName::parse(update.key)?.as_str().to_owned());
    }
    values(&mut params, support, update.values, |index| update.changed.contains(index))?;
    Ok(params)
}

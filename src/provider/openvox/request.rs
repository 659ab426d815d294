//! Requests, as plain values: OpenVox's API v0.0.1. Nothing here sends.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Method, Request};

use crate::http::{Failure, FailureKind, Token, encode_query};
use crate::model::{KindSupport, Value};
use crate::provider::pbx::{NAME, Params, REPORT_PORT, TrunkName, replacement, values};
use crate::provider::{NewObject, Update};

use super::wire::Format;
use super::xml;

/// The PBX's API: address, version and format.
pub(super) struct Api {
    base: String,
    format: Format,
}

impl Api {
    pub(super) fn new(url: &str, version: &str, format: Format) -> Self {
        Self { base: format!("{}/api/{}", url.trim_end_matches('/'), encode_query(version)), format }
    }

    /// A call; within a session with its token.
    pub(super) fn call(&self, endpoint: &str, token: Option<&Token>, body: Bytes) -> Result<Request<Bytes>, Failure> {
        let token = token.map(|token| format!("token={}&", encode_query(token.expose()))).unwrap_or_default();
        let url = format!("{}/{endpoint}?{token}type={}", self.base, self.format.name());
        let content_type = self.format.content_type();
        let request = Request::builder().method(Method::POST).uri(url).header(CONTENT_TYPE, content_type).body(body);
        // The error is left out: it could show the URL.
        request.map_err(|_| Failure::new(FailureKind::Unsupported, "bad_url", "`url` is no address to send to"))
    }

    /// Parameters as a body.
    pub(super) fn encode(&self, params: &Params) -> Result<Bytes, Failure> {
        match self.format {
            Format::Json => Ok(params.json()),
            Format::Xml => xml::write(params),
        }
    }
}

/// The parameters of a heartbeat.
pub(super) fn heartbeat(address: &str) -> Params {
    Params::default().with("ipaddr", address).with("port", REPORT_PORT)
}

/// Asks for every trunk. The one place that writes `all`.
pub(super) fn every_trunk() -> Params {
    Params::default().with(NAME, "all")
}

/// Names one trunk.
pub(super) fn one_trunk(name: &TrunkName) -> Params {
    Params::default().with(NAME, name.as_str())
}

/// A new trunk: every field that its type has and that says something. The vendor's own sample leaves out what is empty.
pub(super) fn add(support: &KindSupport, object: &NewObject<'_>) -> Result<Params, Failure> {
    let mut params = one_trunk(&TrunkName::parse(object.key)?);
    let says_something = |index: usize| object.values.get(index).is_some_and(|value| !value.is_empty());
    values(&mut params, support, object.values, says_something)?;
    Ok(params)
}

/// A change: every field of the trunk's type, because what isn't said is reset.
pub(super) fn update(support: &KindSupport, update: &Update<'_>) -> Result<Params, Failure> {
    let domain = support.kind.index_of("domain");
    let keeps_domain = keeps_domain(support, update);
    replacement(support, update, |index| Some(index) != domain || keeps_domain)
}

/// Whether the domain is said. The PBX computes it from the host; saying the old one while the host changes would keep it
/// back. So it is said where somebody has chosen it: where the YAML changes it, or where it differs from the host.
fn keeps_domain(support: &KindSupport, update: &Update<'_>) -> bool {
    let changes = support.kind.index_of("domain").is_some_and(|index| update.changed.contains(index));
    let seen = |name| support.kind.value_of(&update.live.values, name);
    let chosen = |domain: &Value| domain.as_text().is_some_and(|text| !text.is_empty()) && seen("host") != Some(domain);
    changes || seen("domain").is_some_and(chosen)
}

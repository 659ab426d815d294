//! One request as a box sees it.

use axum::body::{Body, to_bytes};
use bytes::Bytes;
use http::{HeaderMap, Method, Request, header};
use serde_json::{Map, Value};

use super::xml;

/// The largest request that a box reads: 1 MiB.
const MAX_REQUEST_BYTES: usize = 1 << 20;

/// One request, read whole.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) method: Method,
    /// Without the query.
    pub(super) path: String,
    /// What the path names behind the API's version: `trunk/list`.
    pub(super) endpoint: String,
    /// Without the question mark.
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) payload: Payload,
}

/// A request's body.
#[derive(Clone)]
pub(super) enum Payload {
    Empty,
    Json(Value),
    /// The members of flat XML, as [`super::xml`] reads it.
    Xml(Map<String, Value>),
    /// Neither, or JSON that is nested too deeply (128 levels).
    Unreadable,
}

impl Call {
    /// Reads a request. `None`: the body is too large, or broke off.
    pub(super) async fn read(request: Request<Body>, endpoint: fn(&str) -> &str) -> Option<Self> {
        let (head, body) = request.into_parts();
        let body = to_bytes(body, MAX_REQUEST_BYTES).await.ok()?;
        Some(Self {
            endpoint: endpoint(head.uri.path()).to_owned(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            method: head.method,
            headers: head.headers,
            payload: Payload::read(&body),
        })
    }

    /// A header's text; `None` where it is missing or isn't text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body's fields: none where it is empty, `None` where it is no object.
    pub(super) fn fields(&self) -> Option<Map<String, Value>> {
        match &self.payload {
            Payload::Empty => Some(Map::new()),
            Payload::Json(Value::Object(fields)) | Payload::Xml(fields) => Some(fields.clone()),
            Payload::Json(_) | Payload::Unreadable => None,
        }
    }

    /// Whether the content type is `application/json`, and says UTF-8 where it names a character set or has to.
    pub(super) fn says_json(&self, charset_required: bool) -> bool {
        self.says("application/json", charset_required)
    }

    /// Whether the content type is `application/xml`, and says UTF-8 where it names a character set.
    pub(super) fn says_xml(&self) -> bool {
        self.says("application/xml", false)
    }

    fn says(&self, media_type: &str, charset_required: bool) -> bool {
        let Some(text) = self.header(header::CONTENT_TYPE.as_str()) else {
            return false;
        };
        let mut parts = text.split(';').map(|part| part.trim().to_ascii_lowercase());
        let is_type = parts.next().as_deref() == Some(media_type);
        let charsets: Vec<_> = parts.filter(|part| part.starts_with("charset=")).collect();
        let utf8 = charsets.iter().all(|charset| charset.trim_matches('"') == "charset=utf-8");
        is_type && utf8 && (!charset_required || !charsets.is_empty())
    }

    /// A parameter of the query, as it stands there; `None` where there is none.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self.query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.into_iter().find(|(have, _)| *have == name).map(|(_, value)| value)
    }
}

impl Payload {
    fn read(body: &Bytes) -> Self {
        if body.is_empty() {
            return Self::Empty;
        }
        match serde_json::from_slice(body) {
            Ok(body) => Self::Json(body),
            Err(_) => xml::read(body).map_or(Self::Unreadable, Self::Xml),
        }
    }
}

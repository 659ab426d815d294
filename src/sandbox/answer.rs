//! What goes back to the caller, whole or in pieces.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::Frame;
use serde_json::Value;

/// A whole answer.
pub(super) struct Reply {
    status: StatusCode,
    headers: &'static [(&'static str, &'static str)],
    body: Bytes,
}

/// How an answer goes out.
pub(super) struct Delivery {
    pub(super) reply: Reply,
    /// How long the caller waits for it.
    pub(super) delay: Option<Duration>,
    pub(super) ending: Ending,
}

/// How much of an answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    /// All of it.
    Whole,
    /// Half of its body; then the connection drops.
    Cut,
    /// Nothing; the connection drops.
    Dropped,
}

const HTML: &[(&str, &str)] = &[("content-type", "text/html")];
const TEXT: &[(&str, &str)] = &[("content-type", "text/plain; charset=utf-8")];

impl Reply {
    /// JSON with HTTP 200, which every vendor here sends for failures too.
    pub(super) fn json(body: &Value, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { status: StatusCode::OK, headers, body: body.to_string().into() }
    }

    /// XML with HTTP 200.
    pub(super) fn xml(body: String, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { status: StatusCode::OK, headers, body: body.into() }
    }

    /// A line for people.
    pub(super) fn text(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { status, headers: TEXT, body: body.into() }
    }

    /// The web page of a box that is busy starting, with HTTP 200.
    pub(super) fn garbage() -> Self {
        let page = "<!DOCTYPE html><html><head><title>Please wait</title></head><body>Starting up...</body></html>\n";
        Self { status: StatusCode::OK, headers: HTML, body: page.into() }
    }

    /// The error page of a box whose web server is up and whose API isn't.
    pub(super) fn broken() -> Self {
        let page = "<html><head><title>500 Internal Server Error</title></head><body></body></html>\n";
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, headers: HTML, body: page.into() }
    }

    fn into_response(self, ending: Ending) -> Response<Body> {
        let length = self.body.len();
        let body = match ending {
            Ending::Whole => Body::from(self.body),
            Ending::Cut => Body::new(BrokenBody::after(self.body.slice(..length / 2))),
            Ending::Dropped => Body::new(BrokenBody::at_once()),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        for &(name, value) in self.headers {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        // What is missing shows only where the length was announced.
        response.headers_mut().insert(header::CONTENT_LENGTH, length.into());
        response
    }
}

impl Delivery {
    pub(super) fn whole(reply: Reply) -> Self {
        Self { reply, delay: None, ending: Ending::Whole }
    }

    pub(super) fn ending(self, ending: Ending) -> Self {
        Self { ending, ..self }
    }

    pub(super) fn after(self, delay: Duration) -> Self {
        Self { delay: Some(delay), ..self }
    }

    /// Waits as long as the caller has to, then answers.
    pub(super) async fn send(self) -> Response<Body> {
        if let Some(delay) = self.delay {
            tokio::time::sleep(delay).await;
        }
        self.reply.into_response(self.ending)
    }
}

/// A body that breaks off. The server closes the connection when it gets there.
struct BrokenBody {
    first: Option<Bytes>,
    flushed: bool,
}

impl BrokenBody {
    fn after(first: Bytes) -> Self {
        Self { first: Some(first), flushed: false }
    }

    /// Fails before the server has put the status line on the wire.
    fn at_once() -> Self {
        Self { first: None, flushed: true }
    }
}

impl HttpBody for BrokenBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(first))));
        }
        if !self.flushed {
            // The server writes out what it has when a body isn't ready.
            self.flushed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}

//! What goes back to the caller, whole or in pieces.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use serde_json::Value;

/// A whole answer. Copies share its bytes.
#[derive(Clone)]
pub(super) struct Reply {
    status: StatusCode,
    headers: &'static [(&'static str, &'static str)],
    /// In pieces, so that a long one that is kept can be sent as often as it is asked for, and copied nowhere.
    body: VecDeque<Bytes>,
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
        Self::pieces([body.to_string().into()], headers)
    }

    /// A body that is there already, with HTTP 200.
    pub(super) fn pieces(
        body: impl IntoIterator<Item = Bytes>,
        headers: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { status: StatusCode::OK, headers, body: body.into_iter().collect() }
    }

    /// XML with HTTP 200.
    pub(super) fn xml(body: String, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self::pieces([body.into()], headers)
    }

    /// A line for people.
    pub(super) fn text(status: StatusCode, body: impl Into<Bytes>) -> Self {
        Self { status, ..Self::pieces([body.into()], TEXT) }
    }

    /// The web page of a box that is busy starting, with HTTP 200.
    pub(super) fn garbage() -> Self {
        let page = "<!DOCTYPE html><html><head><title>Please wait</title></head><body>Starting up...</body></html>\n";
        Self::pieces([page.into()], HTML)
    }

    /// The error page of a box whose web server is up and whose API isn't.
    pub(super) fn broken() -> Self {
        let page = "<html><head><title>500 Internal Server Error</title></head><body></body></html>\n";
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, ..Self::pieces([page.into()], HTML) }
    }

    fn into_response(self, ending: Ending) -> Response<Body> {
        let length = self.body.iter().map(Bytes::len).sum::<usize>();
        let body = match ending {
            Ending::Whole => Body::new(Pieces(self.body)),
            Ending::Cut => Body::new(BrokenBody::after(first(self.body, length / 2))),
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

    /// With so much more time.
    pub(super) fn later(self, latency: Duration) -> Self {
        let delay = self.delay.map_or(latency, |delay| delay + latency);
        Self { delay: Some(delay).filter(|delay| !delay.is_zero()), ..self }
    }

    /// Waits as long as the caller has to, then answers.
    pub(super) async fn send(self) -> Response<Body> {
        if let Some(delay) = self.delay {
            tokio::time::sleep(delay).await;
        }
        self.reply.into_response(self.ending)
    }
}

/// The beginning of a body: so many bytes.
fn first(body: VecDeque<Bytes>, length: usize) -> VecDeque<Bytes> {
    let mut left = length;
    let cut = body.into_iter().map(|piece| {
        let taken = piece.slice(..left.min(piece.len()));
        left -= taken.len();
        taken
    });
    cut.collect()
}

/// A body in pieces.
struct Pieces(VecDeque<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.iter().map(|piece| piece.len() as u64).sum())
    }
}

/// A body that breaks off. The server closes the connection when it gets there.
struct BrokenBody {
    first: VecDeque<Bytes>,
    flushed: bool,
}

impl BrokenBody {
    fn after(first: VecDeque<Bytes>) -> Self {
        Self { first, flushed: false }
    }

    /// Fails before the server has put the status line on the wire.
    fn at_once() -> Self {
        Self { first: VecDeque::new(), flushed: true }
    }
}

impl HttpBody for BrokenBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if let Some(first) = self.first.pop_front() {
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

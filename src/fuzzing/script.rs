//! A vendor's side of a conversation as a text, and the transport that plays it.
//!
//! ```text
//! delete trunk
//! === 200 application/json
//! {"status":"Success","token":"7c1f…"}
//! === 429 text/plain 17
//! come back later
//! === cut
//! ```
//!
//! The first line says what is asked of the vendor, each `===` begins an answer: status, content type, `Retry-After`. The
//! last answer is given again for as long as anybody asks, so that what would ask for ever is found.

use std::str;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};

use crate::http::{Exchange, Pieces, Transport, TransportError};

/// What begins an answer.
const ANSWER: &[u8] = b"\n=== ";

/// More requests than any conversation has: the longest listing has a thousand pages, of three kinds at most.
const MAX_REQUESTS: usize = 5_000;

/// What is asked, and the answers.
pub(super) struct Script {
    /// `read`, `create`, `update`, `delete`, `dial`; anything else is `read`.
    pub(super) verb: String,
    /// The name of a kind; anything else is the vendor's first.
    pub(super) kind: String,
    answers: Vec<Answer>,
}

#[derive(Clone)]
enum Answer {
    Whole(Response<Bytes>),
    Cut,
    Late,
    Unsent,
}

impl Script {
    pub(super) fn parse(data: &[u8]) -> Self {
        let mut pieces = split(data).into_iter();
        let first = str::from_utf8(pieces.next().unwrap_or_default()).unwrap_or_default();
        let mut words = first.split_whitespace().map(str::to_owned);
        let (verb, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        Self { verb, kind, answers: pieces.map(answer).collect() }
    }
}

/// The bytes between the marks.
fn split(data: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut rest = data;
    while let Some(at) = rest.windows(ANSWER.len()).position(|window| window == ANSWER) {
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after.split_at(ANSWER.len()).1;
    }
    pieces.push(rest);
    pieces
}

/// The head in the first line, the body in the others.
fn answer(piece: &[u8]) -> Answer {
    let end = piece.iter().position(|byte| *byte == b'\n').unwrap_or(piece.len());
    let (head, body) = piece.split_at(end);
    let mut words = head.split(|byte| *byte == b' ');
    let status = words.next().unwrap_or_default();
    match status {
        b"cut" => return Answer::Cut,
        b"late" => return Answer::Late,
        b"unsent" => return Answer::Unsent,
        _ => {}
    }
    let mut response = Response::new(Bytes::copy_from_slice(body.strip_prefix(b"\n").unwrap_or(body)));
    *response.status_mut() = StatusCode::from_bytes(status).unwrap_or(StatusCode::OK);
    for (name, word) in [CONTENT_TYPE, RETRY_AFTER].into_iter().zip(words) {
        if let Ok(value) = HeaderValue::from_bytes(word) {
            response.headers_mut().insert(name, value);
        }
    }
    Answer::Whole(response)
}

/// A request, and the body of its answer if it got one.
#[derive(Clone)]
pub(super) struct Played {
    pub(super) request: Bytes,
    pub(super) answer: Option<Bytes>,
}

/// Plays a script.
pub(super) struct Player {
    answers: Vec<Answer>,
    played: Mutex<Vec<Played>>,
}

impl Player {
    pub(super) fn new(script: &Script) -> Self {
        Self { answers: script.answers.clone(), played: Mutex::default() }
    }

    /// Everything that was asked so far.
    pub(super) fn played(&self) -> Vec<Played> {
        self.played.lock().unwrap().clone()
    }

    fn answer(&self, place: usize) -> Result<Response<Bytes>, TransportError> {
        match self.answers.get(place).or(self.answers.last()) {
            Some(Answer::Whole(response)) => Ok(response.clone()),
            Some(Answer::Late) => Err(TransportError::TimedOut(Duration::from_secs(30))),
            Some(Answer::Unsent) => Err(TransportError::NotSent("nobody listens".into())),
            Some(Answer::Cut) | None => Err(TransportError::Broken("the connection broke".into())),
        }
    }
}

#[async_trait]
impl Transport for Player {
    async fn send(&self, request: Request<Bytes>, _: Exchange) -> Result<Response<Bytes>, TransportError> {
        let mut played = self.played.lock().unwrap();
        assert!(played.len() < MAX_REQUESTS, "{MAX_REQUESTS} requests, and no end: {}", request.uri().path());
        let answer = self.answer(played.len());
        let body = answer.as_ref().ok().map(|response| response.body().clone());
        played.push(Played { request: request.into_body(), answer: body });
        answer
    }

    /// Every other answer comes in small pieces, which nothing may depend on.
    async fn open(
        &self,
        request: Request<Bytes>,
        exchange: Exchange,
    ) -> Result<Response<Box<dyn Pieces>>, TransportError> {
        let answer = self.send(request, exchange).await?;
        let is_cut = self.played.lock().unwrap().len().is_multiple_of(2);
        Ok(answer.map(|body| {
            let length = if is_cut { PIECE } else { body.len().max(1) };
            Box::new(InPieces { body, length }) as Box<dyn Pieces>
        }))
    }
}

/// How long small pieces are.
const PIECE: usize = 7;

/// A body that comes in pieces.
struct InPieces {
    body: Bytes,
    length: usize,
}

#[async_trait]
impl Pieces for InPieces {
    async fn next(&mut self) -> Result<Option<Bytes>, TransportError> {
        let length = self.length.min(self.body.len());
        Ok((length > 0).then(|| self.body.split_to(length)))
    }
}

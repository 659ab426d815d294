//! What stands between a session and its box, and strikes writes: the box may have carried them out or not.

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use sipform::http::{Exchange, Transport, TransportError};

use super::world::World;

/// What comes back instead of the box's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Nothing, for as long as a call may take.
    TimedOut,
    /// Nothing; the connection breaks.
    Reset,
    /// The first half, and no sign that it isn't all.
    Cut,
    /// A web page with this status.
    Page(u16),
    /// Nothing at all, with this status.
    Empty(u16),
    /// This text as JSON.
    Json(&'static str),
    /// This text as XML.
    Xml(&'static str),
    /// Bytes that are said to be compressed, and aren't.
    Compressed,
    /// The box's own answer, said to be of another type.
    OtherType,
}

/// Everything that may come back.
pub(crate) const ANSWERS: &[Answer] = &[
    Answer::TimedOut,
    Answer::Reset,
    Answer::Cut,
    Answer::Page(200),
    Answer::Page(404),
    Answer::Page(500),
    Answer::Page(503),
    Answer::Empty(200),
    Answer::Empty(204),
    Answer::Empty(502),
    Answer::Json("{}"),
    Answer::Json("[true, \"0\", \"Success\"]"),
    Answer::Json("{\"result\": \"ok\"}"),
    Answer::Json("null"),
    Answer::Xml("<html><status>Success</status></html>"),
    Answer::Xml("<xml><code>0</code></xml>"),
    Answer::Compressed,
];

/// Something that somebody does meanwhile.
pub(crate) type Deed = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What happens to one write.
pub(crate) enum Turn {
    /// It reaches the box or doesn't, and this comes back.
    Strike { reaches: bool, answer: Answer },
    /// First somebody does something; then all goes well.
    First(Deed),
}

/// What happens to the writes, one after the other.
#[derive(Default)]
pub(crate) struct Script {
    turns: Mutex<VecDeque<Turn>>,
    /// What happens to every write once the turns are used up.
    for_ever: Option<(bool, Answer)>,
}

impl Script {
    pub(crate) fn once(turn: Turn) -> Self {
        Self { turns: Mutex::new([turn].into()), for_ever: None }
    }

    pub(crate) fn for_ever(reaches: bool, answer: Answer) -> Self {
        Self { turns: Mutex::default(), for_ever: Some((reaches, answer)) }
    }

    /// Puts it in front of every box of a world.
    pub(crate) fn stand_in(self, world: &mut World) {
        let script = Arc::new(self);
        world.between = Some(Box::new(move |inner| Arc::new(Between { inner, script: Arc::clone(&script) })));
    }

    fn next(&self) -> Option<Turn> {
        let turn = self.turns.lock().unwrap().pop_front();
        turn.or(self.for_ever.map(|(reaches, answer)| Turn::Strike { reaches, answer }))
    }
}

struct Between {
    inner: Arc<dyn Transport>,
    script: Arc<Script>,
}

type Reply = Result<Response<Bytes>, TransportError>;

#[async_trait]
impl Transport for Between {
    async fn send(&self, request: Request<Bytes>, exchange: Exchange) -> Reply {
        let turn = if is_write(request.uri().path()) { self.script.next() } else { None };
        match turn {
            None => self.inner.send(request, exchange).await,
            Some(Turn::First(deed)) => {
                deed.await;
                self.inner.send(request, exchange).await
            }
            // Half an answer and one of another type are made of the box's own.
            Some(Turn::Strike { reaches: false, answer: Answer::Cut | Answer::OtherType }) => empty(200),
            Some(Turn::Strike { reaches, answer }) => {
                let whole = if reaches { self.inner.send(request, exchange).await } else { empty(200) };
                strike(answer, whole, exchange).await
            }
        }
    }
}

async fn strike(answer: Answer, whole: Reply, exchange: Exchange) -> Reply {
    match answer {
        Answer::TimedOut => {
            tokio::time::sleep(exchange.timeout).await;
            Err(TransportError::TimedOut(exchange.timeout))
        }
        Answer::Reset => Err(TransportError::Broken("the connection broke".into())),
        Answer::Cut => whole.map(|answer| answer.map(|body| body.slice(..body.len() / 2))),
        Answer::Page(status) => reply(status, "text/html", "<!DOCTYPE html><html><p>Success 0 true</p></html>"),
        Answer::Empty(status) => empty(status),
        Answer::Json(text) => reply(200, "application/json", text),
        Answer::Xml(text) => reply(200, "application/xml", text),
        Answer::Compressed => {
            let answer = reply(200, "application/json", "\u{1f}\u{8b}\u{0}garbage");
            answer.map(|mut answer| {
                answer.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
                answer
            })
        }
        Answer::OtherType => whole.map(|mut answer| {
            answer.headers_mut().insert("content-type", "text/html".parse().unwrap());
            answer
        }),
    }
}

fn empty(status: u16) -> Reply {
    reply(status, "application/json", "")
}

#[expect(clippy::unnecessary_wraps, reason = "it is what a transport answers")]
fn reply(status: u16, content_type: &str, body: &'static str) -> Reply {
    let builder = Response::builder().status(status).header("content-type", content_type);
    Ok(builder.body(Bytes::from_static(body.as_bytes())).unwrap())
}

/// By the last part of the path: every vendor spells what it does in it.
fn is_write(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    ["add", "create", "update", "edit", "delete"].iter().any(|word| last.contains(word))
}

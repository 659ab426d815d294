//! A vendor for tests: answers with what a closure says, and remembers what it was asked.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value as Json;

use crate::model::{Limits, ProviderTable, Prune, Source, Target, Tls, Value};

use super::{Client, Exchange, Transport, TransportError};

type Reply = Result<Response<Bytes>, TransportError>;
type Answer = dyn Fn(usize, &Request<Bytes>) -> Reply + Send + Sync;

/// A transport that answers by a closure, each answer a second late.
pub(crate) struct Fake {
    answer: Box<Answer>,
    asked: Mutex<Vec<Request<Bytes>>>,
}

impl Fake {
    /// `answer` gets the request's number, from 0, and the request.
    pub(crate) fn new(answer: impl Fn(usize, &Request<Bytes>) -> Reply + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(answer), asked: Mutex::default() })
    }

    pub(crate) fn asked(&self) -> Vec<Request<Bytes>> {
        self.asked.lock().unwrap().clone()
    }

    /// The paths asked for, in order, without queries.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.asked().iter().map(|request| request.uri().path().to_owned()).collect()
    }

    /// How many requests had a path that ends like this.
    pub(crate) fn count(&self, end: &str) -> usize {
        self.paths().iter().filter(|path| path.ends_with(end)).count()
    }
}

#[async_trait]
impl Transport for Fake {
    async fn send(&self, request: Request<Bytes>, _: Exchange) -> Reply {
        let number = {
            let mut asked = self.asked.lock().unwrap();
            asked.push(request.clone());
            asked.len() - 1
        };
        tokio::time::sleep(Duration::from_secs(1)).await;
        (self.answer)(number, &request)
    }
}

/// A JSON answer.
pub(crate) fn json(body: &Json) -> Reply {
    reply(200, "application/json", &body.to_string())
}

/// Any answer.
#[expect(clippy::unnecessary_wraps, reason = "it is what a fake answers")]
pub(crate) fn reply(status: u16, content_type: &str, body: &str) -> Reply {
    let builder = Response::builder().status(status).header("content-type", content_type);
    Ok(builder.body(Bytes::copy_from_slice(body.as_bytes())).unwrap())
}

/// A request's body.
pub(crate) fn body(request: &Request<Bytes>) -> Json {
    serde_json::from_slice(request.body()).unwrap()
}

/// A target of this provider, with no limits to speak of, and a client for it.
pub(crate) fn target(
    table: &'static ProviderTable,
    url: &str,
    settings: Vec<Value>,
    transport: Arc<dyn Transport>,
) -> (Target, Client) {
    let target = Target {
        name: "under-test".into(),
        provider: table,
        url: url.into(),
        settings: settings.into(),
        limits: Limits {
            concurrency: 32,
            requests_per_second: None,
            timeout: Duration::from_secs(30),
            max_body: 1 << 20,
        },
        prune: Prune::Claimed,
        ignore: Vec::new(),
        tls: Tls::default(),
        source: Source { file: "test.yaml".into(), line: 1, column: 1 },
    };
    let client = Client::new(&target, transport);
    (target, client)
}

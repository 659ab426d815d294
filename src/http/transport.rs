//! The one seam between requests as values and the network.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

/// What sends one request and gives its whole answer: the network, or a sandbox in the same process.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Sends `request` and reads the whole answer within the exchange's bounds. Follows no redirect and repeats nothing.
    ///
    /// # Errors
    /// Says whether the request may have reached the other side. Messages hold neither URL nor body.
    async fn send(
        &self,
        request: http::Request<Bytes>,
        exchange: Exchange,
    ) -> Result<http::Response<Bytes>, TransportError>;

    /// Sends `request`, and gives the answer as soon as its head is there. Unless a transport has something to gain by it,
    /// the body is one piece.
    ///
    /// # Errors
    /// As for [`Self::send`]; what goes wrong later comes with the pieces.
    async fn open(
        &self,
        request: http::Request<Bytes>,
        exchange: Exchange,
    ) -> Result<http::Response<Box<dyn Pieces>>, TransportError> {
        let answer = self.send(request, exchange).await?;
        Ok(answer.map(|body| Box::new(OnePiece(Some(body))) as Box<dyn Pieces>))
    }

    /// The address of this machine that the other side would see; `None` where there is no network in between. Sends
    /// nothing.
    async fn local_address(&self, _towards: &http::Uri) -> Option<IpAddr> {
        None
    }
}

/// An answer's body while it arrives.
#[async_trait]
pub trait Pieces: Send {
    /// The next piece; `None` behind the last one.
    ///
    /// # Errors
    /// The body broke off, or went over the exchange's bounds.
    async fn next(&mut self) -> Result<Option<Bytes>, TransportError>;
}

/// A body that was there at once.
struct OnePiece(Option<Bytes>);

#[async_trait]
impl Pieces for OnePiece {
    async fn next(&mut self) -> Result<Option<Bytes>, TransportError> {
        Ok(self.0.take())
    }
}

/// What takes an answer's body in, piece by piece.
#[async_trait]
pub trait Sink: Send {
    /// Takes the next piece in. The one after it waits meanwhile.
    async fn take(&mut self, piece: Bytes);
}

/// A body as a whole. One that comes in one piece isn't copied.
#[derive(Default)]
pub(super) struct Whole {
    first: Bytes,
    more: BytesMut,
}

#[async_trait]
impl Sink for Whole {
    async fn take(&mut self, piece: Bytes) {
        if self.first.is_empty() && self.more.is_empty() {
            self.first = piece;
            return;
        }
        if self.more.is_empty() {
            self.more.extend_from_slice(&std::mem::take(&mut self.first));
        }
        self.more.extend_from_slice(&piece);
    }
}

impl Whole {
    pub(super) fn finish(self) -> Bytes {
        if self.more.is_empty() { self.first } else { self.more.freeze() }
    }
}

/// The bounds of one exchange.
#[derive(Clone, Copy, Debug)]
pub struct Exchange {
    /// From sending the request to the answer's last byte.
    pub timeout: Duration,
    /// The largest answer, in bytes, after decompression.
    pub max_body: usize,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The request never left.
    #[error("{0}")]
    NotSent(String),
    /// The other side couldn't prove who it is, so nothing was sent.
    #[error("{0}")]
    Untrusted(String),
    /// No whole answer within the exchange's time.
    #[error("no answer within {}", humanize(*.0))]
    TimedOut(Duration),
    /// The connection broke after the request left.
    #[error("{0}")]
    Broken(String),
    /// The answer is larger than the exchange's bound, in bytes.
    #[error("the answer is larger than {0} bytes (limits.max_body)")]
    TooLarge(usize),
}

fn humanize(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

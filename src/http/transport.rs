//! The one seam between requests as values and the network.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

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

    /// The address of this machine that the other side would see; `None` where there is no network in between. Sends
    /// nothing.
    async fn local_address(&self, _towards: &http::Uri) -> Option<IpAddr> {
        None
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

//! The network: the only file that names reqwest.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, Uri};
use rustls::ClientConfig;

use crate::model::Tls;
use crate::model::target::is_loopback;

use super::transport::Whole;
use super::{Exchange, Failure, FailureKind, Pieces, Sink as _, Transport, TransportError, tls};

/// How long a connection may take to stand, TLS included.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an unused connection is kept. Short: a PBX that closes one just as we write to it leaves us not knowing
/// whether the request arrived.
const IDLE_CONNECTION: Duration = Duration::from_secs(5);

/// The way to all targets: one connection pool for all that verify certificates alike.
#[derive(Default)]
pub struct Network {
    transports: Mutex<HashMap<(Tls, Way), Arc<dyn Transport>>>,
}

/// Whether the machine's proxy settings count, and its trusted certificates.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    /// To other machines: they do.
    Far,
    /// To this machine: a proxy would carry off what is taken to stay here.
    Near,
    /// The same without TLS: the trusted certificates, a hundred files or more, needn't be read. To other machines it may
    /// take a proxy with TLS.
    Plain,
}

impl Way {
    fn to(url: &str) -> Self {
        let url = url.parse::<Uri>().ok();
        let is_near = url.as_ref().and_then(Uri::host).is_some_and(is_loopback);
        let is_plain = url.as_ref().and_then(Uri::scheme_str) == Some("http");
        match (is_near, is_plain) {
            (false, _) => Self::Far,
            (true, false) => Self::Near,
            (true, true) => Self::Plain,
        }
    }
}

impl Network {
    /// The transport for a target with this address and these settings; the same one for equal settings.
    ///
    /// # Errors
    /// The certificate file can't be read or holds no certificate; code `tls_config`.
    pub fn transport(&self, url: &str, tls: &Tls) -> Result<Arc<dyn Transport>, Failure> {
        let way = Way::to(url);
        let mut transports = self.transports.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(transport) = transports.get(&(tls.clone(), way)) {
            return Ok(transport.clone());
        }
        let client = client(tls, way).map_err(|message| Failure::new(FailureKind::NotSent, "tls_config", message))?;
        let transport: Arc<dyn Transport> = Arc::new(Reqwest { client });
        transports.insert((tls.clone(), way), transport.clone());
        Ok(transport)
    }
}

struct Reqwest {
    client: reqwest::Client,
}

/// A client for these settings. A machine without any trusted certificate still reaches plain HTTP and pinned targets.
fn client(tls: &Tls, way: Way) -> Result<reqwest::Client, String> {
    let built = match tls::custom(tls)? {
        Some(config) => build(Some(config), way),
        None if way == Way::Plain => build(Some(tls::trusting_nobody()?), way),
        None => build(None, way).or_else(|_| build(Some(tls::trusting_nobody()?), way)),
    };
    built.map_err(|reason| format!("can't set up HTTPS: {reason}"))
}

fn build(config: Option<ClientConfig>, way: Way) -> Result<reqwest::Client, String> {
    let builder = reqwest::Client::builder()
        .user_agent(concat!("sipform/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_CONNECTION);
    let builder = if way == Way::Far { builder } else { builder.no_proxy() };
    let builder = match config {
        Some(config) => builder.tls_backend_preconfigured(config),
        None => builder,
    };
    builder.build().map_err(|error| reason(&error.without_url()))
}

#[async_trait]
impl Transport for Reqwest {
    async fn send(&self, request: Request<Bytes>, exchange: Exchange) -> Result<Response<Bytes>, TransportError> {
        let (head, mut pieces) = self.open(request, exchange).await?.into_parts();
        let mut whole = Whole::default();
        while let Some(piece) = pieces.next().await? {
            whole.take(piece).await;
        }
        Ok(Response::from_parts(head, whole.finish()))
    }

    async fn open(
        &self,
        request: Request<Bytes>,
        exchange: Exchange,
    ) -> Result<Response<Box<dyn Pieces>>, TransportError> {
        let place = place(request.uri());
        let failed = |error: reqwest::Error| explain(error, &place, exchange.timeout);
        let mut request = reqwest::Request::try_from(request).map_err(&failed)?;
        *request.timeout_mut() = Some(exchange.timeout);
        let mut answer = self.client.execute(request).await.map_err(&failed)?;
        let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
        let mut response = Response::new(Box::new(Body { answer, place, exchange, read: 0 }) as Box<dyn Pieces>);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// Asks the operating system which address it would send from; a datagram socket that is connected sends nothing.
    async fn local_address(&self, towards: &Uri) -> Option<IpAddr> {
        let host = towards.host()?.trim_matches(['[', ']']);
        let peer = tokio::net::lookup_host((host, port(towards))).await.ok()?.next()?;
        let any = if peer.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
        let socket = tokio::net::UdpSocket::bind(any).await.ok()?;
        socket.connect(peer).await.ok()?;
        Some(socket.local_addr().ok()?.ip())
    }
}

/// A body on its way. It is counted as it comes, so that an answer over the bound is dropped and not held.
struct Body {
    answer: reqwest::Response,
    place: String,
    exchange: Exchange,
    read: usize,
}

#[async_trait]
impl Pieces for Body {
    async fn next(&mut self) -> Result<Option<Bytes>, TransportError> {
        let Exchange { timeout, max_body } = self.exchange;
        let piece = self.answer.chunk().await.map_err(|error| explain(error, &self.place, timeout))?;
        self.read = self.read.saturating_add(piece.as_ref().map_or(0, Bytes::len));
        if self.read > max_body { Err(TransportError::TooLarge(max_body)) } else { Ok(piece) }
    }
}

/// Turns an error into ours. Its URL goes first: it may hold a token.
fn explain(error: reqwest::Error, place: &str, timeout: Duration) -> TransportError {
    let error = error.without_url();
    if error.is_builder() {
        TransportError::NotSent(format!("{place} is no address that a request can go to"))
    } else if let Some(refusal) = find_tls(&error).filter(|error| tls::is_refusal(error)) {
        TransportError::Untrusted(format!("can't connect to {place}: {}", tls::explain(refusal)))
    } else if error.is_connect() {
        let reason = if error.is_timeout() {
            format!("no connection within {} s", CONNECT_TIMEOUT.as_secs())
        } else {
            reason(&error)
        };
        TransportError::NotSent(format!("can't connect to {place}: {reason}"))
    } else if error.is_timeout() {
        TransportError::TimedOut(timeout)
    } else {
        TransportError::Broken(format!(
            "the connection to {place} broke before the whole answer came: {}",
            reason(&error)
        ))
    }
}

/// The innermost cause, which is the one that people can act on.
fn reason(error: &(dyn StdError + 'static)) -> String {
    if let Some(tls) = find_tls(error) {
        return tls::explain(tls);
    }
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match innermost.to_string() {
        // The HTTP library's own limits, which it doesn't name.
        head if head == "message head is too large" => {
            "the answer has more than 100 headers, or more than 400 KiB of them, the most that is read".into()
        }
        reason => reason,
    }
}

/// The TLS error in a chain; inside an [`io::Error`] it isn't a source.
fn find_tls<'e>(error: &'e (dyn StdError + 'static)) -> Option<&'e rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    let inside = inside.map(|inside| inside as &(dyn StdError + 'static));
    inside.and_then(find_tls).or_else(|| error.source().and_then(find_tls))
}

/// Host and port of a URL: never its path, query or user.
fn place(uri: &Uri) -> String {
    format!("{}:{}", uri.host().unwrap_or("no host"), port(uri))
}

fn port(uri: &Uri) -> u16 {
    let usual = if uri.scheme_str() == Some("https") { 443 } else { 80 };
    uri.port_u16().unwrap_or(usual)
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;

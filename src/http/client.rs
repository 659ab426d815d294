//! One target's way out: transport, limits, and what is said about a call.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use tokio::time::{Instant, sleep_until};

use crate::model::Target;

use super::door::Door;
use super::pacer::Pacer;
use super::transport::Whole;
use super::{Exchange, Failure, FailureKind, Sink, Stop, Surroundings, Transport, TransportError};

/// A wait that an interrupt doesn't cut short: what is in flight gets a chance to end well.
const SHORT_WAIT: Duration = Duration::from_secs(3);

/// Sends requests to one target within its limits and counts them. Clones share limits and count.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    target: Arc<str>,
    transport: Arc<dyn Transport>,
    pacer: Pacer,
    door: Door,
    exchange: Exchange,
    stop: Option<Stop>,
    surroundings: Surroundings,
    sent: AtomicU32,
}

impl Client {
    /// A client for this target. Make one a run: its limits hold only for what goes through it and its clones.
    pub fn new(target: &Target, transport: Arc<dyn Transport>) -> Self {
        Self::made(target, transport, None, Surroundings::system())
    }

    /// The same, for a run that the user may ask to end: then no call waits long for its turn or for another attempt.
    pub fn stoppable(target: &Target, transport: Arc<dyn Transport>, stop: Stop) -> Self {
        Self::made(target, transport, Some(stop), Surroundings::system())
    }

    /// A client whose time of day and random numbers come from these surroundings.
    pub fn with_surroundings(target: &Target, transport: Arc<dyn Transport>, surroundings: Surroundings) -> Self {
        Self::made(target, transport, None, surroundings)
    }

    fn made(target: &Target, transport: Arc<dyn Transport>, stop: Option<Stop>, surroundings: Surroundings) -> Self {
        let limits = &target.limits;
        let inner = Inner {
            target: target.name.clone(),
            transport,
            pacer: Pacer::new(limits),
            door: Door::default(),
            exchange: Exchange { timeout: limits.timeout, max_body: limits.max_body },
            stop,
            surroundings,
            sent: AtomicU32::new(0),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Sends one request, once, as soon as the target's limits let it through.
    ///
    /// # Errors
    /// [`FailureKind::NotSent`] where the request never left, [`FailureKind::Unknown`] where it did and no whole answer
    /// came back; the failure that stopped the target, where one did: then nothing is sent.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Failure> {
        let mut whole = Whole::default();
        let answer = self.receive(request, &mut whole).await?;
        Ok(answer.map(|()| whole.finish()))
    }

    /// The same for an answer whose body `sink` takes in while it arrives.
    ///
    /// # Errors
    /// The same ones; what the sink has is then worth nothing.
    pub async fn receive(&self, request: Request<Bytes>, sink: &mut dyn Sink) -> Result<Response<()>, Failure> {
        let Inner { target, pacer, door, sent, .. } = &*self.inner;
        let _permit = pacer.place().await;
        if !self.wait_until(pacer.turn()).await {
            return Err(interrupted());
        }
        door.check()?;
        sent.fetch_add(1, Ordering::Relaxed);
        // The path without its query: the query may be a token.
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let begun = Instant::now();
        let result = self.exchange(request, sink).await;
        let ms = begun.elapsed().as_millis();
        match &result {
            Ok((response, bytes)) => {
                let status = response.status().as_u16();
                tracing::debug!(target: "sipform::http", %target, %method, path, status, ms, bytes);
            }
            Err(error) => tracing::debug!(target: "sipform::http", %target, %method, path, %error, ms),
        }
        result.map(|(response, _)| response).map_err(Failure::from).inspect_err(|failure| door.note(failure))
    }

    /// The answer's head, and how many bytes its body has.
    async fn exchange(
        &self,
        request: Request<Bytes>,
        sink: &mut dyn Sink,
    ) -> Result<(Response<()>, usize), TransportError> {
        let (head, mut pieces) = self.inner.transport.open(request, self.inner.exchange).await?.into_parts();
        let mut bytes = 0;
        while let Some(piece) = pieces.next().await? {
            bytes += piece.len();
            sink.take(piece).await;
        }
        Ok((Response::from_parts(head, ()), bytes))
    }

    /// Waits; tells whether it came to the end. Once the user asks the run to end, only short waits do.
    pub(super) async fn wait_until(&self, instant: Instant) -> bool {
        let is_short = instant.saturating_duration_since(Instant::now()) <= SHORT_WAIT;
        match &self.inner.stop {
            Some(stop) if !is_short => tokio::select! {
                () = sleep_until(instant) => true,
                () = stop.requested() => false,
            },
            _ => {
                sleep_until(instant).await;
                true
            }
        }
    }

    /// How many requests went out, failed ones included.
    pub fn requests(&self) -> u32 {
        self.inner.sent.load(Ordering::Relaxed)
    }

    /// What this run knows about whether the target lets it in.
    pub(super) fn door(&self) -> &Door {
        &self.inner.door
    }

    /// Whether the target has accepted a signed call in this run.
    pub fn is_let_in(&self) -> bool {
        self.door().was_opened()
    }

    /// Where the time of day and random numbers come from.
    pub fn surroundings(&self) -> &Surroundings {
        &self.inner.surroundings
    }

    /// The target's name.
    pub fn target(&self) -> &str {
        &self.inner.target
    }

    /// The address of this machine that the target would see; `None` where the transport can't tell.
    pub async fn local_address(&self, towards: &Uri) -> Option<IpAddr> {
        self.inner.transport.local_address(towards).await
    }
}

fn interrupted() -> Failure {
    let message = "the run was interrupted before the target's limits let the call through";
    Failure::new(FailureKind::NotSent, "interrupted", message)
}

impl From<TransportError> for Failure {
    fn from(error: TransportError) -> Self {
        let (kind, code) = match &error {
            TransportError::NotSent(_) => (FailureKind::NotSent, "not_sent"),
            TransportError::Untrusted(_) => (FailureKind::Untrusted, "untrusted"),
            TransportError::TimedOut(_) => (FailureKind::Unknown, "timeout"),
            TransportError::Broken(_) => (FailureKind::Unknown, "broken"),
            TransportError::TooLarge(_) => (FailureKind::Unknown, "too_large"),
        };
        let failure = Self::new(kind, code, error.to_string());
        match error {
            TransportError::TimedOut(_) => failure.hint("raise limits.timeout where the target is just slow"),
            TransportError::TooLarge(_) => failure.hint("raise limits.max_body where the target has that much to show"),
            _ => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::super::fake::{Fake, json};
    use super::super::{Class, Stopper, call};
    use super::*;
    use crate::model::Limits;

    /// A client of a target that is slow by its own limits, and what stops it.
    fn slow(fake: &Arc<Fake>, per_second: f64) -> (Client, Stopper) {
        let (mut target, _) =
            super::super::fake::target(&crate::provider::moor7::TABLE, "http://pbx", Vec::new(), fake.clone());
        target.limits = Limits { requests_per_second: Some(per_second), ..target.limits };
        let (stopper, stop) = Stopper::new();
        (Client::stoppable(&target, fake.clone(), stop), stopper)
    }

    async fn ask(client: &Client) -> Result<Response<Bytes>, Failure> {
        let request = || Request::post("http://pbx/x").body(Bytes::new()).unwrap();
        call(client, Class::Create, || client.send(request())).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_turn_that_is_far_away_ends_with_an_interrupt() {
        for (per_second, sent) in [(0.01, 10), (1.0, 11)] {
            let fake = Fake::new(|_, _| json(&serde_json::Value::Null));
            let (client, stopper) = slow(&fake, per_second);
            for _ in 0..10 {
                ask(&client).await.unwrap();
            }
            let begun = Instant::now();
            let (result, ()) = tokio::join!(ask(&client), async {
                tokio::time::sleep(Duration::from_millis(100)).await;
                stopper.stop();
            });
            // A short wait is waited for: what is in flight gets its chance.
            assert_eq!(
                result.as_ref().err().map(|failure| (failure.kind, &*failure.code)),
                (sent == 10).then_some((FailureKind::NotSent, "interrupted"))
            );
            assert_eq!(fake.asked().len(), sent);
            assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
        }
    }
}

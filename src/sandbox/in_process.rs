//! A box in the same process, as a client's transport.

use std::future::poll_fn;
use std::pin::Pin;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use tower::ServiceExt;

use crate::http::{Exchange, Transport, TransportError};

/// Hands requests to a router, within the exchange's bounds and on tokio's clock.
pub(super) struct InProcess {
    router: Router,
}

impl InProcess {
    pub(super) fn new(router: Router) -> Self {
        Self { router }
    }

    async fn exchange(
        &self,
        request: http::Request<Bytes>,
        max_body: usize,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let Ok(response) = self.router.clone().oneshot(request.map(Body::from)).await;
        let (head, body) = response.into_parts();
        let body = collect(body, max_body).await?;
        Ok(http::Response::from_parts(head, body))
    }
}

#[async_trait]
impl Transport for InProcess {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        exchange: Exchange,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let answered = tokio::time::timeout(exchange.timeout, self.exchange(request, exchange.max_body)).await;
        answered.unwrap_or(Err(TransportError::TimedOut(exchange.timeout)))
    }
}

async fn collect(mut body: Body, max_body: usize) -> Result<Bytes, TransportError> {
    let mut whole = BytesMut::new();
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|_| TransportError::Broken("the connection broke before the answer's end".into()))?;
        let data = frame.into_data().unwrap_or_default();
        if whole.len() + data.len() > max_body {
            return Err(TransportError::TooLarge(max_body));
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

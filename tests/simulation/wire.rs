//! The way to a box, with somebody who watches.

use std::future::poll_fn;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use sipform::http::{Exchange, Transport, TransportError};

use super::stage::Stage;

/// Hands requests on and tells the stage.
pub(crate) struct Wire {
    pub(crate) stage: Arc<Stage>,
    pub(crate) site: usize,
    pub(crate) inner: Arc<dyn Transport>,
}

#[async_trait]
impl Transport for Wire {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        exchange: Exchange,
    ) -> Result<http::Response<Bytes>, TransportError> {
        let number = self.stage.depart(self.site).await;
        self.stage.travel().await;
        let mut sending = self.inner.send(request, exchange);
        let answer = poll_fn(|context| {
            self.stage.catch_up(self.site);
            let polled = sending.as_mut().poll(context);
            self.stage.observe(self.site, number);
            polled
        })
        .await;
        let told = match &answer {
            Ok(response) => response.status().as_u16().to_string(),
            Err(TransportError::TimedOut(_)) => "timeout".into(),
            Err(_) => "broken".into(),
        };
        self.stage.travel().await;
        self.stage.arrive(number, told).await;
        answer
    }
}

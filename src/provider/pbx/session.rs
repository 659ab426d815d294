//! One session on one PBX: logged in once, kept alive while a person thinks, logged out at the end.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, Uri};
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until};

use crate::http::{Class, Client, Failure, Token, TokenKeeper, login_failure};
use crate::model::{CallCheck, Secret, Target};
use crate::provider::loose::Record;

use super::{Params, call, envelope, errno};

/// A token dies after 30 idle minutes. Any call keeps it alive; after this long without one, a heartbeat does.
const HEARTBEAT_AFTER: Duration = Duration::from_mins(10);

/// The address in a heartbeat where nobody knows a better one.
const SOME_ADDRESS: &str = "127.0.0.1";

/// The call that makes one extension call another.
const DIAL: &str = "extension/dial_extension";

/// How one vendor's PBX says what all of the family say.
pub(in crate::provider) trait Dialect: Send + Sync + 'static {
    /// The parameters of a login.
    fn login(&self) -> Params;

    /// The parameters of a heartbeat from this address.
    fn heartbeat(&self, address: &str) -> Params;

    /// Parameters as a body.
    ///
    /// # Errors
    /// A text can't be written in this format.
    fn encode(&self, params: &Params) -> Result<Bytes, Failure>;

    /// A request; `token` is `None` for a login.
    fn request(&self, endpoint: &str, token: Option<&Token>, body: Bytes) -> Result<Request<Bytes>, Failure>;

    /// Reads an answer of any status.
    ///
    /// # Errors
    /// It isn't one of the PBX's answers.
    fn decode(&self, class: Class, response: &Response<Bytes>) -> Result<Record, Failure>;

    /// The failure that an error number stands for.
    fn failure(&self, number: &str) -> Failure {
        errno::failure(number)
    }
}

/// A session on one PBX. Dropping it stops its heartbeat; only [`Connection::log_out`] logs out.
pub(in crate::provider) struct Connection<D: Dialect> {
    shared: Arc<Shared<D>>,
    heartbeat: Mutex<Option<AbortHandle>>,
}

struct Shared<D> {
    client: Client,
    dialect: D,
    url: String,
    tokens: TokenKeeper,
    last_call: Mutex<Instant>,
}

impl<D: Dialect> Connection<D> {
    /// A session that logs in with its first call.
    pub(in crate::provider) fn new(dialect: D, target: &Target, client: Client) -> Self {
        let shared = Shared {
            dialect,
            url: target.url.clone(),
            tokens: TokenKeeper::new(client.clone()),
            last_call: Mutex::new(Instant::now()),
            client,
        };
        Self { shared: Arc::new(shared), heartbeat: Mutex::default() }
    }

    pub(in crate::provider) fn client(&self) -> &Client {
        &self.shared.client
    }

    pub(in crate::provider) fn dialect(&self) -> &D {
        &self.shared.dialect
    }

    /// Makes one call within the session; gives the answer where it says that it worked.
    pub(in crate::provider) async fn call(
        &self,
        class: Class,
        endpoint: &str,
        params: &Params,
    ) -> Result<Record, Failure> {
        let shared = &self.shared;
        let body = shared.dialect.encode(params)?;
        let attempt = |token: Token| {
            let body = body.clone();
            async move { shared.attempt(class, endpoint, &token, body, |number| shared.dialect.failure(number)).await }
        };
        shared.tokens.call(class, || self.log_in(), attempt).await
    }

    /// Has one extension call another; gives the call's id where the PBX answers with one.
    pub(in crate::provider) async fn dial(&self, check: &CallCheck) -> Result<Option<Box<str>>, Failure> {
        let shared = &self.shared;
        let body = shared.dialect.encode(&call::call_params(check))?;
        let attempt = |token: Token| {
            let body = body.clone();
            let failed = |number: &str| call::call_failure(number, check, |number| shared.dialect.failure(number));
            async move { shared.attempt(Class::Create, DIAL, &token, body, failed).await.map_err(call::once) }
        };
        let answer = shared.tokens.call(Class::Create, || self.log_in(), attempt).await?;
        Ok(call::call_id(&answer))
    }

    async fn log_in(&self) -> Result<Secret, Failure> {
        let token = self.shared.log_in().await?;
        self.start_heartbeat();
        Ok(token)
    }

    /// Logs out if there is a session. Only v1.1.0 documents a logout, so no answer matters; a PBX that doesn't know it
    /// drops the token after 30 minutes.
    pub(in crate::provider) async fn log_out(&self) {
        self.stop_heartbeat();
        if let Some(token) = self.shared.tokens.take().await {
            self.shared.aside("logout", &token, &Params::default()).await;
        }
    }

    fn start_heartbeat(&self) {
        let mut heartbeat = self.heartbeat.lock().unwrap_or_else(PoisonError::into_inner);
        if heartbeat.is_none() {
            let task = tokio::spawn(keep_alive(Arc::downgrade(&self.shared)));
            *heartbeat = Some(task.abort_handle());
        }
    }

    fn stop_heartbeat(&self) {
        let mut heartbeat = self.heartbeat.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(task) = heartbeat.take() {
            task.abort();
        }
    }
}

impl<D: Dialect> Drop for Connection<D> {
    fn drop(&mut self) {
        self.stop_heartbeat();
    }
}

impl<D: Dialect> Shared<D> {
    async fn log_in(&self) -> Result<Secret, Failure> {
        self.touch();
        let body = self.dialect.encode(&self.dialect.login())?;
        let response = self.client.send(self.dialect.request("login", None, body)?).await?;
        let answer = self.dialect.decode(Class::Create, &response);
        let answer = answer.map_err(|failure| login_failure(failure, response.status()))?;
        let failed = |number: &str| errno::login_failure(number, |number| self.dialect.failure(number));
        envelope::login(&envelope::accept(answer, &response, failed)?)
    }

    /// One attempt of one call.
    async fn attempt(
        &self,
        class: Class,
        endpoint: &str,
        token: &Token,
        body: Bytes,
        failed: impl Fn(&str) -> Failure,
    ) -> Result<Record, Failure> {
        self.touch();
        let response = self.client.send(self.dialect.request(endpoint, Some(token), body)?).await?;
        envelope::accept(self.dialect.decode(class, &response)?, &response, failed)
    }

    fn touch(&self) {
        *self.last_call.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn heartbeat_due(&self) -> Instant {
        *self.last_call.lock().unwrap_or_else(PoisonError::into_inner) + HEARTBEAT_AFTER
    }

    /// Sends one heartbeat.
    async fn heartbeat(&self) {
        let Some(token) = self.tokens.current().await else {
            return self.touch();
        };
        let address = match self.url.parse::<Uri>() {
            Ok(url) => self.client.local_address(&url).await.map(|address| address.to_string()),
            Err(_) => None,
        };
        let params = self.dialect.heartbeat(address.as_deref().unwrap_or(SOME_ADDRESS));
        self.aside("heartbeat", &token, &params).await;
    }

    /// Makes one call whose failure is the next call's to find, or nobody's.
    async fn aside(&self, endpoint: &str, token: &Token, params: &Params) {
        let Ok(body) = self.dialect.encode(params) else { return };
        let failed = |number: &str| self.dialect.failure(number);
        if let Err(failure) = self.attempt(Class::Read, endpoint, token, body, failed).await {
            let (target, code) = (self.client.target(), failure.code);
            tracing::debug!(target: "sipform::provider", target, what = endpoint, code, "failed, which doesn't matter");
        }
    }
}

/// Keeps an idle session alive for as long as anybody holds it.
async fn keep_alive<D: Dialect>(shared: Weak<Shared<D>>) {
    while let Some(due) = shared.upgrade().map(|shared| shared.heartbeat_due()) {
        sleep_until(due).await;
        let Some(shared) = shared.upgrade() else { return };
        if shared.heartbeat_due() <= Instant::now() {
            shared.heartbeat().await;
        }
    }
}

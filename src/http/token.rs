//! A session's token: one login that all waiting calls share, few renewals, and no second try after a refusal.
//!
//! A vendor's door locks after a few failed logins, for everyone behind the same address. So a refused login is
//! remembered and never repeated, and a login whose answer was lost, which may count as a failed one, is repeated once
//! in a run.

use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Mutex;

use crate::model::Secret;

use super::call::{Course, Next};
use super::decide::FIRST_DELAY;
use super::{Class, Client, Failure, FailureKind};

/// How often a run may log in again after its token died.
pub const MAX_RENEWALS: u32 = 3;
/// How many logins of a run may stay without an answer.
pub const MAX_LOST_LOGINS: u32 = 2;

/// A token, and which login it came from.
#[derive(Clone, Debug)]
pub struct Token {
    text: Secret,
    login: u32,
}

impl Token {
    /// The token itself, for the request.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }
}

/// Keeps one target's token for a run.
pub struct TokenKeeper {
    client: Client,
    state: Mutex<State>,
    /// Counts failed log-ins, so that calls that were waiting for one share its failure instead of trying in turn.
    failed: AtomicU32,
}

#[derive(Default)]
struct State {
    token: Option<Token>,
    logins: u32,
    renewals: u32,
    lost: u32,
    /// Why nothing is sent any more.
    shut: Option<Failure>,
    last_failure: Option<Failure>,
}

impl TokenKeeper {
    /// A keeper that has not logged in yet.
    pub fn new(client: Client) -> Self {
        Self { client, state: Mutex::default(), failed: AtomicU32::new(0) }
    }

    /// Makes one call with a token: logs in first where there is none, and where the vendor says that the token is dead
    /// renews it once and repeats the call.
    ///
    /// # Errors
    /// The last attempt's failure. A login that failed means that the call itself was not sent: what is unknown then is
    /// the login's outcome, so it comes back as [`FailureKind::NotSent`].
    pub async fn call<T, L, LF, A, AF>(&self, class: Class, login: L, attempt: A) -> Result<T, Failure>
    where
        L: Fn() -> LF,
        LF: Future<Output = Result<Secret, Failure>>,
        A: Fn(Token) -> AF,
        AF: Future<Output = Result<T, Failure>>,
    {
        let mut course = Course::new(&self.client, class);
        loop {
            let token = self.token(&login).await.map_err(Failure::before_write)?;
            let failure = match attempt(token.clone()).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if course.after(failure.clone()).await? == Next::RenewToken {
                self.expire(&token, failure).await?;
            }
        }
    }

    /// The live token; logs in where there is none. However many calls wait, one login is made.
    async fn token<L, LF>(&self, login: &L) -> Result<Token, Failure>
    where
        L: Fn() -> LF,
        LF: Future<Output = Result<Secret, Failure>>,
    {
        let failed_before = self.failed.load(Ordering::SeqCst);
        let mut state = self.state.lock().await;
        if let Some(failure) = &state.shut {
            return Err(failure.clone());
        }
        if let Some(token) = &state.token {
            return Ok(token.clone());
        }
        match &state.last_failure {
            Some(failure) if self.failed.load(Ordering::SeqCst) != failed_before => return Err(failure.clone()),
            _ => {}
        }
        let result = self.log_in(&mut state, login).await;
        if let Err(failure) = &result {
            state.last_failure = Some(failure.clone());
            self.failed.fetch_add(1, Ordering::SeqCst);
        }
        result
    }

    async fn log_in<L, LF>(&self, state: &mut State, login: &L) -> Result<Token, Failure>
    where
        L: Fn() -> LF,
        LF: Future<Output = Result<Secret, Failure>>,
    {
        // As a create: it is never repeated on its own where the answer was lost.
        let mut course = Course::new(&self.client, Class::Create);
        loop {
            let failure = match login().await {
                Ok(text) => return Ok(state.admit(text)),
                Err(failure) => failure,
            };
            if failure.kind == FailureKind::Unknown {
                state.lost += 1;
                if state.lost < MAX_LOST_LOGINS {
                    tokio::time::sleep(FIRST_DELAY).await;
                    continue;
                }
            }
            if !matches!(failure.kind, FailureKind::NotSent | FailureKind::Busy) {
                self.client.door().note(&failure);
                state.shut = Some(failure.clone());
                return Err(failure);
            }
            course.after(failure).await?;
        }
    }

    /// Drops a token that the vendor calls dead, unless another call has renewed it already.
    async fn expire(&self, used: &Token, failure: Failure) -> Result<(), Failure> {
        let mut state = self.state.lock().await;
        if state.token.as_ref().is_none_or(|token| token.login != used.login) {
            return Ok(());
        }
        state.token = None;
        if state.renewals == MAX_RENEWALS {
            let failure = failure.hint(format!(
                "the session died more than {MAX_RENEWALS} times in this run: does somebody else log in with this user?"
            ));
            state.shut = Some(failure.clone());
            return Err(failure);
        }
        state.renewals += 1;
        Ok(())
    }

    /// The live token, if there is one.
    pub async fn current(&self) -> Option<Token> {
        self.state.lock().await.token.clone()
    }

    /// Takes the live token away, for a logout.
    pub async fn take(&self) -> Option<Token> {
        self.state.lock().await.token.take()
    }
}

impl State {
    fn admit(&mut self, text: Secret) -> Token {
        self.logins += 1;
        let token = Token { text, login: self.logins };
        self.token = Some(token.clone());
        token
    }
}

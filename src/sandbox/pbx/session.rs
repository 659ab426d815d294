//! Log-ins, tokens, and the lock after five failures.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::errno;
use crate::sandbox::dialect::Refusal;
use crate::sandbox::hash::md5_hex;

/// How long a token lives without a call.
const IDLE: Duration = Duration::from_mins(30);

/// This many failed log-ins lock the caller's address out, whatever it sends.
const MAX_FAILURES: u32 = 5;

/// For this long.
const LOCKED_FOR: Duration = Duration::from_mins(10);

/// How many tokens are remembered, dead ones included: they are answered differently from ones that never were.
const MAX_TOKENS: usize = 1000;

/// Who may come in, and who is in.
#[derive(Default)]
pub(super) struct Session {
    username: String,
    password_md5: String,
    tokens: VecDeque<Token>,
    logins: u64,
    failures: u32,
    locked_until: Option<Instant>,
}

struct Token {
    text: String,
    /// `None`: it is known to be dead.
    last_call: Option<Instant>,
}

impl Session {
    pub(super) fn accept(&mut self, username: String, password: &str) {
        self.username = username;
        self.password_md5 = md5_hex(password);
    }

    /// Refuses everybody while the door is locked.
    pub(super) fn check_lock(&mut self) -> Result<(), Refusal> {
        match self.locked_until {
            Some(until) if Instant::now() < until => Err(Refusal::new(errno::LOCKED, "five failed log-ins")),
            Some(_) => {
                self.locked_until = None;
                self.failures = 0;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Checks the user's name and the password's MD5; gives a new token.
    pub(super) fn log_in(&mut self, username: &str, password_md5: &str) -> Result<Value, Refusal> {
        if username != self.username || password_md5 != self.password_md5 {
            return Err(self.fail());
        }
        self.failures = 0;
        self.logins += 1;
        let token = md5_hex(&format!("token {} of {}", self.logins, self.username));
        if self.tokens.len() == MAX_TOKENS {
            self.tokens.pop_front();
        }
        self.tokens.push_back(Token { text: token.clone(), last_call: Some(Instant::now()) });
        Ok(json!({ "token": token, "transport": "TCP" }))
    }

    /// Counts a failed login.
    pub(super) fn fail(&mut self) -> Refusal {
        self.failures += 1;
        if self.failures >= MAX_FAILURES {
            self.locked_until = Some(Instant::now() + LOCKED_FOR);
        }
        Refusal::new(errno::WRONG_LOGIN, "wrong user, or not the password's MD5 in small letters")
    }

    /// Checks a call's token and keeps it alive.
    pub(super) fn check(&mut self, text: &str) -> Result<(), Refusal> {
        if text.is_empty() {
            return Err(Refusal::new(errno::NO_TOKEN, "no token"));
        }
        let Some(token) = self.tokens.iter_mut().find(|token| token.text == text) else {
            return Err(Refusal::new(errno::NO_SUCH_TOKEN, "no such token"));
        };
        token.last_call = token.last_call.filter(|at| at.elapsed() < IDLE).map(|_| Instant::now());
        let alive = token.last_call.map(|_| ());
        alive.ok_or_else(|| Refusal::new(errno::TOKEN_TIMED_OUT, "the token was idle for too long"))
    }

    pub(super) fn log_out(&mut self, text: &str) {
        self.tokens.retain(|token| token.text != text);
    }

    /// Lets a token die as if it had been idle.
    pub(super) fn expire(&mut self, text: &str) {
        for token in self.tokens.iter_mut().filter(|token| token.text == text) {
            token.last_call = None;
        }
    }
}

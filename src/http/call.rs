//! One call: attempts, what each failure means for the next one, and the waiting between them.

use std::time::Duration;

use tokio::time::Instant;

use super::decide::{Decision, SoFar, decide};
use super::random::jitter;
use super::{Class, Client, Failure};

/// The course of one call: remembers its attempts and waits between them.
pub struct Course<'a> {
    client: &'a Client,
    class: Class,
    so_far: SoFar,
}

/// What to do before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Nothing: send it again.
    Again,
    /// Get a new token first.
    RenewToken,
}

impl<'a> Course<'a> {
    /// The course of a call that has not been attempted yet.
    pub fn new(client: &'a Client, class: Class) -> Self {
        let so_far = SoFar { attempts: 0, renewed: false, repeated: false, waited: Duration::ZERO };
        Self { client, class, so_far }
    }

    /// Takes note of a failed attempt and waits as long as it takes before the next one.
    ///
    /// # Errors
    /// The failure itself, where there is no next one.
    pub async fn after(&mut self, failure: Failure) -> Result<Next, Failure> {
        self.so_far.attempts += 1;
        match decide(self.class, failure.kind, failure.retry_after, self.so_far, jitter()) {
            Decision::GiveUp => {
                self.client.door().note(&failure);
                Err(failure)
            }
            Decision::RenewToken => {
                self.so_far.renewed = true;
                Ok(Next::RenewToken)
            }
            Decision::Retry(delay) => {
                self.so_far.repeated |= failure.kind == super::FailureKind::OnceMore;
                self.so_far.waited += delay;
                let (target, code, ms) = (self.client.target(), &failure.code, delay.as_millis());
                tracing::debug!(target: "sipform::http", target, code, ms, "waiting before the next attempt");
                if self.client.wait_until(Instant::now() + delay).await {
                    Ok(Next::Again)
                } else {
                    Err(interrupted(failure))
                }
            }
        }
    }
}

/// The failure of the last attempt, which stands: there won't be another.
fn interrupted(mut failure: Failure) -> Failure {
    failure.message.push_str("; the run was interrupted before it could be tried again");
    failure
}

/// Makes one call of a vendor that has no sessions. `attempt` builds its request anew each time: signatures and nonces
/// are good for one attempt. Unless one has worked just now they go one by one, so that a wrong key is refused once.
///
/// # Errors
/// The last attempt's failure.
pub async fn call<T, A, F>(client: &Client, class: Class, attempt: A) -> Result<T, Failure>
where
    A: Fn() -> F,
    F: Future<Output = Result<T, Failure>>,
{
    let mut course = Course::new(client, class);
    loop {
        let failure = match client.door().knock(attempt()).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        if course.after(failure.clone()).await? == Next::RenewToken {
            return Err(failure);
        }
    }
}

//! One call: attempts, what each failure means for the next one, and the waiting between them.

use std::time::Duration;

use tokio::time::Instant;

use super::decide::{Decision, Limit, MAX_RETRY_AFTER, MAX_WAIT, SoFar, decide};
use super::{Class, Client, Failure};

/// From this on a wait is told to people.
const LONG_WAIT: Duration = Duration::from_secs(5);

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
        match decide(self.class, failure.kind, failure.retry_after, self.so_far, self.client.surroundings().jitter()) {
            Decision::GiveUp(limit) => {
                self.client.door().note(&failure);
                Err(self.given_up(failure, limit))
            }
            Decision::RenewToken => {
                self.so_far.renewed = true;
                Ok(Next::RenewToken)
            }
            Decision::Retry(delay) => {
                self.so_far.repeated |= failure.kind == super::FailureKind::OnceMore;
                self.so_far.waited += delay;
                self.tell(&failure, delay);
                if self.client.wait_until(Instant::now() + delay).await {
                    Ok(Next::Again)
                } else {
                    Err(interrupted(failure))
                }
            }
        }
    }

    /// A short wait is nobody's business; of a long one people should know why nothing happens.
    fn tell(&self, failure: &Failure, delay: Duration) {
        let (target, code, seconds) = (self.client.target(), &*failure.code, delay.as_secs());
        if delay >= LONG_WAIT {
            let (why, attempt) = (&*failure.message, self.so_far.attempts + 1);
            tracing::warn!(target: "sipform::http", target, code, why, "waiting {seconds} s before attempt {attempt}");
        } else {
            let ms = delay.as_millis();
            tracing::debug!(target: "sipform::http", target, code, ms, "waiting before the next attempt");
        }
    }

    /// A failure that was repeated in vain says how often, how long, and what ended it.
    fn given_up(&self, failure: Failure, limit: Limit) -> Failure {
        let why = match limit {
            Limit::Final if self.so_far.attempts == 1 => return failure,
            Limit::Final => "this isn't repeated".to_owned(),
            Limit::Attempts(most) => format!("{most} are the most"),
            Limit::Asked(wait) => {
                format!("asked to wait for {} s, and {} s are the most", wait.as_secs(), MAX_RETRY_AFTER.as_secs())
            }
            Limit::Waited => format!("all waits together may take {} s", MAX_WAIT.as_secs()),
        };
        let SoFar { attempts, waited, .. } = self.so_far;
        let attempts = if attempts == 1 { "1 attempt".to_owned() } else { format!("{attempts} attempts") };
        let waited = format!("{}.{} s", waited.as_secs(), waited.subsec_millis() / 100);
        let message = format!("{} (given up after {attempts} and {waited} of waiting: {why})", failure.message);
        Failure { message, ..failure }
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;
    use crate::http::FailureKind::{Busy, NotSent, Refused, Unknown};
    use crate::http::fake::{Fake, json, target};
    use crate::model::testing::PBX;

    /// What a call says that fails like this for ever.
    async fn said(class: Class, kind: super::super::FailureKind, asked: Option<u64>) -> String {
        let transport = Fake::new(|_, _| json(&serde_json::Value::Null));
        let (_, client) = target(&PBX, "https://pbx.example", Vec::new(), transport);
        let failure = Failure { retry_after: asked.map(Duration::from_secs), ..Failure::new(kind, "x", "it failed") };
        call::<(), _, _>(&client, class, || async { Err(failure.clone()) }).await.unwrap_err().message
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_says_how_often_how_long_and_why() {
        for (class, kind, asked, expected) in [
            (Class::Read, Refused, None, "it failed"),
            (Class::Create, Unknown, None, "it failed"),
            (
                Class::Read,
                Unknown,
                Some(3),
                "it failed (given up after 3 attempts and 6.0 s of waiting: 3 are the most)",
            ),
            (
                Class::Create,
                NotSent,
                Some(0),
                "it failed (given up after 3 attempts and 0.0 s of waiting: 3 are the most)",
            ),
            (
                Class::Create,
                Busy,
                Some(60),
                "it failed (given up after 6 attempts and 300.0 s of waiting: 6 are the most)",
            ),
            (
                Class::Create,
                Busy,
                Some(250),
                "it failed (given up after 3 attempts and 500.0 s of waiting: all waits together may take 600 s)",
            ),
            (
                Class::Delete,
                Busy,
                Some(301),
                "it failed (given up after 1 attempt and 0.0 s of waiting: asked to wait for 301 s, and 300 s are the most)",
            ),
        ] {
            assert_eq!(said(class, kind, asked).await, expected);
        }
    }
}

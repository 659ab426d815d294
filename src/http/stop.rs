//! The user's wish to end: nothing new starts, what is in flight finishes.

use tokio::sync::watch;

/// Tells whether the run shall end.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<bool>);

/// Makes it end.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Stopper {
    /// A pair of ends.
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Asks the run to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether the run shall end.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it shall; for ever, if nobody can ask any more.
    pub async fn requested(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

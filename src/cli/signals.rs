//! SIGINT and SIGTERM: the first one asks the run to end well, the second one ends it.

use crate::apply::{Stop, Stopper};
use crate::cli::exit::Exit;
use crate::cli::output::Output;

/// Starts to listen.
pub(super) fn listen(output: Output) -> Stop {
    let (stopper, stop) = Stopper::new();
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        stopper.stop();
        output.message("\ninterrupted: finishing what is in flight; once more to stop at once\n");
        signals.next().await;
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
    stop
}

/// Listens for the first one, without a word.
#[cfg(feature = "sandbox")]
pub(super) fn quietly() -> Stop {
    let (stopper, stop) = Stopper::new();
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        stopper.stop();
    });
    stop
}

/// Both signals, heard from the moment that this is made: not only once a task gets its turn, and not only while
/// somebody waits for the next one.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self { interrupt: signal(SignalKind::interrupt()).ok(), terminate: signal(SignalKind::terminate()).ok() }
    }

    async fn next(&mut self) {
        tokio::select! {
            () = received(&mut self.interrupt) => {}
            () = received(&mut self.terminate) => {}
        }
    }
}

/// Waits for ever where the system doesn't let us hear it.
#[cfg(unix)]
async fn received(signal: &mut Option<tokio::signal::unix::Signal>) {
    match signal {
        Some(signal) => _ = signal.recv().await,
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> Self {
        Self
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

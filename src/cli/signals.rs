//! SIGINT and SIGTERM, and SIGHUP where the terminal goes away: the first one asks the run to end well, the second one ends
//! it.

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

/// Listens without a word.
#[cfg(feature = "sandbox")]
pub(super) fn quietly() -> Stop {
    let (stopper, stop) = Stopper::new();
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        stopper.stop();
        signals.next().await;
        std::process::exit(i32::from(Exit::Interrupted.code()));
    });
    stop
}

/// The signals, heard from the moment that this is made: not only once a task gets its turn, and not only while
/// somebody waits for the next one.
#[cfg(unix)]
struct Signals {
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
    hang_up: Option<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let hang_up = may_hear_hang_up().then(|| signal(SignalKind::hangup()).ok()).flatten();
        let (interrupt, terminate) = (signal(SignalKind::interrupt()).ok(), signal(SignalKind::terminate()).ok());
        Self { interrupt, terminate, hang_up }
    }

    async fn next(&mut self) {
        tokio::select! {
            () = received(&mut self.interrupt) => {}
            () = received(&mut self.terminate) => {}
            () = received(&mut self.hang_up) => {}
        }
    }
}

/// Whether a hang-up may be heard: not where whoever started us has it ignored, as `nohup` does, for to hear it would undo
/// that. Where the system doesn't tell, it keeps its usual effect, which is the end.
#[cfg(unix)]
fn may_hear_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    // The first bit is signal 1, SIGHUP.
    ignored.is_some_and(|mask| mask & 1 == 0)
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

//! Asking a person.

use std::io::{self, BufRead};

use tokio::sync::oneshot;

use super::output::Output;
use crate::apply::Stop;

/// What came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// The word `yes`, nothing shorter.
    Yes,
    /// Anything else, or the end of input.
    No,
    /// The run was interrupted meanwhile.
    Interrupted,
}

/// Asks on standard error and waits for a line. Sessions are kept alive meanwhile: the runtime goes on.
pub(super) async fn ask(output: Output, question: &str, stop: &Stop) -> Answer {
    output.message(&format!("{question}\n  Only \"yes\" is accepted: "));
    let (sender, receiver) = oneshot::channel();
    // Not tokio's blocking pool: the runtime would wait for the line at its end, too.
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        // Nobody waits any more where the run was interrupted.
        _ = sender.send(read.is_ok() && line.trim() == "yes");
    });
    tokio::select! {
        answer = receiver => if answer.unwrap_or(false) { Answer::Yes } else { Answer::No },
        () = stop.requested() => Answer::Interrupted,
    }
}

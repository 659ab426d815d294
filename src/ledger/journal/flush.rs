//! Notes reach the disk together: those who wait share a flush.
//!
//! A disk takes about as long for one line as for a hundred, so whoever asks while one flush is under way is served by the
//! next, with everybody else who came meanwhile.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::sync::Arc;

use tokio::sync::Mutex;
use tokio::task::{spawn_blocking, yield_now};

/// How a file is brought to the disk.
pub(super) type Sync = fn(&File) -> io::Result<()>;

/// What is on the disk so far, and the way there.
#[derive(Debug)]
pub(super) struct Flushes {
    state: Mutex<State>,
    sync: Sync,
    /// Whether another thread waits for the disk.
    pub(super) aside: bool,
}

/// Lines are numbered in the order in which they were written, from 1.
#[derive(Debug, Default)]
struct State {
    /// Up to this line everything was flushed, or lost.
    upto: u64,
    /// The lines that the last failed flush lost. Those who wait come in the order of their lines, so all of them have
    /// been told before another flush fails.
    lost: Range<u64>,
    why: Option<(io::ErrorKind, String)>,
}

impl Flushes {
    pub(super) fn new(sync: Sync) -> Self {
        Self { state: Mutex::default(), sync, aside: false }
    }

    /// Waits until a line is on the disk. `written` gives the file and the last line that was written to it.
    pub(super) async fn wait_for(
        &self,
        line: u64,
        written: impl Fn() -> io::Result<(Arc<File>, u64)>,
    ) -> io::Result<()> {
        let mut state = self.state.lock().await;
        if line > state.upto {
            // Whoever else is ready to note something does it before the disk is waited for.
            yield_now().await;
            let (file, last) = written()?;
            let result = self.flush(file).await;
            state.note(last, result);
        }
        state.of(line)
    }

    /// A system asked twice about a failure may say that all is well; so it is asked once, for all.
    async fn flush(&self, file: Arc<File>) -> io::Result<()> {
        let sync = self.sync;
        if !self.aside {
            return sync(&file);
        }
        spawn_blocking(move || sync(&file)).await.unwrap_or_else(|error| Err(io::Error::other(error)))
    }
}

impl State {
    fn note(&mut self, last: u64, result: io::Result<()>) {
        if let Err(error) = result {
            self.lost = self.upto + 1..last + 1;
            self.why = Some((error.kind(), error.to_string()));
        }
        self.upto = last;
    }

    fn of(&self, line: u64) -> io::Result<()> {
        match &self.why {
            Some((kind, why)) if self.lost.contains(&line) => Err(io::Error::new(*kind, why.clone())),
            _ => Ok(()),
        }
    }
}

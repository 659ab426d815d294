//! The floor: what no reconciler can leave out. It reads the same YAML with the same parser, on as many threads, fetches
//! the same answers with the same HTTP client, decodes them with the same decoder, and does nothing with them.

use std::path::PathBuf;
use std::thread;

use clap::{Args, ValueEnum};
use saphyr_parser::Parser;

use crate::Failure;
use crate::calls::{Centre, Pbx};

/// What a floor's process does.
#[derive(Args)]
pub(crate) struct Task {
    #[arg(value_enum)]
    pub(crate) kind: Kind,
    /// Where the sandbox is
    #[arg(long, default_value = "")]
    pub(crate) url: String,
    /// How many targets there are, or creates to send
    #[arg(long, default_value_t = 0)]
    pub(crate) count: usize,
    /// How many calls are in flight at once
    #[arg(long, default_value_t = 1)]
    pub(crate) in_flight: usize,
    /// The YAML
    pub(crate) files: Vec<PathBuf>,
}

/// Which floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Starts and ends.
    Nothing,
    /// Reads YAML.
    Yaml,
    /// Reads YAML and the listings of a contact centre.
    Numbers,
    /// The same, sends so many creates, and reads the listings again.
    Creates,
    /// Reads YAML and the listings of so many PBXs.
    Trunks,
}

/// How many calls to different PBXs are in flight at once: each needs an open file.
const MOST_PBXS: usize = 1000;

/// Does a task.
pub(crate) fn run(task: &Task) -> Result<(), Failure> {
    if task.kind == Kind::Nothing {
        return Ok(());
    }
    read_all(&task.files)?;
    if task.kind == Kind::Yaml {
        return Ok(());
    }
    // One thread, as sipform has: the work is waiting for others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(call(task))
}

async fn call(task: &Task) -> Result<(), Failure> {
    match task.kind {
        Kind::Nothing | Kind::Yaml => Ok(()),
        Kind::Numbers => Centre::new(&task.url)?.list().await,
        Kind::Creates => {
            let centre = Centre::new(&task.url)?;
            centre.list().await?;
            centre.create(task.count, task.in_flight).await?;
            centre.list().await
        }
        Kind::Trunks => Pbx::list_all(&task.url, task.count, MOST_PBXS).await,
    }
}

/// Every event of every file, on as many threads as there are cores.
fn read_all(files: &[PathBuf]) -> Result<(), Failure> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(files.len()).max(1);
    let share = |first: usize| files.iter().skip(first).step_by(threads);
    thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|first| scope.spawn(move || read(share(first)))).collect();
        let own = read(share(0));
        let ended = others.into_iter().map(|other| other.join().unwrap_or_else(|_| Err("a thread panicked".into())));
        ended.fold(own, Result::and).map_err(Failure::from)
    })
}

fn read<'a>(files: impl Iterator<Item = &'a PathBuf>) -> Result<(), String> {
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
        for event in Parser::new_from_str(&text) {
            event.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

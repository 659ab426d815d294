//! Measures sipform on fleets of any size: `cargo build --release`, then `cargo run --release --example fleet`.
//!
//! Each row of the table is a fleet that is made up for it, the sandbox that plays its other side in a process of its
//! own, and a command. Beside the command runs its *floor*: a process that reads the same YAML, fetches the same answers
//! and decodes both, with the same crates, and does nothing with them. The two take turns, each at least five times; the
//! table shows medians. It is printed, and with the picture written to `docs/`.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a command")]

#[path = "fleet/calls.rs"]
mod calls;
#[path = "fleet/floor.rs"]
mod floor;
#[path = "fleet/machine.rs"]
mod machine;
#[path = "fleet/make.rs"]
mod make;
#[path = "fleet/measure.rs"]
mod measure;
#[path = "fleet/page.rs"]
mod page;
#[path = "fleet/picture.rs"]
mod picture;
#[path = "fleet/rows.rs"]
mod rows;
#[path = "fleet/run.rs"]
mod run;
#[path = "fleet/served.rs"]
mod served;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What went wrong, for whoever runs it.
type Failure = Box<dyn Error>;

/// Measures sipform on fleets of any size.
#[derive(Parser)]
struct Options {
    /// Small fleets, one run each, nothing written: does everything still work?
    #[arg(long)]
    quick: bool,
    /// Only this row, as in `plan-10000`, or all of a family, as in `plan`; repeatable
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// The program to measure [default: target/release/sipform]
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// How often each row runs
    #[arg(long, value_name = "N", default_value_t = 5)]
    runs: usize,
    #[command(subcommand)]
    floor: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// What a floor's process does; for the example itself
    #[command(hide = true)]
    Floor(floor::Task),
}

fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match options.floor {
        Some(Command::Floor(task)) => floor::run(&task),
        None => measure_all(&options),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("fleet: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure_all(options: &Options) -> Result<(), Failure> {
    let example = std::env::current_exe()?;
    let target = example.ancestors().nth(3).ok_or("the example isn't where cargo puts it")?;
    let binary = options.binary.clone().unwrap_or_else(|| target.join("release/sipform"));
    if !binary.exists() {
        return Err(format!("there is no {}: run `cargo build --release` first", binary.display()).into());
    }
    // Beside the build, on a disk: temporary folders are memory on some machines, and a journal is to be flushed.
    let folder = tempfile::Builder::new().prefix("fleet-").tempdir_in(target)?;
    let bench = run::Bench { binary: fs::canonicalize(binary)?, example, folder: folder.path().to_owned() };
    let runs = if options.quick { 1 } else { options.runs.max(1) };
    let rows = rows::all(options.quick);
    let mut results = Vec::new();
    for row in rows.iter().filter(|row| is_wanted(row.name, &options.only)) {
        eprintln!("{} …", row.work);
        results.push(bench.measure(row, runs)?);
    }
    let report = page::page(&results, &bench.machine(), runs);
    println!("{report}");
    if !options.quick && options.only.is_empty() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
        fs::write(docs.join("performance.md"), &report)?;
        fs::write(docs.join("performance.svg"), picture::picture(&results))?;
    }
    Ok(())
}

fn is_wanted(name: &str, only: &[String]) -> bool {
    let is_meant = |asked: &str| name.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    only.is_empty() || only.iter().any(|asked| is_meant(asked))
}

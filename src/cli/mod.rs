//! The command line: one file a command, arguments in, exit code out. Only here is anything printed, and only here are
//! the environment, the terminal and the clock looked at.

mod apply;
mod args;
mod check;
mod completions;
mod context;
mod crash;
mod delivery;
mod drift;
mod error;
mod events;
mod exit;
mod import;
mod late;
mod lines;
mod lock;
mod man;
mod material;
mod measures;
mod memory;
mod open_files;
mod output;
mod pace;
mod plan;
mod progress;
mod prompt;
mod report;
mod report_file;
mod reviewed;
#[cfg_attr(not(feature = "sandbox"), path = "no_sandbox.rs")]
mod sandbox;
mod schema;
mod session;
mod show;
mod signals;
mod usage;
mod validate;

use std::process::ExitCode;

use clap::Parser as _;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use args::{Cli, Command};
use exit::Exit;

/// Reads a plan file, for those who try to break the reader.
#[cfg(any(test, fuzzing))]
pub(crate) fn plan_file(path: &std::path::Path) -> Result<crate::plan::PlanDocument, String> {
    reviewed::parse(path).map_err(|error| format!("{error:?}"))
}

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    crash::prepare();
    match Cli::try_parse() {
        Ok(cli) => start(cli).into(),
        Err(error) => usage::tell(&error).into(),
    }
}

fn start(cli: Cli) -> Exit {
    log_to_stderr(verbosity(&cli.command));
    // One thread: the work is waiting for vendors, and what computes is short. Long listings are read on others.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(run(cli.command)),
        Err(error) => {
            tracing::error!(%error, "the runtime can't be started");
            Exit::Failure
        }
    }
}

async fn run(command: Command) -> Exit {
    match command {
        Command::Validate(args) => validate::run(&args),
        Command::Plan(args) => plan::run(&args).await,
        Command::Apply(args) => apply::run(&args).await,
        Command::Check(args) => check::run(&args).await,
        Command::Drift(args) => drift::run(&args).await,
        Command::Import(args) => import::run(&args).await,
        Command::Show(args) => show::run(&args),
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => sandbox::run(&args.command).await,
        Command::Schema(args) => schema::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    }
}

fn verbosity(command: &Command) -> u8 {
    match command {
        Command::Validate(args) => args.common.verbose,
        Command::Drift(args) => args.common.verbose,
        Command::Show(args) => args.verbose,
        Command::Plan(args) => args.common.verbose,
        Command::Apply(args) => args.common.verbose,
        Command::Check(args) => args.common.verbose,
        Command::Import(args) => args.common.verbose,
        Command::Schema(_) | Command::Completions(_) | Command::Man(_) => 0,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => match &args.command {
            args::SandboxCommand::Serve(args) => args.verbose,
            args::SandboxCommand::Reset { .. } => 0,
        },
    }
}

/// Logs go to standard error: `SIPFORM_LOG` as a filter, else by the number of `-v`. Only this crate's: what the HTTP
/// libraries log at their highest levels holds whole requests, with tokens and passwords.
fn log_to_stderr(verbose: u8) {
    let level = match verbose {
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let asked = std::env::var("SIPFORM_LOG").ok().filter(|filter| !filter.is_empty());
    let filter = EnvFilter::try_new(asked.unwrap_or_else(|| format!("sipform={level}")))
        .unwrap_or_else(|_| EnvFilter::new("sipform=warn"));
    let own = tracing_subscriber::filter::filter_fn(|metadata| metadata.target().starts_with("sipform"));
    let layer = tracing_subscriber::fmt::layer().with_writer(|| output::LogLines).with_ansi(false);
    // A second initialisation in the same process (tests) keeps the first one.
    _ = tracing_subscriber::registry().with(layer.with_filter(own)).with(filter).try_init();
}

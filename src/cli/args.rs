//! What was typed: the command line as clap reads it. What it resolves to is decided elsewhere.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::report_file::{Wanted, parse, parse_name};
use crate::render::Format;
use crate::render::schema::Subject;

/// SIP trunks and SIP numbers, the way a YAML file says.
///
/// `plan` shows what differs between the YAML and the live systems, `apply` brings it about, `drift` compares without
/// being able to write.
#[derive(Debug, Parser)]
#[command(name = "sipform", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// The exit codes, one a line behind the heading; the manual page takes them apart again.
pub(super) const AFTER_HELP: &str = "\
Exit codes:
  0    success (plan: with or without changes, unless --detailed-exitcode)
  1    nothing was applied: bad input, nothing readable, \"no\" at the prompt; plan, drift: a target can't be read
  2    plan --detailed-exitcode: apply would send something; drift: there are differences (that are neither known nor told before)
  3    refused before the first write: budget, protection, a plan file of another configuration, a lock
  4    applied in part: something failed, is stale, skipped or unknown, or a target was left out
  5    --detailed-exitcode: only what the vendors' APIs can't do remains
  101  a bug in sipform stopped it: what it had sent is in the journal, and the next apply settles it
  130  interrupted, with a full report";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check the YAML; reads no secret and calls nobody
    Validate(ValidateArgs),
    /// Show what apply would do
    Plan(PlanArgs),
    /// Bring the live systems to what the YAML says
    Apply(ApplyArgs),
    /// Compare the live systems with the YAML; can't write
    Drift(DriftArgs),
    /// Render what `plan --out` or `--format json` has saved, in any format; calls nobody
    Show(ShowArgs),
    /// Place the test calls of the YAML: it rings phones, and asks first
    Check(CheckArgs),
    /// Write YAML for live objects that no YAML lists yet
    Import(ImportArgs),
    /// The vendors' side of the contracts, on this machine, to try things out
    #[cfg(feature = "sandbox")]
    Sandbox(SandboxArgs),
    /// Print the JSON Schema of the YAML, or of a command's JSON document
    Schema(SchemaArgs),
    /// Print a shell's completions: load them with `source <(sipform completions bash)`, or as your shell does it
    Completions(CompletionsArgs),
    /// Print the manual page, or write one for each command
    Man(ManArgs),
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub(super) struct Common {
    /// Desired-state file, or a folder read recursively; repeatable [default: desired-state.yaml]
    #[arg(short = 'f', long = "file", value_name = "FILE|DIR")]
    pub(super) files: Vec<PathBuf>,
    /// Only objects whose target/kind/key matches this pattern; a target's name alone stands for all of it; repeatable
    #[arg(long, value_name = "ADDRESS-GLOB")]
    pub(super) target: Vec<String>,
    /// Where to remember what is ours [default: .sipform/ledger.json]
    #[arg(long, value_name = "PATH", env = "SIPFORM_LEDGER")]
    pub(super) ledger: Option<PathBuf>,
    /// Run against a sandbox in this process instead of the real systems; nothing has to be set up
    #[arg(long)]
    pub(super) sandbox: bool,
    /// Make the sandbox fail: KIND[:ENDPOINT-GLOB][:COUNT], as in `cut:trunk/add_siptrunk:1`; repeatable
    #[arg(long, value_name = "FAULT", requires = "sandbox")]
    pub(super) sandbox_fault: Vec<String>,
    /// Colours
    #[arg(long, value_enum, default_value_t)]
    pub(super) color: ColorChoice,
    /// Say more on standard error (-vv, -vvv: still more); `SIPFORM_LOG` takes a filter
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
    /// Run the commands of ${cmd:…} references
    #[arg(long)]
    pub(super) allow_cmd: bool,
}

/// Options of every command whose document has all formats.
#[derive(Debug, Clone, Args)]
pub(super) struct Reporting {
    /// What standard output holds
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,
    /// Also write a report to this file, in any of the formats; repeatable
    #[arg(long, value_name = "FORMAT=PATH", value_parser = parse)]
    pub(super) report: Vec<Wanted>,
    /// Tells this job's Markdown comment from those of others, as in `production`
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    pub(super) report_name: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) reporting: Reporting,
}

#[derive(Debug, Args)]
pub(super) struct DriftArgs {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) reporting: Reporting,
    /// Drift that is known, with reasons and dates, as YAML: it is shown, and doesn't count
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<PathBuf>,
    /// Remember in this file what was told: the same drift again is one line, and exit code 0
    #[arg(long, value_name = "FILE")]
    pub(super) notify_on_change: Option<PathBuf>,
    /// Write what the run came to to this file, for Prometheus (textfile collector)
    #[arg(long, value_name = "FILE")]
    pub(super) metrics: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// What `plan --out` wrote, or the JSON document of a plan, apply, drift or validate
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) reporting: Reporting,
    /// Exit as the command did that made it
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// Colours
    #[arg(long, value_enum, default_value_t)]
    pub(super) color: ColorChoice,
    /// List also what is unmanaged
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

/// Options of what makes a plan.
#[derive(Debug, Clone, Args)]
pub(super) struct Planning {
    /// Exit with 2 if there is something to send (plan only), with 5 if only what the vendors' APIs can't do remains
    #[arg(long)]
    pub(super) detailed_exitcode: bool,
    /// Allow exactly this many deletes and replaces in the whole plan
    #[arg(long, value_name = "N")]
    pub(super) allow_deletes: Option<usize>,
    /// Replace this object whatever it looks like; repeatable
    #[arg(long, value_name = "ADDRESS")]
    pub(super) replace: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) reporting: Reporting,
    #[command(flatten)]
    pub(super) planning: Planning,
    /// Write the plan to this file, for `sipform apply FILE`
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// A plan that `sipform plan --out` wrote: exactly this is applied, without asking
    #[arg(value_name = "PLAN-FILE")]
    pub(super) plan: Option<PathBuf>,
    #[command(flatten)]
    pub(super) common: Common,
    #[command(flatten)]
    pub(super) reporting: Reporting,
    #[command(flatten)]
    pub(super) planning: Planning,
    /// Don't ask
    #[arg(long)]
    pub(super) auto_approve: bool,
    /// Write the accounts that the vendors have made to this file (mode 0600), as YAML by address; they are written nowhere
    /// else
    #[arg(long, value_name = "FILE")]
    pub(super) credentials_out: Option<PathBuf>,
    /// How long to wait for another apply on the same ledger, as in 30s or 5m
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "0s")]
    pub(super) lock_timeout: Duration,
}

#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    pub(super) common: Common,
    /// What standard output holds
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: PlainFormat,
    /// Don't ask
    #[arg(long)]
    pub(super) auto_approve: bool,
}

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    pub(super) common: Common,
    /// What standard output holds
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: PlainFormat,
    /// Write the YAML to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Write the secrets to this file (mode 0600), one NAME='value' a line; they are written nowhere else
    #[arg(long, value_name = "FILE")]
    pub(super) secrets_out: Option<PathBuf>,
    /// Write the accounts that the vendors have made to this file (mode 0600), as YAML by address
    #[arg(long, value_name = "FILE")]
    pub(super) credentials_out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct SchemaArgs {
    /// What it is of
    #[arg(value_enum, value_name = "WHAT", default_value_t)]
    pub(super) subject: Subject,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write the pages of all commands to this folder
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
}

#[cfg(feature = "sandbox")]
#[derive(Debug, Args)]
pub(super) struct SandboxArgs {
    #[command(subcommand)]
    pub(super) command: SandboxCommand,
}

#[cfg(feature = "sandbox")]
#[derive(Debug, Subcommand)]
pub(super) enum SandboxCommand {
    /// Serve the vendors' APIs over HTTP on this machine
    Serve(ServeArgs),
    /// Forget everything that --sandbox runs left in this folder
    Reset {
        /// Colours
        #[arg(long, value_enum, default_value_t)]
        color: ColorChoice,
    },
}

#[cfg(feature = "sandbox")]
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8088")]
    pub(super) listen: std::net::SocketAddr,
    /// Serve only this provider's API; repeatable
    #[arg(long, value_name = "NAME")]
    pub(super) provider: Vec<String>,
    /// A credential or setting that the served boxes accept, as in username=api; repeatable
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) set: Vec<String>,
    /// Keep the state in this folder between runs
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
    /// Begin each new box with so many made-up objects instead of a few: SIP numbers, trunks, or bought numbers
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(..=10_000_000))]
    pub(super) objects: Option<u32>,
    /// Serve so many more boxes of each provider, each under a path of its own: /yeastar-1, /yeastar-2 …
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true,
          value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub(super) targets: u32,
    /// How long each call takes that changes nothing, as in 50ms
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "0s", hide_default_value = true)]
    pub(super) latency_read: Duration,
    /// How long each call takes that changes something, as in 100ms
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "0s", hide_default_value = true)]
    pub(super) latency_write: Duration,
    /// Make calls fail: KIND[:ENDPOINT-GLOB][:COUNT], as for --sandbox-fault; repeatable
    #[arg(long, value_name = "FAULT")]
    pub(super) fault: Vec<String>,
    /// Colours
    #[arg(long, value_enum, default_value_t)]
    pub(super) color: ColorChoice,
    /// Say more on standard error
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(super) verbose: u8,
}

impl ValueEnum for Subject {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.about()))
    }
}

/// A shell that completions can be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    /// `source <(sipform completions bash)`, in ~/.bashrc
    Bash,
    /// `sipform completions zsh > "${fpath[1]}/_sipform"`
    Zsh,
    /// `sipform completions fish > ~/.config/fish/completions/sipform.fish`
    Fish,
    /// `sipform completions powershell | Out-String | Invoke-Expression`, in $PROFILE
    #[value(name = "powershell")]
    Pwsh,
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.about()))
    }
}

/// What standard output holds, of commands that make no report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum PlainFormat {
    /// For people
    #[default]
    Text,
    /// One JSON document, also on failure
    Json,
}

impl From<PlainFormat> for Format {
    fn from(format: PlainFormat) -> Self {
        match format {
            PlainFormat::Text => Self::Text,
            PlainFormat::Json => Self::Json,
        }
    }
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let expected = || "expected a time such as 500ms, 30s or 5m".to_owned();
    let split = text.find(|character: char| !character.is_ascii_digit()).ok_or_else(expected)?;
    let (number, unit) = text.split_at_checked(split).ok_or_else(expected)?;
    let number: u64 = number.parse().map_err(|_| expected())?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => number.checked_mul(60).map(Duration::from_secs).ok_or_else(expected),
        _ => Err(expected()),
    }
}

//! `sipform completions`: what a shell offers at the tab key.

use clap::CommandFactory as _;
use clap_complete::{generate, shells};

use super::args::{Cli, CompletionsArgs, Shell};
use super::exit::Exit;
use super::output::Output;

/// Runs the command.
pub(super) fn run(args: &CompletionsArgs) -> Exit {
    let (mut command, mut script) = (Cli::command(), Vec::new());
    match args.shell {
        Shell::Bash => generate(shells::Bash, &mut command, "sipform", &mut script),
        Shell::Zsh => generate(shells::Zsh, &mut command, "sipform", &mut script),
        Shell::Fish => generate(shells::Fish, &mut command, "sipform", &mut script),
        Shell::Pwsh => generate(shells::PowerShell, &mut command, "sipform", &mut script),
    }
    Output::PLAIN.document(&String::from_utf8_lossy(&script));
    Exit::Success
}

//! `sipform man`: manual pages, made from the command line's own help.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::args::{AFTER_HELP, Cli, ManArgs};
use super::error::CommandError;
use super::exit::Exit;
use super::output::Output;
use super::report;

/// Runs the command.
pub(super) fn run(args: &ManArgs) -> Exit {
    let result = match &args.out {
        None => page(&program()).map(|page| Output::PLAIN.document(&page)).map_err(|error| (PathBuf::new(), error)),
        Some(folder) => {
            fs::create_dir_all(folder).map_err(|error| (folder.clone(), error)).and_then(|()| pages(&program(), folder))
        }
    };
    match result {
        Ok(()) => Exit::Success,
        Err((path, source)) => {
            let error = CommandError::file("written", &path, &source);
            report::tell(Output::PLAIN, &error.diagnostics);
            error.exit
        }
    }
}

/// The command line; `help` would get a page of its own that says nothing.
fn program() -> Command {
    let mut program = Cli::command().disable_help_subcommand(true);
    program.build();
    program
}

/// A page for the command, and one for each below it: `sipform-plan.1`.
fn pages(command: &Command, folder: &Path) -> Result<(), (PathBuf, io::Error)> {
    let path = folder.join(Man::new(command.clone()).get_filename());
    page(command).and_then(|page| fs::write(&path, page)).map_err(|error| (path, error))?;
    command.get_subcommands().try_for_each(|below| pages(below, folder))
}

/// A command's page. The exit codes, which the help shows as a table, become a list.
fn page(command: &Command) -> io::Result<String> {
    let has_codes = command.get_after_help().is_some();
    let man = Man::new(command.clone().after_help(""));
    let mut page = Vec::new();
    man.render(&mut page)?;
    let mut page = in_ascii(&String::from_utf8_lossy(&page));
    if has_codes {
        page += &exit_status();
    }
    Ok(page)
}

fn exit_status() -> String {
    let mut section = String::from(".SH \"EXIT STATUS\"\n");
    for line in AFTER_HELP.lines().skip(1) {
        let (code, meaning) = line.trim().split_once(' ').unwrap_or((line, ""));
        _ = writeln!(section, ".TP\n\\fB{code}\\fR\n{}", meaning.trim().replace('-', "\\-"));
    }
    section
}

/// What isn't ASCII by its code: not every formatter takes UTF-8.
fn in_ascii(text: &str) -> String {
    let character = |character: char| match character {
        plain if plain.is_ascii() => plain.to_string(),
        other => format!("\\[u{:04X}]", u32::from(other)),
    };
    text.chars().map(character).collect()
}

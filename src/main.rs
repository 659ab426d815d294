//! The `sipform` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    sipform::cli::main()
}

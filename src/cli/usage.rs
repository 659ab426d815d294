//! A command line that can't be read: told to people, and to scripts in the document that they seem to have asked for.

use clap::error::ErrorKind;

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::{import, validate};
use crate::plan::PlanDocument;
use crate::plan::document::DiagnosticDocument;
use crate::render::apply::ApplyDocument;
use crate::render::drift::DriftDocument;
use crate::render::style::Color;

/// Help and version are a success; anything else is bad input. clap's own code for it, 2, means something else here.
pub(super) fn tell(error: &clap::Error) -> Exit {
    // Nothing can be done where even this can't be written.
    _ = error.print();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::Success;
    }
    let typed: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if asks_for_json(&typed) {
        document(typed.first().map(String::as_str).unwrap_or_default(), error);
    }
    Exit::Failure
}

/// Standard output holds a document also where the rest of the line is wrong.
fn asks_for_json(typed: &[String]) -> bool {
    let apart = typed.iter().zip(typed.iter().skip(1)).any(|(option, value)| option == "--format" && value == "json");
    apart || typed.iter().any(|word| word == "--format=json")
}

fn document(command: &str, error: &clap::Error) {
    let output = Output { format: Format::Json, color: Color::Off, message_color: Color::Off, verbose: false };
    let text = error.to_string();
    let message = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
    let diagnostics = vec![DiagnosticDocument {
        severity: "error".into(),
        code: "usage".into(),
        message: message.into(),
        source: None,
        address: None,
        target: None,
        hint: Some(format!("look at: sipform {command} --help")),
    }];
    match command {
        "validate" => output.json(&validate::of_diagnostics(diagnostics)),
        "plan" => output.json(&PlanDocument::of_diagnostics(diagnostics)),
        "apply" => output.json(&ApplyDocument::of_diagnostics(diagnostics)),
        "drift" => output.json(&DriftDocument::of_diagnostics(diagnostics)),
        "import" => output.json(&import::of_diagnostics(diagnostics)),
        _ => {}
    }
}

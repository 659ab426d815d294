//! A command line that can't be read: told to people, and to scripts in the document that they seem to have asked for.

use clap::error::ErrorKind;

use super::exit::Exit;
use super::import;
use super::output::Output;
use crate::plan::PlanDocument;
use crate::plan::document::DiagnosticDocument;
use crate::render::apply::ApplyDocument;
use crate::render::drift::DriftDocument;
use crate::render::validate::ValidateDocument;
use crate::render::{self, Document, Format};

/// Help and version are a success; anything else is bad input. clap's own code for it, 2, means something else here.
pub(super) fn tell(error: &clap::Error) -> Exit {
    // Nothing can be done where even this can't be written.
    _ = error.print();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return Exit::Success;
    }
    let typed: Vec<String> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(format) = format_asked_for(&typed) {
        document(typed.first().map(String::as_str).unwrap_or_default(), format, error);
    }
    Exit::Failure
}

/// Standard output holds a document also where the rest of the line is wrong.
fn format_asked_for(typed: &[String]) -> Option<Format> {
    let mut apart = typed.iter().zip(typed.iter().skip(1)).filter(|(option, _)| *option == "--format");
    let joined = typed.iter().find_map(|word| word.strip_prefix("--format="));
    let name = joined.or_else(|| apart.next().map(|(_, value)| value.as_str()))?;
    Format::by_name(name).filter(|format| *format != Format::Text)
}

fn document(command: &str, format: Format, error: &clap::Error) {
    let output = Output { format, ..Output::PLAIN };
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
    let print = |document: Document<'_>| output.machine(&render::render(document, format, None));
    match command {
        "validate" => print((&ValidateDocument::of_diagnostics(diagnostics)).into()),
        "plan" | "show" => print((&PlanDocument::of_diagnostics(diagnostics)).into()),
        "apply" => print((&ApplyDocument::of_diagnostics(diagnostics)).into()),
        "drift" => print((&DriftDocument::of_diagnostics(diagnostics)).into()),
        "import" if format == Format::Json => output.json(&import::of_diagnostics(diagnostics)),
        _ => {}
    }
}

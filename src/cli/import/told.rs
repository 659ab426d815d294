//! What an import says: its document, what it couldn't write, and what to do next.

use std::fmt::Write as _;
use std::path::Path;

use super::proof::Proven;
use super::{Format, ImportDocument, NotWritten, ProofDocument};
use crate::cli::args::ImportArgs;
use crate::cli::context::Context;
use crate::cli::output::{Output, counted};
use crate::cli::report;
use crate::diag::{Diagnostic, quote};
use crate::plan::Plan;
use crate::plan::document::DiagnosticDocument;

/// Shows the YAML, unless it went to a file, and everything about it.
pub(super) fn tell(args: &ImportArgs, output: Output, context: &Context, proven: Proven, plan: &Plan<'_>) {
    let diagnostics: Vec<_> = plan.diagnostics.iter().cloned().chain(warnings(&proven)).collect();
    let text = next_steps(args, context, &proven);
    let yaml = if args.out.is_some() { String::new() } else { proven.imported.yaml.clone() };
    match output.format {
        Format::Json => output.json(&document(proven, yaml, &diagnostics)),
        _ => output.document(&yaml),
    }
    report::tell_all(output, &diagnostics);
    output.message(&text);
}

fn document(proven: Proven, yaml: String, diagnostics: &[Diagnostic]) -> ImportDocument {
    let shown = proven.imported.secrets.iter().map(|(name, _)| name.clone());
    let unproven: Vec<_> = proven.imported.unknown_secrets.iter().map(|unknown| unknown.name.clone()).collect();
    ImportDocument {
        schema: "sipform.import/v1",
        objects: proven.imported.addresses().count(),
        yaml,
        variables: shown.chain(unproven.clone()).collect(),
        diagnostics: diagnostics.iter().map(DiagnosticDocument::from).collect(),
        proof: Some(ProofDocument {
            exact: proven.differences.is_empty(),
            not_written: not_written(&proven),
            differences: proven.differences,
            unproven,
        }),
    }
}

fn not_written(proven: &Proven) -> Vec<NotWritten> {
    let objects = proven.omissions.objects();
    let objects =
        objects.map(|(address, why)| NotWritten { address: address.to_string(), field: None, why: why.to_owned() });
    let fields = proven.imported.left_alone.iter().map(|(address, field, why)| NotWritten {
        address: address.to_string(),
        field: Some(field),
        why: why.clone(),
    });
    objects.chain(fields).collect()
}

fn warnings(proven: &Proven) -> Vec<Diagnostic> {
    let objects = proven.omissions.objects().map(|(address, why)| {
        let message = format!("{address} is left out: {why}");
        Diagnostic::warning("import_left_out", message).about(address.clone())
    });
    let fields = proven.imported.left_alone.iter().map(|(address, field, why)| {
        let message = format!("{} of {address} can't be written: {why}", quote(field));
        Diagnostic::warning("import_left_alone", message)
            .about(address.clone())
            .hint("it stands under `ignore_fields`, so nothing is sent for it")
    });
    let differences = proven.differences.iter().map(|difference| {
        let what = difference.address.as_deref().unwrap_or("the YAML");
        let fields: Vec<_> = difference.fields.iter().map(|field| format!(" {}", quote(field))).collect();
        let message = format!("{what} isn't as it was read{}: {}", fields.concat(), difference.why);
        Diagnostic::warning("import_differs", message)
    });
    objects.chain(fields).chain(differences).collect()
}

/// What the proof has shown, in a sentence.
fn verdict(proven: &Proven) -> String {
    let shown = match proven.differences.len() {
        0 => "no changes".into(),
        count => counted(count, "difference"),
    };
    let mut text = format!("Proof: read back and planned against what was read: {shown}.\n");
    let hidden = proven.imported.unknown_secrets.len();
    if hidden > 0 {
        let secrets = counted(hidden, "secret");
        _ = writeln!(
            text,
            "Not proved: {secrets} that the vendors don't show; set the variables that the comments name."
        );
    }
    text
}

/// What to do with it, for people.
fn next_steps(args: &ImportArgs, context: &Context, proven: &Proven) -> String {
    let imported = &proven.imported;
    let objects = counted(imported.addresses().count(), "object");
    let mut text = format!("Imported {objects} that no YAML listed.\n") + &verdict(proven);
    let variables = imported.secrets.len() + imported.unknown_secrets.len();
    match &args.secrets_out {
        None if variables > 0 => {
            let references = counted(variables, "secret");
            _ = writeln!(text, "Written as ${{env:…}} references: {references}; --secrets-out FILE writes the values.");
        }
        // In the sandbox every reference has a value.
        Some(path) if variables > 0 && !context.sandbox => {
            _ = writeln!(text, "Load the secrets with: set -a; . {}; set +a", sourced(path));
        }
        _ => {}
    }
    if let Some(path) = &args.out {
        let files: Vec<_> = context.files.iter().map(|file| format!("-f {file}")).collect();
        let sandbox = if context.sandbox { " --sandbox" } else { "" };
        _ = writeln!(text, "Check it with: sipform plan{sandbox} {} -f {}", files.join(" "), path.display());
    }
    text
}

/// A shell looks for a file without a slash in its search path.
fn sourced(path: &Path) -> String {
    let bare = path.components().count() == 1;
    format!("{}{}", if bare { "./" } else { "" }, path.display())
}

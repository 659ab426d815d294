//! `sipform import`: YAML for what is live and in no YAML yet, read back and planned before it goes out. Holds no session
//! that can write.

mod groups;
mod proof;
mod secrets;
#[cfg(test)]
mod tests;
mod told;

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::args::ImportArgs;
use super::context::{self, Context};
use super::error::CommandError;
use super::exit::Exit;
use super::material::Material;
use super::output::Output;
use super::report;
use crate::diag::Diagnostic;
use crate::files::{self, Readers};
use crate::model::{Address, LiveObject};
use crate::plan::document::DiagnosticDocument;
use crate::plan::{self, Plan};
use crate::render::Format;
use crate::render::yaml::{self, Group, Imported};
use proof::{Difference, Proven, Subject};

/// How the YAML is called in messages where it goes to standard output.
const NO_FILE: &str = "(standard output)";

/// `sipform.import/v1`.
#[derive(Serialize)]
pub(super) struct ImportDocument {
    schema: &'static str,
    /// How many objects were written.
    objects: usize,
    /// The YAML; empty where it went to a file.
    yaml: String,
    /// Variables that it refers to.
    variables: Vec<String>,
    /// What reading it back has shown; none where nothing was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<ProofDocument>,
    diagnostics: Vec<DiagnosticDocument>,
}

/// What reading the YAML back has shown.
#[derive(Serialize)]
struct ProofDocument {
    /// A plan with the YAML changes nothing that one without it wouldn't.
    exact: bool,
    /// What it would change.
    differences: Vec<Difference>,
    /// Objects and fields that the YAML can't say.
    not_written: Vec<NotWritten>,
    /// Variables whose values the vendors don't show: nobody can compare them.
    unproven: Vec<String>,
}

/// Something that the YAML can't say.
#[derive(Serialize)]
struct NotWritten {
    address: String,
    /// A field that is listed in `ignore_fields`; none where the whole object is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
    why: String,
}

/// Runs the command.
pub(super) async fn run(args: &ImportArgs) -> Exit {
    let output = Output::new(args.common.color, args.common.verbose, args.format);
    match import(args, output).await {
        Ok(exit) => exit,
        Err(error) => report::fail_in_json(output, &error, of_diagnostics),
    }
}

/// For a run that ended before anything was read.
pub(super) fn of_diagnostics(diagnostics: Vec<DiagnosticDocument>) -> ImportDocument {
    let (yaml, variables) = (String::new(), Vec::new());
    ImportDocument { schema: "sipform.import/v1", objects: 0, yaml, variables, proof: None, diagnostics }
}

async fn import(args: &ImportArgs, output: Output) -> Result<Exit, CommandError> {
    // Before anybody is asked for anything.
    args.out.iter().chain(&args.secrets_out).map(PathBuf::as_path).try_for_each(refuse_to_overwrite)?;
    let context = Context::load(&args.common, output)?;
    let material = Material::look(&context, None, &[], output).await?;
    let plan = material.plan(&plan::Options::default());
    let (groups, omissions) = groups::of(&context, &plan);
    let subject = Subject {
        context: &context,
        material: &material,
        before: &plan,
        paths: &context::paths(&args.common.files),
        file: args.out.as_deref().unwrap_or(Path::new(NO_FILE)),
        resolver: &*context::resolver(&args.common, &context.connector),
        variables: &secrets::free_variables(&context.sources),
    };
    let proven = subject.write(&groups, omissions);
    let exit = exit(&plan, &proven);
    deliver(args, &context, &proven.imported, &groups)?;
    told::tell(args, output, &context, proven, &plan);
    Ok(exit)
}

/// What couldn't be read comes before what couldn't be written.
fn exit(plan: &Plan<'_>, proven: &Proven) -> Exit {
    if !plan.read_everything() {
        Exit::Failure
    } else if proven.differences.is_empty() {
        Exit::Success
    } else {
        Exit::Differences
    }
}

/// What is there may be the only YAML, or the only copy of a secret: an import lists only what no YAML lists.
fn refuse_to_overwrite(path: &Path) -> Result<(), CommandError> {
    let holds_something = path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.len() > 0);
    if !holds_something {
        return Ok(());
    }
    let message = format!("{} is there already, and an import doesn't replace it", path.display());
    let diagnostic = Diagnostic::error("file_exists", message).hint("name another file, or move this one away");
    Err(CommandError::new(Exit::Failure, diagnostic))
}

/// Writes the files that were asked for.
fn deliver(
    args: &ImportArgs,
    context: &Context,
    imported: &Imported,
    groups: &[Group<'_>],
) -> Result<(), CommandError> {
    if let Some(path) = &args.secrets_out {
        let text = yaml::env_file(&imported.secrets);
        write_private(path, text.expose()).map_err(|error| CommandError::file("written", path, &error))?;
    }
    if let Some(path) = &args.credentials_out {
        let text = yaml::credentials(with_addresses(groups));
        write_private(path, text.expose()).map_err(|error| CommandError::file("written", path, &error))?;
    }
    if let Some(path) = &args.out {
        files::replace(path, imported.yaml.as_bytes(), Readers::Default)
            .map_err(|error| CommandError::file("written", path, &error))?;
    }
    context.connector.keep_secrets(&imported.secrets)
}

fn with_addresses<'g>(groups: &'g [Group<'_>]) -> impl Iterator<Item = (Address, &'g LiveObject)> {
    groups.iter().flat_map(|group| group.objects.iter().map(|live| (group.address(&live.key), *live)))
}

/// Writes a file that nobody else may read, whatever was there before.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    files::replace(path, text.as_bytes(), Readers::OwnerAlone)
}

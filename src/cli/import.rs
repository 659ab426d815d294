//! `sipform import`: YAML for what is live and in no YAML yet. Holds no session that can write.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use serde::Serialize;

use super::args::ImportArgs;
use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;
use super::material::Material;
use super::output::{Output, counted};
use super::report;
use crate::diff::Pair;
use crate::files::{self, Readers};
use crate::model::{Address, LiveObject, Target};
use crate::plan::document::DiagnosticDocument;
use crate::plan::{self, Plan};
use crate::render::Format;
use crate::render::yaml::{Group, Imported};

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
    diagnostics: Vec<DiagnosticDocument>,
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
    ImportDocument { schema: "sipform.import/v1", objects: 0, yaml, variables, diagnostics }
}

async fn import(args: &ImportArgs, output: Output) -> Result<Exit, CommandError> {
    let context = Context::load(&args.common, output)?;
    let material = Material::look(&context, None, &[], output).await?;
    let plan = material.plan(&plan::Options::default());
    let groups = groups(&context, &plan);
    let imported = Imported::new(&groups);
    write(args, output, &context, &imported, &groups, &plan)?;
    Ok(if plan.read_everything() { Exit::Success } else { Exit::Failure })
}

/// What is live, selected, not ignored and in no entry of the YAML; by kind, then by target.
fn groups<'p>(context: &Context, plan: &'p Plan<'_>) -> Vec<Group<'p>> {
    let mut groups: Vec<_> = plan.targets.iter().flat_map(|input| groups_of(context, plan, input)).collect();
    groups.sort_by_key(|group| crate::model::kinds::ALL.iter().position(|kind| *kind == group.support.kind));
    groups
}

fn groups_of<'p>(context: &Context, plan: &'p Plan<'_>, input: &'p plan::TargetInput<'_>) -> Vec<Group<'p>> {
    let target: &Target = input.target;
    let Ok(snapshot) = input.live else { return Vec::new() };
    let unchanged = input.diff.unchanged.iter().map(|Pair { live, .. }| *live);
    let own = plan.steps.iter().filter(|step| step.change.desired.is_some());
    let changed = own.filter_map(|step| step.change.live);
    // By identity: an entry may stand for an object under another key.
    let listed: HashSet<*const LiveObject> = unchanged.chain(changed).map(std::ptr::from_ref).collect();
    let groups = snapshot.listings.iter().filter_map(|listing| {
        let support = target.provider.support(listing.kind)?;
        let mut objects: Vec<_> = listing
            .objects
            .iter()
            .filter(|live| {
                !target.ignores(listing.kind.name, &live.key) && !listed.contains(&std::ptr::from_ref(*live))
            })
            .collect();
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        let defaulted = context.defaulted(&target.name, listing.kind);
        Some(Group { target: &target.name, support, defaulted, objects })
    });
    groups.collect()
}

fn write(
    args: &ImportArgs,
    output: Output,
    context: &Context,
    imported: &Imported,
    groups: &[Group<'_>],
    plan: &Plan<'_>,
) -> Result<(), CommandError> {
    let objects = groups.iter().map(|group| group.objects.len()).sum();
    if let Some(path) = &args.secrets_out {
        write_private(path, imported.env_file().expose())
            .map_err(|error| CommandError::file("written", path, &error))?;
    }
    if let Some(path) = &args.credentials_out {
        let text = crate::render::yaml::credentials(with_addresses(groups));
        write_private(path, text.expose()).map_err(|error| CommandError::file("written", path, &error))?;
    }
    if let Some(path) = &args.out {
        files::replace(path, imported.yaml.as_bytes(), Readers::Default)
            .map_err(|error| CommandError::file("written", path, &error))?;
    }
    context.connector.keep_secrets(&imported.secrets)?;
    let yaml = if args.out.is_some() { String::new() } else { imported.yaml.clone() };
    match output.format {
        Format::Json => output.json(&ImportDocument {
            schema: "sipform.import/v1",
            objects,
            yaml,
            variables: imported
                .secrets
                .iter()
                .map(|(name, _)| name.clone())
                .chain(imported.unknown_secrets.clone())
                .collect(),
            diagnostics: plan.diagnostics.iter().map(DiagnosticDocument::from).collect(),
        }),
        _ => output.document(&yaml),
    }
    report::tell_all(output, &plan.diagnostics);
    output.message(&next_steps(args, context, imported, objects));
    Ok(())
}

fn with_addresses<'g>(groups: &'g [Group<'_>]) -> impl Iterator<Item = (Address, &'g LiveObject)> {
    groups.iter().flat_map(|group| {
        let address = |live: &LiveObject| Address::new(group.target, group.support.kind.name, live.key.clone());
        group.objects.iter().map(move |live| (address(live), *live))
    })
}

/// What to do with it, for people.
fn next_steps(args: &ImportArgs, context: &Context, imported: &Imported, objects: usize) -> String {
    let mut text = format!("Imported {} that no YAML listed.\n", counted(objects, "object"));
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

/// Writes a file that nobody else may read, whatever was there before.
pub(super) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    files::replace(path, text.as_bytes(), Readers::OwnerAlone)
}

//! `sipform plan`: what apply would do. Holds no session that can write.

use std::path::Path;

use super::args::PlanArgs;
use super::context::Context;
use super::delivery::Delivery;
use super::error::CommandError;
use super::exit::Exit;
use super::material::Material;
use super::output::{Output, write_json};
use super::{late, report};
use crate::files::{self, Readers};
use crate::plan::Plan;
use crate::plan::document::{self, PlanDocument};
use crate::render;

/// Runs the command.
pub(super) async fn run(args: &PlanArgs) -> Exit {
    let (delivery, opened) = Delivery::open(args.common.color, args.common.verbose, &args.reporting);
    let result = match opened {
        Ok(()) => plan(args, &delivery).await,
        Err(error) => Err(error),
    };
    result.unwrap_or_else(|error| delivery.fail(&error, PlanDocument::of_diagnostics))
}

async fn plan(args: &PlanArgs, delivery: &Delivery) -> Result<Exit, CommandError> {
    let output = delivery.output;
    let context = Context::load(&args.common, output)?;
    let options = context.options(&args.planning)?;
    // First the journal: an apply that ends meanwhile writes the ledger before it empties the journal.
    let left_over = late::left_over(&context.journal(), output)?;
    let ledger = context.ledger()?;
    let material = Material::look(&context, ledger.as_ref(), &left_over, output).await?;
    let plan = material.plan(&options);
    let for_apply = args.out.is_some();
    let document = if for_apply || delivery.needs_all() {
        draw_up(&plan, &context, for_apply)
    } else {
        PlanDocument::to_look_at(&plan, of(&context, false))
    };
    // Before anything is shown: where it fails, standard output holds one document still.
    args.out.as_deref().map_or(Ok(()), |path| save(path, &document))?;
    let exit = exit(&plan, args.planning.detailed_exitcode);
    let exit =
        delivery.end((&document).into(), exit, || render::plan::Text { plan: &document, options: options_of(output) });
    report::tell_all(output, plan.refusals.iter().chain(&plan.diagnostics));
    if let Some(path) = &args.out {
        let (path, sandbox) = (path.display(), if context.sandbox { "--sandbox " } else { "" });
        output.message(&format!("\nSaved to {path}; apply exactly this with: sipform apply {sandbox}{path}\n"));
    }
    Ok(exit)
}

/// The plan's document.
pub(super) fn draw_up(plan: &Plan<'_>, context: &Context, for_apply: bool) -> PlanDocument {
    PlanDocument::new(plan, of(context, for_apply))
}

/// What a document says beside the plan itself.
pub(super) fn of(context: &Context, for_apply: bool) -> document::Context<'_> {
    document::Context { desired: &context.desired, files: &context.files, for_apply }
}

/// A plan for people.
pub(super) fn text(output: Output, document: &PlanDocument) -> String {
    render::plan::text(document, options_of(output))
}

fn options_of(output: Output) -> render::plan::Options {
    render::plan::Options { color: output.color, verbose: output.verbose }
}

fn save(path: &Path, document: &PlanDocument) -> Result<(), CommandError> {
    let written = files::replace_by(path, Readers::Default, |file| write_json(file, document));
    written.map_err(|error| CommandError::file("written", path, &error))
}

fn exit(plan: &Plan<'_>, detailed: bool) -> Exit {
    if !plan.read_everything() {
        Exit::Failure
    } else if !plan.refusals.is_empty() {
        Exit::Refused
    } else if detailed && plan.sends_anything() {
        Exit::Differences
    } else if detailed && !plan.steps.is_empty() {
        Exit::CannotConverge
    } else {
        Exit::Success
    }
}

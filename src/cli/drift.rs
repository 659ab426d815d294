//! `sipform drift`: how the live systems differ from the YAML. Holds no session that can write.

use super::args::DriftArgs;
use super::context::Context;
use super::delivery::Delivery;
use super::error::CommandError;
use super::exit::Exit;
use super::material::Material;
use super::plan::draw_up;
use super::{late, report};
use crate::plan;
use crate::render;
use crate::render::drift::DriftDocument;

/// Runs the command.
pub(super) async fn run(args: &DriftArgs) -> Exit {
    let (delivery, opened) = Delivery::open(args.common.color, args.common.verbose, &args.reporting);
    let result = match opened {
        Ok(()) => drift(args, &delivery).await,
        Err(error) => Err(error),
    };
    result.unwrap_or_else(|error| delivery.fail(&error, DriftDocument::of_diagnostics))
}

async fn drift(args: &DriftArgs, delivery: &Delivery) -> Result<Exit, CommandError> {
    let output = delivery.output;
    let context = Context::load(&args.common, output)?;
    // First the journal: an apply that ends meanwhile writes the ledger before it empties the journal.
    let left_over = late::left_over(&context.journal(), output)?;
    let ledger = context.ledger()?;
    let material = Material::look(&context, ledger.as_ref(), &left_over, output).await?;
    let options = plan::Options { sandbox: context.sandbox, ..plan::Options::default() };
    let plan = material.plan(&options);
    let classes = plan::drift::classify(&plan, |target| material.key_check(target));
    let gone = plan::drift::gone(&plan, &context.desired, &context.selection, |target| material.key_check(target));
    let document = DriftDocument::new(draw_up(&plan, &context, false), &classes, &gone);
    let exit = exit(&document);
    let options = render::plan::Options { color: output.color, verbose: output.verbose };
    let exit = delivery.end((&document).into(), exit, || render::drift::text(&document, options));
    report::tell_all(output, &plan.diagnostics);
    Ok(exit)
}

/// How a comparison ends that came to this.
pub(super) fn exit(document: &DriftDocument) -> Exit {
    if document.targets.iter().any(|target| !target.complete) {
        Exit::Failure
    } else if document.items.is_empty() {
        Exit::Success
    } else {
        Exit::Differences
    }
}

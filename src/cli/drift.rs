//! `sipform drift`: how the live systems differ from the YAML. Holds no session that can write.

use std::time::Instant;

use super::args::DriftArgs;
use super::context::Context;
use super::delivery::Delivery;
use super::error::CommandError;
use super::exit::Exit;
use super::material::Material;
use super::memory::Memory;
use super::plan::of;
use super::{late, measures, report};
use crate::config::Baseline;
use crate::diag::Diagnostics;
use crate::model::Selection;
use crate::plan::{self, Plan, PlanDocument};
use crate::render;
use crate::render::drift::DriftDocument;
use crate::render::metrics::Measured;

/// What a run came to, for the metrics.
struct Outcome {
    exit: Exit,
    document: DriftDocument,
    targets: Vec<Measured>,
}

/// Runs the command.
pub(super) async fn run(args: &DriftArgs) -> Exit {
    let started = Instant::now();
    let (delivery, opened) = Delivery::open(args.common.color, args.common.verbose, &args.reporting);
    let result = match opened {
        Ok(()) => drift(args, &delivery).await,
        Err(error) => Err(error),
    };
    let outcome = result.unwrap_or_else(|error| {
        let exit = delivery.fail(&error, DriftDocument::of_diagnostics);
        Outcome { exit, document: DriftDocument::of_diagnostics(Vec::new()), targets: Vec::new() }
    });
    let Outcome { exit, document, targets } = outcome;
    match args.metrics.as_deref().map(|path| measures::write(path, &document, &targets, started.elapsed())) {
        Some(Err(error)) => {
            report::tell(delivery.output, &error.diagnostics);
            if exit == Exit::Interrupted { exit } else { Exit::Failure }
        }
        Some(Ok(())) | None => exit,
    }
}

async fn drift(args: &DriftArgs, delivery: &Delivery) -> Result<Outcome, CommandError> {
    let output = delivery.output;
    let context = Context::load(&args.common, output)?;
    // Before anybody is called: what is wrong with it is bad input.
    let baseline = args.baseline.as_deref().map(Baseline::read).transpose()?;
    // First the journal: an apply that ends meanwhile writes the ledger before it empties the journal.
    let left_over = late::left_over(&context.journal(), output)?;
    let ledger = context.ledger()?;
    let material = Material::look(&context, ledger.as_ref(), &left_over, output).await?;
    let options = plan::Options { sandbox: context.sandbox, ..plan::Options::default() };
    let plan = material.plan(&options);
    let mut document = compare(&plan, &context, &material);
    let mut warnings = Diagnostics::default();
    if let Some(baseline) = &baseline {
        warnings.merge(acknowledge(&mut document, baseline, &context.selection));
    }
    let memory = args.notify_on_change.as_deref().map(|path| Memory::hold_against(path, &mut document, &mut warnings));
    document.diagnostics.extend(report::documents(&warnings));
    let options = render::plan::Options { color: output.color, verbose: output.verbose };
    let exit =
        delivery.end((&document).into(), exit(&document), || render::drift::Text { document: &document, options });
    report::tell_all(output, plan.diagnostics.iter().chain(warnings.iter()));
    let exit = match memory {
        // What didn't get out isn't told.
        Some(memory) if exit != Exit::Failure => remember(&memory, delivery, exit),
        _ => exit,
    };
    Ok(Outcome { exit, targets: measured(&plan), document })
}

fn compare(plan: &Plan<'_>, context: &Context, material: &Material<'_>) -> DriftDocument {
    let classes = plan::drift::classify(plan, |target| material.key_check(target));
    let mut others = plan::drift::gone(plan, &context.desired, &context.selection, |target| material.key_check(target));
    others.extend(plan::drift::remarks(plan));
    DriftDocument::new(PlanDocument::to_look_at(plan, of(context, false)), &classes, &others)
}

/// Marks what the baseline knows of; gives warnings about entries that have had their day.
fn acknowledge(document: &mut DriftDocument, baseline: &Baseline, selection: &Selection) -> Diagnostics {
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let mut warnings = document.acknowledge(&baseline.known, &today, selection.is_everything());
    baseline.complete(&mut warnings);
    warnings
}

fn remember(memory: &Memory<'_>, delivery: &Delivery, exit: Exit) -> Exit {
    match memory.keep() {
        Ok(()) => exit,
        Err(error) => {
            report::tell(delivery.output, &error.diagnostics);
            Exit::Failure
        }
    }
}

fn measured(plan: &Plan<'_>) -> Vec<Measured> {
    let measured = |input: &plan::TargetInput<'_>| Measured {
        name: input.target.name.to_string(),
        kinds: input.target.provider.kinds.iter().map(|support| support.kind.name).collect(),
        up: input.live.is_ok(),
    };
    plan.targets.iter().map(measured).collect()
}

/// How a comparison ends that came to this.
pub(super) fn exit(document: &DriftDocument) -> Exit {
    if !document.read_everything() {
        Exit::Failure
    } else if document.news().next().is_none() || document.was_told() {
        Exit::Success
    } else {
        Exit::Differences
    }
}

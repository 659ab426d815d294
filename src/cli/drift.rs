//! `sipform drift`: how the live systems differ from the YAML. Holds no session that can write.

use super::args::{Common, Format};
use super::context::Context;
use super::error::CommandError;
use super::exit::Exit;
use super::material::Material;
use super::output::Output;
use super::plan::draw_up;
use super::{late, report};
use crate::plan;
use crate::render;
use crate::render::drift::DriftDocument;

/// Runs the command.
pub(super) async fn run(common: &Common) -> Exit {
    let output = Output::new(common);
    match drift(common, output).await {
        Ok(exit) => exit,
        Err(error) => report::fail(output, &error, DriftDocument::of_diagnostics),
    }
}

async fn drift(common: &Common, output: Output) -> Result<Exit, CommandError> {
    let context = Context::load(common, output)?;
    // First the journal: an apply that ends meanwhile writes the ledger before it empties the journal.
    let left_over = late::left_over(&context.journal(), output)?;
    let ledger = context.ledger()?;
    let material = Material::look(&context, ledger.as_ref(), &left_over, output).await?;
    let options = plan::Options { sandbox: context.sandbox, ..plan::Options::default() };
    let plan = material.plan(&options);
    let classes = plan::drift::classify(&plan, |target| material.key_check(target));
    let gone = plan::drift::gone(&plan, &context.desired, &context.selection, |target| material.key_check(target));
    let document = DriftDocument::new(draw_up(&plan, &context, false), &classes, &gone);
    match output.format {
        Format::Json => output.json(&document),
        Format::Text => {
            let options = render::plan::Options { color: output.color, verbose: output.verbose };
            output.document(&render::drift::text(&document, options));
        }
    }
    report::tell_all(output, &plan.diagnostics);
    Ok(if !plan.read_everything() {
        Exit::Failure
    } else if document.items.is_empty() {
        Exit::Success
    } else {
        Exit::Differences
    })
}

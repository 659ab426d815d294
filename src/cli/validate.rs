//! `sipform validate`: is the YAML right? Reads no secret and calls nobody.

use super::args::ValidateArgs;
use super::context::{load, paths};
use super::delivery::Delivery;
use super::exit::Exit;
use super::report;
use crate::render::validate::{ValidateDocument, text};

/// Runs the command.
pub(super) fn run(args: &ValidateArgs) -> Exit {
    let (delivery, opened) = Delivery::open(args.common.color, args.common.verbose, &args.reporting);
    if let Err(error) = opened {
        return delivery.fail(&error, ValidateDocument::of_diagnostics);
    }
    let (valid, diagnostics, objects, targets) = match load(&paths(&args.common.files)) {
        Ok(loaded) => (true, loaded.diagnostics().clone(), loaded.object_count(), loaded.target_count()),
        Err(error) => (false, error.diagnostics, 0, 0),
    };
    report::tell(delivery.output, &diagnostics);
    let document = ValidateDocument {
        valid,
        errors: diagnostics.error_count(),
        warnings: diagnostics.warning_count(),
        objects,
        targets,
        ..ValidateDocument::of_diagnostics(report::documents(&diagnostics))
    };
    let exit = if valid { Exit::Success } else { Exit::Failure };
    delivery.end((&document).into(), exit, || text(&document))
}

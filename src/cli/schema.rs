//! `sipform schema`: JSON Schema for editors and scripts.

use super::args::SchemaArgs;
use super::exit::Exit;
use super::output::Output;
use crate::provider::registry;
use crate::render::schema::schema;

/// Runs the command.
pub(super) fn run(args: &SchemaArgs) -> Exit {
    let tables: Vec<_> = registry::tables().collect();
    Output::PLAIN.document(&schema(args.subject, &tables));
    Exit::Success
}

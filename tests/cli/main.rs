//! The whole program, as people and pipelines see it: exit codes, standard output, standard error and files.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test fails by panicking")]

mod all_vendors;
mod bad_input;
mod drift;
mod fleets;
mod formats;
mod gone;
mod guards;
mod harness;
mod hostile;
mod import;
mod interrupts;
mod ledgers;
mod locks;
mod main_job;
mod plan_files;
mod refusals;
mod secrets;
mod tls;
mod tooling;
mod traces;
mod wire;

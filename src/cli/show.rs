//! `sipform show`: what a command has saved, in any format. Needs neither YAML nor secrets, and calls nobody.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::args::ShowArgs;
use super::delivery::Delivery;
use super::drift;
use super::error::CommandError;
use super::exit::Exit;
use super::reviewed::{check_digest, plan_of, read_json};
use crate::plan::PlanDocument;
use crate::render::apply::ApplyDocument;
use crate::render::drift::DriftDocument;
use crate::render::validate::ValidateDocument;
use crate::render::{Document, apply as apply_document, drift as drift_document, plan as plan_text, validate};

/// Runs the command.
pub(super) fn run(args: &ShowArgs) -> Exit {
    let (delivery, opened) = Delivery::open(args.color, args.verbose, &args.reporting);
    match opened.and_then(|()| Saved::read(&args.file)) {
        Ok(saved) => show(args, &delivery, &saved),
        Err(error) => delivery.fail(&error, PlanDocument::of_diagnostics),
    }
}

fn show(args: &ShowArgs, delivery: &Delivery, saved: &Saved) -> Exit {
    let (output, document) = (delivery.output, saved.document());
    let exit = if args.detailed_exitcode { saved.exit() } else { Exit::Success };
    let options = plan_text::Options { color: output.color, verbose: output.verbose };
    let exit = delivery.end(document, exit, || document.text(options));
    output.message(&document.told());
    exit
}

/// What a file holds.
enum Saved {
    Validate(ValidateDocument),
    Plan(PlanDocument),
    Apply(ApplyDocument),
    Drift(DriftDocument),
}

impl Saved {
    fn read(path: &Path) -> Result<Self, CommandError> {
        let json = read_json(path, "a document of sipform's")?;
        let schema = json.get("schema").and_then(Json::as_str).unwrap_or_default();
        match schema {
            apply_document::SCHEMA => of(json, path).map(Self::Apply),
            drift_document::SCHEMA => of(json, path).map(Self::Drift),
            validate::SCHEMA => of(json, path).map(Self::Validate),
            _ => {
                let plan = plan_of(json, path)?;
                // A plan that was never made has nothing to be touched, and no digest.
                let made = !(plan.digest.is_empty() && plan.changes.is_empty() && plan.targets.is_empty());
                if made {
                    check_digest(&plan, path)?;
                }
                Ok(Self::Plan(plan))
            }
        }
    }

    fn document(&self) -> Document<'_> {
        match self {
            Self::Validate(document) => document.into(),
            Self::Plan(document) => document.into(),
            Self::Apply(document) => document.into(),
            Self::Drift(document) => document.into(),
        }
    }

    /// How the command ended that made it.
    fn exit(&self) -> Exit {
        let document = self.document();
        let interrupted = document.diagnostics().iter().any(|diagnostic| diagnostic.code == "interrupted");
        match self {
            _ if interrupted => Exit::Interrupted,
            _ if !document.got_through() => Exit::Failure,
            Self::Validate(document) if document.valid => Exit::Success,
            Self::Validate(_) => Exit::Failure,
            Self::Plan(plan) => of_plan(plan),
            Self::Apply(apply) => of_apply(apply),
            Self::Drift(document) => drift::exit(document),
        }
    }
}

fn of<T: DeserializeOwned>(json: Json, path: &Path) -> Result<T, CommandError> {
    serde_json::from_value(json).map_err(|_| {
        let why = "a field is missing or of another type than its schema says";
        CommandError::failure("plan_file", format!("{} can't be shown: {why}", path.display()))
    })
}

fn of_plan(plan: &PlanDocument) -> Exit {
    if plan.targets.iter().any(|target| !target.complete) {
        Exit::Failure
    } else if plan.diagnostics.iter().any(|diagnostic| diagnostic.severity == "error") {
        // Where everything was read, an error is a budget or a protection.
        Exit::Refused
    } else if plan.changes.iter().any(|change| change.action != "cannot_converge") {
        Exit::Differences
    } else if !plan.changes.is_empty() {
        Exit::CannotConverge
    } else {
        Exit::Success
    }
}

fn of_apply(apply: &ApplyDocument) -> Exit {
    let deferred = || apply.results.iter().flat_map(|result| &result.fields).any(|field| field.deferred.is_some());
    if apply.interrupted {
        Exit::Interrupted
    } else if apply.summary.done < apply.results.len() || apply.targets.iter().any(|target| !target.complete) {
        Exit::Partial
    } else if !apply.remaining.is_empty() || deferred() {
        Exit::CannotConverge
    } else {
        Exit::Success
    }
}

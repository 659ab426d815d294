//! A plan file: is it whole, and was it made from what is here now?

use std::path::{Path, PathBuf};

use super::args::{ApplyArgs, Common, Planning};
use super::context::Context;
use super::error::CommandError;
use crate::apply::{self, Gate};
use crate::files;
use crate::model::Target;
use crate::model::outcome::{Action, Outcome};
use crate::plan::document::{self, PlanDocument, TargetDocument};
use crate::plan::{Fingerprinter, Plan, digest};

/// The largest plan file that is read: 1 GiB.
const MAX_BYTES: u64 = 1 << 30;
/// What to do about a plan that doesn't fit any more.
const PLAN_AGAIN: &str = "make a new plan with `sipform plan --out FILE`, look at it, and apply that";

/// A plan that somebody has looked at.
pub(super) struct Reviewed {
    document: PlanDocument,
}

impl Reviewed {
    /// Reads it and checks that nobody has touched it.
    pub(super) fn read(path: &Path, args: &ApplyArgs) -> Result<Self, CommandError> {
        refuse_other_options(args)?;
        let document = parse(path)?;
        let name = path.display();
        if document.digest != document.compute_digest() {
            return Err(refused(
                "plan_damaged",
                format!("the plan {name} doesn't match its own digest: it was changed or cut"),
            ));
        }
        if major(&document.version) != major(env!("CARGO_PKG_VERSION")) {
            let (theirs, ours) = (&document.version, env!("CARGO_PKG_VERSION"));
            return Err(refused(
                "plan_version",
                format!("the plan {name} was made by sipform {theirs}, and this is {ours}"),
            ));
        }
        if document.inputs.sandbox != args.common.sandbox {
            let (made, run) =
                if args.common.sandbox { ("real targets", "the sandbox") } else { ("the sandbox", "real targets") };
            let message = format!("the plan {name} was made against {made}, and this run is against {run}");
            return Err(CommandError::refused(
                "plan_sandbox",
                message,
                "give --sandbox to both plan and apply, or to neither",
            ));
        }
        Ok(Self { document })
    }

    /// The options that the plan was made with.
    pub(super) fn arguments(&self, common: &Common) -> (Common, Planning) {
        let inputs = &self.document.inputs;
        let mut common = common.clone();
        if common.files.is_empty() {
            common.files = inputs.files.iter().map(PathBuf::from).collect();
        }
        common.target.clone_from(&inputs.target);
        let planning =
            Planning { detailed_exitcode: false, allow_deletes: inputs.allow_deletes, replace: inputs.replace.clone() };
        (common, planning)
    }

    /// Checks that everything but the live objects is as it was; needs nobody to be called.
    pub(super) fn check(&self, context: &Context) -> Result<(), CommandError> {
        context.targets().into_iter().try_for_each(|target| self.check_target(target, context))?;
        if self.document.config_digest == digest::config_digest(&context.desired) {
            return Ok(());
        }
        let what = "the YAML (or a value that it takes from the environment) isn't what the plan was made from";
        Err(refused("plan_config", what))
    }

    fn check_target(&self, target: &Target, context: &Context) -> Result<(), CommandError> {
        let name = &target.name;
        let Some(then) = self.document.targets.iter().find(|then| then.name == **name) else {
            return Err(refused("plan_target", format!("the plan doesn't know the target {name}")));
        };
        if then.url != target.url {
            let what = format!("the plan was made with {name} at {}, and by now it is at {}", then.url, target.url);
            return Err(refused("plan_address", what));
        }
        check_secrets(then, &context.fingerprinter(target), context)
    }

    /// Ties the plan of the moment to this one: gates for its steps, and the ends of changes that are no longer there.
    pub(super) fn bind(&self, plan: &mut Plan<'_>) -> (Vec<Gate>, Vec<Outcome>) {
        let (gates, gone) = apply::reviewed::bind(plan, &self.document);
        let destroys = [Action::Delete.name(), Action::Replace.name()];
        let total = self.document.changes.iter().filter(|change| destroys.contains(&change.action.as_str())).count();
        plan.hold_against_budgets(|index| gates.get(index) == Some(&Gate::Send), total);
        (gates, gone)
    }
}

fn check_secrets(then: &TargetDocument, now: &Fingerprinter, context: &Context) -> Result<(), CommandError> {
    let name = &then.name;
    if then.key_check.as_ref().is_some_and(|check| *check != now.key_check()) {
        let what =
            format!("the key of {name}'s fingerprints isn't the plan's: SIPFORM_KEY or its credential has changed");
        return Err(refused("plan_key", what));
    }
    let fingerprint = || document::secrets_fingerprint(now, name, &context.desired);
    if then.secrets.as_ref().is_some_and(|secrets| *secrets != fingerprint()) {
        return Err(refused(
            "plan_secret",
            format!("a secret of an object on {name} isn't what the plan was made with"),
        ));
    }
    Ok(())
}

/// A plan carries its own options.
fn refuse_other_options(args: &ApplyArgs) -> Result<(), CommandError> {
    let planning = &args.planning;
    let option = if !args.common.target.is_empty() {
        "--target"
    } else if planning.allow_deletes.is_some() {
        "--allow-deletes"
    } else if !planning.replace.is_empty() {
        "--replace"
    } else {
        return Ok(());
    };
    Err(CommandError::failure("usage", format!("{option} can't be given with a plan file: give it to `sipform plan`")))
}

fn parse(path: &Path) -> Result<PlanDocument, CommandError> {
    let file = |error: &std::io::Error| CommandError::file("read", path, error);
    let text = files::read_text(path, MAX_BYTES).map_err(|error| file(&error))?;
    let what = |why: &str| CommandError::failure("plan_file", format!("{} isn't a plan: {why}", path.display()));
    let value: serde_json::Value = serde_json::from_str(&text)
        .map_err(|error| what(&format!("no JSON at line {}, column {}", error.line(), error.column())))?;
    match value.get("schema").and_then(|schema| schema.as_str()) {
        Some(document::SCHEMA) => {}
        Some(other) if other.starts_with("sipform.plan/") => {
            return Err(refused(
                "plan_version",
                format!("the plan {} is of a schema that this sipform can't read", path.display()),
            ));
        }
        _ => return Err(what(&format!("its schema isn't {}", document::SCHEMA))),
    }
    serde_json::from_value(value).map_err(|_| what("a field is missing or of another type than in a plan"))
}

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or_default()
}

fn refused(code: &'static str, message: impl Into<String>) -> CommandError {
    CommandError::refused(code, message, PLAN_AGAIN)
}

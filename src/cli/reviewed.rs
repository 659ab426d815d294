//! A plan file: is it whole, and was it made from what is here now?

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::args::{ApplyArgs, Common, Planning};
use super::context::Context;
use super::error::CommandError;
use crate::apply::{self, Gate};
use crate::files;
use crate::model::outcome::{Action, Outcome};
use crate::model::{Address, Target};
use crate::plan::document::{self, ChangeDocument, PlanDocument, TargetDocument};
use crate::plan::secrets::Secrets;
use crate::plan::{Fingerprinter, Plan, digest, sections};

/// The largest plan file that is read: 1 GiB.
const MAX_BYTES: u64 = 1 << 30;
/// How many differences are named.
const MAX_NAMED: usize = 5;
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
        // The version first: a plan of another one may hold what this one doesn't know, and would look damaged.
        check_version(&document, path)?;
        check_digest(&document, path)?;
        check_addresses(&document, path)?;
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
    ///
    /// Addresses go before keys, as a key is made for one address, and the YAML before the secrets, as it says which there
    /// are.
    pub(super) fn check(&self, context: &Context) -> Result<(), CommandError> {
        let targets = context.targets();
        targets.iter().try_for_each(|target| self.check_address(target))?;
        let keys: Vec<_> = targets.iter().map(|target| (*target, context.fingerprinter(target))).collect();
        keys.iter().try_for_each(|(target, key)| self.check_seal(target, key))?;
        self.check_config(context)?;
        keys.iter().try_for_each(|(target, key)| self.check_secrets(target, key, context))
    }

    fn target(&self, name: &str) -> Result<&TargetDocument, CommandError> {
        let then = self.document.targets.iter().find(|then| then.name == *name);
        then.ok_or_else(|| refused("plan_target", format!("the plan doesn't know the target {name}")))
    }

    fn check_address(&self, target: &Target) -> Result<(), CommandError> {
        let (name, then) = (&target.name, self.target(&target.name)?);
        if then.url == target.url {
            return Ok(());
        }
        let what = format!("the plan was made with {name} at {}, and by now it is at {}", then.url, target.url);
        Err(refused("plan_address", what))
    }

    /// Nothing goes to a target without its seal: whoever can write the file can make a digest, but no seal.
    fn check_seal(&self, target: &Target, key: &Fingerprinter) -> Result<(), CommandError> {
        let (name, then) = (&target.name, self.target(&target.name)?);
        let (Some(check), Some(_), Some(seal)) = (&then.key_check, &then.secrets, &then.seal) else {
            return if self.sends_to(name) { Err(unsealed(name)) } else { Ok(()) };
        };
        if *check != key.key_check() {
            return Err(refused("plan_key", other_key(then, key)));
        }
        if *seal == key.seal(name, &self.document.digest) {
            return Ok(());
        }
        let what = format!("the plan's seal for {name} is wrong: somebody changed the file since the plan was made");
        Err(refused("plan_damaged", what))
    }

    fn sends_to(&self, target: &str) -> bool {
        let of_target =
            |change: &&ChangeDocument| change.address.strip_prefix(target).is_some_and(|rest| rest.starts_with('/'));
        self.document.changes.iter().filter(of_target).any(sends)
    }

    fn check_config(&self, context: &Context) -> Result<(), CommandError> {
        if self.document.config_digest == digest::config_digest(&context.desired) {
            return Ok(());
        }
        let mut what =
            "the YAML (or a value that it takes from the environment) isn't what the plan was made from".to_owned();
        let differences = sections::differences(&self.document, &context.desired, MAX_NAMED);
        if !differences.is_empty() {
            what.push_str("; it differs in: ");
            what.push_str(&differences.join("; "));
        }
        Err(refused("plan_config", what))
    }

    fn check_secrets(&self, target: &Target, key: &Fingerprinter, context: &Context) -> Result<(), CommandError> {
        let (name, then) = (&target.name, self.target(&target.name)?);
        let now = Secrets::of(name, &context.desired);
        if then.secrets.as_ref().is_none_or(|secrets| *secrets == now.fingerprint(key)) {
            return Ok(());
        }
        let mut what = format!("a secret for {name} isn't what the plan was made with");
        let differences = now.differences(&then.secret_stretches, key, MAX_NAMED);
        if !differences.is_empty() {
            what.push_str(": ");
            what.push_str(&differences.join("; "));
        }
        Err(refused("plan_secret", what))
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

fn check_version(document: &PlanDocument, path: &Path) -> Result<(), CommandError> {
    let (theirs, ours) = (&document.version, env!("CARGO_PKG_VERSION"));
    if major(theirs) == major(ours) {
        return Ok(());
    }
    let what = format!("the plan {} was made by sipform {theirs}, and this is {ours}", path.display());
    Err(refused("plan_version", what))
}

/// Every change has to be about a target of the plan: only those are checked.
fn check_addresses(document: &PlanDocument, path: &Path) -> Result<(), CommandError> {
    let known: HashSet<&str> = document.targets.iter().map(|target| &*target.name).collect();
    let is_known =
        |change: &ChangeDocument| Address::parse(&change.address).is_ok_and(|address| known.contains(&*address.target));
    if document.changes.iter().all(is_known) && known.len() == document.targets.len() {
        return Ok(());
    }
    let what = format!("the plan {} has a change for a target that it doesn't list, or a target twice", path.display());
    Err(refused("plan_damaged", what))
}

fn sends(change: &ChangeDocument) -> bool {
    change.action != Action::CannotConverge.name()
}

fn unsealed(target: &str) -> CommandError {
    let what = format!("the plan has changes for {target} and no seal for it, so nobody can tell who wrote them");
    CommandError::refused("plan_unsealed", what, "only `sipform plan --out FILE` writes a plan that can be applied")
}

/// Why a target's key isn't the one that the plan was made with.
fn other_key(then: &TargetDocument, now: &Fingerprinter) -> String {
    let name = &then.name;
    match (then.key_source.as_deref(), now.key_source()) {
        (Some("SIPFORM_KEY"), "SIPFORM_KEY") => format!("SIPFORM_KEY isn't what it was when {name} was planned"),
        (Some("SIPFORM_KEY"), _) => format!("the plan for {name} was made with SIPFORM_KEY, and now it isn't set"),
        (Some(_), "SIPFORM_KEY") => format!("the plan for {name} was made without SIPFORM_KEY, and now it is set"),
        (Some(_), _) => format!("the credential of {name} isn't what the plan was made with"),
        (None, _) => {
            format!("the key of {name}'s fingerprints isn't the plan's: SIPFORM_KEY or its credential has changed")
        }
    }
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

pub(super) fn parse(path: &Path) -> Result<PlanDocument, CommandError> {
    plan_of(read_json(path, "a plan")?, path)
}

/// Whether nobody has touched it.
pub(super) fn check_digest(document: &PlanDocument, path: &Path) -> Result<(), CommandError> {
    if document.digest == document.compute_digest() {
        return Ok(());
    }
    let name = path.display();
    Err(refused("plan_damaged", format!("the plan {name} doesn't match its own digest: it was changed or cut")))
}

/// Reads a file that should hold a document; `what` is what it is taken for.
pub(super) fn read_json(path: &Path, what: &str) -> Result<serde_json::Value, CommandError> {
    let file = |error: &std::io::Error| CommandError::file("read", path, error);
    let text = files::read_text(path, MAX_BYTES).map_err(|error| file(&error))?;
    serde_json::from_str(&text).map_err(|error| {
        let place = format!("no JSON at line {}, column {}", error.line(), error.column());
        CommandError::failure("plan_file", format!("{} isn't {what}: {place}", path.display()))
    })
}

/// A plan, from what a file holds.
pub(super) fn plan_of(value: serde_json::Value, path: &Path) -> Result<PlanDocument, CommandError> {
    let what = |why: &str| CommandError::failure("plan_file", format!("{} isn't a plan: {why}", path.display()));
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

//! Changes → Plan: what may be sent, in which order, within which budget.
//!
//! Pure, as the comparison is: the same input gives the same bytes, whatever the order in which objects were listed.

pub mod applied;
pub mod digest;
pub mod document;
pub mod drift;
pub mod fingerprint;
mod guards;
mod order;
mod resources;
pub mod secrets;
pub mod sections;
mod target_document;
#[cfg(test)]
pub(crate) mod testing;

#[cfg(test)]
mod tests;

use crate::diag::Diagnostic;
use crate::diff::{Change, Diff, HeldBack};
use crate::model::outcome::Action;
use crate::model::{Address, Claims, Completeness, Snapshot, Target, Unreadable};

pub use document::PlanDocument;
pub use fingerprint::Fingerprinter;

/// One target as it comes into a plan.
pub struct TargetInput<'a> {
    /// The target.
    pub target: &'a Target,
    /// What the vendor showed, or why it couldn't be read.
    pub live: Result<&'a Snapshot, Unreadable>,
    /// What is ours there.
    pub claims: &'a Claims,
    /// The differences; empty where the target couldn't be read.
    pub diff: Diff<'a>,
    /// Makes its fingerprints.
    pub fingerprinter: &'a Fingerprinter,
}

/// What a user may ask of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The exact number of deletes and replaces that the user allows (`--allow-deletes`).
    pub allow_deletes: Option<usize>,
    /// The patterns of `--target`.
    pub selection: Vec<String>,
    /// The addresses of `--replace`.
    pub replace: Vec<Address>,
    /// Made against the sandbox.
    pub sandbox: bool,
}

/// All changes of a run in a safe order, and what stands against sending them.
pub struct Plan<'a> {
    /// In an order in which everything comes after what it requires.
    pub steps: Vec<Step<'a>>,
    /// The targets, by name.
    pub targets: Vec<TargetInput<'a>>,
    /// Why nothing may be sent: budget, protection. Errors, each about an address or a target.
    pub refusals: Vec<Diagnostic>,
    /// Worth knowing.
    pub diagnostics: Vec<Diagnostic>,
    /// What the user asked for.
    pub options: Options,
}

/// One change and what it waits for.
#[derive(Debug)]
pub struct Step<'a> {
    /// What to do.
    pub change: Change<'a>,
    /// Steps that have to be done first, by their place in the plan.
    pub requires: Vec<usize>,
    /// Steps whose *release* has to be done first: they give up a value that this one takes, and take another.
    pub after_release: Vec<usize>,
    /// Fields (by their place in the kind's table) whose value is given up in a call of its own, before the new one is
    /// taken.
    pub releases: Vec<usize>,
    /// Makes the target's fingerprints.
    pub fingerprinter: &'a Fingerprinter,
}

impl Step<'_> {
    /// Fingerprint of the live object; none for a create. Made when it is asked for: a plan that is only looked at needs
    /// neither the fingerprints nor the key that they are made with.
    pub fn fingerprint(&self) -> Option<String> {
        self.change.live.map(|live| self.fingerprinter.object(self.change.support, live))
    }
}

/// Orders the changes of all targets and holds them against budgets and protections.
pub fn build(mut targets: Vec<TargetInput<'_>>, options: Options) -> Plan<'_> {
    targets.sort_by(|a, b| a.target.name.cmp(&b.target.name));
    let mut steps = Vec::new();
    let mut diagnostics = Vec::new();
    for input in &mut targets {
        let changes = std::mem::take(&mut input.diff.changes);
        let mut ordered = order::order(changes, input.live.as_ref().ok().copied(), input.fingerprinter);
        offset(&mut ordered, steps.len());
        steps.append(&mut ordered);
        diagnostics.extend(reading_diagnostics(input));
    }
    let mut plan = Plan { steps, targets, refusals: Vec::new(), diagnostics, options };
    let total = plan.steps.iter().filter(|step| guards::is_destructive(step)).count();
    plan.hold_against_budgets(|_| true, total);
    plan
}

/// Steps refer to each other by their place; a target's places move behind those of the targets before it.
fn offset(steps: &mut [Step<'_>], by: usize) {
    for step in steps {
        for index in step.requires.iter_mut().chain(&mut step.after_release) {
            *index += by;
        }
    }
}

fn reading_diagnostics(input: &TargetInput<'_>) -> Vec<Diagnostic> {
    let name = &input.target.name;
    let snapshot = match &input.live {
        Ok(snapshot) => snapshot,
        Err(unreadable) => {
            let message = format!("{name} can't be read: {}", unreadable.message);
            let mut diagnostic = Diagnostic::error("target_unreadable", message);
            diagnostic.hint.clone_from(&unreadable.hint);
            return vec![diagnostic.about_target(&**name)];
        }
    };
    let incomplete = snapshot.listings.iter().filter_map(|listing| match &listing.completeness {
        Completeness::Complete => None,
        Completeness::Incomplete(reason) => Some((listing.kind.name, reason)),
    });
    let mut diagnostics: Vec<_> = incomplete
        .map(|(kind, reason)| {
            Diagnostic::error("listing_incomplete", format!("the listing of {name}/{kind} is incomplete: {reason}"))
                .about_target(&**name)
                .hint("nothing of this kind is created, replaced or deleted there until a listing is whole; run again")
        })
        .collect();
    diagnostics.extend(input.diff.held_back.iter().map(|HeldBack { address, action, .. }| {
        let message = format!("{} of {address} is held back: the listing is incomplete", action.name());
        Diagnostic::warning("held_back", message).about(address.clone())
    }));
    diagnostics.extend(input.diff.lookalikes.iter().map(lookalike));
    diagnostics
}

/// An id that came back on another object: most likely the PBX was reset; or it is ours, and somebody changed all of it.
fn lookalike((entry, live): &(Address, Address)) -> Diagnostic {
    let message =
        format!("{live} has the id that {entry} had, but neither its name nor its settings: it isn't taken for it");
    Diagnostic::warning("id_reused", message)
        .about(entry.clone())
        .hint(format!("if it is the same object, write `previously: {}` in the entry", live.key))
}

impl Plan<'_> {
    /// Finds what stands against sending the steps for which `may_be_sent` is true (by place); `total` is the number of
    /// deletes and replaces that the user has looked at, to hold `--allow-deletes` against.
    pub fn hold_against_budgets(&mut self, may_be_sent: impl Fn(usize) -> bool, total: usize) {
        let steps = self.steps.iter().enumerate().filter(|(index, _)| may_be_sent(*index));
        let steps: Vec<_> = steps.map(|(_, step)| step).collect();
        self.refusals = guards::refusals(&steps, total, &self.targets, &self.options);
    }

    /// How many changes of this action there are.
    pub fn count(&self, action: Action) -> usize {
        self.steps.iter().filter(|step| step.change.action == action).count()
    }

    /// Whether apply would send anything.
    pub fn sends_anything(&self) -> bool {
        self.steps.iter().any(|step| step.change.action.sends())
    }

    /// Whether every target was read, and read whole.
    pub fn read_everything(&self) -> bool {
        self.targets.iter().all(|input| input.live.as_ref().is_ok_and(|snapshot| snapshot.is_complete()))
    }

    /// Whether no target at all could be read.
    pub fn read_nothing(&self) -> bool {
        !self.targets.is_empty() && self.targets.iter().all(|input| input.live.is_err())
    }
}

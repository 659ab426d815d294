//! A plan from a file against the plan of the moment: what was reviewed may be sent, nothing else.

use std::collections::HashMap;

use crate::model::Address;
use crate::model::outcome::{Action, Ending, Outcome, OutcomeError};
use crate::plan::document::{self, ChangeDocument};
use crate::plan::{Plan, PlanDocument, Step};

/// Whether a step may be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It may.
    Send,
    /// The reviewed plan doesn't have it: it isn't sent, and isn't mentioned.
    NotReviewed,
    /// The reviewed plan has it for an object that has changed since: why, as a sentence.
    Stale(String),
}

/// Without a file, what the user said yes to is the plan of the moment.
pub fn all(plan: &Plan<'_>) -> Vec<Gate> {
    vec![Gate::Send; plan.steps.len()]
}

/// Binds the plan of the moment to a reviewed one: gates for its steps, and the ends of reviewed changes that are no
/// longer there. What the reviewed plan put off stays put off, also where it would be possible by now.
pub fn bind(plan: &mut Plan<'_>, reviewed: &PlanDocument) -> (Vec<Gate>, Vec<Outcome>) {
    let wanted: HashMap<&str, &ChangeDocument> = reviewed
        .changes
        .iter()
        .filter(|change| change.action != Action::CannotConverge.name())
        .map(|change| (change.address.as_str(), change))
        .collect();
    let mut left = wanted.clone();
    let addresses: Vec<_> = plan.steps.iter().map(|step| step.change.address.to_string()).collect();
    let mut gates = Vec::with_capacity(plan.steps.len());
    for (step, address) in plan.steps.iter_mut().zip(&addresses) {
        // What would be something else by now has no place among the steps; its end is told with those that are gone.
        let same = wanted.get(address.as_str()).filter(|change| change.action == step.change.action.name());
        let gate = same.map_or(Gate::NotReviewed, |change| gate(step, change, &addresses));
        if same.is_some() {
            left.remove(address.as_str());
        }
        gates.push(gate);
    }
    let mut gone: Vec<_> = left.into_values().filter_map(|change| vanished(plan, change)).collect();
    gone.sort_by(|a, b| a.address.cmp(&b.address));
    (gates, gone)
}

fn gate(step: &mut Step<'_>, reviewed: &ChangeDocument, addresses: &[String]) -> Gate {
    if step.fingerprint() != reviewed.live_fingerprint {
        return Gate::Stale("the object was changed since the plan was made: make a new plan".into());
    }
    put_off(step, reviewed, addresses);
    let then: Vec<_> = reviewed.fields.iter().map(|field| (&*field.name, field.deferred.is_some())).collect();
    let now: Vec<_> = step.change.fields.iter().map(|field| (field.name, field.deferred.is_some())).collect();
    if now != then {
        let (then, now) = (listed(&then), listed(&now));
        return Gate::Stale(format!("the plan changes {then} in it, and by now it would be {now}: make a new plan"));
    }
    // What a full replacement would wipe out beside it was looked at, too.
    if document::resets(&step.change).iter().any(|reset| !reviewed.resets.contains(reset)) {
        return Gate::Stale("the change would by now reset more than the plan says: make a new plan".into());
    }
    Gate::Send
}

fn listed(fields: &[(&str, bool)]) -> String {
    let names = fields.iter().map(|(name, later)| if *later { format!("{name} later") } else { (*name).to_owned() });
    names.collect::<Vec<_>>().join(", ")
}

/// Nothing is sent that was to wait when the plan was looked at; and what it would have waited for it doesn't need.
fn put_off(step: &mut Step<'_>, reviewed: &ChangeDocument, addresses: &[String]) {
    let mut some = false;
    for field in &mut step.change.fields {
        let then = reviewed.fields.iter().find(|then| then.name == field.name);
        if let (None, Some(reason)) = (&field.deferred, then.and_then(|then| then.deferred.clone())) {
            field.deferred = Some(reason);
            step.releases.retain(|index| Some(*index) != field.index);
            some = true;
        }
    }
    if some {
        let known =
            |list: &[String], index: &usize| addresses.get(*index).is_some_and(|address| list.contains(address));
        step.requires.retain(|index| known(&reviewed.requires, index));
        step.after_release.retain(|index| known(&reviewed.after_release, index));
    }
}

/// A reviewed change with nothing left to do for it: somebody else did it, or undid the reason for it. What was to be
/// deleted and is gone is done.
fn vanished(plan: &Plan<'_>, change: &ChangeDocument) -> Option<Outcome> {
    let action = [Action::Create, Action::Update, Action::Replace, Action::Delete]
        .into_iter()
        .find(|action| action.name() == change.action)?;
    let address = Address::parse(&change.address).ok()?;
    if action == Action::Delete && is_gone(plan, &address) {
        return Some(Outcome { address, action, ending: Ending::Done, error: None });
    }
    let message = "the object was changed since the plan was made, and what was to be done about it is done by now, can't \
                   be done any more, or can't be told: make a new plan";
    let error = Some(OutcomeError { code: "stale".into(), message: message.into() });
    Some(Outcome { address, action, ending: Ending::Stale, error })
}

fn is_gone(plan: &Plan<'_>, address: &Address) -> bool {
    let input = plan.targets.iter().find(|input| input.target.name == address.target);
    let listings = input.and_then(|input| input.live.as_ref().ok()).into_iter().flat_map(|snapshot| &snapshot.listings);
    let mut own = listings.filter(|listing| listing.kind.name == address.kind);
    own.any(|listing| listing.is_complete() && listing.objects.iter().all(|object| object.key != address.key))
}

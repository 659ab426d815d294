//! Why each change of a plan is there: somebody changed the object, or nobody has applied the YAML yet.

use super::applied::Remembered;
use super::{Plan, Step, TargetInput};
use crate::model::drift::{DriftClass, DriftItem};
use crate::model::outcome::Action;

/// One item a step, in the plan's order. `key_checks` gives what the ledger stored for a target.
pub fn classify<'l>(plan: &Plan<'_>, key_check: impl Fn(&str) -> Option<&'l str>) -> Vec<DriftItem> {
    let class = |step: &Step<'_>| {
        let name = &step.change.address.target;
        let input = plan.targets.iter().find(|input| input.target.name == *name);
        input.map_or(DriftClass::NotApplied, |input| class(input, step, key_check(name)))
    };
    let items = plan.steps.iter();
    items.map(|step| DriftItem { address: step.change.address.clone(), class: class(step) }).collect()
}

fn class(input: &TargetInput<'_>, step: &Step<'_>, key_check: Option<&str>) -> DriftClass {
    let change = &step.change;
    let of_entry = input.claims.get(change.kind, &change.address.key);
    // An object that the YAML renames is still claimed under the name that it has.
    let claim = of_entry.or_else(|| input.claims.get(change.kind, &change.live?.key));
    match change.action {
        Action::CannotConverge => DriftClass::CannotConverge,
        Action::Create if claim.is_some() => DriftClass::DeletedOutside,
        Action::Create | Action::Delete => DriftClass::NotApplied,
        Action::Update | Action::Replace => {
            let then = claim.and_then(|claim| claim.fingerprint.as_ref());
            let remembered = Remembered { claims: input.claims, fingerprinter: input.fingerprinter, key_check };
            // Without a fingerprint, or with one of another key, nobody knows who changed it; the YAML is the one to ask.
            let changed = then.is_some() && remembered.key_is_the_same() && then != step.fingerprint.as_ref();
            if changed { DriftClass::ChangedOutside } else { DriftClass::NotApplied }
        }
    }
}

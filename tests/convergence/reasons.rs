//! What a plan may do at all, said once more in other words: every change needs a reason in the YAML or in the ledger.

use sipform::diff::Change;
use sipform::model::outcome::Action;
use sipform::model::{Prune, Removed};
use sipform::plan::{Plan, Step};

use super::world::{Look, Part};

/// Holds every step of a plan of one target against the YAML, the listing and the ledger.
pub(crate) fn hold(look: &Look<'_>, plan: &Plan<'_>) {
    for Step { change, .. } in &plan.steps {
        let part = &look.parts[0];
        let keys = [Some(&change.address.key), change.live.map(|live| &live.key)];
        let ignored = keys.into_iter().flatten().any(|key| part.target.ignores(change.kind.name, key));
        assert!(!ignored, "{} is on the target's `ignore` list", change.address);
        let reason = match change.action {
            Action::Create => is_wanted(look, change) && !is_listed(part, change),
            Action::Update | Action::Replace | Action::CannotConverge => is_wanted(look, change),
            Action::Delete => !is_wanted(look, change) && may_go(look, part, change),
        };
        assert!(reason, "no reason to {} {}", change.action.name(), change.address);
    }
}

/// Whether a protection stands against a step.
pub(crate) fn is_protected(look: &Look<'_>, step: &Step<'_>) -> bool {
    let change = &step.change;
    match (change.action, change.desired) {
        (Action::Replace, Some(desired)) => desired.protect == Some(true),
        (Action::Delete, _) => {
            look.parts[0].claims.get(change.kind, &change.address.key).is_some_and(|claim| claim.protect)
        }
        _ => false,
    }
}

fn is_wanted(look: &Look<'_>, change: &Change<'_>) -> bool {
    look.desired.objects.iter().any(|object| object.address == change.address)
}

fn is_listed(part: &Part<'_>, change: &Change<'_>) -> bool {
    let listing = part.live.listing(change.kind).unwrap();
    listing.objects.iter().any(|live| live.key == change.address.key)
}

/// A tombstone; or a prune mode, unless the object is handed over.
fn may_go(look: &Look<'_>, part: &Part<'_>, change: &Change<'_>) -> bool {
    let removed: Option<&Removed> = look.desired.removed.iter().find(|removed| removed.address == change.address);
    let is_ours = || {
        let claim = part.claims.get(change.kind, &change.address.key);
        claim.is_some_and(|claim| claim.remote_id == change.live.unwrap().remote_id)
    };
    match (removed, part.target.prune) {
        (Some(removed), _) => removed.delete,
        (None, Prune::None) => false,
        (None, Prune::Claimed) => is_ours(),
        (None, Prune::Exclusive) => look.desired.objects.iter().any(|object| object.kind == change.kind),
    }
}

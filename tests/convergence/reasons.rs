//! What a plan may do at all, said once more in other words: every change needs a reason in the YAML or in the ledger.

use sipform::diff::Change;
use sipform::model::outcome::Action;
use sipform::model::{LiveObject, Prune, Removed};
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
    matches!(change.action, Action::Delete | Action::Replace) && keeps_protection(look, change)
}

/// Whether an object is protected: its entry says so; or says nothing, and the ledger protects its name or its id.
pub(crate) fn keeps_protection(look: &Look<'_>, change: &Change<'_>) -> bool {
    let given_up = |key: &str| {
        let mut removed = look.desired.removed.iter().filter(|removed| !removed.delete);
        removed.any(|removed| removed.address.kind == change.kind.name && *removed.address.key == *key)
    };
    let claims = look.parts[0].claims.iter();
    let mut protected =
        claims.filter(|(kind, key, claim)| *kind == change.kind.name && claim.protect && !given_up(key));
    let by_ledger = protected.any(|(_, key, claim)| {
        let is_live =
            |live: &LiveObject| *live.key == *key || (live.remote_id == claim.remote_id && *claim.remote_id != *key);
        change.live.is_some_and(is_live) || (change.desired.is_some() && *change.address.key == *key)
    });
    change.desired.and_then(|desired| desired.protect).unwrap_or(by_ledger)
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

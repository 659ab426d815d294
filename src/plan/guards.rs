//! What stands against a plan as a whole: budgets for deletes and replaces, and protections.

use crate::diag::Diagnostic;
use crate::diff::Change;
use crate::model::outcome::Action;
use crate::model::{Kind, Listing, Prune};

use super::{Options, Step, TargetInput};

/// Deletes and replaces that are always within budget, a kind and target.
const FREE_DELETES: usize = 3;
/// The share of a kind's objects that may be deleted or replaced: one in ten.
const SHARE: usize = 10;

/// Every reason why nothing of the plan may be sent.
///
/// `steps` are those that may be sent; `total` is how many deletes and replaces the user has looked at.
pub(super) fn refusals(
    steps: &[&Step<'_>],
    total: usize,
    targets: &[TargetInput<'_>],
    options: &Options,
) -> Vec<Diagnostic> {
    let mut refusals: Vec<_> = steps.iter().filter_map(|step| protected(step)).collect();
    match options.allow_deletes {
        Some(allowed) if allowed == total => {}
        Some(allowed) => refusals.push(wrong_allowance(allowed, total)),
        None => {
            let budgets = targets.iter().flat_map(|input| over_budget(input, steps));
            refusals.extend(budgets.map(|message| {
                Diagnostic::error("over_budget", message)
                    .hint(format!("if this is meant, allow exactly this plan: --allow-deletes {total}"))
            }));
        }
    }
    refusals
}

pub(super) fn is_destructive(step: &Step<'_>) -> bool {
    matches!(step.change.action, Action::Delete | Action::Replace)
}

fn protected(step: &Step<'_>) -> Option<Diagnostic> {
    let change = &step.change;
    (is_destructive(step) && change.protected).then(|| {
        let message = format!("{} is protected, and the plan would {} it", change.address, change.action.name());
        let entry = if change.desired.is_some() { "its entry" } else { "an entry for it" };
        Diagnostic::error("protected", message)
            .about(change.address.clone())
            .hint(format!("to let it go, apply {entry} with `protect: false` first"))
    })
}

fn wrong_allowance(allowed: usize, total: usize) -> Diagnostic {
    Diagnostic::error(
        "wrong_allowance",
        format!("--allow-deletes {allowed} was given, but the plan has {total} deletes and replaces"),
    )
    .hint(format!("look at the plan again; if it is meant, give --allow-deletes {total}"))
}

fn over_budget(input: &TargetInput<'_>, steps: &[&Step<'_>]) -> Vec<String> {
    let kinds = input.target.provider.kinds.iter().map(|support| support.kind);
    kinds.filter_map(|kind| Tally::of(input, kind, steps).verdict(input, kind)).collect()
}

/// What a plan does to one kind on one target.
struct Tally {
    /// Without what `ignore` names: it can't be deleted, so it doesn't make room for more deletes either.
    live: usize,
    creates: usize,
    deletes: usize,
    replaces: usize,
    /// Of the deletes, those that nobody asked for by name.
    pruned: usize,
    /// Of these, objects that sipform neither made nor adopted.
    strangers: usize,
}

impl Tally {
    fn of(input: &TargetInput<'_>, kind: &Kind, steps: &[&Step<'_>]) -> Self {
        let listing = input.live.as_ref().ok().and_then(|snapshot| snapshot.listing(kind));
        let mut tally = Self {
            live: listing.map_or(0, |listing| touchable(input, listing)),
            creates: 0,
            deletes: 0,
            replaces: 0,
            pruned: 0,
            strangers: 0,
        };
        let own = steps.iter().map(|step| &step.change);
        for change in own.filter(|change| change.kind == kind && change.address.target == input.target.name) {
            match change.action {
                Action::Create => tally.creates += 1,
                Action::Replace => tally.replaces += 1,
                Action::Delete => {
                    tally.deletes += 1;
                    tally.pruned += usize::from(change.removed.is_none());
                    tally.strangers += usize::from(change.removed.is_none() && !is_claimed(input, change));
                }
                Action::Update | Action::CannotConverge => {}
            }
        }
        tally
    }

    fn verdict(&self, input: &TargetInput<'_>, kind: &Kind) -> Option<String> {
        let (target, live) = (&input.target.name, self.live);
        let destroyed = self.deletes + self.replaces;
        if self.deletes > 0 && self.deletes == live && self.creates == 0 {
            return Some(format!("the plan would delete every {} on {target} ({live} of {live})", kind.name));
        }
        if destroyed > FREE_DELETES && destroyed * SHARE > live {
            return Some(format!(
                "the plan would delete or replace {destroyed} of {live} {} objects on {target}; the budget is \
                 {FREE_DELETES}, or one in {SHARE}",
                kind.name
            ));
        }
        let blind = input.target.prune == Prune::Exclusive && !input.claims.known;
        if blind && self.pruned > 0 {
            return Some(format!(
                "{target} has `prune: exclusive` and there is no ledger, so nobody knows whose the {} {} objects are that \
                 would be deleted",
                self.pruned, kind.name
            ));
        }
        // Another account's data look like this.
        (self.strangers > 0 && self.deletes == live).then(|| {
            format!(
                "the plan would delete every {} that is on {target} now ({live} of {live}), and {} of them neither made \
                 nor adopted by sipform",
                kind.name, self.strangers
            )
        })
    }
}

fn touchable(input: &TargetInput<'_>, listing: &Listing) -> usize {
    listing.objects.iter().filter(|live| !input.target.ignores(listing.kind.name, &live.key)).count()
}

fn is_claimed(input: &TargetInput<'_>, change: &Change<'_>) -> bool {
    let claim = input.claims.get(change.kind, &change.address.key);
    claim.is_some_and(|claim| change.live.is_some_and(|live| live.remote_id == claim.remote_id))
}

//! What a run that was cut off left behind: settled by looking, with the journal's help.

use std::collections::BTreeSet;

use super::Report;
use crate::ledger::OpenIntent;
use crate::model::outcome::{Action, Ending, Outcome};
use crate::model::{Address, Claim, Claims, Kind, LiveObject, Snapshot, Target, kinds};
use crate::plan::Plan;

/// Claims what a run that was cut off has made, and follows what it has renamed: its intent is in the journal, and the
/// object is there.
pub fn recover(claims: &mut Claims, target: &Target, snapshot: &Snapshot, left_over: &[OpenIntent]) {
    for intent in left_over {
        let Some((kind, live, address)) = find(target, snapshot, intent) else { continue };
        let old = claims.get(kind, &address.key);
        if old.is_some_and(|old| old.remote_id == live.remote_id) {
            continue;
        }
        let claim = if makes(&intent.action) {
            let protect = intent.protect || old.is_some_and(|old| old.protect);
            Some(Claim { remote_id: live.remote_id.clone(), protect, ..Claim::default() })
        } else {
            renamed(claims, kind, live)
        };
        if let Some(claim) = claim {
            claims.insert(kind.name, address.key, claim);
        }
    }
}

fn makes(action: &str) -> bool {
    action == Action::Create.name() || action == Action::Replace.name()
}

fn find<'s>(
    target: &Target,
    snapshot: &'s Snapshot,
    intent: &OpenIntent,
) -> Option<(&'static Kind, &'s LiveObject, Address)> {
    let address = Address::parse(&intent.address).ok().filter(|address| address.target == target.name)?;
    let kind = kinds::by_name(address.kind)?;
    let mut named = snapshot.listing(kind)?.objects.iter().filter(|object| object.key == address.key);
    let live = named.next()?;
    // Of two with one name it can't be told which was meant; such a listing never settles an intent.
    named.next().is_none().then_some((kind, live, address))
}

/// The claim that an object has under its former key; its hidden values are about that key.
fn renamed(claims: &mut Claims, kind: &'static Kind, live: &LiveObject) -> Option<Claim> {
    let is_former = |name: &str, key: &str, claim: &Claim| {
        name == kind.name && *key != *live.key && claim.remote_id == live.remote_id && claim.remote_id != live.key
    };
    let former = claims.iter().find(|(name, key, claim)| is_former(name, key, claim));
    let former = former.map(|(_, key, _)| key.to_owned())?;
    let claim = claims.remove(kind.name, &former)?;
    Some(Claim { hidden: std::collections::BTreeMap::new(), ..claim })
}

/// What is still open when the ledger has been written: intents of a run that was cut off, on targets that couldn't be
/// looked at whole this time, and objects of this run that may yet come to be.
pub fn unsettled(left_over: &[OpenIntent], plan: &Plan<'_>, report: &Report) -> Vec<OpenIntent> {
    let looked_at: BTreeSet<(&str, &str)> = plan
        .targets
        .iter()
        .filter_map(|input| Some((&input.target.name, input.live.as_ref().ok()?)))
        .flat_map(|(name, snapshot)| snapshot.listings.iter().map(move |listing| (name, listing)))
        .filter(|(_, listing)| listing.is_complete())
        .map(|(name, listing)| (&**name, listing.kind.name))
        .collect();
    let open = |intent: &&OpenIntent| {
        Address::parse(&intent.address).is_ok_and(|address| !looked_at.contains(&(&*address.target, address.kind)))
    };
    let own =
        report.outcomes.iter().filter(|outcome| outcome.ending == Ending::Unknown && makes(outcome.action.name()));
    left_over.iter().filter(open).cloned().chain(own.map(|outcome| intent(outcome, plan))).collect()
}

fn intent(outcome: &Outcome, plan: &Plan<'_>) -> OpenIntent {
    let step = plan.steps.iter().find(|step| step.change.address == outcome.address);
    OpenIntent {
        address: outcome.address.to_string(),
        action: outcome.action.name().into(),
        protect: step.is_some_and(|step| step.change.protected),
        done: false,
    }
}

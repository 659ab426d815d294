//! What a run that was cut off left behind: settled by looking, with the journal's help.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Report;
use crate::http::MAX_WAIT;
use crate::ledger::OpenIntent;
use crate::model::outcome::{Action, Ending, Outcome};
use crate::model::{Address, Claim, Claims, Kind, KindSupport, LiveObject, Snapshot, Target, kinds};
use crate::plan::{Plan, TargetInput};

/// Claims what a run that was cut off has made, and follows what it has renamed: its intent is in the journal, and the
/// object is there.
pub fn recover(claims: &mut Claims, target: &Target, snapshot: &Snapshot, left_over: &[OpenIntent]) {
    for intent in left_over {
        let Some((kind, address)) = on(target, intent) else { continue };
        let Some(live) = find(snapshot, kind, &address.key) else { continue };
        let old = claims.get(kind, &address.key);
        if old.is_some_and(|old| old.remote_id == live.remote_id) {
            continue;
        }
        let claim = if !intent.makes() {
            renamed(claims, kind, live)
        } else if intent.is_open() || intent.is_done() {
            let protect = intent.protect || old.is_some_and(|old| old.protect);
            Some(Claim { remote_id: live.remote_id.clone(), protect, ..Claim::default() })
        } else {
            // The vendor refused to make it, because somebody else was first for one: what is there isn't ours.
            None
        };
        if let Some(claim) = claim {
            claims.insert(kind.name, address.key, claim);
        }
    }
}

/// What an intent is about, if it is about this target at the address that it has now: of a box at another one nothing is
/// known.
fn on(target: &Target, intent: &OpenIntent) -> Option<(&'static Kind, Address)> {
    let address = Address::parse(&intent.address).ok().filter(|address| address.target == target.name)?;
    let kind = kinds::by_name(address.kind)?;
    intent.is_about(&target.url).then_some((kind, address))
}

/// Of two with one name it can't be told which was meant; such a listing never settles an intent.
fn find<'s>(snapshot: &'s Snapshot, kind: &Kind, key: &str) -> Option<&'s LiveObject> {
    let mut named = snapshot.listing(kind)?.objects.iter().filter(|object| &*object.key == key);
    let live = named.next()?;
    named.next().is_none().then_some(live)
}

/// The claim that an object has under its former key; its hidden values are about that key.
fn renamed(claims: &mut Claims, kind: &'static Kind, live: &LiveObject) -> Option<Claim> {
    let is_former = |name: &str, key: &str, claim: &Claim| {
        name == kind.name && *key != *live.key && claim.remote_id == live.remote_id && claim.remote_id != live.key
    };
    let former = claims.iter().find(|(name, key, claim)| is_former(name, key, claim));
    let former = former.map(|(_, key, _)| key.to_owned())?;
    let claim = claims.remove(kind.name, &former)?;
    Some(Claim { hidden: BTreeMap::new(), ..claim })
}

/// Objects that a run which was cut off may still be making or removing: nobody noted how it ended. *Not seen is not "not
/// made"*: the vendor may commit after this look. And what is seen may be about to go: where deletes go by name, a late one
/// would hit whatever this run gives the name to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnderWay {
    /// Their addresses.
    pub addresses: Vec<String>,
    /// After this long nothing can come any more; no longer than a call to the target may take.
    pub at_most: Duration,
}

/// What has to be waited for before anything is planned on a target. Where the vendor refuses duplicates no create has to: a
/// repeated one can't double there.
pub fn under_way(target: &Target, snapshot: &Snapshot, left_over: &[OpenIntent]) -> Option<UnderWay> {
    let is_awaited = |intent: &&OpenIntent| {
        on(target, intent).is_some_and(|(kind, address)| {
            target.provider.support(kind).is_some_and(|support| {
                may_double(target, support, snapshot, &address.key, intent)
                    || may_hit_another(kind, snapshot, &address.key, intent)
            })
        })
    };
    let mut addresses = Vec::new();
    let mut at_most = Duration::ZERO;
    for intent in left_over.iter().filter(|intent| intent.is_open()).filter(is_awaited) {
        let left = may_take(target, intent.age.unwrap_or_default());
        if left > Duration::ZERO {
            addresses.push(intent.address.clone());
            at_most = at_most.max(left);
        }
    }
    (!addresses.is_empty()).then_some(UnderWay { addresses, at_most })
}

/// Whether a second object could come to be, if it were made again now.
fn may_double(target: &Target, support: &KindSupport, snapshot: &Snapshot, key: &str, intent: &OpenIntent) -> bool {
    intent.makes() && !target.refuses_duplicates(support) && is_missing(snapshot, support.kind, key)
}

/// Whether a delete may still come that would hit the next object of this name. What is gone was hit already; of a
/// replacement it isn't known which of the two is there, nor how often the old one's delete was sent.
fn may_hit_another(kind: &Kind, snapshot: &Snapshot, key: &str, intent: &OpenIntent) -> bool {
    let is_delete = intent.action == Action::Delete.name();
    intent.action == Action::Replace.name() || (is_delete && !is_missing(snapshot, kind, key))
}

/// In a listing that isn't whole nothing is missing for certain, and nothing is made on its strength.
fn is_missing(snapshot: &Snapshot, kind: &Kind, key: &str) -> bool {
    let listing = snapshot.listing(kind).filter(|listing| listing.is_complete());
    listing.is_some_and(|listing| listing.objects.iter().all(|object| &*object.key != key))
}

/// How much longer a call may be under way whose intent was noted so long ago. When it left isn't known: it may have waited
/// for its turn first. But that was before this run began, so the time that one call may take is always enough.
fn may_take(target: &Target, age: Duration) -> Duration {
    let timeout = target.limits.timeout;
    timeout.saturating_add(MAX_WAIT).saturating_sub(age).min(timeout)
}

/// What is still open when the ledger has been written: objects that may yet come to be, and what a run that was cut off
/// left on targets that couldn't be looked at whole this time. `journal` is what it holds by now.
pub fn unsettled(journal: &[OpenIntent], plan: &Plan<'_>, report: &Report) -> Vec<OpenIntent> {
    let ends: BTreeMap<String, &Outcome> =
        report.outcomes.iter().map(|outcome| (outcome.address.to_string(), outcome)).collect();
    let mut open: BTreeMap<String, OpenIntent> = BTreeMap::new();
    for intent in journal {
        let end = ends.get(&intent.address).map(|outcome| outcome.ending);
        let is_settled = matches!(end, Some(Ending::Done | Ending::Failed));
        if !is_settled && stays_open(plan, intent) {
            open.insert(intent.address.clone(), intent.clone());
        }
    }
    for (address, outcome) in ends {
        if outcome.ending == Ending::Unknown && own(outcome, plan).makes() {
            let noted = journal.iter().find(|intent| intent.address == address);
            let noted = noted.map(|intent| OpenIntent { result: Some(Ending::Unknown), ..intent.clone() });
            open.insert(address, noted.unwrap_or_else(|| own(outcome, plan)));
        }
    }
    open.into_values().collect()
}

/// Whether a look can't have settled an intent.
fn stays_open(plan: &Plan<'_>, intent: &OpenIntent) -> bool {
    let Ok(address) = Address::parse(&intent.address) else { return false };
    let input = plan.targets.iter().find(|input| input.target.name == address.target);
    let Some((input, snapshot)) = input.and_then(|input| Some((input, input.live.as_ref().ok()?))) else {
        return true;
    };
    let listing = kinds::by_name(address.kind).and_then(|kind| snapshot.listing(kind));
    let is_whole = listing.is_some_and(crate::model::Listing::is_complete);
    !is_whole || may_come_late(input, snapshot, intent)
}

/// An object of a vendor that refuses duplicates isn't waited for; its intent stays instead, for as long as it may come.
fn may_come_late(input: &TargetInput<'_>, snapshot: &Snapshot, intent: &OpenIntent) -> bool {
    let Some((kind, address)) = on(input.target, intent).filter(|_| intent.makes() && intent.is_open()) else {
        return false;
    };
    let support = input.target.provider.support(kind);
    let refuses = support.is_some_and(|support| input.target.refuses_duplicates(support));
    let is_young = intent.age.is_some_and(|age| may_take(input.target, age) > Duration::ZERO);
    refuses && is_young && is_missing(snapshot, kind, &address.key)
}

fn own(outcome: &Outcome, plan: &Plan<'_>) -> OpenIntent {
    let step = plan.steps.iter().find(|step| step.change.address == outcome.address);
    OpenIntent {
        address: outcome.address.to_string(),
        action: outcome.action.name().into(),
        protect: step.is_some_and(|step| step.change.protected),
        result: Some(outcome.ending),
        ..OpenIntent::default()
    }
}

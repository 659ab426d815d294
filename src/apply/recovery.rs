//! What a run that was cut off left behind: settled by looking, with the journal's help.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use super::Report;
use super::step::MAX_NOTED_AHEAD;
use crate::http::MAX_WAIT;
use crate::ledger::OpenIntent;
use crate::model::outcome::{Action, Ending, Outcome};
use crate::model::{Address, Claim, Claims, Kind, KindSupport, LiveObject, Snapshot, Target, kinds};
use crate::plan::{Plan, TargetInput};

/// Claims what a run that was cut off has made, and follows what it has renamed: its intent is in the journal, and the
/// object is there.
pub fn recover(claims: &mut Claims, target: &Target, snapshot: &Snapshot, left_over: &[OpenIntent]) {
    let seen = LazyCell::new(|| Seen::new(snapshot));
    for intent in left_over {
        let Some((kind, address)) = on(target, intent) else { continue };
        let Some(live) = seen.find(kind, &address.key) else { continue };
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
    // Of a thousand targets it is another one's nearly always.
    intent.address.strip_prefix(&*target.name)?.strip_prefix('/')?;
    let address = Address::parse(&intent.address).ok().filter(|address| address.target == target.name)?;
    let kind = kinds::by_name(address.kind)?;
    intent.is_about(&target.url).then_some((kind, address))
}

/// A target's objects by name: a killed run may have left as many intents as there are objects.
struct Seen<'s> {
    /// Of two with one name it can't be told which was meant; such a listing never settles an intent.
    named: HashMap<(&'static str, &'s str), Option<&'s LiveObject>>,
    whole: Vec<&'static str>,
}

impl<'s> Seen<'s> {
    fn new(snapshot: &'s Snapshot) -> Self {
        let mut named = HashMap::new();
        for listing in &snapshot.listings {
            for live in &listing.objects {
                let entry = named.entry((listing.kind.name, &*live.key));
                entry.and_modify(|found| *found = None).or_insert(Some(live));
            }
        }
        let whole = snapshot.listings.iter().filter(|listing| listing.is_complete());
        Self { named, whole: whole.map(|listing| listing.kind.name).collect() }
    }

    fn find(&self, kind: &Kind, key: &str) -> Option<&'s LiveObject> {
        self.named.get(&(kind.name, key)).copied().flatten()
    }

    /// In a listing that isn't whole nothing is missing for certain, and nothing is made on its strength.
    fn is_missing(&self, kind: &Kind, key: &str) -> bool {
        self.whole.contains(&kind.name) && !self.named.contains_key(&(kind.name, key))
    }
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
    let seen = LazyCell::new(|| Seen::new(snapshot));
    let is_awaited = |intent: &&OpenIntent| {
        on(target, intent).is_some_and(|(kind, address)| {
            target.provider.support(kind).is_some_and(|support| {
                may_double(target, support, &seen, &address.key, intent)
                    || may_hit_another(kind, &seen, &address.key, intent)
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
fn may_double(target: &Target, support: &KindSupport, seen: &Seen<'_>, key: &str, intent: &OpenIntent) -> bool {
    intent.makes() && !target.refuses_duplicates(support) && seen.is_missing(support.kind, key)
}

/// Whether a delete may still come that would hit the next object of this name. What is gone was hit already; of a
/// replacement it isn't known which of the two is there, nor how often the old one's delete was sent.
fn may_hit_another(kind: &Kind, seen: &Seen<'_>, key: &str, intent: &OpenIntent) -> bool {
    let is_delete = intent.action == Action::Delete.name();
    intent.action == Action::Replace.name() || (is_delete && !seen.is_missing(kind, key))
}

/// How much longer a call may be under way whose intent was noted so long ago. When it left isn't known: it was noted ahead,
/// and may have waited for its turn then. But that was before this run began, so the time that one call may take is always enough.
fn may_take(target: &Target, age: Duration) -> Duration {
    let timeout = target.limits.timeout;
    timeout.saturating_add(MAX_NOTED_AHEAD + MAX_WAIT).saturating_sub(age).min(timeout)
}

/// What is still open when the ledger has been written: objects that may yet come to be, and what a run that was cut off
/// left on targets that couldn't be looked at whole this time. `journal` is what it holds by now.
pub fn unsettled(journal: &[OpenIntent], plan: &Plan<'_>, report: &Report) -> Vec<OpenIntent> {
    let ends: BTreeMap<String, &Outcome> =
        report.outcomes.iter().map(|outcome| (outcome.address.to_string(), outcome)).collect();
    let (mut open, mut looks) = (BTreeMap::new(), HashMap::new());
    for intent in journal {
        let end = ends.get(&intent.address).map(|outcome| outcome.ending);
        let is_settled = matches!(end, Some(Ending::Done | Ending::Failed));
        if !is_settled && stays_open(plan, intent, &mut looks) {
            open.insert(intent.address.clone(), intent.clone());
        }
    }
    let noted: HashMap<&str, &OpenIntent> = journal.iter().map(|intent| (&*intent.address, intent)).collect();
    let changes = plan.steps.iter().map(|step| &step.change).filter(|change| change.protected);
    let protected: HashSet<&Address> = changes.map(|change| &change.address).collect();
    for (address, outcome) in ends.into_iter().filter(|(_, outcome)| outcome.ending == Ending::Unknown) {
        let own = own(outcome, protected.contains(&outcome.address));
        let noted = noted.get(&*address).map(|&noted| OpenIntent { result: own.result, ..noted.clone() });
        if own.makes() {
            open.insert(address, noted.unwrap_or(own));
        }
    }
    open.into_values().collect()
}

/// Whether a look can't have settled an intent.
fn stays_open<'p>(plan: &'p Plan<'_>, intent: &OpenIntent, looks: &mut HashMap<&'p str, Seen<'p>>) -> bool {
    let Ok(address) = Address::parse(&intent.address) else { return false };
    let input = plan.targets.iter().find(|input| input.target.name == address.target);
    let Some((input, snapshot)) = input.and_then(|input| Some((input, input.live.as_ref().ok()?))) else {
        return true;
    };
    let listing = kinds::by_name(address.kind).and_then(|kind| snapshot.listing(kind));
    let is_whole = listing.is_some_and(crate::model::Listing::is_complete);
    !is_whole || may_come_late(input, intent, || looks.entry(&input.target.name).or_insert_with(|| Seen::new(snapshot)))
}

/// An object of a vendor that refuses duplicates isn't waited for; its intent stays instead, for as long as it may come.
fn may_come_late<'s, 'l: 's>(
    input: &TargetInput<'_>,
    intent: &OpenIntent,
    seen: impl FnOnce() -> &'s mut Seen<'l>,
) -> bool {
    let Some((kind, address)) = on(input.target, intent).filter(|_| intent.makes() && intent.is_open()) else {
        return false;
    };
    let support = input.target.provider.support(kind);
    let refuses = support.is_some_and(|support| input.target.refuses_duplicates(support));
    let is_young = intent.age.is_some_and(|age| may_take(input.target, age) > Duration::ZERO);
    refuses && is_young && seen().is_missing(kind, &address.key)
}

fn own(outcome: &Outcome, protect: bool) -> OpenIntent {
    OpenIntent {
        address: outcome.address.to_string(),
        action: outcome.action.name().into(),
        protect,
        result: Some(outcome.ending),
        ..OpenIntent::default()
    }
}

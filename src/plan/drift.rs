//! Why each change of a plan is there: somebody changed the object, or nobody has applied the YAML yet. And what is ours,
//! has gone, and isn't missed by any plan, as the YAML doesn't ask for it any more. And what no comparison could be about.

use std::collections::{BTreeMap, HashSet};

use super::applied::Remembered;
use super::{Plan, Step, TargetInput};
use crate::diff::Applied as _;
use crate::model::drift::{DriftClass, DriftItem};
use crate::model::outcome::Action;
use crate::model::{Address, Claim, Desired, KindSupport, Listing, Selection};

/// One item a step, in the plan's order. `key_checks` gives what the ledger stored for a target.
pub fn classify<'l>(plan: &Plan<'_>, key_check: impl Fn(&str) -> Option<&'l str>) -> Vec<DriftItem> {
    let class = |step: &Step<'_>| {
        let name = &step.change.address.target;
        let input = plan.targets.iter().find(|input| input.target.name == *name);
        input.map_or(DriftClass::NotApplied, |input| class(input, step, key_check(name)))
    };
    let items = plan.steps.iter();
    items.map(|step| DriftItem::new(step.change.address.clone(), class(step))).collect()
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
            let changed = then.is_some() && remembered.key_is_the_same() && then != step.fingerprint().as_ref();
            if changed { DriftClass::ChangedOutside } else { DriftClass::NotApplied }
        }
    }
}

/// What is ours and not there any more, and in no entry of the YAML: no change of the plan tells of it, and the next apply
/// forgets it. Sorted by address. Only a whole listing shows that something has gone.
pub fn gone<'l>(
    plan: &Plan<'_>,
    desired: &Desired,
    selection: &Selection,
    key_check: impl Fn(&str) -> Option<&'l str>,
) -> Vec<DriftItem> {
    let mut items = Vec::new();
    for input in &plan.targets {
        let named = named(desired, &input.target.name);
        let applied = Remembered {
            claims: input.claims,
            fingerprinter: input.fingerprinter,
            key_check: key_check(&input.target.name),
        };
        for support in input.target.provider.kinds {
            let listing = input.live.as_ref().ok().and_then(|snapshot| snapshot.listing(support.kind));
            let Some(listing) = listing.filter(|listing| listing.is_complete()) else { continue };
            let address = |key: &str| Address::new(input.target.name.clone(), support.kind.name, key);
            let gone = gone_of(input, support, listing, &applied).map(|(key, class)| (address(key), class));
            let gone = gone.filter(|(address, _)| selection.includes(address) && !named.contains(address));
            items.extend(gone.map(|(address, class)| DriftItem::new(address, class)));
        }
    }
    items.sort_by(|a, b| a.address.cmp(&b.address));
    items
}

/// Every address that the YAML names on a target, selected or not, also as one that has left or was another's.
fn named(desired: &Desired, target: &str) -> HashSet<Address> {
    let former = |address: &Address, old: &str| Address::new(address.target.clone(), address.kind, old);
    let entries = desired.objects_of(target).iter().map(|entry| (&entry.address, entry.previously.as_deref()));
    let outside = desired.unselected_on(target).map(|entry| (&entry.address, entry.previously.as_deref()));
    let named = entries.chain(outside);
    let mut all: HashSet<Address> = HashSet::new();
    for (address, old) in named {
        all.extend(old.map(|old| former(address, old)));
        all.insert(address.clone());
    }
    all.extend(desired.removed.iter().map(|removed| removed.address.clone()));
    all
}

/// Claims of a kind whose objects the listing doesn't show under their names.
fn gone_of<'i>(
    input: &'i TargetInput<'_>,
    support: &'static KindSupport,
    listing: &'i Listing,
    applied: &'i Remembered<'i>,
) -> impl Iterator<Item = (&'i str, DriftClass)> {
    let listed: HashSet<&str> = listing.objects.iter().map(|live| &*live.key).collect();
    let claims = input.claims.iter().filter(|(kind, ..)| *kind == support.kind.name);
    // A claim without an id only protects a name; whether there ever was such an object here nobody knows.
    let gone = claims.filter(move |(_, key, claim)| !claim.remote_id.is_empty() && !listed.contains(key));
    gone.filter(|(_, key, _)| !input.target.ignores(support.kind.name, key))
        .map(move |(_, key, claim)| (key, class_of_gone(support, listing, applied, key, claim)))
}

/// Gone, or there under another name.
fn class_of_gone(
    support: &KindSupport,
    listing: &Listing,
    applied: &Remembered<'_>,
    key: &str,
    claim: &Claim,
) -> DriftClass {
    let mut same_id = listing.objects.iter().filter(|live| live.remote_id == claim.remote_id);
    let is_renamed = same_id.any(|live| applied.recognizes(support, key, live));
    if is_renamed { DriftClass::ChangedOutside } else { DriftClass::DeletedOutside }
}

/// What is worth knowing beside the differences: what is in no YAML, what the vendors don't show, and of which kinds not
/// everything was seen. Sorted by address.
pub fn remarks(plan: &Plan<'_>) -> Vec<DriftItem> {
    let mut items: Vec<_> = plan.targets.iter().flat_map(remarks_on).collect();
    items.sort_by(|a, b| (&a.address, a.class).cmp(&(&b.address, b.class)));
    items
}

fn remarks_on(input: &TargetInput<'_>) -> Vec<DriftItem> {
    let mut hidden: BTreeMap<&Address, Vec<&'static str>> = BTreeMap::new();
    for (address, field) in &input.diff.not_readable {
        hidden.entry(address).or_default().push(field);
    }
    let unmanaged = input.diff.unmanaged.iter();
    let unmanaged = unmanaged.map(|address| DriftItem::new(address.clone(), DriftClass::Unmanaged));
    let hidden = hidden.into_iter().map(|(address, mut fields)| {
        fields.sort_unstable();
        DriftItem { fields, ..DriftItem::new(address.clone(), DriftClass::NotReadable) }
    });
    unmanaged.chain(hidden).chain(incomplete(input)).collect()
}

/// Without a key: what wasn't seen has none.
fn incomplete<'i>(input: &'i TargetInput<'_>) -> impl Iterator<Item = DriftItem> + 'i {
    let kinds = input.target.provider.kinds.iter().map(|support| support.kind);
    let unseen = kinds.filter(|kind| match &input.live {
        Ok(snapshot) => snapshot.listing(kind).is_some_and(|listing| !listing.is_complete()),
        Err(_) => true,
    });
    unseen
        .map(|kind| Address::new(input.target.name.clone(), kind.name, ""))
        .map(|address| DriftItem::new(address, DriftClass::Incomplete))
}

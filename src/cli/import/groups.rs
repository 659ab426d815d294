//! Which live objects an import is about.

use std::collections::{BTreeMap, HashSet};

use crate::cli::context::Context;
use crate::diff::{HeldBack, Pair};
use crate::model::{Address, Listing, LiveObject};
use crate::plan::{Plan, TargetInput};
use crate::render::yaml::{Group, Omissions};

/// What is live, selected, not ignored and in no entry of the YAML, by target and kind; and what of it can't be written,
/// whatever it looks like.
pub(super) fn of<'p>(context: &Context, plan: &'p Plan<'_>) -> (Vec<Group<'p>>, Omissions) {
    let mut omissions = Omissions::default();
    let mut groups = Vec::new();
    for input in &plan.targets {
        let Ok(snapshot) = input.live else { continue };
        let listed = listed(context, plan, input);
        groups.extend(snapshot.listings.iter().filter_map(|listing| {
            let support = input.target.provider.support(listing.kind)?;
            let mut group = Group {
                target: &input.target.name,
                support,
                defaulted: context.defaulted(&input.target.name, listing.kind),
                objects: Vec::new(),
            };
            group.objects = objects(context, input, listing, &listed, &group, &mut omissions);
            Some(group)
        }));
    }
    (groups, omissions)
}

/// What the YAML says something about.
struct Listed<'p> {
    /// By identity: an entry may stand for an object under another key.
    objects: HashSet<*const LiveObject>,
    addresses: HashSet<&'p Address>,
    removed: HashSet<&'p Address>,
}

fn listed<'p>(context: &'p Context, plan: &'p Plan<'_>, input: &'p TargetInput<'_>) -> Listed<'p> {
    let unchanged = input.diff.unchanged.iter().map(|Pair { live, .. }| *live);
    let own = plan.steps.iter().filter(|step| step.change.desired.is_some());
    let changed = own.filter_map(|step| step.change.live);
    let held_back = input.diff.held_back.iter().filter(|held: &&HeldBack<'_>| held.desired.is_some());
    let objects = unchanged.chain(changed).chain(held_back.filter_map(|held| held.live));
    let entries = context.desired.objects_of(&input.target.name).iter().map(|entry| &entry.address);
    let unselected = context.desired.unselected_on(&input.target.name).map(|entry| &entry.address);
    Listed {
        objects: objects.map(std::ptr::from_ref).collect(),
        addresses: entries.chain(unselected).collect(),
        removed: context.desired.removed.iter().map(|removed| &removed.address).collect(),
    }
}

/// Of several objects with one key one is taken, and left out.
fn objects<'p>(
    context: &Context,
    input: &TargetInput<'_>,
    listing: &'p Listing,
    listed: &Listed<'_>,
    group: &Group<'_>,
    omissions: &mut Omissions,
) -> Vec<&'p LiveObject> {
    let mut by_key: BTreeMap<&str, &LiveObject> = BTreeMap::new();
    for live in &listing.objects {
        let address = group.address(&live.key);
        let is_ignored = input.target.ignores(listing.kind.name, &live.key);
        let is_listed = listed.objects.contains(&std::ptr::from_ref(live)) || listed.addresses.contains(&address);
        if is_ignored || is_listed || !context.selection.includes(&address) {
            continue;
        }
        if listed.removed.contains(&address) {
            omissions.object(address, "it is under `removed:`");
        } else if by_key.contains_key(&*live.key) {
            omissions.object(address, "the listing shows it more than once, and nobody can tell which is meant");
        }
        let first = by_key.entry(&live.key).or_insert(live);
        // For comments about the group: the same whatever the order of the listing.
        if live.remote_id < first.remote_id {
            *first = live;
        }
    }
    by_key.into_values().collect()
}

//! Whatever is wanted, there, claimed and asked for: what the guards let through keeps the rules, computed here once more in
//! other words.

use std::collections::BTreeSet;

use proptest::option;
use proptest::prelude::*;

use crate::diff::Change;
use crate::model::kinds::TRUNK;
use crate::model::outcome::Action;
use crate::model::testing::{PBX, TARGET, account, live, partial, peer, source};
use crate::model::{
    Address, Claim, Claims, DesiredObject, Glob, LiveObject, Prune, Removed, Selection, Snapshot, Unselected,
};
use crate::plan::testing::Fleet;

/// One name: what is there under it, what the YAML says, what the ledger knows.
#[derive(Clone, Debug)]
struct Spot {
    is_live: bool,
    entry: Option<Entry>,
    /// The place of the spot whose id was claimed under this name, and whether it is protected.
    claim: Option<(usize, bool)>,
    removed: Option<bool>,
    is_selected: bool,
}

#[derive(Clone, Debug)]
struct Entry {
    /// As it is there, another host, another type.
    look: u8,
    protect: Option<bool>,
    previously: Option<usize>,
    replace: bool,
}

/// Everything else that a plan depends on.
#[derive(Clone, Debug)]
struct Around {
    /// Objects that nobody is concerned with.
    others: usize,
    knows: bool,
    prune: Prune,
    allowed: Option<usize>,
    is_whole: bool,
    selects: bool,
    ignores: Option<usize>,
}

const SPOTS: usize = 8;

fn spot() -> impl Strategy<Value = Spot> {
    let protect = prop_oneof![4 => Just(None), 1 => Just(Some(true)), 1 => Just(Some(false))];
    let entry = (0..3_u8, protect, option::weighted(0.2, 0..SPOTS), prop::bool::weighted(0.1));
    let entry = entry.prop_map(|(look, protect, previously, replace)| Entry { look, protect, previously, replace });
    let claim = option::weighted(0.7, (option::weighted(0.3, 0..SPOTS), prop::bool::weighted(0.15)));
    let removed = option::weighted(0.2, any::<bool>());
    (prop::bool::weighted(0.8), option::weighted(0.4, entry), claim, removed, any::<bool>()).prop_map(
        |(is_live, entry, claim, removed, is_selected)| Spot {
            is_live,
            removed: removed.filter(|_| entry.is_none()),
            entry,
            claim: claim.map(|(other, protect)| (other.unwrap_or(usize::MAX), protect)),
            is_selected,
        },
    )
}

fn around() -> impl Strategy<Value = Around> {
    let prune = prop_oneof![Just(Prune::None), Just(Prune::Claimed), Just(Prune::Exclusive)];
    let others = prop_oneof![2 => Just(0), 1 => 25..45_usize];
    let rest = (prop::bool::weighted(0.85), option::weighted(0.3, 0..8_usize), prop::bool::weighted(0.9));
    (others, rest, prune, prop::bool::weighted(0.3), option::weighted(0.3, 0..SPOTS)).prop_map(
        |(others, (knows, allowed, is_whole), prune, selects, ignores)| Around {
            others,
            knows,
            prune,
            allowed,
            is_whole,
            selects,
            ignores,
        },
    )
}

fn key(place: usize) -> String {
    format!("k{place}")
}

fn desired(place: usize, spots: &[Spot]) -> Option<DesiredObject> {
    let entry = spots[place].entry.as_ref()?;
    let object = match entry.look {
        0 => peer(&key(place), "h"),
        1 => peer(&key(place), "other"),
        _ => account(&key(place), &key(place)),
    };
    // What the YAML's own checks refuse doesn't get here: an old name that an entry or a removal has.
    let is_free = |old: &usize| {
        let first = spots.iter().position(|other| other.entry.as_ref().is_some_and(|it| it.previously == Some(*old)));
        first == Some(place) && spots[*old].entry.is_none() && spots[*old].removed.is_none()
    };
    let previously = entry.previously.filter(is_free).map(|old| key(old).into());
    Some(DesiredObject { protect: entry.protect, previously, ..object })
}

fn fleet(spots: &[Spot], around: &Around) -> Fleet {
    let there = (0..SPOTS).filter(|place| spots[*place].is_live);
    let mut objects: Vec<_> = there.map(|place| live(&peer(&key(place), "h"), &format!("id{place}"))).collect();
    objects.extend((0..around.others).map(|other| live(&peer(&format!("o{other}"), "h"), &format!("o-id{other}"))));
    let entries: Vec<_> = (0..SPOTS).filter_map(|place| desired(place, spots)).collect();
    let is_selected =
        |address: &Address| !around.selects || spots[address.key[1..].parse::<usize>().unwrap()].is_selected;
    let (selected, outside) = entries.into_iter().partition(|entry: &DesiredObject| is_selected(&entry.address));
    let mut fleet = Fleet::new(&PBX, &TRUNK, selected, objects);
    let outside: Vec<DesiredObject> = outside;
    let unselected = |entry: DesiredObject| Unselected { address: entry.address, previously: entry.previously };
    fleet.desired.unselected = outside.into_iter().map(unselected).collect();
    if around.selects {
        let patterns =
            (0..SPOTS).filter(|place| spots[*place].is_selected).map(|place| format!("{TARGET}/trunk/{}", key(place)));
        // A pattern for nothing, as no pattern would select everything.
        fleet.options.selection = patterns.chain(["t/trunk/nothing".into()]).collect();
        let globs = fleet.options.selection.iter().map(|pattern| Glob::new(pattern).unwrap());
        fleet.selection = Selection::new(globs.collect());
    }
    let removed = spots
        .iter()
        .enumerate()
        .filter_map(|(place, spot)| Some((Address::new(TARGET, "trunk", key(place)), spot.removed?)));
    let removed = removed.filter(|(address, _)| is_selected(address));
    fleet.desired.removed = removed.map(|(address, delete)| Removed { address, delete, source: source(9) }).collect();
    fleet.claims = if around.knows { claims(spots) } else { Claims::default() };
    fleet.desired.targets[0].prune = around.prune;
    fleet.desired.targets[0].ignore =
        around.ignores.map(|place| Glob::new(&format!("trunk/{}", key(place))).unwrap()).into_iter().collect();
    fleet.options.allow_deletes = around.allowed;
    let replaced = spots.iter().enumerate().filter(|(_, spot)| spot.entry.as_ref().is_some_and(|entry| entry.replace));
    fleet.options.replace = replaced.map(|(place, _)| Address::new(TARGET, "trunk", key(place))).collect();
    if !around.is_whole {
        fleet.live = partial(&TRUNK, fleet.objects().clone());
    }
    fleet
}

fn claims(spots: &[Spot]) -> Claims {
    let mut claims = Claims::of_ledger();
    for (place, spot) in spots.iter().enumerate() {
        if let Some((other, protect)) = spot.claim {
            let id = if other == usize::MAX { place } else { other };
            let claim = Claim { remote_id: format!("id{id}").into(), protect, ..Claim::default() };
            claims.insert("trunk", key(place), claim);
        }
    }
    claims
}

fn destroys(change: &Change<'_>) -> bool {
    matches!(change.action, Action::Delete | Action::Replace)
}

/// By the entry; where it says nothing, by what the ledger has under the object's name or id.
fn is_protected(fleet: &Fleet, change: &Change<'_>) -> bool {
    let given_up = |key: &str| fleet.desired.removed.iter().any(|gone| !gone.delete && *gone.address.key == *key);
    let by_ledger = fleet.claims.iter().any(|(_, key, claim)| {
        let has_it = |live: &LiveObject| *live.key == *key || live.remote_id == claim.remote_id;
        let is_it = change.live.is_some_and(has_it) || (change.desired.is_some() && *change.address.key == *key);
        claim.protect && !given_up(key) && is_it
    });
    change.desired.and_then(|entry| entry.protect).unwrap_or(by_ledger)
}

fn has_reason(fleet: &Fleet, change: &Change<'_>) -> bool {
    let tombstone = fleet.desired.removed.iter().any(|gone| gone.delete && gone.address == change.address);
    let claim = fleet.claims.get(&TRUNK, &change.address.key);
    let ours = claim.is_some_and(|claim| claim.remote_id == change.live.unwrap().remote_id);
    tombstone
        || match fleet.target().prune {
            Prune::None => false,
            Prune::Claimed => ours,
            Prune::Exclusive => !fleet.desired.objects.is_empty(),
        }
}

/// The most that may go without an allowance.
fn within_budget(fleet: &Fleet, changes: &[&Change<'_>]) -> bool {
    let snapshot: &Snapshot = &fleet.live;
    let objects = &snapshot.listings[0].objects;
    let base = objects.iter().filter(|object| !fleet.target().ignores("trunk", &object.key)).count();
    let count = |action| changes.iter().filter(|change| change.action == action).count();
    let (deletes, destroyed) = (count(Action::Delete), count(Action::Delete) + count(Action::Replace));
    let unnamed = || changes.iter().filter(|change| change.action == Action::Delete && change.removed.is_none());
    let strange = |change: &Change<'_>| {
        let claim = fleet.claims.get(&TRUNK, &change.address.key);
        claim.is_none_or(|claim| claim.remote_id != change.live.unwrap().remote_id)
    };
    let empties = deletes > 0 && deletes == base;
    let blind = fleet.target().prune == Prune::Exclusive && !fleet.claims.known && unnamed().count() > 0;
    destroyed <= 3.max(base / 10)
        && !(empties && (count(Action::Create) == 0 || unnamed().any(|change| strange(change))))
        && !blind
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_passes_the_guards_keeps_the_rules(spots in prop::collection::vec(spot(), SPOTS), around in around()) {
        let fleet = fleet(&spots, &around);
        let plan = fleet.plan();
        let changes: Vec<_> = plan.steps.iter().map(|step| &step.change).collect();
        let doomed: Vec<_> = changes.iter().filter(|change| destroys(change)).collect();
        let protected = doomed.iter().any(|change| is_protected(&fleet, change));
        let fits = match around.allowed {
            Some(allowed) => allowed == doomed.len(),
            None => within_budget(&fleet, &changes),
        };
        // Neither less careful than the rule nor more.
        prop_assert_eq!(plan.refusals.is_empty(), fits && !protected);
        for change in &changes {
            prop_assert!(!fleet.target().ignores("trunk", &change.address.key));
            prop_assert!(change.action != Action::Delete || has_reason(&fleet, change), "no reason to delete {}", change.address);
            let harmful = matches!(change.action, Action::Create | Action::Delete | Action::Replace);
            prop_assert!(around.is_whole || !harmful, "{} of {}", change.action.name(), change.address);
        }
    }

    #[test]
    fn a_selection_destroys_nothing_more(spots in prop::collection::vec(spot(), SPOTS), around in around()) {
        let doomed = |selects| {
            let fleet = fleet(&spots, &Around { selects, ..around.clone() });
            let input = fleet.input();
            let doomed = input.diff.changes.iter().filter(|change| destroys(change));
            doomed.map(|change| change.live.unwrap().remote_id.clone()).collect::<BTreeSet<_>>()
        };
        let (part, all) = (doomed(true), doomed(false));
        prop_assert!(part.is_subset(&all), "{part:?} of {all:?}");
    }
}

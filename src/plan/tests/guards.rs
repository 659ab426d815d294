//! Budgets and protections, at their borders.

use crate::model::kinds::TRUNK;
use crate::model::testing::{PBX, TARGET, account, live, peer, source};
use crate::model::{Address, Claim, Claims, DesiredObject, Glob, Prune, Removed};
use crate::plan::testing::Fleet;

fn name(index: usize) -> String {
    format!("k{index:03}")
}

/// As many trunks as `live`; of these the first are `deleted`, the next `replaced`, the rest wanted as they are; and some
/// `created`.
fn fleet(live_count: usize, deleted: usize, replaced: usize, created: usize) -> Fleet {
    let objects = (0..live_count).map(|index| live(&peer(&name(index), "h"), &index.to_string())).collect();
    let kept = (deleted..live_count).map(|index| {
        if index < deleted + replaced { account(&name(index), &format!("u{index}")) } else { peer(&name(index), "h") }
    });
    let new = (0..created).map(|index| peer(&format!("new{index}"), "h"));
    Fleet::new(&PBX, &TRUNK, kept.chain(new).collect(), objects)
}

fn refusals(fleet: &Fleet) -> Vec<&'static str> {
    fleet.plan().refusals.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn three_are_free_and_beyond_them_one_in_ten() {
    for (live, deleted, replaced, is_within) in [
        (4, 3, 0, true),
        (4, 0, 3, true),
        (4, 1, 2, true),
        (5, 4, 0, false),
        (5, 0, 4, false),
        (5, 2, 2, false),
        (39, 4, 0, false),
        (40, 4, 0, true),
        (40, 2, 2, true),
        (40, 5, 0, false),
        (49, 5, 0, false),
        (50, 5, 0, true),
        (4, 0, 4, false),
    ] {
        let within = refusals(&fleet(live, deleted, replaced, 0)).is_empty();
        assert_eq!(within, is_within, "{deleted} deletes and {replaced} replaces of {live}");
    }
}

#[test]
fn emptying_is_over_budget_however_few() {
    assert_eq!(refusals(&fleet(1, 1, 0, 0)), ["over_budget"]);
    assert_eq!(refusals(&fleet(3, 3, 0, 0)), ["over_budget"]);
    assert!(refusals(&fleet(3, 2, 1, 0)).is_empty(), "one is left");
    assert!(refusals(&fleet(3, 3, 0, 1)).is_empty(), "one comes");
    assert!(refusals(&fleet(0, 0, 0, 2)).is_empty());
}

#[test]
fn an_allowance_is_exact() {
    for (allowed, refused) in [(3, true), (4, true), (5, false), (6, true)] {
        let mut fleet = fleet(8, 3, 2, 1);
        fleet.options.allow_deletes = Some(allowed);
        assert_eq!(refusals(&fleet), if refused { vec!["wrong_allowance"] } else { vec![] }, "{allowed}");
    }
    let mut harmless = fleet(8, 0, 0, 1);
    harmless.options.allow_deletes = Some(1);
    assert_eq!(refusals(&harmless), ["wrong_allowance"], "also where nothing is deleted");
}

#[test]
fn exclusive_without_a_ledger_needs_the_number() {
    let blind = |allowed| {
        let mut fleet = fleet(20, 1, 0, 0);
        fleet.claims = Claims::default();
        fleet.desired.targets[0].prune = Prune::Exclusive;
        fleet.options.allow_deletes = allowed;
        fleet
    };
    assert_eq!(refusals(&blind(None)), ["over_budget"]);
    assert!(refusals(&blind(Some(1))).is_empty());
    // A tombstone says it by name.
    let mut named = blind(None);
    let address = Address::new(TARGET, "trunk", &*name(0));
    named.desired.removed = vec![Removed { address, delete: true, source: source(9) }];
    assert!(refusals(&named).is_empty());
}

#[test]
fn the_protected_is_neither_deleted_nor_replaced_and_no_allowance_helps() {
    for (deleted, replaced) in [(1, 0), (0, 1)] {
        let mut fleet = fleet(20, deleted, replaced, 0);
        fleet.claims.insert("trunk", name(0), Claim { remote_id: "0".into(), protect: true, ..Claim::default() });
        if replaced > 0 {
            fleet.desired.objects[0].protect = Some(true);
        }
        for allowed in [None, Some(1)] {
            fleet.options.allow_deletes = allowed;
            assert_eq!(refusals(&fleet), ["protected"]);
        }
    }
    let mut renamed = fleet(20, 0, 0, 0);
    let first = &mut renamed.desired.objects[0];
    *first = DesiredObject { protect: Some(true), previously: Some(name(0).into()), ..peer("a-new-name", "h") };
    assert!(refusals(&renamed).is_empty(), "a rename harms nobody");
}

#[test]
fn only_what_is_sent_counts() {
    let fleet = fleet(8, 3, 2, 0);
    let mut plan = fleet.plan();
    plan.hold_against_budgets(|index| index < 3, 3);
    assert!(plan.refusals.is_empty());
    plan.hold_against_budgets(|_| true, 5);
    assert_eq!(plan.refusals.len(), 1);
}

#[test]
fn what_is_ignored_makes_no_room() {
    let mut fleet = fleet(50, 5, 0, 0);
    assert!(refusals(&fleet).is_empty());
    fleet.desired.targets[0].ignore = vec![Glob::new("trunk/k049").unwrap()];
    assert_eq!(refusals(&fleet), ["over_budget"]);
    // Nor does it keep a kind from being emptied.
    let mut fleet = self::fleet(3, 2, 0, 0);
    fleet.desired.targets[0].ignore = vec![Glob::new("trunk/k002").unwrap()];
    assert_eq!(refusals(&fleet), ["over_budget"]);
}

#[test]
fn another_accounts_objects_are_not_all_pruned() {
    let mut fleet = fleet(3, 3, 0, 2);
    fleet.desired.targets[0].prune = Prune::Exclusive;
    assert!(refusals(&fleet).is_empty(), "ours, and others come");
    fleet.claims = Claims::of_ledger();
    assert_eq!(refusals(&fleet), ["over_budget"]);
    fleet.options.allow_deletes = Some(3);
    assert!(refusals(&fleet).is_empty());
}

//! Which live object an entry stands for, and what becomes of the others.

use proptest::sample::{Index, subsequence};

use super::*;

#[test]
fn a_rename_by_previously_and_by_remote_id() {
    let mut renamed = peer("new", "h");
    renamed.previously = Some("old".into());
    let mut case = Case::trunks(vec![renamed]);
    case.objects()[0].key = "old".into();
    assert_eq!(case.changes(), ["update new: name"]);
    assert!(!case.diff().changes[0].adopt, "claimed under its id");

    // Somebody renamed it at the vendor: the claim's id finds it.
    case.desired[0].previously = None;
    assert_eq!(case.changes(), ["update new: name"]);

    // An object of that name which somebody else made isn't its former self.
    case.objects()[0].remote_id = "77".into();
    assert_eq!(case.changes(), ["create new: type host port"]);
}

#[test]
fn renames_in_a_row() {
    let rename = |key: &str, old: &str| DesiredObject { previously: Some(old.into()), ..peer(key, key) };
    let mut case = Case::trunks(vec![rename("b", "a"), rename("c", "b")]);
    let (b, c) = (case.desired[0].clone(), case.desired[1].clone());
    // Before: `a` and `b` are there; `b` is what `c` was.
    *case.objects() =
        vec![LiveObject { key: "a".into(), ..live(&b, "1") }, LiveObject { key: "b".into(), ..live(&c, "2") }];
    assert_eq!(case.changes(), ["update b: name", "update c: name"]);
    // Half way: `b` has become `c`.
    case.objects()[1].key = "c".into();
    assert_eq!(case.changes(), ["update b: name"]);
    // All the way, with `previously` still in the file.
    case.objects()[0].key = "b".into();
    assert_eq!(case.changes(), [""; 0]);
    // An entry that stays what it is doesn't move over.
    let mut case = Case::trunks(vec![peer("b", "b"), rename("c", "b")]);
    case.objects().truncate(1);
    case.claims = Claims::of_ledger();
    assert_eq!(case.changes(), ["create c: type host port"]);
}

#[test]
fn prune_modes() {
    let stranger = || live(&peer("stranger", "s"), "8");
    let ours = || live(&peer("ours", "o"), "9");
    for (prune, ledger, deletes) in [
        (Prune::None, true, vec![]),
        (Prune::Claimed, true, vec!["delete ours:"]),
        (Prune::Claimed, false, vec![]),
        (Prune::Exclusive, true, vec!["delete ours:", "delete stranger:"]),
        (Prune::Exclusive, false, vec!["delete ours:", "delete stranger:"]),
    ] {
        let mut case = Case::trunks(vec![peer("a", "h")]);
        case.target.prune = prune;
        case.objects().extend([stranger(), ours()]);
        case.claims = if ledger { claimed(&TRUNK, &[ours()]) } else { Claims::default() };
        assert_eq!(case.changes(), deletes, "{prune:?}, ledger: {ledger}");
        let unmanaged = case.diff().unmanaged.len();
        assert_eq!(unmanaged + deletes.len(), 2, "{prune:?}");
    }
}

#[test]
fn exclusive_leaves_a_kind_without_entries_alone() {
    let mut case = Case::trunks(vec![peer("a", "h")]);
    case.target.prune = Prune::Exclusive;
    case.desired.clear();
    assert_eq!(case.changes(), [""; 0]);
}

#[test]
fn an_object_made_anew_by_somebody_else_is_not_ours() {
    let mut case = Case::trunks(vec![peer("a", "h")]);
    case.objects()[0].remote_id = "77".into();
    assert!(case.diff().unchanged[0].adopt);
    case.desired.clear();
    assert_eq!(case.changes(), [""; 0], "the claim is on another id");
}

#[test]
fn removed_entries() {
    let mut case = Case::trunks(vec![peer("a", "h"), peer("b", "h")]);
    case.desired.clear();
    case.target.prune = Prune::None;
    case.claims = Claims::default();
    case.removed = vec![removed("a", true), removed("b", false), removed("gone", true)];
    assert_eq!(case.changes(), ["delete a:"], "whoever made it");
    case.target.prune = Prune::Exclusive;
    case.desired = vec![peer("c", "h")];
    assert_eq!(case.changes(), ["delete a:", "create c: type host port"]);
}

#[test]
fn ignored_objects_take_no_part_and_are_counted_once() {
    let mut case = Case::trunks(vec![peer("lab-1", "h"), peer("lab-3", "h"), peer("x", "h")]);
    case.target.ignore = vec![Glob::new("trunk/lab-*").unwrap()];
    case.removed = vec![removed("lab-2", true)];
    case.objects()[0] = live(&peer("lab-1", "other"), "1");
    case.objects()[1] = live(&peer("lab-2", "other"), "2");
    let diff = case.diff();
    assert!(diff.changes.is_empty());
    assert_eq!(names(&diff.ignored), ["lab-1", "lab-2", "lab-3"]);
}

#[test]
fn of_two_with_one_key_only_the_claimed_one_is_touched() {
    let mut case = Case::numbers(vec![number("2000")]);
    let twin = |id: &str| live(&number("2000").with("nat", Value::Bool(true)), id);
    for objects in [vec![twin("1"), twin("2")], vec![twin("2"), twin("1")]] {
        case.snapshot = partial(&SIP_NUMBER, objects);
        case.claims = claimed(&SIP_NUMBER, &[twin("2")]);
        assert_eq!(case.diff().changes[0].live.map(|live| &*live.remote_id), Some("2"));
        case.claims = Claims::of_ledger();
        assert_eq!(case.changes(), [""; 0], "nobody knows which is meant");
        assert_eq!(case.diff().held_back.len(), 1);
    }
}

#[test]
fn a_selection_touches_nothing_else() {
    let mut case = Case::trunks(vec![peer("a", "h"), peer("b", "h")]);
    *case.objects() = vec![live(&peer("a", "x"), "1"), live(&peer("b", "x"), "2"), live(&peer("c", "x"), "3")];
    case.claims = claimed(&TRUNK, case.snapshot.listings[0].objects.iter());
    case.selection = Selection::new(vec![Glob::new("t/trunk/b").unwrap()]);
    assert_eq!(case.changes(), ["update b: host"]);
}

proptest! {
    /// The order in which a vendor lists its objects means nothing.
    #[test]
    fn the_order_of_a_listing_means_nothing(
        wanted in subsequence((0..8).collect::<Vec<usize>>(), 0..8),
        there in subsequence((0..8).collect::<Vec<usize>>(), 0..8).prop_shuffle(),
        ours in subsequence((0..8).collect::<Vec<usize>>(), 0..8),
        exclusive in any::<bool>(),
        swap in any::<(Index, Index)>(),
    ) {
        let entry = |index: usize, host: &str| peer(&format!("k{index}"), host);
        let mut case = Case::trunks(wanted.iter().map(|&index| entry(index, "h")).collect());
        if exclusive {
            case.target.prune = Prune::Exclusive;
        }
        let objects: Vec<_> =
            there.iter().map(|&index| live(&entry(index, if index % 2 == 0 { "h" } else { "x" }), &index.to_string())).collect();
        case.claims = claimed(&TRUNK, objects.iter().enumerate().filter(|(index, _)| ours.contains(index)).map(|(_, object)| object));
        *case.objects() = objects;
        let before = (case.changes(), case.diff().unmanaged);
        let count = case.objects().len();
        if count > 0 {
            let (a, b) = (swap.0.index(count), swap.1.index(count));
            case.objects().swap(a, b);
        }
        prop_assert_eq!(&before, &(case.changes(), case.diff().unmanaged));
        // Every live object is accounted for once.
        let diff = case.diff();
        let touched = diff.changes.iter().filter(|change| change.live.is_some()).count();
        prop_assert_eq!(touched + diff.unchanged.len() + diff.unmanaged.len(), count);
        prop_assert!(case.snapshot.listings[0].completeness == Completeness::Complete);
    }
}

#[test]
fn an_id_that_came_back_on_another_object_proves_nothing() {
    let mut case = Case::trunks(vec![peer("a", "h")]);
    case.claims = claimed(&TRUNK, &[live(&peer("a", "h"), "1")]);
    *case.objects() = vec![live(&peer("factory-default", "somewhere"), "1")];
    assert_eq!(case.changes(), ["create a: type host port"]);
    let diff = case.diff();
    let told: Vec<_> = diff.lookalikes.iter().map(|(entry, other)| (&*entry.key, &*other.key)).collect();
    assert_eq!(told, [("a", "factory-default")]);
    assert_eq!(names(&diff.unmanaged), ["factory-default"]);
    // The ledger knows it by everything but its name; or it is what the entry wants.
    case.applied = LastApplied::Same;
    assert_eq!(case.changes(), ["update a: name host"]);
    case.applied = LastApplied::Unknown;
    *case.objects() = vec![live(&peer("renamed", "h"), "1")];
    assert_eq!(case.changes(), ["update a: name"]);
    assert!(case.diff().lookalikes.is_empty());
}

#[test]
fn a_selection_takes_nobody_elses_object() {
    let renamed = |key: &str, old: Option<&str>| Unselected {
        address: Address::new(TARGET, "trunk", key),
        previously: old.map(Into::into),
    };
    let with = |case: &Case, unselected: &[Unselected]| -> Vec<String> {
        let Case { target, desired, removed, snapshot, claims, applied, replace, selection } = case;
        diff(&Input { target, desired, unselected, removed, snapshot, claims, applied, replace, selection })
            .changes
            .iter()
            .map(told)
            .collect()
    };
    // `b` was `a` and `c` was `b`: what is called `b` is to be `c`, also where the run isn't about `c`.
    let mut case = Case::trunks(vec![DesiredObject { previously: Some("a".into()), ..account("b", "u") }]);
    *case.objects() = vec![live(&account("a", "u"), "1"), live(&peer("b", "h"), "2")];
    assert_eq!(with(&case, &[renamed("c", Some("b"))]), ["update b: name"]);
    assert!(with(&case, &[])[0].starts_with("replace b: "), "{:?}", with(&case, &[]));
    // An id that was `a`'s is by now that of an entry outside.
    let mut case = Case::trunks(vec![peer("a", "h")]);
    *case.objects() = vec![live(&peer("x", "h"), "1")];
    assert_eq!(with(&case, &[renamed("x", None)]), ["create a: type host port"]);
    assert_eq!(with(&case, &[]), ["update a: name"]);
}

#[test]
fn a_protection_goes_with_the_object_and_stays_with_the_name() {
    let protected = |case: &Case| case.diff().changes.iter().map(|change| change.protected).collect::<Vec<_>>();
    let mut case = Case::trunks(vec![peer("keeper", "h")]);
    case.claims.insert("trunk", "p", Claim { remote_id: "9".into(), protect: true, ..Claim::default() });
    case.target.prune = Prune::Exclusive;
    for (key, id, is_protected) in [("p", "9", true), ("p", "8", true), ("renamed", "9", true), ("other", "8", false)] {
        case.objects().truncate(1);
        case.objects().push(live(&peer(key, "p"), id));
        assert_eq!(protected(&case), [is_protected], "{key} {id}");
    }
    // Handed over, it protects nothing any more.
    case.objects()[1] = live(&peer("renamed", "p"), "9");
    case.removed = vec![removed("p", false)];
    assert_eq!(protected(&case), [false]);
    // An entry decides where it says something.
    case.removed.clear();
    for (protect, is_protected) in [(None, true), (Some(true), true), (Some(false), false)] {
        for entry in [account("p", "u"), DesiredObject { previously: Some("p".into()), ..account("q", "u") }] {
            case.desired = vec![peer("keeper", "h"), DesiredObject { protect, ..entry }];
            case.objects()[1] = live(&peer("p", "p"), "9");
            assert_eq!(protected(&case), [is_protected], "{protect:?}");
        }
    }
}

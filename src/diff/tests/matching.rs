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

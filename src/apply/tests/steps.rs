//! What is sent, what isn't, and what reading back says.

use super::*;
use crate::http::FailureKind::{Credentials, Full, NotSent, Refused};
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::testing::{CENTRE, PBX, TARGET, With, account, live, number, peer, source};
use crate::model::{Address, LiveObject, Removed, Value};
use vendor::Listing;

use super::vendor::Act::{Late, Lie, Refuse, Well};

fn tombstone(kind: &'static str, key: &str) -> Removed {
    Removed { address: Address::new(TARGET, kind, key), delete: true, source: source(9) }
}

/// A create, a delete, an update, a rename and a replacement.
fn everything() -> Bench {
    let renamed = DesiredObject { previously: Some("d0".into()), ..peer("d", "d") };
    let entries = vec![peer("a", "a"), peer("c", "c"), renamed, account("e", "e")];
    let objects = vec![
        live(&peer("b", "b"), "2"),
        live(&peer("c", "old"), "3"),
        LiveObject { key: "d0".into(), ..live(&peer("d", "d"), "4") },
        live(&peer("e", "e"), "5"),
    ];
    Bench::of(Fleet::new(&PBX, &TRUNK, entries, objects).removing(vec![tombstone("trunk", "b")]))
}

const EVERYTHING: [&str; 5] = ["done create a", "done delete b", "done update c", "done update d", "done replace e"];

#[tokio::test(start_paused = true)]
async fn a_plan_is_carried_out_and_then_there_is_nothing_to_do() {
    let mut bench = everything();
    assert_eq!(bench.apply().await, EVERYTHING);
    assert_eq!(bench.keys(), ["a", "c", "d", "e"]);
    *bench.fleet.objects() = bench.vendor.world().objects.clone();
    assert!(bench.fleet.plan().steps.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_fresh_plan_needs_one_listing_and_an_old_one_two() {
    for (age, listed) in [(s(0), 1), (s(29), 1), (s(31), 2)] {
        let bench = Bench { age, ..everything() };
        assert_eq!(bench.apply().await, EVERYTHING);
        assert_eq!(bench.vendor.world().listed, listed, "{age:?} old");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_changed_by_hand_is_stale_and_nothing_else() {
    type Edit = fn(&mut Vec<LiveObject>);
    let edits: [(Edit, &str, &str); 6] = [
        (|objects| objects.push(live(&peer("a", "theirs"), "9")), "done create a", "stale create a: stale"),
        (|objects| objects[0] = live(&peer("b", "theirs"), "2"), "done delete b", "stale delete b: stale"),
        (|objects| objects[0].remote_id = "9".into(), "done delete b", "stale delete b: stale"),
        (|objects| objects[1].key = "theirs".into(), "done update c", "stale update c: stale"),
        (|objects| drop(objects.remove(1)), "done update c", "stale update c: stale"),
        (|objects| drop(objects.remove(3)), "done replace e", "stale replace e: stale"),
    ];
    for (edit, done, stale) in edits {
        let bench = Bench { age: s(31), ..everything() };
        edit(&mut bench.vendor.world().objects);
        let expected = EVERYTHING.map(|told| if told == done { stale } else { told });
        assert_eq!(bench.apply().await, expected);
        let key = stale.split([' ', ':']).nth(2).unwrap();
        assert!(bench.calls().iter().all(|call| !call.ends_with(&format!(" {key}"))), "{:?}", bench.calls());
    }
}

#[tokio::test(start_paused = true)]
async fn what_makes_nothing_stale() {
    let bench = Bench { age: s(31), ..everything() };
    {
        let mut world = bench.vendor.world();
        world.objects[1] = world.objects[1].clone().with("domain", Value::text("computed"));
        world.objects[1].blocked = vec![crate::model::Blocked { field: "type", reason: "busy" }].into();
        world.objects.reverse();
        world.objects.push(live(&peer("theirs", "x"), "9"));
    }
    assert_eq!(bench.apply().await, EVERYTHING);
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_already_needs_no_delete() {
    let bench = Bench { age: s(31), ..everything() };
    bench.vendor.world().objects.remove(0);
    assert_eq!(bench.apply().await, EVERYTHING);
    assert!(!bench.calls().contains(&"delete b".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_has_become_incomplete_allows_updates_only() {
    let bench = Bench { age: s(31), ..everything() };
    bench.vendor.world().listings.push_back(Listing::Partial);
    let expected = [
        "stale create a: stale",
        "stale delete b: stale",
        "done update c",
        // A rename: somebody who wasn't seen may have the name.
        "stale update d: stale",
        "stale replace e: stale",
    ];
    assert_eq!(bench.apply().await, expected);
    assert_eq!(bench.calls(), ["update c"]);
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_only_an_incomplete_listing_confirms_is_unknown() {
    let delete = |act| {
        let fleet = Fleet::new(&PBX, &TRUNK, Vec::new(), vec![live(&peer("b", "b"), "2")]);
        let bench = Bench::of(fleet.removing(vec![tombstone("trunk", "b")])).acting([act]);
        bench.vendor.world().hides = Some("b");
        bench
    };
    for act in [Well, Lie] {
        let bench = delete(act);
        bench.vendor.world().listings.extend([Listing::Partial; 9]);
        assert_eq!(bench.apply().await, ["unknown delete b: not_verified"]);
        assert_eq!(bench.calls(), ["delete b"]);
    }
    let bench = delete(Well);
    assert_eq!(bench.apply().await, ["done delete b"]);
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_fails_lets_nothing_through() {
    let bench = Bench { age: s(31), ..everything() };
    bench.vendor.world().listings.extend([Listing::Fails(NotSent); 9]);
    assert!(bench.apply().await.iter().all(|told| told.starts_with("stale ")));
    // Of a refused log-in everything else hears.
    let bench = Bench { age: s(31), ..everything() };
    bench.vendor.world().listings.extend([Listing::Fails(Credentials); 9]);
    bench.apply().await;
    assert!(bench.vendor.world().listed <= 4, "at most one a change in flight");
    assert_eq!(bench.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_ends_the_target() {
    let mut bench = everything().acting([Refuse(Credentials)]);
    bench.fleet.desired.targets[0].limits.concurrency = 1;
    let told = bench.apply().await;
    assert_eq!(told[0], "failed create a: credentials");
    assert!(
        told[1..].iter().all(|told| told.starts_with("skipped ") && told.ends_with(": target_stopped")),
        "{told:?}"
    );
    assert_eq!(bench.calls(), ["create a"]);
}

#[tokio::test(start_paused = true)]
async fn a_full_vendor_takes_nothing_more_of_the_kind() {
    let entries = vec![peer("a", "a"), peer("b", "b"), peer("c", "c")];
    let mut bench = Bench::new(&PBX, &TRUNK, entries, vec![live(&peer("c", "old"), "3")]).acting([Refuse(Full)]);
    bench.fleet.desired.targets[0].limits.concurrency = 1;
    assert_eq!(bench.apply().await, ["failed create a: full", "skipped create b: full", "done update c"]);
    assert_eq!(bench.calls(), ["create a", "update c"]);
}

#[tokio::test(start_paused = true)]
async fn a_place_under_the_limit_is_freed_before_it_is_taken() {
    let entries = vec![peer("a", "a"), peer("b", "b")];
    let objects = vec![live(&peer("x", "x"), "8"), live(&peer("y", "y"), "9")];
    let removed = vec![tombstone("trunk", "x"), tombstone("trunk", "y")];
    for concurrency in [1, 4] {
        let fleet = Fleet::new(&PBX, &TRUNK, entries.clone(), objects.clone()).removing(removed.clone());
        let mut bench = Bench::of(fleet).acting([Refuse(Full)]);
        bench.fleet.desired.targets[0].limits.concurrency = concurrency;
        assert_eq!(bench.apply().await, ["done create a", "done create b", "done delete x", "done delete y"]);
    }
    // No room comes: the delete fails.
    let fleet = Fleet::new(&PBX, &TRUNK, entries, objects).removing(removed);
    let mut bench = Bench::of(fleet).acting([Refuse(Full), Refuse(Refused), Refuse(Refused)]);
    bench.fleet.desired.targets[0].limits.concurrency = 1;
    let expected =
        ["failed create a: full", "skipped create b: full", "failed delete x: refused", "failed delete y: refused"];
    assert_eq!(bench.apply().await, expected);
    // The old one was to go after the new one; where there is no room for both it goes first.
    let fleet = Fleet::new(&PBX, &TRUNK, vec![peer("a", "h")], vec![live(&peer("x", "h"), "8")]);
    let bench = Bench::of(fleet).acting([Refuse(Full)]);
    assert_eq!(bench.apply().await, ["done create a", "done delete x"]);
}

fn agent(key: &str, agent: &str) -> DesiredObject {
    number(key).with("agent", Value::text(agent))
}

#[tokio::test(start_paused = true)]
async fn what_needs_a_failed_change_is_skipped_and_the_rest_goes_on() {
    let entries = vec![agent("1", "a"), number("3").with("nat", Value::Bool(true))];
    let objects = vec![live(&agent("1", ""), "1"), live(&agent("2", "a"), "2"), live(&number("3"), "3")];
    let fleet = Fleet::new(&CENTRE, &SIP_NUMBER, entries, objects).removing(vec![tombstone("sip_number", "2")]);
    let bench = Bench::of(fleet).acting([Refuse(Refused)]);
    let told = bench.apply().await;
    assert_eq!(told, ["failed delete 2: refused", "skipped update 1: dependency", "done update 3"]);
}

#[tokio::test(start_paused = true)]
async fn an_agent_is_unbound_first_and_two_can_swap() {
    let swap = || {
        let entries = vec![agent("1", "b"), agent("2", "a")];
        Bench::new(&CENTRE, &SIP_NUMBER, entries, vec![live(&agent("1", "a"), "1"), live(&agent("2", "b"), "2")])
    };
    let bench = swap();
    assert_eq!(bench.apply().await, ["done update 1", "done update 2"]);
    assert_eq!(bench.calls(), ["update 1", "update 2", "update 1", "update 2"]);
    // Old enough for a new look between the halves: what we have done ourselves makes nothing stale.
    let bench = Bench { age: s(29), ..swap() };
    bench.vendor.world().acts.push_back(Act::Lost(s(0)));
    assert_eq!(bench.apply().await, ["done update 1", "done update 2"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_along_for_a_hidden_field_is_sent_with_the_release_already() {
    let object = live(&agent("1", "a"), "1").with("password", Value::NotReadable);
    let mut bench = Bench::new(&CENTRE, &SIP_NUMBER, vec![agent("1", "b")], vec![object]);
    let hidden = [("password".into(), "another".into())].into();
    let claim = crate::model::Claim { remote_id: "1".into(), hidden, ..crate::model::Claim::default() };
    bench.fleet.claims.insert("sip_number", "1", claim);
    assert_eq!(bench.apply().await, ["done update 1"]);
    let sent = bench.vendor.world().sent.clone();
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|values| values[0] == Value::secret("secret")), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn what_was_sent_is_never_called_skipped() {
    let fleet = Fleet::new(&PBX, &TRUNK, vec![peer("new", "h")], vec![live(&peer("old", "x"), "1")]);
    let bench = Bench::of(fleet.removing(vec![tombstone("trunk", "old")])).acting([Refuse(Full)]);
    let mut bench = Bench { age: s(31), ..bench };
    bench.fleet.desired.targets[0].limits.concurrency = 1;
    // Somebody else has removed the old one meanwhile, so that no delete of ours makes room.
    bench.vendor.world().edits.push((1, Box::new(Vec::clear)));
    assert_eq!(bench.apply().await, ["failed create new: full", "done delete old"]);
}

#[tokio::test(start_paused = true)]
async fn a_replacement_does_not_begin_again_for_want_of_room() {
    let objects = vec![live(&peer("a", "h"), "1"), live(&peer("old", "x"), "2")];
    let mut fleet = Fleet::new(&PBX, &TRUNK, vec![peer("a", "h")], objects).removing(vec![tombstone("trunk", "old")]);
    fleet.options.replace = vec![Address::new(TARGET, "trunk", "a")];
    let mut bench = Bench::of(fleet).acting([Well, Refuse(Full)]);
    bench.fleet.desired.targets[0].limits.concurrency = 1;
    assert_eq!(bench.apply().await, ["failed replace a: full", "done delete old"]);
    assert_eq!(bench.calls(), ["delete a", "create a", "delete old"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_has_stopped_showing_is_not_verified() {
    let entry = number("1").with("password", Value::secret("new"));
    let bench = Bench::new(&CENTRE, &SIP_NUMBER, vec![entry], vec![live(&number("1"), "1")]).acting([Lie]);
    let hide = |objects: &mut Vec<LiveObject>| objects[0] = objects[0].clone().with("password", Value::NotReadable);
    bench.vendor.world().edits.push((1, Box::new(hide)));
    assert_eq!(bench.apply().await, ["unknown update 1: not_verified"]);
}

#[tokio::test(start_paused = true)]
async fn half_a_change_is_told_as_such() {
    let one = || Bench::new(&CENTRE, &SIP_NUMBER, vec![agent("1", "b")], vec![live(&agent("1", "a"), "1")]);
    let bench = one().acting([Well, Refuse(Refused)]);
    let plan = bench.fleet.plan();
    let report = bench.execute(&plan, &reviewed::all(&plan)).await;
    let error = report.outcomes[0].error.clone().unwrap();
    assert_eq!(error.message, "agent was emptied to take another value, and the rest isn't done: the vendor refuses");
    assert_eq!(report.outcomes[0].ending, Ending::Failed);
    // Not "skipped": something was sent.
    let entries = vec![number("0").with("nat", Value::Bool(true)), agent("1", "b")];
    let objects = vec![live(&number("0"), "0"), live(&agent("1", "a"), "1")];
    let bench = Bench::new(&CENTRE, &SIP_NUMBER, entries, objects);
    let bench = Bench { interrupt_at: Some("0"), ..bench };
    assert_eq!(bench.apply().await, ["done update 0", "failed update 1: interrupted"]);
    assert_eq!(bench.calls(), ["update 0", "update 1"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_unbound_for_a_value_that_cannot_be_had() {
    let entries = vec![agent("1", "b")];
    let objects = vec![live(&agent("1", "a"), "1"), live(&agent("2", "b"), "2")];
    let fleet = Fleet::new(&CENTRE, &SIP_NUMBER, entries, objects).removing(vec![tombstone("sip_number", "2")]);
    let bench = Bench::of(fleet).acting([Refuse(Refused)]);
    assert_eq!(bench.apply().await, ["failed delete 2: refused", "skipped update 1: dependency"]);
    assert_eq!(bench.calls(), ["delete 2"], "number 1 keeps its agent");
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_and_is_not_there_has_failed() {
    let told = |bench: Bench| async move {
        let plan = bench.fleet.plan();
        let report = bench.execute(&plan, &reviewed::all(&plan)).await;
        let message = report.outcomes[0].error.as_ref().map(|error| error.message.clone()).unwrap_or_default();
        (report.outcomes[0].ending, message)
    };
    let update = || Bench::new(&PBX, &TRUNK, vec![peer("a", "new")], vec![live(&peer("a", "old"), "1")]);
    let expected = "the vendor accepted it, and it didn't take effect in: host".to_owned();
    assert_eq!(told(update().acting([Lie])).await, (Ending::Failed, expected));
    let renamed = DesiredObject { previously: Some("b".into()), ..peer("a", "h") };
    let rename =
        Bench::new(&PBX, &TRUNK, vec![renamed], vec![LiveObject { key: "b".into(), ..live(&peer("b", "h"), "1") }]);
    let expected = "the vendor accepted it, and it didn't take effect in: name".to_owned();
    assert_eq!(told(rename.acting([Lie])).await, (Ending::Failed, expected));
    let create = Bench::new(&PBX, &TRUNK, vec![peer("a", "h")], Vec::new());
    let expected = "the vendor accepted it, and the object isn't there".to_owned();
    assert_eq!(told(create.acting([Lie])).await, (Ending::Failed, expected));
    let delete =
        Fleet::new(&PBX, &TRUNK, Vec::new(), vec![live(&peer("a", "h"), "1")]).removing(vec![tombstone("trunk", "a")]);
    let expected = "the vendor accepted it, and the object is still there".to_owned();
    assert_eq!(told(Bench::of(delete).acting([Lie])).await, (Ending::Failed, expected));
    // A listing that is behind for a moment catches up.
    assert_eq!(told(update().acting([Late(s(3))])).await.0, Ending::Done);
    // One that can't be read, or isn't whole, proves nothing.
    let bench = update();
    bench.vendor.world().listings.push_back(Listing::Fails(NotSent));
    assert_eq!(told(bench).await.0, Ending::Unknown);
    let create = Bench::new(&PBX, &TRUNK, vec![peer("a", "h")], Vec::new()).acting([Lie]);
    create.vendor.world().listings.extend([Listing::Partial; 9]);
    assert_eq!(told(create).await.0, Ending::Unknown);
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_lets_what_is_in_flight_finish_and_starts_nothing() {
    let entries: Vec<_> = (0..6).map(|index| peer(&format!("k{index}"), "h")).collect();
    for (concurrency, done) in [(1, 2), (3, 3)] {
        let mut bench = Bench::new(&PBX, &TRUNK, entries.clone(), Vec::new());
        bench.fleet.desired.targets[0].limits.concurrency = concurrency;
        bench.interrupt_at = Some(if concurrency == 1 { "k1" } else { "k0" });
        let plan = bench.fleet.plan();
        let report = bench.execute(&plan, &reviewed::all(&plan)).await;
        assert!(report.interrupted);
        assert_eq!((report.count(Ending::Done), report.count(Ending::Skipped)), (done, 6 - done));
        assert_eq!(bench.calls().len(), done);
        assert_eq!(bench.keys().len(), done);
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_the_wait_for_a_lost_create() {
    let bench = Bench::new(&CENTRE, &SIP_NUMBER, vec![number("1")], Vec::new()).acting([Act::Dropped]);
    let bench = Bench { interrupt_at: Some("1"), ..bench };
    let begun = Instant::now();
    assert_eq!(bench.apply().await, ["unknown create 1: interrupted"]);
    assert!(begun.elapsed() < s(5));
}

#[tokio::test(start_paused = true)]
async fn without_its_note_nothing_is_sent() {
    let bench = everything();
    std::fs::create_dir(bench.folder.path().join("journal")).unwrap();
    assert!(bench.apply().await.iter().all(|told| told.starts_with("failed ") && told.ends_with(": journal")));
    assert_eq!(bench.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn every_write_has_its_note() {
    let bench = everything().acting([Refuse(Refused)]);
    bench.apply().await;
    let left = bench.journal().left_over().unwrap();
    let told: Vec<_> = left.iter().map(|intent| (&*intent.address, intent.is_done())).collect();
    let expected = [("a", false), ("b", true), ("c", true), ("d", true), ("e", true)];
    assert_eq!(
        told,
        expected
            .map(|(key, done)| (format!("t/trunk/{key}"), done))
            .iter()
            .map(|(a, d)| (&**a, *d))
            .collect::<Vec<_>>()
    );
}

#[tokio::test(start_paused = true)]
async fn changes_side_by_side_share_flushes() {
    let entries: Vec<_> = (100..340).map(|key| number(&key.to_string())).collect();
    for (concurrency, most) in [(1, 241), (8, 31)] {
        let mut bench = Bench::new(&CENTRE, &SIP_NUMBER, entries.clone(), Vec::new());
        bench.fleet.desired.targets[0].limits.concurrency = concurrency;
        FLUSHES.set(0);
        assert!(bench.apply().await.iter().all(|told| told.starts_with("done ")));
        assert!(FLUSHES.get() <= most, "{} with {concurrency} at once", FLUSHES.get());
    }
}

//! Writes whose answer got lost.

use super::*;
use crate::http::FailureKind::{Exists, Missing, NotSent, OnceMore, Refused};
use crate::model::Value;
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::testing::{CENTRE, PBX, TARGET, With, live, number, peer, source};
use crate::model::{Address, Removed};
use vendor::Listing;

use super::vendor::Act::{Dropped, Late, Lie, Lost, Refuse, Spite, TimedOut, Well};

const NOW: Act = Lost(Duration::ZERO);

fn creating(table: &'static ProviderTable) -> Bench {
    if table.kinds[0].refuses_duplicates {
        Bench::new(table, &TRUNK, vec![peer("a", "h")], Vec::new())
    } else {
        Bench::new(table, &SIP_NUMBER, vec![number("a")], Vec::new())
    }
}

#[tokio::test(start_paused = true)]
async fn a_create() {
    for (table, acts, ending, calls) in [
        (&PBX, vec![NOW], "done create a", 1),
        (&PBX, vec![Dropped], "done create a", 2),
        // It comes to be after the look and before the repetition, which is refused.
        (&PBX, vec![Lost(Duration::from_millis(50))], "done create a", 2),
        (&PBX, vec![Dropped, Dropped], "unknown create a: broken", 2),
        (&PBX, vec![Dropped, NOW], "done create a", 2),
        // Nobody saw it, and nobody can any more; or the vendor says clearly that it didn't and won't.
        (&PBX, vec![Dropped, Refuse(NotSent)], "unknown create a: notsent", 2),
        (&PBX, vec![Dropped, Refuse(Refused)], "failed create a: refused", 2),
        (&PBX, vec![Refuse(Exists)], "failed create a: exists", 1),
        (&CENTRE, vec![NOW], "done create a", 1),
        (&CENTRE, vec![Lost(s(5))], "done create a", 1),
        (&CENTRE, vec![Lost(s(29))], "done create a", 1),
        (&CENTRE, vec![Dropped], "done create a", 2),
        (&CENTRE, vec![TimedOut], "done create a", 2),
        (&CENTRE, vec![Dropped, Dropped], "unknown create a: broken", 2),
        (&CENTRE, vec![Dropped, Lost(s(29))], "done create a", 2),
        // Refused for a reason that the vendor doesn't give clearly, and there all the same.
        (&CENTRE, vec![Spite(Refused)], "done create a", 1),
        (&CENTRE, vec![Refuse(Refused)], "failed create a: refused", 1),
    ] {
        let bench = creating(table).acting(acts.clone());
        assert_eq!(bench.apply().await, [ending], "{} {acts:?}", table.name);
        assert_eq!(bench.calls().len(), calls, "{} {acts:?}", table.name);
        assert!(bench.keys().len() <= 1, "{} {acts:?}: doubled", table.name);
        assert_eq!(bench.keys().len(), usize::from(ending.starts_with("done")), "{} {acts:?}", table.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_is_not_repeated_while_it_may_be_under_way() {
    let bench = creating(&CENTRE).acting([Dropped]);
    let begun = Instant::now();
    bench.apply().await;
    assert!(begun.elapsed() >= CENTRE.timeout, "repeated after {:?}", begun.elapsed());
    // A call that took all the time that one may isn't under way any more.
    let bench = creating(&CENTRE).acting([TimedOut]);
    let begun = Instant::now();
    bench.apply().await;
    assert!(begun.elapsed() < CENTRE.timeout + s(10), "repeated after {:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_create_that_cannot_be_looked_for_is_unknown() {
    for (listings, ending) in [
        // The listing for the look, then the one that reads everything back.
        (vec![Listing::Partial, Listing::Partial], "unknown create a: unknown"),
        (vec![Listing::Fails(NotSent), Listing::Fails(NotSent)], "unknown create a: notsent"),
        // In the end it can be seen after all.
        (vec![Listing::Fails(NotSent)], "done create a"),
    ] {
        let bench = creating(&PBX).acting([if ending.starts_with("done") { NOW } else { Dropped }]);
        bench.vendor.world().listings.extend(listings);
        assert_eq!(bench.apply().await, [ending]);
        assert_eq!(bench.calls(), ["create a"], "never blindly repeated");
    }
}

#[tokio::test(start_paused = true)]
async fn somebody_else_made_it_differently_meanwhile() {
    let bench = creating(&CENTRE).acting([Dropped]);
    let other = live(&number("a").with("nat", Value::Bool(true)), "77");
    bench.vendor.world().edits.push((2, Box::new(|objects| objects.push(other))));
    assert_eq!(bench.apply().await, ["failed create a: exists_differently"]);
    assert_eq!(bench.calls(), ["create a"]);
}

fn updating(acts: impl IntoIterator<Item = Act>) -> Bench {
    let bench = Bench::new(&PBX, &TRUNK, vec![peer("a", "new")], vec![live(&peer("a", "old"), "1")]);
    bench.acting(acts)
}

#[tokio::test(start_paused = true)]
async fn an_update() {
    for (acts, ending, calls) in [
        (vec![NOW], "done update a", 1),
        (vec![Dropped], "done update a", 2),
        (vec![Dropped, NOW], "done update a", 2),
        (vec![Dropped, Dropped], "unknown update a: broken", 2),
        (vec![Dropped, Refuse(NotSent)], "unknown update a: notsent", 2),
        (vec![Dropped, Refuse(Refused)], "failed update a: refused", 2),
        (vec![Dropped, Refuse(Missing)], "failed update a: missing", 2),
        // It takes effect after everybody has given up looking: reading back sees it.
        (vec![Dropped, Lost(Duration::from_millis(1))], "done update a", 2),
        (vec![Dropped, Lost(s(3))], "done update a", 2),
        // Refused for a reason that the vendor doesn't give clearly, and there all the same.
        (vec![Spite(Refused)], "done update a", 1),
        (vec![Spite(OnceMore)], "done update a", 1),
        (vec![Refuse(Missing)], "stale update a: missing", 1),
        (vec![Refuse(Refused)], "failed update a: refused", 1),
    ] {
        let bench = updating(acts.clone());
        assert_eq!(bench.apply().await, [ending], "{acts:?}");
        assert_eq!(bench.calls().len(), calls, "{acts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_of_what_others_change_meanwhile() {
    let bench = updating([Dropped]);
    let theirs = live(&peer("a", "theirs"), "1");
    bench.vendor.world().edits.push((1, Box::new(|objects| objects[0] = theirs)));
    assert_eq!(bench.apply().await, ["unknown update a: changed_meanwhile"]);
    assert_eq!(bench.calls(), ["update a"]);
    let bench = updating([Dropped]);
    bench.vendor.world().edits.push((1, Box::new(Vec::clear)));
    assert_eq!(bench.apply().await, ["failed update a: gone"]);
    // Gone from a listing that isn't whole says nothing.
    let bench = updating([Dropped]);
    bench.vendor.world().edits.push((1, Box::new(Vec::clear)));
    bench.vendor.world().listings.extend([Listing::Partial, Listing::Partial]);
    assert_eq!(bench.apply().await, ["unknown update a: unknown"]);
}

#[tokio::test(start_paused = true)]
async fn a_look_from_before_a_write_says_nothing_about_it_though_the_clock_hasnt_moved() {
    let entries = vec![peer("a", "new"), peer("b", "new")];
    let objects = vec![live(&peer("a", "old"), "1"), live(&peer("b", "old"), "2")];
    let mut bench = Bench::new(&PBX, &TRUNK, entries, objects).acting([NOW, NOW]);
    bench.fleet.desired.targets[0].limits.concurrency = 1;
    Arc::get_mut(&mut bench.vendor).unwrap().takes = Duration::ZERO;
    assert_eq!(bench.apply().await, ["done update a", "done update b"]);
    assert_eq!(bench.calls(), ["update a", "update b"]);
}

#[tokio::test(start_paused = true)]
async fn an_update_of_a_hidden_field_is_sent_until_an_answer_comes() {
    for (acts, ending) in [(vec![NOW], "done update 1"), (vec![NOW, NOW], "unknown update 1: broken")] {
        let entry = number("1").with("nat", Value::Bool(true)).with("password", Value::secret("new"));
        let object = live(&number("1"), "1").with("password", Value::NotReadable);
        let mut bench = Bench::new(&CENTRE, &SIP_NUMBER, vec![entry], vec![object]).acting(acts);
        let claim = crate::model::Claim {
            remote_id: "1".into(),
            hidden: [("password".into(), "another".into())].into(),
            ..crate::model::Claim::default()
        };
        bench.fleet.claims.insert("sip_number", "1", claim);
        assert_eq!(bench.apply().await, [ending]);
        assert_eq!(bench.calls(), ["update 1", "update 1"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete() {
    for (acts, ending, calls) in [
        (vec![NOW], "done delete a", 1),
        (vec![Dropped], "done delete a", 2),
        (vec![Refuse(Missing)], "done delete a", 1),
        (vec![Dropped, Dropped], "unknown delete a: broken", 2),
        (vec![Dropped, Refuse(NotSent)], "unknown delete a: notsent", 2),
        // Some vendors have no code for "there is none".
        (vec![Spite(Refused)], "done delete a", 1),
        (vec![Spite(OnceMore)], "done delete a", 1),
        (vec![Refuse(Refused)], "failed delete a: refused", 1),
    ] {
        let bench = deleting().acting(acts.clone());
        if matches!(acts[..], [Refuse(Missing)]) {
            bench.vendor.world().edits.push((1, Box::new(|objects| objects.truncate(1))));
        }
        assert_eq!(bench.apply().await, [ending], "{acts:?}");
        assert_eq!(bench.calls().len(), calls, "{acts:?}");
    }
}

fn deleting() -> Bench {
    let removed = Removed { address: Address::new(TARGET, "trunk", "a"), delete: true, source: source(9) };
    let objects = vec![live(&peer("b", "h"), "2"), live(&peer("a", "h"), "1")];
    Bench::of(Fleet::new(&PBX, &TRUNK, vec![peer("b", "h")], objects).removing(vec![removed]))
}

#[tokio::test(start_paused = true)]
async fn a_late_delete_does_not_meet_the_new_object() {
    let mut fleet = Fleet::new(&PBX, &TRUNK, vec![peer("a", "h")], vec![live(&peer("a", "h"), "1")]);
    fleet.options.replace = vec![Address::new(TARGET, "trunk", "a")];
    let bench = Bench::of(fleet).acting([Lost(s(20))]);
    assert_eq!(bench.apply().await, ["done replace a"]);
    assert_eq!(bench.calls(), ["delete a", "delete a", "create a"], "twice is the same as once");
    assert_eq!(bench.keys(), ["a"], "the first delete was over when the new object came");
}

#[tokio::test(start_paused = true)]
async fn a_replacement() {
    let replacing = || {
        let mut fleet = Fleet::new(&CENTRE, &SIP_NUMBER, vec![number("a")], vec![live(&number("a"), "1")]);
        fleet.options.replace = vec![Address::new(TARGET, "sip_number", "a")];
        Bench::of(fleet)
    };
    for (acts, ending, there) in [
        (vec![], "done replace a", 1),
        (vec![NOW, NOW], "done replace a", 1),
        (vec![Refuse(Refused)], "failed replace a: refused", 1),
        (vec![Well, Refuse(NotSent)], "failed replace a: notsent", 0),
        // The old object, in a listing that is behind, isn't taken for the new one.
        (vec![Late(s(3)), Dropped], "done replace a", 1),
        (vec![Lie], "failed replace a: not_applied", 2),
    ] {
        let bench = replacing().acting(acts.clone());
        assert_eq!(bench.apply().await, [ending], "{acts:?}");
        assert_eq!(bench.keys().len(), there, "{acts:?}");
        assert!(there != 1 || ending.starts_with("failed") || bench.vendor.world().objects[0].remote_id != "1".into());
    }
}

/// The first delete is carried out when a second one has made room for the new object, which has the same name.
#[tokio::test(start_paused = true)]
async fn nothing_takes_a_name_that_a_delete_may_still_be_after() {
    let replacing = |acts: &[Act]| {
        let mut fleet = Fleet::new(&CENTRE, &SIP_NUMBER, vec![number("a")], vec![live(&number("a"), "1")]);
        fleet.options.replace = vec![Address::new(TARGET, "sip_number", "a")];
        let mut bench = Bench::of(fleet).acting(acts.to_vec());
        Arc::get_mut(&mut bench.vendor).unwrap().deletes_by_name = true;
        bench
    };
    for acts in [&[Lost(s(20))][..], &[Lost(s(20)), NOW]] {
        let bench = replacing(acts);
        assert_eq!(bench.apply().await, ["done replace a"]);
        tokio::time::sleep(s(60)).await;
        assert_eq!(
            (bench.keys().len(), bench.calls()),
            (1, ["delete a", "delete a", "create a"].map(String::from).into())
        );
    }
    let bench = Bench { interrupt_at: Some("a"), ..replacing(&[Lost(s(20))]) };
    assert_eq!(bench.apply().await, ["failed replace a: interrupted"]);
    assert_eq!(bench.calls(), ["delete a", "delete a"]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_bound_that_an_unanswered_release_may_undo() {
    let agent = |agent: &str| number("1").with("agent", Value::text(agent));
    let bench = Bench::new(&CENTRE, &SIP_NUMBER, vec![agent("b")], vec![live(&agent("a"), "1")]).acting([Lost(s(20))]);
    assert_eq!(bench.apply().await, ["done update 1"]);
    tokio::time::sleep(s(60)).await;
    let world = bench.vendor.world();
    let index = SIP_NUMBER.index_of("agent").unwrap();
    assert_eq!(world.objects[0].values[index], Value::text("b"));
}

#[tokio::test(start_paused = true)]
async fn a_step_given_up_while_its_release_is_under_way_is_not_called_skipped() {
    let agent = |key: &str, agent: &str| number(key).with("agent", Value::text(agent));
    for (acts, told) in [
        (vec![Dropped, Refuse(Refused), Dropped], "unknown update 1: broken"),
        (vec![Dropped, Refuse(Refused)], "failed update 1: dependency"),
    ] {
        let entries = vec![agent("1", "b"), agent("2", "a")];
        let objects = vec![live(&agent("1", "a"), "1"), live(&agent("2", "b"), "2")];
        let bench = Bench::new(&CENTRE, &SIP_NUMBER, entries, objects).acting(acts);
        assert_eq!(bench.apply().await, [told, "failed update 2: refused"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_create_for_which_the_vendor_misses_something_has_failed() {
    let bench = creating(&PBX).acting([Refuse(Missing)]);
    assert_eq!(bench.apply().await, ["failed create a: missing"]);
    let mut fleet = Fleet::new(&CENTRE, &SIP_NUMBER, vec![number("a")], vec![live(&number("a"), "1")]);
    fleet.options.replace = vec![Address::new(TARGET, "sip_number", "a")];
    let bench = Bench::of(fleet).acting([Well, Refuse(Missing)]);
    assert_eq!(bench.apply().await, ["failed replace a: missing"]);
}

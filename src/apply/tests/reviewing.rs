//! A plan from a file against the plan of the moment.

use super::*;
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::testing::{CENTRE, PBX, TARGET, With, live, number, partial, peer, source};
use crate::model::{Address, Blocked, Removed, Value};
use crate::plan::PlanDocument;
use crate::plan::document::Context;

fn document(fleet: &Fleet) -> PlanDocument {
    PlanDocument::new(&fleet.plan(), Context { desired: &fleet.desired, files: &[], for_apply: true })
}

/// What applying a plan that was made before comes to now.
async fn apply(bench: &Bench, reviewed: &PlanDocument) -> Vec<String> {
    let mut plan = bench.fleet.plan();
    let (gates, gone) = reviewed::bind(&mut plan, reviewed);
    let mut report = bench.execute(&plan, &gates).await;
    report.outcomes.extend(gone);
    told(&report)
}

fn fleet() -> Fleet {
    let entries = vec![peer("a", "a"), peer("b", "new"), peer("c", "new")];
    let objects = vec![live(&peer("b", "old"), "2"), live(&peer("c", "old"), "3"), live(&peer("d", "d"), "4")];
    let removed = Removed { address: Address::new(TARGET, "trunk", "d"), delete: true, source: source(9) };
    Fleet::new(&PBX, &TRUNK, entries, objects).removing(vec![removed])
}

const ALL: [&str; 4] = ["done create a", "done update b", "done update c", "done delete d"];

/// Lets somebody edit the objects before the apply reads them.
fn after(edit: impl FnOnce(&mut Vec<LiveObject>)) -> Bench {
    let mut fleet = fleet();
    edit(fleet.objects());
    Bench::of(fleet)
}

#[tokio::test(start_paused = true)]
async fn what_was_reviewed_is_sent() {
    assert_eq!(apply(&after(|_| ()), &document(&fleet())).await, ALL);
}

#[tokio::test(start_paused = true)]
async fn what_would_by_now_be_wiped_out_beside_it_makes_it_stale() {
    let set = |name: &str| {
        let mut fleet = fleet();
        fleet.objects()[0].extra_mut().resets = vec![name.into()];
        fleet
    };
    let told = apply(&Bench::of(set("transport")), &document(&fleet())).await;
    assert_eq!(told, ["done create a", "stale update b: stale", "done update c", "done delete d"]);
    assert_eq!(apply(&Bench::of(set("transport")), &document(&set("transport"))).await, ALL);
    assert_eq!(apply(&Bench::of(fleet()), &document(&set("transport"))).await, ALL, "less is no harm");
}

#[tokio::test(start_paused = true)]
async fn what_has_changed_since_is_stale_and_the_rest_is_sent() {
    let plan = document(&fleet());
    let stale = |index: usize, with: &'static str| {
        let mut expected = ALL.to_vec();
        expected[index] = with;
        expected
    };
    let bench = after(|objects| objects[0] = live(&peer("b", "theirs"), "2"));
    assert_eq!(apply(&bench, &plan).await, stale(1, "stale update b: stale"));
    // Made by somebody else meanwhile.
    let bench = after(|objects| objects.push(live(&peer("a", "theirs"), "9")));
    assert_eq!(apply(&bench, &plan).await, [&ALL[1..], &["stale create a: stale"]].concat());
    // Done by somebody else meanwhile, or gone: told at the end.
    let mut expected = vec!["done create a", "done update c", "done delete d", "stale update b: stale"];
    let bench = after(|objects| objects[0] = live(&peer("b", "new"), "2"));
    assert_eq!(apply(&bench, &plan).await, expected);
    // What was to be deleted and is gone is done.
    expected = vec!["done create a", "done update b", "done update c", "done delete d"];
    let bench = after(|objects| drop(objects.pop()));
    assert_eq!(apply(&bench, &plan).await, expected);
    assert!(!bench.calls().contains(&"delete d".to_owned()));
    // Not seen in a listing that isn't whole isn't gone.
    let mut bench = after(|objects| drop(objects.pop()));
    bench.fleet.live = partial(&TRUNK, bench.fleet.objects().clone());
    let told = apply(&bench, &plan).await;
    assert_eq!(told, ["done update b", "done update c", "stale create a: stale", "stale delete d: stale"]);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_reviewed_is_not_sent() {
    let mut plan = document(&fleet());
    plan.changes.retain(|change| change.address.ends_with("/b"));
    let bench = after(|_| ());
    assert_eq!(apply(&bench, &plan).await, ["done update b"]);
    assert_eq!(bench.calls(), ["update b"]);
}

fn agent(key: &str, agent: &str) -> DesiredObject {
    number(key).with("agent", Value::text(agent))
}

fn offline(object: LiveObject) -> LiveObject {
    LiveObject { blocked: vec![Blocked { field: "agent", reason: "not registered" }].into(), ..object }
}

#[tokio::test(start_paused = true)]
async fn what_was_put_off_stays_put_off() {
    // 1 hands its agent on to 2; both have something else to send, too.
    let entries =
        || vec![agent("1", "b").with("nat", Value::Bool(true)), agent("2", "a").with("nat", Value::Bool(true))];
    let objects = |blocked: bool| {
        let first = live(&agent("1", "a"), "1");
        vec![if blocked { offline(first) } else { first }, live(&agent("2", ""), "2")]
    };
    let plan = document(&Fleet::new(&CENTRE, &SIP_NUMBER, entries(), objects(true)));
    let deferred = plan.changes.iter().flat_map(|change| &change.fields).filter(|field| field.deferred.is_some());
    assert_eq!(deferred.count(), 2);
    // The phone has registered since: more could be sent, and isn't; nothing is stale either.
    let bench = Bench::of(Fleet::new(&CENTRE, &SIP_NUMBER, entries(), objects(false)));
    assert_eq!(apply(&bench, &plan).await, ["done update 1", "done update 2"]);
    let agents: Vec<_> = bench.vendor.world().objects.iter().map(|object| object.values[3].clone()).collect();
    assert_eq!(agents, [Value::text("a"), Value::text("")]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_done_any_more_is_stale_and_told() {
    let entries = || vec![agent("1", "a")];
    let (online, away) = (live(&agent("1", ""), "1"), offline(live(&agent("1", ""), "1")));
    let plan = document(&Fleet::new(&CENTRE, &SIP_NUMBER, entries(), vec![online.clone()]));
    let bench = Bench::of(Fleet::new(&CENTRE, &SIP_NUMBER, entries(), vec![away.clone()]));
    assert_eq!(apply(&bench, &plan).await, ["stale update 1: stale"]);
    // And what couldn't be done then isn't done now: nobody has looked at it.
    let plan = document(&Fleet::new(&CENTRE, &SIP_NUMBER, entries(), vec![away]));
    let bench = Bench::of(Fleet::new(&CENTRE, &SIP_NUMBER, entries(), vec![online]));
    assert_eq!(apply(&bench, &plan).await, [""; 0]);
    assert_eq!(bench.calls(), [""; 0]);
}

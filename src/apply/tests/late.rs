//! What a run that was cut off may still be making.

use super::*;
use crate::apply::claims::{recover, under_way, unsettled};
use crate::apply::late::{Waited, wait};
use crate::ledger::OpenIntent;
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::testing::{CENTRE, PBX, live, number, partial, peer};
use crate::model::{Claim, Claims};
use vendor::Listing;

/// An intent of so long ago.
fn intent(key: &str, age: u64) -> OpenIntent {
    let address = format!("t/sip_number/{key}");
    let url = Some(Bench::new(&CENTRE, &SIP_NUMBER, Vec::new(), Vec::new()).fleet.target().url.clone());
    OpenIntent { address, action: "create".into(), url, age: Some(s(age)), ..OpenIntent::default() }
}

fn centre(objects: Vec<LiveObject>) -> Bench {
    let mut bench = Bench::new(&CENTRE, &SIP_NUMBER, Vec::new(), objects);
    bench.fleet.desired.targets[0].limits.timeout = s(20);
    bench
}

/// The addresses' keys, and how long they may take still.
fn awaited(bench: &mut Bench, left_over: &[OpenIntent]) -> Option<(Vec<String>, u64)> {
    let awaited = under_way(&bench.fleet.desired.targets[0], &bench.fleet.live, left_over)?;
    let keys = awaited.addresses.iter().map(|address| address.rsplit('/').next().unwrap().to_owned());
    Some((keys.collect(), awaited.at_most.as_secs()))
}

/// A delete that comes late would hit what has the name by then, also where the vendor refuses duplicates.
#[test]
fn a_delete_that_may_still_come_is_waited_for() {
    let mut bench = Bench::new(&PBX, &TRUNK, Vec::new(), vec![live(&peer("there", "a"), "1")]);
    bench.fleet.desired.targets[0].limits.timeout = s(20);
    let url = Some(bench.fleet.target().url.clone());
    let intent = |action: &str, key: &str, age: u64| {
        let address = format!("t/trunk/{key}");
        OpenIntent { address, action: action.into(), url: url.clone(), age: Some(s(age)), ..OpenIntent::default() }
    };
    for (left_over, expected) in [
        (intent("delete", "there", 0), Some(20)),
        (intent("delete", "there", 620), Some(10)),
        (intent("delete", "there", 630), None),
        (intent("delete", "gone", 0), None),
        // Which of the two is there, and how often the old one's delete was sent, isn't known.
        (intent("replace", "there", 0), Some(20)),
        (intent("replace", "gone", 0), Some(20)),
        (intent("replace", "gone", 630), None),
        (intent("create", "gone", 0), None),
        (intent("update", "there", 0), None),
        (OpenIntent { result: Some(Ending::Done), ..intent("delete", "there", 0) }, None),
        (OpenIntent { result: Some(Ending::Unknown), ..intent("delete", "there", 0) }, Some(20)),
        (OpenIntent { address: "t/sip_number/there".into(), ..intent("replace", "there", 0) }, None),
    ] {
        let seconds = awaited(&mut bench, std::slice::from_ref(&left_over)).map(|(_, seconds)| seconds);
        assert_eq!(seconds, expected, "{left_over:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn only_what_may_still_come_and_would_double_is_waited_for() {
    let mut bench = centre(vec![live(&number("1"), "1")]);
    let new = || intent("2", 0);
    for (left_over, expected) in [
        (new(), Some(20)),
        (OpenIntent { age: None, ..new() }, Some(20)),
        (OpenIntent { url: None, ..new() }, Some(20)),
        (OpenIntent { action: "replace".into(), ..new() }, Some(20)),
        (OpenIntent { result: Some(Ending::Unknown), ..new() }, Some(20)),
        // It may have been noted ten seconds ahead and waited for its turn for ten minutes before it left; a call takes no
        // longer than its time-out.
        (intent("2", 610), Some(20)),
        (intent("2", 620), Some(10)),
        (intent("2", 630), None),
        (intent("2", u64::MAX), None),
        (intent("1", 0), None),
        (OpenIntent { result: Some(Ending::Done), ..new() }, None),
        (OpenIntent { result: Some(Ending::Failed), ..new() }, None),
        (OpenIntent { action: "update".into(), ..new() }, None),
        (OpenIntent { action: "delete".into(), ..new() }, None),
        (OpenIntent { url: Some("https://elsewhere".into()), ..new() }, None),
        (OpenIntent { address: "other/sip_number/2".into(), ..new() }, None),
        (OpenIntent { address: "t/trunk/2".into(), ..new() }, None),
        (OpenIntent { address: "nonsense".into(), ..new() }, None),
    ] {
        let expected = expected.map(|seconds| (vec!["2".to_owned()], seconds));
        assert_eq!(awaited(&mut bench, std::slice::from_ref(&left_over)), expected, "{left_over:?}");
    }
    let several = [intent("2", 620), intent("1", 0), intent("3", 615)];
    assert_eq!(awaited(&mut bench, &several), Some((vec!["2".into(), "3".into()], 15)));
    // In a listing that isn't whole nothing is missing for certain, and nothing is made on its strength.
    bench.fleet.live = partial(&SIP_NUMBER, Vec::new());
    assert_eq!(awaited(&mut bench, &[new()]), None);
}

/// Waits for `2`, which comes after so many seconds, if at all: whether it was seen, and after how long.
async fn waited(comes: Option<u64>, listings: &[Listing]) -> (bool, u64) {
    let bench = centre(Vec::new());
    let begun = Instant::now();
    let vendor = Arc::clone(&bench.vendor);
    vendor.world().listings.extend(listings);
    if let Some(seconds) = comes {
        bench.vendor.world().acts.push_back(Act::Lost(s(seconds)));
        let entry = number("2");
        let object = crate::provider::NewObject { kind: &SIP_NUMBER, key: "2", values: &entry.values };
        vendor.create(&object).await.unwrap_err();
    }
    let target = bench.fleet.target();
    let ended = wait(&*vendor, target, s(20), &[intent("2", 0)], &bench.stop).await;
    let Waited::Looked(seen, looked) = ended else { unreachable!("{ended:?}") };
    assert!(seen.is_complete());
    (!seen.listings[0].objects.is_empty(), (looked - begun).as_secs())
}

#[tokio::test(start_paused = true)]
async fn it_is_looked_for_until_it_is_seen_or_cannot_come_any_more() {
    assert_eq!(waited(Some(0), &[]).await, (true, 0));
    assert_eq!(waited(Some(7), &[]).await, (true, 7));
    assert_eq!(waited(None, &[]).await, (false, 20));
    // A listing that changes while it is read says nothing.
    assert_eq!(waited(Some(0), &[Listing::Partial, Listing::Partial]).await, (true, 1));
}

#[tokio::test(start_paused = true)]
async fn the_wait_ends_with_the_user_and_with_the_target() {
    let bench = centre(Vec::new());
    bench.vendor.world().listings.push_back(Listing::Fails(crate::http::FailureKind::Locked));
    let target = bench.fleet.target();
    let left_over = [intent("2", 0)];
    assert!(matches!(wait(&*bench.vendor, target, s(20), &left_over, &bench.stop).await, Waited::Blind(_)));
    bench.stopper.stop();
    assert!(matches!(wait(&*bench.vendor, target, s(20), &left_over, &bench.stop).await, Waited::Interrupted));
}

#[tokio::test(start_paused = true)]
async fn only_what_was_ours_to_make_is_claimed() {
    let fleet = Fleet::new(&CENTRE, &SIP_NUMBER, Vec::new(), vec![live(&number("2"), "id-2")]);
    let claims = |left_over: OpenIntent| {
        let mut claims = Claims::of_ledger();
        recover(&mut claims, fleet.target(), &fleet.live, &[left_over]);
        claims.get(&SIP_NUMBER, "2").map(|claim: &Claim| claim.remote_id.to_string())
    };
    for (result, ours) in [
        (None, true),
        (Some(Ending::Unknown), true),
        (Some(Ending::Done), true),
        // Refused, or not sent at all: somebody else was first.
        (Some(Ending::Failed), false),
        (Some(Ending::Stale), false),
        (Some(Ending::Skipped), false),
    ] {
        let left_over = OpenIntent { result, ..intent("2", 5) };
        assert_eq!(claims(left_over).is_some(), ours, "{result:?}");
    }
    assert_eq!(claims(OpenIntent { url: Some("https://elsewhere".into()), ..intent("2", 5) }), None);
}

/// A vendor that refuses duplicates isn't waited for. What may come late there must not be forgotten.
#[tokio::test(start_paused = true)]
async fn what_may_come_late_stays_in_the_journal() {
    let fleet = Fleet::new(&PBX, &TRUNK, Vec::new(), vec![live(&peer("b", "b"), "2")]);
    let young = |key: &str| OpenIntent { address: format!("t/trunk/{key}"), ..intent(key, 5) };
    let young = |key: &str| OpenIntent { url: Some(fleet.target().url.clone()), ..young(key) };
    let old = OpenIntent { age: Some(s(100_000)), ..young("c") };
    let deleted = OpenIntent { action: "delete".into(), ..young("d") };
    let done = OpenIntent { result: Some(Ending::Done), ..young("e") };
    let left_over = [young("a"), young("b"), old, deleted, done];
    assert!(under_way(fleet.target(), &fleet.live, &left_over).is_none());
    let plan = fleet.plan();
    assert_eq!(unsettled(&left_over, &plan, &Report::default()), [young("a")]);
}

#[tokio::test(start_paused = true)]
async fn what_an_earlier_run_made_late_is_done() {
    let exists = || Act::Refuse(crate::http::FailureKind::Exists);
    for was_tried in [true, false] {
        let bench = Bench::new(&PBX, &TRUNK, vec![peer("a", "a")], Vec::new()).acting([exists()]);
        // It comes to be between the look and the create.
        bench.vendor.world().edits.push((1, Box::new(|objects| objects.push(live(&peer("a", "a"), "9")))));
        if was_tried {
            bench
                .journal()
                .intend(&crate::model::Address::new("t", "trunk", "a"), crate::model::outcome::Action::Create, false)
                .await
                .unwrap();
        }
        let expected = if was_tried { "done create a" } else { "failed create a: exists" };
        assert_eq!(bench.apply().await, [expected]);
        assert_eq!(bench.calls(), ["create a"]);
    }
}

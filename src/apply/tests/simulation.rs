//! Any plan, any faults: what must hold after every run.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::vendor::Listing;
use super::*;
use crate::http::FailureKind::{Busy, Missing, NotSent, OnceMore, Refused};
use crate::ledger::{Ledger, TargetRecord};
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::outcome::Action;
use crate::model::testing::{CENTRE, PBX, TARGET, With, live, number, peer};
use crate::model::{Completeness, Value};

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        4 => Just(Act::Well),
        2 => (0_u64..29_000).prop_map(|ms| Act::Lost(Duration::from_millis(ms))),
        2 => Just(Act::Lost(Duration::ZERO)),
        2 => Just(Act::Dropped),
        1 => Just(Act::TimedOut),
        1 => Just(Act::Lie),
        1 => (0_u64..3_000).prop_map(|ms| Act::Late(Duration::from_millis(ms))),
        2 => prop::sample::select(vec![NotSent, Busy, Refused, OnceMore, Missing]).prop_map(Act::Refuse),
    ];
    prop::collection::vec(act, 0..10)
}

fn listings() -> impl Strategy<Value = Vec<Listing>> {
    let listing = prop_oneof![
        4 => Just(Listing::Whole),
        1 => Just(Listing::Partial),
        1 => Just(Listing::Fails(NotSent)),
    ];
    prop::collection::vec(listing, 0..6)
}

/// Up to six objects: whether each is wanted, is there, and is as it is wanted.
fn bench(on_pbx: bool, rows: &[(bool, bool, bool)], concurrency: u32) -> Bench {
    let key = |index: usize| format!("k{index}");
    let entry = |index: usize, same: bool| {
        if on_pbx {
            peer(&key(index), if same { "h" } else { "x" })
        } else {
            number(&key(index)).with("nat", Value::Bool(!same))
        }
    };
    let rows = || rows.iter().enumerate();
    let entries = rows().filter(|(_, row)| row.0).map(|(index, _)| entry(index, true)).collect();
    let objects = rows().filter(|(_, row)| row.1).map(|(index, row)| live(&entry(index, row.2), &index.to_string()));
    let (table, kind): (&'static ProviderTable, &'static Kind) =
        if on_pbx { (&PBX, &TRUNK) } else { (&CENTRE, &SIP_NUMBER) };
    let mut bench = Bench::new(table, kind, entries, objects.collect());
    bench.fleet.desired.targets[0].limits.concurrency = concurrency;
    bench
}

/// How often each key is there.
fn there(bench: &Bench) -> BTreeMap<String, usize> {
    let mut there = BTreeMap::new();
    for key in bench.keys() {
        *there.entry(key).or_default() += 1;
    }
    there
}

/// One run: plan, apply, remember.
async fn run(bench: &mut Bench) -> Report {
    let objects = bench.vendor.world().objects.clone();
    *bench.fleet.objects() = objects;
    let left_over = bench.journal().left_over().unwrap();
    let mut claims = bench.fleet.claims.clone();
    claims::recover(&mut claims, bench.fleet.target(), &bench.fleet.live, &left_over);
    bench.fleet.claims = claims;
    let before = TargetRecord {
        url: bench.fleet.target().url.clone(),
        claims: bench.fleet.claims.clone(),
        ..TargetRecord::default()
    };
    let mut ledger = Ledger { targets: [(TARGET.to_owned(), before)].into(), ..Ledger::default() };
    let plan = bench.fleet.plan();
    let report = bench.execute(&plan, &reviewed::all(&plan)).await;
    claims::record(&mut ledger, &plan, &report, &bench.fleet.desired);
    bench.journal().keep(&claims::unsettled(&left_over, &plan, &report)).unwrap();
    bench.fleet.claims = ledger.targets.remove(TARGET).unwrap().claims;
    report
}

fn is_true(bench: &Bench, outcome: &Outcome) -> bool {
    let world = bench.vendor.world();
    let found = world.objects.iter().find(|object| object.key == outcome.address.key);
    let wanted = bench.fleet.desired.objects.iter().find(|entry| entry.address == outcome.address);
    match (outcome.action, found, wanted) {
        (Action::Delete, found, _) => found.is_none(),
        (_, Some(found), Some(wanted)) => {
            let support = bench.fleet.target().provider.support(wanted.kind).unwrap();
            crate::diff::satisfies(support, &wanted.values, found)
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn nothing_doubled_nothing_lost_and_every_outcome_true(
        on_pbx in any::<bool>(),
        rows in prop::collection::vec(any::<(bool, bool, bool)>(), 1..7),
        acts in acts(),
        listings in listings(),
        age in prop::sample::select(vec![0, 31]),
        concurrency in 1_u32..4,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let mut bench = bench(on_pbx, &rows, concurrency).acting(acts);
            bench.vendor.world().listings.extend(listings);
            bench.age = s(age);
            let before = there(&bench);
            let report = run(&mut bench).await;
            for outcome in report.outcomes.iter().filter(|outcome| outcome.ending == Ending::Done) {
                assert!(is_true(&bench, outcome), "{outcome:?} isn't true: {:?}", bench.calls());
            }
            // Everything that is still under way comes to an end.
            tokio::time::sleep(s(60)).await;
            assert!(there(&bench).values().all(|&count| count == 1), "doubled: {:?} {:?}", there(&bench), bench.calls());
            let kept = |key: &String| !bench.calls().contains(&format!("delete {key}"));
            assert!(before.keys().filter(|key| kept(key)).all(|key| there(&bench).contains_key(key)), "lost");
            // No more faults: one run brings everything about, and the next has nothing to do.
            bench.vendor.world().acts.clear();
            bench.vendor.world().listings.clear();
            bench.age = s(0);
            let report = run(&mut bench).await;
            assert!(report.is_done(), "{:?}", told(&report));
            let report = run(&mut bench).await;
            assert!(report.outcomes.is_empty(), "{:?}", told(&report));
            let wanted: Vec<_> = bench.fleet.desired.objects.iter().map(|entry| entry.address.key.to_string()).collect();
            assert_eq!(bench.keys(), wanted, "all were ours, and what left the YAML is gone");
            assert_eq!(bench.fleet.live.listings[0].completeness, Completeness::Complete);
        });
    }
}

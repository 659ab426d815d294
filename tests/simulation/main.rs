//! A deterministic simulation: the real engine against the real sandbox, in process and on paused time. One number decides
//! everything: targets, what their boxes hold, what the YAML wants, and everything that goes wrong.
//!
//! ```text
//! SIMULATION_SEED=1234 cargo test --test simulation -- --ignored one --nocapture
//! SIMULATION_SEEDS=10000 SIMULATION_FIRST=300 cargo test --test simulation -- --ignored any_number --nocapture
//! ```
//!
//! | file | what is in it |
//! |---|---|
//! | `dice` | every choice of a run, drawn from its seed |
//! | `scene` | targets, what their boxes hold, versions of the YAML |
//! | `make` | the vendors' entries and records |
//! | `words` | what an entry says against what a record says |
//! | `trouble` | faults, edits by hand, interrupts, crashes |
//! | `hands` | edits by hand |
//! | `stage` | boxes, who watches them, the transcript |
//! | `log` | what is seen of them: requests, and changes with their causes |
//! | `wire` | the way to a box, with somebody who watches |
//! | `team` | ledger, journal, and what the command line does |
//! | `planned` | what a plan was going to do |
//! | `rules` | what must hold after every round |
//! | `tally` | what happened, by name |
//! | `run` | one run: rounds, then peace |
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod dice;
mod hands;
mod log;
mod make;
mod planned;
mod rules;
mod run;
mod scene;
mod stage;
mod tally;
mod team;
mod trouble;
mod wire;
mod words;
#[path = "../convergence/world.rs"]
#[expect(dead_code, reason = "what only the tests of convergence need")]
mod world;
#[path = "../convergence/yaml.rs"]
#[expect(dead_code, reason = "what only the tests of convergence need")]
mod yaml;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use stage::Transcript;
use tally::Tally;

/// How many seeds every run of the tests takes.
const SEEDS: u64 = 300;
/// How much of a transcript a failure shows, in lines.
const TAIL: usize = 80;

/// One run: what happened in it and its transcript, or what is broken.
fn run(seed: u64) -> (Result<Tally, String>, Vec<String>) {
    let transcript = Transcript::default();
    let result = catch_unwind(AssertUnwindSafe(|| run::run(seed, &transcript)));
    let result = result.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        Err(text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default())
    });
    let lines = match Arc::try_unwrap(transcript) {
        Ok(lines) => lines.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner),
        Err(shared) => shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone(),
    };
    (result, lines)
}

/// What a failure has to show.
fn failure(seed: u64, why: &str, lines: &[String]) -> String {
    let tail = lines[lines.len().saturating_sub(TAIL)..].join("\n");
    let again = format!("SIMULATION_SEED={seed} cargo test --test simulation -- --ignored one --nocapture");
    format!("seed {seed}: {why}\nrepeat it: {again}\n{tail}\n")
}

/// What came of many seeds.
#[derive(Default)]
struct Total {
    tally: Tally,
    broken: Vec<String>,
    /// Each seed's digest, to compare two processes by.
    digests: Vec<String>,
}

impl Total {
    fn add(mut self, other: Self) -> Self {
        self.tally.add(other.tally);
        self.broken.extend(other.broken);
        self.digests.extend(other.digests);
        self.digests.sort();
        self
    }
}

/// Runs seeds on two threads.
fn run_all(seeds: std::ops::Range<u64>) -> Total {
    let half = |odd: u64| {
        let mut total = Total::default();
        for seed in seeds.clone().filter(|seed| seed % 2 == odd) {
            let (result, lines) = run(seed);
            total.digests.push(format!("{seed:>8} {}", digest(&lines)));
            match result {
                Ok(tally) => total.tally.add(tally),
                Err(why) => total.broken.push(failure(seed, &why, &lines)),
            }
        }
        total
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        half(0).add(other.join().unwrap())
    })
}

fn digest(lines: &[String]) -> String {
    let bytes: [u8; 8] = Sha256::digest(lines.join("\n"))[..8].try_into().unwrap();
    format!("{:016x}", u64::from_be_bytes(bytes))
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap())
}

#[test]
fn nothing_is_lost_and_nothing_is_doubled() {
    let Total { tally, broken, .. } = run_all(0..SEEDS);
    assert!(broken.is_empty(), "{} of {SEEDS} seeds are broken\n{}", broken.len(), broken[0]);
    for what in [
        "YeastarV2",
        "YeastarV1",
        "OpenvoxJson",
        "OpenvoxXml",
        "Moor7",
        "Itniotech",
        "crash",
        "crash recovered",
        "interrupt",
        "refused",
        "by hand",
        "late change",
        "lost ledger",
        "plan create",
        "plan update",
        "plan replace",
        "plan delete",
        "plan cannot_converge",
        "plan rename",
        "plan release",
        "fault before",
        "fault after",
        "fault cut",
        "fault cut-before",
        "fault slow",
        "fault late",
        "fault garbage",
        "fault garbage-after",
        "fault refuse",
        "fault expire",
        "fault stale",
        "fault short",
        "fault lie",
        "fault wrong-login",
        "done ",
        "stale stale",
        "skipped dependency",
        "skipped interrupted",
        "peace after 1",
        "peace after 2",
    ] {
        assert!(tally.count(what) > 0, "no {what} in {SEEDS} seeds:\n{}", tally.text());
    }
}

#[test]
fn a_seed_repeats_itself_byte_for_byte() {
    for seed in 0..20 {
        let (first, second) = (run(seed).1, run(seed).1);
        let differing = first.iter().zip(&second).find(|(a, b)| a != b);
        assert!(first == second, "seed {seed}: {differing:?}");
    }
}

#[test]
#[ignore = "any number of seeds: SIMULATION_SEEDS, from SIMULATION_FIRST on"]
#[expect(clippy::print_stdout, reason = "what is asked for")]
fn any_number() {
    let (first, count) = (number("SIMULATION_FIRST").unwrap_or(0), number("SIMULATION_SEEDS").unwrap_or(1000));
    let Total { tally, broken, digests } = run_all(first..first + count);
    println!("{}\n{}", digests.join("\n"), tally.text());
    for text in &broken {
        println!("{text}");
    }
    assert!(broken.is_empty(), "{} of {count} seeds are broken", broken.len());
}

#[test]
#[ignore = "shows one seed's transcript: SIMULATION_SEED"]
#[expect(clippy::print_stdout, reason = "what is asked for")]
fn one() {
    let seed = number("SIMULATION_SEED").unwrap_or(0);
    let (result, lines) = run(seed);
    println!("{}", lines.join("\n"));
    println!("digest {}", digest(&lines));
    result.unwrap();
}

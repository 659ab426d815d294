//! How many instructions each step of a plan costs, without reading the targets: the same on a busy machine as on an idle
//! one. Every limit is about a fifth above what was measured; who goes beyond one has made something slower.

#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]
#![expect(missing_docs, reason = "the macros make public modules")]

mod fleet;

use std::fmt::Write as _;

use gungraun::prelude::*;
use gungraun::{Callgrind, EventKind};
use sipform::diff::Diff;
use sipform::model::Desired;
use sipform::plan::document::Context;
use sipform::plan::{Plan, PlanDocument};
use sipform::render::plan::{Options, Text};
use sipform::render::style::Color;
use sipform::render::{Format, render};

use fleet::{Fleet, State};

/// At most so many million instructions.
fn at_most(millions: u64) -> LibraryBenchmarkConfig {
    // Caches aren't simulated: only instructions count, and it takes half the time.
    let mut callgrind = Callgrind::with_args(["--cache-sim=no"]);
    callgrind.hard_limits([(EventKind::Ir, millions * 1_000_000)]);
    let mut config = LibraryBenchmarkConfig::default();
    config.tool(callgrind);
    config
}

fn same(count: usize) -> &'static Fleet {
    Box::leak(Box::new(Fleet::new(count, State::Same)))
}

fn mixed(count: usize) -> &'static Fleet {
    Box::leak(Box::new(Fleet::new(count, State::Mixed)))
}

fn compared(count: usize) -> (&'static Fleet, Diff<'static>) {
    let fleet = mixed(count);
    (fleet, fleet.diff())
}

fn planned(count: usize) -> (&'static Fleet, Plan<'static>) {
    let (fleet, diff) = compared(count);
    (fleet, fleet.plan(diff))
}

fn context(fleet: &Fleet) -> Context<'_> {
    Context { desired: fleet.desired(), files: &[], for_apply: false }
}

#[library_benchmark(setup = fleet::yaml)]
#[bench::n1000(args = (1_000), config = at_most(65))]
#[bench::n10000(args = (10_000), config = at_most(650))]
fn load(yaml: String) -> Desired {
    fleet::load(&yaml)
}

#[library_benchmark(setup = same)]
#[bench::n1000(args = (1_000), config = at_most(4))]
#[bench::n10000(args = (10_000), config = at_most(36))]
fn diff_nothing(fleet: &'static Fleet) -> Diff<'static> {
    fleet.diff()
}

#[library_benchmark(setup = mixed)]
#[bench::n1000(args = (1_000), config = at_most(6))]
#[bench::n10000(args = (10_000), config = at_most(64))]
fn diff_mixed(fleet: &'static Fleet) -> Diff<'static> {
    fleet.diff()
}

#[library_benchmark(setup = compared)]
#[bench::n1000(args = (1_000), config = at_most(6))]
#[bench::n10000(args = (10_000), config = at_most(56))]
fn plan((fleet, diff): (&'static Fleet, Diff<'static>)) -> Plan<'static> {
    fleet.plan(diff)
}

// As `sipform plan` shows it.
#[library_benchmark(setup = planned)]
#[bench::n1000(args = (1_000), config = at_most(26))]
#[bench::n10000(args = (10_000), config = at_most(265))]
fn text((fleet, plan): (&'static Fleet, Plan<'static>)) -> (PlanDocument, String) {
    let document = PlanDocument::to_look_at(&plan, context(fleet));
    let mut out = String::new();
    let options = Options { color: Color::Off, verbose: false };
    write!(out, "{}", Text { plan: &document, options }).expect("a text takes everything");
    (document, out)
}

// As `sipform plan --format json` writes it: with digests and fingerprints.
#[library_benchmark(setup = planned)]
#[bench::n1000(args = (1_000), config = at_most(95))]
#[bench::n10000(args = (10_000), config = at_most(950))]
fn json((fleet, plan): (&'static Fleet, Plan<'static>)) -> (PlanDocument, String) {
    let document = PlanDocument::new(&plan, context(fleet));
    let out = render((&document).into(), Format::Json, None);
    (document, out)
}

library_benchmark_group!(name = steps, benchmarks = [load, diff_nothing, diff_mixed, plan, text, json]);
main!(library_benchmark_groups = steps);

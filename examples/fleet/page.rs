//! The page: Markdown.

use std::fmt::Write as _;
use std::time::Duration;

use crate::machine::Machine;
use crate::rows::{Wall, grouped};
use crate::run::Measured;

/// How many times its floor a plan may take.
const MOST_OVER_FLOOR: f64 = 1.5;

/// How many times as much a fleet of ten times the size may take.
const MOST_TENFOLD: f64 = 11.0;

const HEAD: &str = "\
# Performance

<!-- Written by `cargo run --release --example fleet`. -->

What sipform costs, beside its *floor*: a process that reads the same YAML, fetches the same answers and decodes both, with the same
crates and threads, and does nothing with them. No reconciler that is built from these parts can be faster.

![Time and memory against the size of the fleet](performance.svg)

";

const TAIL: &str = "
## What is measured

- Each row is a fleet that is made up for it: YAML with one entry a line, as in the README, and a sandbox with the same objects, served by
  `sipform sandbox serve` in a process of its own on loopback, where listings are kept as bytes: the sandbox isn't what is measured.
- Wall time is from the start of the process to its end, peak memory is the most that was resident at once, of sipform alone. Requests
  are those that the sandbox answered, log-ins and logouts among them.
- A plan with changes also orders them and prints half a million lines (14 MB), to which nothing in its floor answers. The floor of a
  million numbers uses all cores to its end; sipform compares what it has read on one.
- Command and floor take turns. A run that did something else than its row says (another count of changes, for one) is a failure.
- `SIPFORM_KEY` is set, as in a pipeline; without it each target with a fingerprint to make costs a slow derivation from its password.
- The slowest target alone, in the row of the PBXs, is the same command on one of them.
- An apply reads every target before and after. The journal is on a disk, and flushed to it before a write is sent.

Repeat it with `cargo build --release && cargo run --release --example fleet`; `-- --only plan-10000` takes one row, `-- --quick` only
checks that everything still works.
";

/// The whole page.
pub(crate) fn page(rows: &[Measured], machine: &Machine, runs: usize) -> String {
    let mut page = String::from(HEAD);
    if runs > 1 {
        // Writing to a string can't fail.
        _ = writeln!(page, "Medians of {runs} runs:\n");
    }
    table(&mut page, rows);
    tenfold(&mut page, rows);
    facts(&mut page, machine);
    page + TAIL
}

fn table(page: &mut String, rows: &[Measured]) {
    page.push_str("| work | wall | target | peak memory | target | requests | at most | floor | times the floor |\n");
    page.push_str("|---|---|---|---|---|---|---|---|---|\n");
    for row in rows {
        let target = &row.target;
        let limit = limit(row);
        let cells = [
            row.work.clone(),
            shown(row.cost.wall),
            verdict(row.cost.wall.as_secs_f64(), limit, |limit| shown(Duration::from_secs_f64(limit))),
            megabytes(row.cost.peak),
            verdict(row.cost.peak, target.peak, megabytes),
            row.requests.map(grouped).unwrap_or_default(),
            target.requests.map(grouped).unwrap_or_default(),
            format!("{}, {}", shown(row.floor.wall), megabytes(row.floor.peak)),
            over_floor(row),
        ];
        _ = writeln!(page, "| {} |", cells.join(" | "));
    }
}

/// How long a row may take, in seconds.
fn limit(row: &Measured) -> Option<f64> {
    match (row.target.wall?, row.alone) {
        (Wall::Seconds(limit), _) => Some(limit),
        (Wall::Alone(times, more), Some(alone)) => Some(times * alone.wall.as_secs_f64() + more),
        (Wall::Alone(..), None) => None,
    }
}

fn verdict(found: f64, limit: Option<f64>, show: impl Fn(f64) -> String) -> String {
    match limit {
        None => String::new(),
        Some(limit) if found <= limit => format!("≤ {}: met", show(limit)),
        Some(limit) => format!("≤ {}: **missed**", show(limit)),
    }
}

fn over_floor(row: &Measured) -> String {
    let ratio = row.cost.wall.as_secs_f64() / row.floor.wall.as_secs_f64();
    let verdict = match row.is_plan {
        true if ratio > MOST_OVER_FLOOR => ": **missed**",
        true => ": met",
        false => "",
    };
    format!("{ratio:.2}{verdict}")
}

/// What ten times the size costs, where both were measured.
fn tenfold(page: &mut String, rows: &[Measured]) {
    let sizes: Vec<_> = rows.iter().filter(|row| is_size(row)).collect();
    let pairs: Vec<_> = sizes
        .iter()
        .flat_map(|small| {
            sizes.iter().filter(|large| large.objects == 10 * small.objects).map(move |large| (small, large))
        })
        .collect();
    if pairs.is_empty() {
        return;
    }
    _ = writeln!(page, "\nTen times as many SIP numbers may cost {MOST_TENFOLD} times as much:\n");
    page.push_str("| from | to | wall | peak memory | wall of the floor |\n|---|---|---|---|---|\n");
    for (small, large) in pairs {
        let times = large.cost.wall.as_secs_f64() / small.cost.wall.as_secs_f64();
        let floor = large.floor.wall.as_secs_f64() / small.floor.wall.as_secs_f64();
        let met = if times <= MOST_TENFOLD { "met" } else { "**missed**" };
        let (from, to) = (grouped(small.objects), grouped(large.objects));
        let memory = large.cost.peak / small.cost.peak;
        _ = writeln!(page, "| {from} | {to} | × {times:.1}: {met} | × {memory:.1} | × {floor:.1} |");
    }
}

/// Whether it is one of the fleets that differ in size alone.
pub(crate) fn is_size(row: &Measured) -> bool {
    row.name.starts_with("plan-")
}

fn facts(page: &mut String, machine: &Machine) {
    page.push_str("\n## Where\n\n| | |\n|---|---|\n");
    for (name, value) in &machine.facts {
        _ = writeln!(page, "| {name} | {value} |");
    }
}

fn shown(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if seconds < 0.1 { format!("{:.1} ms", seconds * 1e3) } else { format!("{seconds:.2} s") }
}

fn megabytes(size: f64) -> String {
    format!("{size:.0} MB")
}

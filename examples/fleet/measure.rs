//! One process, and what it cost.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::Failure;

/// What one run cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    /// On all cores, in the program and in the system for it.
    pub(crate) cpu: Duration,
    /// In MB of 1,000,000 bytes.
    pub(crate) peak: f64,
}

/// Runs a command to its end. What it prints goes to `out`, messages beside it; another exit code than 0 is a failure
/// that shows them.
pub(crate) fn run(command: &mut Command, out: &Path) -> Result<Cost, Failure> {
    let messages = out.with_extension("messages");
    command.stdin(Stdio::null()).stdout(File::create(out)?).stderr(File::create(&messages)?);
    let begun = Instant::now();
    let used = command.spawn()?.wait4()?;
    let wall = begun.elapsed();
    if !used.status.success() {
        let said = std::fs::read_to_string(&messages).unwrap_or_default();
        let start: String = said.chars().take(2000).collect();
        let program = command.get_program().display();
        return Err(format!("{program} ended with {}:\n{start}", used.status).into());
    }
    Ok(Cost { wall, cpu: used.rusage.utime + used.rusage.stime, peak: megabytes(used.rusage.maxrss) })
}

#[expect(clippy::cast_precision_loss, reason = "no process has 2^52 bytes")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// The medians of several runs, each number by itself.
pub(crate) fn median(costs: &[Cost]) -> Option<Cost> {
    Some(Cost {
        wall: middle(costs.iter().map(|cost| cost.wall))?,
        cpu: middle(costs.iter().map(|cost| cost.cpu))?,
        peak: middle(costs.iter().map(|cost| cost.peak))?,
    })
}

fn middle<T: PartialOrd + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    values.get(values.len() / 2).copied()
}

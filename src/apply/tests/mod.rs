//! Tests of the executor.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod late;
mod lost_answers;
mod remembering;
mod reviewing;
mod simulation;
mod steps;
mod vendor;

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::Instant;

use super::*;
use crate::ledger::Journal;
use crate::model::{DesiredObject, Kind, LiveObject, ProviderTable};
use crate::plan::testing::Fleet;
use vendor::{Act, Vendor};

std::thread_local! {
    static FLUSHES: Cell<usize> = const { Cell::new(0) };
}

/// A disk that takes no time.
#[expect(clippy::unnecessary_wraps, reason = "a disk may fail")]
fn count_flush(_: &File) -> io::Result<()> {
    FLUSHES.set(FLUSHES.get() + 1);
    Ok(())
}

/// A fleet, its vendor, and where the run keeps its notes.
struct Bench {
    fleet: Fleet,
    vendor: Arc<Vendor>,
    folder: TempDir,
    /// How long ago the plan's listing was begun.
    age: Duration,
    stopper: Stopper,
    stop: Stop,
    /// Interrupts the run when this change is begun.
    interrupt_at: Option<&'static str>,
}

impl Bench {
    fn new(
        table: &'static ProviderTable,
        kind: &'static Kind,
        entries: Vec<DesiredObject>,
        objects: Vec<LiveObject>,
    ) -> Self {
        Self::of(Fleet::new(table, kind, entries, objects))
    }

    fn of(mut fleet: Fleet) -> Self {
        let table = fleet.target().provider;
        let vendor = Arc::new(Vendor::new(table, table.kinds[0].kind, fleet.objects().clone()));
        let (stopper, stop) = Stopper::new();
        let folder = tempfile::tempdir().unwrap();
        Self { fleet, vendor, folder, age: Duration::ZERO, stopper, stop, interrupt_at: None }
    }

    fn acting(self, acts: impl IntoIterator<Item = Act>) -> Self {
        self.vendor.world().acts.extend(acts);
        self
    }

    fn journal(&self) -> Journal {
        Journal::new(self.folder.path().join("journal")).flushing_by(count_flush)
    }

    async fn execute(&self, plan: &Plan<'_>, gates: &[Gate]) -> Report {
        let session =
            Session { writer: Arc::clone(&self.vendor) as Arc<dyn Writer>, observed: Instant::now() - self.age };
        let sessions = [(self.fleet.target().name.clone(), session)].into();
        let journal = self.journal();
        // As every apply does first; where it can't be read, the test is about that.
        _ = journal.read();
        execute(&Execution { plan, gates, sessions: &sessions, journal: &journal, listener: self, stop: &self.stop })
            .await
    }

    /// Plans, applies, and tells how each change ended: `done create a`, `failed update b: code`.
    async fn apply(&self) -> Vec<String> {
        let plan = self.fleet.plan();
        let report = self.execute(&plan, &reviewed::all(&plan)).await;
        told(&report)
    }

    fn calls(&self) -> Vec<String> {
        self.vendor.world().calls.clone()
    }

    /// The vendor's objects by key.
    fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self.vendor.world().objects.iter().map(|object| object.key.to_string()).collect();
        keys.sort();
        keys
    }
}

impl Listener for Bench {
    fn hear(&self, event: Event<'_>) {
        if let Event::Started { address, .. } = event
            && self.interrupt_at == Some(&*address.key)
        {
            self.stopper.stop();
        }
    }
}

fn told(report: &Report) -> Vec<String> {
    let tell = |outcome: &Outcome| {
        let code = outcome.error.as_ref().map(|error| format!(": {}", error.code)).unwrap_or_default();
        format!("{} {} {}{code}", outcome.ending.name(), outcome.action.name(), outcome.address.key)
    };
    report.outcomes.iter().map(tell).collect()
}

/// Seconds.
const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

//! The vendors' sides of the wire contracts, in this process: PBXs and voice platforms to try things on.
//!
//! A [`Sandbox`] holds one [`Appliance`] a target. Each speaks one vendor's dialect as strictly as the vendor's documents
//! put it, keeps its state in memory or in a file, and fails when it is told to ([`Fault`]). It is written from the
//! vendors' documents and shares no code with the providers, so that a misunderstanding shows as a failing test.
//!
//! ```text
//! Router ── Appliance ── Core ── Dialect (one a vendor)        what a vendor takes and answers
//!   │                     ├── FaultPlan                        what goes wrong this time
//!   │                     └── Store                            the state file
//!   └── in_process (a Transport) or serve (a socket on loopback)
//! ```

mod answer;
mod appliance;
mod call;
mod core;
mod dialect;
mod error;
mod fault_plan;
mod faults;
mod fleet;
mod hash;
mod in_process;
mod itniotech;
mod moor7;
mod openvox;
mod pbx;
mod serve;
mod settings;
mod store;
#[cfg(test)]
mod tests;
mod xml;
mod yeastar;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub use appliance::{Appliance, Recorded, Violations};
pub use error::Error;
pub use faults::Fault;
pub use serve::{Listen, Server};
pub use settings::Settings;
pub use store::reset;

use dialect::Vendor;
use fault_plan::FaultPlan;

/// Seconds since 1970, as a box's clock shows them.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// Every vendor that the sandbox plays.
static VENDORS: &[&Vendor] = &[&yeastar::VENDOR, &openvox::VENDOR, &moor7::VENDOR, &itniotech::VENDOR];

/// How long the boxes take for a call, besides what faults add.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// For calls that change nothing, log-ins among them.
    pub read: Duration,
    /// For calls that change something.
    pub write: Duration,
}

/// A set of boxes, one a target. Clones share them.
#[derive(Clone)]
pub struct Sandbox {
    folder: Option<PathBuf>,
    clock: Clock,
    faults: Arc<FaultPlan>,
    latency: Latency,
    /// How many made-up objects a new box begins with; `None`: with its vendor's seed.
    objects: Option<usize>,
    boxes: Arc<Mutex<BTreeMap<String, Arc<Appliance>>>>,
}

impl Sandbox {
    /// A sandbox that keeps each box's state in a file of its own in `folder`, written right after each change; without
    /// a folder it forgets everything at the end.
    ///
    /// The files are JSON for people: editing one, even while the sandbox runs, plays "someone changed it on the PBX".
    pub fn new(folder: Option<PathBuf>) -> Self {
        let (faults, boxes, latency) = (Arc::default(), Arc::default(), Latency::default());
        Self { folder, clock: Arc::new(system_clock), faults, latency, objects: None, boxes }
    }

    /// With another wall clock for the boxes opened from now on. Sessions and locks don't use it: they follow tokio's
    /// clock, which tests can pause.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// With boxes that take so long for each call, of those opened from now on.
    #[must_use]
    pub fn with_latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// With so many made-up objects instead of the seed in each new box opened from now on: SIP numbers on 7moor, trunks
    /// on Yeastar and OpenVox, bought numbers on ITNIO Tech. They are the same each time.
    #[must_use]
    pub fn with_objects(mut self, objects: usize) -> Self {
        self.objects = Some(objects);
        self
    }

    /// The box that plays this target. The first time it starts from its state file, or where there is none from the
    /// provider's seed; later calls give the same box and hand it the credentials that it accepts from then on.
    ///
    /// `settings` holds the target's settings by name: yeastar `username`, `password`, `api_version` (`v2.0.0` or
    /// `v1.1.0`); openvox `username`, `password`, `api_version` (any), `format`; 7moor `app_key`, `secret`; itniotech
    /// `api_key`, `api_secret`, `app_id` (an application that there is besides the state's), `path_prefix` (`/v3`).
    ///
    /// # Errors
    /// An unknown provider, a missing setting, another provider under the same name, a state file that can't be read.
    pub fn open(&self, target: &str, provider: &str, settings: &Settings) -> Result<Arc<Appliance>, Error> {
        let vendor = vendor(provider)?;
        let mut boxes = self.boxes();
        if let Some(opened) = boxes.get(target) {
            opened.accept(vendor, settings)?;
            return Ok(Arc::clone(opened));
        }
        let dialect = (vendor.build)(settings, Arc::clone(&self.clock))?;
        let core = core::Core::open(self.folder.as_deref(), target, vendor, dialect, self.objects)?;
        let opened = Arc::new(Appliance::new(vendor, core, Arc::clone(&self.faults), self.latency));
        boxes.insert(target.to_owned(), Arc::clone(&opened));
        Ok(opened)
    }

    /// What goes wrong from now on, in every box, instead of what was set before. Of several faults that fit a call the
    /// first one strikes.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.faults.set(faults);
    }

    /// How many requests all boxes have got.
    pub fn answered(&self) -> u64 {
        self.boxes().values().map(|opened| opened.answered()).sum()
    }

    /// The box of this target, where it has been opened.
    fn opened(&self, target: &str) -> Option<Arc<Appliance>> {
        self.boxes().get(target).map(Arc::clone)
    }

    /// Writes what isn't in the state files yet. A box whose file can't be written says so in the log.
    fn flush(&self) {
        let all: Vec<_> = self.boxes().values().map(Arc::clone).collect();
        for opened in all {
            opened.flush();
        }
    }

    fn boxes(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Appliance>>> {
        self.boxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox")
            .field("folder", &self.folder)
            .field("boxes", &self.boxes().keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// The providers that the sandbox plays, by name.
pub fn providers() -> Vec<&'static str> {
    VENDORS.iter().map(|vendor| vendor.name).collect()
}

/// The credentials that a served box accepts unless others are given: yeastar and openvox `api`/`sandbox`, 7moor app
/// key `2000113`, itniotech API key `bDqJFiq9`, both with the secret `sandbox-secret`.
///
/// # Errors
/// An unknown provider.
pub fn default_settings(provider: &str) -> Result<Settings, Error> {
    Ok(vendor(provider)?.defaults.iter().copied().collect())
}

fn vendor(name: &str) -> Result<&'static Vendor, Error> {
    let found = VENDORS.iter().copied().find(|vendor| vendor.name == name);
    found.ok_or_else(|| Error::UnknownProvider { name: name.to_owned(), known: providers().join(", ") })
}

fn system_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

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
use std::time::{SystemTime, UNIX_EPOCH};

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

/// A set of boxes, one a target.
pub struct Sandbox {
    folder: Option<PathBuf>,
    clock: Clock,
    faults: Arc<FaultPlan>,
    boxes: Mutex<BTreeMap<String, Arc<Appliance>>>,
}

impl Sandbox {
    /// A sandbox that keeps each box's state in a file of its own in `folder`, written right after each change; without
    /// a folder it forgets everything at the end.
    ///
    /// The files are JSON for people: editing one, even while the sandbox runs, plays "someone changed it on the PBX".
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, clock: Arc::new(system_clock), faults: Arc::default(), boxes: Mutex::default() }
    }

    /// With another wall clock for the boxes opened from now on. Sessions and locks don't use it: they follow tokio's
    /// clock, which tests can pause.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
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
        let core = core::Core::open(self.folder.as_deref(), target, vendor, dialect)?;
        let opened = Arc::new(Appliance::new(vendor, core, Arc::clone(&self.faults)));
        boxes.insert(target.to_owned(), Arc::clone(&opened));
        Ok(opened)
    }

    /// What goes wrong from now on, in every box, instead of what was set before. Of several faults that fit a call the
    /// first one strikes.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        self.faults.set(faults);
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

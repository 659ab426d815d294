//! One box: what a target talks to.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use http::{Response, StatusCode};
use serde_json::Value;
use tokio::sync::Semaphore;

use super::answer::{Delivery, Reply};
use super::call::{Call, Payload};
use super::core::{Core, Trace};
use super::dialect::{Role, Vendor};
use super::fault_plan::FaultPlan;
use super::in_process::InProcess;
use super::{Error, Latency, Settings};
use crate::http::Transport;

/// How many requests a box remembers; the oldest go first.
const MAX_RECORDED: usize = 50_000;

/// One PBX or account of the sandbox.
pub struct Appliance {
    vendor: &'static Vendor,
    core: Mutex<Core>,
    faults: Arc<FaultPlan>,
    latency: Latency,
    recorded: Mutex<VecDeque<Recorded>>,
    /// How many requests it has got.
    answered: AtomicU64,
    /// Calls that are being answered.
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    /// How many calls it works on at once.
    hands: Semaphore,
}

/// A request that a box got, and what came of it.
#[derive(Clone, PartialEq)]
pub struct Recorded {
    /// The path behind the API's version: `trunk/list`, `call/sip/create`.
    pub endpoint: String,
    /// The body, passwords and all, XML as the same object in JSON; null where it was empty or neither.
    pub body: Value,
    /// The vendor's code, where the box refused it.
    pub refused: Option<String>,
    /// The fault that struck it, like `slow=500`.
    pub fault: Option<String>,
}

/// What a box let pass, as the real ones do, that no client should try.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Violations {
    /// The most calls that were in flight at once. A box that serves one at a time makes the others wait.
    pub most_in_flight: usize,
    /// Deletes of `all`, or of several objects in one call.
    pub dangerous_deletes: u32,
    /// Parameters that a call doesn't have, as `endpoint: parameter`, each once.
    pub undocumented: Vec<String>,
}

impl Appliance {
    pub(super) fn new(vendor: &'static Vendor, core: Core, faults: Arc<FaultPlan>, latency: Latency) -> Self {
        let hands = if vendor.serial { 1 } else { Semaphore::MAX_PERMITS };
        Self {
            vendor,
            core: Mutex::new(core),
            faults,
            latency,
            recorded: Mutex::default(),
            answered: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            hands: Semaphore::new(hands),
        }
    }

    /// The box as a service: every method and path comes here.
    pub fn router(self: &Arc<Self>) -> Router {
        let this = Arc::clone(self);
        Router::new().fallback(move |request: Request| {
            let this = Arc::clone(&this);
            async move { this.answer(request).await }
        })
    }

    /// The box without a network: a client's requests go straight to [`Self::router`].
    pub fn transport(self: &Arc<Self>) -> Arc<dyn Transport> {
        Arc::new(InProcess::new(self.router()))
    }

    /// A copy of the state, as it stands in the state file under `state`.
    pub fn state(&self) -> Value {
        let mut core = self.core();
        if let Err(error) = core.catch_up() {
            tracing::warn!(%error, "the sandbox shows what it had before");
        }
        core.dialect.state()
    }

    /// Edits the state, as somebody on the box's web page would, and gives what `edit` gives.
    ///
    /// # Errors
    /// What `edit` left behind isn't a state of this vendor; the box keeps the one it had.
    pub fn with_state<R>(&self, edit: impl FnOnce(&mut Value) -> R) -> Result<R, Error> {
        self.core().edit(edit)
    }

    /// The requests so far, in the order in which they were answered; of very many the last 50,000.
    pub fn requests(&self) -> Vec<Recorded> {
        self.recorded().iter().cloned().collect()
    }

    /// How many requests it has got since it was opened, also those that it has forgotten.
    pub fn answered(&self) -> u64 {
        self.answered.load(Ordering::Relaxed)
    }

    /// Forgets the requests so far.
    pub fn forget_requests(&self) {
        self.recorded().clear();
    }

    /// What the box has let pass since it was opened.
    pub fn violations(&self) -> Violations {
        let remarks = self.core().dialect.remarks().clone();
        Violations {
            most_in_flight: self.most_in_flight.load(Ordering::Relaxed),
            dangerous_deletes: remarks.dangerous_deletes,
            undocumented: remarks.undocumented,
        }
    }

    pub(super) fn accept(&self, asked: &'static Vendor, settings: &Settings) -> Result<(), Error> {
        self.core().accept(asked, settings)
    }

    /// Lets a state file that takes long to write wait for [`Self::flush`].
    pub(super) fn write_behind(&self) {
        self.core().behind = true;
    }

    /// Writes what isn't in the state file yet.
    pub(super) fn flush(&self) {
        if let Err(error) = self.core().flush() {
            tracing::warn!(%error, "the sandbox can't keep a box's state");
        }
    }

    /// The vendor that it plays.
    pub(super) fn provider(&self) -> &'static str {
        self.vendor.name
    }

    /// What the paths of its API begin with; they may change with its settings.
    pub(super) fn prefixes(&self) -> Vec<String> {
        self.core().dialect.prefixes()
    }

    pub(super) async fn answer(&self, request: Request) -> Response<Body> {
        let _in_flight = InFlight::enter(self);
        self.answered.fetch_add(1, Ordering::Relaxed);
        let Some(call) = Call::read(request, self.vendor.endpoint).await else {
            return too_large().send().await;
        };
        // A closed semaphore would be an error; nobody closes this one.
        let _hand = self.hands.acquire().await;
        let (delivery, trace) = self.core().take(&call, &self.faults);
        let latency = match (self.vendor.role)(&call.endpoint) {
            Role::Write => self.latency.write,
            Role::Login | Role::Listing(_) | Role::Other => self.latency.read,
        };
        self.record(call, trace);
        delivery.later(latency).send().await
    }

    fn record(&self, call: Call, trace: Trace) {
        let body = match call.payload {
            Payload::Json(body) => body,
            Payload::Xml(fields) => Value::Object(fields),
            Payload::Empty | Payload::Unreadable => Value::Null,
        };
        let mut recorded = self.recorded();
        if recorded.len() == MAX_RECORDED {
            recorded.pop_front();
        }
        recorded.push_back(Recorded { endpoint: call.endpoint, body, refused: trace.refused, fault: trace.fault });
    }

    fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recorded(&self) -> MutexGuard<'_, VecDeque<Recorded>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn too_large() -> Delivery {
    let text = "the sandbox reads requests of at most 1 MiB\n";
    Delivery::whole(Reply::text(StatusCode::PAYLOAD_TOO_LARGE, text))
}

/// Counts a call while it is being answered, also one that the caller gives up.
struct InFlight<'a>(&'a Appliance);

impl<'a> InFlight<'a> {
    fn enter(appliance: &'a Appliance) -> Self {
        let now = appliance.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
        appliance.most_in_flight.fetch_max(now, Ordering::Relaxed);
        Self(appliance)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Appliance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Appliance")
            .field("target", &self.core().target)
            .field("provider", &self.vendor.name)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Recorded {
    /// Without the body, which holds passwords.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded")
            .field("endpoint", &self.endpoint)
            .field("refused", &self.refused)
            .field("fault", &self.fault)
            .finish_non_exhaustive()
    }
}

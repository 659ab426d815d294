//! A box's inside: its dialect, its state file, and what a fault does to a call.

use std::path::Path;

use http::StatusCode;
use serde_json::Value;
use tokio::time::Instant;

use super::answer::{Delivery, Ending, Reply};
use super::call::Call;
use super::dialect::{Dialect, Refusal, Role, Vendor};
use super::fault_plan::FaultPlan;
use super::faults::Kind;
use super::store::Store;
use super::{Error, Settings};

/// What only one call at a time may touch.
pub(super) struct Core {
    pub(super) target: String,
    vendor: &'static Vendor,
    pub(super) dialect: Box<dyn Dialect>,
    store: Option<Store>,
    /// How many made-up objects a new box begins with; `None`: with its vendor's seed.
    objects: Option<usize>,
    /// Whether a state file that takes long to write may wait for [`Self::flush`].
    pub(super) behind: bool,
    /// Whether the state file lacks a change.
    unsaved: bool,
    /// The state before the last write, while a fault needs it.
    previous: Option<Value>,
    /// Calls whose connection was dropped and which are carried out at their time.
    late: Vec<(Instant, Call)>,
}

/// What came of a call, for the record.
#[derive(Default)]
pub(super) struct Trace {
    /// The vendor's code, where the call was refused.
    pub(super) refused: Option<String>,
    /// The fault that struck it.
    pub(super) fault: Option<String>,
}

impl Core {
    /// A box with its kept state, else with so many made-up objects, else with its vendor's seed.
    pub(super) fn open(
        folder: Option<&Path>,
        target: &str,
        vendor: &'static Vendor,
        dialect: Box<dyn Dialect>,
        objects: Option<usize>,
    ) -> Result<Self, Error> {
        let store = folder.map(|folder| Store::new(folder, target, vendor.name));
        let (target, behind, unsaved) = (target.to_owned(), false, false);
        let (previous, late) = (None, Vec::new());
        let mut core = Self { target, vendor, dialect, store, objects, behind, unsaved, previous, late };
        core.load()?;
        Ok(core)
    }

    pub(super) fn accept(&mut self, asked: &'static Vendor, settings: &Settings) -> Result<(), Error> {
        if asked.name == self.vendor.name {
            return self.dialect.accept(settings);
        }
        Err(Error::OtherProvider { target: self.target.clone(), is: self.vendor.name.to_owned(), asked: asked.name })
    }

    /// Brings the box up to now: changes that were late, and those that somebody made in its file.
    pub(super) fn catch_up(&mut self) -> Result<(), Error> {
        if self.store.as_ref().is_some_and(Store::is_edited) {
            self.load()?;
        }
        let now = Instant::now();
        let (due, waiting) = std::mem::take(&mut self.late).into_iter().partition(|(at, _)| *at <= now);
        self.late = waiting;
        let mut due: Vec<(Instant, Call)> = due;
        due.sort_by_key(|(at, _)| *at);
        for (_, call) in due {
            drop(self.carry_out(&call, false));
        }
        Ok(())
    }

    /// Changes the state as if by hand.
    pub(super) fn edit<R>(&mut self, edit: impl FnOnce(&mut Value) -> R) -> Result<R, Error> {
        self.catch_up()?;
        let before = self.dialect.state();
        let mut state = before.clone();
        let result = edit(&mut state);
        if state != before {
            self.dialect
                .set_state(state)
                .map_err(|reason| Error::BadState { place: "the edited state".into(), reason })?;
            self.previous = Some(before);
            self.save()?;
        }
        Ok(result)
    }

    /// Takes a call and says what goes back.
    pub(super) fn take(&mut self, call: &Call, faults: &FaultPlan) -> (Delivery, Trace) {
        let mut trace = Trace::default();
        if let Err(error) = self.catch_up() {
            return (cannot_work(&error), trace);
        }
        if let Err(refusal) = self.dialect.admit(call) {
            return (self.refuse(call, refusal, &mut trace), trace);
        }
        let role = (self.vendor.role)(&call.endpoint);
        let sessions = self.vendor.sessions;
        let reads_on = self.dialect.reads_on(call);
        let fits = |kind: &Kind| fits(kind, role, sessions) && (*kind != Kind::Shift || reads_on);
        let struck = faults.strike(&self.target, &call.endpoint, fits);
        trace.fault = struck.as_ref().map(ToString::to_string);
        let history = faults.needs_history();
        let delivery = match struck {
            None => self.plainly(call, history, &mut trace),
            Some(kind) => self.struck(kind, call, history, &mut trace),
        };
        (delivery, trace)
    }

    fn plainly(&mut self, call: &Call, history: bool, trace: &mut Trace) -> Delivery {
        let is_listing = matches!((self.vendor.role)(&call.endpoint), Role::Listing(_));
        if let Some(reply) = is_listing.then(|| self.dialect.listing(call)).flatten() {
            return Delivery::whole(reply);
        }
        match self.carry_out(call, history) {
            Ok(outcome) => self.wrap(call, outcome, trace),
            Err(error) => cannot_work(&error),
        }
    }

    fn struck(&mut self, kind: Kind, call: &Call, history: bool, trace: &mut Trace) -> Delivery {
        match kind {
            Kind::Before => Delivery::whole(Reply::broken()),
            Kind::After => {
                self.plainly(call, history, trace);
                Delivery::whole(Reply::broken())
            }
            Kind::Cut => self.plainly(call, history, trace).ending(Ending::Cut),
            Kind::CutBefore => Delivery::whole(Reply::broken()).ending(Ending::Dropped),
            Kind::Slow(delay) => self.plainly(call, history, trace).after(delay),
            Kind::Late(delay) => {
                self.late.push((Instant::now() + delay, call.clone()));
                Delivery::whole(Reply::broken()).ending(Ending::Dropped)
            }
            Kind::Garbage | Kind::Random { .. } => Delivery::whole(Reply::garbage()),
            Kind::GarbageAfter => {
                self.plainly(call, history, trace);
                Delivery::whole(Reply::garbage())
            }
            Kind::Refuse(code) => self.refuse(call, Refusal::new(String::from(code), "told to refuse"), trace),
            Kind::Expire => self.after_expiry(call, history, trace),
            Kind::Stale => self.stale(call, trace),
            Kind::Short => self.short(call, trace),
            Kind::Shift => {
                self.dialect.shift();
                self.plainly(call, history, trace)
            }
            Kind::Lie => self.lie(call, trace),
            Kind::WrongLogin => {
                let refusal = self.dialect.refuse_login();
                self.refuse(call, refusal, trace)
            }
        }
    }

    fn after_expiry(&mut self, call: &Call, history: bool, trace: &mut Trace) -> Delivery {
        self.dialect.expire(call);
        match self.dialect.admit(call) {
            Ok(()) => self.plainly(call, history, trace),
            Err(refusal) => self.refuse(call, refusal, trace),
        }
    }

    fn stale(&mut self, call: &Call, trace: &mut Trace) -> Delivery {
        let now = self.dialect.state();
        let then = self.previous.clone().unwrap_or_else(|| now.clone());
        let outcome = self.dialect.set_state(then).map(|()| self.dialect.perform(call));
        self.put_back(now);
        let outcome = outcome.unwrap_or_else(|reason| Err(Refusal::new("500", reason)));
        self.wrap(call, outcome, trace)
    }

    fn short(&mut self, call: &Call, trace: &mut Trace) -> Delivery {
        let mut outcome = self.dialect.perform(call);
        if let (Ok(payload), Role::Listing(member)) = (&mut outcome, (self.vendor.role)(&call.endpoint)) {
            let list = match member {
                Some(member) => payload.get_mut(member),
                None => Some(payload),
            };
            list.and_then(Value::as_array_mut).and_then(Vec::pop);
        }
        self.wrap(call, outcome, trace)
    }

    fn lie(&mut self, call: &Call, trace: &mut Trace) -> Delivery {
        let before = self.dialect.state();
        let outcome = self.dialect.perform(call);
        self.put_back(before);
        self.wrap(call, outcome, trace)
    }

    /// Carries out a call and keeps what it changed.
    fn carry_out(&mut self, call: &Call, history: bool) -> Result<Result<Value, Refusal>, Error> {
        let is_write = (self.vendor.role)(&call.endpoint) == Role::Write;
        let before = (is_write && history).then(|| self.dialect.state());
        let outcome = self.dialect.perform(call);
        if is_write && outcome.is_ok() {
            self.previous = before;
            self.save()?;
        }
        Ok(outcome)
    }

    fn refuse(&mut self, call: &Call, refusal: Refusal, trace: &mut Trace) -> Delivery {
        self.wrap(call, Err(refusal), trace)
    }

    fn wrap(&mut self, call: &Call, outcome: Result<Value, Refusal>, trace: &mut Trace) -> Delivery {
        if let Err(refusal) = &outcome {
            tracing::debug!(target = %self.target, endpoint = %call.endpoint.escape_debug(), code = %refusal.code,
                reason = %refusal.reason, "the sandbox refuses a call");
            trace.refused = Some(refusal.code.clone().into_owned());
        }
        Delivery::whole(self.dialect.reply(call, outcome))
    }

    /// A state that came from the dialect itself.
    fn put_back(&mut self, state: Value) {
        if let Err(reason) = self.dialect.set_state(state) {
            tracing::error!(target = %self.target, reason, "the sandbox can't take its own state back");
        }
    }

    fn load(&mut self) -> Result<(), Error> {
        let kept = self.store.as_mut().map_or(Ok(None), Store::load)?;
        self.unsaved = false;
        if let (None, Some(objects)) = (&kept, self.objects) {
            self.dialect.populate(objects);
            return Ok(());
        }
        let place = match (&kept, &self.store) {
            (Some(_), Some(store)) => store.place(),
            _ => format!("the seed of {}", self.vendor.name),
        };
        let state = kept.map_or_else(|| serde_json::from_str(self.vendor.seed).map_err(|error| error.to_string()), Ok);
        let taken = state.and_then(|state| self.dialect.set_state(state));
        taken.map_err(|reason| Error::BadState { place, reason })
    }

    /// Writes the state file; where it may wait and has just taken long, later.
    fn save(&mut self) -> Result<(), Error> {
        self.unsaved = self.store.is_some();
        if self.behind && self.store.as_ref().is_some_and(Store::is_tired) {
            return Ok(());
        }
        self.flush()
    }

    /// Writes what isn't in the state file yet.
    pub(super) fn flush(&mut self) -> Result<(), Error> {
        if let (true, Some(store)) = (self.unsaved, &mut self.store) {
            self.dialect.keep(store)?;
            self.unsaved = false;
        }
        Ok(())
    }
}

/// Whether a kind of fault means anything for a call of this role.
fn fits(kind: &Kind, role: Role, sessions: bool) -> bool {
    match kind {
        Kind::Late(_) | Kind::Lie => role == Role::Write,
        Kind::Stale | Kind::Short | Kind::Shift => matches!(role, Role::Listing(_)),
        Kind::Expire => sessions && role != Role::Login,
        Kind::WrongLogin => !sessions || role == Role::Login,
        _ => true,
    }
}

/// The sandbox's own trouble: no vendor's answer, so that nobody takes it for one.
fn cannot_work(error: &Error) -> Delivery {
    tracing::warn!(%error, "the sandbox can't answer");
    let text = format!("the sandbox can't answer: {error}\n");
    Delivery::whole(Reply::text(StatusCode::INTERNAL_SERVER_ERROR, text))
}

//! One team's world: boxes, a ledger, and runs of plan and apply against them, as the command line does them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use proptest::test_runner::{Config, RngSeed};
use serde_json::Value as Json;
use sipform::apply::{self, Execution, Report, Session, Stopper};
use sipform::diff::{self, Input};
use sipform::http::{Client, Transport};
use sipform::ledger::{Journal, Ledger};
use sipform::model::outcome::Action;
use sipform::model::{Claims, Desired, Removed, Selection, Snapshot, Target, Unselected};
use sipform::plan::applied::Remembered;
use sipform::plan::fingerprint::{KeySource, MasterKey};
use sipform::plan::{self, Fingerprinter, Options, Plan, TargetInput};
use sipform::provider::{Writer, registry};
use sipform::sandbox::{Appliance, Sandbox, Settings};
use tempfile::TempDir;
use tokio::time::Instant;

/// Boxes and what is remembered of them.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    /// `None`: there is no ledger.
    pub(crate) ledger: Option<Ledger>,
    /// What `SIPFORM_KEY` holds.
    pub(crate) key: [u8; 32],
    /// What a run is about.
    pub(crate) selection: Selection,
    /// What stands between a session and its box.
    pub(crate) between: Option<Between>,
    journal: Journal,
    _folder: TempDir,
}

/// Puts something between a session and its box.
pub(crate) type Between = Box<dyn Fn(Arc<dyn Transport>) -> Arc<dyn Transport>>;

/// What one look at every target gave: everything that a plan borrows from.
pub(crate) struct Look<'d> {
    pub(crate) desired: &'d Desired,
    pub(crate) parts: Vec<Part<'d>>,
}

/// One target's part of a look.
pub(crate) struct Part<'d> {
    pub(crate) target: &'d Target,
    pub(crate) live: Snapshot,
    pub(crate) claims: Claims,
    unselected: Vec<Unselected>,
    removed: Vec<Removed>,
    selection: Selection,
    fingerprinter: Fingerprinter,
    key_check: Option<String>,
    session: Arc<dyn Writer>,
    observed: Instant,
}

impl World {
    /// Empty boxes and no ledger.
    pub(crate) fn new() -> Self {
        let folder = temporary_folder();
        let journal = Journal::new(folder.path().join("journal"));
        Self {
            sandbox: Sandbox::new(None),
            ledger: None,
            key: [7; 32],
            selection: Selection::default(),
            between: None,
            journal,
            _folder: folder,
        }
    }

    /// The box that plays this target.
    pub(crate) fn appliance(&self, target: &Target) -> Arc<Appliance> {
        let settings = target.provider.settings.iter().map(|setting| (setting.name, target.setting_text(setting.name)));
        let settings: Settings = settings.collect();
        self.sandbox.open(&target.name, target.provider.name, &settings).unwrap()
    }

    /// Puts a state into a target's box.
    pub(crate) fn set_state(&self, target: &Target, state: &Json) {
        self.appliance(target).with_state(|now| now.clone_from(state)).unwrap();
    }

    /// A session that can write.
    pub(crate) fn session(&self, target: &Target) -> Arc<dyn Writer> {
        let transport = self.appliance(target).transport();
        let transport = match &self.between {
            Some(between) => between(transport),
            None => transport,
        };
        registry::writer(target, Client::new(target, transport)).unwrap()
    }

    /// Reads every target.
    pub(crate) async fn look<'d>(&self, desired: &'d Desired) -> Look<'d> {
        let mut parts = Vec::new();
        for target in &desired.targets {
            parts.push(self.look_at(target, desired).await);
        }
        Look { desired, parts }
    }

    async fn look_at<'d>(&self, target: &'d Target, desired: &'d Desired) -> Part<'d> {
        let session = self.session(target);
        let observed = Instant::now();
        let kinds: Vec<_> = target.provider.kinds.iter().map(|support| support.kind).collect();
        let live = session.snapshot(&kinds).await.unwrap();
        let ledger = self.ledger.as_ref();
        Part {
            target,
            live,
            claims: ledger.map(|ledger| ledger.claims(&target.name, &target.url)).unwrap_or_default(),
            unselected: desired.unselected_on(&target.name).cloned().collect(),
            removed: desired.removed.iter().filter(|gone| gone.address.target == target.name).cloned().collect(),
            selection: self.selection.clone(),
            fingerprinter: Fingerprinter::new(KeySource::Master(MasterKey::new(self.key)), &target.url),
            key_check: ledger.and_then(|ledger| ledger.targets.get(&*target.name)?.key_check.clone()),
            session,
            observed,
        }
    }

    /// Sends a plan and remembers what came of it.
    pub(crate) async fn apply(&mut self, look: &Look<'_>, plan: &Plan<'_>) -> Report {
        let sessions: BTreeMap<Arc<str>, Session> = look.parts.iter().map(Part::session).collect();
        let (_stopper, stop) = Stopper::new();
        let report = apply::execute(&Execution {
            plan,
            gates: &apply::reviewed::all(plan),
            sessions: &sessions,
            journal: &self.journal,
            listener: &(),
            stop: &stop,
        })
        .await;
        let mut ledger = self.ledger.take().unwrap_or_default();
        apply::claims::record(&mut ledger, plan, &report, look.desired);
        self.ledger = Some(ledger);
        self.journal.clear().unwrap();
        look.close().await;
        report
    }

    /// Looks, plans and applies, whatever is destroyed by it; gives nothing where a protection stands against the plan.
    pub(crate) async fn try_apply(&mut self, desired: &Desired) -> Option<Report> {
        let look = self.look(desired).await;
        let plan = look.plan_allowing(Options::default());
        if plan.refusals.is_empty() { Some(self.apply(&look, &plan).await) } else { None }
    }

    /// The same, and everything has to end well.
    pub(crate) async fn apply_all(&mut self, desired: &Desired) {
        let report = self.try_apply(desired).await.unwrap();
        assert!(report.is_done(), "{:?}", report.outcomes);
    }
}

impl<'d> Part<'d> {
    fn session(&self) -> (Arc<str>, Session) {
        (self.target.name.clone(), Session { writer: Arc::clone(&self.session), observed: self.observed })
    }

    fn input<'s>(&'s self, desired: &'s Desired, options: &Options) -> TargetInput<'s>
    where
        'd: 's,
    {
        let Self { claims, fingerprinter, .. } = self;
        let applied = Remembered { claims, fingerprinter, key_check: self.key_check.as_deref() };
        let diff = diff::diff(&Input {
            target: self.target,
            desired: desired.objects_of(&self.target.name),
            unselected: &self.unselected,
            removed: &self.removed,
            snapshot: &self.live,
            claims,
            applied: &applied,
            replace: &options.replace,
            selection: &self.selection,
        });
        TargetInput { target: self.target, live: Ok(&self.live), claims, diff, fingerprinter }
    }
}

impl Look<'_> {
    /// Compares and plans.
    pub(crate) fn plan(&self, options: Options) -> Plan<'_> {
        plan::build(self.parts.iter().map(|part| part.input(self.desired, &options)).collect(), options)
    }

    /// The plan with exactly the allowance that it needs.
    pub(crate) fn plan_allowing(&self, options: Options) -> Plan<'_> {
        let plan = self.plan(options.clone());
        let needs = plan.count(Action::Delete) + plan.count(Action::Replace);
        if plan.refusals.is_empty() {
            return plan;
        }
        self.plan(Options { allow_deletes: Some(needs), ..options })
    }

    /// Ends the sessions.
    pub(crate) async fn close(&self) {
        for part in &self.parts {
            part.session.close().await;
        }
    }
}

/// What a plan does: action, key and the names of the fields that differ, in the plan's order.
pub(crate) fn changes<'p>(plan: &'p Plan<'_>) -> Vec<(Action, &'p str, Vec<&'static str>)> {
    let changes = plan.steps.iter().map(|step| &step.change);
    changes
        .map(|change| (change.action, &*change.address.key, change.fields.iter().map(|field| field.name).collect()))
        .collect()
}

/// A single thread on which an hour passes in no time.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(future)
}

/// The same cases every time, unless `PROPTEST_RNG_SEED` or `PROPTEST_CASES` asks for others.
pub(crate) fn cases(cases: u32) -> Config {
    let mut config = Config::default();
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = cases;
    }
    if config.rng_seed == RngSeed::Random {
        config.rng_seed = RngSeed::Fixed(20_261_122);
    }
    config.failure_persistence = None;
    config
}

/// In memory where the system has such a folder: a journal waits for the disk with every line.
pub(crate) fn temporary_folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let in_memory = memory.is_dir().then(|| tempfile::tempdir_in(memory).ok()).flatten();
    in_memory.unwrap_or_else(|| tempfile::tempdir().unwrap())
}

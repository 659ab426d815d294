//! One team's way of working: a ledger, a journal, and runs of plan and apply as the command line does them.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;
use sipform::apply::claims::under_way;
use sipform::apply::late::{Waited, wait};
use sipform::apply::{self, Execution, Gate, Report, Session, Stop, Stopper};
use sipform::diff::{self, Diff, Input};
use sipform::http::{Client, Failure, Surroundings};
use sipform::ledger::{Journal, Ledger, OpenIntent};
use sipform::model::outcome::{Action, Outcome};
use sipform::model::{Claims, Desired, Removed, Selection, Snapshot, Target, Unreadable};
use sipform::plan::applied::Remembered;
use sipform::plan::document::{Context, PlanDocument};
use sipform::plan::fingerprint::{KeySource, MasterKey};
use sipform::plan::{self, Fingerprinter, Options, Plan, TargetInput};
use sipform::provider::{Writer, registry};
use tempfile::TempDir;
use tokio::time::Instant;

use super::run::EPOCH;
use super::stage::Stage;
use super::wire::Wire;

std::thread_local! {
    /// When the thread's simulation began: a journal's clock can't carry anything along.
    static BEGUN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// The wall clock of the thread's simulation.
fn time() -> Timestamp {
    let since = BEGUN.get().map(|begun| begun.elapsed()).unwrap_or_default();
    Timestamp::from_second(i64::try_from(EPOCH).unwrap()).unwrap() + since
}

/// What a team keeps between runs.
pub(crate) struct Team {
    pub(crate) stage: Arc<Stage>,
    pub(crate) ledger: Option<Ledger>,
    surroundings: Surroundings,
    folder: TempDir,
}

/// What one look at every target gave.
pub(crate) struct Look<'d> {
    pub(crate) desired: &'d Desired,
    /// Its process' own: what was left open before is what the first reading finds.
    journal: Journal,
    pub(crate) parts: Vec<Part<'d>>,
}

/// One target's part of a look.
pub(crate) struct Part<'d> {
    pub(crate) target: &'d Target,
    pub(crate) live: Result<Snapshot, Unreadable>,
    claims: Claims,
    removed: Vec<Removed>,
    fingerprinter: Fingerprinter,
    key_check: Option<String>,
    session: Arc<dyn Writer>,
    observed: Instant,
}

impl Team {
    pub(crate) fn new(stage: Arc<Stage>, surroundings: Surroundings) -> Self {
        let folder = super::world::temporary_folder();
        BEGUN.set(Some(Instant::now()));
        Self { stage, ledger: None, surroundings, folder }
    }

    /// A new process' way to the journal.
    fn journal(&self, desired: &Desired) -> Journal {
        let urls = desired.targets.iter().map(|target| (target.name.to_string(), target.url.clone()));
        Journal::new(self.folder.path().join("journal")).noting(time, urls)
    }

    /// Reads every target, all side by side. An apply waits for what a run that was cut off may still be making or removing.
    pub(crate) async fn look<'d>(&self, desired: &'d Desired, apply: Option<&Stop>) -> Look<'d> {
        self.stage.begin_look();
        let journal = self.journal(desired);
        let left_over = journal.left_over().unwrap();
        let targets = desired.targets.iter().map(|target| self.look_at(target, desired, &left_over, apply));
        let parts = join_all(targets).await;
        self.stage.end_look();
        Look { desired, journal, parts }
    }

    async fn look_at<'d>(
        &self,
        target: &'d Target,
        desired: &'d Desired,
        left_over: &[OpenIntent],
        apply: Option<&Stop>,
    ) -> Part<'d> {
        let session = self.session(target);
        let mut observed = Instant::now();
        let kinds: Vec<_> = target.provider.kinds.iter().map(|support| support.kind).collect();
        let mut live = session.snapshot(&kinds).await.map_err(Failure::into_unreadable);
        let awaited = live.as_ref().ok().and_then(|snapshot| under_way(target, snapshot, left_over));
        if let (Some(awaited), Some(stop)) = (awaited, apply) {
            self.stage.say(&format!("{}: looking again for {:?}", target.name, awaited.addresses));
            match wait(&*session, target, awaited.at_most, left_over, stop).await {
                Waited::Looked(snapshot, begun) => (live, observed) = (Ok(snapshot), begun),
                Waited::Blind(failure) => live = Err(failure.into_unreadable()),
                // The run ends here.
                Waited::Interrupted => {}
            }
        }
        let ledger = self.ledger.as_ref();
        let mut claims = ledger.map(|ledger| ledger.claims(&target.name, &target.url)).unwrap_or_default();
        if let Ok(snapshot) = &live {
            apply::claims::recover(&mut claims, target, snapshot, left_over);
        }
        Part {
            target,
            live,
            claims,
            removed: desired.removed.iter().filter(|gone| gone.address.target == target.name).cloned().collect(),
            fingerprinter: Fingerprinter::new(KeySource::Master(MasterKey::new([7; 32])), &target.url),
            key_check: ledger.and_then(|ledger| ledger.targets.get(&*target.name)?.key_check.clone()),
            session,
            observed,
        }
    }

    fn session(&self, target: &Target) -> Arc<dyn Writer> {
        let site = self.stage.places.iter().position(|place| *place.name == *target.name).unwrap();
        let inner = self.stage.places[site].appliance.transport();
        let wire = Wire { stage: Arc::clone(&self.stage), site, inner };
        let client = Client::with_surroundings(target, Arc::new(wire), self.surroundings.clone());
        registry::writer(target, client).unwrap()
    }

    /// Sends a plan.
    pub(crate) async fn execute(&self, look: &Look<'_>, plan: &Plan<'_>, gates: &[Gate], stop: &Stop) -> Report {
        let sessions: BTreeMap<Arc<str>, Session> = look.parts.iter().map(Part::session).collect();
        let execution = Execution { plan, gates, sessions: &sessions, journal: &look.journal, listener: &(), stop };
        apply::execute(&execution).await
    }

    /// Remembers what came of it.
    pub(crate) fn remember(&mut self, look: &Look<'_>, plan: &Plan<'_>, report: &Report) {
        let mut ledger = self.ledger.take().unwrap_or_default();
        apply::claims::record(&mut ledger, plan, report, look.desired);
        self.ledger = Some(ledger);
        let noted = look.journal.left_over().unwrap();
        look.journal.keep(&apply::claims::unsettled(&noted, plan, report)).unwrap();
    }

    /// An apply without any trouble of its own; nothing where the plan is refused.
    pub(crate) async fn apply_quietly(&mut self, desired: &Desired) -> Option<Report> {
        let (_stopper, stop) = Stopper::new();
        let look = self.look(desired, Some(&stop)).await;
        let plan = look.plan_allowing();
        if !plan.refusals.is_empty() {
            look.close().await;
            return None;
        }
        let report = self.execute(&look, &plan, &apply::reviewed::all(&plan), &stop).await;
        self.remember(&look, &plan, &report);
        look.close().await;
        Some(report)
    }
}

impl<'d> Part<'d> {
    fn session(&self) -> (Arc<str>, Session) {
        (self.target.name.clone(), Session { writer: Arc::clone(&self.session), observed: self.observed })
    }

    fn input<'s>(&'s self, desired: &'s Desired) -> TargetInput<'s>
    where
        'd: 's,
    {
        let Self { claims, fingerprinter, .. } = self;
        let applied = Remembered { claims, fingerprinter, key_check: self.key_check.as_deref() };
        let diff = self.live.as_ref().map_or_else(
            |_| Diff::default(),
            |snapshot| {
                diff::diff(&Input {
                    target: self.target,
                    desired: desired.objects_of(&self.target.name),
                    unselected: &[],
                    removed: &self.removed,
                    snapshot,
                    claims,
                    applied: &applied,
                    replace: &[],
                    selection: &EVERYTHING,
                })
            },
        );
        let live = self.live.as_ref().map_err(Clone::clone);
        TargetInput { target: self.target, live, claims, diff, fingerprinter }
    }
}

static EVERYTHING: std::sync::LazyLock<Selection> = std::sync::LazyLock::new(Selection::default);

impl Look<'_> {
    fn plan(&self, options: Options) -> Plan<'_> {
        plan::build(self.parts.iter().map(|part| part.input(self.desired)).collect(), options)
    }

    /// The plan with exactly the allowance that it needs.
    pub(crate) fn plan_allowing(&self) -> Plan<'_> {
        let plan = self.plan(Options::default());
        let needs = plan.count(Action::Delete) + plan.count(Action::Replace);
        if plan.refusals.is_empty() {
            return plan;
        }
        self.plan(Options { allow_deletes: Some(needs), ..Options::default() })
    }

    /// The plan of the moment, bound to one that somebody has looked at.
    pub(crate) fn plan_bound(&self, reviewed: &PlanDocument) -> (Plan<'_>, Vec<Gate>, Vec<Outcome>) {
        let allow_deletes = reviewed.inputs.allow_deletes;
        let mut plan = self.plan(Options { allow_deletes, ..Options::default() });
        let (gates, gone) = apply::reviewed::bind(&mut plan, reviewed);
        let destroys = [Action::Delete.name(), Action::Replace.name()];
        let total = reviewed.changes.iter().filter(|change| destroys.contains(&change.action.as_str())).count();
        plan.hold_against_budgets(|index| gates.get(index) == Some(&Gate::Send), total);
        (plan, gates, gone)
    }

    /// The plan as it is put into a file.
    pub(crate) fn document(&self, plan: &Plan<'_>) -> PlanDocument {
        let document = PlanDocument::new(plan, Context { desired: self.desired, files: &[], for_apply: true });
        let text = serde_json::to_string(&document).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Ends the sessions, in bounded time.
    pub(crate) async fn close(&self) {
        let all = join_all(self.parts.iter().map(|part| part.session.close()));
        drop(tokio::time::timeout(Duration::from_secs(10), all).await);
    }
}

//! `sipform apply`: brings the live systems to what the YAML says, or exactly what a plan file says.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::args::ApplyArgs;
use super::context::Context;
use super::delivery::Delivery;
use super::error::CommandError;
use super::events::{Both, Events};
use super::exit::Exit;
use super::material::Material;
use super::output::can_ask;
use super::pace::{Shown, Targets};
use super::plan::{draw_up, text};
use super::progress::Progress;
use super::prompt::{Answer, ask};
use super::reviewed::Reviewed;
use super::session::{Sessions, close_all, read_all};
use super::{late, lock, report, signals};
use crate::apply::{self, Execution, Gate, Report, Session, Stop};
use crate::diag::{Diagnostic, Diagnostics};
use crate::ledger::{Journal, Ledger};
use crate::model::outcome::Action;
use crate::plan::document::{DiagnosticDocument, PlanDocument};
use crate::plan::{Plan, Step};
use crate::provider::Writer;
use crate::render::Format;
use crate::render::apply::ApplyDocument;
use crate::render::document::Verb;

/// Runs the command.
pub(super) async fn run(args: &ApplyArgs) -> Exit {
    let (delivery, opened) = Delivery::open(args.common.color, args.common.verbose, &args.reporting);
    delivery.begin(Verb::Apply);
    let result = match opened {
        Ok(()) => apply(args, &delivery).await,
        Err(error) => Err(error),
    };
    result.unwrap_or_else(|error| delivery.fail(&error, ApplyDocument::of_diagnostics))
}

async fn apply(args: &ApplyArgs, delivery: &Delivery) -> Result<Exit, CommandError> {
    let output = delivery.output;
    let reviewed = args.plan.as_deref().map(|path| Reviewed::read(path, args)).transpose()?;
    let (common, planning) = match &reviewed {
        Some(reviewed) => reviewed.arguments(&args.common),
        None => (args.common.clone(), args.planning.clone()),
    };
    let context = Context::load(&common, output)?;
    reviewed.as_ref().map_or(Ok(()), |reviewed| reviewed.check(&context))?;
    let options = context.options(&planning)?;
    let stop = signals::listen(output);
    let _lock = lock::take(&context.ledger_file, args.lock_timeout, output, &stop).await?;
    let ledger = context.ledger()?;
    let journal = context.journal();
    let left_over = late::left_over(&journal, output)?;
    let sessions = context.connector.writers(&context.targets(), &stop);
    let readings = match read_all(&sessions, &stop, &Targets::new(output, sessions.len())).await {
        Some(mut readings) => {
            let looked = late::look_again(&context, &sessions, &mut readings, &left_over, output, &stop).await;
            looked.map(|()| readings)
        }
        None => None,
    };
    let Some(readings) = readings else {
        close_all(&sessions).await;
        return Err(CommandError::interrupted());
    };
    let material = Material::new(&context, readings, ledger.as_ref(), &left_over);
    let (context, material) = (&context, &material);
    let run = Run { args, delivery, context, material, journal: &journal, stop: &stop };
    let result = match material.check_selection() {
        Ok(()) => run.to_its_end(material.plan(&options), reviewed, ledger.unwrap_or_default(), &sessions).await,
        Err(error) => Err(error),
    };
    close_all(&sessions).await;
    result
}

/// An apply whose targets have been read.
struct Run<'a> {
    args: &'a ApplyArgs,
    delivery: &'a Delivery,
    context: &'a Context,
    material: &'a Material<'a>,
    journal: &'a Journal,
    stop: &'a Stop,
}

impl Run<'_> {
    async fn to_its_end(
        &self,
        mut plan: Plan<'_>,
        reviewed: Option<Reviewed>,
        ledger: Ledger,
        sessions: &Sessions<dyn Writer>,
    ) -> Result<Exit, CommandError> {
        let (gates, gone) = match &reviewed {
            Some(reviewed) => reviewed.bind(&mut plan),
            None => (apply::reviewed::all(&plan), Vec::new()),
        };
        let document = draw_up(&plan, self.context, false);
        self.show_plan(&document, reviewed.is_some());
        check_may_start(&plan)?;
        let sends = sent(&plan, &gates);
        if sends > 0 && reviewed.is_none() {
            self.ask(sends).await?;
        }
        let mut report = self.execute(&plan, &document, &gates, sends, sessions).await;
        report.outcomes.extend(gone);
        let handed_over = self.hand_over_credentials(&plan, &report);
        let saved = self.remember(ledger, &plan, &report);
        Ok(self.conclude(&plan, &document, &report, saved.and(handed_over).err()))
    }

    /// Accounts that the vendors have made for what the YAML lists, whether this run made it or an earlier one.
    fn hand_over_credentials(&self, plan: &Plan<'_>, report: &Report) -> Result<(), CommandError> {
        let Some(path) = &self.args.credentials_out else { return Ok(()) };
        let unchanged = plan.targets.iter().flat_map(|input| &input.diff.unchanged);
        let unchanged = unchanged.map(|pair| (pair.desired.address.clone(), pair.live));
        let changed = plan.steps.iter().enumerate().filter_map(|(index, step)| {
            let as_it_is = step.change.live.filter(|_| !step.change.action.sends());
            Some((step.change.address.clone(), report.written.get(&index).or(as_it_is)?))
        });
        let mut objects: Vec<_> = unchanged.chain(changed).collect();
        objects.sort_by(|(a, _), (b, _)| a.cmp(b));
        let text = crate::render::yaml::credentials(objects);
        super::import::write_private(path, text.expose()).map_err(|error| CommandError::file("written", path, &error))
    }

    /// The plan, before anybody is asked; a reviewed one is known already.
    fn show_plan(&self, document: &PlanDocument, reviewed: bool) {
        let output = self.delivery.output;
        match output.format {
            _ if reviewed => {}
            Format::Text => output.document(&text(output, document)),
            _ if self.args.auto_approve => {}
            _ => output.message(&text(output, document)),
        }
    }

    async fn ask(&self, sends: usize) -> Result<(), CommandError> {
        if self.args.auto_approve {
            return Ok(());
        }
        if !can_ask() {
            let diagnostic = Diagnostic::error("no_terminal", "there is no terminal to ask for a yes, so nothing was applied")
                .hint("in a pipeline give --auto-approve, or apply a reviewed plan: sipform plan --out FILE, sipform apply FILE");
            return Err(CommandError::new(Exit::Failure, diagnostic));
        }
        let these = if sends == 1 { "this change".into() } else { format!("these {sends} changes") };
        let question = format!("\nDo you want to apply {these}?");
        match ask(self.delivery.output, &question, self.stop).await {
            Answer::Yes => Ok(()),
            Answer::No => Err(CommandError::failure("declined", "the answer wasn't yes, so nothing was applied")),
            Answer::Interrupted => Err(CommandError::interrupted()),
        }
    }

    async fn execute(
        &self,
        plan: &Plan<'_>,
        document: &PlanDocument,
        gates: &[Gate],
        sends: usize,
        sessions: &Sessions<dyn Writer>,
    ) -> Report {
        let output = self.delivery.output;
        let progress = Progress::new(output, sends, Shown::of(output));
        let events = (output.format == Format::Ndjson).then(|| Events::new(output, document));
        if let Some(events) = &events {
            events.planned(document, gates);
        }
        let (sessions, listener) = (self.sessions(sessions), Both { progress: &progress, events: events.as_ref() });
        let execution =
            Execution { plan, gates, sessions: &sessions, journal: self.journal, listener: &listener, stop: self.stop };
        let report = progress.beside(apply::execute(&execution)).await;
        progress.end();
        report
    }

    fn sessions(&self, sessions: &Sessions<dyn Writer>) -> BTreeMap<Arc<str>, Session> {
        let open = sessions.iter().filter_map(|(name, session)| {
            let writer = Arc::clone(session.as_ref().ok()?);
            Some((name.clone(), Session { writer, observed: self.material.observed(name)? }))
        });
        open.collect()
    }

    fn remember(&self, mut ledger: Ledger, plan: &Plan<'_>, report: &Report) -> Result<(), CommandError> {
        ledger.sandbox = self.context.sandbox;
        apply::claims::record(&mut ledger, plan, report, &self.context.desired);
        self.context.ledger_file.save(&ledger)?;
        // Of what a run may have left open, and of this run's own notes, the ledger knows everything that is settled.
        Ok(self.journal.keep(&apply::claims::unsettled(&self.journal.left_over()?, plan, report))?)
    }

    fn conclude(
        &self,
        plan: &Plan<'_>,
        planned: &PlanDocument,
        report: &Report,
        unsaved: Option<CommandError>,
    ) -> Exit {
        let mut told = Diagnostics::default();
        plan.diagnostics.iter().for_each(|diagnostic| told.push(diagnostic.clone()));
        let mut saved = unsaved.is_none();
        if let Some(error) = unsaved {
            told.merge(error.diagnostics);
        }
        let mut document = document(planned, report, &told);
        let unwritten = self.delivery.write_reports((&document).into());
        document.diagnostics.extend(report::documents(&unwritten));
        saved &= unwritten.is_empty();
        told.merge(unwritten);
        self.delivery.show((&document).into(), || self.text(&document));
        report::tell(self.delivery.output, &told);
        self.exit(plan, report, saved)
    }

    /// How it ended, below the plan; nothing where there was nothing to do.
    fn text(&self, document: &ApplyDocument) -> String {
        if document.results.is_empty() {
            return String::new();
        }
        format!("\n{}", crate::render::apply::text(document, self.delivery.output.color))
    }

    fn exit(&self, plan: &Plan<'_>, report: &Report, saved: bool) -> Exit {
        if report.interrupted {
            Exit::Interrupted
        } else if !report.is_done() || !plan.read_everything() || !saved {
            Exit::Partial
        } else if self.args.planning.detailed_exitcode && leaves_something(plan) {
            Exit::CannotConverge
        } else {
            Exit::Success
        }
    }
}

/// Budgets and protections, and whether there is anything to work with.
fn check_may_start(plan: &Plan<'_>) -> Result<(), CommandError> {
    let exit = if !plan.refusals.is_empty() {
        Exit::Refused
    } else if plan.read_nothing() {
        Exit::Failure
    } else {
        return Ok(());
    };
    let mut diagnostics = Diagnostics::default();
    plan.refusals.iter().chain(&plan.diagnostics).for_each(|diagnostic| diagnostics.push(diagnostic.clone()));
    Err(CommandError { exit, diagnostics })
}

fn document(planned: &PlanDocument, report: &Report, told: &Diagnostics) -> ApplyDocument {
    let mut document = ApplyDocument::new(planned, &report.outcomes);
    document.interrupted = report.interrupted;
    document.diagnostics = told.iter().map(DiagnosticDocument::from).collect();
    document
}

/// Whether the YAML asks for more than the vendors' APIs could do now: whole changes, or single fields put off.
fn leaves_something(plan: &Plan<'_>) -> bool {
    let deferred = |step: &Step<'_>| step.change.fields.iter().any(|field| field.deferred.is_some());
    plan.count(Action::CannotConverge) > 0 || plan.steps.iter().any(deferred)
}

fn sent(plan: &Plan<'_>, gates: &[Gate]) -> usize {
    let pairs = plan.steps.iter().zip(gates);
    pairs.filter(|(step, gate)| step.change.action.sends() && **gate == Gate::Send).count()
}

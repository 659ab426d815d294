//! One run from one seed: a few rounds with everything that can go wrong, then peace.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use sipform::apply::{self, Stop, Stopper};
use sipform::http::Surroundings;
use sipform::model::outcome::{Action, Outcome};
use sipform::plan::Plan;
use sipform::sandbox::{Sandbox, Settings};
use tokio::time::{Instant, sleep};

use super::dice::Dice;
use super::planned::{Planned, steps};
use super::rules::{Broken, Round};
use super::scene::{Scene, Version};
use super::stage::{Place, Stage, Transcript};
use super::tally::Tally;
use super::team::{Look, Team};
use super::trouble::Trouble;
use super::world;

/// When every run begins, in seconds since 1970.
pub(crate) const EPOCH: u64 = 1_800_000_000;

/// One run.
struct Run {
    scene: Scene,
    sandbox: Sandbox,
    stage: Arc<Stage>,
    team: Team,
    dice: Dice,
    tally: Tally,
}

/// How an attempt to apply ended.
struct End {
    outcomes: Vec<Outcome>,
    refused: bool,
}

/// Runs one seed.
pub(crate) fn run(seed: u64, transcript: &Transcript) -> Result<Tally, String> {
    world::block_on(async {
        let mut run = Run::new(seed, Arc::clone(transcript));
        run.go().await.map(|()| run.tally)
    })
}

impl Run {
    fn new(seed: u64, transcript: Transcript) -> Self {
        let mut dice = Dice::new(seed);
        let scene = Scene::draw(&mut dice);
        let begun = Instant::now();
        let now = move || EPOCH + begun.elapsed().as_secs();
        let sandbox = Sandbox::new(None).with_clock(Arc::new(move || i64::try_from(now()).unwrap()));
        let places = scene.sites.iter().zip(&scene.versions[0].desired.targets).map(|(site, target)| {
            assert_eq!(*target.name, *site.name);
            let settings = target.provider.settings.iter();
            let settings = settings.map(|setting| (setting.name, target.setting_text(setting.name)));
            let settings: Settings = settings.collect();
            let appliance = sandbox.open(&site.name, site.make.provider(), &settings).unwrap();
            appliance.with_state(|state| state.clone_from(&site.state)).unwrap();
            Place { name: site.name.clone(), make: site.make, appliance }
        });
        let stage = Arc::new(Stage::new(places.collect(), transcript, dice.split()));
        let team = Team::new(Arc::clone(&stage), Surroundings::seeded(dice.number(), now));
        Self { scene, sandbox, stage, team, dice, tally: Tally::default() }
    }

    async fn go(&mut self) -> Broken {
        for (site, version) in self.scene.sites.iter().zip(std::iter::repeat(&self.scene.versions[0])) {
            let target = version.desired.target(&site.name).unwrap();
            self.stage.say(&format!("{}: {:?} {:?} {:?}", site.name, site.make, target.prune, target.limits));
            self.tally.note(format!("{:?}", site.make));
        }
        let mut version = 0;
        for number in 0..2 + self.dice.below(3) {
            if number > 0 && self.dice.chance(35) {
                version = (version + 1) % self.scene.versions.len();
            }
            self.round(number, version).await?;
        }
        self.peace(version).await
    }

    async fn round(&mut self, number: usize, version: usize) -> Broken {
        let mut dice = self.dice.split();
        if dice.chance(7) {
            self.team.ledger = None;
            self.stage.say("the ledger is lost");
            self.tally.note("lost ledger");
        }
        let trouble = Trouble::draw(&self.scene.sites, &mut dice);
        self.stage.say(&format!("round {number}, version {version}, faults {:?}", trouble.faults));
        self.sandbox.set_faults(trouble.faults.iter().map(|fault| fault.parse().unwrap()).collect());
        let (stopper, stop) = Stopper::new();
        self.stage.begin(trouble.cues, stopper);
        let mut planned = Vec::new();
        let version = &self.scene.versions[version];
        let end = tokio::select! {
            biased;
            () = self.stage.crash.notified() => None,
            end = attempt(&mut self.team, version, &stop, &mut planned, &mut dice) => Some(end),
        };
        let end = match end {
            // Whatever is still under way may come to pass in the middle of the next run.
            None if dice.chance(70) => {
                let (stopper, stop) = Stopper::new();
                self.stage.restart(stopper);
                self.tally.note("restart");
                sleep(Duration::from_millis(dice.between(0, 5000))).await;
                Some(attempt(&mut self.team, version, &stop, &mut planned, &mut dice).await)
            }
            end => end,
        };
        self.sandbox.set_faults(Vec::new());
        self.settle().await;
        let log = self.stage.log();
        note(&mut self.tally, &planned, &log, end.as_ref());
        if end.as_ref().is_some_and(|end| end.refused) {
            let session = self.stage.session();
            planned.retain(|one| one.session != session);
        }
        for outcome in end.iter().flat_map(|end| &end.outcomes) {
            let why = outcome.error.as_ref().map(|error| format!(" ({}: {})", error.code, error.message));
            let (action, ending) = (outcome.action.name(), outcome.ending.name());
            self.stage.say(&format!("{ending} {action} {}{}", outcome.address, why.unwrap_or_default()));
        }
        let records: Vec<_> = (0..self.stage.places.len()).map(|site| self.stage.records(site)).collect();
        let outcomes = end.as_ref().map(|end| end.outcomes.as_slice());
        Round {
            scene: &self.scene,
            version,
            stage: &self.stage,
            planned: &planned,
            log: &log,
            outcomes,
            records: &records,
        }
        .check()
    }

    /// Everything that is still under way comes to an end.
    async fn settle(&self) {
        let longest = self.scene.sites.iter().map(|site| site.timeout).max().unwrap();
        sleep(Duration::from_secs(longest + 5)).await;
        (0..self.stage.places.len()).for_each(|site| self.stage.catch_up(site));
    }

    /// No more trouble: two applies bring everything about, and the next one sends nothing.
    async fn peace(&mut self, version: usize) -> Broken {
        self.stage.say("peace");
        // A door that was locked opens again.
        sleep(Duration::from_mins(15)).await;
        let mut attempts = 3;
        let mut attempt = 0;
        while attempt < attempts {
            let (stopper, _stop) = Stopper::new();
            self.stage.begin(Vec::new(), stopper);
            let desired = &self.scene.versions[version].desired;
            let Some(report) = self.team.apply_quietly(desired).await else {
                self.tally.note("refused in peace");
                return Ok(());
            };
            for outcome in &report.outcomes {
                self.stage.say(&format!("{} {}: {:?}", outcome.ending.name(), outcome.address, outcome.error));
            }
            self.what_is_ours_is_claimed(version, &report.outcomes)?;
            if self.is_stuck(&report.outcomes) {
                self.tally.note("stuck in peace");
                return Ok(());
            }
            if report.outcomes.is_empty() {
                self.tally.note(format!("peace after {attempt}"));
                if self.tally.count("crash") > 0 {
                    self.tally.note("crash recovered");
                }
                return if self.stage.log().events.is_empty() {
                    Ok(())
                } else {
                    Err("an empty plan sent something".into())
                };
            }
            // Each apply straightens out one more of those that stand in each other's way without the vendor's telling.
            let in_the_way = report.outcomes.iter().filter_map(|outcome| outcome.error.as_ref());
            if in_the_way.into_iter().any(|error| error.code == "10049") {
                attempts = 7;
            }
            attempt += 1;
        }
        Err("two applies without any trouble weren't enough".into())
    }

    /// Whether nothing happens any more, as a box is full or somebody else has what a vendor gives to one alone and its
    /// documents don't tell.
    fn is_stuck(&self, outcomes: &[Outcome]) -> bool {
        const FOR_EVER: [&str; 6] = ["10049", "10060", "full", "-52", "-53", "dependency"];
        let is_refused =
            |outcome: &Outcome| outcome.error.as_ref().is_some_and(|error| FOR_EVER.contains(&&*error.code));
        !outcomes.is_empty() && outcomes.iter().all(is_refused) && self.stage.log().events.is_empty()
    }

    /// What is there as an entry of the YAML wants it is claimed.
    fn what_is_ours_is_claimed(&self, version: usize, outcomes: &[Outcome]) -> Broken {
        let ledger = self.team.ledger.as_ref().unwrap();
        for object in &self.scene.versions[version].desired.objects {
            let address = &object.address;
            let own = outcomes.iter().find(|outcome| outcome.address == *address);
            if own.is_some_and(|outcome| outcome.ending != sipform::model::outcome::Ending::Done) {
                continue;
            }
            let site = self.stage.places.iter().position(|place| *place.name == *address.target).unwrap();
            let records = self.stage.records(site);
            let named = |((kind, _), record): &(&(&str, String), &super::words::Record)| {
                *kind == address.kind && record.key == *address.key
            };
            // Where two have one name the listing isn't whole, and much is held back.
            let keys: BTreeSet<_> = records.iter().map(|((kind, _), record)| (kind, &record.key)).collect();
            if keys.len() < records.len() {
                continue;
            }
            let there = records.iter().find(named);
            let claim =
                ledger.targets.get(&*address.target).and_then(|record| record.claims.get(object.kind, &address.key));
            match (there, claim) {
                (Some(((_, id), _)), Some(claim)) if *claim.remote_id == **id => {}
                // What an entry wants stays claimed, even if it can't be made again for now.
                (None, _) => {}
                (there, claim) => return Err(format!("{address}: there is {there:?}, claimed is {claim:?}")),
            }
        }
        Ok(())
    }
}

/// Looks, plans, applies and remembers, with or without a saved plan.
async fn attempt(team: &mut Team, version: &Version, stop: &Stop, planned: &mut Vec<Planned>, dice: &mut Dice) -> End {
    let saved = if dice.chance(20) { Some(save(team, version, dice).await) } else { None };
    let look = team.look(&version.desired, Some(stop)).await;
    if stop.is_requested() {
        look.close().await;
        return End { outcomes: Vec::new(), refused: true };
    }
    let (plan, gates, gone) = if let Some(document) = &saved {
        look.plan_bound(document)
    } else {
        let plan = look.plan_allowing();
        let gates = apply::reviewed::all(&plan);
        (plan, gates, Vec::new())
    };
    tell(team, &plan, &look);
    planned.extend(steps(&plan, &gates, &team.stage));
    if !plan.refusals.is_empty() || plan.read_nothing() {
        look.close().await;
        return End { outcomes: Vec::new(), refused: true };
    }
    if dice.chance(25) {
        sleep(Duration::from_secs(dice.between(1, 90))).await;
    }
    let mut report = team.execute(&look, &plan, &gates, stop).await;
    report.outcomes.extend(gone);
    team.remember(&look, &plan, &report);
    look.close().await;
    End { outcomes: report.outcomes, refused: false }
}

/// Makes a plan for somebody to look at, and lets time pass.
async fn save(team: &Team, version: &Version, dice: &mut Dice) -> sipform::plan::PlanDocument {
    let look = team.look(&version.desired, None).await;
    let plan = look.plan_allowing();
    let document = look.document(&plan);
    look.close().await;
    team.stage.say("the plan is saved");
    team.stage.forget_sessions();
    for _ in 0..dice.below(3) {
        sleep(Duration::from_mins(dice.between(0, 40))).await;
        let site = dice.below(team.stage.places.len());
        team.stage.edit(site, dice);
    }
    document
}

fn tell(team: &Team, plan: &Plan<'_>, look: &Look<'_>) {
    for part in &look.parts {
        if let Err(unreadable) = &part.live {
            team.stage.say(&format!("{} can't be read: {}", part.target.name, unreadable.message));
        }
    }
    for step in &plan.steps {
        let fields: Vec<_> = step.change.fields.iter().map(|field| field.name).collect();
        team.stage.say(&format!("plan: {} {} {fields:?}", step.change.action.name(), step.change.address));
    }
    for refusal in &plan.refusals {
        team.stage.say(&format!("refused: {}", refusal.message));
    }
}

fn note(tally: &mut Tally, planned: &[Planned], log: &super::log::Log, end: Option<&End>) {
    for fault in log.sent.iter().filter_map(|sent| sent.fault.as_ref()) {
        tally.note(format!("fault {}", fault.split('=').next().unwrap()));
    }
    for one in planned {
        tally.note(format!("plan {}", one.action.name()));
        if !one.releases.is_empty() {
            tally.note("plan release");
        }
        if one.action == Action::Update && one.live.as_ref().is_some_and(|(_, key)| *key != one.key) {
            tally.note("plan rename");
        }
    }
    match end {
        None => tally.note("crash"),
        Some(end) if end.refused => tally.note("refused"),
        Some(end) => {
            for outcome in &end.outcomes {
                let code = outcome.error.as_ref().map_or("", |error| &error.code);
                tally.note(format!("{} {code}", outcome.ending.name()));
            }
        }
    }
    if log.interrupted {
        tally.note("interrupt");
    }
    log.events.iter().filter(|event| event.cause == super::log::Cause::Hand).for_each(|_| tally.note("by hand"));
    log.events.iter().filter(|event| event.cause == super::log::Cause::Late).for_each(|_| tally.note("late change"));
}

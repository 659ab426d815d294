//! Where a run happens: boxes, everything that is seen of them, and the transcript.
//!
//! Each poll of a request is followed by a look at its box's own state, so that every change there has its cause.

use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use sipform::apply::Stopper;
use sipform::sandbox::Appliance;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::dice::Dice;
use super::hands;
use super::log::{Cause, Event, Log, Sent, deltas, shown, told};
use super::make::Make;
use super::trouble::{Cue, What};
use super::words::{Records, records};

/// A box and what it is.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) make: Make,
    pub(crate) appliance: Arc<Appliance>,
}

/// Where a run happens.
pub(crate) struct Stage {
    pub(crate) places: Vec<Place>,
    start: Instant,
    scene: Mutex<Scene>,
    /// Told when the process is to die.
    pub(crate) crash: Notify,
    /// How long each way takes.
    ways: Mutex<Dice>,
}

/// What has happened so far.
struct Scene {
    transcript: Transcript,
    known: Vec<Records>,
    round: Log,
    cues: Vec<Cue>,
    stopper: Option<Stopper>,
}

/// The transcript of a run, kept by whoever started it.
pub(crate) type Transcript = Arc<Mutex<Vec<String>>>;

impl Stage {
    pub(crate) fn new(places: Vec<Place>, transcript: Transcript, dice: Dice) -> Self {
        let known = places.iter().map(Place::records).collect();
        let scene = Scene { transcript, known, round: Log::default(), cues: Vec::new(), stopper: None };
        Self { places, start: Instant::now(), scene: Mutex::new(scene), crash: Notify::new(), ways: Mutex::new(dice) }
    }

    /// Begins a round.
    pub(crate) fn begin(&self, cues: Vec<Cue>, stopper: Stopper) {
        let mut scene = self.scene();
        scene.round = Log::default();
        scene.cues = cues;
        scene.stopper = Some(stopper);
    }

    /// A look at every target begins, from which a plan is going to be made.
    pub(crate) fn begin_look(&self) {
        let mut scene = self.scene();
        // What was edited since a run that died has looked may be in anybody's way.
        if !scene.round.crashed {
            scene.round.looked = self.now();
        }
    }

    /// A plan was made from the last look.
    pub(crate) fn end_look(&self) {
        self.scene().round.planned = self.now();
    }

    /// The sessions of a plan that was only made are over.
    pub(crate) fn forget_sessions(&self) {
        self.scene().round.sessions += 1;
    }

    /// The process that died is started again, in the same round.
    pub(crate) fn restart(&self, stopper: Stopper) {
        self.say("the process is started again");
        let mut scene = self.scene();
        scene.round.sessions += 1;
        scene.stopper = Some(stopper);
    }

    /// The session of now.
    pub(crate) fn session(&self) -> usize {
        self.scene().round.sessions
    }

    /// What has happened in this round so far.
    pub(crate) fn log(&self) -> Log {
        self.scene().round.clone()
    }

    /// What a box holds now.
    pub(crate) fn records(&self, site: usize) -> Records {
        self.catch_up(site);
        self.scene().known[site].clone()
    }

    /// Milliseconds since the run began.
    pub(crate) fn now(&self) -> u128 {
        self.start.elapsed().as_millis()
    }

    /// Adds a line to the transcript.
    pub(crate) fn say(&self, line: &str) {
        let at = self.now();
        let scene = self.scene();
        scene.transcript.lock().unwrap().push(format!("{:>5}.{:03} {line}", at / 1000, at % 1000));
    }

    /// Takes note of what was late and is done by now.
    pub(crate) fn catch_up(&self, site: usize) {
        self.note(site, Cause::Late);
    }

    fn note(&self, site: usize, cause: Cause) {
        let place = &self.places[site];
        let now = place.records();
        let mut scene = self.scene();
        let deltas = deltas(&scene.known[site], &now);
        if deltas.is_empty() {
            return;
        }
        scene.known[site] = now;
        let at = self.now();
        scene.round.events.push(Event { at, site, cause, deltas: deltas.clone() });
        drop(scene);
        for delta in &deltas {
            self.say(&format!("  {} {cause:?}: {}", place.name, shown(delta)));
        }
    }

    /// A request is on its way: what happens before it. Gives its number in the round.
    pub(crate) async fn depart(&self, site: usize) -> usize {
        let number = {
            let mut scene = self.scene();
            let sent = Sent::leaving(site, scene.round.sessions);
            scene.round.sent.push(sent);
            scene.round.sent.len()
        };
        self.cue(number, false).await;
        number
    }

    /// A way to a box or back; some take no time at all.
    pub(crate) async fn travel(&self) {
        let milliseconds = {
            let mut ways = self.ways.lock().unwrap();
            if ways.chance(30) { 0 } else { ways.between(1, 60) }
        };
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
    }

    /// Looks at what a request has done so far.
    pub(crate) fn observe(&self, site: usize, number: usize) {
        let appliance = &self.places[site].appliance;
        if let Some(recorded) = appliance.requests().pop() {
            appliance.forget_requests();
            let mut scene = self.scene();
            let sent = &mut scene.round.sent[number - 1];
            sent.endpoint = recorded.endpoint;
            sent.body = recorded.body;
            sent.refused = recorded.refused;
            sent.fault = recorded.fault;
        }
        self.note(site, Cause::Request(number));
    }

    /// Its answer is here: what happens after it.
    pub(crate) async fn arrive(&self, number: usize, answer: String) {
        let line = {
            let mut scene = self.scene();
            let behind = scene.round.sent.len();
            let sent = &mut scene.round.sent[number - 1];
            (sent.answer, sent.behind) = (Some(answer), behind);
            told(number, sent, &self.places[sent.site].name)
        };
        self.say(&line);
        self.cue(number, true).await;
    }

    /// Does what is to happen at this request.
    async fn cue(&self, number: usize, after: bool) {
        let due = {
            let mut scene = self.scene();
            let (due, later) =
                std::mem::take(&mut scene.cues).into_iter().partition(|cue| cue.at == number && cue.after == after);
            scene.cues = later;
            let due: Vec<Cue> = due;
            due
        };
        for cue in due {
            match cue.what {
                What::Edit { site, mut dice } => self.edit(site, &mut dice),
                What::Interrupt => self.interrupt(),
                What::Crash => self.die().await,
            }
        }
    }

    /// Somebody edits a box.
    pub(crate) fn edit(&self, site: usize, dice: &mut Dice) {
        self.catch_up(site);
        let Place { name, make, appliance } = &self.places[site];
        let what = appliance.with_state(|state| hands::tamper(*make, state, dice)).unwrap();
        if let Some(what) = what {
            self.say(&format!("  {name} by hand: {what}"));
        }
        self.note(site, Cause::Hand);
    }

    fn interrupt(&self) {
        self.say("  interrupted");
        let mut scene = self.scene();
        scene.round.interrupted = true;
        scene.stopper.as_ref().unwrap().stop();
    }

    async fn die(&self) {
        self.say("  the process dies");
        self.scene().round.crashed = true;
        self.crash.notify_one();
        std::future::pending::<()>().await;
    }

    fn scene(&self) -> MutexGuard<'_, Scene> {
        self.scene.lock().unwrap()
    }
}

impl Place {
    fn records(&self) -> Records {
        records(self.make.provider(), &self.appliance.state())
    }
}

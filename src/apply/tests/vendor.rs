//! A vendor in memory that does what a script says: loses answers, commits late, lies, refuses.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};

use crate::http::{Failure, FailureKind};
use crate::model::testing::{partial, snapshot};
use crate::model::{Kind, LiveObject, ProviderTable, Snapshot, Value};
use crate::provider::{NewObject, Reader, Update, Writer};

/// What becomes of one write.
#[derive(Clone, Copy, Debug)]
pub(super) enum Act {
    /// Done, and said so.
    Well,
    /// Done after this long (at once where it is zero), and no answer.
    Lost(Duration),
    /// Not done, and no answer.
    Dropped,
    /// No answer for as long as a call may take; not done.
    TimedOut,
    /// Done after this long, and said so at once.
    Late(Duration),
    /// Not done, and said that it was.
    Lie,
    /// Not done, for this reason.
    Refuse(FailureKind),
    /// Done, and refused.
    Spite(FailureKind),
}

type Edit = Box<dyn FnOnce(&mut Vec<LiveObject>) + Send>;

/// The vendor's side.
pub(super) struct World {
    pub(super) objects: Vec<LiveObject>,
    /// Writes as they came: `create a`.
    pub(super) calls: Vec<String>,
    /// What each update sent.
    pub(super) sent: Vec<Vec<Value>>,
    /// What becomes of the next writes; all is well when it ends.
    pub(super) acts: VecDeque<Act>,
    /// Why the next listings fail or aren't whole.
    pub(super) listings: VecDeque<Listing>,
    pub(super) listed: u32,
    /// A listing that isn't whole lacks this one.
    pub(super) hides: Option<&'static str>,
    /// Edits by other hands, each just before the listing of this number.
    pub(super) edits: Vec<(u32, Edit)>,
    later: Vec<(Instant, Edit)>,
    next_id: u32,
}

/// What becomes of one listing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Listing {
    Whole,
    Partial,
    Fails(FailureKind),
}

/// One target's vendor.
pub(super) struct Vendor {
    table: &'static ProviderTable,
    kind: &'static Kind,
    /// How long a write takes.
    pub(super) takes: Duration,
    /// Whether a delete names its object by its key, and hits whatever has that key then.
    pub(super) deletes_by_name: bool,
    world: Mutex<World>,
}

impl Vendor {
    pub(super) fn new(table: &'static ProviderTable, kind: &'static Kind, objects: Vec<LiveObject>) -> Self {
        let world = World {
            objects,
            calls: Vec::new(),
            sent: Vec::new(),
            acts: VecDeque::new(),
            listings: VecDeque::new(),
            listed: 0,
            hides: None,
            edits: Vec::new(),
            later: Vec::new(),
            next_id: 1000,
        };
        Self { table, kind, takes: Duration::from_millis(100), deletes_by_name: false, world: Mutex::new(world) }
    }

    /// The vendor's side, with everything that is due by now.
    pub(super) fn world(&self) -> std::sync::MutexGuard<'_, World> {
        let mut world = self.world.lock().unwrap();
        let (due, later) = std::mem::take(&mut world.later).into_iter().partition(|(at, _)| *at <= Instant::now());
        world.later = later;
        let due: Vec<(Instant, Edit)> = due;
        for (_, edit) in due {
            edit(&mut world.objects);
        }
        world
    }

    async fn write(
        &self,
        call: String,
        refuses: impl Fn(&World) -> Option<FailureKind>,
        edit: impl FnOnce(&mut Vec<LiveObject>) + Send + 'static,
    ) -> Result<(), Failure> {
        let act = {
            let mut world = self.world();
            world.calls.push(call);
            world.acts.pop_front().unwrap_or(Act::Well)
        };
        sleep(self.takes).await;
        let timeout = self.table.timeout;
        if matches!(act, Act::TimedOut) {
            sleep(timeout.saturating_sub(self.takes)).await;
        }
        let mut world = self.world();
        let lost = || Err(Failure::new(FailureKind::Unknown, "broken", "the connection broke"));
        if !matches!(act, Act::Refuse(_) | Act::Dropped | Act::TimedOut)
            && let Some(kind) = refuses(&world)
        {
            return if matches!(act, Act::Lost(_)) { lost() } else { Err(refusal(kind)) };
        }
        match act {
            Act::Well | Act::Spite(_) | Act::Lost(Duration::ZERO) => edit(&mut world.objects),
            Act::Lost(wait) | Act::Late(wait) => world.later.push((Instant::now() + wait, Box::new(edit))),
            Act::Lie | Act::Dropped | Act::TimedOut | Act::Refuse(_) => {}
        }
        match act {
            Act::Well | Act::Lie | Act::Late(_) => Ok(()),
            Act::Lost(_) | Act::Dropped => lost(),
            Act::TimedOut => Err(Failure::new(FailureKind::Unknown, "timeout", "no answer in time")),
            Act::Refuse(kind) | Act::Spite(kind) => Err(refusal(kind)),
        }
    }
}

fn refusal(kind: FailureKind) -> Failure {
    Failure::new(kind, format!("{kind:?}").to_lowercase(), "the vendor refuses")
}

#[async_trait]
impl Reader for Vendor {
    fn table(&self) -> &'static ProviderTable {
        self.table
    }

    async fn snapshot(&self, _: &[&'static Kind]) -> Result<Snapshot, Failure> {
        let mut world = self.world();
        world.listed += 1;
        let listed = world.listed;
        while let Some(place) = world.edits.iter().position(|(at, _)| *at <= listed) {
            let (_, edit) = world.edits.remove(place);
            edit(&mut world.objects);
        }
        match world.listings.pop_front().unwrap_or(Listing::Whole) {
            Listing::Whole => Ok(snapshot(self.kind, world.objects.clone())),
            Listing::Partial => {
                let shown = world.objects.iter().filter(|object| world.hides != Some(&*object.key));
                Ok(partial(self.kind, shown.cloned().collect()))
            }
            Listing::Fails(kind) => Err(refusal(kind)),
        }
    }

    async fn close(&self) {}

    fn requests(&self) -> u32 {
        self.world().listed
    }
}

#[async_trait]
impl Writer for Vendor {
    async fn create(&self, object: &NewObject<'_>) -> Result<Option<Box<str>>, Failure> {
        let id = {
            let mut world = self.world();
            world.next_id += 1;
            world.next_id.to_string()
        };
        let shown = |value: &Value| if *value == Value::Unset { Value::text("") } else { value.clone() };
        let new = LiveObject::new(object.key, id, object.values.iter().map(shown).collect());
        let unique = self.table.kinds[0].refuses_duplicates;
        let key = new.key.clone();
        let taken = move |world: &World| {
            let exists = unique && world.objects.iter().any(|other| other.key == key);
            exists.then_some(FailureKind::Exists)
        };
        // Also when it comes to it late.
        let edit = move |objects: &mut Vec<LiveObject>| {
            if !unique || objects.iter().all(|other| other.key != new.key) {
                objects.push(new);
            }
        };
        self.write(format!("create {}", object.key), taken, edit).await.map(|()| None)
    }

    async fn update(&self, update: &Update<'_>) -> Result<(), Failure> {
        let (id, key) = (update.live.remote_id.clone(), Box::<str>::from(update.key));
        let values: Vec<_> = update.values.to_vec();
        let changed = update.changed;
        self.world().sent.push(values.clone());
        let missing = {
            let id = id.clone();
            move |world: &World| {
                let is_there = world.objects.iter().any(|other| other.remote_id == id);
                (!is_there).then_some(FailureKind::Missing)
            }
        };
        let edit = move |objects: &mut Vec<LiveObject>| {
            let Some(object) = objects.iter_mut().find(|other| other.remote_id == id) else { return };
            object.key = key;
            for (index, value) in values.into_iter().enumerate() {
                let hidden = object.values[index] == Value::NotReadable;
                if changed.contains(index) && !hidden {
                    object.values[index] = value;
                }
            }
        };
        self.write(format!("update {}", update.key), missing, edit).await
    }

    async fn delete(&self, _: &'static Kind, live: &LiveObject) -> Result<(), Failure> {
        let id = live.remote_id.clone();
        let missing = {
            let id = id.clone();
            move |world: &World| {
                let is_there = world.objects.iter().any(|other| other.remote_id == id);
                (!is_there).then_some(FailureKind::Missing)
            }
        };
        let (by_name, key) = (self.deletes_by_name, live.key.clone());
        let edit = move |objects: &mut Vec<LiveObject>| {
            objects.retain(|other| if by_name { other.key != key } else { other.remote_id != id });
        };
        self.write(format!("delete {}", live.key), missing, edit).await
    }
}

//! Conversations with a vendor whose every answer comes from a script: through the real sessions, from the login to the
//! last call, on paused time.

use std::sync::{Arc, OnceLock};

use tokio::runtime::Builder;

use crate::config::{self, SandboxSecrets, Wanted};
use crate::http::{Client, Failure, Surroundings, Transport};
use crate::model::{Desired, DesiredObject, FieldSet, LiveObject, Snapshot, Target, Value};
use crate::provider::{NewObject, Update, Writer, registry};

use super::script::{Player, Script};
use super::{oracle, scratch};

/// One target a dialect, and on each one object of every kind that it has.
const DESIRED: &str = include_str!("vendors.yaml");

/// What came of a script.
pub(super) struct Heard {
    /// Whether the vendor has sessions.
    pub(super) logs_in: bool,
    /// What the listings gave, where they were asked for.
    pub(super) snapshot: Option<Result<Snapshot, Failure>>,
    /// What a write or a call gave, where one was sent: an id, if it gave one.
    pub(super) written: Option<Result<Option<Box<str>>, Failure>>,
    /// How many requests had gone out before that.
    pub(super) before: usize,
    /// How many requests had gone out with it: behind these, only the session was ended.
    pub(super) after: usize,
}

impl Heard {
    fn nothing(target: &Target) -> Self {
        let logs_in = target.provider.setting("username").is_some();
        Self { logs_in, snapshot: None, written: None, before: 0, after: 0 }
    }

    /// Whether everything that was asked for was got.
    pub(super) fn is_good(&self) -> bool {
        let read = self.snapshot.as_ref().is_none_or(|read| read.as_ref().is_ok_and(Snapshot::is_complete));
        read && self.written.as_ref().is_none_or(Result::is_ok)
    }
}

/// Runs a script against the target of this name.
pub(super) fn session(target: &str, data: &[u8]) -> bool {
    let script = Script::parse(data);
    let player = Arc::new(Player::new(&script));
    let heard = hear(target, &script, &player);
    oracle::check(data, &script, &heard, &player.played());
    // Now and then: it doubles the time. Of calls that are made side by side, chance decides which one is answered first.
    if data.len().is_multiple_of(8) && self::target(target).limits.concurrency == 1 {
        let again = hear(target, &script, &Arc::new(Player::new(&script)));
        let (first, second) = (oracle::drawn(&heard), oracle::drawn(&again));
        assert_eq!(first, second, "the same answers were read in two ways");
    }
    heard.is_good()
}

fn hear(target: &str, script: &Script, player: &Arc<Player>) -> Heard {
    let transport = Arc::clone(player) as Arc<dyn Transport>;
    paused(converse(target, &script.verb, &script.kind, &transport))
}

/// A client that waits as long the second time as the first.
fn client(target: &Target, transport: &Arc<dyn Transport>) -> Client {
    let surroundings = Surroundings::seeded(1, || Surroundings::system().unix_time());
    Client::with_surroundings(target, Arc::clone(transport), surroundings)
}

/// Runs on one thread on which an hour passes in no time.
pub(super) fn paused<T>(future: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(future)
}

/// Asks a vendor for all that it has, and for what the verb says.
pub(super) async fn converse(name: &str, verb: &str, kind: &str, transport: &Arc<dyn Transport>) -> Heard {
    let target = target(name);
    let session = registry::writer(target, client(target, transport)).expect("a vendor");
    let object = object(name, kind);
    let mut heard = Heard::nothing(target);
    match verb {
        "create" => heard.written = Some(create(&*session, object).await),
        "dial" => return dial(target, transport).await,
        _ => {
            let kinds: Vec<_> = target.provider.kinds.iter().map(|support| support.kind).collect();
            let snapshot = session.snapshot(&kinds).await;
            heard.before = session.requests() as usize;
            if let Some(live) = snapshot.as_ref().ok().and_then(|snapshot| first(snapshot, object)) {
                heard.written = match verb {
                    "update" => Some(update(&*session, object, live).await),
                    "delete" => Some(session.delete(object.kind, live).await.map(|()| None)),
                    _ => None,
                };
            }
            heard.snapshot = Some(snapshot);
        }
    }
    heard.after = session.requests() as usize;
    session.close().await;
    heard
}

async fn create(session: &dyn Writer, object: &DesiredObject) -> Result<Option<Box<str>>, Failure> {
    let new = NewObject { kind: object.kind, key: &object.address.key, values: &object.values };
    session.create(&new).await
}

/// What is wanted in the place of what is live; what isn't wanted or the vendor hides stays.
async fn update(session: &dyn Writer, object: &DesiredObject, live: &LiveObject) -> Result<Option<Box<str>>, Failure> {
    let mut changed = FieldSet::default();
    let pairs = object.values.iter().zip(&live.values).enumerate();
    let values: Vec<Value> = pairs
        .map(|(index, (wanted, live))| {
            if *wanted == Value::Unset || wanted == live {
                return live.clone();
            }
            changed.insert(index);
            wanted.clone()
        })
        .collect();
    let update = Update { kind: object.kind, live, key: &live.key, values: &values, changed };
    session.update(&update).await.map(|()| None)
}

async fn dial(target: &Target, transport: &Arc<dyn Transport>) -> Heard {
    let mut heard = Heard::nothing(target);
    let check = desired().call_checks.iter().find(|check| check.target == target.name);
    let session = registry::dialer(target, client(target, transport));
    if let (Some(session), Some(check)) = (session, check) {
        heard.written = Some(session.dial(check).await);
        heard.after = session.requests() as usize;
        session.close().await;
    }
    heard
}

fn first<'s>(snapshot: &'s Snapshot, object: &DesiredObject) -> Option<&'s LiveObject> {
    snapshot.listing(object.kind)?.objects.first()
}

/// The target of this name.
pub(super) fn target(name: &str) -> &'static Target {
    desired().target(name).expect("a dialect's target")
}

/// The target's objects, one a kind.
pub(super) fn objects(target: &str) -> impl Iterator<Item = &'static DesiredObject> + Clone {
    desired().objects.iter().filter(move |object| &*object.address.target == target)
}

/// The target's object of this kind, else its first.
fn object(target: &str, kind: &str) -> &'static DesiredObject {
    let mut all = objects(target);
    let first = all.clone().next();
    all.find(|object| object.kind.name == kind).or(first).expect("every target has an object")
}

pub(super) fn desired() -> &'static Desired {
    static DESIRED_STATE: OnceLock<Desired> = OnceLock::new();
    DESIRED_STATE.get_or_init(|| {
        let path = scratch::file("vendors.yaml", DESIRED.as_bytes());
        let tables: Vec<_> = registry::tables().collect();
        config::load(&[path], &tables).resolve(&SandboxSecrets, &Wanted::ALL).expect("desired state").desired
    })
}

//! Reaching the targets and reading them, all side by side.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::time::{Instant, timeout};

use super::args::Common;
use super::error::CommandError;
use super::open_files::targets_at_once;
use super::pace::Targets;
use super::sandbox::Local;
use crate::apply::Stop;
use crate::config::Resolver;
use crate::http::{Client, Failure, Network, Transport};
use crate::model::{Secret, Snapshot, Target, Unreadable};
use crate::provider::{Dialer, Reader, Writer, registry};

/// Where everything of `--sandbox` runs is kept.
pub(super) const SANDBOX_FOLDER: &str = ".sipform/sandbox";
/// How long logging out may take at the end, all targets together.
const CLOSING: Duration = Duration::from_secs(10);

/// Sessions by target.
pub(super) type Sessions<S> = BTreeMap<Arc<str>, Result<Arc<S>, Unreadable>>;

/// One target's reading.
pub(super) struct Reading {
    /// What the vendor showed.
    pub(super) live: Result<Snapshot, Unreadable>,
    /// When it was begun.
    pub(super) observed: Instant,
}

/// Makes the way to a target: the network, or a sandbox in this process.
pub(super) struct Connector {
    network: Network,
    sandbox: Option<Local>,
}

impl Connector {
    /// By the options.
    pub(super) fn new(common: &Common) -> Result<Self, CommandError> {
        let sandbox = common.sandbox.then(|| Local::new(&common.sandbox_fault)).transpose()?;
        Ok(Self { network: Network::default(), sandbox })
    }

    /// What references resolve to in the sandbox.
    pub(super) fn sandbox_secrets(&self) -> Option<Box<dyn Resolver>> {
        self.sandbox.as_ref().map(Local::secrets)
    }

    /// Lets the sandbox keep what an import has read off its boxes; real secrets are kept nowhere.
    pub(super) fn keep_secrets(&self, secrets: &[(String, Secret)]) -> Result<(), CommandError> {
        self.sandbox.as_ref().map_or(Ok(()), |sandbox| sandbox.keep_secrets(secrets))
    }

    /// Sessions that can only look.
    pub(super) fn readers(&self, targets: &[&Target], stop: &Stop) -> Sessions<dyn Reader> {
        self.open(targets, stop, registry::reader)
    }

    /// Sessions that can write.
    pub(super) fn writers(&self, targets: &[&Target], stop: &Stop) -> Sessions<dyn Writer> {
        self.open(targets, stop, registry::writer)
    }

    /// Sessions that can place calls.
    pub(super) fn dialers(&self, targets: &[&Target], stop: &Stop) -> Sessions<dyn Dialer> {
        self.open(targets, stop, registry::dialer)
    }

    fn open<S: ?Sized>(
        &self,
        targets: &[&Target],
        stop: &Stop,
        connect: fn(&Target, Client) -> Option<Arc<S>>,
    ) -> Sessions<S> {
        let open = |target: &Target| {
            let transport = self.transport(target)?;
            connect(target, Client::stoppable(target, transport, stop.clone()))
                .ok_or_else(|| unreadable("provider", "there is no such provider"))
        };
        targets.iter().map(|target| (target.name.clone(), open(target))).collect()
    }

    fn transport(&self, target: &Target) -> Result<Arc<dyn Transport>, Unreadable> {
        if let Some(sandbox) = &self.sandbox {
            return sandbox.transport(target).map_err(|message| unreadable("sandbox", message));
        }
        self.network.transport(&target.url, &target.tls).map_err(Failure::into_unreadable)
    }
}

fn unreadable(code: &str, message: impl Into<String>) -> Unreadable {
    Unreadable { code: code.into(), message: message.into(), hint: None }
}

/// A session as something that can only look.
pub(super) trait AsReader {
    /// The same session with no method that writes.
    fn as_reader(&self) -> &dyn Reader;
}

impl AsReader for dyn Reader {
    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

impl AsReader for dyn Dialer {
    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

impl AsReader for dyn Writer {
    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

/// Reads every target, as many at once as the system lets us, and counts them in `progress`; `None` where the user
/// interrupts.
pub(super) async fn read_all<S: AsReader + ?Sized>(
    sessions: &Sessions<S>,
    stop: &Stop,
    progress: &Targets,
) -> Option<BTreeMap<Arc<str>, Reading>> {
    let readings = futures_util::stream::iter(sessions).map(async |(name, session)| {
        let observed = Instant::now();
        let live = match session {
            Ok(session) => read(session.as_reader()).await,
            Err(unreadable) => Err(unreadable.clone()),
        };
        progress.one_more();
        (name.clone(), Reading { live, observed })
    });
    let all = readings.buffer_unordered(targets_at_once(sessions.len())).collect::<BTreeMap<_, _>>();
    tokio::select! {
        // An interrupt ends waits within the readings too, and what they then say isn't about the targets.
        biased;
        () = stop.requested() => None,
        readings = progress.beside(all) => (!stop.is_requested()).then_some(readings),
    }
}

async fn read(reader: &dyn Reader) -> Result<Snapshot, Unreadable> {
    let kinds: Vec<_> = reader.table().kinds.iter().map(|support| support.kind).collect();
    reader.snapshot(&kinds).await.map_err(Failure::into_unreadable)
}

/// Ends every session, in bounded time.
pub(super) async fn close_all<S: AsReader + ?Sized>(sessions: &Sessions<S>) {
    let open = futures_util::stream::iter(sessions.values().filter_map(|session| session.as_ref().ok()));
    let closed = open.for_each_concurrent(targets_at_once(sessions.len()), |session| session.as_reader().close());
    if timeout(CLOSING, closed).await.is_err() {
        tracing::warn!("not every session could be logged out in time; the vendors end them by themselves");
    }
}

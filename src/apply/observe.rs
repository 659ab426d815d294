//! What was last seen of a target. One listing serves every change that needs a fresh look; nobody reads object by object.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::http::Failure;
use crate::model::{Kind, Listing, LiveObject, Snapshot};
use crate::provider::Reader;

/// Looks at one target, as seldom as it can.
pub(super) struct Observer<'a> {
    reader: &'a dyn Reader,
    kinds: Vec<&'static Kind>,
    last: Mutex<Arc<Observation<'a>>>,
    /// Counts looks, and moments after which one was asked for. A clock may show the same time before and after a write.
    turn: AtomicU64,
}

/// One look.
pub(super) struct Observation<'a> {
    snapshot: Cow<'a, Snapshot>,
    begun: Instant,
    turn: u64,
    places: Places,
    /// By remote id; only a few looks need it.
    by_id: OnceLock<Places>,
}

/// Places in the snapshot's listings, by key or id; one map a listing.
type Places = Vec<HashMap<Box<str>, usize>>;

impl<'a> Observer<'a> {
    pub(super) fn new(
        reader: &'a dyn Reader,
        kinds: Vec<&'static Kind>,
        snapshot: &'a Snapshot,
        begun: Instant,
    ) -> Self {
        let last = Mutex::new(Arc::new(Observation::new(Cow::Borrowed(snapshot), begun, 0)));
        Self { reader, kinds, last, turn: AtomicU64::new(1) }
    }

    /// A look that began at `instant` or later: the last one, or a new one.
    pub(super) async fn since(&self, instant: Instant) -> Result<Arc<Observation<'a>>, Failure> {
        self.unless(|last| last.begun >= instant).await
    }

    /// A look that began after this call. Whoever waits meanwhile shares it.
    pub(super) async fn anew(&self) -> Result<Arc<Observation<'a>>, Failure> {
        let asked = self.turn.fetch_add(1, Ordering::Relaxed);
        self.unless(|last| last.turn > asked).await
    }

    /// The last look, if it will do; otherwise a new one.
    async fn unless(&self, will_do: impl Fn(&Observation<'a>) -> bool) -> Result<Arc<Observation<'a>>, Failure> {
        let mut last = self.last.lock().await;
        if !will_do(&last) {
            let (begun, turn) = (Instant::now(), self.turn.fetch_add(1, Ordering::Relaxed));
            let snapshot = Cow::Owned(self.reader.snapshot(&self.kinds).await?);
            *last = Arc::new(Observation::new(snapshot, begun, turn));
        }
        Ok(Arc::clone(&last))
    }
}

impl<'a> Observation<'a> {
    fn new(snapshot: Cow<'a, Snapshot>, begun: Instant, turn: u64) -> Self {
        let places = places(&snapshot, |object| object.key.clone());
        Self { places, by_id: OnceLock::new(), snapshot, begun, turn }
    }

    /// The object with this key.
    pub(super) fn find(&self, kind: &Kind, key: &str) -> Option<&LiveObject> {
        self.at(&self.places, kind, key)
    }

    /// The object with this remote id under whatever key.
    pub(super) fn find_id(&self, kind: &Kind, remote_id: &str) -> Option<&LiveObject> {
        let by_id = self.by_id.get_or_init(|| places(&self.snapshot, |object| object.remote_id.clone()));
        self.at(by_id, kind, remote_id)
    }

    /// The object with this key and id, else the one with this id under whatever key. Where the vendor has no ids the key
    /// is enough.
    pub(super) fn find_either(&self, kind: &Kind, key: &str, remote_id: &str) -> Option<&LiveObject> {
        let is_it = |object: &&LiveObject| *object.remote_id == *remote_id || object.remote_id == object.key;
        self.find(kind, key).filter(is_it).or_else(|| self.find_id(kind, remote_id))
    }

    fn at(&self, places: &Places, kind: &Kind, name: &str) -> Option<&LiveObject> {
        let mut listings = self.snapshot.listings.iter().zip(places).filter(|(listing, _)| listing.kind == kind);
        listings.find_map(|(listing, places)| listing.objects.get(*places.get(name)?))
    }

    /// Whether everything of this kind was seen: only then does "not there" mean anything.
    pub(super) fn is_complete(&self, kind: &Kind) -> bool {
        self.snapshot.listing(kind).is_some_and(crate::model::Listing::is_complete)
    }
}

fn places(snapshot: &Snapshot, name: impl Fn(&LiveObject) -> Box<str>) -> Places {
    let places = |listing: &Listing| {
        let mut places = HashMap::with_capacity(listing.objects.len());
        for (place, object) in listing.objects.iter().enumerate() {
            places.entry(name(object)).or_insert(place);
        }
        places
    };
    snapshot.listings.iter().map(places).collect()
}

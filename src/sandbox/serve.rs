//! The sandbox behind a socket: every vendor under one address.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::serve::ListenerExt as _;
use http::StatusCode;
use tokio::net::TcpListener;

use super::answer::{Delivery, Reply};
use super::fleet::Fleet;
use super::{Appliance, Error, Sandbox, Settings};

/// How often boxes whose state files are slow to write are kept.
const KEEP_EVERY: Duration = Duration::from_millis(500);

/// What to serve, and where.
#[derive(Clone, Debug)]
pub struct Listen {
    /// The address; port 0 takes any free one.
    pub address: SocketAddr,
    /// The providers, each with the credentials that it accepts; [`super::default_settings`] has some. The box of a
    /// provider is the sandbox's target of the same name.
    pub providers: Vec<(String, Settings)>,
    /// Whether the address may be one that others can reach.
    pub allow_remote: bool,
}

/// A bound server that doesn't answer yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    boxes: Vec<Arc<Appliance>>,
    providers: Vec<(String, Settings)>,
    targets: usize,
    sandbox: Sandbox,
}

impl Server {
    /// Opens the boxes and binds the address. Their paths tell the vendors apart.
    ///
    /// # Errors
    /// An address that isn't on loopback, unless allowed, or can't be bound; a box that can't be opened; two boxes with
    /// the same paths.
    pub async fn bind(sandbox: &Sandbox, listen: &Listen) -> Result<Self, Error> {
        let asked = listen.address;
        if !listen.allow_remote && !asked.ip().is_loopback() {
            return Err(Error::NotLoopback(asked));
        }
        let opened = listen.providers.iter().map(|(name, settings)| sandbox.open(name, name, settings));
        let boxes = opened.collect::<Result<Vec<_>, _>>()?;
        check_paths(&boxes)?;
        for opened in &boxes {
            opened.write_behind();
        }
        let failed = |source: io::Error| Error::Serve { address: asked, source };
        let listener = TcpListener::bind(asked).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (providers, sandbox) = (listen.providers.clone(), sandbox.clone());
        Ok(Self { listener, address, boxes, providers, targets: 0, sandbox })
    }

    /// With so many more boxes of each provider, each under a path of its own: `/yeastar-1` to `/yeastar-1000`, in front
    /// of the paths of the vendor's API. A box is made by the first call to it.
    #[must_use]
    pub fn with_targets(mut self, targets: usize) -> Self {
        self.targets = targets;
        self
    }

    /// Where it listens, with the port that it got.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The boxes that it serves, to look into them while it runs.
    pub fn boxes(&self) -> &[Arc<Appliance>] {
        &self.boxes
    }

    /// Answers until `stop` is done; calls in flight are answered still.
    ///
    /// # Errors
    /// The listening socket broke.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Error> {
        let fleet = Fleet::new(self.sandbox.clone(), self.providers, self.targets);
        // An answer's last bytes don't wait for the acknowledgement of those before.
        let listener = self.listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let serving = axum::serve(listener, router(&self.boxes, fleet)).with_graceful_shutdown(stop).into_future();
        let served = tokio::select! {
            served = serving => served,
            () = keep(&self.sandbox) => Ok(()),
        };
        self.sandbox.flush();
        served.map_err(|source| Error::Serve { address: self.address, source })
    }
}

/// Writes state files that wait, from time to time, without end.
async fn keep(sandbox: &Sandbox) {
    loop {
        tokio::time::sleep(KEEP_EVERY).await;
        sandbox.flush();
    }
}

/// Two boxes can't be told apart where they serve the same paths.
fn check_paths(boxes: &[Arc<Appliance>]) -> Result<(), Error> {
    let mut taken = BTreeMap::new();
    for opened in boxes {
        for prefix in opened.prefixes() {
            if let Some(one) = taken.insert(prefix.clone(), opened.provider()) {
                return Err(Error::SamePaths { one, other: opened.provider(), prefix });
            }
        }
    }
    Ok(())
}

/// The longest prefix is asked first: one vendor's may begin another's.
fn router(boxes: &[Arc<Appliance>], fleet: Fleet) -> Router {
    let served =
        boxes.iter().flat_map(|opened| opened.prefixes().into_iter().map(|prefix| (prefix, Arc::clone(opened))));
    let mut served: Vec<_> = served.collect();
    served.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    let served = Arc::new((served, fleet));
    Router::new().fallback(move |mut request: Request| {
        let served = Arc::clone(&served);
        async move {
            let (boxes, fleet) = &*served;
            let path = request.uri().path();
            if let Some((_, opened)) = boxes.iter().find(|(prefix, _)| path.starts_with(prefix)) {
                return opened.answer(request).await;
            }
            match fleet.route(request.uri()) {
                Some((opened, within)) => {
                    *request.uri_mut() = within;
                    opened.answer(request).await
                }
                None => no_such_path(boxes, fleet).send().await,
            }
        }
    })
}

fn no_such_path(served: &[(String, Arc<Appliance>)], fleet: &Fleet) -> Delivery {
    let prefixes: Vec<_> = served.iter().map(|(prefix, _)| prefix.clone()).chain(fleet.prefixes()).collect();
    let text = format!("the sandbox serves paths under {}\n", prefixes.join(", "));
    Delivery::whole(Reply::text(StatusCode::NOT_FOUND, text))
}

//! The sandbox behind a socket: every vendor under one address.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use http::StatusCode;
use tokio::net::TcpListener;

use super::answer::{Delivery, Reply};
use super::{Appliance, Error, Sandbox, Settings};

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
        let failed = |source: io::Error| Error::Serve { address: asked, source };
        let listener = TcpListener::bind(asked).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, boxes })
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
        let served = axum::serve(self.listener, router(&self.boxes)).with_graceful_shutdown(stop).await;
        served.map_err(|source| Error::Serve { address: self.address, source })
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
fn router(boxes: &[Arc<Appliance>]) -> Router {
    let served =
        boxes.iter().flat_map(|opened| opened.prefixes().into_iter().map(|prefix| (prefix, Arc::clone(opened))));
    let mut served: Vec<_> = served.collect();
    served.sort_by_key(|(prefix, _)| std::cmp::Reverse(prefix.len()));
    let served: Arc<[_]> = served.into();
    Router::new().fallback(move |request: Request| {
        let served = Arc::clone(&served);
        async move {
            let path = request.uri().path();
            match served.iter().find(|(prefix, _)| path.starts_with(prefix)) {
                Some((_, opened)) => opened.answer(request).await,
                None => no_such_path(&served).send().await,
            }
        }
    })
}

fn no_such_path(served: &[(String, Arc<Appliance>)]) -> Delivery {
    let prefixes: Vec<_> = served.iter().map(|(prefix, _)| prefix.as_str()).collect();
    let text = format!("the sandbox serves paths under {}\n", prefixes.join(", "));
    Delivery::whole(Reply::text(StatusCode::NOT_FOUND, text))
}

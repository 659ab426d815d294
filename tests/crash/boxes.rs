//! The vendors' side: boxes behind one address, in this process.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use serde_json::Value as Json;
use sipform::sandbox::{Appliance, Listen, Sandbox, Server, default_settings};
use tokio::runtime::Runtime;

/// Serves all boxes of all stories.
static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap());

/// The boxes of one story, one a provider.
pub(crate) struct Boxes {
    pub(crate) address: SocketAddr,
    boxes: Vec<Arc<Appliance>>,
}

impl Boxes {
    /// `settings` go to every box: the API's version, for one.
    pub(crate) fn serve(providers: &[&str], settings: &[(&str, &str)]) -> Self {
        let of = |provider: &&str| {
            let defaults = default_settings(provider).unwrap();
            ((*provider).to_owned(), settings.iter().fold(defaults, |all, (name, value)| all.with(*name, *value)))
        };
        let listen = Listen {
            address: "127.0.0.1:0".parse().unwrap(),
            providers: providers.iter().map(of).collect(),
            allow_remote: false,
        };
        let server = RUNTIME.block_on(Server::bind(&Sandbox::new(None), &listen)).unwrap();
        let (address, boxes) = (server.address(), server.boxes().to_vec());
        RUNTIME.spawn(server.run(std::future::pending()));
        Self { address, boxes }
    }

    pub(crate) fn states(&self) -> Vec<Json> {
        self.boxes.iter().map(|one| one.state()).collect()
    }

    pub(crate) fn set_states(&self, states: &[Json]) {
        for (one, state) in self.boxes.iter().zip(states) {
            one.with_state(|now| now.clone_from(state)).unwrap();
        }
    }

    /// Changes what is on every box, as somebody on its web page would.
    pub(crate) fn edit(&self, edit: impl Fn(&mut Json)) {
        self.boxes.iter().for_each(|one| one.with_state(&edit).unwrap());
    }
}

//! Many boxes behind one address, told apart by the first part of the path: `/yeastar-17/api/v2.0.0/trunk/list`.

use std::sync::Arc;

use http::Uri;

use super::{Appliance, Sandbox, Settings};

/// So many boxes of each provider, each made by the first call to it.
pub(super) struct Fleet {
    sandbox: Sandbox,
    providers: Vec<(String, Settings)>,
    targets: usize,
}

impl Fleet {
    pub(super) fn new(sandbox: Sandbox, providers: Vec<(String, Settings)>, targets: usize) -> Self {
        Self { sandbox, providers, targets }
    }

    /// The box that an address leads to, and the address as the box itself would see it.
    pub(super) fn route(&self, uri: &Uri) -> Option<(Arc<Appliance>, Uri)> {
        let whole = uri.path_and_query()?.as_str().strip_prefix('/')?;
        let (target, _) = whole.split_once('/')?;
        let (provider, settings) = self.provider_of(target)?;
        let opened = self.sandbox.opened(target).or_else(|| self.open(target, provider, settings))?;
        let within = whole.strip_prefix(target)?.parse().ok()?;
        Some((opened, within))
    }

    /// What the paths of its boxes begin with, as people write it.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = String> {
        let some = self.providers.iter().filter(|_| self.targets > 0);
        some.map(|(name, _)| format!("/{name}-1/ to /{name}-{}/", self.targets))
    }

    /// Whose box a target is; `None`: it is none of these.
    fn provider_of(&self, target: &str) -> Option<(&str, &Settings)> {
        let (provider, place) = target.rsplit_once('-')?;
        let number: usize = place.parse().ok()?;
        let is_one = (1..=self.targets).contains(&number) && number.to_string() == place;
        let found = self.providers.iter().find(|(name, _)| is_one && name == provider);
        found.map(|(name, settings)| (name.as_str(), settings))
    }

    fn open(&self, target: &str, provider: &str, settings: &Settings) -> Option<Arc<Appliance>> {
        let opened = self.sandbox.open(target, provider, settings);
        let opened = opened.inspect_err(|error| tracing::warn!(%error, "the sandbox can't open a box")).ok()?;
        opened.write_behind();
        Some(opened)
    }
}

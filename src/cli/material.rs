//! What a plan is made of, gathered by target.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::context::Context;
use super::error::CommandError;
use super::output::Output;
use super::pace::Targets;
use super::session::{Reading, close_all, read_all};
use super::signals;
use crate::apply::claims::recover;
use crate::diff::{self, Diff, Input};
use crate::ledger::{Ledger, OpenIntent};
use crate::model::{Claims, Desired, Removed, Target, Unselected};
use crate::plan::applied::Remembered;
use crate::plan::{self, Fingerprinter, Plan, TargetInput};

/// Everything that a plan refers to.
pub(super) struct Material<'c> {
    context: &'c Context,
    parts: Vec<Part<'c>>,
}

struct Part<'c> {
    target: &'c Target,
    reading: Reading,
    claims: Claims,
    fingerprinter: Fingerprinter,
    key_check: Option<String>,
    unselected: Vec<Unselected>,
    removed: Vec<Removed>,
}

impl<'c> Material<'c> {
    /// Reads every target that the run is about, by sessions that can't write, and puts it together with what a run that
    /// was cut off left in the journal.
    pub(super) async fn look(
        context: &'c Context,
        ledger: Option<&Ledger>,
        left_over: &[OpenIntent],
        output: Output,
    ) -> Result<Self, CommandError> {
        let stop = signals::listen(output);
        let sessions = context.connector.readers(&context.targets(), &stop);
        let readings = read_all(&sessions, &stop, &Targets::new(output, sessions.len())).await;
        close_all(&sessions).await;
        let material = Self::new(context, readings.ok_or_else(CommandError::interrupted)?, ledger, left_over);
        material.check_selection()?;
        Ok(material)
    }

    /// Puts together what was read and what is remembered.
    pub(super) fn new(
        context: &'c Context,
        readings: BTreeMap<Arc<str>, Reading>,
        ledger: Option<&Ledger>,
        left_over: &[OpenIntent],
    ) -> Self {
        let parts = readings.into_iter().filter_map(|(name, reading)| {
            let target = context.desired.target(&name)?;
            let mut claims = ledger.map(|ledger| remembered(ledger, target, context)).unwrap_or_default();
            if let Ok(snapshot) = &reading.live {
                recover(&mut claims, target, snapshot, left_over);
            }
            let key_check = ledger.and_then(|ledger| ledger.targets.get(&*name)?.key_check.clone());
            let own = context.desired.removed.iter().filter(|removed| removed.address.target == name);
            Some(Part {
                target,
                reading,
                claims,
                fingerprinter: context.fingerprinter(target),
                key_check,
                unselected: context.desired.unselected_on(&name).cloned().collect(),
                removed: own.cloned().collect(),
            })
        });
        Self { context, parts: parts.collect() }
    }

    /// Compares and plans.
    pub(super) fn plan(&self, options: &plan::Options) -> Plan<'_> {
        let inputs = self.parts.iter().map(|part| TargetInput {
            target: part.target,
            live: part.reading.live.as_ref().map_err(Clone::clone),
            claims: &part.claims,
            diff: self.diff(part, &self.context.desired, options),
            fingerprinter: &part.fingerprinter,
        });
        plan::build(inputs.collect(), options.clone())
    }

    /// What was read against other objects than the YAML's, target by target.
    pub(super) fn compare<'s>(&'s self, desired: &'s Desired) -> Vec<(&'s Target, Diff<'s>)> {
        let options = plan::Options::default();
        self.parts.iter().map(|part| (part.target, self.diff(part, desired, &options))).collect()
    }

    fn diff<'s>(&'s self, part: &'s Part<'_>, desired: &'s Desired, options: &plan::Options) -> Diff<'s> {
        let Ok(snapshot) = &part.reading.live else { return Diff::default() };
        let applied = Remembered {
            claims: &part.claims,
            fingerprinter: &part.fingerprinter,
            key_check: part.key_check.as_deref(),
        };
        diff::diff(&Input {
            target: part.target,
            desired: desired.objects_of(&part.target.name),
            unselected: &part.unselected,
            removed: &part.removed,
            snapshot,
            claims: &part.claims,
            applied: &applied,
            replace: &options.replace,
            selection: &self.context.selection,
        })
    }

    /// What the ledger stored to recognise a target's key by.
    pub(super) fn key_check(&self, target: &str) -> Option<&str> {
        self.parts.iter().find(|part| &*part.target.name == target)?.key_check.as_deref()
    }

    /// When a target's reading was begun.
    pub(super) fn observed(&self, target: &str) -> Option<tokio::time::Instant> {
        self.parts.iter().find(|part| &*part.target.name == target).map(|part| part.reading.observed)
    }

    /// Every pattern of `--target` has to mean something: a typing error must not look like "nothing to do".
    pub(super) fn check_selection(&self) -> Result<(), CommandError> {
        let desired = self.context.desired.objects.iter().map(|object| object.address.to_string());
        let removed = self.context.desired.removed.iter().map(|removed| removed.address.to_string());
        let targets = self.context.desired.targets.iter().map(|target| target.name.to_string());
        let live = self.parts.iter().flat_map(live_addresses);
        let known: Vec<String> = if self.context.selection.is_everything() {
            return Ok(());
        } else {
            desired.chain(removed).chain(targets).chain(live).collect()
        };
        match self.context.selection.first_that_matches_none(&known) {
            None => Ok(()),
            Some(pattern) => Err(CommandError::failure(
                "target_pattern",
                format!("--target {pattern} matches nothing: neither an entry of the YAML nor a live object"),
            )),
        }
    }
}

/// What the ledger knows of a target; where it doesn't know it, what may be protected there.
fn remembered(ledger: &Ledger, target: &Target, context: &Context) -> Claims {
    let claims = ledger.claims(&target.name, &target.url);
    if claims.known {
        return claims;
    }
    ledger.protections(&target.name, &target.url, |name| context.desired.target(name).is_some())
}

fn live_addresses(part: &Part<'_>) -> Vec<String> {
    let Ok(snapshot) = &part.reading.live else { return Vec::new() };
    let listings = snapshot.listings.iter();
    listings
        .flat_map(|listing| {
            let objects = listing.objects.iter();
            objects.map(|object| format!("{}/{}/{}", part.target.name, listing.kind.name, object.key))
        })
        .collect()
}

//! What an apply teaches the ledger: what is ours now, what isn't any more, and what was left behind.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::step::wanted;
use super::{Report, steps_by_target};
use crate::diff::{Change, Pair};
use crate::ledger::{Ledger, TargetRecord};
use crate::model::outcome::{Action, Ending};
use crate::model::{Address, Claim, Claims, Desired, DesiredObject, Glob, LiveObject, Selection, Value};
use crate::plan::{Plan, Step, TargetInput};

pub use super::recovery::{UnderWay, recover, under_way, unsettled};

/// Brings the ledger up to date after an apply, also after one that had nothing to send.
pub fn record(ledger: &mut Ledger, plan: &Plan<'_>, report: &Report, desired: &Desired) {
    let globs = plan.options.selection.iter().filter_map(|pattern| Glob::new(pattern).ok());
    let lesson = Lesson {
        plan,
        report,
        endings: report.outcomes.iter().map(|outcome| (&outcome.address, outcome.ending)).collect(),
        steps: steps_by_target(plan),
        desired,
        selection: Selection::new(globs.collect()),
    };
    for input in plan.targets.iter().filter(|input| input.live.is_ok()) {
        let stored = ledger.targets.get(&*input.target.name).filter(|record| record.url == input.target.url);
        let record = lesson.record(input, stored.and_then(|record| record.key_check.clone()));
        ledger.targets.insert(input.target.name.to_string(), record);
    }
    ledger.serial += 1;
}

/// What an apply was about and what came of it.
struct Lesson<'a> {
    plan: &'a Plan<'a>,
    report: &'a Report,
    endings: HashMap<&'a Address, Ending>,
    steps: HashMap<&'a str, Vec<usize>>,
    desired: &'a Desired,
    selection: Selection,
}

impl Lesson<'_> {
    fn record(&self, input: &TargetInput<'_>, stored: Option<String>) -> TargetRecord {
        let mut claims = self.applied_to(input.claims.clone(), input);
        // Fingerprints of two keys can't stand side by side: with the new key's check, the old ones would look like
        // changes that nobody made.
        let of_other_key = input.fingerprinter.is_cheap()
            && stored.as_ref().is_some_and(|old| *old != input.fingerprinter.key_check());
        if of_other_key {
            claims = self.applied_to(without_fingerprints(input.claims), input);
        }
        let key_check = || stored.filter(|_| !of_other_key).unwrap_or_else(|| input.fingerprinter.key_check());
        let key_check = (!claims.is_empty()).then(key_check);
        TargetRecord { url: input.target.url.clone(), key_check, claims }
    }

    fn applied_to(&self, mut claims: Claims, input: &TargetInput<'_>) -> Claims {
        claims.known = true;
        for pair in &input.diff.unchanged {
            claim_unchanged(&mut claims, input, pair);
        }
        for held in &input.diff.held_back {
            if let (Some(desired), Some(live)) = (held.desired, held.live) {
                protect(&mut claims, desired, live);
            }
        }
        for &index in self.steps.get(&*input.target.name).into_iter().flatten() {
            if let Some(step) = self.plan.steps.get(index) {
                self.learn(&mut claims, input, index, step);
            }
        }
        self.forget(&mut claims, input);
        claims
    }

    fn learn(&self, claims: &mut Claims, input: &TargetInput<'_>, index: usize, step: &Step<'_>) {
        let change = &step.change;
        match (self.endings.get(&change.address), self.report.written.get(&index)) {
            (Some(Ending::Done), _) if change.action == Action::Delete => {
                claims.remove(change.kind.name, &change.address.key);
            }
            (Some(Ending::Done), Some(live)) => claim_written(claims, input, change, live),
            (None, _) if change.action == Action::CannotConverge => claim_as_it_is(claims, step),
            _ => {
                if let (Some(desired), Some(live)) = (change.desired, change.live) {
                    protect(claims, desired, live);
                }
            }
        }
    }

    /// Gives up what the YAML hands over, and what has gone: of both only what the run was about.
    fn forget(&self, claims: &mut Claims, input: &TargetInput<'_>) {
        let target = &input.target.name;
        for removed in self.desired.removed.iter().filter(|removed| !removed.delete) {
            if removed.address.target == *target {
                claims.remove(removed.address.kind, &removed.address.key);
            }
        }
        let Ok(snapshot) = input.live else { return };
        let complete = snapshot.listings.iter().filter(|listing| listing.is_complete());
        let complete: HashSet<&str> = complete.map(|listing| listing.kind.name).collect();
        let wanted = self.desired.objects_of(target).iter().map(|object| (object.kind.name, &*object.address.key));
        let listed = snapshot
            .listings
            .iter()
            .flat_map(|listing| listing.objects.iter().map(|object| (listing.kind.name, &*object.key)));
        let there: HashSet<(&str, &str)> = wanted.chain(listed).collect();
        claims.retain(|kind, key, _| {
            let is_gone = complete.contains(kind) && !there.contains(&(kind, key));
            !is_gone || !self.selection.includes(&Address::new(target.clone(), kind, key))
        });
    }
}

fn without_fingerprints(claims: &Claims) -> Claims {
    let mut bare = claims.clone();
    for (kind, key, claim) in claims.iter() {
        bare.insert(kind, key, Claim { fingerprint: None, hidden: BTreeMap::new(), ..claim.clone() });
    }
    bare
}

/// An object that is as wanted becomes ours, or stays it.
fn claim_unchanged(claims: &mut Claims, input: &TargetInput<'_>, pair: &Pair<'_>) {
    let Pair { desired, live, adopt: _, protected: protect } = *pair;
    let Some(support) = input.target.provider.support(desired.kind) else {
        return;
    };
    let key = &desired.address.key;
    let old = claims.get(desired.kind, key).filter(|old| old.remote_id == live.remote_id).cloned().unwrap_or_default();
    let fingerprint = match old.fingerprint {
        // Deriving the key costs time; a claim that holds is left as it is where nobody else needed the key.
        Some(known) if !input.fingerprinter.is_cheap() => known,
        _ => input.fingerprinter.object(support, live),
    };
    let claim =
        Claim { remote_id: live.remote_id.clone(), protect, fingerprint: Some(fingerprint), hidden: old.hidden };
    claims.insert(desired.kind.name, key.clone(), claim);
}

/// An object that the vendor's API can't bring to what the YAML wants is ours all the same.
fn claim_as_it_is(claims: &mut Claims, step: &Step<'_>) {
    let change = &step.change;
    let (Some(desired), Some(live)) = (change.desired, change.live) else { return };
    if live.key != change.address.key {
        return protect(claims, desired, live);
    }
    let old = claims.get(change.kind, &live.key).filter(|old| old.remote_id == live.remote_id);
    let claim = Claim {
        remote_id: live.remote_id.clone(),
        protect: change.protected,
        fingerprint: step.fingerprint(),
        hidden: old.map(|old| old.hidden.clone()).unwrap_or_default(),
    };
    claims.insert(change.kind.name, live.key.clone(), claim);
}

/// A protection holds from the first apply on, also where the object's own change came to nothing or was held back.
fn protect(claims: &mut Claims, desired: &DesiredObject, live: &LiveObject) {
    if desired.protect == Some(true) {
        let new = || Claim { remote_id: live.remote_id.clone(), ..Claim::default() };
        let claim = claims.get(desired.kind, &live.key).cloned().unwrap_or_else(new);
        claims.insert(desired.kind.name, live.key.clone(), Claim { protect: true, ..claim });
    }
}

fn claim_written(claims: &mut Claims, input: &TargetInput<'_>, change: &Change<'_>, live: &LiveObject) {
    let key = &change.address.key;
    let old_key = change.live.map_or(key, |live| &live.key);
    let (old_key, old) = match claims.remove(change.kind.name, old_key) {
        Some(old) => (old_key, old),
        None => (key, claims.remove(change.kind.name, key).unwrap_or_default()),
    };
    let claim = Claim {
        remote_id: live.remote_id.clone(),
        protect: change.protected,
        fingerprint: Some(input.fingerprinter.object(change.support, live)),
        hidden: Hiding { input, change, live }.values(old_key, &old.hidden),
    };
    claims.insert(change.kind.name, key.clone(), claim);
}

/// What was applied to fields that the vendor doesn't show: the only way to notice later that the YAML has changed.
struct Hiding<'a> {
    input: &'a TargetInput<'a>,
    change: &'a Change<'a>,
    live: &'a LiveObject,
}

impl Hiding<'_> {
    fn values(&self, old_key: &str, old: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let (key, sent) = (&*self.change.address.key, wanted(self.change));
        let fields = self.change.kind.fields.iter().zip(&self.live.values).enumerate();
        let hidden = fields.filter(|(_, (_, seen))| **seen == Value::NotReadable);
        hidden
            .filter_map(|(index, (field, _))| {
                let fingerprint = match sent.get(index) {
                    Some(value) if *value != Value::Unset => self.fingerprint(key, field.name, value),
                    _ => self.carried_over(old_key, index, field.name, old.get(field.name)?)?,
                };
                Some((field.name.to_owned(), fingerprint))
            })
            .collect()
    }

    /// A value that wasn't sent: it is what it was. A fingerprint is about one key, so a rename makes another one of it,
    /// as far as the value is known.
    fn carried_over(&self, old_key: &str, index: usize, field: &str, old: &str) -> Option<String> {
        let key = &*self.change.address.key;
        if old_key == key {
            return Some(old.to_owned());
        }
        let value = self.change.desired?.values.get(index)?;
        (self.fingerprint(old_key, field, value) == *old).then(|| self.fingerprint(key, field, value))
    }

    fn fingerprint(&self, key: &str, field: &str, value: &Value) -> String {
        self.input.fingerprinter.value(self.change.kind.name, key, field, value)
    }
}

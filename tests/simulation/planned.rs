//! What a plan was going to do, kept apart from the plan: it has to outlive a crash.

use sipform::apply::Gate;
use sipform::model::outcome::{Action, Outcome};
use sipform::plan::Plan;

use super::log::{Delta, Sent};
use super::stage::Stage;
use super::words::object_of;

/// One step.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    /// The session that is to send it.
    pub(crate) session: usize,
    pub(crate) site: usize,
    pub(crate) kind: &'static str,
    pub(crate) key: String,
    pub(crate) action: Action,
    /// The object's id and key as the plan saw it.
    pub(crate) live: Option<(String, String)>,
    /// What an update sends.
    pub(crate) fields: Vec<&'static str>,
    /// What it empties first.
    pub(crate) releases: Vec<&'static str>,
    /// Whether it may be sent.
    pub(crate) sends: bool,
}

/// The steps of a plan.
pub(crate) fn steps(plan: &Plan<'_>, gates: &[Gate], stage: &Stage) -> Vec<Planned> {
    let session = stage.session();
    let step = |(step, gate): (&sipform::plan::Step<'_>, &Gate)| {
        let change = &step.change;
        let site = stage.places.iter().position(|place| *place.name == *change.address.target).unwrap();
        let sent = change.fields.iter().filter(|field| field.deferred.is_none());
        Planned {
            session,
            site,
            kind: change.kind.name,
            key: change.address.key.to_string(),
            action: change.action,
            live: change.live.map(|live| (live.remote_id.to_string(), live.key.to_string())),
            fields: sent.map(|field| field.name).collect(),
            releases: step.releases.iter().map(|&index| change.kind.fields[index].name).collect(),
            sends: change.action.sends() && *gate == Gate::Send,
        }
    };
    plan.steps.iter().zip(gates).map(step).collect()
}

impl Planned {
    pub(crate) fn id(&self) -> Option<&str> {
        self.live.as_ref().map(|(id, _)| id.as_str())
    }

    pub(crate) fn makes(&self) -> bool {
        matches!(self.action, Action::Create | Action::Replace)
    }

    pub(crate) fn removes(&self) -> bool {
        matches!(self.action, Action::Delete | Action::Replace)
    }

    pub(crate) fn is_of(&self, outcome: &Outcome, stage: &Stage) -> bool {
        let address = &outcome.address;
        *stage.places[self.site].name == *address.target && self.kind == address.kind && self.key == *address.key
    }

    /// Whether a request is one of this step's writes.
    pub(crate) fn sent(&self, sent: &Sent) -> bool {
        let Some((kind, id, key)) = object_of(&sent.endpoint, &sent.body) else { return false };
        if (sent.site, sent.session) != (self.site, self.session) || kind != self.kind {
            return false;
        }
        match (id, key) {
            (Some(id), _) => self.id() == Some(id.as_str()) && self.action != Action::Create,
            (None, Some(key)) if sent.endpoint.ends_with("delete") => {
                self.removes() && self.live.as_ref().is_some_and(|(_, live)| *live == key)
            }
            (None, key) => self.makes() && key.as_deref() == Some(&self.key),
        }
    }

    /// Whether a change of a box is about this step's object.
    pub(crate) fn concerns(&self, delta: &Delta) -> bool {
        let former = self.live.as_ref().is_some_and(|(_, key)| delta.is_about(key));
        delta.kind == self.kind && (self.id() == Some(&delta.id) || delta.is_about(&self.key) || former)
    }
}

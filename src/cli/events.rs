//! An apply as it happens, a line of JSON for each piece of news.

use std::collections::HashMap;

use super::output::Output;
use super::progress::Progress;
use crate::apply::{Event, Gate, Listener};
use crate::diag::escape_json;
use crate::model::Address;
use crate::model::outcome::Outcome;
use crate::plan::PlanDocument;
use crate::plan::document::SourceDocument;
use crate::render::apply::ErrorDocument;
use crate::render::ndjson;

/// Writes what it hears to standard output.
pub(super) struct Events<'d> {
    output: Output,
    sources: HashMap<&'d str, &'d SourceDocument>,
}

impl<'d> Events<'d> {
    /// Of the execution of this plan.
    pub(super) fn new(output: Output, planned: &'d PlanDocument) -> Self {
        let places = planned.changes.iter().filter_map(|it| Some((it.address.as_str(), it.source.as_ref()?)));
        Self { output, sources: places.collect() }
    }

    /// What is going to be sent.
    pub(super) fn planned(&self, planned: &PlanDocument, gates: &[Gate]) {
        let sent = planned
            .changes
            .iter()
            .zip(gates)
            .filter(|(change, gate)| **gate == Gate::Send && change.action != "cannot_converge");
        self.output.machine(&escape_json(&sent.map(|(change, _)| ndjson::planned(change)).collect::<String>()));
    }

    fn about(&self, kind: &'static str, address: &Address, action: &'static str) -> ndjson::Event<'_> {
        let address = address.to_string();
        let source = self.sources.get(address.as_str()).copied();
        let (target, action) = (None, Some(action));
        ndjson::Event { kind, address: Some(address), target, action, outcome: None, source, error: None }
    }

    fn ended(&self, kind: &'static str, outcome: &Outcome) -> ndjson::Event<'_> {
        let Outcome { address, action, ending, error } = outcome;
        let document = |error: &crate::model::outcome::OutcomeError| ErrorDocument {
            code: error.code.clone(),
            message: error.message.clone(),
        };
        ndjson::Event {
            outcome: Some(ending.name()),
            error: error.as_ref().map(document),
            ..self.about(kind, address, action.name())
        }
    }
}

impl Listener for Events<'_> {
    fn hear(&self, event: Event<'_>) {
        let line = match event {
            Event::Started { address, action } => ndjson::event(&self.about("started", address, action.name())),
            Event::Finished(outcome) => ndjson::event(&self.ended("finished", outcome)),
            Event::Settled(outcome) => ndjson::event(&self.ended("settled", outcome)),
            Event::Verifying { target } => ndjson::event(&ndjson::Event {
                kind: "verifying",
                address: None,
                target: Some(target),
                action: None,
                outcome: None,
                source: None,
                error: None,
            }),
        };
        self.output.machine(&escape_json(&line));
    }
}

/// People are told on standard error, and scripts on standard output where they asked for it.
pub(super) struct Both<'l> {
    /// For people.
    pub(super) progress: &'l Progress,
    /// For scripts.
    pub(super) events: Option<&'l Events<'l>>,
}

impl Listener for Both<'_> {
    fn hear(&self, event: Event<'_>) {
        self.progress.hear(event);
        if let Some(events) = self.events {
            events.hear(event);
        }
    }
}

//! What is seen of the boxes in one round: every request, and every change with its cause.

use serde_json::Value as Json;

use super::words::{Record, Records};

/// Everything that was sent and that changed in one round.
#[derive(Clone, Default)]
pub(crate) struct Log {
    pub(crate) sent: Vec<Sent>,
    pub(crate) events: Vec<Event>,
    pub(crate) crashed: bool,
    pub(crate) interrupted: bool,
    /// How many sessions a target has had, but for the last one.
    pub(crate) sessions: usize,
    /// When the look was begun that the plan was made from.
    pub(crate) looked: u128,
    /// When the plan was made.
    pub(crate) planned: u128,
}

/// One request.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) site: usize,
    pub(crate) endpoint: String,
    pub(crate) body: Json,
    pub(crate) refused: Option<String>,
    pub(crate) fault: Option<String>,
    /// What came back: `200`, `broken`; nothing where the process died before.
    pub(crate) answer: Option<String>,
    /// The session that it belongs to, counted from 0.
    pub(crate) session: usize,
    /// How many requests had been sent in this round, to all boxes, when its answer came.
    pub(crate) behind: usize,
}

/// A change of a box's state.
#[derive(Clone)]
pub(crate) struct Event {
    /// In milliseconds since the run began.
    pub(crate) at: u128,
    pub(crate) site: usize,
    pub(crate) cause: Cause,
    pub(crate) deltas: Vec<Delta>,
}

/// Whose doing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The nth request's of the round.
    Request(usize),
    /// That of a request whose connection dropped earlier.
    Late,
    /// Somebody else's.
    Hand,
}

/// One object's change.
#[derive(Clone, Debug)]
pub(crate) struct Delta {
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    pub(crate) before: Option<Record>,
    pub(crate) after: Option<Record>,
}

impl Delta {
    pub(crate) fn is_about(&self, key: &str) -> bool {
        self.before.iter().chain(&self.after).any(|record| record.key == key)
    }
}

impl Delta {
    /// Whether another change is about the same object, or one of the same key.
    pub(crate) fn is_related(&self, other: &Self) -> bool {
        let mut own = self.before.iter().chain(&self.after);
        self.kind == other.kind && (self.id == other.id || own.any(|record| other.is_about(&record.key)))
    }
}

impl Sent {
    /// One of which nothing else is known yet.
    pub(crate) fn leaving(site: usize, session: usize) -> Self {
        let (endpoint, body) = (String::new(), Json::Null);
        Self { site, endpoint, body, refused: None, fault: None, answer: None, session, behind: usize::MAX }
    }

    /// Whether nobody who only saw the answer could tell what became of it.
    pub(crate) fn is_lost(&self) -> bool {
        const CONFUSED: [&str; 4] = ["before", "after", "garbage", "garbage-after"];
        self.answer.as_deref() != Some("200") || self.fault.as_deref().is_some_and(|fault| CONFUSED.contains(&fault))
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refused.is_some() && !self.is_lost()
    }
}

pub(crate) fn deltas(before: &Records, after: &Records) -> Vec<Delta> {
    let gone = before.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(id, record)| (id, Some(record), None));
    let there = after.iter().map(|(id, record)| (id, before.get(id), Some(record)));
    let changed = gone.chain(there).filter(|(_, before, after)| before != after);
    let delta = |((kind, id), before, after): (&(&'static str, String), Option<&Record>, Option<&Record>)| Delta {
        kind,
        id: id.clone(),
        before: before.cloned(),
        after: after.cloned(),
    };
    changed.map(delta).collect()
}

/// A change in a few words, without values.
pub(crate) fn shown(delta: &Delta) -> String {
    let Delta { kind, id, before, after } = delta;
    match (before, after) {
        (Some(before), Some(after)) => {
            let members = before.json.as_object().unwrap();
            let differ = members.iter().filter(|(name, value)| after.json.get(*name) != Some(value));
            let names: Vec<_> = differ.map(|(name, _)| name.as_str()).collect();
            format!("~ {kind} {} ({id}): {}", after.key, names.join(", "))
        }
        (Some(record), None) => format!("- {kind} {} ({id})", record.key),
        (_, record) => format!("+ {kind} {} ({id})", record.as_ref().map_or("", |record| &record.key)),
    }
}

pub(crate) fn told(number: usize, sent: &Sent, name: &str) -> String {
    let Sent { endpoint, body, refused, fault, answer, .. } = sent;
    let with = |what: &str, value: &Option<String>| value.as_ref().map(|value| format!(" {what}={value}"));
    let (refused, fault) = (with("refused", refused).unwrap_or_default(), with("fault", fault).unwrap_or_default());
    let answer = answer.as_deref().unwrap_or("nothing");
    format!("#{number} {name} {endpoint} {}{fault}{refused} -> {answer}", masked(body))
}

/// A body without its secrets.
fn masked(body: &Json) -> Json {
    match body {
        Json::Object(members) => {
            let mask = |(name, value): (&String, &Json)| {
                let secret = name.to_lowercase().contains("password");
                (name.clone(), if secret { "*".into() } else { masked(value) })
            };
            Json::Object(members.iter().map(mask).collect())
        }
        other => other.clone(),
    }
}

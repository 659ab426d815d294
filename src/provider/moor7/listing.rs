//! The platform's two listings of SIP numbers, joined: one says who is registered and bound, the other has password,
//! NAT and codecs.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::model::{Blocked, Completeness, KindSupport, Listing, LiveObject, Value};
use crate::provider::loose::{Loose, Record};

use super::id::SipId;
use super::response;
use super::table::AGENT;
use super::wire::{self, Listed};

const NOT_REGISTERED: Blocked =
    Blocked { field: AGENT, reason: "the phone isn't registered; an agent can be bound only to a registered number" };

/// Joins the two listings. `records` is `None` where the second one was refused: then what only it shows is not
/// readable, and nothing can be said about whether the two agree. `lines` is `None` where the first one holds no list: that
/// is none at all only where the second one says so.
pub(super) fn join(support: &KindSupport, lines: Option<&[Listed]>, records: Option<&[Record]>) -> Listing {
    let index = records.map(Index::new);
    let mut doubts = Vec::new();
    if lines.is_none() && records.is_none() {
        doubts.push("sip/list gives no list".to_owned());
    }
    let mut objects = Vec::new();
    let (mut numbers, mut ids, mut matched) = (HashSet::new(), HashSet::new(), HashSet::new());
    for line in lines.unwrap_or_default() {
        let number = line.number.or_empty();
        let (Ok(id), false) = (SipId::parse(line.sip_id.or_empty()), number.is_empty()) else {
            doubts.push(format!("sip/list shows {} without a usable id or number", show(number)));
            continue;
        };
        let found = index.as_ref().map_or(Found::Nothing, |index| index.find(id.as_str(), number));
        match &found {
            Found::Deleted => continue,
            Found::Record(place, _) => drop(matched.insert(*place)),
            Found::OtherNumber => doubts.push(format!("the two listings give {} different numbers", show(id.as_str()))),
            Found::Nothing if index.is_some() => doubts.push(format!("only sip/list shows {}", show(number))),
            Found::Nothing => {}
        }
        if !numbers.insert(number) || !ids.insert(id.as_str().to_owned()) {
            doubts.push(format!("sip/list shows {} twice", show(number)));
        }
        objects.push(object(support, line, &id, found.record()));
    }
    let lonely = index.iter().flat_map(|index| index.live.iter().enumerate());
    for (_, record) in lonely.filter(|(place, _)| !matched.contains(place)) {
        doubts.push(format!("only query/number shows {}", show(Loose::member(record, wire::NUMBER).or_empty())));
    }
    Listing { kind: support.kind, completeness: verdict(&doubts), objects }
}

/// The records of `call/query/number`, findable by id and by number.
struct Index<'r> {
    live: Vec<&'r Record>,
    by_id: HashMap<String, usize>,
    by_number: HashMap<String, usize>,
    deleted_ids: HashSet<String>,
}

enum Found<'r> {
    /// Its place among the live records, and the record.
    Record(usize, &'r Record),
    /// Its id is that of a deleted number.
    Deleted,
    /// Its id is that of a live number, under another number.
    OtherNumber,
    Nothing,
}

impl<'r> Found<'r> {
    fn record(&self) -> Option<&'r Record> {
        match self {
            Self::Record(_, record) => Some(record),
            _ => None,
        }
    }
}

impl<'r> Index<'r> {
    fn new(records: &'r [Record]) -> Self {
        let (deleted, live): (Vec<_>, Vec<_>) =
            records.iter().partition(|record| Loose::member(record, wire::DELETED).is_yes());
        let by = |records: &[&Record], name: &str| -> HashMap<String, usize> {
            let texts = records.iter().map(|record| Loose::member(record, name).or_empty().to_owned());
            texts.zip(0..).filter(|(text, _)| !text.is_empty()).collect()
        };
        Self {
            by_id: by(&live, wire::QUERY_ID),
            by_number: by(&live, wire::NUMBER),
            deleted_ids: by(&deleted, wire::QUERY_ID).into_keys().collect(),
            live,
        }
    }

    /// By id first. That `_id` is the same as `sipId` is not documented, so by number where no id fits.
    fn find(&self, id: &str, number: &str) -> Found<'r> {
        if let Some((place, record)) = self.at(self.by_id.get(id)) {
            let same = Loose::member(record, wire::NUMBER).or_empty() == number;
            return if same { Found::Record(place, record) } else { Found::OtherNumber };
        }
        if self.deleted_ids.contains(id) {
            return Found::Deleted;
        }
        self.at(self.by_number.get(number)).map_or(Found::Nothing, |(place, record)| Found::Record(place, record))
    }

    fn at(&self, place: Option<&usize>) -> Option<(usize, &'r Record)> {
        let place = *place?;
        Some((place, *self.live.get(place)?))
    }
}

fn object(support: &KindSupport, line: &Listed, id: &SipId, record: Option<&Record>) -> LiveObject {
    let fields = support.kind.fields.iter();
    let values = fields.map(|field| match support.field(field.name) {
        _ if field.name == AGENT => Value::text(agent(line, record)),
        Some(supported) => response::value(field, supported, record),
        None => Value::Unset,
    });
    let mut object = LiveObject::new(line.number.or_empty(), id.as_str(), values.collect());
    if !line.register_status.is_yes() {
        object.blocked = Cow::Borrowed(&[NOT_REGISTERED]);
    }
    object
}

/// The bound agent: the list's word, else the query's; neither is nobody.
fn agent(line: &Listed, record: Option<&Record>) -> String {
    let listed = line.agent_id().filter(|agent| agent.text().is_some());
    let queried = || record.map(|record| Loose::member(record, wire::QUERY_AGENT));
    listed.or_else(queried).unwrap_or_default().or_empty().to_owned()
}

/// Who is bound to a listed number: `""` for nobody.
pub(super) fn bound_agent(line: &Listed) -> String {
    agent(line, None)
}

fn verdict(doubts: &[String]) -> Completeness {
    match doubts {
        [] => Completeness::Complete,
        [reason] => Completeness::Incomplete(reason.clone()),
        [reason, more @ ..] => Completeness::Incomplete(format!("{reason} (and {} more)", more.len())),
    }
}

fn show(text: &str) -> String {
    format!("{:?}", crate::http::neutral(text, &[]))
}

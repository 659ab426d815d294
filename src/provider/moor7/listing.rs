//! The platform's two listings of SIP numbers, joined: one says who is registered and bound, the other has password,
//! NAT and codecs.

use std::borrow::Cow;
use std::mem::take;

use crate::model::kinds::SIP_NUMBER;
use crate::model::{Blocked, Completeness, KindSupport, Listing, LiveObject, Value};

use super::id::SipId;
use super::index::{Found, Index, Seen};
use super::response;
use super::table::AGENT;
use super::wire::{Listed, Numbered};

const NOT_REGISTERED: Blocked =
    Blocked { field: AGENT, reason: "the phone isn't registered; an agent can be bound only to a registered number" };

/// Joins the two listings. `records` is `None` where the second one was refused: then what only it shows is not
/// readable, and nothing can be said about whether the two agree. `lines` is `None` where the first one holds no list: that
/// is none at all only where the second one says so.
pub(super) fn join(support: &KindSupport, lines: Option<Vec<Listed>>, records: Option<Vec<Numbered>>) -> Listing {
    let mut doubts = Vec::new();
    if lines.is_none() && records.is_none() {
        doubts.push("sip/list gives no list".to_owned());
    }
    let lines = lines.unwrap_or_default();
    let sights = look(&lines, records.as_deref(), &mut doubts);
    let mut records = Records::new(records.unwrap_or_default(), &sights);
    let mut objects = Vec::with_capacity(lines.len());
    objects.extend(lines.into_iter().zip(sights).filter_map(|(line, sight)| match sight {
        Sight::Nothing => None,
        Sight::Line => Some(object(line, Shown::default())),
        Sight::Both(place) => Some(object(line, records.shown(place))),
    }));
    Listing { kind: support.kind, completeness: verdict(&doubts), objects }
}

/// What a line stands for.
enum Sight {
    /// No object.
    Nothing,
    /// One that no record is about.
    Line,
    /// One that the record at this place is about.
    Both(usize),
}

/// What each line stands for, and what is doubtful about it.
fn look(lines: &[Listed], records: Option<&[Numbered]>, doubts: &mut Vec<String>) -> Vec<Sight> {
    let index = records.map(Index::new);
    let (mut numbers, mut ids) = (Seen::new(lines, |line| &line.number), Seen::new(lines, |line| &line.sip_id));
    let mut matched = vec![false; records.map_or(0, <[_]>::len)];
    let mut sights = Vec::with_capacity(lines.len());
    for line in lines {
        sights.push(see(line, index.as_ref(), doubts));
        match sights.last() {
            None | Some(Sight::Nothing) => continue,
            Some(Sight::Line) => {}
            Some(Sight::Both(place)) => matched.iter_mut().skip(*place).take(1).for_each(|matched| *matched = true),
        }
        if !numbers.is_new(&line.number) | !ids.is_new(&line.sip_id) {
            doubts.push(format!("sip/list shows {} twice", show(&line.number)));
        }
    }
    let lonely =
        records.unwrap_or_default().iter().zip(matched).filter(|(record, matched)| !record.is_deleted && !matched);
    doubts.extend(lonely.map(|(record, _)| format!("only query/number shows {}", show(&record.number))));
    sights
}

fn see(line: &Listed, index: Option<&Index<'_>>, doubts: &mut Vec<String>) -> Sight {
    let number = &*line.number;
    if !SipId::is_one(&line.sip_id) || number.is_empty() {
        doubts.push(format!("sip/list shows {} without a usable id or number", show(number)));
        return Sight::Nothing;
    }
    match index.map(|index| index.find(&line.sip_id, number)) {
        Some(Found::Record(place)) => return Sight::Both(place),
        Some(Found::Deleted) => return Sight::Nothing,
        Some(Found::OtherNumber) => {
            doubts.push(format!("the two listings give {} different numbers", show(&line.sip_id)));
        }
        Some(Found::Nothing) => doubts.push(format!("only sip/list shows {}", show(number))),
        None => {}
    }
    Sight::Line
}

/// The records, as the objects take their values from them.
struct Records {
    all: Vec<Numbered>,
    /// Whether two lines stand for one of them, so that none may be emptied.
    are_doubled: bool,
}

/// What the second listing shows of a number.
struct Shown {
    agent: Box<str>,
    values: Box<[Value]>,
}

impl Default for Shown {
    fn default() -> Self {
        Self { agent: Box::default(), values: response::nothing_shown() }
    }
}

impl Records {
    fn new(all: Vec<Numbered>, sights: &[Sight]) -> Self {
        let mut seen = vec![false; all.len()];
        let places = sights.iter().filter_map(|sight| if let Sight::Both(place) = sight { Some(*place) } else { None });
        let mut again = places.filter_map(|place| Some(std::mem::replace(seen.get_mut(place)?, true)));
        let are_doubled = again.any(|was_seen| was_seen);
        Self { all, are_doubled }
    }

    fn shown(&mut self, place: usize) -> Shown {
        match self.all.get_mut(place) {
            None => Shown::default(),
            Some(record) if self.are_doubled => Shown { agent: record.agent.clone(), values: record.values.clone() },
            Some(record) => Shown { agent: take(&mut record.agent), values: take(&mut record.values) },
        }
    }
}

fn object(line: Listed, mut shown: Shown) -> LiveObject {
    // The list's word, else the query's; neither is nobody.
    let agent = Value::Text(line.agent.unwrap_or(shown.agent));
    if let Some(value) = SIP_NUMBER.index_of(AGENT).and_then(|index| shown.values.get_mut(index)) {
        *value = agent;
    }
    let mut object = LiveObject::new(line.number, line.sip_id, shown.values);
    if !line.is_registered {
        object.blocked = Cow::Borrowed(&[NOT_REGISTERED]);
    }
    object
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

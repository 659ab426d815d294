//! The platform's answers, as it spells them. `requestInfo`, which echoes the request with its passwords and its
//! signature, is not read.

use serde::Deserialize;

use crate::model::kinds::SIP_NUMBER;
use crate::model::{Field, Value};
use crate::provider::loose::Loose;
use crate::provider::rows::Path;
use crate::provider::shown::{Plain, Row, Shown};

use super::response;
use super::table::SIP_NUMBERS;

/// Around every answer.
#[derive(Deserialize)]
pub(super) struct Envelope {
    #[serde(default)]
    pub(super) success: Loose,
    #[serde(default)]
    pub(super) code: Loose,
    #[serde(default)]
    pub(super) message: Loose,
}

/// What a successful answer holds.
#[derive(Deserialize)]
pub(super) struct Holding<T> {
    pub(super) data: Option<T>,
}

/// What create, update and delete give.
#[derive(Deserialize)]
pub(super) struct Written {
    #[serde(default, rename = "sipId")]
    pub(super) sip_id: Loose,
}

/// Where `call/sip/list` has its rows.
pub(super) const LIST_ROWS: Path = &["data"];
/// Where `call/query/number` has those about SIP numbers.
pub(super) const QUERY_ROWS: Path = &["data", "sipNumberList"];

/// What `call/query/number` gives, as far as it is about SIP numbers.
#[derive(Deserialize)]
pub(super) struct Numbers {
    #[serde(rename = "sipNumberList")]
    pub(super) sip_numbers: Option<Vec<Plain<Numbered>>>,
}

/// One number of `call/sip/list`, without password, NAT and codecs.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) sip_id: Box<str>,
    pub(super) number: Box<str>,
    pub(super) is_registered: bool,
    /// The bound agent, `""` for nobody; `None` where the line doesn't say.
    pub(super) agent: Option<Box<str>>,
}

impl Row for Listed {
    type Shared = ();

    fn place(name: &str) -> Option<usize> {
        [SIP_ID, NUMBER, "registerStatus", "agent"].iter().position(|known| *known == name)
    }

    fn take(&mut self, place: usize, value: &Shown<'_>, (): &mut ()) {
        match (place, value) {
            (0, id) => self.sip_id = id.or_empty().into(),
            (1, number) => self.number = number.or_empty().into(),
            (2, status) => self.is_registered = status.is_yes(),
            // What stands here for an unbound number is not documented.
            (_, Shown::Object(agent)) => {
                let id = agent.iter().find(|(name, _)| name == AGENT_ID);
                self.agent = id.and_then(|(_, id)| id.text()).map(Into::into);
            }
            _ => {}
        }
    }
}

/// The agent's id within [`Listed::agent`].
const AGENT_ID: &str = "agentId";

/// One number of `call/query/number`.
pub(super) struct Numbered {
    pub(super) id: Box<str>,
    pub(super) number: Box<str>,
    pub(super) is_deleted: bool,
    /// The agent that the number is bound to.
    pub(super) agent: Box<str>,
    /// One value a field in the order of the kind's table, without the agent's.
    pub(super) values: Box<[Value]>,
}

impl Default for Numbered {
    fn default() -> Self {
        let values = response::nothing_shown();
        Self { id: "".into(), number: "".into(), is_deleted: false, agent: "".into(), values }
    }
}

impl Row for Numbered {
    /// Lists of values: thousands of numbers have the same few.
    type Shared = Lists;

    fn place(name: &str) -> Option<usize> {
        let own = OWN.iter().position(|known| *known == name);
        let field = || SIP_NUMBERS.fields.iter().find(|field| field.wire.contains(&name));
        own.or_else(|| Some(OWN.len() + SIP_NUMBER.index_of(field()?.name)?))
    }

    fn take(&mut self, place: usize, value: &Shown<'_>, shared: &mut Self::Shared) {
        match place {
            0 => self.id = value.or_empty().into(),
            1 => self.number = value.or_empty().into(),
            2 => self.is_deleted = value.is_yes(),
            3 => self.agent = value.or_empty().into(),
            place => self.set(place - OWN.len(), value, shared),
        }
    }
}

impl Numbered {
    fn set(&mut self, index: usize, shown: &Shown<'_>, lists: &mut Lists) {
        let (Some(field), Some(value)) = (SIP_NUMBER.fields.get(index), self.values.get_mut(index)) else { return };
        *value = match shown {
            Shown::List(_) if !field.secret => lists.value(index, field, shown),
            _ => response::value(field, shown),
        };
    }
}

/// How many lists are remembered.
const MAX_LISTS: usize = 64;

/// Lists as they are shown, by the field's place in the kind's table, and their values.
#[derive(Default)]
pub(super) struct Lists(Vec<(usize, Shown<'static>, Value)>);

impl Lists {
    /// A list's value, the same one for the same list.
    fn value(&mut self, index: usize, field: &Field, shown: &Shown<'_>) -> Value {
        if let Some((.., value)) = self.0.iter().find(|(at, known, _)| *at == index && known == shown) {
            return value.clone();
        }
        let value = response::value(field, shown);
        if self.0.len() < MAX_LISTS {
            self.0.push((index, shown.to_static(), value.clone()));
        }
        value
    }
}

/// The members of a record that are no fields of the kind.
const OWN: [&str; 4] = [QUERY_ID, NUMBER, DELETED, QUERY_AGENT];

/// A record's id in `call/query/number`; that it equals `sipId` is not documented.
pub(super) const QUERY_ID: &str = "_id";
/// The number itself.
pub(super) const NUMBER: &str = "number";
/// The agent that a number is bound to, in `call/query/number`.
pub(super) const QUERY_AGENT: &str = "uid";
/// Whether the number was deleted.
pub(super) const DELETED: &str = "isDel";
/// The id in a write.
pub(super) const SIP_ID: &str = "sipId";

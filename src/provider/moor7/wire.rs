//! The platform's answers, as it spells them. `requestInfo`, which echoes the request with its passwords and its
//! signature, is not read.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::provider::loose::{Loose, Record};

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

/// One number of `call/sip/list`, without password, NAT and codecs.
#[derive(Deserialize)]
pub(super) struct Listed {
    #[serde(default, rename = "sipId")]
    pub(super) sip_id: Loose,
    #[serde(default)]
    pub(super) number: Loose,
    #[serde(default, rename = "registerStatus")]
    pub(super) register_status: Loose,
    /// An object with [`AGENT_ID`]; what stands here for an unbound number is not documented.
    #[serde(default)]
    pub(super) agent: Json,
}

impl Listed {
    /// The bound agent; `None` where the line doesn't say.
    pub(super) fn agent_id(&self) -> Option<Loose> {
        self.agent.as_object().map(|agent| Loose::member(agent, AGENT_ID))
    }
}

/// The agent's id within [`Listed::agent`].
const AGENT_ID: &str = "agentId";

/// What `call/query/number` gives, as far as it is about SIP numbers; the records are read by the table.
#[derive(Deserialize)]
pub(super) struct Numbers {
    #[serde(rename = "sipNumberList")]
    pub(super) sip_numbers: Option<Vec<Record>>,
}

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

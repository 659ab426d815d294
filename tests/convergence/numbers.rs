//! Random lives of a contact centre's SIP numbers.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value as Json, json};

use super::hands::Tampering;
use super::story::{Story, live_all};
use super::trunks::{assemble, part, settings, stories, target};

const NUMBERS: [&str; 7] = ["2000", "2001", "2002", "2003", "2004", "2005", "2006"];
/// Fewer than there are numbers, so that they move.
const AGENTS: [&str; 7] = ["ann", "ben", "cem", "dan", "", "", ""];
const FIELDS: [&str; 4] = ["password", "nat", "codecs", "agent"];

#[derive(Clone, Debug)]
struct Draft {
    password: &'static str,
    nat: bool,
    codecs: Vec<&'static str>,
    registered: bool,
    /// Whether the entry says who answers.
    says_agent: bool,
}

fn draft() -> impl Strategy<Value = Draft> + Clone {
    let codecs = subsequence(vec!["G711A", "G729", "GSM"], 1..=2).prop_shuffle();
    let password = prop_oneof![Just("pw-1"), Just("pw-2")];
    let registered = proptest::bool::weighted(0.75);
    (password, any::<bool>(), codecs, registered, proptest::bool::weighted(0.8)).prop_map(
        |(password, nat, codecs, registered, says_agent)| Draft { password, nat, codecs, registered, says_agent },
    )
}

fn state() -> impl Strategy<Value = Json> {
    let some = subsequence(&NUMBERS[..], 0..=NUMBERS.len());
    let agents = Just(AGENTS).prop_shuffle();
    (some, vec(draft(), NUMBERS.len()), agents, any::<bool>()).prop_map(|(numbers, drafts, agents, unique)| {
        let records = numbers.iter().zip(drafts).zip(agents).zip(1..);
        let numbers = records.map(|(((number, draft), agent), id)| {
            json!({
                "sipId": format!("a{id}"), "number": number, "password": draft.password, "isNAT": draft.nat,
                "codingFormat": draft.codecs, "agentId": agent, "registered": draft.registered, "isDel": false,
            })
        });
        json!({ "uniqueNumbers": unique, "numbers": numbers.collect::<Vec<_>>() })
    })
}

fn document() -> impl Strategy<Value = Json> + Clone {
    let count = NUMBERS.len();
    let entries = vec((draft(), settings(&FIELDS)), count);
    let agents = Just(AGENTS).prop_shuffle();
    (target("sip_number", &NUMBERS), vec(part(), count), vec(any::<bool>(), count), entries, agents).prop_map(
        |(target, parts, former, entries, agents)| {
            assemble(("7moor", "sip_number"), &target, &NUMBERS, &parts, &former, |at| {
                let (draft, settings) = &entries[at];
                let mut entry = settings.clone();
                entry["number"] = NUMBERS[at].into();
                entry["target"] = "box".into();
                entry["password"] = draft.password.into();
                entry["nat"] = draft.nat.into();
                entry["codecs"] = draft.codecs.clone().into();
                if draft.says_agent {
                    entry["agent"] = agents[at].into();
                }
                entry
            })
        },
    )
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let number = proptest::sample::select(&NUMBERS[..]).prop_map(str::to_owned);
    (number, 0..6).prop_map(|(number, what)| match what {
        0 => Tampering::Remove(number),
        1 => Tampering::Rename(number),
        2 => Tampering::Remake(number),
        3 => Tampering::Set(number, "agentId", "".into()),
        4 => Tampering::Set(number, "registered", false.into()),
        _ => Tampering::Set(number, "registered", true.into()),
    })
}

pub(super) fn story() -> impl Strategy<Value = Story> {
    stories(state(), document(), tampering())
}

#[test]
fn an_applied_plan_leaves_nothing_to_plan() {
    live_all(250, &story());
}

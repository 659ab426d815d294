//! What waits for what.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::told;
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::outcome::Action;
use crate::model::testing::{CENTRE, PBX, TARGET, With, account, live, number, peer, source};
use crate::model::{Address, Blocked, DesiredObject, LiveObject, Prune, Removed, Value};
use crate::plan::testing::Fleet;

fn agent(key: &str, agent: &str) -> DesiredObject {
    number(key).with("agent", Value::text(agent))
}

/// Numbers that have the first agent and shall have the second one.
fn moves(moves: &[(&str, &str, &str)]) -> Fleet {
    let entries = moves.iter().map(|(key, _, wanted)| agent(key, wanted)).collect();
    let objects = moves.iter().map(|(key, has, _)| live(&agent(key, has), &format!("id-{key}"))).collect();
    Fleet::new(&CENTRE, &SIP_NUMBER, entries, objects)
}

fn removed(kind: &'static str, key: &str) -> Removed {
    Removed { address: Address::new(TARGET, kind, key), delete: true, source: source(9) }
}

#[test]
fn an_agent_moves_in_two_calls() {
    let told = |fleet: Fleet| told(&fleet.plan());
    assert_eq!(told(moves(&[("1", "", "a")])), ["update 1"]);
    assert_eq!(told(moves(&[("1", "a", "b")])), ["update 1 in two calls"]);
    assert_eq!(
        told(moves(&[("1", "a", "b"), ("2", "b", "a")])),
        ["update 1 after release of 2 in two calls", "update 2 after release of 1 in two calls"],
    );
    assert_eq!(told(moves(&[("1", "", "a"), ("2", "a", "")])), ["update 2", "update 1 after 2"]);
    let leaving = moves(&[("1", "", "a")]).removing(vec![removed("sip_number", "2")]);
    let mut leaving = Fleet { claims: crate::model::Claims::default(), ..leaving };
    leaving.objects().push(live(&agent("2", "a"), "id-2"));
    assert_eq!(told(leaving), ["delete 2", "update 1 after 2"]);
}

#[test]
fn an_agent_that_somebody_keeps_is_waited_for() {
    let plan = |fleet: &Fleet| {
        let plan = fleet.plan();
        let deferred = plan.steps[0].change.fields.iter().find_map(|field| field.deferred.clone());
        (told(&plan), deferred.unwrap_or_default())
    };
    // Number 3 has it, and no entry.
    let mut fleet = moves(&[("1", "", "a")]);
    fleet.desired.targets[0].prune = Prune::None;
    fleet.objects().push(live(&agent("3", "a"), "id-3"));
    let (steps, reason) = plan(&fleet);
    assert_eq!(steps, ["cannot_converge 1"]);
    assert_eq!(reason, "its `agent` is in use by t/sip_number/3, which this plan doesn't free");
    // With something else to send it is an update, and the agent follows later.
    fleet.desired.objects[0] = agent("1", "a").with("nat", Value::Bool(true));
    assert_eq!(plan(&fleet).0, ["update 1"]);
    // Two have it; that one gives it up isn't enough.
    let mut fleet = moves(&[("1", "", "a"), ("2", "a", "")]);
    fleet.objects().push(live(&agent("3", "a"), "id-3"));
    fleet.desired.targets[0].prune = Prune::None;
    assert_eq!(told(&fleet.plan()), ["cannot_converge 1", "update 2"]);
    // Who would give it up can't.
    let mut fleet = moves(&[("1", "", "a"), ("2", "a", "b")]);
    fleet.objects()[1].blocked = vec![Blocked { field: "agent", reason: "not registered" }].into();
    assert_eq!(told(&fleet.plan()), ["cannot_converge 1", "cannot_converge 2"]);
}

#[test]
fn accounts_cannot_swap_their_user_names() {
    let entries = vec![account("a", "u2"), account("b", "u1"), account("c", "u3")];
    let objects = vec![live(&account("a", "u1"), "1"), live(&account("b", "u2"), "2"), live(&account("c", "u4"), "3")];
    let fleet = Fleet::new(&PBX, &TRUNK, entries, objects);
    assert_eq!(told(&fleet.plan()), ["cannot_converge a", "cannot_converge b", "update c"]);
}

#[test]
fn accounts_hand_their_user_names_on_in_a_row() {
    let count = 2_000;
    let name = |index: usize| format!("u{index:05}");
    let entries = (0..count).map(|index| account(&name(index), &name(index + 1))).collect();
    let objects = (0..count).map(|index| live(&account(&name(index), &name(index)), &index.to_string())).collect();
    let fleet = Fleet::new(&PBX, &TRUNK, entries, objects);
    let plan = fleet.plan();
    assert_eq!(&*plan.steps[0].change.address.key, name(count - 1));
    assert!(plan.steps.iter().enumerate().all(|(place, step)| step.requires.iter().eq(place.checked_sub(1).iter())));
}

#[test]
fn a_new_user_name_waits_for_the_old_holder() {
    let entries = vec![account("a", "u")];
    let fleet = Fleet::new(&PBX, &TRUNK, entries, vec![live(&account("z", "u"), "1")]);
    // The old one serves the same purpose, and yet goes first: the PBX takes no two of a user name.
    assert_eq!(told(&fleet.plan()), ["delete z", "create a after z"]);
}

#[test]
fn a_trunk_to_the_same_carrier_is_made_before_the_old_one_goes() {
    let entries = vec![peer("new-1", "carrier"), peer("new-2", "carrier"), peer("other", "elsewhere")];
    let objects = vec![live(&peer("a-old", "carrier"), "1"), live(&peer("b-old", "carrier"), "2")];
    let fleet = Fleet::new(&PBX, &TRUNK, entries, objects);
    assert_eq!(
        told(&fleet.plan()),
        ["create new-1", "delete a-old after new-1", "create new-2", "delete b-old after new-2", "create other"],
    );
}

#[test]
fn a_name_is_freed_before_it_is_taken() {
    let rename = |key: &str, old: &str| DesiredObject { previously: Some(old.into()), ..peer(key, key) };
    let objects = vec![
        LiveObject { key: "n0".into(), ..live(&peer("n1", "n1"), "1") },
        LiveObject { key: "n1".into(), ..live(&peer("n2", "n2"), "2") },
    ];
    let fleet = Fleet::new(&PBX, &TRUNK, vec![rename("n2", "n1"), rename("n1", "n0")], objects);
    assert_eq!(told(&fleet.plan()), ["update n2", "update n1 after n2"]);
}

/// Numbers with agents, some of which shall have another one, go, or come.
fn fleets() -> impl Strategy<Value = (Vec<DesiredObject>, Vec<LiveObject>)> {
    let agents = || prop::sample::select(vec!["", "", "a", "b", "c", "d"]);
    let keys = || subsequence((0..7).collect::<Vec<usize>>(), 0..7);
    let rows = prop::collection::vec((agents(), agents(), any::<bool>()), 7);
    (keys(), keys(), rows).prop_map(|(wanted, there, rows)| {
        let key = |index: usize| format!("{}", 2000 + index);
        let mut taken = BTreeSet::new();
        let mut once = |agent: &'static str| if agent.is_empty() || taken.insert(agent) { agent } else { "" };
        let entries: Vec<_> = wanted.iter().map(|&index| agent(&key(index), once(rows[index].1))).collect();
        let mut taken = BTreeSet::new();
        let mut once = |agent: &'static str| if agent.is_empty() || taken.insert(agent) { agent } else { "" };
        let object = |index: usize, has: &str| {
            let blocked =
                if rows[index].2 { vec![] } else { vec![Blocked { field: "agent", reason: "not registered" }] };
            LiveObject { blocked: blocked.into(), ..live(&agent(&key(index), has), &format!("id{index}")) }
        };
        let objects = there.iter().map(|&index| object(index, once(rows[index].0))).collect();
        (entries, objects)
    })
}

/// Plays a plan as the executor may: any order that respects the edges. An agent is never on two numbers.
fn play(fleet: &Fleet, pick: impl Fn(usize) -> usize) {
    let plan = fleet.plan();
    let place = crate::model::kinds::SIP_NUMBER.index_of("agent").unwrap();
    let mut bound: std::collections::BTreeMap<String, String> = std::collections::BTreeMap::new();
    for object in &fleet.live.listings[0].objects {
        bound.insert(object.key.to_string(), object.values[place].as_text().unwrap().to_owned());
    }
    let sends = |index: &usize| plan.steps[*index].change.action.sends();
    let mut open: BTreeSet<(usize, bool)> = (0..plan.steps.len()).filter(sends).map(|index| (index, false)).collect();
    open.extend(
        (0..plan.steps.len()).filter(|&index| !plan.steps[index].releases.is_empty()).map(|index| (index, true)),
    );
    while !open.is_empty() {
        let may_start = |&(index, is_release): &(usize, bool)| {
            let step = &plan.steps[index];
            let done = step.requires.iter().all(|&other| !open.contains(&(other, false)));
            let released = step.after_release.iter().all(|&other| !open.contains(&(other, true)));
            done && (is_release || (released && !open.contains(&(index, true))))
        };
        let ready: Vec<_> = open.iter().copied().filter(may_start).collect();
        assert!(!ready.is_empty(), "nothing can go on: {:?}", told(&plan));
        let (index, is_release) = ready[pick(ready.len())];
        open.remove(&(index, is_release));
        let change = &plan.steps[index].change;
        let key = change.address.key.to_string();
        let sent = change.fields.iter().find(|field| field.index == Some(place) && field.deferred.is_none());
        match (change.action, sent) {
            (Action::Delete, _) => drop(bound.remove(&key)),
            (Action::Update, Some(_)) if is_release => drop(bound.insert(key, String::new())),
            (Action::Update, Some(field)) => {
                let agent = field.after.as_text().unwrap();
                let free = agent.is_empty() || bound.values().all(|other| other != agent);
                assert!(free, "{agent} is bound already: {:?}", told(&plan));
                assert!(
                    agent.is_empty() || bound.get(&key).unwrap().is_empty(),
                    "{key} isn't unbound: {:?}",
                    told(&plan)
                );
                bound.insert(key, agent.to_owned());
            }
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn every_order_that_the_edges_allow_is_safe((entries, objects) in fleets(), picks in any::<[u8; 4]>()) {
        let fleet = Fleet::new(&CENTRE, &SIP_NUMBER, entries, objects);
        let plan = fleet.plan();
        for (place, step) in plan.steps.iter().enumerate() {
            prop_assert!(step.requires.iter().all(|&other| other < place), "{:?}", told(&plan));
        }
        play(&fleet, |_| 0);
        play(&fleet, |count| count - 1);
        play(&fleet, |count| usize::from(picks[count % 4]) % count);
    }

    #[test]
    fn the_order_of_a_listing_means_nothing((entries, objects) in fleets(), seed in any::<usize>()) {
        let plan = |objects: Vec<LiveObject>| {
            let fleet = Fleet::new(&CENTRE, &SIP_NUMBER, entries.clone(), objects);
            let files = ["t.yaml".to_owned()];
            let context = super::super::document::Context { desired: &fleet.desired, files: &files, for_apply: true };
            serde_json::to_string(&super::super::PlanDocument::new(&fleet.plan(), context)).unwrap()
        };
        let mut shuffled = objects.clone();
        let count = shuffled.len().max(1);
        shuffled.rotate_left(seed % count);
        shuffled.reverse();
        prop_assert_eq!(plan(objects), plan(shuffled));
    }
}

//! Corners that were once cut: each test is the smallest story that shows one.

use serde_json::{Value as Json, json};
use sipform::model::outcome::Action;
use sipform::model::{Desired, Glob, Selection, Unselected};
use sipform::plan::Options;
use sipform::plan::document::{Context, PlanDocument};

use super::world::{World, block_on, changes};
use super::yaml;

fn number(id: &str, number: &str, agent: &str) -> Json {
    json!({ "sipId": id, "number": number, "password": "pw-1", "isNAT": false, "codingFormat": ["G711A"],
        "agentId": agent, "registered": true })
}

fn number_entry(number: &str) -> Json {
    json!({ "number": number, "target": "box", "password": "pw-1" })
}

fn register(id: &str, name: &str, host: &str) -> Json {
    json!({ "id": id, "trunkname": name, "trunktype": "register", "host": host, "port": "5060", "domain": host,
        "username": name, "authname": name, "password": "pw-1", "fromuser": "",
        "extensionsdod": "551-x-100,", "extensionsgroupdod": "" })
}

fn register_entry(name: &str, host: &str) -> Json {
    json!({ "name": name, "target": "box", "type": "register", "host": host, "domain": host, "username": name,
        "auth_name": name, "password": "pw-1",
        "dod": { "extensions": [{ "number": "551", "name": "x", "extension": "100" }] } })
}

fn numbers(entries: &Json) -> Desired {
    let mut document = yaml::document("7moor", &json!({}));
    document["sip_numbers"] = entries.clone();
    yaml::desired(&document)
}

fn trunks(entries: &Json, removed: &Json) -> Desired {
    let mut document = yaml::document("yeastar", &json!({}));
    document["trunks"] = entries.clone();
    document["removed"] = removed.clone();
    yaml::desired(&document)
}

fn with(mut entry: Json, field: &str, value: Json) -> Json {
    entry[field] = value;
    entry
}

/// A box with this state.
fn holding(desired: &Desired, state: &Json) -> World {
    let world = World::new();
    world.set_state(&desired.targets[0], state);
    world
}

/// A place under the vendor's limit is freed before it is taken. As it is, the delete waits for a create that can't be done: the
/// two never end.
#[test]
fn a_full_box_makes_room_before_it_makes_the_new_one_same_purpose() {
    block_on(async {
        let desired = trunks(
            &json!([register_entry("new", "h.example")]),
            &json!([{ "address": "box/trunk/old", "delete": true }]),
        );
        let mut world = World::new();
        world.set_state(
            &desired.targets[0],
            &json!({ "max_trunks": 2, "trunks": [register("1", "old", "h.example"), register("2", "x", "x.example")] }),
        );
        let report = world.try_apply(&desired).await.unwrap();
        assert!(report.is_done(), "{:?}", report.outcomes);
    });
}

#[test]
fn a_full_box_makes_room_before_it_makes_the_new_one_other_purpose() {
    block_on(async {
        let desired = trunks(
            &json!([register_entry("new", "h.example")]),
            &json!([{ "address": "box/trunk/old", "delete": true }]),
        );
        let mut world = World::new();
        world.set_state(
            &desired.targets[0],
            &json!({ "max_trunks": 2, "trunks": [register("1", "old", "o.example"), register("2", "x", "x.example")] }),
        );
        let report = world.try_apply(&desired).await.unwrap();
        assert!(report.is_done(), "{:?}", report.outcomes);
    });
}

/// `ignore_fields` leaves a field alone; a replacement makes the new object without it and doesn't say so.
#[test]
fn a_replacement_keeps_what_is_ignored() {
    block_on(async {
        let mut entry = register_entry("t", "h.example");
        entry.as_object_mut().unwrap().remove("dod");
        let entry = with(entry, "ignore_fields", json!(["dod"]));
        let desired = trunks(&json!([entry]), &json!([]));
        let mut world = World::new();
        let mut peer = register("1", "t", "h.example");
        for gone in ["username", "authname", "password", "fromuser"] {
            peer.as_object_mut().unwrap().remove(gone);
        }
        peer["trunktype"] = "peer".into();
        world.set_state(&desired.targets[0], &json!({ "trunks": [peer] }));
        world.apply_all(&desired).await;
        let state = world.appliance(&desired.targets[0]).state();
        assert_eq!(state["trunks"][0]["extensionsdod"], "551-x-100,", "{state}");
    });
}

#[test]
fn a_replacement_says_that_the_agent_is_lost() {
    block_on(async {
        let desired = numbers(&json!([number_entry("2000")]));
        let world = holding(&desired, &json!({ "numbers": [number("a1", "2000", "ann")] }));
        let look = world.look(&desired).await;
        let replace = vec![desired.objects[0].address.clone()];
        let plan = look.plan(Options { replace, ..Options::default() });
        let names: Vec<_> = plan.steps[0].change.fields.iter().map(|field| field.name).collect();
        assert_eq!(names, ["agent"]);
    });
}

/// The platform takes all fields of a number with every update; the hidden one is left out, though it is known to be the same.
#[test]
fn another_field_of_a_number_with_a_hidden_password_is_changed() {
    block_on(async {
        let desired = numbers(&json!([number_entry("2000")]));
        let mut world = holding(&desired, &json!({ "hiddenFields": ["password"], "numbers": [] }));
        world.apply_all(&desired).await;
        let desired = numbers(&json!([with(number_entry("2000"), "nat", json!(true))]));
        let report = world.try_apply(&desired).await.unwrap();
        assert!(report.is_done(), "{:?}", report.outcomes);
    });
}

/// Claims are looked up by the new name, and fingerprints hold the old one.
#[test]
fn a_renamed_number_keeps_what_is_remembered_of_hidden_fields() {
    block_on(async {
        let desired = numbers(&json!([number_entry("2000")]));
        let mut world = holding(&desired, &json!({ "hiddenFields": ["password"], "numbers": [] }));
        world.apply_all(&desired).await;
        let renamed = numbers(&json!([with(number_entry("2001"), "previously", json!("2000"))]));
        let look = world.look(&renamed).await;
        let plan = look.plan(Options::default());
        let document = PlanDocument::new(&plan, Context { desired: &renamed, files: &[], for_apply: false });
        assert_eq!(document.targets[0].not_readable, ["sip_number/2001/password"]);
        assert_eq!(changes(&plan), [(Action::Update, "2001", vec!["number"])]);
        let report = world.apply(&look, &plan).await;
        assert!(report.is_done(), "{:?}", report.outcomes);
        drop(plan);
        let look = world.look(&renamed).await;
        assert_eq!(changes(&look.plan(Options::default())), []);
    });
}

/// Another id is another object: what was applied to the first one says nothing about its password.
#[test]
fn what_was_applied_to_another_object_says_nothing_about_this_one() {
    block_on(async {
        let desired = numbers(&json!([number_entry("2000")]));
        let mut world = holding(&desired, &json!({ "hiddenFields": ["password"], "numbers": [] }));
        world.apply_all(&desired).await;
        let appliance = world.appliance(&desired.targets[0]);
        appliance
            .with_state(|state| {
                state["numbers"][0]["sipId"] = "ff".into();
                state["numbers"][0]["password"] = "somebody's".into();
            })
            .unwrap();
        let look = world.look(&desired).await;
        let plan = look.plan(Options::default());
        let document = PlanDocument::new(&plan, Context { desired: &desired, files: &[], for_apply: false });
        assert_eq!(document.targets[0].not_readable, ["sip_number/2000/password"]);
    });
}

/// A replacement sends every field, also those that don't differ.
#[test]
fn a_replacement_remembers_hidden_fields() {
    block_on(async {
        let desired = numbers(&json!([number_entry("2000")]));
        let mut world = holding(
            &desired,
            &json!({ "hiddenFields": ["password"], "numbers": [number("a1", "2000", ""), number("a2", "2001", "")] }),
        );
        let look = world.look(&desired).await;
        let plan = look.plan(Options { replace: vec![desired.objects[0].address.clone()], ..Options::default() });
        assert!(world.apply(&look, &plan).await.is_done());
        drop(plan);
        let look = world.look(&desired).await;
        let plan = look.plan(Options::default());
        assert_eq!(changes(&plan), []);
        drop(plan);
        let changed = numbers(&json!([with(number_entry("2000"), "password", json!("another"))]));
        let look = world.look(&changed).await;
        assert_eq!(changes(&look.plan(Options::default())), [(Action::Update, "2000", vec!["password"])]);
    });
}

/// The configuration takes a chain of renames; matching by name first makes it an overwritten trunk and a second one.
#[test]
fn a_chain_of_renames_is_two_renames() {
    block_on(async {
        let desired = trunks(
            &json!([
                with(register_entry("b", "ha.example"), "previously", json!("a")),
                with(register_entry("c", "hb.example"), "previously", json!("b")),
            ]),
            &json!([]),
        );
        let world = holding(
            &desired,
            &json!({ "trunks": [register("1", "a", "ha.example"), register("2", "b", "hb.example")] }),
        );
        let look = world.look(&desired).await;
        let plan = look.plan(Options::default());
        let actions: Vec<_> = plan.steps.iter().map(|step| step.change.action).collect();
        assert_eq!(actions, [Action::Update, Action::Update], "{:?}", changes(&plan));
    });
}

/// Its protection has to reach the ledger, too.
#[test]
fn an_object_of_which_only_a_field_is_put_off_is_claimed() {
    block_on(async {
        let entry = with(with(number_entry("2000"), "agent", json!("ann")), "protect", json!(true));
        let desired = numbers(&json!([entry]));
        let mut offline = number("a1", "2000", "");
        offline["registered"] = false.into();
        let mut world = holding(&desired, &json!({ "numbers": [offline] }));
        world.apply_all(&desired).await;
        let claims = &world.ledger.as_ref().unwrap().targets["box"].claims;
        let claim = claims.iter().next().map(|(_, key, claim)| (key, claim.protect));
        assert_eq!(claim, Some(("2000", true)));
    });
}

/// Two with one name: whichever the vendor lists first is changed, so the order of a listing shows in the plan.
#[test]
fn of_two_with_one_name_neither_is_taken_by_chance() {
    block_on(async {
        let desired = numbers(&json!([with(number_entry("2000"), "nat", json!(true))]));
        let world = holding(&desired, &json!({ "numbers": [number("a1", "2000", ""), number("a2", "2000", "")] }));
        let mut look = world.look(&desired).await;
        let id = |look: &super::world::Look<'_>| {
            look.plan(Options::default())
                .steps
                .iter()
                .map(|step| step.change.live.unwrap().remote_id.clone())
                .collect::<Vec<_>>()
        };
        let straight = id(&look);
        look.parts[0].live.listings[0].objects.reverse();
        assert_eq!(straight, id(&look));
    });
}

/// Freshness looks at the old name only.
#[test]
fn a_rename_doesnt_double_a_number_that_somebody_made_meanwhile() {
    block_on(async {
        let desired = numbers(&json!([with(number_entry("2001"), "previously", json!("2000"))]));
        let mut world = holding(&desired, &json!({ "numbers": [number("a1", "2000", "")] }));
        let look = world.look(&desired).await;
        let plan = look.plan(Options::default());
        tokio::time::sleep(std::time::Duration::from_mins(1)).await;
        let appliance = world.appliance(&desired.targets[0]);
        appliance.with_state(|state| state["numbers"].as_array_mut().unwrap().push(number("a2", "2001", ""))).unwrap();
        let report = world.apply(&look, &plan).await;
        let state = appliance.state();
        let twice = state["numbers"].as_array().unwrap().iter().filter(|number| number["number"] == "2001").count();
        assert_eq!(twice, 1, "{:?}", report.outcomes);
    });
}

/// Every `previously` goes before any id of the ledger, not entry by entry.
#[test]
fn previously_goes_before_the_ledgers_id() {
    block_on(async {
        let first = trunks(&json!([register_entry("a", "h.example")]), &json!([]));
        let mut world = holding(&first, &json!({ "trunks": [] }));
        world.apply_all(&first).await;
        world.appliance(&first.targets[0]).with_state(|state| state["trunks"][0]["trunkname"] = "b".into()).unwrap();
        let second = trunks(
            &json!([
                register_entry("a", "h.example"),
                with(register_entry("c", "h.example"), "previously", json!("b"))
            ]),
            &json!([]),
        );
        let look = world.look(&second).await;
        let plan = look.plan(Options::default());
        let found =
            changes(&plan).into_iter().map(|(action, key, _)| (action, key)).collect::<std::collections::BTreeSet<_>>();
        assert_eq!(found, [(Action::Create, "a"), (Action::Update, "c")].into());
    });
}

/// Only the last holder of a value is remembered, so the other one is never released.
#[test]
fn a_number_whose_agent_another_one_has_too_is_unbound_first() {
    block_on(async {
        let desired = numbers(&json!([
            with(number_entry("2000"), "agent", json!("ben")),
            with(number_entry("2001"), "agent", json!("cem")),
        ]));
        let mut world =
            holding(&desired, &json!({ "numbers": [number("a1", "2000", "ann"), number("a2", "2001", "ann")] }));
        let report = world.try_apply(&desired).await.unwrap();
        assert!(report.is_done(), "{:?}", report.outcomes);
    });
}

/// `--target box/trunk/old` selects the object, but not the entry that it is going to be: it is pruned instead of renamed.
#[test]
fn a_selection_by_the_old_name_doesnt_delete_what_is_to_be_renamed() {
    block_on(async {
        let first = trunks(&json!([register_entry("old", "h.example")]), &json!([]));
        let mut world = holding(&first, &json!({ "trunks": [register("2", "keep", "x.example")] }));
        world.apply_all(&first).await;
        let renamed = with(register_entry("new", "h.example"), "previously", json!("old"));
        let mut second = trunks(&json!([renamed]), &json!([]));
        let selection = Selection::new(vec![Glob::new("box/trunk/old").unwrap()]);
        // As the command line does: what isn't selected isn't resolved.
        let unselected = second.objects.iter().filter(|object| !selection.includes(&object.address));
        let unselected = unselected
            .map(|object| Unselected { address: object.address.clone(), previously: object.previously.clone() });
        second.unselected = unselected.collect();
        second.objects.retain(|object| selection.includes(&object.address));
        world.selection = selection;
        let look = world.look(&second).await;
        assert_eq!(changes(&look.plan(Options::default())), []);
    });
}

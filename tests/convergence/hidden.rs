//! Fields that the vendor doesn't show: named, never taken for equal, and sent only where the ledger knows that something
//! else was applied.

use serde_json::{Value as Json, json};
use sipform::model::Desired;
use sipform::model::outcome::Action;
use sipform::plan::document::{Context, PlanDocument};
use sipform::plan::{Options, Plan};

use super::world::{Look, World, block_on, changes};
use super::yaml;

/// What can be hidden: the field, its spelling on the wire, and another value for it.
fn hideable() -> [(&'static str, &'static str, Json); 3] {
    [
        ("password", "password", json!("pw-2")),
        ("nat", "isNAT", json!(true)),
        ("codecs", "codingFormat", json!(["G729", "G711A"])),
    ]
}

fn entry() -> Json {
    json!({ "number": "2000", "target": "box", "password": "pw-1", "nat": false, "codecs": ["G711A"] })
}

/// The desired state with the one number, one field of it set to something else.
fn desired(with: Option<(&str, &Json)>) -> Desired {
    let mut entry = entry();
    if let Some((field, value)) = with {
        entry[field] = value.clone();
    }
    let mut document = yaml::document("7moor", &json!({}));
    document["sip_numbers"] = json!([entry]);
    yaml::desired(&document)
}

/// A box that hides one field, with the number in it or without.
fn world(hidden: &str, numbers: &Json) -> World {
    let world = World::new();
    world.set_state(&desired(None).targets[0], &json!({ "hiddenFields": [hidden], "numbers": numbers }));
    world
}

/// The number as somebody made it by hand, as wanted but for what only they know.
fn by_hand() -> Json {
    json!([{ "sipId": "a1", "number": "2000", "password": "pw-1", "isNAT": false, "codingFormat": ["G711A"] }])
}

fn not_readable(look: &Look<'_>, plan: &Plan<'_>) -> Vec<String> {
    let document = PlanDocument::new(plan, Context { desired: look.desired, files: &[], for_apply: false });
    document.targets[0].not_readable.clone()
}

/// Plans and expects these changes and these unknown fields.
async fn expect(world: &World, desired: &Desired, fields: &[&'static str], unknown: &[String]) {
    let look = world.look(desired).await;
    let plan = look.plan(Options::default());
    let update = (Action::Update, "2000", fields.to_vec());
    let expected: Vec<_> = (!fields.is_empty()).then_some(update).into_iter().collect();
    assert_eq!(changes(&plan), expected);
    assert_eq!(not_readable(&look, &plan), unknown);
    look.close().await;
}

fn unknown(field: &str) -> [String; 1] {
    [format!("sip_number/2000/{field}")]
}

#[test]
fn what_nobody_has_applied_is_named_and_not_sent() {
    for (field, wire, other) in hideable() {
        block_on(async {
            let mut world = world(wire, &by_hand());
            expect(&world, &desired(None), &[], &unknown(field)).await;
            expect(&world, &desired(Some((field, &other))), &[], &unknown(field)).await;
            // Adopting it teaches nothing about the field.
            world.apply_all(&desired(None)).await;
            expect(&world, &desired(None), &[], &unknown(field)).await;
            expect(&world, &desired(Some((field, &other))), &[], &unknown(field)).await;
        });
    }
}

#[test]
fn what_was_applied_is_remembered() {
    for (field, wire, other) in hideable() {
        block_on(async {
            let mut world = world(wire, &json!([]));
            world.apply_all(&desired(None)).await;
            expect(&world, &desired(None), &[], &unknown(field)).await;
            let changed = desired(Some((field, &other)));
            expect(&world, &changed, &[field], &unknown(field)).await;
            world.apply_all(&changed).await;
            expect(&world, &changed, &[], &unknown(field)).await;
            expect(&world, &desired(None), &[field], &unknown(field)).await;
            let state = world.appliance(&changed.targets[0]).state();
            assert_eq!(state["numbers"][0][wire], other);
        });
    }
}

#[test]
fn nothing_is_remembered_without_ledger_or_with_another_key() {
    for (field, wire, other) in hideable() {
        block_on(async {
            let mut world = world(wire, &json!([]));
            world.apply_all(&desired(None)).await;
            world.key = [8; 32];
            expect(&world, &desired(None), &[], &unknown(field)).await;
            expect(&world, &desired(Some((field, &other))), &[], &unknown(field)).await;
            world.ledger = None;
            expect(&world, &desired(None), &[], &unknown(field)).await;
        });
    }
}

#[test]
fn a_field_that_is_hidden_later_is_not_equal() {
    for (field, wire, _) in hideable() {
        block_on(async {
            let mut world = world("registerStatus", &json!([]));
            world.apply_all(&desired(None)).await;
            expect(&world, &desired(None), &[], &[]).await;
            let appliance = world.appliance(&desired(None).targets[0]);
            appliance.with_state(|state| state["hiddenFields"] = json!([wire])).unwrap();
            expect(&world, &desired(None), &[], &unknown(field)).await;
        });
    }
}

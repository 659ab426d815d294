//! Objects that aren't there any more: a box that was reset, another account's data, a target that left the YAML.

use serde_json::{Value as Json, json};

use crate::guards::{A_AND_B, names};
use crate::harness::Place;

/// As the factory ships it, with what a factory may put on it under an id that was ours.
fn reset(place: &Place, default: Option<Json>) {
    place.edit_pbx(|pbx| pbx["trunks"] = default.into_iter().collect());
}

fn id_of(place: &Place, name: &str) -> Json {
    let live = place.live("hq");
    let trunks = live["trunks"].as_array().unwrap();
    trunks.iter().find(|trunk| trunk["trunkname"] == name).unwrap()["id"].clone()
}

#[test]
fn a_pbx_that_was_reset_is_restored_and_what_came_with_it_is_left_alone() {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    // An object of the factory's own has the id that one of ours had.
    let default = json!({"id": id_of(&place, "a"), "trunkname": "default", "trunktype": "peer", "host": "factory.example",
        "port": "5060", "domain": "factory.example", "extensionsdod": "", "extensionsgroupdod": "", "status": "Unknown"});
    reset(&place, Some(default.clone()));
    let drift = place.expect(2, "drift --sandbox --format json").json();
    assert_eq!(drift["summary"]["deleted_outside"], 2, "smaller than remembered is drift, and not incomplete");
    assert_eq!(drift["targets"][0]["complete"], true);
    let plan = place.expect(0, "plan --sandbox");
    plan.says("hq/trunk/default has the id that hq/trunk/a had");
    assert!(plan.stdout.contains("Plan: 2 to create, 0 to update, 0 to replace, 0 to delete."), "{}", plan.stdout);
    place.expect(0, "apply --sandbox --auto-approve");
    assert_eq!(names(&place), ["default", "a", "b"]);
    assert_eq!(place.live("hq")["trunks"][0], default);
    place.expect(0, "plan --sandbox --detailed-exitcode");
    // Also an empty one, and one whose entries have left meanwhile: nothing is deleted on a memory.
    reset(&place, Some(default));
    place.rewrite("");
    place.expect(0, "apply --sandbox --auto-approve");
    assert_eq!(names(&place), ["default"]);
}

#[test]
fn what_was_ours_and_has_gone_is_drift_until_the_next_apply() {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    place.rewrite(A_AND_B.lines().take(2).collect::<Vec<_>>().join("\n").as_str());
    place.edit_pbx(|pbx| pbx["trunks"].as_array_mut().unwrap().retain(|trunk| trunk["trunkname"] != "b"));
    let drift = place.expect(2, "drift --sandbox -v");
    insta::assert_snapshot!(drift.stdout, @r"
      unmanaged        cc/sip_number/2000
      unmanaged        cc/sip_number/2001
      unmanaged        cc/sip_number/2002
      unmanaged        cc/sip_number/2003
      deleted_outside  hq/trunk/b
                       it was ours and has gone, and the YAML has no entry for it; apply would forget it
      unmanaged        hq/trunk/branch-door
      unmanaged        hq/trunk/lab-1
      unmanaged        hq/trunk/old-carrier
      unmanaged        hq/trunk/test
      unmanaged        hq/trunk/to-108-16-test

    Drift: 0 changed outside, 1 deleted outside, 0 not applied, 0 can't converge.
    1 unchanged, 9 unmanaged, 0 ignored, 0 fields not readable.
    ");
    // Not said where nobody can know.
    place.expect(1, "drift --sandbox --sandbox-fault short:trunk/list:*").says("is incomplete");
    place.expect(1, "import --sandbox --sandbox-fault short:trunk/list:*").says("is incomplete");
    // An incomplete look makes the ledger forget nothing either.
    place.expect(4, "apply --sandbox --auto-approve --sandbox-fault short:trunk/list:*");
    place.expect(2, "drift --sandbox");
    place.expect(0, "apply --sandbox --auto-approve");
    place.expect(0, "drift --sandbox");
}

#[test]
fn what_leaves_the_yaml_with_its_target_stays() {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    let yaml = place.read("desired-state.yaml");
    let without = yaml.lines().filter(|line| !line.contains("hq")).collect::<Vec<_>>().join("\n");
    place.write("desired-state.yaml", &without.replace("trunks:", ""));
    place.expect(0, "apply --sandbox --auto-approve --allow-deletes 0");
    assert!(names(&place).contains(&"a".into()));
    // It comes back with its claims.
    place.rewrite(A_AND_B.lines().take(2).collect::<Vec<_>>().join("\n").as_str());
    place.expect(0, "plan --sandbox --allow-deletes 1");
}

#[test]
fn another_accounts_objects_are_not_pruned_for_being_there() {
    let place = Place::desired(A_AND_B);
    let yaml = place.read("desired-state.yaml").replace("yeastar,", "yeastar, prune: exclusive,");
    place.write("desired-state.yaml", &yaml);
    place.expect(0, "apply --sandbox --auto-approve --allow-deletes 5");
    place.edit_pbx(|pbx| {
        for (trunk, name) in pbx["trunks"].as_array_mut().unwrap().iter_mut().zip(["x", "y"]) {
            trunk["id"] = format!("7{}", trunk["id"].as_str().unwrap()).into();
            trunk["trunkname"] = name.into();
        }
    });
    place
        .expect(3, "apply --sandbox --auto-approve")
        .says("neither made nor adopted by sipform")
        .says("--allow-deletes 2");
    assert_eq!(names(&place), ["x", "y"]);
}

//! Every vendor and every kind in one file: the example, from the first apply to the calls.

use serde_json::{Value as Json, json};

use crate::harness::Place;

const EXAMPLE: &str = include_str!("../../examples/all-vendors.yaml");
const FILES: &str = "--sandbox -f all-vendors.yaml";
/// What no API can do.
const BY_HAND: [&str; 2] = ["voice-app/phone_group/lobby", "voice-app/number/85230000009"];
const BOXES: [&str; 6] = ["hq-pbx", "old-pbx", "branch", "warehouse", "call-centre", "voice-app"];

fn place() -> Place {
    let place = Place::new();
    place.write("all-vendors.yaml", EXAMPLE);
    place
}

fn applied() -> Place {
    let place = place();
    place.expect(0, &format!("apply --auto-approve {FILES}"));
    place
}

/// The targets alone.
fn targets() -> Place {
    let place = Place::new();
    place.write("targets.yaml", EXAMPLE.split_once("\ntrunks:").unwrap().0);
    place
}

fn addresses(list: &Json) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one["address"].as_str().unwrap()).collect()
}

fn calls(place: &Place, target: &str) -> usize {
    place.live(target)["calls"].as_array().map_or(0, Vec::len)
}

#[test]
fn everything_that_can_converge_does() {
    let place = place();
    let apply = place.expect(0, &format!("apply --auto-approve --format json {FILES}")).json();
    assert_eq!((&apply["summary"]["done"], &apply["summary"]["cannot_converge"]), (&json!(11), &json!(2)));
    assert!(apply["results"].as_array().unwrap().iter().all(|result| result["outcome"] == "done"), "{apply:#}");

    let plan = place.expect(5, &format!("plan --detailed-exitcode --format json {FILES}")).json();
    assert_eq!(addresses(&plan["changes"]), BY_HAND);
    assert!(plan["changes"].as_array().unwrap().iter().all(|change| change["action"] == "cannot_converge"));
    let again = place.expect(5, &format!("apply --auto-approve --detailed-exitcode --format json {FILES}")).json();
    assert_eq!(again["results"], json!([]));
}

#[test]
fn a_plan_of_what_only_hands_can_do_says_what_to_do() {
    let plan = applied().expect(5, &format!("plan --detailed-exitcode {FILES}"));
    insta::assert_snapshot!(plan.stdout, @r#"
    The vendors' APIs can't do the following:

      # voice-app/phone_group/lobby can't converge  (all-vendors.yaml:59)
      ! phone_group "lobby" {
          ~ quantity = 3 -> 5
        }
        why: the platform's API can't change a phone group: for more phones declare a second group; for fewer, or for another name or number, change the phones in the vendor's console

      # voice-app/number/85230000009 can't converge  (all-vendors.yaml:75)
      ! number "85230000009" {
          ~ remark = (none) -> "not bought yet"
        }
        why: the platform's API can't buy a number: buy it in the vendor's console and assign it to the application

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 2 can't converge.
    11 unchanged, 19 unmanaged, 0 ignored.
    "#);
}

#[test]
fn drift_and_import_read_all_of_it_back() {
    let place = applied();
    let drift = place.expect(2, &format!("drift --format json {FILES}")).json();
    let differences: Vec<_> =
        drift["items"].as_array().unwrap().iter().filter(|item| item["action"] != "none").collect();
    let differences = json!(differences);
    let mut entries = addresses(&differences);
    entries.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(entries, BY_HAND);

    place.expect(0, &format!("import {FILES} --out imported.yaml --secrets-out secrets.env"));
    let plan = place.expect(5, &format!("plan --detailed-exitcode --format json {FILES} -f imported.yaml")).json();
    assert_eq!(addresses(&plan["changes"]), BY_HAND);
    let summary = &plan["summary"];
    assert_eq!((&summary["unchanged"], &summary["unmanaged"]), (&json!(30), &json!(0)), "{summary:#}");
}

#[test]
fn every_fleet_that_is_imported_is_as_it_was_imported() {
    let place = targets();
    let import = "import --sandbox -f targets.yaml --out imported.yaml --secrets-out secrets.env";
    place.expect(0, &format!("{import} --credentials-out phones.yaml"));
    let phones = place.read("phones.yaml");
    assert!(phones.contains("\"voice-app/phone_group/lobby\"") && phones.contains("8400000003"), "{phones}");
    let plan =
        place.expect(0, "plan --detailed-exitcode --format json --sandbox -f targets.yaml -f imported.yaml").json();
    assert_eq!((&plan["changes"], &plan["summary"]["unchanged"]), (&json!([]), &json!(25)));
    // Nothing of it was written to a box.
    assert!(BOXES.iter().all(|target| place.live(target).is_null()));
    for line in place.read("secrets.env").lines() {
        let secret = line.split_once('=').unwrap().1.trim_matches('\'');
        assert!(!place.read("imported.yaml").contains(secret), "a secret in the YAML");
    }
}

#[test]
fn check_places_the_calls() {
    let place = place();
    let check = place.expect(0, &format!("check --auto-approve {FILES}"));
    insta::assert_snapshot!(check.stdout, @"
      done     hq: 1000 calls 1002 on hq-pbx
      done     reception-to-sales: 101 calls 102 on branch
      done     warehouse: 103 calls 104 on warehouse
    Calls: 3 done, 0 failed, 0 skipped.
    ");
    check.says("These phones will ring");
    assert_eq!(["hq-pbx", "branch", "warehouse"].map(|target| calls(&place, target)), [1, 1, 1]);
    let check = place.expect(0, &format!("check --auto-approve --format json {FILES}")).json();
    assert_eq!((&check["schema"], &check["summary"]["done"]), (&json!("sipform.check/v1"), &json!(3)));
    assert!(check["results"].as_array().unwrap().iter().all(|result| result["outcome"] == "done"));
}

#[test]
fn a_busy_extension_is_a_failure_in_plain_words() {
    let place = applied();
    place.edit(".sipform/sandbox/boxes/branch.box.json", |file| file["state"]["busy_extensions"] = json!(["102"]));
    let check = place.expect(4, &format!("check --auto-approve {FILES}"));
    assert!(check.stdout.contains("busy") && check.stdout.contains("10008"), "{}", check.stdout);
    assert!(check.stdout.ends_with("Calls: 2 done, 1 failed, 0 skipped.\n"), "{}", check.stdout);
    let check = place.expect(4, &format!("check --auto-approve --format json {FILES}")).json();
    let failed = check["results"].as_array().unwrap().iter().find(|result| result["outcome"] == "failed").unwrap();
    assert_eq!((&failed["name"], &failed["error"]["code"]), (&json!("reception-to-sales"), &json!("10008")));
    assert_eq!(calls(&place, "branch"), 0);
}

#[test]
fn nobody_is_called_without_a_yes() {
    let place = applied();
    place.expect(1, &format!("check {FILES}")).says("nobody was called").says("--auto-approve");
    assert_eq!(["hq-pbx", "branch", "warehouse"].map(|target| calls(&place, target)), [0, 0, 0]);
}

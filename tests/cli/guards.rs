//! What keeps a plan from doing harm: budgets, protection, prune modes, tombstones.

use serde_json::json;

use crate::harness::Place;

const TOMBSTONES: &str = "removed:
  - { address: hq/trunk/test, delete: true }
  - { address: hq/trunk/old-carrier, delete: true }
  - { address: hq/trunk/branch-door, delete: true }
  - { address: hq/trunk/to-108-16-test, delete: true }
";
const A_AND_B: &str = "trunks:
  - { name: a, target: hq, type: peer, host: a.example, domain: a.example }
  - { name: b, target: hq, type: peer, host: b.example, domain: b.example }
";

fn names(place: &Place) -> Vec<String> {
    let live = place.live("hq");
    live["trunks"].as_array().unwrap().iter().map(|trunk| trunk["trunkname"].as_str().unwrap().into()).collect()
}

#[test]
fn more_deletes_than_the_budget_are_refused() {
    let place = Place::desired(TOMBSTONES);
    let plan = place.expect(3, "plan --sandbox");
    assert!(plan.stdout.contains("Plan: 0 to create, 0 to update, 0 to replace, 4 to delete."), "{}", plan.stdout);
    insta::assert_snapshot!(plan.stderr, @r"
    error[over_budget]: the plan would delete or replace 4 of 5 trunk objects on hq; the budget is 3, or one in 10
      = help: if this is meant, allow exactly this plan: --allow-deletes 4
    ");
    place.expect(3, "apply --sandbox --auto-approve").says("--allow-deletes 4");
    for wrong in [0, 3, 5] {
        let apply = place.expect(3, &format!("apply --sandbox --auto-approve --allow-deletes {wrong}"));
        apply.says(&format!("--allow-deletes {wrong} was given, but the plan has 4 deletes and replaces"));
        let document = place.expect(3, &format!("plan --sandbox --format json --allow-deletes {wrong}")).json();
        assert_eq!(document["diagnostics"][0]["code"], "wrong_allowance");
    }
    assert_eq!(place.live("hq"), json!(null), "nothing was sent");
    place.expect(0, "apply --sandbox --auto-approve --allow-deletes 4");
    assert_eq!(names(&place), ["lab-1"]);
}

#[test]
fn a_refusal_comes_before_what_a_plan_would_say() {
    let place = Place::desired(TOMBSTONES);
    place.expect(3, "plan --sandbox --detailed-exitcode");
    place.expect(3, "apply --sandbox --auto-approve --format json --detailed-exitcode");
}

#[test]
fn emptying_a_kind_is_always_over_budget() {
    let place = Place::desired(TOMBSTONES);
    place.edit_pbx(|pbx| pbx["trunks"].as_array_mut().unwrap().retain(|trunk| trunk["trunkname"] == "test"));
    place.rewrite("removed: [{ address: hq/trunk/test, delete: true }]");
    place.expect(3, "apply --sandbox --auto-approve").says("delete every trunk on hq");
    place.expect(0, "apply --sandbox --auto-approve --allow-deletes 1");
}

#[test]
fn what_is_protected_stays() {
    let protected =
        "trunks: [{ name: test, target: hq, type: peer, host: 192.168.6.36, domain: 192.168.6.36, protect: true }]";
    let place = Place::desired(protected);
    place.expect(0, "apply --sandbox --auto-approve");
    // Also after its entry has left the YAML.
    place.rewrite("removed: [{ address: hq/trunk/test, delete: true }]");
    let apply = place.expect(3, "apply --sandbox --auto-approve --allow-deletes 1");
    insta::assert_snapshot!(apply.stderr, @r"
    error[protected]: hq/trunk/test is protected, and the plan would delete it
      = help: to let it go, apply an entry for it with `protect: false` first
    ");
    place.rewrite("");
    place.expect(3, "apply --sandbox --auto-approve").says("hq/trunk/test is protected");
    place.rewrite(protected);
    place.expect(3, "plan --sandbox --replace hq/trunk/test").says("hq/trunk/test is protected");
    place.rewrite(&protected.replace("true", "false"));
    place.expect(0, "apply --sandbox --auto-approve");
    place.rewrite("");
    place.expect(0, "apply --sandbox --auto-approve");
    assert!(!names(&place).contains(&"test".into()));
}

#[test]
fn claimed_prunes_only_what_is_ours() {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    place.rewrite(A_AND_B.lines().take(2).collect::<Vec<_>>().join("\n").as_str());
    let plan = place.expect(0, "plan --sandbox");
    insta::assert_snapshot!(plan.stdout, @r#"
    sipform will perform the following actions:

      # hq/trunk/b will be deleted  (not in the YAML)
      - trunk "b"

    Plan: 0 to create, 0 to update, 0 to replace, 1 to delete.
    1 unchanged, 9 unmanaged, 0 ignored.
    "#);
    place.expect(0, "apply --sandbox --auto-approve");
    assert_eq!(names(&place), ["to-108-16-test", "test", "old-carrier", "lab-1", "branch-door", "a"]);
    place.expect(0, "plan --sandbox --detailed-exitcode");
}

#[test]
fn none_prunes_nothing() {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    place.rewrite("");
    let yaml = place.read("desired-state.yaml").replace("yeastar,", "yeastar, prune: none,");
    place.write("desired-state.yaml", &yaml);
    place.expect(0, "plan --sandbox --detailed-exitcode");
}

#[test]
fn exclusive_prunes_everything_else() {
    let place = Place::desired(A_AND_B);
    let yaml =
        place.read("desired-state.yaml").replace("yeastar,", "yeastar, prune: exclusive, ignore: [\"trunk/lab-*\"],");
    place.write("desired-state.yaml", &yaml);
    place.edit_pbx(|pbx| pbx["trunks"].as_array_mut().unwrap().truncate(4));
    // Nobody knows whose they are: also three, which are within the budget, need the number.
    place.expect(3, "apply --sandbox --auto-approve").says("there is no ledger").says("--allow-deletes 3");
    place.expect(0, "apply --sandbox --auto-approve --allow-deletes 3");
    assert_eq!(names(&place), ["lab-1", "a", "b"]);
    place.edit_pbx(|pbx| pbx["trunks"][0]["trunkname"] = json!("somebody-elses"));
    place.expect(0, "apply --sandbox --auto-approve");
    assert_eq!(names(&place), ["a", "b"]);
}

#[test]
fn exclusive_spares_kinds_that_no_entry_names() {
    let place = Place::desired("");
    let yaml = place.read("desired-state.yaml").replace("provider: ", "prune: exclusive, provider: ");
    place.write("desired-state.yaml", &yaml);
    place.expect(0, "plan --sandbox --detailed-exitcode");
}

#[test]
fn a_tombstone_deletes_what_nobody_claims_and_is_done_once() {
    let place = Place::desired("removed: [{ address: hq/trunk/old-carrier, delete: true }]");
    place.expect(0, "apply --sandbox --auto-approve");
    assert!(!names(&place).contains(&"old-carrier".into()));
    let again = place.expect(0, "apply --sandbox --auto-approve");
    assert!(again.stdout.starts_with("No changes.\n"), "{}", again.stdout);
}

#[test]
fn what_is_handed_over_stays_and_is_no_longer_ours() {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    place.rewrite("removed: [{ address: hq/trunk/a, delete: false }, { address: hq/trunk/b, delete: false }]");
    place.expect(0, "apply --sandbox --auto-approve");
    place.rewrite("");
    place.expect(0, "plan --sandbox --detailed-exitcode");
    assert!(names(&place).contains(&"a".into()) && names(&place).contains(&"b".into()));
}

#[test]
fn a_rename_happens_in_place() {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    place.rewrite(&A_AND_B.replace("name: b,", "name: c, previously: b,"));
    let plan = place.expect(0, "plan --sandbox");
    insta::assert_snapshot!(plan.stdout, @r#"
    sipform will perform the following actions:

      # hq/trunk/c will be updated in place  (desired-state.yaml:7)
      ~ trunk "c" {
          ~ name = "b" -> "c"
        }

    Plan: 0 to create, 1 to update, 0 to replace, 0 to delete.
    1 unchanged, 9 unmanaged, 0 ignored.
    "#);
    place.expect(0, "apply --sandbox --auto-approve");
    place.expect(0, "plan --sandbox --detailed-exitcode");
    assert_eq!(names(&place)[5..], ["a", "c"]);
}

#[test]
fn one_target_that_cannot_be_read_leaves_the_others_alone() {
    let place = Place::desired(&format!(
        "{A_AND_B}sip_numbers: [{{ number: \"2050\", target: cc, password: \"${{env:P}}\" }}]"
    ));
    let fault = "--sandbox-fault garbage:trunk/*:* --sandbox-fault garbage:login:*";
    let plan = place.expect(1, &format!("plan --sandbox --detailed-exitcode {fault}"));
    plan.says("hq can't be read");
    assert!(plan.stdout.contains("Plan: 1 to create"), "{}", plan.stdout);
    place.expect(1, &format!("drift --sandbox {fault}"));
    let apply = place.expect(4, &format!("apply --sandbox --auto-approve --format json {fault}"));
    assert_eq!(apply.json()["summary"]["done"], 1);
}

#[test]
fn an_incomplete_listing_holds_deletes_back() {
    let place = Place::desired("removed: [{ address: hq/trunk/old-carrier, delete: true }]\n");
    let apply = place.expect(4, "apply --sandbox --auto-approve --sandbox-fault short:trunk/list:*");
    apply.says("held back");
    assert_eq!(place.live("hq"), json!(null));
}

#[test]
fn what_is_accepted_and_not_done_is_a_failure() {
    let place = Place::desired(&A_AND_B.replace("name: a", "name: test"));
    let apply = place.expect(4, "apply --sandbox --auto-approve --sandbox-fault lie:trunk/update_siptrunk:1");
    apply.says("sent     update hq/trunk/test\n").says("\nfailed   update hq/trunk/test: ");
    assert!(apply.stdout.contains("\n  failed   update hq/trunk/test: "), "{}", apply.stdout);
    assert!(apply.stdout.ends_with("Apply: 1 done, 1 failed, 0 stale, 0 skipped, 0 unknown.\n"), "{}", apply.stdout);
}

//! What keeps a plan from doing harm: budgets, protection, prune modes, tombstones.

use serde_json::json;

use crate::harness::Place;

const TOMBSTONES: &str = "removed:
  - { address: hq/trunk/test, delete: true }
  - { address: hq/trunk/old-carrier, delete: true }
  - { address: hq/trunk/branch-door, delete: true }
  - { address: hq/trunk/to-108-16-test, delete: true }
";
pub(crate) const A_AND_B: &str = "trunks:
  - { name: a, target: hq, type: peer, host: a.example, domain: a.example }
  - { name: b, target: hq, type: peer, host: b.example, domain: b.example }
";

/// The names of the trunks on `hq`.
pub(crate) fn names(place: &Place) -> Vec<String> {
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

const PROTECTED: &str = "trunks:
  - { name: p, target: hq, type: peer, host: p.example, domain: p.example, protect: true }
  - { name: a, target: hq, type: peer, host: a.example, domain: a.example }
";

/// Everything that would delete or replace `p` or what became of it, under whatever name it goes.
fn is_safe(place: &Place, name: &str) {
    let refused = |what: &str| {
        for allowance in ["", " --allow-deletes 1"] {
            let run = place.expect(3, &format!("apply --sandbox --auto-approve{allowance}{what}"));
            run.says(&format!("hq/trunk/{name} is protected"));
        }
    };
    place.rewrite(&format!("removed: [{{ address: hq/trunk/{name}, delete: true }}]"));
    refused("");
    let other_type = format!(
        "trunks: [{{ name: {name}, target: hq, type: account, username: u1, auth_name: u1, password: \"${{env:P}}\" }}]\n"
    );
    place.rewrite(&other_type);
    refused(" --target hq/trunk/p*");
    place.rewrite(&format!("trunks: [{{ name: {name}, target: hq, type: peer, host: h.example, domain: h.example }}]"));
    refused(&format!(" --target hq/trunk/{name} --replace hq/trunk/{name}"));
}

#[test]
fn no_way_leads_round_a_protection() {
    let place = Place::desired(PROTECTED);
    place.expect(0, "apply --sandbox --auto-approve");
    is_safe(&place, "p");
    // The line got lost, and an apply went by.
    place.rewrite(&PROTECTED.replace(", protect: true", ""));
    place.expect(0, "apply --sandbox --auto-approve");
    is_safe(&place, "p");
    // It was renamed in the YAML, without the line.
    place.rewrite(&PROTECTED.replace("name: p", "name: p2, previously: p").replace(", protect: true", ""));
    place.expect(0, "apply --sandbox --auto-approve");
    is_safe(&place, "p2");
    // Somebody renamed it on the box.
    place.edit_pbx(|pbx| {
        let trunks = pbx["trunks"].as_array_mut().unwrap();
        trunks.iter_mut().find(|trunk| trunk["trunkname"] == "p2").unwrap()["trunkname"] = "p3".into();
    });
    is_safe(&place, "p3");
}

#[test]
fn a_protection_survives_a_change_of_address_and_of_the_targets_name() {
    let place = Place::desired(PROTECTED);
    place.expect(0, "apply --sandbox --auto-approve");
    let yaml = |from: &str, to: &str| {
        place.rewrite("removed: [{ address: hq/trunk/p, delete: true }]");
        let yaml = place.read("desired-state.yaml").replace(from, to);
        place.write("desired-state.yaml", &yaml);
    };
    yaml("https://192.168.5.150:8088", "https://pbx.example:8088");
    place.expect(3, "apply --sandbox --auto-approve --allow-deletes 1").says("hq/trunk/p is protected");
    // The sandbox keeps a box by its target's name.
    let boxed = place.read(".sipform/sandbox/boxes/hq.box.json");
    place.write(".sipform/sandbox/boxes/main.box.json", &boxed);
    yaml("hq", "main");
    place.expect(3, "apply --sandbox --auto-approve --allow-deletes 1").says("main/trunk/p is protected");
}

#[test]
fn an_allowance_goes_with_the_plan_and_an_incomplete_look_stops_it() {
    let place = Place::desired(TOMBSTONES);
    place.expect(3, "plan --sandbox --out p.json");
    place.expect(3, "apply --sandbox p.json");
    place.expect(0, "plan --sandbox --allow-deletes 4 --out p.json");
    // What was whole when the plan was made isn't any more.
    let apply = place.expect(4, "apply --sandbox p.json --sandbox-fault short:trunk/list:*");
    apply.says("is incomplete");
    assert_eq!(place.live("hq"), json!(null), "nothing was sent");
    place.expect(0, "apply --sandbox p.json");
    assert_eq!(names(&place), ["lab-1"]);
}

#[test]
fn a_tombstone_beside_an_entry_is_a_mistake_and_zero_is_an_allowance() {
    let place = Place::desired(&format!("{A_AND_B}removed: [{{ address: hq/trunk/a, delete: true }}]\n"));
    place.expect(1, "plan --sandbox").says("hq/trunk/a is removed, and there is an entry for it");
    place.rewrite(&format!("{A_AND_B}removed: [{{ address: hq/trunk/not-there, delete: true }}]\n"));
    place.expect(3, "apply --sandbox --auto-approve --allow-deletes 1").says("the plan has 0 deletes and replaces");
    place.expect(0, "apply --sandbox --auto-approve --allow-deletes 0");
}

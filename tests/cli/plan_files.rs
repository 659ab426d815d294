//! A plan file is applied exactly, or refused by name.

use serde_json::{Value as Json, json};
use sipform::plan::PlanDocument;

use crate::harness::{Place, Run};
use crate::wire::{Served, desired, real};

const TRUNKS: &str = "trunks:
  - { name: a, target: hq, type: peer, host: a.example, domain: a.example }
  - { name: test, target: hq, type: peer, host: 10.0.0.1, domain: 10.0.0.1 }
  - { name: branch-door, target: hq, type: account, username: door, auth_name: door2, password: \"${env:P}\" }
";

fn planned() -> Place {
    let place = Place::desired(TRUNKS);
    place.expect(0, "plan --sandbox --out p.json");
    place
}

/// Has to be refused before anything is sent.
fn refused(place: &Place, line: &str) -> Run {
    let before = place.live("hq");
    let run = place.expect(3, line);
    assert_eq!(run.stdout, "");
    assert_eq!(place.live("hq"), before);
    run
}

#[test]
fn a_plan_of_this_configuration_is_applied_without_asking() {
    let place = planned();
    let run = place.expect(0, "apply --sandbox p.json");
    insta::assert_snapshot!(run.stdout, @r"

      done     create hq/trunk/a
      done     update hq/trunk/branch-door
      done     update hq/trunk/test

    Apply: 3 done, 0 failed, 0 stale, 0 skipped, 0 unknown.
    ");
    place.expect(0, "plan --sandbox --detailed-exitcode");
}

#[test]
fn the_recorded_options_hold() {
    let place = Place::desired(TRUNKS);
    place.write("elsewhere.yaml", &place.read("desired-state.yaml"));
    place.expect(0, "plan --sandbox --out p.json -f elsewhere.yaml --target hq/trunk/a");
    place.write("desired-state.yaml", "nothing of this is YAML: [");
    let run = place.expect(0, "apply --sandbox p.json --format json").json();
    assert_eq!(run["summary"]["done"], 1);
    assert_eq!(run["results"][0]["address"], "hq/trunk/a");
    for option in ["--target hq", "--allow-deletes 1", "--replace hq/trunk/a"] {
        place.expect(1, &format!("apply --sandbox p.json {option}")).says("can't be given with a plan file");
    }
}

#[test]
fn another_configuration_is_refused() {
    let place = planned();
    place.rewrite(&TRUNKS.replace("10.0.0.1", "10.0.0.2"));
    insta::assert_snapshot!(refused(&place, "apply --sandbox p.json").stderr, @r"
    error[plan_config]: the YAML (or a value that it takes from the environment) isn't what the plan was made from; it differs in: hq/trunk/test (desired-state.yaml:7)
      = help: make a new plan with `sipform plan --out FILE`, look at it, and apply that
    ");
    place.rewrite(&format!("# a comment, and a moved line\n{TRUNKS}"));
    place.expect(0, "apply --sandbox p.json");
}

#[test]
fn another_address_is_refused() {
    let place = planned();
    place.write("desired-state.yaml", &place.read("desired-state.yaml").replace("192.168.5.150", "192.168.5.151"));
    insta::assert_snapshot!(refused(&place, "apply --sandbox p.json").stderr, @r"
    error[plan_address]: the plan was made with hq at https://192.168.5.150:8088, and by now it is at https://192.168.5.151:8088
      = help: make a new plan with `sipform plan --out FILE`, look at it, and apply that
    ");
}

#[test]
fn another_secret_is_refused() {
    let mut place = Place::new();
    let served = Served::new(&place, "");
    for (name, value) in [("HQ", "sandbox"), ("CC", "sandbox-secret"), ("P", "one")] {
        place.set(name, value);
    }
    place.write("desired-state.yaml", &desired(&served.url, &served.url, TRUNKS));
    place.expect(0, "plan --out p.json");
    let live = place.read("served/yeastar.box.json");
    place.set("P", "another");
    place
        .expect(3, "apply p.json")
        .says("error[plan_secret]: a secret for hq isn't what the plan was made with: `password` of hq/trunk/branch-door (desired-state.yaml:");
    assert_eq!(place.read("served/yeastar.box.json"), live);
    place.set("P", "one");
    place.expect(0, "apply p.json");
}

#[test]
fn a_secret_is_recognised_without_a_key_of_the_team_too() {
    let mut place = Place::new();
    let served = Served::new(&place, "--provider yeastar");
    for (name, value) in [("SIPFORM_KEY", ""), ("HQ", "sandbox"), ("P", "one")] {
        place.set(name, value);
    }
    let targets = format!(
        "version: 1\ntargets: {{ hq: {{ provider: yeastar, url: \"{}\", username: api, password: \"${{env:HQ}}\" }} }}\n",
        served.url
    );
    place.write("desired-state.yaml", &(targets + TRUNKS));
    place.expect(0, "plan --out p.json");
    place.set("P", "another");
    place.expect(3, "apply p.json").says("plan_secret");
    place.set("HQ", "changed");
    place.expect(3, "apply p.json").says("plan_key").says("the credential of hq isn't what the plan was made with");
    place.set("SIPFORM_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    place.expect(3, "apply p.json").says("plan_key").says("made without SIPFORM_KEY, and now it is set");
}

#[test]
fn a_plan_that_was_touched_is_refused() {
    let place = planned();
    place.edit("p.json", |plan| plan["changes"][0]["fields"][1]["after"] = json!("evil.example"));
    insta::assert_snapshot!(refused(&place, "apply --sandbox p.json").stderr, @r"
    error[plan_damaged]: the plan p.json doesn't match its own digest: it was changed or cut
      = help: make a new plan with `sipform plan --out FILE`, look at it, and apply that
    ");
}

/// Edits a plan as somebody would who can write the file: with its digest made anew.
fn forge(place: &Place, change: impl FnOnce(&mut Json)) {
    place.edit("p.json", |plan| {
        change(plan);
        let mut document: PlanDocument = serde_json::from_value(plan.clone()).unwrap();
        document.digest = document.compute_digest();
        *plan = serde_json::to_value(document).unwrap();
    });
}

type Edit<'e> = &'e dyn Fn(&mut Json);

fn drop_member(plan: &mut Json, member: &str) {
    for target in plan["targets"].as_array_mut().unwrap() {
        target.as_object_mut().unwrap().remove(member);
    }
}

#[test]
fn a_plan_that_was_forged_is_refused() {
    let edits: [(&str, Edit<'_>); 8] = [
        ("plan_damaged", &|plan| plan["changes"][0]["fields"][1]["after"] = json!("evil.example")),
        ("plan_damaged", &|plan| plan["inputs"]["allow_deletes"] = json!(99)),
        ("plan_damaged", &|plan| plan["targets"][1]["seal"] = json!("hmac-sha256:00")),
        ("plan_damaged", &|plan| plan["changes"][0]["address"] = json!("elsewhere/trunk/a")),
        ("plan_damaged", &|plan| drop(plan["targets"].as_array_mut().unwrap().remove(1))),
        ("plan_unsealed", &|plan| drop_member(plan, "seal")),
        ("plan_unsealed", &|plan| drop_member(plan, "key_check")),
        ("plan_unsealed", &|plan| drop_member(plan, "secrets")),
    ];
    let place = planned();
    let whole = place.read("p.json");
    for (code, edit) in edits {
        place.write("p.json", &whole);
        forge(&place, edit);
        refused(&place, "apply --sandbox p.json").says(&format!("error[{code}]"));
    }
    // A plan that was only printed is none that can be applied.
    let shown = place.expect(0, "plan --sandbox --format json").stdout;
    place.write("p.json", &shown);
    forge(&place, |plan| drop_member(plan, "seal"));
    refused(&place, "apply --sandbox p.json").says("error[plan_unsealed]");
    place.write("p.json", &whole);
    place.expect(0, "apply --sandbox p.json");
}

#[test]
fn a_plan_of_another_version_is_named_as_such() {
    let place = planned();
    // With what that version may have added, it can't match this one's digest; that isn't damage.
    place.edit("p.json", |plan| (plan["version"], plan["novelty"]) = (json!("9.1.0"), json!(1)));
    refused(&place, "apply --sandbox p.json").says("error[plan_version]").says("was made by sipform 9.1.0");
}

#[test]
fn what_differs_in_the_yaml_is_named() {
    let place = planned();
    let target = |text: &str| place.read("desired-state.yaml").replace("password: \"${env:HQ}\"", text);
    let cases = [
        (
            format!("{TRUNKS}  - {{ name: zz, target: hq, type: peer, host: z, domain: z }}\n"),
            "hq/trunk/zz (desired-state.yaml:9), which is new",
        ),
        (
            TRUNKS.lines().filter(|line| !line.contains("10.0.0.1")).fold(String::new(), |all, line| all + line + "\n"),
            "hq/trunk/test, which is gone",
        ),
        (
            format!("{TRUNKS}removed: [{{ address: hq/trunk/old-carrier, delete: true }}]\n"),
            "`removed:` about the target hq",
        ),
    ];
    let settings = target("password: \"${env:HQ}\", prune: exclusive");
    for (entries, says) in cases {
        place.rewrite(&entries);
        refused(&place, "apply --sandbox p.json").says("error[plan_config]").says(says);
    }
    // An entry with a secret of its own is a difference of the YAML, not of a secret.
    place.rewrite(&format!(
        "{TRUNKS}  - {{ name: zz, target: hq, type: account, username: z, auth_name: z, password: \"${{env:Z}}\" }}\n"
    ));
    refused(&place, "apply --sandbox p.json").says("error[plan_config]").says("hq/trunk/zz (desired-state.yaml:9)");
    place.write("desired-state.yaml", &settings);
    refused(&place, "apply --sandbox p.json").says("the settings of the target hq (desired-state.yaml:3)");
}

#[test]
fn the_sandbox_and_the_real_world_stay_apart() {
    let place = planned();
    refused(&place, "apply p.json").says("was made against the sandbox, and this run is against real targets");
    let mut place = Place::new();
    let served = Served::new(&place, "");
    for (name, value) in [("HQ", "sandbox"), ("CC", "sandbox-secret"), ("P", "one")] {
        place.set(name, value);
    }
    place.write("desired-state.yaml", &desired(&served.url, &served.url, TRUNKS));
    place.expect(0, "plan --out p.json");
    refused(&place, "apply --sandbox p.json")
        .says("was made against real targets, and this run is against the sandbox");
}

#[test]
fn what_is_no_plan_is_bad_input() {
    let place = planned();
    place.write("empty.json", "");
    place.write("other.json", "{\"schema\": \"sipform.drift/v1\"}");
    place.write("later.json", "{\"schema\": \"sipform.plan/v2\"}");
    for (code, file, says) in [
        (1, "missing.json", "missing.json can't be read"),
        (1, "empty.json", "empty.json isn't a plan"),
        (1, "other.json", "other.json isn't a plan"),
        (1, "desired-state.yaml", "desired-state.yaml isn't a plan"),
        (3, "later.json", "schema that this sipform can't read"),
    ] {
        place.expect(code, &format!("apply --sandbox {file}")).says(says);
        let document = place.expect(code, &format!("apply --sandbox {file} --format json")).json();
        assert_eq!(document["schema"], "sipform.apply/v1");
    }
}

#[test]
fn an_object_that_changed_since_is_stale_alone() {
    let place = planned();
    place.edit_pbx(|pbx| pbx["trunks"][1]["port"] = json!("5099"));
    let run = place.expect(4, "apply --sandbox p.json");
    insta::assert_snapshot!(run.stdout, @r"

      done     create hq/trunk/a
      done     update hq/trunk/branch-door
      stale    update hq/trunk/test: the object was changed since the plan was made: make a new plan [stale]

    Apply: 2 done, 0 failed, 1 stale, 0 skipped, 0 unknown.
    ");
    let trunks = place.live("hq")["trunks"].clone();
    assert_eq!((&trunks[1]["host"], &trunks[1]["port"]), (&json!("192.168.6.36"), &json!("5099")));
    assert_eq!(trunks[5]["trunkname"], "a");
}

#[test]
fn what_somebody_else_did_meanwhile_is_stale_too() {
    let place = planned();
    place.edit_pbx(|pbx| {
        let trunk = json!({ "id": "30", "trunkname": "a", "trunktype": "peer", "status": "Unknown", "host": "a.example",
            "port": "5060", "domain": "a.example", "extensionsdod": "", "extensionsgroupdod": "" });
        pbx["trunks"].as_array_mut().unwrap().push(trunk);
    });
    let run = place.expect(4, "apply --sandbox p.json --format json").json();
    let endings: Vec<_> =
        run["results"].as_array().unwrap().iter().map(|end| (&end["address"], &end["outcome"])).collect();
    assert_eq!(
        endings,
        [
            (&json!("hq/trunk/branch-door"), &json!("done")),
            (&json!("hq/trunk/test"), &json!("done")),
            (&json!("hq/trunk/a"), &json!("stale")),
        ]
    );
}

#[test]
fn a_plan_carries_its_allowance_and_no_more() {
    let tombstones =
        "removed: [{ address: hq/trunk/test, delete: true }, { address: hq/trunk/old-carrier, delete: true },
        { address: hq/trunk/branch-door, delete: true }, { address: hq/trunk/to-108-16-test, delete: true }]\n";
    let place = Place::desired(tombstones);
    place.expect(3, "plan --sandbox --out refused.json").says("--allow-deletes 4");
    refused(&place, "apply --sandbox refused.json").says("over_budget");
    place.expect(0, "plan --sandbox --out allowed.json --allow-deletes 4");
    place.expect(0, "apply --sandbox allowed.json");
}

#[test]
fn what_was_not_reviewed_is_not_sent() {
    let place = planned();
    place.edit_pbx(|pbx| pbx["trunks"][0]["host"] = json!("10.9.9.9"));
    place.rewrite(TRUNKS);
    place.expect(0, "apply --sandbox p.json");
    assert_eq!(place.live("hq")["trunks"][0]["host"], "10.9.9.9");
}

#[test]
fn a_plan_of_a_target_that_is_gone_is_partial() {
    let place = {
        let probe = Place::new();
        let served = Served::new(&probe, "");
        let mut place = real(&served.url, TRUNKS);
        place.set("P", "one");
        place.expect(0, "plan --out p.json");
        place
    };
    // Nobody listens there any more: nothing could be read, so nothing was applied.
    place.expect(1, "apply p.json").says("hq can't be read");
}

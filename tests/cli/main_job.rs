//! From YAML to the vendors and back: plan, apply, drift, import.

use serde_json::{Value as Json, json};

use crate::harness::Place;

const EXAMPLE: &str = "-f desired-state.example.yaml --sandbox";

#[test]
fn the_example_is_applied_and_then_there_is_nothing_to_do() {
    let place = Place::example();
    let first = place.expect(0, &format!("apply --auto-approve {EXAMPLE}"));
    insta::assert_snapshot!(first.stdout, @r#"
    sipform will perform the following actions:

      # call-centre/sip_number/2001 will be updated in place and adopted  (desired-state.example.yaml:52)
      ~ sip_number "2001" {
          ~ password = (secret changed)
          ~ nat      = false -> true
          ~ codecs   = ["G711A"] -> ["G711A", "G729"]
        }

      # call-centre/sip_number/2003 will be deleted  (desired-state.example.yaml:57)
      - sip_number "2003"

      # call-centre/sip_number/2010 will be created  (desired-state.example.yaml:53)
      + sip_number "2010" {
          + password = (secret)
          + nat      = false
          + codecs   = ["G711A", "G729"]
        }

      # call-centre/sip_number/2011 will be created  (desired-state.example.yaml:53)
      + sip_number "2011" {
          + password = (secret)
          + nat      = false
          + codecs   = ["G711A", "G729"]
        }

      # call-centre/sip_number/2012 will be created  (desired-state.example.yaml:53)
      + sip_number "2012" {
          + password = (secret)
          + nat      = false
          + codecs   = ["G711A", "G729"]
        }

      # call-centre/sip_number/2013 will be created  (desired-state.example.yaml:53)
      + sip_number "2013" {
          + password = (secret)
          + nat      = false
          + codecs   = ["G711A", "G729"]
        }

      # hq-pbx/trunk/new-carrier will be created  (desired-state.example.yaml:42)
      + trunk "new-carrier" {
          + type      = "register"
          + host      = "sip.carrier.example"
          + port      = 5060
          + domain    = "sip.carrier.example"
          + username  = "acme"
          + auth_name = "acme"
          + password  = (secret)
        }

      # hq-pbx/trunk/old-carrier will be deleted  (desired-state.example.yaml:56)
      - trunk "old-carrier"

      # hq-pbx/trunk/to-108-16-test will be updated in place and adopted  (desired-state.example.yaml:21)
      ~ trunk "to-108-16-test" {
          ~ host     = "172.16.108.15" -> "172.16.108.16"
          ~ password = (secret changed)
        }

    Plan: 5 to create, 2 to update, 0 to replace, 2 to delete.
    1 unchanged (1 to adopt), 3 unmanaged, 1 ignored.

      done     update call-centre/sip_number/2001
      done     delete call-centre/sip_number/2003
      done     create call-centre/sip_number/2010
      done     create call-centre/sip_number/2011
      done     create call-centre/sip_number/2012
      done     create call-centre/sip_number/2013
      done     create hq-pbx/trunk/new-carrier
      done     delete hq-pbx/trunk/old-carrier
      done     update hq-pbx/trunk/to-108-16-test

    Apply: 9 done, 0 failed, 0 stale, 0 skipped, 0 unknown.
    "#);
    // Two targets side by side: which of them is first isn't the same every time.
    let numbered = first.stderr.lines().filter_map(|line| line.strip_prefix('[')?.split_once("/9] "));
    let mut lines: Vec<_> = numbered.map(|(_, rest)| rest).collect();
    lines.sort_unstable();
    insta::assert_snapshot!(lines.join("\n"), @r"
    sent     create call-centre/sip_number/2010
    sent     create call-centre/sip_number/2011
    sent     create call-centre/sip_number/2012
    sent     create call-centre/sip_number/2013
    sent     create hq-pbx/trunk/new-carrier
    sent     delete call-centre/sip_number/2003
    sent     delete hq-pbx/trunk/old-carrier
    sent     update call-centre/sip_number/2001
    sent     update hq-pbx/trunk/to-108-16-test
    ");
    let again = place.expect(0, &format!("apply --auto-approve {EXAMPLE}"));
    insta::assert_snapshot!(again.stdout, @r"
    No changes.
    8 unchanged, 3 unmanaged, 1 ignored.
    ");
    place.expect(0, &format!("plan --detailed-exitcode {EXAMPLE}"));
}

#[test]
fn both_vendors_have_what_the_example_says() {
    let place = Place::new();
    place.write("desired-state.yaml", &include_str!("../../desired-state.example.yaml").replace("hq-pbx", "hq"));
    place.expect(0, "apply --auto-approve --sandbox");
    let trunks = place.live("hq")["trunks"].clone();
    let names: Vec<_> = trunks.as_array().unwrap().iter().map(|trunk| trunk["trunkname"].as_str().unwrap()).collect();
    assert_eq!(names, ["to-108-16-test", "test", "lab-1", "branch-door", "new-carrier"]);
    assert_eq!(trunks[0]["host"], "172.16.108.16");
    let centre = place.live("call-centre");
    let live = centre["numbers"].as_array().unwrap().iter().filter(|number| number["isDel"] == json!(false));
    let numbers: Vec<_> = live.map(|number| number["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["2000", "2001", "2002", "2010", "2011", "2012", "2013"]);
}

fn item_of<'d>(document: &'d Json, class: &str) -> &'d Json {
    document["items"].as_array().unwrap().iter().find(|item| item["class"] == class).unwrap()
}

#[test]
fn plan_apply_drift_import() {
    let place = Place::new();
    let example = include_str!("../../desired-state.example.yaml").replace("hq-pbx", "hq");
    place.write("desired-state.yaml", &example.replace("sip_number: { codecs: [G711A, G729] }", ""));
    let plan = place.expect(2, "plan --sandbox --detailed-exitcode --out plan.json");
    plan.says("Saved to plan.json");
    assert_eq!(place.json("plan.json")["schema"], "sipform.plan/v1");
    place.expect(0, "apply --sandbox plan.json");
    let none = place.expect(0, "drift --sandbox");
    insta::assert_snapshot!(none.stdout, @r"
    No drift.
    8 unchanged, 3 unmanaged, 1 ignored, 0 fields not readable.
    ");

    place.edit_pbx(|pbx| {
        pbx["trunks"][0]["host"] = json!("10.9.9.9");
        pbx["trunks"].as_array_mut().unwrap().retain(|trunk| trunk["trunkname"] != "new-carrier");
    });
    let drift = place.expect(2, "drift --sandbox");
    insta::assert_snapshot!(drift.stdout, @r#"
      deleted_outside  hq/trunk/new-carrier  (desired-state.yaml:42)
                         type = "register"
                         host = "sip.carrier.example"
                         port = 5060
                         domain = "sip.carrier.example"
                         username = "acme"
                         auth_name = "acme"
                         password = (secret)
                       apply would create it; if it was meant, take it out of the YAML
      changed_outside  hq/trunk/to-108-16-test  (desired-state.yaml:21)
                         host = "10.9.9.9" -> "172.16.108.16"
                       apply would update it; if it was meant, write it into the YAML

    Drift: 1 changed outside, 1 deleted outside, 0 not applied, 0 can't converge.
    6 unchanged, 3 unmanaged, 1 ignored, 0 fields not readable.
    "#);
    let document = place.expect(2, "drift --sandbox --format json").json();
    assert_eq!((&document["schema"], &document["summary"]["changed_outside"]), (&json!("sipform.drift/v1"), &json!(1)));
    assert_eq!(
        item_of(&document, "changed_outside")["fields"][0],
        json!({ "name": "host", "before": "10.9.9.9", "after": "172.16.108.16" })
    );

    let import = place.expect(0, "import --sandbox");
    insta::assert_snapshot!(import.stdout, @r#"
    # Written by `sipform import`: what is live on call-centre, hq and was in no YAML.
    # A field that isn't written has its default. Yours to edit: `sipform plan` shows what would change.
    version: 1

    trunks:
      # hq
      - name: branch-door
        target: hq
        type: account
        username: door
        auth_name: door
        password: "${env:HQ_BRANCH_DOOR_PASSWORD}"

    sip_numbers:
      # call-centre
      - number: "2000"
        target: call-centre
        password: "${env:CALL_CENTRE_2000_PASSWORD}"
        agent: "5feb148e19a5207b5020e728"
      - number: "2002"
        target: call-centre
        password: "${env:CALL_CENTRE_2002_PASSWORD}"
    "#);
    let import = place.expect(0, "import --sandbox --out imported.yaml --secrets-out secrets.env");
    import.says(
        "Imported 3 objects that no YAML listed.\nProof: read back and planned against what was read: no changes.\nCheck it with: sipform plan --sandbox -f desired-state.yaml -f imported.yaml\n",
    );
    insta::assert_snapshot!(place.read("secrets.env"), @r"
    HQ_BRANCH_DOOR_PASSWORD='Knock-knock-7'
    CALL_CENTRE_2000_PASSWORD='Dial-2000'
    CALL_CENTRE_2002_PASSWORD='Dial-2002'
    ");
    place.expect(0, "validate -f desired-state.yaml -f imported.yaml");
    let after = place.expect(0, "plan --sandbox --format json -f desired-state.yaml -f imported.yaml").json();
    assert_eq!(after["summary"]["unmanaged"], 0);
    assert_eq!(after["summary"]["update"], 1, "what was imported is as it was imported: {after:#}");
    assert_eq!(after["summary"]["adopt"], 3, "what was imported is as it was imported: {after:#}");
}

#[test]
fn one_import_after_another() {
    let place = Place::desired("");
    place.expect(0, "import --sandbox --out one.yaml --target hq");
    place.expect(0, "import --sandbox --out two.yaml --target cc -f desired-state.yaml -f one.yaml");
    let all = "--sandbox -f desired-state.yaml -f one.yaml -f two.yaml";
    let plan = place.expect(0, &format!("plan --detailed-exitcode {all}"));
    assert!(plan.stdout.contains("9 unchanged (9 to adopt), 0 unmanaged"), "{}", plan.stdout);
    place.expect(0, &format!("import --out three.yaml {all}")).says("Imported 0 objects");
    assert!(place.read("three.yaml").ends_with("the YAML lists everything that is live.\nversion: 1\n"));
    place.expect(0, &format!("plan --detailed-exitcode {all} -f three.yaml"));
}

#[test]
fn an_import_stands_beside_defaults() {
    let place = Place::desired("defaults: { sip_number: { codecs: [G729], nat: true }, trunk: { port: 5070 } }\n");
    place.expect(0, "import --sandbox --out imported.yaml");
    let plan = place.expect(0, "plan --sandbox --detailed-exitcode -f desired-state.yaml -f imported.yaml");
    assert!(plan.stdout.starts_with("No changes.\n"), "{}", plan.stdout);
}

#[test]
fn exit_codes_tell_changes_from_what_the_vendor_cannot_do() {
    let agent =
        "sip_numbers: [{ number: \"2002\", target: cc, password: \"${env:P}\", agent: 5fe47b9df94f8c728ac1bbde }]";
    let place = Place::desired(agent);
    place.expect(2, "plan --sandbox --detailed-exitcode");
    place.expect(5, "apply --sandbox --auto-approve --detailed-exitcode");
    let plan = place.expect(5, "plan --sandbox --detailed-exitcode");
    insta::assert_snapshot!(plan.stdout, @r#"
    The vendors' APIs can't do the following:

      # cc/sip_number/2002 can't converge  (desired-state.yaml:5)
      ! sip_number "2002" {
          . agent = "" -> "5fe47b9df94f8c728ac1bbde"
        }
        why: the phone isn't registered; an agent can be bound only to a registered number

    Plan: 0 to create, 0 to update, 0 to replace, 0 to delete, 1 can't converge.
    0 unchanged, 8 unmanaged, 0 ignored.
    "#);
    let drift = place.expect(2, "drift --sandbox");
    insta::assert_snapshot!(drift.stdout, @r#"
      cannot_converge  cc/sip_number/2002  (desired-state.yaml:5)
                         agent = "" -> "5fe47b9df94f8c728ac1bbde"
                       the vendor's API can't do it: the phone isn't registered; an agent can be bound only to a registered number

    Drift: 0 changed outside, 0 deleted outside, 0 not applied, 1 can't converge.
    0 unchanged, 8 unmanaged, 0 ignored, 0 fields not readable.
    "#);
    place.expect(0, "plan --sandbox");
    place.expect(0, "apply --sandbox --auto-approve");
    place.rewrite("");
    place.expect(0, "plan --sandbox --detailed-exitcode --target hq");
}

#[test]
fn a_deferred_field_is_marked() {
    let agent =
        "sip_numbers: [{ number: \"2050\", target: cc, password: \"${env:P}\", agent: 5fe47b9df94f8c728ac1bbde }]";
    let plan = Place::desired(agent).expect(0, "plan --sandbox");
    insta::assert_snapshot!(plan.stdout, @r#"
    sipform will perform the following actions:

      # cc/sip_number/2050 will be created  (desired-state.yaml:5)
      + sip_number "2050" {
          + password = (secret)
          + nat      = false
          + codecs   = ["G711A"]
          . agent    = "5fe47b9df94f8c728ac1bbde"  (deferred: a number just made isn't registered; an agent can be bound once its phone is)
        }

    Plan: 1 to create, 0 to update, 0 to replace, 0 to delete.
    0 unchanged, 9 unmanaged, 0 ignored.
    "#);
}

#[test]
fn target_narrows_a_run() {
    let place = Place::example();
    let plan = place
        .expect(0, &format!("plan --format json {EXAMPLE} --target hq-pbx/trunk/new-* --target call-centre/*/2003"));
    let addresses: Vec<_> =
        plan.json()["changes"].as_array().unwrap().iter().map(|change| change["address"].clone()).collect();
    assert_eq!(addresses, [json!("call-centre/sip_number/2003"), json!("hq-pbx/trunk/new-carrier")]);
    place.expect(0, &format!("apply --auto-approve {EXAMPLE} --target hq-pbx"));
    assert!(!place.path(".sipform/sandbox/boxes/call-centre.box.json").exists());
    place.expect(1, &format!("plan {EXAMPLE} --target hq-pbx/trunk/newcarrier")).says("matches nothing");
    place.expect(1, &format!("plan {EXAMPLE} --target hq-pbx/[")).says("--target hq-pbx/[");
}

#[test]
fn replace_makes_an_object_anew() {
    let place = Place::example();
    let replace = "--replace hq-pbx/trunk/new-carrier";
    place.expect(0, &format!("apply --auto-approve {EXAMPLE}"));
    let plan = place.expect(2, &format!("plan --detailed-exitcode {EXAMPLE} {replace}"));
    insta::assert_snapshot!(plan.stdout, @r#"
    sipform will perform the following actions:

      # hq-pbx/trunk/new-carrier will be replaced, as asked: deleted first, then made anew  (desired-state.example.yaml:42)
      -/+ trunk "new-carrier"

    Plan: 0 to create, 0 to update, 1 to replace, 0 to delete.
    7 unchanged, 3 unmanaged, 1 ignored.
    "#);
    let id = |place: &Place| place.json(".sipform/sandbox/boxes/hq-pbx.box.json")["state"]["trunks"][4]["id"].clone();
    let before = id(&place);
    let apply = place.expect(0, &format!("apply --auto-approve --format json {EXAMPLE} {replace}")).json();
    assert_eq!(apply["results"][0]["action"], "replace");
    assert_ne!(before, id(&place));
    place.expect(1, &format!("plan {EXAMPLE} --replace hq-pbx/trunk/nobody")).says("--replace hq-pbx/trunk/nobody");
    place.expect(1, &format!("plan {EXAMPLE} --replace nobody")).says("--replace: ");
}

#[test]
fn a_change_of_type_is_a_replace() {
    let place = Place::desired(
        "trunks: [{ name: test, target: hq, type: account, username: u, auth_name: u, password: \"${env:P}\" }]",
    );
    let plan = place.expect(0, "plan --sandbox");
    insta::assert_snapshot!(plan.stdout, @r#"
    sipform will perform the following actions:

      # hq/trunk/test must be replaced: deleted first, then made anew  (desired-state.yaml:5)
      -/+ trunk "test" {
          ~ type       = "peer" -> "account"
          ~ username   = (none) -> "u"
          ~ auth_name  = (none) -> "u"
          ~ password   = (secret changed)
          ~ dod.groups = ["5503301-yeastar-sales", "5503302-yealink-support"] -> []
        }

    Plan: 0 to create, 0 to update, 1 to replace, 0 to delete.
    0 unchanged, 8 unmanaged, 0 ignored.
    "#);
}

#[test]
fn json_documents_are_all_of_standard_output() {
    let place = Place::example();
    for (code, line, schema) in [
        (0, "validate -f desired-state.example.yaml", "sipform.validate/v1"),
        (0, "plan -f desired-state.example.yaml --sandbox -vvv", "sipform.plan/v1"),
        (1, "apply -f desired-state.example.yaml --sandbox", "sipform.apply/v1"),
        (0, "apply -f desired-state.example.yaml --sandbox --auto-approve -vvv", "sipform.apply/v1"),
        (0, "drift -f desired-state.example.yaml --sandbox -vvv", "sipform.drift/v1"),
        (0, "import -f desired-state.example.yaml --sandbox -vvv", "sipform.import/v1"),
    ] {
        assert_eq!(place.expect(code, &format!("{line} --format json")).json()["schema"], schema, "{line}");
    }
}

#[test]
fn a_served_sandbox_is_a_real_target() {
    let mut place = Place::new();
    let served = crate::wire::Served::new(&place, "");
    place.set("HQ", "sandbox");
    place.set("CC", "sandbox-secret");
    place.set("CARRIER", "over-the-wire");
    let trunk = "trunks: [{ name: c, target: hq, type: register, host: h, domain: h, username: u, auth_name: u, password: \"${env:CARRIER}\" }]";
    place.write("desired-state.yaml", &crate::wire::desired(&served.url, &served.url, trunk));
    place.expect(0, "apply --auto-approve");
    place.expect(0, "plan --detailed-exitcode");
    assert!(place.read("served/yeastar.box.json").contains("over-the-wire"));
    place.expect(0, "sandbox reset");
    assert!(place.path(".sipform/ledger.json").exists(), "a reset leaves the real ledger alone");
}

#[test]
fn a_reset_starts_over() {
    let place = Place::example();
    place.expect(0, &format!("apply --auto-approve {EXAMPLE}"));
    place.expect(0, &format!("import --out i.yaml {EXAMPLE}"));
    place.expect(0, "sandbox reset");
    let left: Vec<_> =
        place.files().into_iter().map(|(name, _)| name).filter(|name| name.contains("sandbox/")).collect();
    assert_eq!(left, Vec::<String>::new());
    place.expect(2, &format!("plan --detailed-exitcode {EXAMPLE}"));
}

#[test]
fn colours_are_for_terminals_or_on_demand() {
    let place = Place::example();
    assert!(!place.expect(0, &format!("plan {EXAMPLE}")).stdout.contains('\u{1b}'));
    assert!(place.expect(0, &format!("plan {EXAMPLE} --color always")).stdout.contains("\u{1b}[32m+"));
}

/// Not a single variable, file or connection: a stranger's pull request has none of them.
#[test]
fn the_example_needs_no_secret_to_validate() {
    let place = Place::example();
    let run = place.expect(0, "validate -f desired-state.example.yaml");
    assert!(run.stdout.starts_with("Valid: "), "{}", run.stdout);
    place.write("x.yaml", "version: 1\ntargets:\n  hq: { provider: yeastar, url: \"https://192.0.2.1\", username: a, password: \"${cmd:touch ran}\" }\n");
    place.expect(0, "validate -f x.yaml --format json");
    assert!(!place.path("ran").exists(), "no command is run");
}

//! `import` and its proof, as people see them.

use serde_json::json;

use super::harness::{Place, boxed};

const IMPORT: &str = "import --sandbox -f desired-state.yaml --out imported.yaml";
const PLAN: &str = "plan --sandbox --detailed-exitcode -f desired-state.yaml -f imported.yaml";

/// Other trunks on `hq`.
fn with_trunks(place: &Place, trunks: &serde_json::Value) {
    place.edit_pbx(|pbx| pbx["trunks"] = trunks.clone());
}

/// A trunk as the box keeps it, with a name and a host.
fn peer(place: &Place, name: &str, host: &str) -> serde_json::Value {
    place.edit_pbx(|_| {});
    let trunks = place.live("hq")["trunks"].clone();
    let mut trunk = trunks.as_array().unwrap().iter().find(|trunk| trunk["trunkname"] == "test").unwrap().clone();
    (trunk["trunkname"], trunk["host"]) = (json!(name), json!(host));
    trunk["id"] = json!(format!("9{}", name.len()));
    trunk
}

#[test]
fn what_cannot_be_written_is_left_alone_and_told() {
    let place = Place::desired("");
    let trunks = json!([
        peer(&place, "odd", "10.0.0.1/24"),
        peer(&place, "two\nlines", "10.0.0.2"),
        peer(&place, "fine", "10.0.0.3"),
    ]);
    with_trunks(&place, &trunks);
    let import = place.expect(0, &format!("{IMPORT} --target hq"));
    import.says("Imported 2 objects").says("planned against what was read: no changes");
    import.says("`host` of hq/trunk/odd can't be written").says("is left out: `name` holds a line break");
    let yaml = place.read("imported.yaml");
    assert!(
        yaml.contains("# host: \"10.0.0.1/24\"  # can't be written") && yaml.contains("ignore_fields: [host]"),
        "{yaml}"
    );
    assert!(yaml.contains(r#"  # Left out: trunk "two\U0000000Alines": `name` holds a line break"#), "{yaml}");
    let plan = place.expect(0, &format!("{PLAN} --target hq"));
    assert!(plan.stdout.contains("2 unchanged (2 to adopt), 1 unmanaged"), "{}", plan.stdout);
    let document = place.expect(0, "import --sandbox --format json --target hq").json();
    assert_eq!((&document["objects"], &document["proof"]["exact"]), (&json!(2), &json!(true)));
    let rows = document["proof"]["not_written"].as_array().unwrap();
    let rows: Vec<_> = rows.iter().map(|row| (row["address"].as_str().unwrap(), row["field"].as_str())).collect();
    assert_eq!(rows, [("hq/trunk/two\nlines", None), ("hq/trunk/odd", Some("host"))]);
}

/// The first entry of a kind makes `exclusive` delete what has none.
#[test]
fn what_the_yaml_would_change_is_reported() {
    let place = Place::desired("");
    place.write(
        "desired-state.yaml",
        &place.read("desired-state.yaml").replace("yeastar,", "yeastar, prune: exclusive,"),
    );
    with_trunks(&place, &json!([peer(&place, "two\nlines", "10.0.0.2"), peer(&place, "fine", "10.0.0.3")]));
    let import = place.expect(2, IMPORT);
    import.says("planned against what was read: 1 difference.").says("a plan would delete hq/trunk/two");
    let document = place.expect(2, "import --sandbox --format json").json();
    assert_eq!(document["proof"]["exact"], json!(false));
    assert_eq!(document["proof"]["differences"][0]["address"], json!("hq/trunk/two\nlines"));
    place.expect(3, PLAN).says("--allow-deletes 1");
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let place = Place::desired("");
    place.write("imported.yaml", "# the only copy\n");
    place.write("secrets.env", "A='b'\n");
    place.expect(1, IMPORT).says("imported.yaml is there already").says("name another file");
    place.expect(1, "import --sandbox --secrets-out secrets.env").says("secrets.env is there already");
    let document = place.expect(1, &format!("{IMPORT} --format json")).json();
    assert_eq!(document["diagnostics"][0]["code"], "file_exists");
    assert_eq!((&*place.read("imported.yaml"), &*place.read("secrets.env")), ("# the only copy\n", "A='b'\n"));
    // What mktemp made holds nothing.
    place.write("imported.yaml", "");
    place.expect(0, IMPORT);
}

#[test]
fn only_what_is_selected_and_in_no_entry_is_imported() {
    let place = Place::desired(
        "trunks: [{ name: test, target: hq, type: peer, host: 10.9.9.9, domain: 10.9.9.9 }]\nremoved: [{ address: hq/trunk/old-carrier, delete: true }]\n",
    );
    place.expect(0, &format!("{IMPORT} --target hq/trunk/lab-*")).says("Imported 1 object ");
    assert!(place.read("imported.yaml").contains("- name: lab-1\n"));
    let rest = place.expect(0, "import --sandbox -f . --target hq");
    rest.says("Imported 2 objects").says("hq/trunk/old-carrier is left out: it is under `removed:`");
    assert!(!rest.stdout.contains("name: test\n") && !rest.stdout.contains("name: lab-1\n"), "{}", rest.stdout);
}

#[test]
fn variables_of_other_files_are_not_taken() {
    let place = Place::desired("defaults: { trunk: { from_user: \"${env:HQ_BRANCH_DOOR_PASSWORD}\" } }\n");
    let import =
        place.expect(0, "import --sandbox -f desired-state.yaml --target hq/trunk/branch-door --format json").json();
    assert_eq!(import["variables"], json!(["HQ_BRANCH_DOOR_PASSWORD_2"]));
}

/// Of a key that a listing shows twice nobody can tell which object is meant.
#[test]
fn doubled_objects_are_left_out() {
    let place = Place::desired("");
    let twice = peer(&place, "twice", "10.0.0.1");
    let mut other = twice.clone();
    other["id"] = json!("77");
    with_trunks(&place, &json!([twice, other, peer(&place, "fine", "10.0.0.3")]));
    let import = place.expect(1, &format!("{IMPORT} --target hq"));
    import.says("Imported 1 object ").says("hq/trunk/twice is left out: the listing shows it more than once");
}

/// Real targets, whose secrets are real: the sandbox served over HTTP would answer the same, and stands in for none of them.
#[test]
fn a_settings_comment_names_what_an_update_resets() {
    let place = Place::new();
    place.write(
        "desired-state.yaml",
        "version: 1\ntargets:\n  b: { provider: openvox, url: \"https://172.16.6.150:9011\", username: a, password: \"${env:B}\" }\n",
    );
    place.write(
        ".sipform/sandbox/boxes/b.box.json",
        &boxed("openvox", include_str!("../../examples/sandbox/openvox.json")),
    );
    let import = place.expect(0, "import --sandbox");
    assert!(
        import.stdout.contains("  # Settings that the YAML can't say and that an update resets: "),
        "{}",
        import.stdout
    );
}

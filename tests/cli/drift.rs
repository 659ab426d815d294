//! What differs, by address; what of it is known or was told before; and what a monitoring system sees.

use serde_json::{Value as Json, json};

use crate::guards::A_AND_B;
use crate::harness::{Place, Run};

const UNREADABLE: &str = "--sandbox-fault garbage:trunk/*:* --sandbox-fault garbage:login:*";

/// Two trunks are applied, then somebody changes one port.
fn changed() -> Place {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    port(&place, "a", "5099");
    place
}

fn port(place: &Place, name: &str, port: &str) {
    place.edit_pbx(|pbx| {
        let trunk = pbx["trunks"].as_array_mut().unwrap().iter_mut().find(|trunk| trunk["trunkname"] == name).unwrap();
        trunk["port"] = json!(port);
    });
}

fn baseline(place: &Place, entries: &str) {
    place.write("known.yaml", &format!("version: 1\nknown:\n{entries}"));
}

/// Address and class of each item of a class.
fn of_class<'d>(document: &'d Json, class: &str) -> Vec<&'d str> {
    let items = document["items"].as_array().unwrap().iter().filter(|item| item["class"] == class);
    items.map(|item| item["address"].as_str().unwrap()).collect()
}

fn value(metrics: &str, series: &str) -> Option<f64> {
    metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

#[test]
fn every_finding_has_an_address_and_a_class() {
    let place = changed();
    place.rewrite(&A_AND_B.replace("name: b,", "name: c,"));
    place.edit_pbx(|pbx| pbx["trunks"].as_array_mut().unwrap().retain(|trunk| trunk["trunkname"] != "b"));
    let run = place.expect(2, "drift --sandbox");
    assert!(run.stdout.contains("port = 5060 -> 5099") || run.stdout.contains("port = 5099 -> 5060"), "{}", run.stdout);
    assert!(!run.stdout.contains("hq/trunk/lab-1"), "what is unmanaged is counted: {}", run.stdout);
    let more = place.expect(2, "drift --sandbox -v").stdout;
    assert!(more.contains("  unmanaged        hq/trunk/lab-1\n"), "{more}");
    let document = place.expect(2, "drift --sandbox --format json").json();
    assert_eq!(of_class(&document, "changed_outside"), ["hq/trunk/a"]);
    assert_eq!(of_class(&document, "deleted_outside"), ["hq/trunk/b"]);
    assert_eq!(of_class(&document, "not_applied"), ["hq/trunk/c"]);
    assert_eq!(json!(of_class(&document, "unmanaged").len()), document["summary"]["unmanaged"]);
    let document = place.expect(1, &format!("drift --sandbox --format json {UNREADABLE}")).json();
    assert_eq!(of_class(&document, "incomplete")[0], "hq/trunk");
}

#[test]
fn what_nobody_asks_for_is_no_difference() {
    let place = Place::desired("");
    let document = place.expect(0, "drift --sandbox --format json").json();
    assert!(of_class(&document, "unmanaged").contains(&"hq/trunk/lab-1"), "{document}");
}

#[test]
fn known_drift_is_shown_and_does_not_count_until_its_day() {
    let place = changed();
    let entry = |expires: &str| {
        format!("  - {{ address: hq/trunk/a, fields: [port], reason: \"lab \\e[2J\", expires: {expires} }}\n")
    };
    baseline(&place, &entry("9999-12-31"));
    let run = place.expect(0, "drift --sandbox --baseline known.yaml");
    assert!(run.stdout.contains("  known            hq/trunk/a  (desired-state.yaml:"), "{}", run.stdout);
    assert!(run.stdout.contains("changed_outside, known until 9999-12-31: lab "), "{}", run.stdout);
    assert!(
        run.stdout.contains("No drift beside what is known (1).") && !run.stdout.contains('\u{1b}'),
        "{}",
        run.stdout
    );
    let document = place.expect(0, "drift --sandbox --baseline known.yaml --format json").json();
    assert_eq!((&document["summary"]["known"], &document["summary"]["changed_outside"]), (&json!(1), &json!(0)));
    let item = document["items"].as_array().unwrap().iter().find(|item| item["class"] == "changed_outside").unwrap();
    assert_eq!(item["known"]["source"], json!({ "file": "known.yaml", "line": 3, "column": 5 }));
    let sarif = place.expect(0, "drift --sandbox --baseline known.yaml --format sarif").json();
    assert_eq!(sarif["runs"][0]["results"][0]["suppressions"][0]["kind"], "external");
    // Another field differs too.
    place.edit_pbx(|pbx| {
        pbx["trunks"].as_array_mut().unwrap().iter_mut().for_each(|trunk| {
            if trunk["trunkname"] == "a" {
                trunk["domain"] = json!("elsewhere.example");
            }
        });
    });
    place.expect(2, "drift --sandbox --baseline known.yaml").says("warning[stale_baseline]").says("known.yaml:3:5");
    baseline(&place, "  - { address: hq/trunk/a, reason: r, expires: 2000-01-01 }\n");
    place.expect(2, "drift --sandbox --baseline known.yaml").says("warning[expired_baseline]").says("known.yaml:3:5");
}

#[test]
fn a_baseline_that_is_wrong_is_bad_input() {
    let place = changed();
    for (text, says) in [
        ("  - { address: hq, reason: r, expires: tomorrow }\n", "known.yaml:3:40"),
        ("  - { address: hq, reason: r, expires: 2999-01-01, clas: x }\n", "unknown field"),
        ("  - { address: hq, expires: 2999-01-01 }\n", "without `reason`"),
        ("  - [\n", "known.yaml:"),
    ] {
        baseline(&place, text);
        let run = place.expect(1, "drift --sandbox --baseline known.yaml --format json");
        assert_eq!(run.says(says).json()["items"], json!([]), "{text}");
    }
    place.expect(1, "drift --sandbox --baseline none.yaml").says("none.yaml: no such file");
}

#[test]
fn a_nightly_run_speaks_only_of_what_is_new() {
    let place = Place::desired(A_AND_B);
    place.expect(0, "apply --sandbox --auto-approve");
    let night = |code: i32, more: &str| -> Run {
        place.expect(code, &format!("drift --sandbox --notify-on-change told.json {more}"))
    };
    assert!(night(0, "").stdout.starts_with("No drift."));
    port(&place, "a", "5099");
    assert!(night(2, "").stdout.contains("hq/trunk/a"));
    let told = place.read("told.json");
    let same = night(0, "").stdout;
    let line =
        format!("No new drift: 1 difference, told first on {}.\n", place.json("told.json")["since"].as_str().unwrap());
    assert_eq!((same, place.read("told.json")), (line, told.clone()));
    let document = night(0, "--format json").json();
    assert_eq!((&document["told"]["news"], &document["summary"]["changed_outside"]), (&json!("same"), &json!(1)));
    // What wasn't seen is neither forgotten nor told, and a failure is never silent.
    let failed = night(1, UNREADABLE);
    assert!(failed.stdout.contains("not everything could be read"), "{}", failed.stdout);
    night(1, "-f missing.yaml");
    night(1, "--report json=/nowhere/r.json");
    assert_eq!(place.read("told.json"), told);
    assert_eq!(night(0, "").stdout.lines().count(), 1);
    port(&place, "b", "5099");
    assert_eq!(night(2, "--format json").json()["told"]["news"], "changed");
    place.expect(0, "apply --sandbox --auto-approve");
    let gone = night(0, "").stdout;
    assert!(gone.starts_with("What was told on ") && gone.contains("No drift."), "{gone}");
    assert!(night(0, "").stdout.starts_with("No drift."));
}

#[test]
fn a_memory_that_is_damaged_forgets_and_says_so() {
    let place = changed();
    place.expect(2, "drift --sandbox --notify-on-change told.json");
    for damage in ["", "{", "{\"schema\": \"sipform.plan/v1\"}"] {
        place.write("told.json", damage);
        place.expect(2, "drift --sandbox --notify-on-change told.json").says("warning[told_file]");
        place.expect(0, "drift --sandbox --notify-on-change told.json");
    }
    place.expect(1, "drift --sandbox --notify-on-change nowhere/told.json").says("nowhere/told.json can't be written");
}

#[test]
fn metrics_are_written_whatever_comes_of_the_run() {
    let place = changed();
    let run = |code: i32, more: &str| -> String {
        place.expect(code, &format!("drift --sandbox --metrics sipform.prom {more}"));
        place.read("sipform.prom")
    };
    let of_a =
        |metric: &str, class: &str| format!("sipform_drift_{metric}{{target=\"hq\",kind=\"trunk\",class=\"{class}\"}}");
    let success = "sipform_drift_last_success_timestamp_seconds";
    let good = run(2, "");
    assert_eq!(value(&good, &of_a("objects", "changed_outside")), Some(1.0), "{good}");
    assert_eq!(value(&good, &of_a("objects", "deleted_outside")), Some(0.0), "a zero for an alert: {good}");
    assert_eq!(value(&good, "sipform_drift_target_up{target=\"hq\"}"), Some(1.0), "{good}");
    assert!(value(&good, success) > Some(1.7e9) && value(&good, "sipform_drift_requests") > Some(1.0), "{good}");
    let then = value(&good, success);
    for (failed, up) in [(run(1, UNREADABLE), Some(0.0)), (run(1, "-f missing.yaml"), None)] {
        assert_eq!(value(&failed, success), then, "{failed}");
        assert!(value(&failed, "sipform_drift_last_run_timestamp_seconds") >= then, "{failed}");
        assert_eq!(value(&failed, "sipform_drift_target_up{target=\"hq\"}"), up, "{failed}");
    }
    baseline(&place, "  - { address: hq, reason: r, expires: 9999-12-31 }\n");
    let known = run(0, "--baseline known.yaml");
    assert_eq!(value(&known, &of_a("objects", "changed_outside")), Some(0.0), "{known}");
    assert_eq!(value(&known, &of_a("known", "changed_outside")), Some(1.0), "{known}");
    place.expect(1, "drift --sandbox --metrics nowhere/m.prom").says("nowhere/m.prom can't be written");
    let left: Vec<_> =
        place.files().into_iter().filter(|(name, _)| name.contains("prom.") || name.ends_with("tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

/// The collector is another user.
#[cfg(unix)]
#[test]
fn metrics_are_for_everybody_to_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::desired("");
    let program = env!("CARGO_BIN_EXE_sipform");
    let script = format!("umask 077 && {program} drift --sandbox --metrics m.prom --notify-on-change told.json");
    assert!(place.shell(&script).status.success());
    let mode = std::fs::metadata(place.path("m.prom")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644);
}

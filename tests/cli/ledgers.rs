//! The ledger, its lock and its journal as files.

use std::fs::File;

use crate::harness::{Place, Started};

const TRUNK: &str = "trunks: [{ name: a, target: hq, type: peer, host: a.example, domain: a.example }]\n";
const LEDGER: &str = ".sipform/sandbox/ledger.json";
const HOLDER: &str = r#"{"process": 4711, "host": "build-7", "since": "2026-11-22T01:00:00Z"}"#;

/// Takes the lock as another apply does.
fn hold(place: &Place) -> File {
    place.write(&format!("{LEDGER}.lock"), HOLDER);
    let file = File::open(place.path(&format!("{LEDGER}.lock"))).unwrap();
    file.lock().unwrap();
    file
}

#[test]
fn a_lock_that_another_holds_is_not_waited_for() {
    let place = Place::desired(TRUNK);
    let _held = hold(&place);
    let apply = place.expect(3, "apply --sandbox --auto-approve");
    insta::assert_snapshot!(apply.stderr, @r"
    error[locked]: another apply holds the ledger's lock: process 4711 on build-7, since 2026-11-22T01:00:00Z
      = help: wait for it, or give a time to wait with --lock-timeout 5m; a lock dies with its holder
    ");
    let document = place.expect(3, "apply --sandbox --auto-approve --format json").json();
    assert_eq!(document["diagnostics"][0]["code"], "locked");
    place.expect(3, "apply --sandbox --auto-approve --lock-timeout 10ms").says("process 4711 on build-7");
    // Who only looks needs no lock.
    place.expect(2, "plan --sandbox --detailed-exitcode");
    place.expect(2, "drift --sandbox");
}

#[test]
fn a_lock_is_waited_for_on_demand() {
    let place = Place::desired(TRUNK);
    let held = hold(&place);
    let mut apply = Started::new(&place, "apply --sandbox --auto-approve --lock-timeout 5m");
    apply.wait_for("process 4711 on build-7, since 2026-11-22T01:00:00Z; waiting up to 5m");
    drop(held);
    assert_eq!(apply.end().code, 0);
}

#[test]
fn a_wrong_duration_is_bad_input() {
    let place = Place::desired(TRUNK);
    for wrong in ["5", "m", "5h", "99999999999999999999s", "999999999999999999m", "1.5s"] {
        place.expect(1, &format!("apply --sandbox --auto-approve --lock-timeout {wrong}")).says("--lock-timeout");
    }
    for fine in ["0s", "18446744073709551615s"] {
        place.expect(0, &format!("apply --sandbox --auto-approve --lock-timeout {fine}"));
    }
}

#[test]
fn the_lock_is_left_without_a_name() {
    let place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve");
    assert_eq!(place.read(&format!("{LEDGER}.lock")), "");
    assert_eq!(place.read(".sipform/.gitignore"), "*\n");
}

#[test]
fn without_a_ledger_nothing_is_deleted() {
    let place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve");
    std::fs::remove_file(place.path(LEDGER)).unwrap();
    place.rewrite("");
    place.expect(0, "plan --sandbox --detailed-exitcode");
    place.rewrite(TRUNK);
    let adopted = place.expect(0, "apply --sandbox --auto-approve");
    assert!(adopted.stdout.contains("1 unchanged (1 to adopt)"), "{}", adopted.stdout);
    place.rewrite("");
    place.expect(2, "plan --sandbox --detailed-exitcode");
}

#[test]
fn a_ledger_that_cannot_be_used_stops_everything() {
    let place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve");
    let good = place.read(LEDGER);
    let mixed = good.replace("\"sandbox\": true", "\"sandbox\": false");
    assert_ne!(good, mixed);
    for (text, says) in [
        ("", "is damaged"),
        ("{\"schema\": \"sipform.ledger/v1\"", "is damaged: line 1"),
        ("[]", "is damaged"),
        ("{\"schema\": \"sipform.ledger/v1\"}", "is damaged"),
        (&good.replace("ledger/v1", "ledger/v2"), "was written by a newer sipform (schema sipform.ledger/v2)"),
        (&good.replace("sipform.ledger/v1", "terraform"), "its schema isn't sipform.ledger/v1"),
        (&mixed, "belongs to real targets, and this run is against the sandbox"),
    ] {
        place.write(LEDGER, text);
        let live = place.live("hq");
        for command in ["plan", "apply --auto-approve", "drift"] {
            place.expect(1, &format!("{command} --sandbox")).says(says).says("help: ");
            place.expect(1, &format!("{command} --sandbox --format json")).json();
        }
        assert_eq!((place.live("hq"), place.read(LEDGER)), (live, text.to_owned()), "nothing is touched");
    }
}

#[test]
fn a_ledger_can_be_elsewhere() {
    let mut place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve --ledger state/our.json");
    assert!(place.path("state/our.json").exists() && !place.path(LEDGER).exists());
    place.set("SIPFORM_LEDGER", "state/our.json");
    place.rewrite("");
    place.expect(2, "plan --sandbox --detailed-exitcode");
    // The real targets' runs have nothing to do with it.
    place.set("HQ", "x");
    place.set("CC", "x");
    place.expect(1, "plan --target hq").says("belongs to the sandbox, and this run is against real targets");
}

#[test]
fn a_journal_that_a_killed_run_left_gives_its_objects_back() {
    let place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve");
    std::fs::remove_file(place.path(LEDGER)).unwrap();
    place.write(
        &format!("{LEDGER}.journal"),
        "{\"address\":\"hq/trunk/a\",\"action\":\"create\"}\n{\"address\":\"hq/tr",
    );
    place.expect(0, "apply --sandbox --auto-approve");
    assert!(!place.path(&format!("{LEDGER}.journal")).exists());
    assert!(place.read(LEDGER).contains("\"a\""));
}

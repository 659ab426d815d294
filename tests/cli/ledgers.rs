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
    // With a good ledger `a` would be deleted.
    place.rewrite("");
    let mixed = good.replace("\"sandbox\": true", "\"sandbox\": false");
    assert_ne!(good, mixed);
    for (text, says) in [
        ("", "is damaged: it is empty"),
        ("{\"schema\": \"sipform.ledger/v1\"", "is damaged: line 1"),
        ("[]", "is damaged"),
        ("{\"schema\": \"sipform.ledger/v1\"}", "is damaged"),
        (&good.replace("ledger/v1", "ledger/v2"), "was written by a newer sipform (schema sipform.ledger/v2)"),
        (&good.replace("ledger/v1", "ledger/v0"), "was written by an older sipform (schema sipform.ledger/v0)"),
        ("\u{fffd}\0\u{1b}[2J", "is damaged: line 1"),
        (&good.replace("sipform.ledger/v1", "terraform"), "its schema isn't sipform.ledger/v1"),
        (&mixed, "belongs to real targets, and this run is against the sandbox"),
    ] {
        place.write(LEDGER, text);
        let live = place.live("hq");
        for command in ["plan", "apply --auto-approve", "drift"] {
            place.expect(1, &format!("{command} --sandbox")).says(says).says(LEDGER).says("help: ");
            place.expect(1, &format!("{command} --sandbox --format json")).json();
        }
        assert_eq!((place.live("hq"), place.read(LEDGER)), (live, text.to_owned()), "nothing is touched");
    }
}

/// Whatever became of its last bytes, nothing is deleted on the strength of what is left.
#[test]
fn a_ledger_that_was_cut_deletes_nothing() {
    let place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve");
    let (good, live) = (std::fs::read(place.path(LEDGER)).unwrap(), place.live("hq"));
    place.rewrite("");
    let step = good.len() / 20;
    for cut in (0..good.len() - 1).step_by(step) {
        std::fs::write(place.path(LEDGER), &good[..cut]).unwrap();
        place.expect(1, "apply --sandbox --auto-approve").says("is damaged: ");
    }
    assert_eq!(place.live("hq"), live);
}

#[cfg(unix)]
#[test]
fn a_ledger_that_is_no_file_stops_everything() {
    use std::os::unix::fs::symlink;
    let place = Place::desired(TRUNK);
    place.write("file", "");
    std::fs::create_dir(place.path("folder")).unwrap();
    symlink("nowhere/ledger.json", place.path("dangling")).unwrap();
    symlink("/dev/zero", place.path("endless")).unwrap();
    for (path, says) in [
        ("folder", "can't be read: it is a folder, not a file"),
        ("endless", "can't be read: it is a device, not a file"),
        ("dangling", "the ledger dangling is a link to nowhere/ledger.json, which isn't there"),
        ("file/ledger.json", "file/ledger.json"),
    ] {
        for command in ["plan", "apply --auto-approve", "drift"] {
            // Beside a device there is no place for a lock.
            if path == "endless" && command.starts_with("apply") {
                continue;
            }
            place.expect(1, &format!("{command} --sandbox --ledger {path}")).says(says).says("help: ");
        }
    }
    assert_eq!(place.live("hq"), serde_json::Value::Null);
}

/// A backup knows less: what was made since isn't ours any more until it is applied again, and nothing of it goes.
#[test]
fn an_older_ledger_is_more_careful() {
    let place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve");
    let backup = place.read(LEDGER);
    place.rewrite(&TRUNK.replace(
        "a.example, domain: a.example }",
        "a.example, domain: a.example }, { name: b, target: hq, type: peer, host: b.example, domain: b.example }",
    ));
    place.expect(0, "apply --sandbox --auto-approve");
    // `a` is made anew by other hands, under another id, and `b` leaves the YAML.
    place.edit_pbx(|state| {
        let trunks = state["trunks"].as_array_mut().unwrap();
        trunks.iter_mut().find(|trunk| trunk["trunkname"] == "a").unwrap()["id"] = "4711".into();
    });
    place.write(LEDGER, &backup);
    place.rewrite("");
    let live = place.live("hq");
    place.expect(0, "plan --sandbox --detailed-exitcode");
    place.expect(0, "apply --sandbox --auto-approve");
    assert_eq!(place.live("hq"), live);
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

const JOURNAL: &str = ".sipform/sandbox/ledger.json.journal";

/// A journal's line about `hq/trunk/a`, and something more in it.
fn line(more: &str) -> String {
    format!("{{\"address\":\"hq/trunk/a\",\"action\":\"create\"{more}}}\n")
}

/// Somebody's trunk `a`, in no YAML and no ledger.
fn with_a_trunk() -> Place {
    let place = Place::desired(TRUNK);
    place.expect(0, "apply --sandbox --auto-approve");
    std::fs::remove_file(place.path(LEDGER)).unwrap();
    place.rewrite("trunks: [{ name: test, target: hq, type: peer, host: 192.168.6.36, domain: 192.168.6.36, ignore_fields: [dod] }]\n");
    place.expect(0, "apply --sandbox --auto-approve");
    place
}

#[test]
fn plan_and_drift_show_what_apply_will_do_about_a_killed_run() {
    let place = with_a_trunk();
    place.expect(0, "plan --sandbox --detailed-exitcode");
    place.write(JOURNAL, &line(""));
    let ledger = place.read(LEDGER);
    for command in ["plan --detailed-exitcode", "drift"] {
        let run = place.expect(2, &format!("{command} --sandbox"));
        assert!(run.stdout.contains("hq/trunk/a"), "{}", run.stdout);
    }
    place.expect(0, "import --sandbox");
    assert_eq!((place.read(LEDGER), place.read(JOURNAL)), (ledger, line("")), "who looks writes nothing");
    let apply = place.expect(0, "apply --sandbox --auto-approve");
    assert!(apply.stdout.contains("done     delete hq/trunk/a"), "{}", apply.stdout);
    assert!(!place.path(JOURNAL).exists());
}

#[test]
fn what_a_journal_says_of_another_box_or_of_a_refusal_is_no_claim() {
    for more in [
        ",\"url\":\"https://192.168.5.151:8088\"",
        ",\"result\":\"failed\"",
        ",\"result\":\"stale\"",
        ",\"action\":\"update\"",
    ] {
        let place = with_a_trunk();
        place.write(JOURNAL, &line(more).replace("\"action\":\"create\",\"action\"", "\"action\""));
        place.expect(0, "plan --sandbox --detailed-exitcode");
        place.expect(0, "apply --sandbox --auto-approve");
        assert!(!place.path(JOURNAL).exists(), "{more}");
    }
    let place = with_a_trunk();
    place.write(JOURNAL, &line(",\"url\":\"https://192.168.5.150:8088\""));
    place.expect(2, "plan --sandbox --detailed-exitcode");
}

#[test]
fn a_journal_with_lines_of_others_is_told_once() {
    let place = with_a_trunk();
    let text = format!("hello\n{}\u{1b}[2J\n{{\"addr", line(",\"result\":\"failed\""));
    place.write(JOURNAL, &text);
    for command in ["plan", "drift", "apply --auto-approve"] {
        let run = place.expect(0, &format!("{command} --sandbox"));
        let message = format!("warning[journal]: the journal {JOURNAL} holds 2 lines that can't be read");
        assert_eq!(run.stderr.matches(&message).count(), 1, "{}", run.stderr);
    }
    assert!(!place.path(JOURNAL).exists());
}

#[test]
fn a_journal_that_cannot_be_used_stops_everything() {
    let place = with_a_trunk();
    std::fs::create_dir(place.path(JOURNAL)).unwrap();
    for command in ["plan", "apply --auto-approve", "drift"] {
        let run = place.expect(1, &format!("{command} --sandbox"));
        run.says(&format!("error[journal]: the journal {JOURNAL} can't be used: it is a folder, not a file"))
            .says("help: ");
    }
}

/// Without its note nothing is sent; and what was sent before the disk was full is known to the next run.
#[cfg(unix)]
#[test]
fn a_full_disk_sends_nothing_that_no_run_would_know_of() {
    let (home, served) = (Place::new(), |place: &Place| crate::wire::Served::new(place, ""));
    let served = served(&home);
    let place = crate::wire::real(&served.url, TRUNK);
    std::fs::create_dir(place.path(".sipform")).unwrap();
    place.write(".sipform/.gitignore", "*\n");
    let before = home.read("served/yeastar.box.json");
    // No file may grow, and the signal about it is ignored.
    let script = format!("trap '' XFSZ; ulimit -f 0; exec {} apply --auto-approve", env!("CARGO_BIN_EXE_sipform"));
    let output = place.shell(&script);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(4), "{stdout}");
    assert!(stdout.contains("nothing was sent for this change [journal]"), "{stdout}");
    assert_eq!(home.read("served/yeastar.box.json"), before);
    // A ledger that can't be written: the journal stays, and gives the next run its claims.
    std::fs::create_dir(place.path(".sipform/ledger.json.new")).unwrap();
    place.expect(4, "apply --auto-approve").says("ledger.json can't be written");
    assert!(place.path(".sipform/ledger.json.journal").exists() && !place.path(".sipform/ledger.json").exists());
    std::fs::remove_dir(place.path(".sipform/ledger.json.new")).unwrap();
    place.write("desired-state.yaml", &crate::wire::desired(&served.url, &served.url, ""));
    let apply = place.expect(0, "apply --auto-approve");
    assert!(apply.stdout.contains("done     delete hq/trunk/a"), "{}", apply.stdout);
}

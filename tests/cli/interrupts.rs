//! Signals, and readers that go away.
#![cfg(unix)]

use crate::harness::{Place, Run, Started};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::wire::{Fixed, Served, Tap, answer, real};

const TRUNKS: &str = "trunks:
  - { name: a, target: hq, type: peer, host: a.example, domain: a.example }
  - { name: b, target: hq, type: peer, host: b.example, domain: b.example }
  - { name: c, target: hq, type: peer, host: c.example, domain: c.example }
";

fn served(faults: &str) -> (Place, Served, Place) {
    let home = Place::new();
    let served = Served::new(&home, faults);
    let place = real(&served.url, TRUNKS);
    (home, served, place)
}

fn interrupted(signal: &str, line: &str) -> (Run, Place, Place, Served) {
    // The first create is quick, so that there is a line to wait for; the second one takes its time.
    let (home, served, place) = served("--fault slow=1:trunk/add_siptrunk:1 --fault slow=400:trunk/add_siptrunk:*");
    let mut apply = Started::new(&place, line);
    apply.wait_for("[1/3] sent     create hq/trunk/a");
    apply.signal(signal);
    apply.wait_for("interrupted: finishing what is in flight; once more to stop at once");
    (apply.end(), place, home, served)
}

#[test]
fn the_first_signal_ends_an_apply_well() {
    let signals: &[&str] = if cfg!(target_os = "linux") { &["INT", "TERM", "HUP"] } else { &["INT", "TERM"] };
    for signal in signals {
        let (run, place, home, _served) = interrupted(signal, "apply --auto-approve");
        assert_eq!(run.code, 130, "{}", run.stderr);
        let report = run.stdout.split_once("ignored.\n").unwrap().1;
        assert!(report.contains("  done     create hq/trunk/a\n"), "{report}");
        assert!(
            report.contains("  skipped  create hq/trunk/c: the run was interrupted before it was sent [interrupted]\n"),
            "{report}"
        );
        assert!(report.ends_with("skipped, 0 unknown.\n") && report.contains("Interrupted: "), "{report}");
        let (ledger, live) = (place.read(".sipform/ledger.json"), home.read("served/yeastar.box.json"));
        for trunk in ["\"a\"", "\"b\"", "\"c\""] {
            assert_eq!(ledger.contains(trunk), live.contains(trunk), "{trunk}: the ledger knows what was made");
        }
        place.expect(0, "apply --auto-approve");
        place.expect(0, "plan --detailed-exitcode");
    }
}

#[test]
fn an_interrupted_apply_reports_in_json_too() {
    let (run, ..) = interrupted("INT", "apply --auto-approve --format json");
    let report = run.json();
    assert_eq!((run.code, &report["interrupted"]), (130, &true.into()));
    assert_eq!(report["results"].as_array().unwrap().len(), 3);
}

#[test]
fn the_second_signal_stops_at_once() {
    let (_home, _served, place) =
        served("--fault slow=1:trunk/add_siptrunk:1 --fault slow=600000:trunk/add_siptrunk:*");
    let mut apply = Started::new(&place, "apply --auto-approve");
    apply.wait_for("[1/3]");
    apply.signal("INT");
    apply.wait_for("interrupted: ");
    apply.signal("INT");
    assert_eq!(apply.end().code, 130);
    // What it made is ours all the same: the journal knows.
    place.expect(0, "apply --auto-approve --target hq/trunk/a");
    assert!(place.read(".sipform/ledger.json").contains("\"a\""));
}

#[test]
fn who_only_reads_stops_at_the_first_signal() {
    for (line, schema) in [
        ("plan --format json", "sipform.plan/v1"),
        ("drift --format json", "sipform.drift/v1"),
        ("import --format json", "sipform.import/v1"),
        ("apply --auto-approve --format json", "sipform.apply/v1"),
    ] {
        let (_home, _served, place) = served("--fault slow=600000:trunk/list:*");
        let mut run = Started::new(&place, &format!("{line} -vv"));
        run.wait_for("path=\"/api/v2.0.0/login\"");
        run.signal("INT");
        let run = run.end();
        assert_eq!(run.code, 130, "{line}: {}", run.stderr);
        assert_eq!(run.json()["schema"], schema);
        run.says("interrupted before anything was sent");
    }
}

#[test]
fn the_session_is_logged_out_after_an_interrupt() {
    for (line, slow, wait) in [
        ("plan", "trunk/list:*", "path=\"/api/v2.0.0/login\""),
        ("import", "trunk/list:*", "path=\"/api/v2.0.0/login\""),
        ("apply --auto-approve", "trunk/list:*", "path=\"/api/v2.0.0/login\""),
        ("apply --auto-approve", "nothing:1", "path=\"/api/v2.0.0/trunk/add_siptrunk\""),
    ] {
        let home = Place::new();
        let served = Served::new(&home, &format!("--fault slow=600000:{slow}"));
        let tap = Tap::new(&served.url);
        let place = real(&tap.url, TRUNKS);
        let mut run = Started::new(&place, &format!("{line} -vv --target hq"));
        run.wait_for(wait);
        run.signal("TERM");
        let run = run.end();
        assert!(run.code == 130 || run.code == 0 && slow == "nothing:1", "{line}: {} {}", run.code, run.stderr);
        assert!(tap.heard().contains("POST /api/v2.0.0/logout?token="), "{line}: {}", run.stderr);
    }
}

/// A PBX that is busy with this call for minutes, and says so.
fn busy(call: &'static str) -> Fixed {
    Fixed::new(move |request| {
        let path = request.split(['?', ' ']).nth(1).unwrap_or_default();
        if path.ends_with(call) {
            let body = json!({"status": "Failed", "errno": "10025"}).to_string();
            return answer("200 OK", "application/json\r\nRetry-After: 250", &body);
        }
        let body = json!({"status": "Success", "token": "t", "trunklist": [], "trunks": []}).to_string();
        answer("200 OK", "application/json", &body)
    })
}

#[test]
fn a_back_off_of_minutes_does_not_hold_the_run() {
    for (line, call) in [
        ("plan", "/trunk/list"),
        ("drift", "/trunk/list"),
        ("import", "/trunk/list"),
        ("apply --auto-approve", "/trunk/list"),
        ("apply --auto-approve", "/add_siptrunk"),
    ] {
        let server = busy(call);
        let place = real(&server.url, TRUNKS);
        let mut run = Started::new(&place, &format!("{line} --target hq -vv --format json"));
        run.wait_for(" s before attempt 2");
        let begun = Instant::now();
        run.signal("INT");
        let run = run.end();
        assert!(begun.elapsed() < Duration::from_secs(20), "{line}: {:?}", begun.elapsed());
        assert_eq!(run.code, 130, "{line}: {}", run.stderr);
        assert!(server.asked().iter().any(|line| line.contains("/logout")), "{line}: {:?}", server.asked());
        let document = run.json();
        if !call.ends_with("list") {
            let first = &document["results"][0];
            assert_eq!(first["outcome"], "failed", "{document}");
            let why = first["error"]["message"].as_str().unwrap();
            assert!(why.contains("too often") && why.contains("interrupted before it could be tried again"), "{why}");
        }
        if call.ends_with("add_siptrunk") {
            assert_eq!(document["summary"]["skipped"], 2, "{document}");
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_that_shall_outlive_its_terminal_does() {
    let (_home, _served, place) = served("--fault slow=300:trunk/add_siptrunk:*");
    let direct = place.command("apply --auto-approve");
    let mut command = Command::new("sh");
    // As nohup does it.
    command.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(direct.get_program()).args(direct.get_args());
    command.env_clear().envs(direct.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.current_dir(direct.get_current_dir().unwrap());
    command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let mut apply = Started::of(command.spawn().unwrap());
    apply.wait_for("[1/3]");
    apply.signal("HUP");
    let run = apply.end();
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn a_wait_for_a_lock_can_be_interrupted() {
    let place = Place::desired(TRUNKS);
    place.write(".sipform/sandbox/ledger.json.lock", "");
    let lock = std::fs::File::open(place.path(".sipform/sandbox/ledger.json.lock")).unwrap();
    lock.lock().unwrap();
    let mut apply = Started::new(&place, "apply --sandbox --auto-approve --lock-timeout 10m");
    apply.wait_for("another apply holds the ledger's lock; waiting up to 10m");
    apply.signal("TERM");
    assert_eq!(apply.end().code, 130);
}

#[test]
fn a_served_sandbox_ends_with_a_signal() {
    let place = Place::new();
    let mut serve = place.command("sandbox serve --listen 127.0.0.1:0").spawn().unwrap();
    let mut first = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(serve.stdout.take().unwrap()), &mut first).unwrap();
    assert!(first.starts_with("Sandbox on http://127.0.0.1:"), "{first}");
    std::process::Command::new("kill").args(["-s", "TERM", &serve.id().to_string()]).status().unwrap();
    assert_eq!(serve.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for line in [
        "plan --sandbox",
        "plan --sandbox --format json",
        "plan --help",
        "apply --sandbox --auto-approve",
        "drift --sandbox --format json",
        "import --sandbox",
        "validate --format json",
        "--version",
    ] {
        let place = Place::desired(
            "trunks: [{ name: test, target: hq, type: peer, host: 192.168.6.36, domain: 192.168.6.36, dod: { groups: [{ number: \"5503301\", name: yeastar, group: sales }, { number: \"5503302\", name: yealink, group: support }] } }]",
        );
        let mut child = place.command(line).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{line}: {stderr}");
        assert!(!stderr.contains("panicked") && !stderr.contains("can't be written"), "{line}: {stderr}");
    }
}

#[test]
fn messages_that_nobody_reads_are_no_failure() {
    let place = Place::desired(TRUNKS);
    let mut child = place.command("apply --sandbox --auto-approve -vvv").spawn().unwrap();
    drop(child.stderr.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .ends_with("Apply: 3 done, 0 failed, 0 stale, 0 skipped, 0 unknown.\n")
    );
}

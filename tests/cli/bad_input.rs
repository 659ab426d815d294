//! What is wrong gives one clear message, the documented exit code, a document where one was asked for, and no write.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::harness::{Place, Run};
use crate::wire::{Fixed, Served, closed, desired, real};

const TRUNK: &str = "trunks: [{ name: a, target: hq, type: peer, host: a.example, domain: a.example }]\n";
/// Every command that reads the YAML, with its schema.
const COMMANDS: [(&str, &str); 5] = [
    ("validate", "sipform.validate/v1"),
    ("plan", "sipform.plan/v1"),
    ("apply --auto-approve", "sipform.apply/v1"),
    ("drift", "sipform.drift/v1"),
    ("import", "sipform.import/v1"),
];

/// The errors' codes in a document.
fn codes(document: &Json) -> Vec<&str> {
    let all = document["diagnostics"].as_array().unwrap().iter();
    all.filter(|one| one["severity"] == "error").map(|one| one["code"].as_str().unwrap()).collect()
}

/// Every command refuses it with this error alone, on standard error and in its document. Gives the plan's run.
fn all_refuse(place: &Place, options: &str, code: &str) -> Run {
    let mut last = None;
    for (command, schema) in COMMANDS {
        let run = place.expect(1, &format!("{command} {options}"));
        assert_eq!(run.stdout, "", "{command}");
        assert_eq!(run.stderr.matches(&format!("error[{code}]")).count(), 1, "{command}: {}", run.stderr);
        assert_eq!(run.stderr.matches("error[").count(), 1, "{command}: {}", run.stderr);
        let document = place.expect(1, &format!("{command} {options} --format json")).json();
        assert_eq!((document["schema"].as_str().unwrap(), codes(&document)), (schema, vec![code]), "{command}");
        last = Some(run);
    }
    assert!(!place.path(".sipform/ledger.json").exists() && !place.path(".sipform/sandbox/boxes").exists());
    last.unwrap()
}

#[test]
fn a_missing_file() {
    let run = all_refuse(&Place::new(), "--sandbox", "file_not_found");
    run.says("desired-state.yaml").says("-f FILE");
}

#[test]
fn a_missing_folder() {
    all_refuse(&Place::new(), "--sandbox -f nowhere/", "file_not_found").says("nowhere");
}

#[test]
fn yaml_that_is_none() {
    let place = Place::desired("trunks: [{ name: a, target: hq\n");
    all_refuse(&place, "--sandbox", "yaml_syntax").says("--> desired-state.yaml:6:1");
}

#[test]
fn a_wrong_type() {
    let place = Place::desired(
        "trunks:\n  - { name: a, target: hq, type: peer, host: h.example, domain: h.example, port: high }\n",
    );
    all_refuse(&place, "--sandbox", "wrong_type")
        .says("--> desired-state.yaml:6:82\n")
        .says("`port`")
        .says("expected a whole number from 1 to 65535")
        .says("port: high }\n");
}

#[test]
fn an_unknown_field() {
    let place = Place::desired(
        "trunks:\n  - { name: a, target: hq, type: peer, hosst: h.example, host: h.example, domain: h.example }\n",
    );
    all_refuse(&place, "--sandbox", "unknown_field")
        .says("--> desired-state.yaml:6:")
        .says("did you mean")
        .says("`host`");
}

#[test]
fn a_dangling_target() {
    let place = Place::desired(&TRUNK.replace("hq", "hg"));
    all_refuse(&place, "--sandbox", "unknown_target").says("--> desired-state.yaml:5:").says("hq");
}

#[test]
fn an_address_twice() {
    let place = Place::desired(TRUNK);
    place.write("more/more.yaml", TRUNK);
    let run = all_refuse(&place, "--sandbox -f desired-state.yaml -f more", "duplicate_address");
    run.says("--> desired-state.yaml:5:").says("--> more/more.yaml:1:");
}

#[test]
fn variables_that_are_not_set_are_named_all_at_once() {
    let place = Place::desired(
        "sip_numbers: [{ number: \"2050\", target: cc, password: \"${env:SIP_2050}\" }, { number: \"2051\", target: cc, password: \"${file:secrets/2051}\" }]\n",
    );
    place.expect(0, "validate");
    for (command, schema) in &COMMANDS[1..] {
        let run = place.expect(1, command);
        for name in ["HQ", "CC", "SIP_2050", "secrets/2051"] {
            run.says(name);
        }
        assert_eq!(run.stderr.matches("error[").count(), 4, "{}", run.stderr);
        assert_eq!(&place.expect(1, &format!("{command} --format json")).json()["schema"], schema);
    }
    // What isn't looked at need not be set.
    place.expect(1, "plan --target hq").says("1 error");
}

#[test]
fn a_host_that_does_not_answer() {
    let place = real(&closed(), TRUNK);
    let lines = |format: &'static str| {
        COMMANDS[1..].iter().map(move |(command, _)| format!("{command} {format} --ledger {}.json", format.len()))
    };
    for (line, run) in place.run_all(lines("")) {
        assert_eq!(run.code, 1, "{line}");
        for target in ["cc", "hq"] {
            run.says(&format!("error[target_unreadable]: {target} can't be read: can't connect to 127.0.0.1:"));
        }
        assert_eq!(run.stderr.matches("error[").count(), 2, "{line}: {}", run.stderr);
    }
    for ((line, run), (_, schema)) in place.run_all(lines("--format json")).into_iter().zip(&COMMANDS[1..]) {
        let document = run.json();
        assert_eq!((run.code, document["schema"].as_str().unwrap()), (1, *schema), "{line}");
        assert_eq!(codes(&document), ["target_unreadable"; 2], "{line}");
    }
}

#[test]
fn a_server_that_answers_with_a_page() {
    let server = Fixed::always("200 OK", "text/html; charset=utf-8", "<!DOCTYPE html><title>Sign in</title>");
    let place = real(&server.url, TRUNK);
    for (command, _) in &COMMANDS[1..] {
        let run = place.expect(1, &format!("{command} --target hq"));
        run.says("hq can't be read: ").says("an HTML page (HTTP 200, text/html)").says("is `url` right?");
        assert!(!run.stderr.contains("Sign in"), "{}", run.stderr);
    }
    assert!(server.asked().iter().all(|line| line.contains("/login")), "no session, no call: {:?}", server.asked());
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Fixed::always("200 OK", "application/json", "{}");
    let target = elsewhere.url.clone();
    let server =
        Fixed::new(move |_| crate::wire::answer("307 Moved", &format!("text/html\r\nLocation: {target}/login"), ""));
    let place = real(&server.url, TRUNK);
    for (command, _) in &COMMANDS[1..] {
        let run = place.expect(1, command);
        run.says("redirects are not followed").says("hq can't be read").says("cc can't be read");
    }
    assert_eq!(elsewhere.asked(), Vec::<String>::new());
}

#[test]
fn a_wrong_password_is_tried_once() {
    let refuse = || Fixed::always("200 OK", "application/json", "{\"status\":\"Failed\",\"errno\":\"20003\"}");
    for (command, schema) in &COMMANDS[1..] {
        let (server, other) = (refuse(), refuse());
        let place = real(&server.url, TRUNK);
        place.write("desired-state.yaml", &desired(&server.url, &other.url, TRUNK));
        let document = place.expect(1, &format!("{command} --target hq --format json")).json();
        assert_eq!((document["schema"].as_str().unwrap(), codes(&document)), (*schema, vec!["target_unreadable"]));
        assert_eq!(server.asked(), ["POST /api/v2.0.0/login HTTP/1.1"], "{command}");
        assert_eq!(other.asked(), Vec::<String>::new(), "what isn't selected isn't called");
    }
}

#[test]
fn a_wrong_password_says_so() {
    let home = Place::new();
    let served = Served::new(&home, "");
    let before = (home.read("served/yeastar.box.json"), home.read("served/7moor.box.json"));
    let mut place = real(&served.url, TRUNK);
    place.set("HQ", "wrong");
    place.set("CC", "wrong");
    let plan = place.expect(1, "plan");
    plan.says("hq can't be read: the PBX refuses the API user or its password").says("cc can't be read: ");
    assert_eq!(plan.stderr.matches("error[").count(), 2, "{}", plan.stderr);
    place.expect(1, "apply --auto-approve");
    place.set("CC", "sandbox-secret");
    place.expect(4, "apply --auto-approve").says("hq can't be read");
    assert_eq!(
        before,
        (home.read("served/yeastar.box.json"), home.read("served/7moor.box.json")),
        "nothing was written"
    );
}

#[test]
fn nobody_is_there_to_say_yes() {
    let home = Place::new();
    let served = Served::new(&home, "");
    let before = home.read("served/yeastar.box.json");
    let place = real(&served.url, TRUNK);
    let apply = place.expect(1, "apply");
    assert!(apply.stdout.contains("Plan: 1 to create"), "the plan is shown: {}", apply.stdout);
    apply
        .says("no_terminal")
        .says("there is no terminal to ask for a yes, so nothing was applied")
        .says("--auto-approve");
    let document = place.expect(1, "apply --format json").json();
    assert_eq!(codes(&document), ["no_terminal"]);
    assert_eq!(before, home.read("served/yeastar.box.json"));
}

#[test]
fn a_command_line_that_is_wrong() {
    let place = Place::desired(TRUNK);
    for line in [
        "",
        "plam",
        "plan --sandbocks",
        "plan --format yaml --sandbox",
        "plan --sandbox-fault garbage",
        "plan --allow-deletes many --sandbox",
        "apply a b --sandbox",
        "drift --auto-approve",
        "sandbox",
        "sandbox serve --listen everywhere",
    ] {
        let run = place.expect(1, line);
        assert_eq!(run.stdout, "", "{line}");
        assert!(!run.stderr.is_empty(), "{line}");
    }
    for (line, says) in [
        ("plan --sandbox --sandbox-fault explode", "expected a kind of fault"),
        ("plan --sandbox --replace hq", "--replace: "),
        ("sandbox serve --provider asterisk", "yeastar, openvox, 7moor, itniotech"),
        ("sandbox serve --set password", "--set: expected NAME=VALUE"),
        ("sandbox serve --listen 0.0.0.0:0", "listen on 127.0.0.1"),
        ("sandbox serve --fault explode --listen 127.0.0.1:0", "expected a kind of fault"),
    ] {
        place.expect(1, line).says(says);
    }
    for (line, says) in
        [("--help", "Exit codes:"), ("help apply", "--auto-approve"), ("--version", "sipform 0."), ("plan -h", "--out")]
    {
        assert!(place.expect(0, line).stdout.contains(says), "{line}");
    }
}

#[test]
fn scripts_get_a_document_for_a_wrong_command_line_too() {
    let place = Place::desired(TRUNK);
    for (command, schema) in COMMANDS {
        for asked in ["--format json --sandbocks", "--format=json --sandbocks", "--sandbocks --format json"] {
            let run = place.expect(1, &format!("{command} {asked}"));
            assert_eq!((run.json()["schema"].as_str().unwrap(), codes(&run.json())), (schema, vec!["usage"]));
            run.says("--sandbocks");
        }
    }
    assert_eq!(place.expect(1, "plan --format text --sandbocks").stdout, "");
}

#[test]
fn a_key_that_is_none() {
    let mut place = Place::desired(TRUNK);
    for key in ["short", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", "?"] {
        place.set("SIPFORM_KEY", key);
        place.expect(1, "plan --sandbox").says("SIPFORM_KEY isn't 32 bytes in base64").says("openssl rand -base64 32");
    }
}

#[test]
fn ten_thousand_mistakes_are_counted_and_not_all_shown() {
    let mut entries = String::from("trunks:\n");
    for index in 0..10_000 {
        _ = writeln!(
            entries,
            "  - {{ name: t{index}, target: hq, type: peer, host: h.example, domain: h.example, prot: 1 }}"
        );
    }
    let place = Place::desired(&entries);
    let begun = Instant::now();
    let run = place.expect(1, "plan --sandbox");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    run.says("error: 10,000 errors in 1 file").says("… and 9,9");
    assert!(run.stderr.lines().count() < 1_000, "{}", run.stderr.lines().count());
    let document = place.expect(1, "validate --format json").json();
    assert_eq!(document["errors"], 10_000);
    assert!(document["diagnostics"].as_array().unwrap().len() < 200);
}

#[test]
fn files_that_cannot_be_written() {
    let place = Place::desired(TRUNK);
    place.expect(1, "plan --sandbox --out nowhere/p.json").says("nowhere/p.json can't be written");
    place.expect(1, "import --sandbox --out nowhere/i.yaml").says("nowhere/i.yaml can't be written");
    let import = place.expect(1, "import --sandbox --secrets-out nowhere/s.env --format json");
    assert_eq!(codes(&import.json()), ["file"]);
    place.write("blocked", "a file where a folder is needed");
    place
        .expect(1, "apply --sandbox --auto-approve --ledger blocked/ledger.json")
        .says("blocked/ledger.json.lock can't be taken");
    assert_eq!(place.live("hq"), json!(null), "nothing was sent");
}

#[test]
fn a_plan_that_could_not_be_saved_is_one_document_all_the_same() {
    let place = Place::desired(TRUNK);
    let run = place.expect(1, "plan --sandbox --out nowhere/p.json --format json");
    assert_eq!(codes(&run.json()), ["file"]);
}

#[test]
fn an_account_that_the_platform_would_drop_is_told_before_it_comes_to_nothing() {
    let place = Place::new();
    let warned = |fields: &str| {
        let head =
            "version: 1\ntargets: { v: { provider: itniotech, api_key: k, api_secret: \"${env:S}\", app_id: a1 } }\n";
        let entry = "{ name: t, target: v, direction: outbound, gateway_ip: 203.0.113.7, groups: [{ group: g }]";
        place.write("desired-state.yaml", &format!("{head}call_center_trunks: [{entry}, {fields} }}]\n"));
        place.expect(0, "validate").stderr.matches("warning[field_without_use]").count()
    };
    assert_eq!(warned("register: false, username: u, password: \"${env:P}\""), 2);
    assert_eq!(warned("username: u"), 1, "no is the default");
    assert_eq!(warned("register: true, username: u, password: \"${env:P}\""), 0);
    assert_eq!(warned("register: false, username: \"\""), 0);
    assert_eq!(warned("register: \"${env:R}\", username: u, password: \"${env:P}\""), 0, "nobody knows yet");
    assert_eq!(warned("username: u, ignore_fields: [username]"), 0);
}

//! No secret gets out: every place where one can be is planted with a canary, and everything that comes out is searched.

use std::collections::BTreeSet;

use crate::harness::{Place, Run, boxed};
use crate::wire::{Fixed, Served, Tap, answer};

/// What every planted secret holds.
const CANARY: &str = "CANARY";
const FORMATS: [&str; 2] = ["text", "json"];
/// The HTTP libraries' own logs hold whole requests.
const FILTERS: [&str; 3] =
    ["trace", "sipform=trace", "reqwest=trace,hyper=trace,hyper_util=trace,rustls=trace,h2=trace"];

const ENTRIES: &str = "
trunks:
  - { name: a, target: hq, type: register, host: a.example, domain: a.example, username: u, auth_name: u, password: \"${env:TRUNK}\" }
  - name: b # CANARY-in-a-comment
    target: hq
    type: account
    username: b
    auth_name: b
    password: CANARY-literal
  - { name: branch-door, target: hq, type: account, username: door, auth_name: door, password: \"${file:secrets/door}\" }
sip_numbers:
  - { number: \"2050\", target: cc, password: \"${env:TRUNK}\" }
  - { number: \"2001\", target: cc, password: CANARY-another-literal, nat: true }
removed:
  - { address: hq/trunk/old-carrier, delete: true }
  - { address: cc/sip_number/2003, delete: true }
";

/// Targets behind these addresses, and nothing in the environment or beside the YAML that isn't planted.
fn planted(pbx: &str, centre: &str, entries: &str) -> Place {
    let mut place = Place::new();
    place.set("PBX", "CANARY-pbx-password");
    place.set("TRUNK", "CANARY-from-env");
    place.write("secrets/centre", "CANARY-app-secret\n");
    place.write("secrets/door", "CANARY-from-file\n");
    let limits = "limits: { requests_per_second: 1000, timeout: 1s }";
    let targets = format!(
        "version: 1\ntargets:\n  hq: {{ provider: yeastar, url: \"{pbx}\", username: api, password: \"${{env:PBX}}\", {limits} }}\n  \
         cc: {{ provider: 7moor, url: \"{centre}\", app_key: \"2000113\", secret: \"${{file:secrets/centre}}\", {limits} }}\n"
    );
    place.write("desired-state.yaml", &(targets + entries));
    place
}

/// The served sandbox with the planted credentials and canaries on its boxes.
fn served(home: &Place, faults: &str) -> Served {
    let plant = |seed: &str| -> String {
        let mut state: serde_json::Value = serde_json::from_str(seed).unwrap();
        for list in ["trunks", "numbers"] {
            let objects = state.get_mut(list).and_then(|list| list.as_array_mut());
            for (index, object) in objects.into_iter().flatten().enumerate() {
                if object.get("password").is_some() {
                    object["password"] = format!("CANARY-live-{index}").into();
                }
            }
        }
        state.to_string()
    };
    home.write(
        "served/yeastar.box.json",
        &boxed("yeastar", &plant(include_str!("../../examples/sandbox/yeastar.json"))),
    );
    home.write("served/7moor.box.json", &boxed("7moor", &plant(include_str!("../../examples/sandbox/7moor.json"))));
    Served::new(home, &format!("--set password=CANARY-pbx-password --set secret=CANARY-app-secret {faults}"))
}

/// What may not get out: the canaries, and what the wire's recording shows to be derived from them.
fn forbidden(heard: &str) -> BTreeSet<String> {
    let mut all: BTreeSet<_> = [CANARY.to_owned(), "AAECAwQFBgcICQoLDA0".to_owned()].into();
    for (before, after) in
        [("token=", " &"), ("\"token\":\"", "\""), ("\"password\":\"", "\""), ("m7-sign: ", "\r"), ("M7-Sign: ", "\r")]
    {
        for found in heard.split(before).skip(1) {
            let value = found.split(|character| after.contains(character)).next().unwrap();
            if value.len() >= 8 {
                all.insert(value.to_owned());
            }
        }
    }
    all
}

/// Searches what a run printed and everything in its folder.
fn search(place: &Place, line: &str, run: &Run, forbidden: &BTreeSet<String>) {
    let mut places = vec![("stdout".to_owned(), run.stdout.clone()), ("stderr".to_owned(), run.stderr.clone())];
    for (name, bytes) in place.files() {
        let own = name == "desired-state.yaml" || name.starts_with("secrets/") || name == "secrets.env";
        if !own {
            places.push((name, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    for (name, text) in places {
        for secret in forbidden {
            assert!(!text.contains(secret.as_str()), "{secret} in {name} of sipform {line}:\n{text}");
        }
    }
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
}

/// Runs everything that reads, and an apply, side by side against boxes with these faults.
fn side_by_side(faults: &str) {
    let home = Place::new();
    let served = served(&home, faults);
    let (pbx, centre) = (Tap::new(&served.url), Tap::new(&served.url));
    let mut place = planted(&pbx.url, &centre.url, ENTRIES);
    place.set("SIPFORM_LOG", FILTERS[0]);
    let runs = place.run_all(lines(&[
        "plan",
        "plan --out plan.json",
        "drift",
        "import --secrets-out secrets.env",
        "apply --auto-approve",
    ]));
    let forbidden = forbidden(&(pbx.heard() + &centre.heard()));
    for (line, run) in &runs {
        assert!(run.code == 1 || run.code == 4, "{line}: {}", run.stderr);
        search(&place, line, run, &forbidden);
    }
}

/// Each command in each format, with a ledger of its own, so that none waits for another's lock.
fn lines(commands: &[&str]) -> Vec<String> {
    let one = |command: &str, format: &str| format!("{command} --format {format} --ledger {format}.json -vvv");
    commands.iter().flat_map(|command| FORMATS.map(|format| one(command, format))).collect()
}

/// Runs everything against boxes with these faults, one after the other; gives what went over the wire.
fn everything(faults: &str, last: i32) -> String {
    let home = Place::new();
    let served = served(&home, faults);
    let (pbx, centre) = (Tap::new(&served.url), Tap::new(&served.url));
    let mut place = planted(&pbx.url, &centre.url, ENTRIES);
    let mut runs = Vec::new();
    for (index, format) in FORMATS.into_iter().enumerate() {
        for line in [
            "validate",
            "plan",
            "plan --out plan.json",
            "drift",
            "import",
            "import --out imported.yaml --secrets-out secrets.env",
            "apply",
            "apply plan.json",
            "apply --auto-approve",
            "apply plan.json",
            "drift",
            "plan --detailed-exitcode --replace hq/trunk/a",
        ] {
            place.set("SIPFORM_LOG", FILTERS[(runs.len() + index) % FILTERS.len()]);
            let line = format!("{line} --format {format} -vvv");
            let run = place.run(&line);
            search(&place, &line, &run, &[CANARY.to_owned()].into());
            runs.push((line, run));
        }
    }
    assert_eq!(runs.last().unwrap().1.code, last, "{}", runs.last().unwrap().1.stderr);
    let heard = pbx.heard() + &centre.heard();
    let forbidden = forbidden(&heard);
    for (line, run) in &runs {
        search(&place, line, run, &forbidden);
    }
    heard
}

#[test]
fn nothing_gets_out_of_runs_that_work() {
    let heard = everything("", 2);
    // The test itself: the recording has what it is meant to find.
    let found = forbidden(&heard);
    let hashed = |secret: &String| secret.len() == 32 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(found.iter().filter(|secret| hashed(secret)).count() > 1, "the password's hash and tokens: {found:?}");
    assert!(found.iter().any(|secret| secret.len() == 44 && secret.ends_with('=')), "signatures: {found:?}");
}

#[test]
fn nothing_gets_out_of_garbage() {
    side_by_side("--fault garbage:*:*");
}

#[test]
fn nothing_gets_out_of_writes_that_end_in_garbage() {
    everything("--fault garbage-after:*/add_siptrunk:* --fault garbage-after:call/sip/update:*", 2);
}

#[test]
fn nothing_gets_out_of_cut_answers() {
    side_by_side("--fault cut:trunk/*:* --fault cut-before:call/*:*");
}

#[test]
fn nothing_gets_out_of_refusals() {
    everything(
        "--fault refuse=10051:trunk/add_siptrunk:* --fault refuse=10003:trunk/update_siptrunk:* --fault refuse=500:call/sip/create:1",
        2,
    );
}

#[test]
fn nothing_gets_out_of_refused_logins() {
    side_by_side("--fault wrong-login:*:*");
}

#[test]
fn nothing_gets_out_of_expired_sessions_and_lost_answers() {
    everything("--fault expire:*:4 --fault after:*:2 --fault lie:call/*:1", 2);
}

#[test]
fn nothing_gets_out_of_a_server_that_says_everything_back() {
    let quoted = |request: &str| serde_json::to_string(request).unwrap();
    let servers = [
        Fixed::new(|request| answer("200 OK", "text/html", request)),
        Fixed::new(|request| answer("500 Oops", "text/plain", request)),
        Fixed::new(move |request| {
            let said = quoted(request);
            let body = format!(
                "{{\"status\": \"Failed\", \"errno\": {said}, \"success\": false, \"code\": {said}, \"message\": {said}}}"
            );
            answer("200 OK", "application/json", &body)
        }),
        Fixed::new(|request| {
            let query = request.split_whitespace().nth(1).unwrap();
            answer("302 Found", &format!("text/html\r\nLocation: http://u:CANARY@elsewhere.example{query}"), request)
        }),
        Fixed::new(|_| "HTTP/1.1 CANARY\r\n\r\n".into()),
    ];
    for server in servers {
        let place = planted(&server.url, &server.url, ENTRIES);
        for (line, run) in place.run_all(lines(&["plan", "drift", "import", "apply --auto-approve"])) {
            assert_eq!(run.code, 1, "{line}: {}", run.stderr);
            search(&place, &line, &run, &forbidden(&server.heard()));
        }
    }
}

/// Entries and targets with mistakes in them, right beside secrets.
const MISTAKES: [&str; 24] = [
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: { CANARY: CANARY } }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, pasword: CANARY }]",
    "trunks:\n  - name: a\n    target: hq\n    type: account\n    username: u\n    auth_name: u\n    pasword: CANARY",
    "trunks: [{ name: a, target: hq, type: peer, host: h, domain: d, port: 99999, password: CANARY }]",
    "trunks: [{ name: a, target: hq, type: peer, host: h, domain: d, port: 99999 }] # CANARY",
    "trunks:\n  - { name: a, target: nowhere, type: account, username: u, auth_name: u, password: CANARY }",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: [CANARY] }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: \"CANARY-${env:UNSET}\" }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: \"CANARY-${evn:CANARY}\" }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: \"${CANARY\" }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: \"CANARY }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: CANARY, password: CANARY }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: *CANARY }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: !CANARY CANARY }]",
    "trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: CANARY }",
    "trunks:\n  - name: a\n    password: |\n      CANARY\n     CANARY",
    "trunks:\n  - name: a\n\tpassword: CANARY",
    "trunks: [{ name: a, target: hq, CANARY }]",
    "truncs: [{ password: CANARY }]",
    "sip_numbers: [{ number: \"2050\", target: cc, password: \"${file:secrets/door}\", passwd: CANARY, nat: perhaps }]",
    "sip_numbers: [{ number: \"2050-2049\", target: cc, password: CANARY }]",
    "defaults: { trunk: { password: CANARY, pasword: CANARY } }",
    "defaults: { nobody: { trunk: { password: CANARY } } }",
    "removed: [{ address: hq/trunk/a, delete: true, password: CANARY }]",
];

#[test]
fn nothing_gets_out_of_mistakes() {
    let address = crate::wire::closed();
    for mistake in MISTAKES {
        let place = planted(&address, &address, mistake);
        no_mistake_tells(&place, mistake);
    }
}

#[test]
fn nothing_gets_out_of_mistakes_in_targets() {
    let good = "provider: yeastar, url: \"http://127.0.0.1:1\", username: api, password: CANARY";
    for target in [
        &good.replace("password", "pasword"),
        &good.replace("password: ", "password: x, pwd: "),
        &good.replace("http://", "http://api:CANARY@"),
        &good.replace(":1\"", ":1/?token=CANARY\""),
        &good.replace(":1\"", ":1/#CANARY\""),
        &good.replace("http://127.0.0.1:1", "${env:TRUNK}"),
        &good.replace("yeastar", "yeaster"),
        &good.replace("username: api", "username: [CANARY]"),
        &good.replace("CANARY", "CANARY, limits: { retries: CANARY }"),
        &good.replace("CANARY", "CANARY, tls: { key: CANARY }"),
        &good.replace("CANARY", "\"${cmd:echo CANARY}\""),
    ] {
        let place = planted("", "", "");
        place.write("desired-state.yaml", &format!("version: 1\ntargets:\n  hq: {{ {target} }}\n"));
        no_mistake_tells(&place, target);
    }
}

/// Nothing may tell, whether the mistake is found or not.
fn no_mistake_tells(place: &Place, mistake: &str) {
    for (line, run) in place.run_all(lines(&["validate", "plan", "apply --auto-approve", "drift", "import"])) {
        // Without a network a run can only fail, in one way or another; `validate` has no need of one.
        assert!(run.code == 1 || line.starts_with("validate"), "{mistake}\n{line}: {}", run.stderr);
        search(place, &format!("{line}, with {mistake}"), &run, &[CANARY.to_owned()].into());
    }
}

#[test]
fn secrets_that_cannot_be_right_are_not_shown() {
    let entry = "sip_numbers: [{ number: \"2050\", target: cc, password: \"${env:TRUNK}\" }]\n\
                 trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: \"${file:secrets/door}\" }]";
    let address = crate::wire::closed();
    let mut place = planted(&address, &address, entry);
    for value in ["CANARY with spaces; & \"quotes\"", "CANARY\nCANARY", "CANARY\u{1b}[2J", &"CANARY".repeat(200)] {
        place.set("TRUNK", value);
        place.set("PBX", value);
        place.write("secrets/door", value);
        place.write("secrets/centre", value);
        no_mistake_tells(&place, &format!("the value {value:?}"));
    }
}

#[test]
fn secrets_out_has_them_for_its_owner_alone() {
    let home = Place::new();
    let served = served(&home, "");
    let place = planted(&served.url, &served.url, "");
    place.write("secrets.env", "");
    place.expect(0, "import --secrets-out secrets.env --out imported.yaml");
    let written = place.read("secrets.env");
    assert!(written.contains("HQ_BRANCH_DOOR_PASSWORD='CANARY-live-4'\n"), "{written}");
    assert!(written.lines().all(|line| line.contains("_PASSWORD='CANARY-live-") && line.ends_with('\'')), "{written}");
    #[cfg(unix)]
    {
        let mode = std::fs::metadata(place.path("secrets.env")).unwrap();
        assert_eq!(std::os::unix::fs::MetadataExt::mode(&mode) & 0o777, 0o600);
    }
}

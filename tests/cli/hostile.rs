//! Vendors that send what repaints a terminal, gives orders to a build server or never ends; and files that are none.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use crate::harness::{Place, Run, boxed};
use crate::wire::{Fixed, answer};

/// What a vendor may put into any text.
const NASTY: &str = "a\u{1b}[2J\u{1b}]0;t\u{7}\u{1b}]52;c;eA==\u{7}\u{1b}]8;;http://x\u{1b}\\\r\n::error::b\n  ::set-output name=x::y\n\
    ##[add-mask]x ##vso[task.complete]\u{7f}\u{9b}31m\u{85}\u{202e}\u{2066}\u{200b}\u{200f}\u{feff}\u{2028}::warning::\u{2029}\u{e0041}\
    |`](javascript:1)<script>${env:HOME}: - # \"'\\ 号";

/// Whether a character is one that no output may hold; on purpose not the program's own list.
fn is_raw(character: char) -> bool {
    matches!(character, '\0'..='\u{9}' | '\u{b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Takes out what sets colours, which the program may do where it was asked to.
fn uncoloured(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('m') {
            Some((style, rest)) if style.chars().all(|c| c.is_ascii_digit() || c == ';') => bare.push_str(rest),
            _ => bare.extend(["\u{1b}[", part]),
        }
    }
    bare
}

/// Nothing that it wrote acts on whoever shows it.
fn is_harmless(run: &Run, line: &str, coloured: bool) {
    for text in [&run.stdout, &run.stderr] {
        let text = if coloured { uncoloured(text) } else { text.clone() };
        let raw: Vec<char> = text.chars().filter(|&character| is_raw(character)).collect();
        assert!(raw.is_empty(), "sipform {line}: {raw:?} in\n{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "sipform {line}:\n{text}");
        assert!(!text.contains("##[") && !text.contains("##vso["), "sipform {line}:\n{text}");
        assert!(!text.contains("panicked"), "sipform {line}:\n{text}");
    }
}

fn ok(body: &Json) -> String {
    answer("200 OK", "application/json", &body.to_string())
}

/// A PBX on which everything that can be is nasty, and which refuses every write in its own words.
fn nasty_pbx() -> Fixed {
    let trunk = |id: &str, name: &str| {
        json!({"id": id, "trunkname": name, "trunktype": "peer", "host": NASTY, "port": NASTY, "domain": NASTY,
               "dtmfmode": NASTY, NASTY: NASTY, "extensionsdod": NASTY, "extensionsgroupdod": ""})
    };
    let line = |id: &str, name: &str| json!({"id": id, "trunkname": name, "type": "peer", "status": NASTY});
    Fixed::new(move |request| {
        let path = request.split(['?', ' ']).nth(1).unwrap_or_default();
        ok(&match path.rsplit('/').next().unwrap_or_default() {
            "login" => json!({"status": "Success", "token": "t"}),
            "list" => json!({"status": "Success", "trunklist": [line("1", "known"), line("2", NASTY)]}),
            "query_siptrunk" => json!({"status": "Success", "trunks": [trunk("1", "known"), trunk("2", NASTY)]}),
            "logout" => json!({"status": "Success"}),
            _ => json!({"status": "Failed", "errno": NASTY, "reason": NASTY}),
        })
    })
}

/// A contact centre of which everything that can be is nasty.
fn nasty_centre() -> Fixed {
    Fixed::new(|request| {
        let data = if request.contains("/call/sip/list") {
            json!([{"sipId": "a1", "number": NASTY, "registerStatus": 1, "agent": {"agentId": NASTY}, "clientUrl": NASTY}])
        } else if request.contains("/query/number") {
            json!({"sipNumberList": [{"_id": "a1", "number": NASTY, "password": NASTY, "isNAT": NASTY,
                "codingFormat": ["G711A", NASTY], "uid": NASTY}]})
        } else {
            return ok(&json!({"success": false, "code": NASTY, "message": NASTY}));
        };
        ok(&json!({"success": true, "code": "200", "message": NASTY, "data": data}))
    })
}

fn nasty_place(servers: [&Fixed; 4]) -> Place {
    let mut place = Place::new();
    for name in ["HQ", "CC", "SIP"] {
        place.set(name, "canary");
    }
    let [pbx, centre, refusing, voice] = servers.map(|server| &server.url);
    let text = format!(
        "version: 1
targets:
  hq: {{ provider: yeastar, url: \"{pbx}\", username: api, password: \"${{env:HQ}}\", prune: exclusive }}
  cc: {{ provider: 7moor, url: \"{centre}\", app_key: \"2000113\", secret: \"${{env:CC}}\" }}
  no: {{ provider: 7moor, url: \"{refusing}\", app_key: \"2000113\", secret: \"${{env:CC}}\" }}
  it: {{ provider: itniotech, url: \"{voice}\", api_key: k, api_secret: \"${{env:CC}}\", app_id: a }}
trunks:
  - {{ name: known, target: hq, type: peer, host: a.example, domain: a.example }}
sip_numbers:
  - {{ number: \"2004\", target: cc, password: \"${{env:SIP}}\" }}
"
    );
    place.write("desired-state.yaml", &text);
    place
}

#[test]
fn what_a_vendor_says_acts_on_nobody() {
    let refuse = || {
        Fixed::new(|_| {
            ok(&json!({"success": false, "code": NASTY, "message": NASTY, "status": NASTY, "reason": NASTY}))
        })
    };
    let servers = [&nasty_pbx(), &nasty_centre(), &refuse(), &refuse()];
    let place = nasty_place(servers);
    let mut lines = Vec::new();
    for (number, command) in [
        "plan",
        "plan --out plan.json",
        "drift",
        "import",
        "import --out i.yaml --secrets-out s.env",
        "apply --auto-approve --allow-deletes 1",
    ]
    .iter()
    .enumerate()
    {
        for options in ["", "-v", "-vvv --color always", "--format json -vvv"] {
            let ledger = format!("{number}-{}.json", options.len());
            lines.push(format!("{command} {options} --ledger {ledger}").replace("i.yaml", &format!("{ledger}.yaml")));
        }
    }
    for (line, run) in place.run_all(lines) {
        is_harmless(&run, &line, line.contains("--color"));
        if line.contains("--format json") {
            run.json();
        }
        if line.starts_with("plan") && line.contains("json") && line.contains("--format") {
            let trunk = format!("hq/trunk/{NASTY}");
            let addresses: Vec<_> =
                run.json()["changes"].as_array().unwrap().iter().map(|it| it["address"].clone()).collect();
            assert!(addresses.contains(&json!(trunk)), "the exact name stands in the document: {addresses:?}");
        }
    }
    for (name, bytes) in place.files() {
        let text = String::from_utf8(bytes).unwrap();
        // A shell reads the secrets as they are.
        assert!(name.ends_with("s.env") || !text.contains(is_raw), "{name}: {text:?}");
        assert!(!name.contains("error"), "a vendor's name became a file's: {name}");
    }
    let import = place.files().into_iter().find(|(name, _)| name.starts_with("4-0.json.")).unwrap().1;
    let import = String::from_utf8(import).unwrap();
    assert!(import.contains("  # Left out: sip_number \"a\\U0000001B[2J"), "{import}");
}

#[test]
fn a_line_of_the_yaml_acts_on_nobody() {
    let place = Place::new();
    let entry = NASTY.replace(['\n', '\r', '\0', '\u{1b}', '\u{7}'], " ").replace('\'', "''");
    place.write(
        "desired-state.yaml",
        &format!("version: 1\ntrunks:\n  - {{ name: '{entry}', '{entry}': 1, target: '::error::' }}\n'::debug::': 1\n"),
    );
    for line in ["validate", "validate --format json", "plan", "plan --color always", "import --format json"] {
        let run = place.expect(1, line);
        is_harmless(&run, line, line.contains("--color"));
    }
}

/// `hq` with one trunk of this name.
fn named(name: &str, entries: &str) -> Place {
    let place = Place::desired(entries);
    let trunk = json!({"id": "7", "trunkname": name, "trunktype": "peer", "status": "OK", "host": "h.example", "port": "5060",
        "domain": "h.example", "extensionsdod": "", "extensionsgroupdod": "", "enable": "yes", "transport": "udp"});
    place.write(".sipform/sandbox/boxes/hq.box.json", &boxed("yeastar", &json!({"trunks": [trunk]}).to_string()));
    place
}

fn live_names(place: &Place) -> Vec<String> {
    let live = place.live("hq");
    live["trunks"].as_array().unwrap().iter().map(|trunk| trunk["trunkname"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_name_that_repaints_can_be_addressed_all_the_same() {
    let name = "a\u{1b}[2J\u{202e}##[x]";
    let yaml = "a\\e[2J\\u202e##[x]";
    let removed = format!("removed: [{{ address: \"hq/trunk/{yaml}\", delete: true }}]\n");
    let place = named(name, &removed);
    // By the exact name, and nothing by another.
    let exact = place
        .command("plan --sandbox --format json --target")
        .arg(format!("hq/trunk/{}", name.replace('[', "\\[")))
        .output()
        .unwrap();
    let plan: Json = serde_json::from_slice(&exact.stdout).unwrap();
    assert_eq!(plan["changes"][0]["address"], format!("hq/trunk/{name}"));
    let other = place.command("plan --sandbox --target").arg("hq/trunk/a\u{1b}\\[3J*").output().unwrap();
    assert_eq!(other.status.code(), Some(1));
    assert!(!String::from_utf8(other.stderr).unwrap().contains(is_raw));
    // Through a plan file.
    let run = place.expect(0, "plan --sandbox --out p.json --allow-deletes 1");
    assert!(run.stdout.contains(r"hq/trunk/a\u{1b}[2J\u{202e}##\u{5b}x]"), "{}", run.stdout);
    assert!(!place.read("p.json").contains(is_raw));
    is_harmless(&place.expect(0, "apply p.json --sandbox"), "apply p.json", false);
    assert_eq!(live_names(&place), Vec::<String>::new());
    // Renamed away from it, and claimed under its new name.
    let entry = format!(
        "trunks: [{{ name: sane, previously: \"{yaml}\", target: hq, type: peer, host: h.example, domain: h.example }}]\n"
    );
    let place = named(name, &entry);
    is_harmless(&place.expect(0, "apply --sandbox --auto-approve"), "apply", false);
    assert_eq!(live_names(&place), ["sane"]);
    assert!(place.read(".sipform/sandbox/ledger.json").contains("\"sane\""));
    place.expect(0, "plan --sandbox --detailed-exitcode");
}

/// A claim under such a name is found again in the ledger.
#[test]
fn a_ledger_keeps_such_a_name() {
    let name = "b\u{202e}\u{200b}##[x]";
    let entry =
        "trunks: [{ name: \"b\\u202e\\u200b##[x]\", target: hq, type: peer, host: h.example, domain: h.example }]\n";
    let place = named(name, entry);
    let run = place.run("apply --sandbox --auto-approve");
    is_harmless(&run, "apply", false);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let ledger = place.read(".sipform/sandbox/ledger.json");
    assert!(!ledger.contains(is_raw), "{ledger:?}");
    let claims = &place.json(".sipform/sandbox/ledger.json")["targets"]["hq"]["claims"]["trunk"];
    assert!(claims.get(name).is_some(), "{claims}");
    place.rewrite("");
    let plan = place.expect(0, "plan --sandbox --allow-deletes 1 --format json").json();
    assert_eq!(plan["changes"][0]["address"], format!("hq/trunk/{name}"), "what is claimed is deleted");
}

/// Bits of a DEFLATE stream, lowest first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: usize,
}

impl Bits {
    fn push(&mut self, bits: &str) {
        for bit in bits.bytes() {
            if self.used.is_multiple_of(8) {
                self.bytes.push(0);
            }
            *self.bytes.last_mut().unwrap() |= (bit - b'0') << (self.used % 8);
            self.used += 1;
        }
    }
}

/// A gzip file of one blank repeated, 258 at a time: fixed Huffman codes, length 258 at distance 1.
fn gzip_bomb(times: usize) -> Vec<u8> {
    let mut bits = Bits::default();
    bits.push("110");
    bits.push("01010000");
    for _ in 0..times {
        bits.push("1100010100000");
    }
    bits.push("0000000");
    [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..], &bits.bytes, &[0; 8]].concat()
}

fn with_head(head: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n{head}\r\n").as_bytes(), body]
        .concat()
}

#[test]
fn answers_without_end_are_refused_with_the_limit() {
    let plain = |body: String| with_head(&format!("Content-Length: {}\r\n", body.len()), body.as_bytes());
    let bomb = gzip_bomb(100_000);
    let bomb = with_head(&format!("Content-Encoding: gzip\r\nContent-Length: {}\r\n", bomb.len()), &bomb);
    let flood = (0..20_000).fold(String::new(), |mut head, number| {
        _ = write!(head, "X-{number}: x\r\n");
        head
    });
    let deep = |open: &str, close: &str| {
        format!("{{\"status\":\"Success\",\"a\":{}{}}}", open.repeat(9_000), close.repeat(9_000))
    };
    let cases = [
        (bomb, "the answer is larger than 1048576 bytes (limits.max_body)"),
        (plain(" ".repeat(3 << 20)), "the answer is larger than 1048576 bytes (limits.max_body)"),
        (
            with_head("Content-Length: 999999999999\r\n", &vec![b' '; 2 << 20]),
            "the answer is larger than 1048576 bytes (limits.max_body)",
        ),
        (with_head("Transfer-Encoding: chunked\r\n", b"fffff\r\n"), "broke before the whole answer came"),
        (
            with_head(&flood, b"{}"),
            "the answer has more than 100 headers, or more than 400 KiB of them, the most that is read",
        ),
        (plain(deep("[", "]")), "the PBX's JSON answer is nested more than 32 deep, the deepest that is read"),
        (plain(deep("{\"a\":", "}").replace(":}", ":1}")), "the PBX's JSON answer is nested more than 32 deep"),
        (
            plain(format!("{{\"status\":\"{}\"}}", "x".repeat(900_000))),
            "has a text of more than 65536 bytes, the longest that is read",
        ),
        (plain("{\"status\":\"Success\",\"status\":\"Failed\"}".into()), "has the same key twice in one object"),
        (plain("{\"status\":\"\\ud800\"}".into()), "hex escape at line 1 column"),
        (plain("{\"status\":NaN}".into()), "expected value at line 1 column 11"),
    ];
    let place = Place::new();
    let servers: Vec<_> = cases
        .iter()
        .map(|(answer, _)| {
            let answer = answer.clone();
            Fixed::raw(move |_| answer.clone())
        })
        .collect();
    let mut text = String::from("version: 1\ntargets:\n");
    for (number, server) in servers.iter().enumerate() {
        let limits = "limits: { max_body: 1MiB, timeout: 10s }";
        _ = writeln!(
            text,
            "  t{number}: {{ provider: yeastar, url: \"{}\", username: api, password: p, {limits} }}",
            server.url
        );
    }
    place.write("desired-state.yaml", &text);
    let begun = Instant::now();
    let run = place.expect(1, "plan");
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    is_harmless(&run, "plan", false);
    for (number, (_, says)) in cases.iter().enumerate() {
        let said =
            run.stderr.lines().find(|line| line.contains(&format!(": t{number} can't be read"))).unwrap_or_default();
        assert!(said.contains(says), "{says:?}: {said:?}\n{}", run.stderr);
    }
}

#[test]
fn every_vendor_is_held_to_the_limits() {
    let deep = |open: &str, inside: &str, close: &str| format!("{}{inside}{}", open.repeat(9_000), close.repeat(9_000));
    let json = format!("{{\"success\":true,\"status\":\"0\",\"data\":{}}}", deep("[", "", "]"));
    let twice = String::from("{\"success\":false,\"status\":\"1\",\"success\":true,\"status\":\"0\",\"data\":[]}");
    let mark = String::from("\u{feff}{\"success\":true,\"status\":\"0\",\"data\":[]");
    let xml = format!("<xml><status>Success</status>{}</xml>", deep("<a>", "", "</a>"));
    let providers = [
        "yeastar, username: a, password: p",
        "\"yeastar\", api_version: v1.1.0, username: a, password: p",
        "openvox, username: a, password: p",
        "7moor, app_key: k, secret: s",
        "itniotech, api_key: k, api_secret: s, app_id: a",
    ];
    let mut cases: Vec<(&str, String, &str)> = Vec::new();
    for provider in providers {
        cases.push((provider, json.clone(), "JSON answer is nested more than 32 deep, the deepest that is read"));
        cases.push((provider, twice.clone(), "JSON answer has the same key twice in one object"));
        cases.push((provider, mark.clone(), "EOF while parsing an object at line 1 column"));
    }
    cases.push((
        "openvox, format: xml, username: a, password: p",
        xml,
        "elements are nested more than 8 deep, the deepest that is read",
    ));
    let place = Place::new();
    let mut text = String::from("version: 1\ntargets:\n");
    let mut servers = Vec::new();
    for (number, (provider, body, _)) in cases.iter().enumerate() {
        let body = body.clone();
        servers.push(Fixed::new(move |_| answer("200 OK", "text/plain", &body)));
        _ = writeln!(text, "  t{number}: {{ url: \"{}\", provider: {provider} }}", servers[number].url);
    }
    place.write("desired-state.yaml", &text);
    let run = place.expect(1, "drift");
    for (number, (provider, _, says)) in cases.iter().enumerate() {
        let said =
            run.stderr.lines().find(|line| line.contains(&format!(": t{number} can't be read"))).unwrap_or_default();
        assert!(said.contains(says), "{provider}: {says:?}: {said:?}\n{}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn files_that_are_none() {
    let place = Place::desired("");
    place.write("good.yaml", &place.read("desired-state.yaml"));
    let made = std::process::Command::new("mkfifo").arg(place.path("pipe")).status().unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink("/dev/zero", place.path("zero")).unwrap();
    std::os::unix::fs::symlink("loop", place.path("loop")).unwrap();
    place.write("folder/x", "");
    let huge = std::fs::File::create(place.path("huge")).unwrap();
    huge.set_len(3 << 30).unwrap();
    for (name, says) in [
        ("pipe", "it is a pipe, not a file"),
        ("zero", "it is a device, not a file"),
        ("loop", "sym"),
        ("huge", "it is larger than "),
    ] {
        place.expect(1, &format!("plan --sandbox -f {name}")).says(&format!("{name}: ")).says(says);
        place.expect(1, &format!("apply --sandbox --auto-approve {name}")).says(name).says(says);
        place.expect(1, &format!("plan --sandbox --ledger {name}")).says(name).says(says);
        let yaml = format!(
            "version: 1\ntargets:\n  hq: {{ provider: yeastar, url: \"https://192.0.2.1\", username: a, password: \"${{file:{name}}}\" }}\n"
        );
        place.write("s/x.yaml", &yaml.replace("file:", "file:../"));
        place.expect(1, "plan -f s").says("--> s/x.yaml:3:").says(says);
        let tls = format!(
            "version: 1\ntargets:\n  hq: {{ provider: yeastar, url: \"https://192.0.2.1\", username: a, password: p, tls: {{ ca_file: {name} }} }}\n"
        );
        place.write("c/x.yaml", &tls.replace("ca_file: ", "ca_file: ../"));
        place.expect(1, "plan -f c").says(says);
        _ = std::fs::remove_file(place.path(".sipform/sandbox/ledger.json.journal"));
        std::fs::create_dir_all(place.path(".sipform/sandbox/boxes")).unwrap();
        std::os::unix::fs::symlink(place.path(name), place.path(".sipform/sandbox/ledger.json.journal")).unwrap();
        place.expect(1, "apply --sandbox --auto-approve").says("journal").says(says);
        std::fs::remove_file(place.path(".sipform/sandbox/ledger.json.journal")).unwrap();
        _ = std::fs::remove_file(place.path(".sipform/sandbox/boxes/hq.box.json"));
        std::os::unix::fs::symlink(place.path(name), place.path(".sipform/sandbox/boxes/hq.box.json")).unwrap();
        place.expect(1, "plan --sandbox").says("hq.box.json").says(says);
        std::fs::remove_file(place.path(".sipform/sandbox/boxes/hq.box.json")).unwrap();
    }
    place.expect(1, "apply --sandbox --auto-approve folder").says("it is a folder, not a file");
}

//! Targets that don't let us in, or send us elsewhere: each is asked once in a run, and the others go on.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::harness::Place;
use crate::wire::{Fixed, Served, Tap, answer};

/// Every vendor and dialect, without address and credential.
const DIALECTS: [(&str, &str); 6] = [
    ("yeastar", "provider: yeastar, username: api, password: \"${env:WRONG}\""),
    ("yeastar-v1", "provider: yeastar, api_version: v1.1.0, username: api, password: \"${env:WRONG}\""),
    ("openvox", "provider: openvox, username: api, password: \"${env:WRONG}\""),
    ("openvox-xml", "provider: openvox, format: xml, username: api, password: \"${env:WRONG}\""),
    ("moor7", "provider: 7moor, app_key: \"2000113\", secret: \"${env:WRONG}\""),
    ("itniotech", "provider: itniotech, api_key: bDqJFiq9, api_secret: \"${env:WRONG}\", app_id: 4luaKsL2"),
];

/// A place with one target of each dialect at these addresses, and further text.
fn place<'u>(url: impl Fn(&str) -> &'u str, more: &str) -> Place {
    let mut place = Place::new();
    place.set("WRONG", "CANARY-wrong");
    place.set("RIGHT", "sandbox");
    let mut yaml = String::from("version: 1\ntargets:\n");
    for (name, settings) in DIALECTS {
        _ = writeln!(yaml, "  {name}: {{ {settings}, url: \"{}\" }}", url(name));
    }
    place.write("desired-state.yaml", &(yaml + more));
    place
}

#[test]
fn redirects_are_never_followed() {
    let bait = Fixed::always("200 OK", "application/json", "{}");
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let location = format!("{}/next?token=CANARY", bait.url.replace("http://", "http://u:CANARY@"));
        let location: Arc<str> = location.into();
        let servers = DIALECTS.map(|(name, _)| {
            let location = Arc::clone(&location);
            (name, Fixed::new(move |_| answer(status, &format!("text/html\r\nLocation: {location}"), "")))
        });
        let place = place(|name| &servers.iter().find(|(known, _)| *known == name).unwrap().1.url, "");
        let run = place.expect(1, "apply --auto-approve");
        let code = status.split(' ').next().unwrap();
        for (name, server) in &servers {
            assert_eq!(server.asked().len(), 1, "{name}, {status}: {:?}", server.asked());
            let told = run
                .stderr
                .split("error")
                .find(|part| part.contains(&format!("{name} ")) || part.contains(&format!("`{name}`")));
            let told = told.unwrap_or_else(|| panic!("nothing of {name} in\n{}", run.stderr));
            let place = format!("correct `url` (it points to {})", bait.url);
            assert!(told.contains(&format!("HTTP {code}")) && told.contains(&place), "{name}, {status}: {told}");
        }
        assert!(!run.stderr.contains("CANARY") && !run.stdout.contains("CANARY"), "{}", run.stderr);
    }
    assert_eq!(bait.asked(), [""; 0]);
}

#[test]
fn wrong_credentials_are_sent_once_and_the_others_go_on() {
    let home = Place::new();
    let served = Served::new(&home, "");
    let good = format!(
        "  good: {{ provider: yeastar, url: \"{}\", username: api, password: \"${{env:RIGHT}}\" }}\n\
         trunks:\n  - {{ name: a, target: good, type: peer, host: a.example, domain: a.example }}\n",
        served.url
    );
    for (code, line) in [(1, "plan"), (4, "apply --auto-approve"), (1, "drift"), (1, "import")] {
        let taps = DIALECTS.map(|(name, _)| (name, Tap::new(&served.url)));
        let place = place(|name| &taps.iter().find(|(known, _)| *known == name).unwrap().1.url, &good);
        let run = place.expect(code, line);
        for (name, tap) in &taps {
            let heard = tap.heard();
            assert_eq!(heard.matches("POST /").count(), 1, "{line}, {name}: {heard}");
            assert!(run.stderr.contains(name), "{line}: nothing of {name} in {}", run.stderr);
        }
        assert!(!run.stderr.contains("CANARY") && !run.stdout.contains("CANARY"), "{}", run.stderr);
    }
    assert!(home.read("served/yeastar.box.json").contains("a.example"));
}

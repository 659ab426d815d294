//! `sipform sandbox serve` as a fleet: made-up objects, a path for each target, and the time that calls take.

use std::time::{Duration, Instant};

use crate::harness::Place;
use crate::wire::Served;

/// Every vendor behind a path, with an entry that is what its second box begins with.
fn fleet(url: &str) -> String {
    format!(
        "version: 1
targets:
  y: {{ provider: yeastar, url: \"{url}/yeastar-2\", username: api, password: \"${{env:PBX}}\" }}
  o: {{ provider: openvox, url: \"{url}/openvox-2/\", username: api, password: \"${{env:PBX}}\" }}
  m: {{ provider: 7moor, url: \"{url}/7moor-2\", app_key: \"2000113\", secret: \"${{env:KEY}}\" }}
  i: {{ provider: itniotech, url: \"{url}/itniotech-2\", api_key: bDqJFiq9, api_secret: \"${{env:KEY}}\", app_id: 4luaKsL2 }}
trunks:
  - {{ name: trunk-2, target: y, type: register, host: sip.carrier.example, domain: sip.carrier.example, username: \"100002\", auth_name: \"100002\", password: \"${{env:SIP}}-trunk-2\" }}
  - {{ name: trunk-2, target: o, type: register, host: sip.carrier.example, domain: sip.carrier.example, username: \"100002\", auth_name: \"100002\", password: \"${{env:SIP}}-trunk-2\" }}
sip_numbers:
  - {{ number: \"10000001\", target: m, password: \"${{env:SIP}}-{{number}}\", nat: false, codecs: [G711A] }}
numbers:
  - {{ number: \"85200000001\", target: i }}
"
    )
}

fn place(options: &str) -> (Place, Served) {
    let mut place = Place::new();
    for (name, value) in [("PBX", "sandbox"), ("KEY", "sandbox-secret"), ("SIP", "sandbox")] {
        place.set(name, value);
    }
    let served = Served::new(&place, options);
    (place, served)
}

#[test]
fn every_vendor_can_be_reached_under_a_path() {
    let (place, served) = place("--objects 3 --targets 2");
    place.write("desired-state.yaml", &fleet(&served.url));
    let plan = place.expect(0, "plan --detailed-exitcode --format json").json();
    assert_eq!((&plan["summary"]["unchanged"], &plan["summary"]["unmanaged"]), (&4.into(), &8.into()), "{plan}");

    let other = fleet(&served.url).replace("nat: false", "nat: true").replace("target: i }", "target: i, remark: x }");
    place.write("desired-state.yaml", &other.replace("host: sip", "host: other"));
    place.expect(0, "apply --auto-approve");
    place.expect(0, "plan --detailed-exitcode");
    // The first box of each is another one.
    place.write("desired-state.yaml", &fleet(&served.url).replace("-2\", ", "-1\", ").replace("-2/\", ", "-1/\", "));
    place.expect(0, "plan --detailed-exitcode");
    place.write("desired-state.yaml", &fleet(&served.url).replace("moor-2", "moor-3"));
    place.expect(1, "plan").says("m can't be read");
}

#[test]
fn calls_take_as_long_as_the_options_say() {
    let (place, served) = place("--objects 1 --targets 2 --latency-read 10ms --latency-write 300ms");
    let number = "\n  - { number: \"2004\", target: m, password: \"${env:SIP}\" }";
    place.write("desired-state.yaml", &fleet(&served.url).replace("sip_numbers:", &format!("sip_numbers:{number}")));
    let begun = Instant::now();
    place.expect(0, "apply --auto-approve --target m");
    assert!(begun.elapsed() >= Duration::from_millis(310), "{:?}", begun.elapsed());
}

#[test]
fn options_that_make_no_sense_are_refused() {
    for option in ["--objects -1", "--objects many", "--targets 1.5", "--latency-read 50", "--latency-write fast"] {
        let run = Place::new().expect(1, &format!("sandbox serve --listen 127.0.0.1:0 {option}"));
        assert!(run.stdout.is_empty() && !run.stderr.is_empty(), "{option}");
    }
}

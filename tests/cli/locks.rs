//! One apply at a time, with real processes.
#![cfg(unix)]

use crate::harness::{Place, Started};
use crate::wire::{Served, real};

const NUMBERS: &str = "sip_numbers: [{ number: \"3000-3001\", target: cc, password: Dial-3000 }]\n";
const LOCK: &str = ".sipform/ledger.json.lock";

/// A contact centre, which talks to many at once, that answers one create after ten minutes, and an apply that is stuck
/// there.
fn stuck() -> (Place, Served, Place, Started) {
    let home = Place::new();
    let served = Served::new(&home, "--fault slow=1:call/sip/create:1 --fault slow=600000:call/sip/create:1");
    let place = real(&served.url, NUMBERS);
    let mut apply = Started::new(&place, "apply --auto-approve");
    apply.wait_for("[1/2] sent     create cc/sip_number/300");
    (home, served, place, apply)
}

/// Since when a lock is held.
fn since(place: &Place) -> String {
    place.json(LOCK)["since"].as_str().unwrap().to_owned()
}

#[test]
fn the_second_apply_leaves_and_says_who_holds_the_lock() {
    let (_home, _served, place, apply) = stuck();
    let holder = format!("process {} on ", apply.child.id());
    let since = format!(", since {}", since(&place));
    for line in ["apply --auto-approve", "apply --auto-approve --lock-timeout 300ms", "apply"] {
        let run = place.expect(3, line);
        run.says("error[locked]: another apply holds the ledger's lock: ").says(&holder).says(&since);
        assert_eq!(run.stderr.contains("; waiting up to 300ms"), line.contains("300ms"), "{}", run.stderr);
        assert_eq!(run.stdout, "");
    }
    let document = place.expect(3, "apply --auto-approve --format json").json();
    assert!(document["diagnostics"][0]["message"].as_str().unwrap().contains(&holder), "{document}");
}

#[test]
fn who_only_looks_neither_waits_nor_is_in_the_way() {
    let (_home, _served, place, mut apply) = stuck();
    for (code, line) in
        [(0, "validate"), (0, "plan --detailed-exitcode"), (0, "plan --out change.plan"), (0, "drift"), (0, "import")]
    {
        let run = place.expect(code, line);
        assert!(!run.stderr.contains("lock"), "{line}: {}", run.stderr);
    }
    assert!(apply.child.try_wait().unwrap().is_none(), "it holds the lock still");
}

/// The killed one was in the middle of a create, so nobody was told how that ended.
#[test]
fn a_killed_holder_is_in_nobodys_way() {
    let (home, served, place, mut apply) = stuck();
    apply.child.kill().unwrap();
    apply.child.wait().unwrap();
    assert!(place.read(LOCK).contains("process"), "its note is left");
    // A box that is stuck itself is another matter.
    drop(served);
    let served = Served::new(&home, "");
    place.write("desired-state.yaml", &crate::wire::desired(&served.url, &served.url, NUMBERS));
    let run = place.expect(0, "apply --auto-approve");
    assert!(!run.stderr.contains("another apply"), "{}", run.stderr);
    assert_eq!(place.read(LOCK), "", "nobody is named any more");
    place.expect(0, "plan --detailed-exitcode");
}

#[test]
fn a_dead_holder_is_not_called_a_living_one() {
    let place = Place::desired(NUMBERS);
    let lock = ".sipform/sandbox/ledger.json.lock";
    let mut dead = place.command("--version").spawn().unwrap();
    dead.wait().unwrap();
    // Somebody has the lock and hasn't signed yet: what stands there is the note of the one before.
    let note = |host: &str| {
        format!("{{\"process\": {}, \"host\": \"{host}\", \"since\": \"2026-11-22T01:00:00Z\"}}", dead.id())
    };
    place.write(lock, &note("here"));
    let file = std::fs::File::open(place.path(lock)).unwrap();
    file.lock().unwrap();
    let mut place = place;
    place.set("HOSTNAME", "here");
    let run = place.expect(3, "apply --sandbox --auto-approve");
    if std::path::Path::new("/proc/self").exists() {
        assert!(run.stderr.contains("error[locked]: another apply holds the ledger's lock\n"), "{}", run.stderr);
    }
    // Of another machine's processes nothing is known.
    place.set("HOSTNAME", "there");
    place.expect(3, "apply --sandbox --auto-approve").says("on here, since 2026-11-22T01:00:00Z");
}

/// The one that waits is told of each holder, and gets its turn.
#[test]
fn who_waits_gets_the_lock_when_its_holder_ends() {
    let (_home, _served, place, mut first) = stuck();
    let mut second = Started::new(&place, "apply --auto-approve --lock-timeout 5m");
    second.wait_for(&format!("process {} on ", first.child.id()));
    second.signal("TERM");
    assert_eq!(second.end().code, 130);
    let mut third = Started::new(&place, "apply --auto-approve --lock-timeout 5m --target hq");
    third.wait_for("; waiting up to 5m");
    first.child.kill().unwrap();
    first.child.wait().unwrap();
    assert_eq!(third.end().code, 0);
}

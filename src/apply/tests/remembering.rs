//! What the ledger learns.

use super::*;
use crate::http::FailureKind::Refused;
use crate::ledger::{Ledger, OpenIntent, TargetRecord};
use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::testing::{CENTRE, PBX, TARGET, With, account, claimed, live, number, partial, peer, source};
use crate::model::{Address, Blocked, Claim, Claims, Removed, Value};
use crate::plan::testing::fingerprinter;
use vendor::Act::{Dropped, Refuse};

/// Applies, and gives the ledger.
async fn learn(bench: &Bench) -> TargetRecord {
    let fleet = &bench.fleet;
    let before = TargetRecord {
        url: fleet.target().url.clone(),
        key_check: fleet.key_check.clone(),
        claims: fleet.claims.clone(),
    };
    let mut ledger = Ledger { targets: [(TARGET.to_owned(), before)].into(), ..Ledger::default() };
    let plan = fleet.plan();
    let report = bench.execute(&plan, &reviewed::all(&plan)).await;
    claims::record(&mut ledger, &plan, &report, &fleet.desired);
    assert_eq!(ledger.serial, 1);
    ledger.targets.remove(TARGET).unwrap()
}

/// Takes over what the vendor shows and what the ledger knows.
fn next(bench: &mut Bench, record: TargetRecord) {
    *bench.fleet.objects() = bench.vendor.world().objects.clone();
    bench.fleet.claims = record.claims;
    bench.fleet.key_check = record.key_check;
}

fn names(record: &TargetRecord) -> Vec<String> {
    let name = |claim: &Claim| if claim.protect { "*" } else { "" };
    record.claims.iter().map(|(_, key, claim)| format!("{key}={}{}", claim.remote_id, name(claim))).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_applied_or_as_wanted_is_ours() {
    let renamed = DesiredObject { previously: Some("d0".into()), ..peer("d", "d") };
    let entries = vec![peer("a", "a"), peer("b", "b"), peer("c", "new"), renamed];
    let objects = vec![
        live(&peer("b", "b"), "2"),
        live(&peer("c", "old"), "3"),
        LiveObject { key: "d0".into(), ..live(&peer("d", "d"), "4") },
        live(&peer("e", "e"), "5"),
        live(&peer("stranger", "s"), "6"),
    ];
    let mut fleet = Fleet::new(&PBX, &TRUNK, entries, objects.clone());
    fleet.claims = claimed(&TRUNK, objects[1..4].iter());
    let bench = Bench::of(fleet);
    let record = learn(&bench).await;
    assert_eq!(names(&record), ["a=1001", "b=2", "c=3", "d=4"]);
    let support = PBX.support(&TRUNK).unwrap();
    for (_, key, claim) in record.claims.iter() {
        let world = bench.vendor.world();
        let object = world.objects.iter().find(|object| &*object.key == key).unwrap();
        assert_eq!(claim.fingerprint, Some(fingerprinter(7).object(support, object)), "{key}");
    }
    assert_eq!(record.key_check, Some(fingerprinter(7).key_check()));
}

#[tokio::test(start_paused = true)]
async fn what_came_to_nothing_changes_nothing() {
    let objects = vec![live(&peer("b", "old"), "2"), live(&peer("c", "c"), "3"), live(&peer("d", "d"), "4")];
    let fleet = Fleet::new(&PBX, &TRUNK, vec![peer("a", "a"), peer("b", "new"), peer("d", "d")], objects);
    let bench = Bench::of(fleet).acting([Refuse(Refused), Refuse(Refused), Refuse(Refused)]);
    assert_eq!(names(&learn(&bench).await), ["b=2", "c=3", "d=4"]);
    // A delete of which nobody knows: it stays ours until it is seen to be gone.
    let fleet =
        Fleet::new(&PBX, &TRUNK, vec![peer("d", "d")], vec![live(&peer("c", "c"), "3"), live(&peer("d", "d"), "4")]);
    let bench = Bench::of(fleet).acting([Dropped, Dropped]);
    assert_eq!(names(&learn(&bench).await), ["c=3", "d=4"]);
}

#[tokio::test(start_paused = true)]
async fn what_has_gone_is_given_up_if_the_run_was_about_it() {
    let fleet = || {
        let mut fleet =
            Fleet::new(&PBX, &TRUNK, vec![peer("a", "a"), peer("w", "w")], vec![live(&peer("a", "a"), "1")]);
        for key in ["gone", "w", "x"] {
            fleet.claims.insert("trunk", key, Claim { remote_id: "9".into(), protect: true, ..Claim::default() });
        }
        fleet.desired.objects.truncate(1);
        fleet
    };
    assert_eq!(names(&learn(&Bench::of(fleet())).await), ["a=1"]);
    // With --target the YAML's other entries aren't even known.
    let mut selected = fleet();
    selected.options.selection = vec!["t/trunk/[ag]*".into()];
    assert_eq!(names(&learn(&Bench::of(selected)).await), ["a=1", "w=9*", "x=9*"]);
    // A listing that isn't whole proves nothing.
    let mut incomplete = fleet();
    incomplete.live = partial(&TRUNK, incomplete.objects().clone());
    assert_eq!(names(&learn(&Bench::of(incomplete)).await), ["a=1", "gone=9*", "w=9*", "x=9*"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_handed_over_is_ours_no_more() {
    let removed = Removed { address: Address::new(TARGET, "trunk", "b"), delete: false, source: source(9) };
    let objects = vec![live(&peer("a", "a"), "1"), live(&peer("b", "b"), "2")];
    let bench = Bench::of(Fleet::new(&PBX, &TRUNK, vec![peer("a", "a")], objects).removing(vec![removed]));
    assert_eq!(names(&learn(&bench).await), ["a=1"]);
    assert_eq!(bench.calls(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn protection_is_remembered_whatever_becomes_of_the_change() {
    let protected = |entry: DesiredObject| DesiredObject { protect: Some(true), ..entry };
    let mut waiting = live(&number("4"), "4");
    waiting.blocked = vec![Blocked { field: "agent", reason: "not registered" }].into();
    let entries = vec![
        protected(number("1")),
        protected(number("2").with("nat", Value::Bool(true))),
        protected(number("3")),
        protected(number("4").with("agent", Value::text("a"))),
        number("5"),
        DesiredObject { protect: Some(false), ..number("6") },
    ];
    let objects = vec![
        live(&number("2"), "2"),
        live(&number("3"), "3"),
        waiting,
        live(&number("5"), "5"),
        live(&number("6"), "6"),
    ];
    let mut fleet = Fleet::new(&CENTRE, &SIP_NUMBER, entries, objects);
    fleet.claims = Claims::of_ledger();
    for key in ["5", "6"] {
        fleet.claims.insert("sip_number", key, Claim { remote_id: key.into(), protect: true, ..Claim::default() });
    }
    let mut bench = Bench::of(fleet).acting([Act::Well, Refuse(Refused)]);
    bench.fleet.desired.targets[0].limits.concurrency = 1;
    let record = learn(&bench).await;
    assert_eq!(
        names(&record),
        ["1=1001*", "2=2*", "3=3*", "4=4*", "5=5*", "6=6"],
        "an entry that says no lifts it, and one that says nothing doesn't"
    );
    // The entries leave the YAML: nothing of what is protected goes.
    next(&mut bench, record);
    bench.fleet.desired.objects.clear();
    let plan = bench.fleet.plan();
    assert_eq!(plan.refusals.iter().filter(|refusal| refusal.code == "protected").count(), 5);
}

#[tokio::test(start_paused = true)]
async fn another_key_makes_everything_anew_and_mixes_nothing() {
    let entry = number("1");
    let object = live(&entry, "1").with("password", Value::NotReadable);
    let mut fleet =
        Fleet::new(&CENTRE, &SIP_NUMBER, vec![entry.clone(), number("2")], vec![object, live(&number("2"), "2")]);
    let old = fingerprinter(1);
    let hidden = old.value("sip_number", "1", "password", &entry.values[0]);
    let claim = Claim {
        remote_id: "1".into(),
        fingerprint: Some("of the old key".into()),
        hidden: [("password".into(), hidden)].into(),
        ..Claim::default()
    };
    fleet.claims.insert("sip_number", "1", claim.clone());
    fleet.claims.insert("sip_number", "elsewhere", claim);
    fleet.key_check = Some(old.key_check());
    fleet.options.selection = vec!["t/sip_number/[12]".into()];
    let record = learn(&Bench::of(fleet)).await;
    assert_eq!(record.key_check, Some(fingerprinter(7).key_check()));
    for (_, key, claim) in record.claims.iter() {
        assert_ne!(claim.fingerprint.as_deref(), Some("of the old key"), "{key}");
        assert!(claim.hidden.is_empty(), "{key}");
    }
    assert_eq!(record.claims.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_was_applied_to_hidden_fields_is_known_after_a_rename_too() {
    let hide = |bench: &Bench| {
        let mut world = bench.vendor.world();
        world.objects.iter_mut().for_each(|object| *object = object.clone().with("password", Value::NotReadable));
    };
    let mut bench = Bench::new(&CENTRE, &SIP_NUMBER, vec![number("1")], Vec::new());
    bench.vendor.world().edits.push((
        1,
        Box::new(|objects| {
            objects[0] = objects[0].clone().with("password", Value::NotReadable);
        }),
    ));
    let record = learn(&bench).await;
    next(&mut bench, record);
    let changes = |bench: &Bench| -> Vec<Vec<&'static str>> {
        let plan = bench.fleet.plan();
        plan.steps.iter().map(|step| step.change.fields.iter().map(|field| field.name).collect()).collect()
    };
    assert!(changes(&bench).is_empty(), "the same as was applied");
    // A rename alone; and one with a new password.
    bench.fleet.desired.objects[0] = DesiredObject { previously: Some("1".into()), ..number("2") };
    assert_eq!(changes(&bench), [["number"]]);
    let record = learn(&bench).await;
    next(&mut bench, record);
    assert!(changes(&bench).is_empty());
    let entry = number("3").with("password", Value::secret("new"));
    bench.fleet.desired.objects[0] = DesiredObject { previously: Some("2".into()), ..entry };
    assert_eq!(changes(&bench), [["number", "password"]]);
    let record = learn(&bench).await;
    hide(&bench);
    next(&mut bench, record);
    assert!(changes(&bench).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_is_protected_all_the_same() {
    let entry = DesiredObject { protect: Some(true), ..account("a", "u") };
    let mut fleet = Fleet::new(&PBX, &TRUNK, vec![entry], Vec::new());
    fleet.live = partial(&TRUNK, vec![live(&peer("a", "h"), "1")]);
    assert!(fleet.plan().steps.is_empty());
    assert_eq!(names(&learn(&Bench::of(fleet)).await), ["a=1*"]);
}

#[test]
fn of_two_with_one_name_none_is_recovered() {
    let objects = vec![live(&peer("made", "h"), "1"), live(&peer("made", "h"), "2")];
    let mut fleet = Fleet::new(&PBX, &TRUNK, Vec::new(), Vec::new());
    fleet.live = partial(&TRUNK, objects);
    let mut claims = Claims::of_ledger();
    claims::recover(&mut claims, fleet.target(), &fleet.live, &[intent("create", "made", false)]);
    assert!(claims.is_empty());
}

fn intent(action: &str, key: &str, protect: bool) -> OpenIntent {
    OpenIntent { address: format!("t/trunk/{key}"), action: action.into(), protect, ..OpenIntent::default() }
}

#[test]
fn a_run_that_was_cut_off_is_settled_by_looking() {
    let fleet = Fleet::new(
        &PBX,
        &TRUNK,
        Vec::new(),
        ["made", "known", "renamed", "theirs"].map(|key| live(&peer(key, "h"), &format!("id-{key}"))).into(),
    );
    let mut claims = Claims::of_ledger();
    let old = |id: &str| Claim { remote_id: id.into(), protect: true, ..Claim::default() };
    claims.insert("trunk", "made", old("id-before"));
    claims.insert("trunk", "known", old("id-known"));
    claims.insert("trunk", "former", old("id-renamed"));
    let left_over = [
        intent("replace", "made", false),
        intent("create", "known", false),
        intent("update", "renamed", false),
        intent("update", "theirs", false),
        intent("create", "not-there", false),
        intent("delete", "theirs", false),
        OpenIntent { address: "nonsense".into(), ..intent("create", "x", true) },
    ];
    claims::recover(&mut claims, fleet.target(), &fleet.live, &left_over);
    let told = |claims: &Claims| names(&TargetRecord { claims: claims.clone(), ..TargetRecord::default() });
    assert_eq!(told(&claims), ["known=id-known*", "made=id-made*", "renamed=id-renamed*"]);
    // Without anything that was known before.
    let mut claims = Claims::default();
    claims::recover(
        &mut claims,
        fleet.target(),
        &fleet.live,
        &[intent("create", "made", true), intent("create", "known", false)],
    );
    assert_eq!(told(&claims), ["known=id-known", "made=id-made*"]);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_could_look_at_stays_in_the_journal() {
    let protected = DesiredObject { protect: Some(true), ..account("new", "u") };
    let bench = Bench::new(&PBX, &TRUNK, vec![protected], Vec::new()).acting([Dropped, Dropped]);
    let plan = bench.fleet.plan();
    let report = bench.execute(&plan, &reviewed::all(&plan)).await;
    let elsewhere = OpenIntent { address: "unread/trunk/x".into(), ..intent("create", "x", false) };
    let left_over = [intent("create", "settled", false), elsewhere.clone()];
    let open = claims::unsettled(&left_over, &plan, &report);
    let unknown = OpenIntent { result: Some(Ending::Unknown), ..intent("create", "new", true) };
    assert_eq!(open, [unknown, elsewhere]);
    // A listing that isn't whole settles nothing.
    let mut fleet = Fleet::new(&PBX, &TRUNK, Vec::new(), Vec::new());
    fleet.live = partial(&TRUNK, Vec::new());
    assert_eq!(claims::unsettled(&left_over, &fleet.plan(), &Report::default()).len(), 2);
}

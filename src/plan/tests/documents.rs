//! The plan as a document, and the digests.

use proptest::prelude::*;

use crate::model::kinds::{SIP_NUMBER, TRUNK};
use crate::model::testing::{CENTRE, PBX, TARGET, With, account, live, number, peer, source};
use crate::model::{Address, Desired, Glob, Prune, Removed, Value};
use crate::plan::digest::config_digest;
use crate::plan::document::{Context, PlanDocument};
use crate::plan::secrets::Secrets;
use crate::plan::sections;
use crate::plan::testing::{Fleet, fingerprinter};

fn document(fleet: &Fleet) -> PlanDocument {
    let files = ["t.yaml".to_owned()];
    PlanDocument::new(&fleet.plan(), Context { desired: &fleet.desired, files: &files, for_apply: true })
}

fn fleet() -> Fleet {
    let agent = |key: &str, agent: &str| number(key).with("agent", Value::text(agent));
    let entries = vec![
        agent("1", "b").with("password", Value::secret("canary-1")),
        agent("2", "a"),
        number("3"),
        number("4").with("nat", Value::Bool(true)),
    ];
    let objects = vec![
        live(&agent("1", "a"), "i1"),
        live(&agent("2", "b"), "i2"),
        live(&number("4"), "i4").with("nat", Value::NotReadable).with("codecs", Value::Unset),
        live(&number("5").with("password", Value::secret("canary-2")), "i5"),
    ];
    let address = Address::new(TARGET, "sip_number", "5");
    Fleet::new(&CENTRE, &SIP_NUMBER, entries, objects).removing(vec![Removed {
        address,
        delete: true,
        source: source(9),
    }])
}

#[test]
fn it_comes_back_from_json_with_the_same_digest() {
    let document = document(&fleet());
    assert_eq!(document.digest, document.compute_digest());
    for text in [serde_json::to_string(&document), serde_json::to_string_pretty(&document)] {
        let back: PlanDocument = serde_json::from_str(&text.unwrap()).unwrap();
        assert_eq!(back, document);
        assert_eq!(back.compute_digest(), document.digest);
    }
    let fields = document.changes.iter().flat_map(|change| &change.fields);
    let nulls = fields.filter(|field| field.before == Some(serde_json::Value::Null)).count();
    assert!(nulls > 0, "a field that isn't there is null, not left out");
}

#[test]
fn its_digest_is_of_its_json_without_what_is_left_out() {
    let document = document(&fleet());
    let mut bare = document.clone();
    bare.digest.clear();
    bare.targets.iter_mut().for_each(|target| (target.requests, target.seal) = (0, None));
    let json = serde_json::to_string(&bare).unwrap();
    assert_eq!(document.compute_digest(), crate::plan::digest::sha256(json.as_bytes()));
}

#[test]
fn what_is_only_looked_at_lacks_digests_and_fingerprints_and_nothing_else() {
    let (fleet, files) = (fleet(), ["a.yaml".to_owned()]);
    let context = Context { desired: &fleet.desired, files: &files, for_apply: false };
    let mut whole = PlanDocument::new(&fleet.plan(), context);
    let shown = PlanDocument::to_look_at(&fleet.plan(), context);
    assert!(shown.digest.is_empty() && shown.config_digest.is_empty());
    assert!(whole.changes.iter().any(|change| change.live_fingerprint.is_some()));
    (whole.digest, whole.config_digest) = (String::new(), String::new());
    whole.changes.iter_mut().for_each(|change| change.live_fingerprint = None);
    assert_eq!(shown, whole);
}

#[test]
fn it_holds_no_secret() {
    let text = serde_json::to_string(&document(&fleet())).unwrap();
    assert!(!text.contains("canary"), "{text}");
    assert!(!format!("{:?}", fleet().plan().steps).contains("canary"));
    let document = document(&fleet());
    let password = document.changes[0].fields.iter().chain(&document.changes[1].fields);
    let secret: Vec<_> = password.filter(|field| field.name == "password").collect();
    assert!(secret.iter().all(|field| field.secret && field.before.is_none() && field.after.is_none()));
    assert_eq!(document.targets[0].not_readable, ["sip_number/4/nat"]);
}

#[test]
fn its_digest_leaves_out_counts_of_requests_and_nothing_else() {
    let document = document(&fleet());
    let with = |change: &dyn Fn(&mut PlanDocument)| {
        let mut other = document.clone();
        change(&mut other);
        other.compute_digest() == document.digest
    };
    assert!(with(&|other| other.targets[0].requests += 1));
    assert!(with(&|other| other.digest = "x".into()));
    assert!(with(&|other| other.targets[0].seal = None));
    assert!(!with(&|other| other.version = "x".into()));
    assert!(!with(&|other| other.inputs.allow_deletes = Some(1)));
    assert!(!with(&|other| other.changes[0].action = "delete".into()));
    assert!(!with(&|other| other.changes[0].live_fingerprint = None));
    assert!(!with(&|other| other.changes[0].fields[0].deferred = Some("x".into())));
    assert!(!with(&|other| drop(other.changes.pop())));
    assert!(!with(&|other| other.targets[0].secrets = None));
}

fn desired() -> Desired {
    let mut objects = vec![account("a", "u"), peer("b", "h")];
    objects[1].previously = Some("c".into());
    let address = Address::new(TARGET, "trunk", "gone");
    let mut targets = vec![crate::model::testing::target(&PBX)];
    targets[0].settings = Box::new([Value::text("api"), Value::secret("door")]);
    Desired {
        targets,
        objects,
        call_checks: Vec::new(),
        unselected: Vec::new(),
        removed: vec![Removed { address, delete: true, source: source(9) }],
    }
}

#[test]
fn the_digest_of_the_configuration_covers_everything_but_secrets_and_places() {
    let same = config_digest(&desired());
    let with = |change: &dyn Fn(&mut Desired)| {
        let mut other = desired();
        change(&mut other);
        config_digest(&other) == same
    };
    let kept: &[&dyn Fn(&mut Desired)] = &[
        &|desired| desired.objects[0] = desired.objects[0].clone().with("password", Value::secret("another")),
        &|desired| desired.objects[0].source = source(99),
        &|desired| desired.targets[0].source = source(99),
        &|desired| desired.removed[0].source = source(99),
        &|desired| desired.targets[0].settings[1] = Value::secret("another"),
        &|desired| desired.targets[0].limits.concurrency = 9,
    ];
    for (index, change) in kept.iter().enumerate() {
        assert!(with(change), "kept {index}");
    }
    let changed: &[&dyn Fn(&mut Desired)] = &[
        &|desired| desired.objects[0] = desired.objects[0].clone().with("password", Value::Unset),
        &|desired| desired.objects[0] = desired.objects[0].clone().with("username", Value::text("v")),
        &|desired| desired.objects[1] = desired.objects[1].clone().with("port", Value::Integer(5061)),
        &|desired| desired.objects[1] = desired.objects[1].clone().with("port", Value::text("5060")),
        &|desired| desired.objects[1] = desired.objects[1].clone().with("domain", Value::text("-")),
        &|desired| desired.objects[1] = desired.objects[1].clone().with("domain", Value::text("unset")),
        &|desired| desired.objects[1].previously = None,
        &|desired| desired.objects[1].protect = Some(false),
        &|desired| desired.objects[1].ignore_fields.insert(3),
        &|desired| drop(desired.objects.pop()),
        &|desired| desired.removed[0].delete = false,
        &|desired| desired.removed.clear(),
        &|desired| desired.targets[0].url = "https://other".into(),
        &|desired| desired.targets[0].prune = Prune::Exclusive,
        &|desired| desired.targets[0].ignore.push(Glob::new("x").unwrap()),
        &|desired| desired.targets[0].settings[0] = Value::text("other"),
        &|desired| desired.targets[0].tls.insecure_skip_verify = true,
        &|desired| desired.targets[0].provider = &CENTRE,
    ];
    for (index, change) in changed.iter().enumerate() {
        assert!(!with(change), "changed {index}");
    }
}

#[test]
fn the_fingerprint_of_secrets_covers_those_of_the_target_and_of_its_objects() {
    let of = |desired: &Desired| Secrets::of(TARGET, desired).fingerprint(&fingerprinter(7));
    let same = of(&desired());
    let mut other = desired();
    other.objects[0] = other.objects[0].clone().with("password", Value::secret("another"));
    assert_ne!(of(&other), same);
    let mut other = desired();
    other.targets[0].settings[1] = Value::secret("another");
    assert_ne!(of(&other), same);
    let mut other = desired();
    other.objects[0] = other.objects[0].clone().with("username", Value::text("v"));
    assert_eq!(of(&other), same);
}

#[test]
fn its_seal_is_of_the_whole_document_and_of_the_key() {
    let document = document(&fleet());
    let seal = document.targets[0].seal.clone().unwrap();
    assert_eq!(seal, fingerprinter(7).seal(TARGET, &document.digest));
    assert_ne!(seal, fingerprinter(8).seal(TARGET, &document.digest));
    let mut other = document.clone();
    other.inputs.allow_deletes = Some(99);
    assert_ne!(seal, fingerprinter(7).seal(TARGET, &other.compute_digest()));
    assert_ne!(seal, fingerprinter(7).seal("another", &document.digest));
    // What is only shown carries none.
    let fleet = fleet();
    let shown = PlanDocument::new(&fleet.plan(), Context { desired: &fleet.desired, files: &[], for_apply: false });
    assert_eq!((&shown.targets[0].seal, &shown.targets[0].config), (&None, &None));
}

/// As many trunks as asked for, each with a password.
fn many(count: usize) -> Fleet {
    let key = |index: usize| format!("k{index:06}");
    let entries = (0..count).map(|index| account(&key(index), "u").with("password", Value::secret(key(index))));
    Fleet::new(&PBX, &TRUNK, entries.collect(), Vec::new())
}

#[test]
fn it_tells_which_part_of_the_yaml_differs() {
    let fleet = many(20);
    let document = document(&fleet);
    let with = |change: &dyn Fn(&mut Desired)| {
        let mut other = many(20);
        change(&mut other.desired);
        sections::differences(&document, &other.desired, 5)
    };
    let place = |index: usize| fleet.desired.objects[index].source.to_string();
    let same: Vec<String> = Vec::new();
    assert_eq!(with(&|_| ()), same);
    assert_eq!(
        with(&|desired| desired.objects[3] = desired.objects[3].clone().with("password", Value::secret("x"))),
        same
    );
    let told = with(&|desired| desired.objects[3] = desired.objects[3].clone().with("username", Value::text("x")));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with(&format!("{TARGET}/trunk/k00")) && told[0].contains(&place(3)), "{told:?}");
    let told = with(&|desired| desired.objects.push(account("new", "u")));
    assert!(told.len() == 1 && told[0].contains(&format!("{TARGET}/trunk/")), "{told:?}");
    assert_eq!(with(&|desired| drop(desired.objects.remove(3))), [format!("{TARGET}/trunk/k000003, which is gone")]);
    let told = with(&|desired| desired.targets[0].prune = Prune::Exclusive);
    assert!(told[0].starts_with(&format!("the settings of the target {TARGET}")), "{told:?}");
    let told = with(&|desired| {
        let address = Address::new(TARGET, "trunk", "x");
        desired.removed.push(Removed { address, delete: true, source: source(9) });
    });
    assert_eq!(told, [format!("`removed:` about the target {TARGET}")]);
    let told = with(&|desired| desired.targets.clear());
    assert_eq!(told, [format!("the target {TARGET}, which is gone")]);
    let told = with(&|desired| {
        desired.objects.iter_mut().for_each(|object| *object = object.clone().with("username", Value::text("x")));
    });
    assert_eq!((told.len(), &*told[5]), (6, "more"), "{told:?}");
}

#[test]
fn it_tells_which_secret_differs() {
    for count in [1, 20, 750] {
        let (fleet, key) = (many(count), fingerprinter(7));
        let then = Secrets::of(TARGET, &fleet.desired).stretches(&key);
        assert!(then.len() < 256 * 17 + 1, "{}", then.len());
        for at in [0, count / 2, count - 1] {
            let mut other = many(count);
            other.desired.objects[at] = other.desired.objects[at].clone().with("password", Value::secret("canary"));
            let told = Secrets::of(TARGET, &other.desired).differences(&then, &key, 5);
            let address = other.desired.objects[at].address.to_string();
            assert_eq!(told.len(), 1, "{told:?}");
            assert!(count > 256 || told[0].starts_with(&format!("`password` of {address}")), "{told:?}");
            assert!(count < 256 || told[0].starts_with("one of the "), "{told:?}");
            assert!(!told[0].contains("canary"), "{told:?}");
        }
        assert!(Secrets::of(TARGET, &fleet.desired).differences(&then, &key, 5).is_empty());
    }
    // Equal secrets don't show as equal.
    let mut fleet = many(2);
    fleet.desired.objects[1] = fleet.desired.objects[1].clone().with("password", Value::secret("k000000"));
    let stretches = Secrets::of(TARGET, &fleet.desired).stretches(&fingerprinter(7));
    let (first, second) = stretches.split_once(' ').unwrap();
    assert_ne!(first, second);
}

#[test]
fn what_is_kept_about_the_yaml_stays_small() {
    let fleet = many(2000);
    let mut target = document(&fleet).targets.remove(0);
    target.unmanaged.clear();
    let size = serde_json::to_string(&target).unwrap().len();
    assert!(size < 24_000, "{size} bytes for 2000 entries");
}

#[test]
fn it_counts() {
    let mut fleet = Fleet::new(
        &PBX,
        &TRUNK,
        vec![peer("adopted", "h"), peer("lab", "h"), peer("new", "h"), peer("same", "h"), account("type", "u")],
        ["adopted", "lab", "same", "stranger", "type"].iter().map(|key| live(&peer(key, "h"), key)).collect(),
    );
    // Where the id is the key, the name is enough.
    fleet.claims.remove("trunk", "adopted");
    fleet.claims.remove("trunk", "stranger");
    fleet.desired.targets[0].ignore = vec![Glob::new("trunk/lab").unwrap()];
    let summary = document(&fleet).summary;
    let counts = [summary.create, summary.update, summary.replace, summary.delete, summary.cannot_converge];
    assert_eq!(counts, [1, 0, 1, 0, 0]);
    assert_eq!([summary.unchanged, summary.adopt, summary.unmanaged, summary.ignored], [2, 1, 1, 1]);
}

proptest! {
    #[test]
    fn parts_of_the_configuration_do_not_run_into_each_other(a in "[ab]{1,2}", b in "[ab]{1,2}", c in "[ab]{1,2}") {
        let of = |host: &str, key: &str| {
            let mut desired = desired();
            desired.objects[1] = peer(key, host);
            config_digest(&desired)
        };
        prop_assert_eq!(of(&a, &b) == of(&b, &c), a == b && b == c);
    }
}

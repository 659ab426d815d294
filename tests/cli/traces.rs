//! What could show a secret by accident: `{:?}` of what holds one, and a core file.

use sipform::config::{self, SandboxSecrets, Wanted};
use sipform::model::{Completeness, Credential, FieldSet, Listing, LiveObject, Secret, Snapshot, Value};
use sipform::plan::fingerprint::{KeySource, MasterKey};
use sipform::provider::{NewObject, Update, registry};

use crate::harness::Place;

const CANARY: &str = "CANARY";

/// Whoever has `Debug` is searched; who doesn't, can't be printed by accident.
fn search(what: &str, shown: &str) {
    assert!(!shown.contains(CANARY), "{what}: {shown}");
    assert!(!shown.contains("67, 65, 78, 65, 82, 89"), "{what}, as bytes: {shown}");
}

#[test]
fn no_debug_shows_a_secret() {
    let place = Place::new();
    place.write(
        "a.yaml",
        "version: 1\ntargets:\n  hq: { provider: yeastar, url: \"https://a.example\", username: u, password: CANARY-1 }\n\
         trunks: [{ name: a, target: hq, type: account, username: u, auth_name: u, password: CANARY-2 }]\n",
    );
    let tables: Vec<_> = registry::tables().collect();
    let loaded = config::load(&[place.path("a.yaml")], &tables);
    search("diagnostics", &format!("{:?}", loaded.diagnostics()));
    let resolved = loaded.resolve(&SandboxSecrets, &Wanted::ALL).unwrap();
    let desired = resolved.desired;
    search("desired", &format!("{:?} {:?} {:?}", desired.objects, desired.targets, desired.removed));
    let (target, object) = (&desired.targets[0], &desired.objects[0]);
    assert_eq!(target.setting_text("password"), "CANARY-1");
    let mut live = LiveObject::new("a", "1", object.values.clone());
    live.extra_mut().credentials.push(Credential { account: "1".into(), password: Some(Secret::new(CANARY)) });
    let listing = Listing { kind: object.kind, completeness: Completeness::Complete, objects: vec![live.clone()] };
    search("live", &format!("{live:?} {:?}", Snapshot { listings: vec![listing], requests: 1 }));
    search("value", &format!("{:?} {:?}", Value::secret(CANARY), Value::List(vec![Value::secret(CANARY)].into())));
    search("secret", &format!("{:?}", Secret::new(CANARY)));
    let key = MasterKey::new(*b"CANARYCANARYCANARYCANARYCANARYCA");
    search(
        "key",
        &format!("{key:?} {:?} {:?}", KeySource::Master(key.clone()), KeySource::Credential(Secret::new(CANARY))),
    );
    search("new", &format!("{:?}", NewObject { kind: object.kind, key: "a", values: &object.values }));
    let update =
        Update { kind: object.kind, live: &live, key: "a", values: &object.values, changed: FieldSet::default() };
    search("update", &format!("{update:?}"));
}

/// Where the system shows a process's limits.
#[cfg(target_os = "linux")]
#[test]
fn no_core_file_is_written() {
    let place = Place::new();
    let served = crate::wire::Served::new(&place, "");
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", served.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().collect::<Vec<_>>()[4..6], ["0", "0"], "{core}");
}

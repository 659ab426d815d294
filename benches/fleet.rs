//! Fleets of any size: YAML, the live state that it is held against, and everything that a plan is made of.

use std::fmt::Write as _;
use std::path::Path;

use sipform::config::{self, Resolver, Wanted};
use sipform::diff::{Diff, Input, diff};
use sipform::model::{
    Claim, Claims, Completeness, Desired, DesiredObject, Listing, LiveObject, Selection, Snapshot, Target, Value,
};
use sipform::plan::applied::Remembered;
use sipform::plan::fingerprint::{KeySource, MasterKey};
use sipform::plan::{Fingerprinter, Options, Plan, TargetInput, build};
use sipform::provider::registry;

/// How the live state differs from the YAML.
#[derive(Clone, Copy)]
pub(crate) enum State {
    /// Not at all.
    Same,
    /// A third of the objects is missing, a third differs in a field, and a third of what is there is in no YAML.
    Mixed,
}

/// One target with so many SIP numbers.
pub(crate) struct Fleet {
    desired: Desired,
    snapshot: Snapshot,
    claims: Claims,
    fingerprinter: Fingerprinter,
    selection: Selection,
}

/// The YAML of so many SIP numbers on one target.
pub(crate) fn yaml(count: usize) -> String {
    let mut yaml = String::from(
        "version: 1\ntargets:\n  cc: { provider: 7moor, app_key: \"2000113\", secret: \"${env:SECRET}\", prune: exclusive }\n\
         sip_numbers:\n",
    );
    for number in (10_000_000..).take(count) {
        _ = writeln!(
            yaml,
            "  - {{ number: \"{number}\", target: cc, password: \"${{env:SECRET}}-{{number}}\", nat: false, codecs: [G711A] }}"
        );
    }
    yaml
}

/// Reads the YAML and resolves its references.
pub(crate) fn load(yaml: &str) -> Desired {
    let tables: Vec<_> = registry::tables().collect();
    let loaded = config::load_with(&[], Some((Path::new("fleet.yaml"), yaml)), &tables);
    loaded.resolve(&Secrets, &Wanted::ALL).expect("the YAML is right").desired
}

impl Fleet {
    /// So many numbers, or as many in each of the three thirds together.
    pub(crate) fn new(count: usize, state: State) -> Self {
        let desired = load(&yaml(count));
        let objects: Vec<_> = match state {
            State::Same => desired.objects.iter().map(as_wanted).collect(),
            State::Mixed => desired.objects.iter().enumerate().filter_map(third).collect(),
        };
        let kind = desired.objects.first().expect("an object").kind;
        let mut claims = Claims::of_ledger();
        for live in &objects {
            claims.insert(kind.name, live.key.clone(), Claim { remote_id: live.remote_id.clone(), ..Claim::default() });
        }
        let listings = vec![Listing { kind, completeness: Completeness::Complete, objects }];
        Self {
            desired,
            snapshot: Snapshot { listings, requests: 2 },
            claims,
            fingerprinter: Fingerprinter::new(KeySource::Master(MasterKey::new([7; 32])), "https://pbx.example"),
            selection: Selection::default(),
        }
    }

    /// What the YAML wants.
    pub(crate) fn desired(&self) -> &Desired {
        &self.desired
    }

    /// The differences.
    pub(crate) fn diff(&self) -> Diff<'_> {
        let applied = Remembered { claims: &self.claims, fingerprinter: &self.fingerprinter, key_check: None };
        diff(&Input {
            target: self.target(),
            desired: &self.desired.objects,
            unselected: &[],
            removed: &[],
            snapshot: &self.snapshot,
            claims: &self.claims,
            applied: &applied,
            replace: &[],
            selection: &self.selection,
        })
    }

    /// The plan of these differences.
    pub(crate) fn plan<'a>(&'a self, diff: Diff<'a>) -> Plan<'a> {
        let (target, claims, fingerprinter) = (self.target(), &self.claims, &self.fingerprinter);
        build(vec![TargetInput { target, live: Ok(&self.snapshot), claims, diff, fingerprinter }], Options::default())
    }

    fn target(&self) -> &Target {
        self.desired.targets.first().expect("a target")
    }
}

fn as_wanted(desired: &DesiredObject) -> LiveObject {
    let key = &desired.address.key;
    LiveObject::new(key.clone(), format!("605aeef6e9930e49{key}"), desired.values.clone())
}

/// Nothing of the first, something else of the second, and of the third one that the YAML doesn't know.
fn third((index, desired): (usize, &DesiredObject)) -> Option<LiveObject> {
    let mut live = as_wanted(desired);
    match index % 3 {
        0 => None,
        1 => {
            let nat = desired.kind.index_of("nat").expect("SIP numbers have it");
            *live.values.get_mut(nat).expect("a value a field") = Value::Bool(true);
            Some(live)
        }
        _ => Some(LiveObject { key: format!("2{}", live.key).into(), ..live }),
    }
}

/// Every reference gives the same.
struct Secrets;

impl Resolver for Secrets {
    fn env(&self, _: &str) -> Result<Option<String>, config::Unreadable> {
        Ok(Some("a-secret".into()))
    }

    fn file(&self, _: &Path) -> Result<String, config::Unreadable> {
        Ok("a-secret".into())
    }

    fn cmd(&self, _: &str) -> Result<String, config::Unreadable> {
        Ok("a-secret".into())
    }
}

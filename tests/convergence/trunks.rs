//! Random lives of a PBX's trunks.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value as Json, json};

use super::hands::Tampering;
use super::story::{Story, live_all};
use super::yaml;

const NAMES: [&str; 6] = ["t0", "t1", "t2", "t3", "t4", "t5"];
/// Few, so that they move from trunk to trunk.
const USERS: [&str; 6] = ["u0", "u1", "u2", "u3", "u4", "u5"];
const HOSTS: [&str; 3] = ["a.example", "b.example", "10.0.0.1"];
const FIELDS: [&str; 5] = ["host", "port", "username", "password", "dod"];

/// What an entry or a record says, but for its name and its user.
#[derive(Clone, Debug)]
struct Draft {
    kind: &'static str,
    host: &'static str,
    port: u16,
    password: &'static str,
    from_user: &'static str,
    extensions: Vec<u8>,
    groups: Vec<u8>,
}

fn draft() -> impl Strategy<Value = Draft> + Clone {
    let kind = prop_oneof![1 => Just("register"), 1 => Just("peer"), 3 => Just("account")];
    let (host, port) = (proptest::sample::select(&HOSTS[..]), prop_oneof![Just(5060), Just(5070)]);
    let (password, from_user) = (prop_oneof![Just("pw-1"), Just("pw-2")], prop_oneof![Just(""), Just("from")]);
    let dod = || vec(0..3_u8, 0..3);
    (kind, host, port, password, from_user, dod(), dod()).prop_map(
        |(kind, host, port, password, from_user, extensions, groups)| Draft {
            kind,
            host,
            port,
            password,
            from_user,
            extensions,
            groups,
        },
    )
}

impl Draft {
    /// As an entry of the YAML.
    fn entry(&self, name: &str, user: &str) -> Json {
        let dod = |list: &[u8], who: &str| -> Json {
            list.iter().map(|n| json!({ "number": format!("55{n}"), "name": "a-b", who: format!("10{n}") })).collect()
        };
        let mut entry = json!({
            "name": name, "target": "box", "type": self.kind,
            "dod": { "extensions": dod(&self.extensions, "extension"), "groups": dod(&self.groups, "group") },
        });
        if self.kind != "account" {
            extend(&mut entry, &json!({ "host": self.host, "port": self.port, "domain": self.host }));
        }
        if self.kind != "peer" {
            extend(&mut entry, &json!({ "username": user, "auth_name": user, "password": self.password }));
        }
        if self.kind == "register" {
            extend(&mut entry, &json!({ "from_user": self.from_user }));
        }
        entry
    }

    /// As the PBX keeps it.
    fn record(&self, id: usize, name: &str, user: &str) -> Json {
        let dod = |list: &[u8]| list.iter().map(|n| format!("55{n}-a-b-10{n}")).collect::<Vec<_>>().join(",");
        let mut record = json!({
            "id": id.to_string(), "trunkname": name, "trunktype": self.kind, "status": "Registered",
            "extensionsdod": dod(&self.extensions), "extensionsgroupdod": dod(&self.groups),
        });
        if self.kind != "account" {
            extend(&mut record, &json!({ "host": self.host, "port": self.port.to_string(), "domain": self.host }));
        }
        if self.kind != "peer" {
            extend(&mut record, &json!({ "username": user, "authname": user, "password": self.password }));
        }
        if self.kind == "register" {
            extend(&mut record, &json!({ "fromuser": self.from_user }));
        }
        record
    }
}

fn extend(object: &mut Json, more: &Json) {
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

/// A PBX with some trunks; account trunks have user names of their own.
fn state() -> impl Strategy<Value = Json> {
    let some = subsequence(&NAMES[..], 0..=NAMES.len());
    (some, vec(draft(), NAMES.len()), Just(USERS).prop_shuffle()).prop_map(|(names, drafts, users)| {
        let records = names.iter().zip(drafts).zip(users).zip(11..);
        let trunks: Vec<_> = records.map(|(((name, draft), user), id)| draft.record(id, name, user)).collect();
        json!({ "trunks": trunks, "other_trunks": [{ "id": "1", "trunkname": "pots", "type": "FXO", "status": "Idle" }] })
    })
}

/// What becomes of a name in a document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Part {
    Absent,
    Entry,
    Delete,
    Forget,
}

pub(super) fn part() -> impl Strategy<Value = Part> + Clone {
    prop_oneof![2 => Just(Part::Absent), 5 => Just(Part::Entry), 1 => Just(Part::Delete), 1 => Just(Part::Forget)]
}

/// The settings of an entry that every kind has.
pub(super) fn settings(fields: &'static [&'static str]) -> impl Strategy<Value = Json> + Clone {
    let protect = prop_oneof![6 => Just(None), 1 => Just(Some(true)), 2 => Just(Some(false))];
    let ignored = prop_oneof![3 => Just(Vec::new()), 1 => subsequence(fields, 0..=2)];
    (protect, ignored).prop_map(|(protect, ignored)| {
        let mut settings = json!({});
        if let Some(protect) = protect {
            settings["protect"] = protect.into();
        }
        if !ignored.is_empty() {
            settings["ignore_fields"] = ignored.into();
        }
        settings
    })
}

/// The settings of a target that a plan depends on.
pub(super) fn target(kind: &'static str, names: &'static [&'static str]) -> impl Strategy<Value = Json> + Clone {
    let prune = prop_oneof![1 => Just("none"), 3 => Just("claimed"), 2 => Just("exclusive")];
    let ignored = prop_oneof![4 => Just(Vec::new()), 1 => subsequence(names, 1..=2)];
    (prune, ignored).prop_map(move |(prune, ignored)| {
        let ignore: Vec<_> = ignored.iter().map(|name| format!("{kind}/{name}*")).collect();
        json!({ "prune": prune, "ignore": ignore })
    })
}

/// Puts a document together; `entry` makes the entry of the nth name. Every second absent name is somebody's former one.
pub(super) fn assemble(
    (provider, kind): (&str, &str),
    target: &Json,
    names: &[&str],
    parts: &[Part],
    former: &[bool],
    entry: impl Fn(usize) -> Json,
) -> Json {
    let with = |wanted: Part| (0..names.len()).filter(move |&at| parts[at] == wanted);
    let mut absent = with(Part::Absent);
    let entries = with(Part::Entry).map(|at| {
        let mut entry = entry(at);
        if let Some(old) = former[at].then(|| absent.next()).flatten() {
            entry["previously"] = names[old].into();
        }
        entry
    });
    let entries: Vec<_> = entries.collect();
    let removed = |part, delete| {
        with(part).map(move |at| json!({ "address": format!("box/{kind}/{}", names[at]), "delete": delete }))
    };
    let mut document = yaml::document(provider, target);
    document["removed"] = removed(Part::Delete, true).chain(removed(Part::Forget, false)).collect();
    document[format!("{kind}s")] = entries.into();
    document
}

fn document() -> impl Strategy<Value = Json> + Clone {
    let count = NAMES.len();
    let entries = vec((draft(), settings(&FIELDS)), count);
    let users = Just(USERS).prop_shuffle();
    (target("trunk", &NAMES), vec(part(), count), vec(any::<bool>(), count), entries, users).prop_map(
        |(target, parts, former, entries, users)| {
            assemble(("yeastar", "trunk"), &target, &NAMES, &parts, &former, |at| {
                let (draft, settings) = &entries[at];
                let mut entry = draft.entry(NAMES[at], users[at]);
                extend(&mut entry, settings);
                entry
            })
        },
    )
}

/// Entries to make anew, seldom.
fn replaced() -> impl Strategy<Value = Vec<usize>> {
    prop_oneof![4 => Just(Vec::new()), 1 => vec(0..3_usize, 1)]
}

/// Lives of whatever kind. Sometimes the same is applied twice.
pub(super) fn stories(
    state: impl Strategy<Value = Json>,
    document: impl Strategy<Value = Json> + Clone,
    tampering: impl Strategy<Value = Tampering>,
) -> impl Strategy<Value = Story> {
    let first = proptest::option::weighted(0.7, document.clone());
    let flags = [0.15, 0.2, 0.3].map(proptest::bool::weighted);
    (state, first, vec(tampering, 0..6), flags, document, replaced()).prop_map(
        |(state, first, tampering, [same, forgetful, slow], second, replace)| {
            let second = first.clone().filter(|_| same).unwrap_or(second);
            Story { state, first, tampering, forgetful, second, replace, slow }
        },
    )
}

fn tampering() -> impl Strategy<Value = Tampering> {
    let name = proptest::sample::select(&NAMES[..]).prop_map(str::to_owned);
    (name, 0..5).prop_map(|(name, what)| match what {
        0 => Tampering::Remove(name),
        1 => Tampering::Rename(name),
        2 => Tampering::Remake(name),
        3 => Tampering::Set(name, "host", "C.example".into()),
        _ => Tampering::Set(name, "extensionsdod", "559-z-109,558-z-109".into()),
    })
}

pub(super) fn story() -> impl Strategy<Value = Story> {
    stories(state(), document(), tampering())
}

#[test]
fn an_applied_plan_leaves_nothing_to_plan() {
    live_all(250, &story());
}

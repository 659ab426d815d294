//! The seeds: what the sandbox answered, and the documents that come of it. `cargo test --lib fuzzing::seeds -- --ignored`
//! writes them to `fuzz/corpus/`.
//!
//! A seed's name says what its entry does with it: `ok-…` is taken, `no-…` is refused; `found-…` is what a fuzzer has found
//! and is written by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{Request, Response};

use crate::diff::{self, Input};
use crate::http::{Client, Exchange, Transport, TransportError};
use crate::ledger::{Journal, Ledger, LedgerFile, TargetRecord};
use crate::model::outcome::{Action, Ending};
use crate::model::{Address, Claim, Claims, DesiredObject, Selection, Snapshot, Target};
use crate::plan::applied::Remembered;
use crate::plan::document::{Context, PlanDocument};
use crate::plan::fingerprint::{KeySource, MasterKey};
use crate::plan::{self, Fingerprinter, TargetInput};
use crate::provider::registry;
use crate::sandbox::{Fault, Sandbox, Settings};

use super::{ENTRIES, scratch, vendors};

/// Seeds by entry and name.
type Seeds = BTreeMap<String, Vec<u8>>;

/// A verb, and the calls that it is about.
type Verb = (&'static str, &'static str);

/// An entry, the target that it talks to, and what is asked of it.
const DIALECTS: &[(&str, &str, &[Verb])] = &[
    ("yeastar_v2", "yeastar-v2", PBX),
    ("yeastar_v1", "yeastar-v1", PBX),
    ("openvox_json", "openvox-json", PBX),
    ("openvox_xml", "openvox-xml", PBX),
    ("moor7", "moor7", &[("create", "*create"), ("update", "*update"), ("delete", "*delete")]),
    ("itniotech", "itniotech", &[("create", "*dd"), ("update", "*update")]),
];

const PBX: &[Verb] = &[("create", "*/add*"), ("update", "*/update*"), ("delete", "*/delete*"), ("dial", "extension*")];

/// What goes wrong with a listing.
const READ_FAULTS: &[&str] =
    &["refuse=10062:*query*:*", "garbage:*query*:*", "short:*query*:*", "cut:*query*:1", "expire:*query*:1"];

/// What goes wrong with a write.
const WRITE_FAULTS: &[&str] = &["refuse=10043:{}:*", "garbage-after:{}:*", "cut:{}:*", "slow=60000:{}:*"];

/// Passes everything on and writes it down as a script.
struct Recorder {
    inner: Arc<dyn Transport>,
    answers: Mutex<Vec<Vec<u8>>>,
}

#[async_trait]
impl Transport for Recorder {
    async fn send(&self, request: Request<Bytes>, exchange: Exchange) -> Result<Response<Bytes>, TransportError> {
        let place = {
            let mut answers = self.answers.lock().unwrap();
            answers.push(Vec::new());
            answers.len() - 1
        };
        let answer = self.inner.send(request, exchange).await;
        if let Some(slot) = self.answers.lock().unwrap().get_mut(place) {
            *slot = written(&answer);
        }
        answer
    }
}

fn written(answer: &Result<Response<Bytes>, TransportError>) -> Vec<u8> {
    let response = match answer {
        Ok(response) => response,
        Err(TransportError::TimedOut(_)) => return b"late".into(),
        Err(TransportError::NotSent(_)) => return b"unsent".into(),
        Err(_) => return b"cut".into(),
    };
    let header = |name| response.headers().get(name).map_or("-", |value| value.to_str().unwrap()).replace(' ', "");
    let mut text = format!("{} {}", response.status().as_u16(), header(CONTENT_TYPE));
    if response.headers().contains_key(RETRY_AFTER) {
        text = format!("{text} {}", header(RETRY_AFTER));
    }
    [text.as_bytes(), b"\n", response.body()].concat()
}

/// One conversation with a new box; with a fault, from the first call on.
fn conversation(name: &str, verb: &str, kind: &str, fault: Option<&str>) -> (bool, Vec<u8>) {
    let sandbox = Sandbox::new(None);
    sandbox.set_faults(fault.iter().map(|fault| fault.parse::<Fault>().unwrap()).collect());
    let recorder = Arc::new(Recorder { inner: transport(&sandbox, vendors::target(name)), answers: Mutex::default() });
    let heard = vendors::paused(vendors::converse(name, verb, kind, &(Arc::clone(&recorder) as Arc<dyn Transport>)));
    let mut script = format!("{verb} {kind}").into_bytes();
    for answer in recorder.answers.lock().unwrap().iter() {
        script.extend_from_slice(b"\n=== ");
        script.extend_from_slice(answer);
    }
    (heard.is_good(), script)
}

fn transport(sandbox: &Sandbox, target: &Target) -> Arc<dyn Transport> {
    let settings = target.provider.settings.iter().map(|setting| (setting.name, target.setting_text(setting.name)));
    let settings: Settings = settings.filter(|(_, text)| !text.is_empty()).collect();
    sandbox.open(&target.name, target.provider.name, &settings).unwrap().transport()
}

fn conversations(seeds: &mut Seeds) {
    for (entry, name, writes) in DIALECTS {
        let mut add = |what: String, verb: &str, kind: &str, fault: Option<&str>| {
            let (good, script) = conversation(name, verb, kind, fault);
            seeds.insert(format!("{entry}/{}-{what}", if good { "ok" } else { "no" }), script);
        };
        add("read".into(), "read", "-", None);
        for fault in READ_FAULTS {
            add(format!("read-{}", short(fault)), "read", "-", Some(fault));
        }
        add("read-wrong-login".into(), "read", "-", Some("wrong-login"));
        for (verb, endpoint) in *writes {
            for object in vendors::objects(name) {
                add(format!("{verb}-{}", object.kind.name), verb, object.kind.name, None);
            }
            let kind = vendors::objects(name).next().unwrap().kind.name;
            for fault in WRITE_FAULTS.iter().filter(|_| *verb == "create") {
                add(format!("{verb}-{}", short(fault)), verb, kind, Some(&fault.replace("{}", endpoint)));
            }
        }
    }
}

/// A fault's kind as a part of a file's name.
fn short(fault: &str) -> &str {
    fault.split([':', '=']).next().unwrap()
}

fn files(seeds: &mut Seeds) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (name, path) in [("example", "desired-state.example.yaml"), ("all-vendors", "examples/all-vendors.yaml")] {
        seeds.insert(format!("yaml/ok-{name}"), fs::read(root.join(path)).unwrap());
    }
    for (name, text) in YAML {
        seeds.insert(format!("yaml/{name}"), text.as_bytes().into());
    }
    for (name, text) in HEADERS {
        seeds.insert(format!("headers/{name}"), text.as_bytes().into());
    }
    for (name, text) in ROWS {
        seeds.insert(format!("rows/{name}"), text.as_bytes().into());
    }
    let issued = rcgen::generate_simple_self_signed(["pbx.example".to_owned()]).unwrap();
    let pem = issued.cert.pem();
    seeds.insert("certificates/ok-one".into(), pem.clone().into());
    seeds.insert("certificates/ok-two".into(), format!("a box's own\n{pem}{pem}").into());
    seeds.insert("certificates/no-cut".into(), pem[..pem.len() / 2].into());
    seeds.insert("certificates/no-other".into(), pem.replace("CERTIFICATE", "PUBLIC KEY").into());
}

/// A plan of what the first look at a new box shows.
async fn plan_document(name: &str) -> PlanDocument {
    let target = vendors::target(name);
    let session = registry::writer(target, Client::new(target, transport(&Sandbox::new(None), target))).unwrap();
    let kinds: Vec<_> = target.provider.kinds.iter().map(|support| support.kind).collect();
    let snapshot = session.snapshot(&kinds).await.unwrap();
    session.close().await;
    drawn(target, &snapshot)
}

fn drawn(target: &Target, snapshot: &Snapshot) -> PlanDocument {
    let fingerprinter = Fingerprinter::new(KeySource::Master(MasterKey::new([7; 32])), &target.url);
    let (claims, selection) = (Claims::default(), Selection::default());
    let applied = Remembered { claims: &claims, fingerprinter: &fingerprinter, key_check: None };
    let desired = vendors::desired();
    let diff = diff::diff(&Input {
        target,
        desired: desired.objects_of(&target.name),
        unselected: &[],
        removed: &[],
        snapshot,
        claims: &claims,
        applied: &applied,
        replace: &[],
        selection: &selection,
    });
    let input = TargetInput { target, live: Ok(snapshot), claims: &claims, diff, fingerprinter: &fingerprinter };
    let plan = plan::build(vec![input], plan::Options { sandbox: true, ..plan::Options::default() });
    PlanDocument::new(&plan, Context { desired, files: &["vendors.yaml".into()], for_apply: true })
}

fn plans(seeds: &mut Seeds) {
    for (_, name, _) in DIALECTS {
        let document = vendors::paused(plan_document(name));
        seeds.insert(format!("plan/ok-{name}"), serde_json::to_vec_pretty(&document).unwrap());
        let touched = serde_json::to_string(&document).unwrap().replace("\"create\"", "\"delete\"");
        seeds.insert(format!("plan/no-touched-{name}"), touched.into());
    }
    let other = br#"{"schema":"sipform.plan/v9","digest":""}"#;
    seeds.insert("plan/no-other-schema".into(), other.to_vec());
}

fn ledgers(seeds: &mut Seeds) {
    let file = LedgerFile::new(scratch::file("seed.json", b""));
    for (name, sandbox) in [("ok-real", false), ("ok-sandbox", true)] {
        let mut ledger = Ledger { serial: 7, sandbox, ..Ledger::default() };
        for (_, name, _) in DIALECTS {
            let mut claims = Claims::of_ledger();
            vendors::objects(name)
                .for_each(|object| claims.insert(object.kind.name, &*object.address.key, claim(object)));
            let url = vendors::target(name).url.clone();
            let record = TargetRecord { url, key_check: Some("hmac:00ff".into()), claims };
            ledger.targets.insert((*name).to_owned(), record);
        }
        file.save(&ledger).unwrap();
        seeds.insert(format!("ledger/{name}"), fs::read(file.path()).unwrap());
    }
    let whole = seeds.get("ledger/ok-real").unwrap().clone();
    seeds.insert("ledger/no-cut".into(), whole.split_at(whole.len() / 2).0.into());
    let newer = String::from_utf8(whole).unwrap().replace("ledger/v1", "ledger/v2");
    seeds.insert("ledger/no-newer".into(), newer.into());
}

fn claim(object: &DesiredObject) -> Claim {
    let hidden = [("password".to_owned(), "hmac:0011".to_owned())].into();
    Claim { remote_id: "15".into(), protect: object.kind.numeric_key, fingerprint: Some("hmac:2233".into()), hidden }
}

fn journals(seeds: &mut Seeds) {
    let path = scratch::file("seed.journal", b"");
    let journal = Journal::new(&path);
    let address = |key: &str| Address::new("hq-pbx", "trunk", key);
    scratch::wait(journal.intend(&address("made"), Action::Create, false)).unwrap();
    journal.conclude(&address("made"), Action::Create, false, Ending::Done).unwrap();
    scratch::wait(journal.intend(&address("protected"), Action::Update, true)).unwrap();
    journal.conclude(&address("protected"), Action::Update, true, Ending::Failed).unwrap();
    scratch::wait(journal.intend(&address("open"), Action::Delete, false)).unwrap();
    let whole = fs::read(&path).unwrap();
    seeds.insert("journal/ok-torn".into(), whole.split_at(whole.len() - 9).0.into());
    seeds.insert("journal/ok-open".into(), whole);
    seeds.insert("journal/no-torn".into(), b"{\"address\":\"hq".into());
    seeds.insert("journal/no-nothing".into(), Vec::new());
}

const ROWS: &[(&str, &str)] = &[
    ("ok-list", r#"{"success":true,"data":[{"number":"1","agent":{"agentId":"]"}},{"number":"\"2"}],"code":"200"}"#),
    ("ok-within", r#"{"data":{"other":[[]],"sipNumberList":[{"_id":"a"},{"_id":"b"}],"more":{}}}"#),
    ("no-list", r#"{"success":true,"data":null,"list":[1,2]}"#),
    ("no-cut", r#"{"data":[{"number":"1"},{"numb"#),
    ("no-comma", "{\"data\":[1,\n2,]}"),
];

const HEADERS: &[(&str, &str)] = &[
    ("ok-busy", "429\n17\ntext/plain\n\ntoo many requests"),
    ("ok-date", "503\nWed, 21 Oct 2026 07:28:00 GMT\ntext/html\n\n<html>maintenance</html>"),
    ("no-redirect", "302\n\n-\nhttps://user:hunter2@pbx.example:8088/login?token=hunter2\n"),
    ("no-terminal", "200\n\ntext/\u{1b}[2J\n\n\u{1b}]0;owned\u{7}\u{202e}txt.exe"),
];

const YAML: &[(&str, &str)] = &[
    ("no-empty", ""),
    (
        "no-secret-in-the-wrong-place",
        "version: 1\ntargets:\n  hq:\n    provider: yeaster\n    password: zq7canary-1\ntrunks:\n  - name: a\n    target: hqq\n    tpye: peer\n    password: zq7canary-2\n    prot: 99999\n",
    ),
    (
        "no-secret-is-a-list",
        "version: 1\ntrunks:\n  - { name: a, target: hq, password: [zq7canary] }\n  - { name: b, password: { a: zq7canary } }\n",
    ),
    (
        "ok-secrets",
        "version: 1\ntargets:\n  hq: { provider: yeastar, url: https://pbx.example, username: api, password: zq7canary-1 }\ntrunks:\n  - { name: a, target: hq, type: account, username: a, auth_name: a, password: zq7canary-2 }\n",
    ),
    ("no-anchors", "version: 1\nx: &x [a, a]\ny: &y [*x, *x]\ntrunks: *y\n"),
    ("no-tags", "version: !!int 1\ntrunks: !secret [a]\n? [k]\n: v\n"),
    (
        "ok-runs",
        "version: 1\ntargets: { cc: { provider: 7moor, app_key: '1', secret: '${file:s}' } }\ndefaults: { sip_number: { nat: true }, cc: { sip_number: { codecs: [G729] } } }\nsip_numbers:\n  - { number: '2000-2009', target: cc, password: '${env:SIP_{number}}', ignore_fields: [agent], protect: true }\nremoved:\n  - { address: cc/sip_number/1999, delete: true }\n",
    ),
    (
        "no-block-texts",
        "version: 1\ntrunks:\n  - name: |\n      a\n      b\n    password: >-\n      zq7canary\n      more\n    host: \"a\\x1b[2Jb\"\n---\n- 1\n...\n",
    ),
];

/// Where the seeds are.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

fn all() -> Seeds {
    let mut seeds = Seeds::new();
    for add in [conversations, files, plans, ledgers, journals] {
        add(&mut seeds);
    }
    seeds
}

#[test]
fn every_seed_is_committed_and_still_means_what_its_name_says() {
    let seeds = all();
    let missing: Vec<_> = seeds.keys().filter(|name| !folder().join(name).is_file()).collect();
    assert!(missing.is_empty(), "cargo test --lib fuzzing::seeds -- --ignored writes them: {missing:?}");
    for (name, data) in &seeds {
        super::tests::means_what_it_says(name, data);
    }
    for entry in ENTRIES {
        let mut of_entry = seeds.keys().filter(|name| name.starts_with(&format!("{}/", entry.name)));
        assert!(of_entry.clone().any(|name| name.contains("/ok-")), "{}: nothing is taken", entry.name);
        assert!(of_entry.any(|name| name.contains("/no-")), "{}: nothing is refused", entry.name);
    }
}

#[test]
#[ignore = "writes the seeds"]
fn write() {
    for (name, data) in all() {
        let path = folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, data).unwrap();
    }
}

//! What right files mean.

use super::*;
use crate::config::{Environment, SandboxSecrets};
use crate::model::{Prune, Tls};

const PEER: &str = "target: hq, type: peer, host: h, domain: d";

#[test]
fn the_whole_form_is_read() {
    let text = r#"
trunks:
  - name: to-108-16-test
    target: hq
    type: register
    host: 172.16.108.16
    port: 5060
    domain: 172.16.108.16
    username: "6100"
    auth_name: 6100
    password: ${env:P}
    from_user: ""
    dod:
      extensions: [{ number: "5503301", name: yea-star, extension: "1000" }]
      groups: [{ number: 5503302, name: "", group: support }]
    protect: true
    previously: old
    ignore_fields: [dod]
sip_numbers:
  - { number: "2004", target: cc, password: "a-${env:P}-b", nat: no, codecs: [g711a, GSM], agent: "" }
removed:
  - { address: hq/trunk/old-carrier, delete: true }
"#;
    let desired = resolved(text, &[("P", "pw")]).unwrap().desired;
    let names: Vec<String> = desired.objects.iter().map(|object| object.address.to_string()).collect();
    assert_eq!(names, ["cc/sip_number/2004", "hq/trunk/to-108-16-test"]);
    let [number, trunk] = &*desired.objects else { panic!() };
    let dod = |parts: &str| Value::List([Value::text(parts)].into());
    let expected = [
        Value::text("register"),
        Value::text("172.16.108.16"),
        Value::Integer(5060),
        Value::text("172.16.108.16"),
        Value::text("6100"),
        Value::text("6100"),
        Value::secret("pw"),
        Value::text(""),
        Value::Record([dod("5503301-yea-star-1000"), dod("5503302--support")].into()),
    ];
    assert_eq!(*trunk.values, expected);
    assert_eq!((trunk.protect, trunk.previously.as_deref()), (Some(true), Some("old")));
    assert!(trunk.ignore_fields.contains(8) && trunk.ignore_fields.len() == 1);
    assert_eq!((trunk.source.line, trunk.source.column), (3, 5));
    let codecs = Value::List([Value::text("G711A"), Value::text("GSM")].into());
    assert_eq!(*number.values, [Value::secret("a-pw-b"), Value::Bool(false), codecs, Value::text("")]);
    let removed: Vec<_> = desired.removed.iter().map(|one| (one.address.to_string(), one.delete)).collect();
    assert_eq!(removed, [("hq/trunk/old-carrier".to_owned(), true)]);
}

#[test]
fn omitted_fields_mean_their_defaults() {
    let desired = desired(&format!(
        "trunks: [{{ name: p, {PEER} }}]\nsip_numbers: [{{ number: 1, target: cc, password: '${{env:CC}}' }}]"
    ));
    let [number, trunk] = &*desired.objects else { panic!() };
    assert_eq!(value(number, "nat"), &Value::Bool(false));
    assert_eq!(value(number, "agent"), &Value::Unset);
    assert_eq!(value(trunk, "port"), &Value::Integer(5060));
    assert_eq!(value(trunk, "username"), &Value::Unset);
    assert!(value(trunk, "dod").is_empty() && value(trunk, "dod") != &Value::Unset);
}

#[test]
fn scalars_stay_text_until_the_table_says_what_they_are() {
    for text in ["+1555", "0123", "no", "12:30", "1e3", "0x1f", "2004-01-01", "on", "1_000", ".inf"] {
        for spelling in [text.to_owned(), format!("'{text}'"), format!("\"{text}\"")] {
            let entry =
                format!("sip_numbers: [{{ number: '1', target: cc, password: '${{env:CC}}', agent: {spelling} }}]");
            let desired = desired(&entry);
            assert_eq!(value(desired.objects.first().unwrap(), "agent"), &Value::text(text), "{spelling}");
        }
    }
    for port in ["5061", "'5061'", "\"5061\""] {
        let desired = desired(&format!("trunks: [{{ name: a, {PEER}, port: {port} }}]"));
        assert_eq!(value(desired.objects.first().unwrap(), "port"), &Value::Integer(5061));
    }
}

#[test]
fn entries_win_over_the_targets_defaults_and_those_over_the_kinds() {
    let text = "
defaults:
  trunks: { target: hq, port: 1, host: of-kind, domain: d, username: skipped-for-peers }
  hq: { trunk: { host: of-target, from_user: skipped } }
trunks:
  - { name: a, type: peer, host: own, port: 3 }
  - { name: b, type: peer }
";
    let desired = desired(text);
    let [a, b] = &*desired.objects else { panic!() };
    assert_eq!((value(a, "host"), value(a, "port")), (&Value::text("own"), &Value::Integer(3)));
    assert_eq!((value(b, "host"), value(b, "port")), (&Value::text("of-target"), &Value::Integer(1)));
    assert_eq!(value(b, "username"), &Value::Unset);
}

#[test]
fn a_run_stands_for_each_of_its_numbers() {
    let text = "
defaults: { sip_number: { password: '${env:SIP_{number}}', agent: 'a{number}' } }
sip_numbers:
  - { number: 0098-0100, target: cc, nat: true }
  - { number: 7, target: cc, password: 'x{number}$${' }
";
    let secrets: Vec<(String, String)> = (98..=100).map(|n| (format!("SIP_{n:04}"), format!("pw{n}"))).collect();
    let secrets: Vec<(&str, &str)> = secrets.iter().map(|(name, value)| (&**name, &**value)).collect();
    let desired = resolved(text, &secrets).unwrap().desired;
    let keys: Vec<&str> = desired.objects.iter().map(|object| &*object.address.key).collect();
    assert_eq!(keys, ["0098", "0099", "0100", "7"]);
    let [first, _, last, single] = &*desired.objects else { panic!() };
    assert_eq!((value(first, "password"), value(first, "agent")), (&Value::secret("pw98"), &Value::text("a0098")));
    assert_eq!(value(last, "password"), &Value::secret("pw100"));
    assert_eq!(value(single, "password"), &Value::secret("x7${"));
}

#[test]
fn targets_are_read_with_their_vendors_defaults() {
    let pin = ["0A"; 32].join(":");
    let text = format!(
        "
targets:
  a:
    provider: yeastar
    url: http://127.0.0.1:8088/base/
    username: u
    password: ${{file:pw}}
    api_version: V1.1.0
    tls: {{ ca_file: certs/a.pem, pin_sha256: '{pin}' }}
    limits: {{ concurrency: 2, requests_per_second: 0.5, timeout: 500ms, max_body: 1MiB }}
    prune: exclusive
    ignore: ['trunk/lab-*']
  b: {{ provider: 7moor, app_key: 2000113, secret: '${{cmd:pass show b}}' }}
"
    );
    let resolved = resolved(&text, &[("pw", "from-file")]).unwrap();
    let (a, b) = (resolved.desired.target("a").unwrap(), resolved.desired.target("b").unwrap());
    assert_eq!(
        (&*a.url, a.setting_text("api_version"), a.setting_text("password")),
        ("http://127.0.0.1:8088/base", "v1.1.0", "from-file")
    );
    assert_eq!((a.limits.concurrency, a.limits.requests_per_second, a.limits.max_body), (2, Some(0.5), 1 << 20));
    assert_eq!((a.limits.timeout, a.prune), (Duration::from_millis(500), Prune::Exclusive));
    assert!(a.ignores("trunk", "lab-1") && !a.ignores("trunk", "x"));
    let Tls { ca_file, pin_sha256, insecure_skip_verify } = &a.tls;
    assert!(ca_file.as_ref().is_some_and(|path| path.ends_with("certs/a.pem") && path.is_absolute()));
    assert_eq!((*pin_sha256, *insecure_skip_verify), (Some([10; 32]), false));
    assert_eq!((&*b.url, b.setting_text("secret")), ("http://v7openapi.7moor.com", "output of pass show b"));
    assert_eq!((b.limits.concurrency, b.limits.requests_per_second, b.prune), (4, None, Prune::Claimed));
}

#[test]
fn files_are_merged_and_order_means_nothing() {
    let entry = format!("trunks: [{{ name: a, {PEER} }}]");
    for order in [["t.yaml", "a.yaml"], ["a.yaml", "t.yaml"]] {
        let files = Files::new(&order.map(|name| (name, if name == "t.yaml" { TARGETS } else { &entry })));
        let loaded = files.load();
        assert!(!loaded.diagnostics().has_errors());
        assert_eq!((loaded.object_count(), loaded.target_count(), loaded.files().count()), (1, 2, 2));
    }
}

#[test]
fn anchors_and_merge_keys_are_read() {
    let text = format!(
        "
trunks:
  - &base {{ name: a, {PEER}, port: &port 99 }}
  - {{ <<: *base, name: b, host: i }}
  - {{ <<: [*base], name: c, host: j, port: *port }}
"
    );
    let ports: Vec<Value> = desired(&text).objects.iter().map(|object| value(object, "port").clone()).collect();
    assert_eq!(ports, vec![Value::Integer(99); 3]);
}

#[test]
fn a_required_field_may_be_left_out_where_it_is_ignored() {
    let text = "sip_numbers: [{ number: 1, target: cc, ignore_fields: [password] }]";
    assert_eq!(value(desired(text).objects.first().unwrap(), "password"), &Value::Unset);
}

#[test]
fn empty_sections_and_documents_are_nothing() {
    for text in [
        "",
        "# nothing\n",
        "---\n",
        "trunks:\n",
        "trunks: []\nremoved: ~\ndefaults:\n",
        "---\ntrunks: []\n---\ntrunks: []\n",
    ] {
        assert_eq!(said(text), "", "{text:?}");
    }
}

#[test]
fn the_sandbox_needs_nothing() {
    let text = "
targets:
  a: { provider: yeastar, url: '${env:URL}', username: '${file:u}', password: '${cmd:x}', api_version: '${env:V}', limits: { timeout: '${env:T}' } }
trunks:
  - { name: a, target: a, type: peer, host: '${env:HOST}', domain: '${env:HOST}', port: '${env:PORT}' }
sip_numbers:
  - { number: 2000-2001, target: cc, password: '${env:SIP_{number}}', nat: '${env:N}', codecs: ['${env:C}'] }
";
    let files = Files::new(&[("t.yaml", TARGETS), ("a.yaml", text)]);
    let desired = files.load().resolve(&SandboxSecrets, &Wanted::ALL).unwrap().desired;
    let [trunk, number, _] = &*desired.objects else { panic!() };
    assert_eq!(value(number, "password"), &Value::secret("sandbox-SIP-2000"));
    assert_eq!((value(trunk, "host"), value(trunk, "port")), (&Value::text("sandbox-host"), &Value::Integer(1)));
    assert_eq!(desired.target("a").unwrap().url, "http://localhost");
}

#[test]
fn only_what_is_wanted_is_read() {
    let text = format!(
        "trunks: [{{ name: a, {PEER} }}]\nsip_numbers: [{{ number: 1, target: cc, password: '${{env:NONE}}' }}]"
    );
    let files = Files::new(&[("t.yaml", TARGETS), ("a.yaml", &text)]);
    let wanted = Wanted { target: &|name| name == "hq", object: &|address| &*address.target == "hq" };
    let desired = files.load().resolve(&Values::of(&[("HQ", "x")]), &wanted).unwrap().desired;
    assert_eq!((desired.targets.len(), desired.objects.len()), (1, 1));
}

/// Files are real, everything else isn't.
struct OnlyFiles;
impl Resolver for OnlyFiles {
    fn env(&self, _: &str) -> Result<Option<String>, Unreadable> {
        Ok(Some("x".into()))
    }
    fn file(&self, path: &Path) -> Result<String, Unreadable> {
        Environment::default().file(path)
    }
    fn cmd(&self, command: &str) -> Result<String, Unreadable> {
        Environment::default().cmd(command)
    }
}

#[test]
fn paths_in_references_start_from_the_file() {
    let files = Files::new(&[
        ("t.yaml", TARGETS),
        ("sub/a.yaml", "sip_numbers: [{ number: 1, target: cc, password: '${file:pw}' }]"),
    ]);
    std::fs::write(files.folder.path().join("sub/pw"), "from-file\n").unwrap();
    let desired = files.load().resolve(&OnlyFiles, &Wanted::ALL).unwrap().desired;
    assert_eq!(value(desired.objects.first().unwrap(), "password"), &Value::secret("from-file"));
}

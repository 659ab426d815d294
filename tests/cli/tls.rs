//! Whose certificate is believed: real handshakes with a server on loopback that presents what boxes ship.
//!
//! The fixtures are certificates of X.509 version 1, which no library makes any more. Made to last a hundred years, with
//! OpenSSL 3.0: `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` (or `RSA`), `openssl req -new -subj
//! /CN=pbx`, `openssl x509 -req -signkey KEY -days 36500`. The keys open nothing.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;

use futures_util::future::join_all;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, IsCa, KeyPair, date_time_ymd};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, ServerConnection, Stream, SupportedProtocolVersion};
use sha2::{Digest as _, Sha256};
use sipform::http::{Client, Failure, FailureKind, Network};
use sipform::model::target::DEFAULT_MAX_BODY;
use sipform::model::{Limits, Prune, Source, Target, Tls, Value};
use sipform::provider::registry;
use tempfile::NamedTempFile;

use crate::harness::Place;
use crate::wire::answer;

/// What a server presents, and what it can prove.
#[derive(Clone)]
struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: Arc<PrivateKeyDer<'static>>,
}

impl Identity {
    fn new(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> Self {
        Self { chain, key: Arc::new(PrivateKeyDer::try_from(key.serialize_der()).unwrap()) }
    }

    fn version_1(certificate: &str, key: &str) -> Self {
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        Self { chain, key: Arc::new(PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()) }
    }

    fn leaf(&self) -> &CertificateDer<'static> {
        &self.chain[0]
    }

    fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(self.leaf()).into()
    }
}

/// A certificate that is its own issuer and has no name.
fn own(is_ca: IsCa) -> Identity {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = is_ca;
    params.distinguished_name = DistinguishedName::new();
    let key = KeyPair::generate().unwrap();
    Identity::new(vec![params.self_signed(&key).unwrap().into()], &key)
}

/// The same subject every time, with a key of its own every time.
fn namesake() -> Identity {
    let mut params = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    Identity::new(vec![params.self_signed(&key).unwrap().into()], &key)
}

fn authority() -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A company's authority, one below it, and a certificate for loopback from that.
fn issued(expired: bool) -> (CertificateDer<'static>, Identity) {
    let root = CertifiedIssuer::self_signed(authority(), KeyPair::generate().unwrap()).unwrap();
    let mut below = authority();
    below.distinguished_name.push(rcgen::DnType::CommonName, "below");
    let below = CertifiedIssuer::signed_by(below, KeyPair::generate().unwrap(), &root).unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap();
    if expired {
        params.not_before = date_time_ymd(2010, 1, 1);
        params.not_after = date_time_ymd(2020, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    let leaf = params.signed_by(&key, &below).unwrap();
    (root.der().clone(), Identity::new(vec![leaf.into(), below.der().clone()], &key))
}

/// A PBX that shakes hands with what it has and refuses every login.
struct Pbx {
    url: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Clone, Debug, Default)]
struct Seen {
    connections: usize,
    /// What came through the handshakes.
    requests: String,
}

impl Pbx {
    fn new(identity: &Identity, version: &'static SupportedProtocolVersion) -> Self {
        let provider = Arc::new(default_provider());
        let key = provider.key_provider.load_private_key(identity.key.clone_key()).unwrap();
        // Not the usual way in, which reads the certificate and refuses old ones.
        let resolver = SingleCertAndKey::from(CertifiedKey::new(identity.chain.clone(), key));
        let config = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[version]).unwrap();
        let config = Arc::new(config.with_no_client_auth().with_cert_resolver(Arc::new(resolver)));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Seen::default()));
        let note = Arc::clone(&seen);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                note.lock().unwrap().connections += 1;
                let mut tls = ServerConnection::new(config.clone()).unwrap();
                serve(&mut Stream::new(&mut tls, &mut stream), &note);
            }
        });
        Self { url, seen }
    }

    fn seen(&self) -> Seen {
        self.seen.lock().unwrap().clone()
    }
}

/// Answers one request; notes each piece before anything is done with it.
fn serve(stream: &mut Stream<'_, ServerConnection, std::net::TcpStream>, note: &Mutex<Seen>) {
    let (mut piece, mut request) = ([0; 4096], String::new());
    while !request.ends_with('}') {
        let Ok(length @ 1..) = stream.read(&mut piece) else { return };
        let text = String::from_utf8_lossy(&piece[..length]);
        request.push_str(&text);
        note.lock().unwrap().requests.push_str(&text);
    }
    let refusal = answer("200 OK", "application/json", r#"{"status": "Failed", "errno": "20003"}"#);
    _ = stream.write_all(refusal.as_bytes());
    _ = stream.flush();
}

fn pem(certificate: &CertificateDer<'_>) -> String {
    let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, certificate);
    format!("-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----\n")
}

fn trusting(certificates: &[&CertificateDer<'_>]) -> (Tls, NamedTempFile) {
    let mut file = NamedTempFile::new().unwrap();
    for certificate in certificates {
        file.write_all(pem(certificate).as_bytes()).unwrap();
    }
    (Tls { ca_file: Some(file.path().into()), ..Tls::default() }, file)
}

fn pinning(pin: [u8; 32]) -> Tls {
    Tls { pin_sha256: Some(pin), ..Tls::default() }
}

fn target(url: &str, tls: &Tls) -> Target {
    let provider = registry::tables().find(|table| table.name == "yeastar").unwrap();
    let setting = |name| match name {
        "password" => Value::secret("CANARY"),
        "api_version" => Value::text("v2.0.0"),
        _ => Value::text("api"),
    };
    Target {
        name: "pbx".into(),
        provider,
        url: url.into(),
        settings: provider.settings.iter().map(|row| setting(row.name)).collect(),
        limits: Limits {
            concurrency: 4,
            requests_per_second: None,
            timeout: provider.timeout,
            max_body: DEFAULT_MAX_BODY,
        },
        prune: Prune::None,
        ignore: Vec::new(),
        tls: tls.clone(),
        source: Source { file: "a.yaml".into(), line: 1, column: 1 },
    }
}

/// Reads twice, as a plan and an apply do; gives the first failure.
async fn read(url: &str, tls: &Tls) -> Failure {
    let target = target(url, tls);
    let client = Client::new(&target, Network::default().transport(url, tls).unwrap());
    let session = registry::writer(&target, client).unwrap();
    let kinds: Vec<_> = target.provider.kinds.iter().map(|support| support.kind).collect();
    let failure = session.snapshot(&kinds).await.unwrap_err();
    assert_eq!(session.snapshot(&kinds).await.unwrap_err(), failure);
    session.close().await;
    failure
}

/// What a cell of the matrix has to come to.
#[derive(Clone, Copy, Debug)]
enum Expected {
    /// The handshake stands and one login is sent, which the PBX refuses.
    Accepted,
    /// One handshake, not a byte through it, and these words.
    Refused(&'static str),
}

async fn cell(what: String, identity: Identity, tls: Tls, version: &'static SupportedProtocolVersion, want: Expected) {
    let pbx = Pbx::new(&identity, version);
    let failure = read(&pbx.url, &tls).await;
    let seen = pbx.seen();
    let what = format!("{what}, {:?}: {failure:?}, {seen:?}", version.version);
    assert_eq!(seen.connections, 1, "{what}");
    assert!(!failure.message.contains("CANARY"), "{what}");
    match want {
        Expected::Accepted => {
            assert_eq!((failure.kind, &*failure.code), (FailureKind::Credentials, "20003"), "{what}");
            assert_eq!(seen.requests.matches("POST ").count(), 1, "{what}");
        }
        Expected::Refused(words) => {
            assert_eq!((failure.kind, &*failure.code), (FailureKind::Untrusted, "untrusted"), "{what}");
            assert!(failure.message.contains(words) && seen.requests.is_empty(), "{what}");
        }
    }
}

const UNTRUSTED: &str = "set tls.ca_file or tls.pin_sha256";
const WRONG_PIN: &str = "isn't the one that tls.pin_sha256 names: if the box got a new one, correct the pin";

#[tokio::test]
async fn whose_certificate_is_believed() {
    use Expected::{Accepted, Refused};
    let ((root, chain), (old_root, expired)) = (issued(false), issued(true));
    let [known, other] = [namesake(), namesake()];
    let ec = (include_str!("fixtures/v1-ec.pem"), include_str!("fixtures/v1-ec.key.pem"));
    let rsa = (include_str!("fixtures/v1-rsa.pem"), include_str!("fixtures/v1-rsa.key.pem"));
    let as_shipped = own(IsCa::Ca(BasicConstraints::Unconstrained));
    let skip = Tls { insecure_skip_verify: true, ..Tls::default() };
    let mut files = Vec::new();
    let mut file = |certificates: &[&CertificateDer<'_>]| {
        let (tls, file) = trusting(certificates);
        files.push(file);
        tls
    };
    let mut cells = Vec::new();
    for (what, identity) in [
        ("CA:TRUE", &as_shipped),
        ("nameless", &own(IsCa::NoCa)),
        ("expired", &expired),
        ("version 1, EC", &Identity::version_1(ec.0, ec.1)),
        ("version 1, RSA", &Identity::version_1(rsa.0, rsa.1)),
        ("a chain", &chain),
    ] {
        for (setting, tls, want) in [
            ("nothing", Tls::default(), Refused(UNTRUSTED)),
            ("ca_file of itself", file(&[identity.leaf()]), Accepted),
            ("ca_file of others and itself", file(&[known.leaf(), identity.leaf()]), Accepted),
            ("ca_file of another", file(&[known.leaf()]), Refused(UNTRUSTED)),
            ("its pin", pinning(identity.fingerprint()), Accepted),
            ("another pin", pinning(known.fingerprint()), Refused(WRONG_PIN)),
            ("skip", skip.clone(), Accepted),
        ] {
            cells.push((format!("{what}, {setting}"), identity.clone(), tls, want));
        }
    }
    for (what, identity, tls, want) in [
        ("a chain, its root", &chain, file(&[&root]), Accepted),
        ("an expired chain, its root", &expired, file(&[&old_root]), Refused("expired")),
        ("a namesake, in the file", &other, file(&[known.leaf()]), Refused(UNTRUSTED)),
        ("a namesake, pinned", &other, pinning(known.fingerprint()), Refused(WRONG_PIN)),
    ] {
        cells.push((what.into(), identity.clone(), tls, want));
    }
    // Who shows a certificate without having its key.
    let thief = |shown: &Identity| Identity { key: Arc::clone(&known.key), ..shown.clone() };
    let version_1 = thief(&Identity::version_1(ec.0, ec.1));
    for (what, identity) in [("CA:TRUE", thief(&as_shipped)), ("version 1", version_1)] {
        for tls in [file(&[identity.leaf()]), pinning(identity.fingerprint()), skip.clone()] {
            let want = Refused("it doesn't prove that it holds its certificate's key");
            cells.push((format!("a thief's {what}, {tls:?}"), identity.clone(), tls, want));
        }
    }
    let both = cells.into_iter().flat_map(|cell| [&TLS12, &TLS13].map(|version| (cell.clone(), version)));
    join_all(both.map(|((what, identity, tls, want), version)| cell(what, identity, tls, version, want))).await;
}

/// One PBX with these settings.
fn place(url: &str, tls: &str) -> Place {
    let mut place = Place::new();
    place.set("PBX", "CANARY");
    place.write(
        "desired-state.yaml",
        &format!(
            "version: 1\ntargets:\n  pbx:\n    provider: yeastar\n    url: \"{url}\"\n    username: api\n    \
             password: ${{env:PBX}}\n{tls}"
        ),
    );
    place
}

#[test]
fn a_refused_certificate_is_told_with_what_to_do() {
    let pbx = Pbx::new(&own(IsCa::Ca(BasicConstraints::Unconstrained)), &TLS13);
    let place =
        place(&pbx.url, "    tls: { pin_sha256: 0000000000000000000000000000000000000000000000000000000000000000 }\n");
    for line in ["plan", "apply --auto-approve", "drift", "import"] {
        place.expect(1, line).says("its certificate isn't the one that tls.pin_sha256 names");
    }
    let seen = pbx.seen();
    assert_eq!((seen.connections, &*seen.requests), (4, ""));
}

#[test]
fn verification_turned_off_is_loud_at_every_run() {
    let pbx = Pbx::new(&own(IsCa::Ca(BasicConstraints::Unconstrained)), &TLS12);
    let place = place(&pbx.url, "    tls:\n      insecure_skip_verify: true\n");
    place.write("secrets.env", "");
    for (code, line) in [
        (0, "validate"),
        (1, "plan"),
        (1, "plan --format json"),
        (1, "apply --auto-approve"),
        (1, "drift"),
        (1, "import --secrets-out secrets.env"),
        (0, "check --auto-approve"),
    ] {
        let run = place.expect(code, line);
        run.says("the certificate of `pbx` isn't verified: anyone in between can read and change");
        run.says("desired-state.yaml:9:29").says("name the certificate instead");
    }
    // Each run that calls logs in once.
    assert_eq!(pbx.seen().requests.matches("POST ").count(), 5);
}

#[test]
fn plain_http_warns_wherever_it_crosses_a_network() {
    for (url, warns) in [
        ("http://10.0.0.1:8088", true),
        ("http://192.168.5.150", true),
        ("http://pbx.example", true),
        ("http://[fd00::1]:8088", true),
        ("http://127.0.0.1:1", false),
        ("http://127.8.8.8", false),
        ("http://[::1]:8088", false),
        ("http://localhost:8088", false),
        ("https://10.0.0.1:8088", false),
    ] {
        let run = place(url, "").expect(0, "validate");
        let warning = "`pbx` is called by plain http: passwords cross the network in clear text";
        assert_eq!(run.stderr.contains(warning), warns, "{url}: {}", run.stderr);
        assert_eq!(run.stderr.contains("desired-state.yaml:5:10"), warns, "{url}: {}", run.stderr);
    }
    let mut place = Place::new();
    place.set("SECRET", "CANARY");
    let mut yaml = String::from("version: 1\ntargets:\n");
    _ = writeln!(yaml, "  centre: {{ provider: 7moor, app_key: a, secret: \"${{env:SECRET}}\" }}");
    place.write("desired-state.yaml", &yaml);
    let run = place.expect(0, "validate");
    run.says("`centre` is called by plain http").says("the vendor documents no https address");
    run.says("desired-state.yaml:3:");
}

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::io::Write as _;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConnection, ServerConfig, ServerConnection};

use super::*;

struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: KeyPair,
}

/// What boxes ship: its own authority (CA:TRUE), no name at all.
fn as_shipped() -> Identity {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = rcgen::DistinguishedName::new();
    let key = KeyPair::generate().unwrap();
    Identity { chain: vec![params.self_signed(&key).unwrap().into()], key }
}

/// An authority of a company, and a certificate for `pbx.example` from it.
fn issued() -> (CertificateDer<'static>, Identity) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["pbx.example".into()]).unwrap().signed_by(&key, &authority).unwrap();
    (authority.der().clone(), Identity { chain: vec![leaf.into()], key })
}

/// Shakes hands in memory.
fn shake(tls: &Tls, server: &Identity, name: &'static str) -> Result<(), Error> {
    let config = custom(tls).unwrap().unwrap();
    let key = PrivateKeyDer::try_from(server.key.serialize_der()).unwrap();
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let server = builder.with_no_client_auth().with_single_cert(server.chain.clone(), key).unwrap();
    let mut server = ServerConnection::new(server.into()).unwrap();
    let mut client = ClientConnection::new(config.into(), name.try_into().unwrap()).unwrap();
    while client.is_handshaking() {
        pass(&mut client, &mut server)?;
    }
    Ok(())
}

fn pass(client: &mut ClientConnection, server: &mut ServerConnection) -> Result<(), Error> {
    let mut wire = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut wire).unwrap();
    }
    let mut rest = wire.as_slice();
    while !rest.is_empty() {
        server.read_tls(&mut rest).unwrap();
        server.process_new_packets()?;
    }
    wire.clear();
    while server.wants_write() {
        server.write_tls(&mut wire).unwrap();
    }
    let mut rest = wire.as_slice();
    while !rest.is_empty() {
        client.read_tls(&mut rest).unwrap();
        client.process_new_packets()?;
    }
    Ok(())
}

fn pem_file(certificates: &[&CertificateDer<'_>]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for der in certificates {
        let base64 = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, der);
        writeln!(file, "-----BEGIN CERTIFICATE-----\n{base64}\n-----END CERTIFICATE-----").unwrap();
    }
    file
}

fn trusting_file(file: &tempfile::NamedTempFile) -> Tls {
    Tls { ca_file: Some(file.path().into()), ..Tls::default() }
}

fn pinning(certificate: &CertificateDer<'_>) -> Tls {
    Tls { pin_sha256: Some(Sha256::digest(certificate).into()), ..Tls::default() }
}

#[test]
fn a_certificate_as_boxes_ship_it_is_accepted_where_it_is_named() {
    let shipped = as_shipped();
    let file = pem_file(&[&shipped.chain[0]]);
    for tls in [trusting_file(&file), pinning(&shipped.chain[0])] {
        for name in ["192.168.5.150", "pbx.example"] {
            shake(&tls, &shipped, name).unwrap();
        }
    }
}

#[test]
fn another_certificate_is_refused() {
    let (known, other) = (as_shipped(), as_shipped());
    let file = pem_file(&[&known.chain[0]]);
    for tls in [trusting_file(&file), pinning(&known.chain[0])] {
        let error = shake(&tls, &other, "192.168.5.150").unwrap_err();
        assert!(explain(&error).contains("tls.pin_sha256"), "{}", explain(&error));
    }
}

#[test]
fn a_chain_is_verified_with_its_name() {
    let (authority, server) = issued();
    let file = pem_file(&[&as_shipped().chain[0], &authority]);
    shake(&trusting_file(&file), &server, "pbx.example").unwrap();
    let error = shake(&trusting_file(&file), &server, "other.example").unwrap_err();
    assert!(explain(&error).contains("isn't trusted"), "{}", explain(&error));
}

#[test]
fn a_stolen_certificate_without_its_key_is_worth_nothing() {
    let shipped = as_shipped();
    let thief = Identity { chain: shipped.chain.clone(), key: KeyPair::generate().unwrap() };
    let key = PrivateKeyDer::try_from(thief.key.serialize_der()).unwrap();
    let key = provider().key_provider.load_private_key(key).unwrap();
    let resolver = rustls::sign::SingleCertAndKey::from(rustls::sign::CertifiedKey::new(thief.chain, key));
    let builder = ServerConfig::builder_with_provider(provider()).with_safe_default_protocol_versions().unwrap();
    let config = builder.with_no_client_auth().with_cert_resolver(Arc::new(resolver));
    let config = Arc::new(config);
    for tls in [pinning(&shipped.chain[0]), Tls { insecure_skip_verify: true, ..Tls::default() }] {
        let mut server = ServerConnection::new(config.clone()).unwrap();
        let client = custom(&tls).unwrap().unwrap();
        let mut client = ClientConnection::new(client.into(), "pbx.example".try_into().unwrap()).unwrap();
        let result = (0..4).try_for_each(|_| pass(&mut client, &mut server));
        assert!(matches!(result, Err(Error::InvalidCertificate(CertificateError::BadSignature))), "{result:?}");
    }
}

#[test]
fn verification_can_be_turned_off() {
    let tls = Tls { insecure_skip_verify: true, ..Tls::default() };
    shake(&tls, &as_shipped(), "192.168.5.150").unwrap();
}

#[test]
fn the_machines_own_trust_is_the_default() {
    assert!(custom(&Tls::default()).unwrap().is_none());
}

#[test]
fn a_file_without_certificates_is_an_error() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    writeln!(file, "hello").unwrap();
    let reason = custom(&trusting_file(&file)).err().unwrap();
    assert!(reason.contains("expected at least one certificate"), "{reason}");
}

#[test]
fn with_no_trusted_certificates_it_says_so() {
    let error = Error::General("this machine has no trusted certificates".into());
    assert!(explain(&error).ends_with("set tls.ca_file or tls.pin_sha256"), "{}", explain(&error));
}

/// A certificate of X.509 version 1, as the oldest boxes have them.
const VERSION_1: &str = include_str!("../../tests/cli/fixtures/v1-ec.pem");

#[test]
fn a_certificate_of_version_1_is_told_apart() {
    let certificate = CertificateDer::from_pem_slice(VERSION_1.as_bytes()).unwrap();
    // What the usual way answers, where nobody has named it.
    let error = rustls::server::ParsedCertificate::try_from(&certificate).err().unwrap();
    assert!(explain(&error).contains("X.509 version 1, which is accepted only where it is named"), "{error:?}");
    // As a line of a file it stops nothing.
    let file = pem_file(&[&certificate, &as_shipped().chain[0]]);
    assert!(custom(&trusting_file(&file)).is_ok());
}

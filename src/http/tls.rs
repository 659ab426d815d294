//! Whose certificate is believed, for boxes that come with their own.
//!
//! PBXs ship certificates that are their own authority and carry no name; the usual verifier refuses these even when
//! they are given to it as a root. So a certificate can be pinned: named byte for byte, or by its fingerprint. A pinned
//! certificate needs neither name nor date, and may be of any version of X.509. Whoever presents it must still prove that
//! it holds the key.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls12_signature, verify_tls13_signature,
    verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, RootCertStore, SignatureScheme,
};
use sha2::{Digest as _, Sha256};

use super::spki::{PublicKey, public_key};
use crate::model::Tls;

/// What people can do about a certificate that isn't believed.
const REMEDY: &str = "set tls.ca_file or tls.pin_sha256";

/// How certificates are verified where the settings ask for more than the machine's own trusted ones, which is `None`.
///
/// # Errors
/// The certificate file can't be read, or holds no certificate, as a fragment.
pub(super) fn custom(tls: &Tls) -> Result<Option<ClientConfig>, String> {
    let Tls { ca_file, pin_sha256, insecure_skip_verify } = tls;
    let trust = if *insecure_skip_verify {
        Trust::Anybody
    } else if let Some(pin) = pin_sha256 {
        // The narrower of the two decides where both are set.
        Trust::Fingerprint(*pin)
    } else if let Some(file) = ca_file {
        from_file(file)?
    } else {
        return Ok(None);
    };
    config(trust).map(Some)
}

/// For a machine that has no trusted certificates at all: plain HTTP works, HTTPS says why it doesn't.
pub(super) fn trusting_nobody() -> Result<ClientConfig, String> {
    config(Trust::Nobody)
}

fn config(trust: Trust) -> Result<ClientConfig, String> {
    let provider = provider();
    let builder = ClientConfig::builder_with_provider(provider.clone());
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let verifier = Arc::new(Verifier { trust, provider });
    Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth())
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(aws_lc_rs::default_provider())
}

/// The largest file of certificates that is read.
const MAX_PEM_BYTES: u64 = 16 << 20;

/// Which certificates are believed.
#[derive(Debug)]
enum Trust {
    /// These byte for byte, and what a chain connects to them.
    File { pinned: Vec<CertificateDer<'static>>, chains: Option<Arc<WebPkiServerVerifier>> },
    /// The one with this SHA-256.
    Fingerprint([u8; 32]),
    /// All.
    Anybody,
    /// None.
    Nobody,
}

impl Trust {
    /// Whether the settings name exactly this certificate.
    fn names(&self, certificate: &CertificateDer<'_>) -> bool {
        match self {
            Self::File { pinned, .. } => pinned.iter().any(|known| known.as_ref() == certificate.as_ref()),
            Self::Fingerprint(pin) => Sha256::digest(certificate).as_slice() == pin,
            Self::Anybody | Self::Nobody => false,
        }
    }
}

fn from_file(file: &Path) -> Result<Trust, String> {
    let unusable = |reason: String| format!("tls.ca_file {}: {reason}", file.display());
    let pem = crate::files::read(file, MAX_PEM_BYTES).map_err(|error| unusable(error.to_string()))?;
    let pinned: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        // The library's own words show the line that it couldn't read, byte by byte: it may be of a key.
        .map_err(|_| unusable("expected certificates in PEM, and not all of it is".into()))?;
    if pinned.is_empty() {
        return Err(unusable("expected at least one certificate in PEM, found none".into()));
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(pinned.iter().cloned());
    // Certificates too old to be a root (X.509 v1) are left to the comparison byte for byte.
    let chains = WebPkiServerVerifier::builder_with_provider(roots.into(), provider()).build().ok();
    Ok(Trust::File { pinned, chains })
}

#[derive(Debug)]
struct Verifier {
    trust: Trust,
    provider: Arc<CryptoProvider>,
}

impl Verifier {
    /// The key of a certificate that the settings name, or that may be any: it is checked against the handshake as it
    /// stands, because the usual way refuses to read old certificates.
    fn named_key<'a>(&self, certificate: &'a CertificateDer<'_>) -> Option<PublicKey<'a>> {
        let is_any = matches!(self.trust, Trust::Anybody);
        if is_any || self.trust.names(certificate) { public_key(certificate) } else { None }
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        match &self.trust {
            Trust::Anybody => Ok(ServerCertVerified::assertion()),
            Trust::Nobody => Err(Error::General("this machine has no trusted certificates".into())),
            trust if trust.names(end_entity) => Ok(ServerCertVerified::assertion()),
            Trust::Fingerprint(_) => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
            Trust::File { chains, .. } => chains.as_ref().map_or(Err(unknown()), |chains| {
                let verified = chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
                // Another certificate under a known name: as unknown as any. A bad signature is a handshake's.
                verified.map_err(|error| match error {
                    Error::InvalidCertificate(CertificateError::BadSignature) => unknown(),
                    other => other,
                })
            }),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        match self.named_key(cert) {
            Some(key) => verify_tls12_signature_with_raw_key(message, &key, signature, known),
            None => verify_tls12_signature(message, cert, signature, known),
        }
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        match self.named_key(cert) {
            Some(key) => verify_tls13_signature_with_raw_key(message, &key.info, signature, known),
            None => verify_tls13_signature(message, cert, signature, known),
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What the library offers for TLS 1.3 only: an algorithm must fit both the handshake and the key.
fn verify_tls12_signature_with_raw_key(
    message: &[u8],
    key: &PublicKey<'_>,
    signature: &DigitallySignedStruct,
    known: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let usable = known.mapping.iter().filter(|(scheme, _)| *scheme == signature.scheme).flat_map(|(_, usable)| *usable);
    let mut fitting = usable.filter(|algorithm| algorithm.public_key_alg_id().as_ref() == key.algorithm);
    if fitting.any(|algorithm| algorithm.verify_signature(key.bits, message, signature.signature()).is_ok()) {
        Ok(HandshakeSignatureValid::assertion())
    } else {
        Err(Error::InvalidCertificate(CertificateError::BadSignature))
    }
}

/// Whether an error says that the other side isn't who it should be, which trying again won't change.
pub(super) fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::InvalidCertificate(_) | Error::General(_))
}

/// A TLS error in words that say what to do.
pub(super) fn explain(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure) => {
            "its certificate isn't the one that tls.pin_sha256 names: if the box got a new one, correct the pin".into()
        }
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            "it doesn't prove that it holds its certificate's key, or the key is one that isn't accepted (RSA below 2048 bits): give the box a new certificate".into()
        }
        Error::InvalidCertificate(reason) if is_too_old(reason) => {
            format!("its certificate is of X.509 version 1, which is accepted only where it is named: {REMEDY}")
        }
        Error::InvalidCertificate(reason) => format!("its certificate isn't trusted ({reason}): {REMEDY}"),
        Error::General(reason) => format!("its certificate can't be checked ({reason}): {REMEDY}"),
        Error::InvalidMessage(InvalidMessage::InvalidContentType) => {
            "it doesn't speak TLS on this port: should `url` begin with http://?".into()
        }
        other => format!("TLS failed: {other}"),
    }
}

/// The library says so only in an error type of its own.
fn is_too_old(reason: &CertificateError) -> bool {
    matches!(reason, CertificateError::Other(other) if format!("{other:?}").contains("UnsupportedCertVersion"))
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;

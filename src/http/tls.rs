//! Whose certificate is believed, for boxes that come with their own.
//!
//! PBXs ship certificates that are their own authority and carry no name; the usual verifier refuses these even when
//! they are given to it as a root. So a certificate can be pinned: named byte for byte, or by its fingerprint. A pinned
//! certificate needs neither name nor date. Whoever presents it must still prove that it holds the key.

use std::path::Path;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, InvalidMessage, RootCertStore, SignatureScheme,
};
use sha2::{Digest as _, Sha256};

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

fn from_file(file: &Path) -> Result<Trust, String> {
    let unusable = |reason: String| format!("tls.ca_file {}: {reason}", file.display());
    let pem = crate::files::read(file, MAX_PEM_BYTES).map_err(|error| unusable(error.to_string()))?;
    let pinned: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(format!("expected certificates in PEM: {error}")))?;
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

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let unknown = Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        match &self.trust {
            Trust::Anybody => Ok(ServerCertVerified::assertion()),
            Trust::Nobody => Err(Error::General("this machine has no trusted certificates".into())),
            Trust::Fingerprint(pin) if Sha256::digest(end_entity).as_slice() == pin => {
                Ok(ServerCertVerified::assertion())
            }
            Trust::Fingerprint(_) => Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)),
            Trust::File { pinned, .. } if pinned.iter().any(|known| known.as_ref() == end_entity.as_ref()) => {
                Ok(ServerCertVerified::assertion())
            }
            Trust::File { chains, .. } => chains.as_ref().map_or(unknown, |chains| {
                chains.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            }),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, signature, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, signature, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A TLS error in words that say what to do.
pub(super) fn explain(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure) => {
            "its certificate isn't the one that tls.pin_sha256 names: if the box got a new one, correct the pin".into()
        }
        Error::InvalidCertificate(reason) if is_too_old(reason) => {
            "its certificate is of X.509 version 1, which can't be checked even when pinned: give the box a new one"
                .into()
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

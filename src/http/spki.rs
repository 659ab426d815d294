//! A certificate's public key, found without judging the certificate.
//!
//! The usual parser refuses what old boxes ship: certificates of X.509 version 1, and others with flaws in what a pinned
//! certificate isn't asked for. Their key stands where it always stands.

use rustls::pki_types::SubjectPublicKeyInfoDer;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
/// The version's tag; version 1 is written by leaving it out.
const VERSION: u8 = 0xa0;

/// A public key as its certificate holds it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct PublicKey<'a> {
    /// The whole `SubjectPublicKeyInfo`.
    pub(super) info: SubjectPublicKeyInfoDer<'a>,
    /// What is in its `AlgorithmIdentifier`.
    pub(super) algorithm: &'a [u8],
    /// The key's own bytes.
    pub(super) bits: &'a [u8],
}

/// Finds the key in a certificate's DER; `None` where it isn't built like one.
pub(super) fn public_key(certificate: &[u8]) -> Option<PublicKey<'_>> {
    let mut rest = certificate;
    let mut certificate = take(&mut rest, SEQUENCE)?.contents;
    let mut signed = take(&mut certificate, SEQUENCE)?.contents;
    if signed.first() == Some(&VERSION) {
        take(&mut signed, VERSION)?;
    }
    // Serial number; the signature's algorithm, issuer, validity, subject.
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        take(&mut signed, tag)?;
    }
    let info = take(&mut signed, SEQUENCE)?;
    let mut parts = info.contents;
    let algorithm = take(&mut parts, SEQUENCE)?.contents;
    // The first byte says how many bits of the last one are unused: none, in a key.
    let bits = take(&mut parts, BIT_STRING)?.contents.strip_prefix(&[0])?;
    Some(PublicKey { info: info.whole.into(), algorithm, bits })
}

/// One element: with its head, and without.
struct Element<'a> {
    whole: &'a [u8],
    contents: &'a [u8],
}

/// Takes the element at the beginning, if it has this tag.
fn take<'a>(input: &mut &'a [u8], tag: u8) -> Option<Element<'a>> {
    let (&[found, first], _) = input.split_first_chunk::<2>()?;
    if found != tag {
        return None;
    }
    let (head, length) = match first {
        0..=0x7f => (2, usize::from(first)),
        // So many bytes of length follow; a certificate needs no more than three.
        0x81..=0x83 => {
            let head = 2 + usize::from(first & 0x7f);
            (head, input.get(2..head)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
        }
        _ => return None,
    };
    let (whole, rest) = input.split_at_checked(head + length)?;
    *input = rest;
    Some(Element { whole, contents: whole.get(head..)? })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};

    use super::*;

    fn certificate() -> (Vec<u8>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec!["pbx.example".into()]).unwrap().self_signed(&key).unwrap();
        (certificate.der().to_vec(), key)
    }

    #[test]
    fn the_key_is_found_where_it_stands() {
        let (certificate, key) = certificate();
        let found = public_key(&certificate).unwrap();
        assert_eq!(found.info.as_ref(), key.subject_public_key_info());
        assert_eq!(found.bits, key.der_bytes());
    }

    #[test]
    fn every_cut_short_is_none() {
        let (certificate, _) = certificate();
        assert!((0..certificate.len()).all(|length| public_key(&certificate[..length]).is_none()));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_are_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            _ = public_key(&bytes);
        }

        /// Whatever is changed in a real one: nothing breaks, and what is found lies within the certificate.
        #[test]
        fn what_is_found_lies_within(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
            let (mut certificate, _) = certificate();
            for (at, byte) in changes {
                let at = at.index(certificate.len());
                certificate[at] = byte;
            }
            if let Some(found) = public_key(&certificate) {
                let info: &[u8] = found.info.as_ref();
                prop_assert!(certificate.windows(info.len()).any(|window| window == info));
                prop_assert!(found.algorithm.len() + found.bits.len() < info.len());
            }
        }
    }
}

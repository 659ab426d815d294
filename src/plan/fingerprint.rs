//! Keyed fingerprints of live objects and of hidden values: they tell "the same" from "changed" without telling what.

use std::fmt::Write as _;
use std::sync::OnceLock;

use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::zeroize::Zeroize as _;
use sha2::Sha256;

use crate::model::{KindSupport, LiveObject, Secret, Value};

/// Part of every key, so that no other use of the same credential gives the same one.
const SCHEMA: &str = "sipform.fingerprint/v1";
/// PBKDF2 rounds where the key comes from a target's credential: guessing a short password stays slow.
const ROUNDS: u32 = 200_000;

/// Where a target's fingerprint key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// `SIPFORM_KEY`: 32 random bytes.
    Master(MasterKey),
    /// The target's own credential.
    Credential(Secret),
}

/// The 32 bytes of `SIPFORM_KEY`.
#[derive(Clone)]
pub struct MasterKey([u8; 32]);

impl MasterKey {
    /// Takes the decoded key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl Drop for MasterKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

/// Makes one target's fingerprints. Its key is derived when the first one is asked for: a plan with nothing to do never
/// pays for it.
#[derive(Debug)]
pub struct Fingerprinter {
    source: KeySource,
    address: String,
    key: OnceLock<Secret32>,
}

struct Secret32([u8; 32]);

impl Drop for Secret32 {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Secret32 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("(secret)")
    }
}

impl Fingerprinter {
    /// For the target at this URL.
    pub fn new(source: KeySource, url: impl Into<String>) -> Self {
        Self { source, address: url.into(), key: OnceLock::new() }
    }

    /// Whether another fingerprint costs next to nothing: its key was derived already, or comes from `SIPFORM_KEY`.
    pub fn is_cheap(&self) -> bool {
        self.key.get().is_some() || matches!(self.source, KeySource::Master(_))
    }

    /// Fingerprint of a live object: its key, its remote id, and every field that can be read and isn't computed.
    pub fn object(&self, support: &KindSupport, live: &LiveObject) -> String {
        let mut parts = Parts::new("object");
        parts.text(support.kind.name);
        parts.text(&live.key);
        parts.text(&live.remote_id);
        for (field, value) in support.kind.fields.iter().zip(live.values.iter()) {
            let readable = *value != Value::NotReadable && !value.is_empty();
            if readable && support.field(field.name).is_some_and(|field| !field.computed) {
                parts.text(field.name);
                parts.value(value);
            }
        }
        self.finish(&parts)
    }

    /// Fingerprint of one value of one object's field.
    pub fn value(&self, kind: &str, key: &str, field: &str, value: &Value) -> String {
        let mut parts = Parts::new("value");
        for text in [kind, key, field] {
            parts.text(text);
        }
        parts.value(value);
        self.finish(&parts)
    }

    /// Fingerprint of a list of secrets: tells whether any of them changed.
    pub fn secrets<'s>(&self, secrets: impl Iterator<Item = &'s Value>) -> String {
        let mut parts = Parts::new("secrets");
        secrets.for_each(|value| parts.value(value));
        self.finish(&parts)
    }

    /// Fingerprint of a stretch of a list of secrets, the `place`th; without its place, equal secrets would show as equal.
    pub fn stretch<'s>(&self, place: usize, secrets: impl Iterator<Item = &'s Value>) -> String {
        let mut parts = Parts::new("stretch");
        parts.text(&place.to_string());
        secrets.for_each(|value| parts.value(value));
        self.finish(&parts)
    }

    /// Seals a document for one target, by the digest of all of it: who hasn't the key can't make one.
    pub fn seal(&self, target: &str, digest: &str) -> String {
        let mut parts = Parts::new("seal");
        parts.text(target);
        parts.text(digest);
        self.finish(&parts)
    }

    /// Where the key comes from: `SIPFORM_KEY` or `credential`.
    pub fn key_source(&self) -> &'static str {
        match self.source {
            KeySource::Master(_) => "SIPFORM_KEY",
            KeySource::Credential(_) => "credential",
        }
    }

    /// Stored beside fingerprints: tells a changed key from changed objects.
    pub fn key_check(&self) -> String {
        self.finish(&Parts::new("check"))
    }

    fn finish(&self, parts: &Parts) -> String {
        let key = self.key.get_or_init(|| Secret32(derive(&self.source, &self.address)));
        // HMAC takes keys of any length; the error type exists for other MACs.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.0) else {
            return String::new();
        };
        mac.update(&parts.0);
        let mut text = String::from("hmac-sha256:");
        for byte in mac.finalize().into_bytes() {
            _ = write!(text, "{byte:02x}");
        }
        text
    }
}

fn derive(source: &KeySource, address: &str) -> [u8; 32] {
    let salt = format!("{SCHEMA}\n{address}");
    let mut key = [0; 32];
    match source {
        KeySource::Master(master) => {
            // 32 bytes are far below HKDF's limit of 255 blocks, so this can't fail.
            _ = Hkdf::<Sha256>::new(Some(SCHEMA.as_bytes()), &master.0).expand(salt.as_bytes(), &mut key);
        }
        KeySource::Credential(secret) => {
            pbkdf2::pbkdf2_hmac::<Sha256>(secret.expose().as_bytes(), salt.as_bytes(), ROUNDS, &mut key);
        }
    }
    key
}

/// Parts of a message, each with its length, so that no two lists of parts give the same bytes.
struct Parts(Vec<u8>);

impl Parts {
    fn new(purpose: &str) -> Self {
        let mut parts = Self(Vec::with_capacity(256));
        parts.text(purpose);
        parts
    }

    fn text(&mut self, text: &str) {
        self.0.extend((text.len() as u64).to_be_bytes());
        self.0.extend(text.as_bytes());
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Unset | Value::NotReadable => self.text("-"),
            Value::Text(text) => self.tagged("t", text),
            Value::Secret(secret) => self.tagged("t", secret.expose()),
            Value::Integer(number) => self.tagged("i", &number.to_string()),
            Value::Bool(yes) => self.tagged("b", if *yes { "1" } else { "0" }),
            Value::List(items) | Value::Record(items) => {
                self.tagged("l", &items.len().to_string());
                items.iter().for_each(|item| self.value(item));
            }
        }
    }

    fn tagged(&mut self, tag: &str, text: &str) {
        self.text(tag);
        self.text(text);
    }
}

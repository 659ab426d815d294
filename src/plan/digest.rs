//! Unkeyed digests of what holds no secret: the desired state without its secrets, and documents.

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::model::{Desired, DesiredObject, Removed, Target, Value};

/// SHA-256 of some bytes as documents write it.
pub fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

/// SHA-256 of a document's JSON, which is hashed while it is written.
pub fn sha256_of_json(document: &impl Serialize) -> String {
    let mut hash = BufWriter::with_capacity(8 << 10, Hashing(Sha256::new()));
    // Neither hashing nor a document of ours fails.
    _ = serde_json::to_writer(&mut hash, document);
    hash.into_inner().map_or_else(|_| String::new(), |hash| hex(hash.0.finalize().as_slice()))
}

struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first four bytes of a SHA-256, in hex: enough to tell which part differs once the whole is known to.
pub(super) fn short(fill: impl FnOnce(&mut Parts)) -> String {
    let mut hash = Parts(Sha256::new());
    fill(&mut hash);
    let bytes = hash.0.finalize();
    bytes.iter().take(4).fold(String::with_capacity(8), |mut text, byte| {
        _ = write!(text, "{byte:02x}");
        text
    })
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::from("sha256:");
    for byte in bytes {
        _ = write!(text, "{byte:02x}");
    }
    text
}

/// Digest of the desired state without secrets: targets, entries and what was removed, but not where they stand in which
/// file. A comment or a moved line changes nothing.
pub fn config_digest(desired: &Desired) -> String {
    let mut hash = Parts(Sha256::new());
    desired.targets.iter().for_each(|target| hash.target(target));
    desired.objects.iter().for_each(|object| hash.object(object));
    // As written, they stand in the order of the files.
    let mut removed: Vec<_> = desired.removed.iter().collect();
    removed.sort_by(|a, b| a.address.cmp(&b.address));
    for removed in removed {
        hash.removed(removed);
    }
    hex(hash.0.finalize().as_slice())
}

/// Parts of what is hashed, each with its length, so that no two lists of parts give the same bytes.
pub(super) struct Parts(Sha256);

impl Parts {
    pub(super) fn text(&mut self, text: &str) {
        self.0.update((text.len() as u64).to_be_bytes());
        self.0.update(text.as_bytes());
    }

    pub(super) fn target(&mut self, target: &Target) {
        let Target { name, provider, url, settings, limits: _, prune, ignore, tls, source: _ } = target;
        for text in ["target", name, provider.name, url, prune.name()] {
            self.text(text);
        }
        settings.iter().for_each(|value| self.value(value));
        self.text(&ignore.len().to_string());
        for glob in ignore {
            self.text(glob.pattern());
        }
        // Limits steer how a run goes, not what it does; how a certificate is verified decides whom it talks to.
        self.text(&format!("{tls:?}"));
    }

    pub(super) fn object(&mut self, object: &DesiredObject) {
        let DesiredObject { address, kind: _, values, source: _, previously, protect, ignore_fields } = object;
        for text in ["object", &*address.target, address.kind, &*address.key] {
            self.text(text);
        }
        values.iter().for_each(|value| self.value(value));
        self.text(previously.as_deref().unwrap_or_default());
        self.text(&format!("{protect:?} {ignore_fields:?}"));
    }

    pub(super) fn removed(&mut self, removed: &Removed) {
        let Removed { address, delete, source: _ } = removed;
        for text in ["removed", &*address.to_string(), if *delete { "delete" } else { "forget" }] {
            self.text(text);
        }
    }

    /// Each value with its type, so that a text is never taken for something else.
    fn value(&mut self, value: &Value) {
        match value {
            Value::Unset => self.text("unset"),
            Value::NotReadable | Value::Secret(_) => self.text("secret"),
            Value::Text(text) => self.tagged("text", text),
            Value::Integer(number) => self.tagged("integer", &number.to_string()),
            Value::Bool(yes) => self.tagged("bool", &yes.to_string()),
            Value::List(items) | Value::Record(items) => {
                self.tagged("list", &items.len().to_string());
                items.iter().for_each(|item| self.value(item));
            }
        }
    }

    fn tagged(&mut self, tag: &str, text: &str) {
        self.text(tag);
        self.text(text);
    }
}

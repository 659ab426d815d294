//! The YAML loader: one file of any bytes, read as `-f` reads it.

use std::path::PathBuf;

use crate::config::{self, Loaded, SandboxSecrets, Wanted};
use crate::diag::{Diagnostics, KEPT_ERRORS, KEPT_WARNINGS, is_harmful};
use crate::plan::digest::config_digest;
use crate::provider::registry;
use crate::render::diagnostic;
use crate::render::style::Color;

use super::oracle::CANARY;
use super::scratch;

/// The most characters of one drawn diagnostic: its message, two places with a line each, and a hint.
const MAX_DRAWN: usize = 4_000;

/// The fields in which people write secrets.
const SECRET_KEYS: &[&str] = &["password:", "secret:", "api_secret:"];

/// What may turn a secret into a part of something else: block texts, anchors, comments, quotes, lines that go on.
const TRICKS: &[char] = &['|', '>', '&', '*', '#', '\'', '"', '?', '!', '%', '\\', '$'];

/// Loads a file and resolves its references; takes it if nothing is wrong with it.
pub(super) fn yaml(data: &[u8]) -> bool {
    let path = scratch::file("desired.yaml", data);
    let loaded = load(&path);
    let said = drawn(loaded.diagnostics());
    harmless(&said);
    let hides = has_only_secrets(data);
    assert!(!(hides && said.contains(CANARY)), "a secret is shown:\n{said}");
    assert!(!format!("{loaded:?}").contains(CANARY), "the loaded files show a secret");
    if data.len().is_multiple_of(8) {
        assert_eq!(said, drawn(load(&path).diagnostics()), "the same file was read in two ways");
    }
    let is_right = !loaded.diagnostics().has_errors();
    let (targets, objects) = (loaded.target_count(), loaded.object_count());
    let resolved = match loaded.resolve(&SandboxSecrets, &Wanted::ALL) {
        Ok(resolved) => resolved,
        Err(diagnostics) => {
            harmless(&drawn(&diagnostics));
            assert!(diagnostics.has_errors(), "refused, and nothing is wrong");
            return false;
        }
    };
    assert!(is_right, "taken, and something is wrong");
    harmless(&drawn(&resolved.warnings));
    let shown = format!("{:?}", resolved.desired);
    assert!(!(hides && shown.contains(CANARY)), "desired state shows a secret: {shown}");
    assert_eq!(resolved.desired.targets.len(), targets);
    assert_eq!(resolved.desired.objects.len(), objects);
    let again = load(&path).resolve(&SandboxSecrets, &Wanted::ALL).expect("what was resolved before");
    assert_eq!(config_digest(&resolved.desired), config_digest(&again.desired));
    true
}

fn load(path: &PathBuf) -> Loaded {
    let tables: Vec<_> = registry::tables().collect();
    config::load(std::slice::from_ref(path), &tables)
}

fn drawn(diagnostics: &Diagnostics) -> String {
    diagnostic::text(diagnostics, Color::Off)
}

fn harmless(said: &str) {
    let harmful = |next: char| next != '\n' && is_harmful(next);
    assert!(!said.contains(harmful), "what is said could repaint a terminal: {said:?}");
    assert!(said.len() <= (KEPT_ERRORS + KEPT_WARNINGS) * MAX_DRAWN, "{} bytes are said", said.len());
}

/// Whether the file holds the canary, and only as the value of a field for secrets. Cautious: where it can't be told
/// without reading YAML, the answer is no.
fn has_only_secrets(data: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(data) else { return false };
    if !text.contains(CANARY) || text.contains(TRICKS) {
        return false;
    }
    let mut before = text.split(CANARY).collect::<Vec<_>>();
    before.pop();
    before.iter().all(|before| {
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        SECRET_KEYS.iter().any(|key| {
            let start = line.strip_suffix(&format!("{key} "));
            start.is_some_and(|start| start.is_empty() || start.ends_with([' ', '{']))
        })
    })
}

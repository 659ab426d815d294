//! What was told before: a nightly run speaks only where something is new.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::drift::DriftDocument;
use crate::plan::digest::sha256;

/// The schema of what is remembered between runs.
pub const SCHEMA: &str = "sipform.told/v1";

/// What is remembered between runs. Holds no value of any field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// [`SCHEMA`].
    pub schema: String,
    /// Of the differences that were told.
    pub fingerprint: String,
    /// When they were told first, as in `2026-12-31T03:00:00Z`.
    pub since: String,
    /// How many they were.
    pub differences: usize,
}

/// What is new about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ToldDocument {
    /// [`News`] in a word: `none`, `new`, `changed`, `same`, `gone`, `not_compared`.
    pub news: String,
    /// Of the differences that no baseline knows of; none where not everything was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// When these were told first; where they have gone, when those were told that have gone. None where nothing was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// How a finding compares with the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// Nothing differs, and nothing did.
    None,
    /// Something differs, and nothing did.
    New,
    /// Something else differs than did.
    Changed,
    /// The same differs as did.
    Same,
    /// Nothing differs any more.
    Gone,
    /// Not everything was read.
    NotCompared,
}

impl News {
    /// The spelling in documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::New => "new",
            Self::Changed => "changed",
            Self::Same => "same",
            Self::Gone => "gone",
            Self::NotCompared => "not_compared",
        }
    }
}

impl Told {
    /// From a file's text; nothing where it is something else.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(|told: &Self| told.schema == SCHEMA)
    }

    /// A file's text.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// Compares a finding with what was told before. Gives what is to be remembered; nothing where not everything was read,
/// which must neither forget nor replace what is remembered. `now` is a time as in `2026-12-31T03:00:00Z`.
pub fn compare(before: Option<&Told>, document: &DriftDocument, now: &str) -> (ToldDocument, Option<Told>) {
    let since = before.filter(|told| told.differences > 0).map(|told| told.since.clone());
    if !document.read_everything() {
        return (ToldDocument { news: News::NotCompared.name().into(), fingerprint: None, since }, None);
    }
    let (fingerprint, differences) = (fingerprint(document), document.news().count());
    let is_same = before.is_some_and(|told| told.fingerprint == fingerprint);
    let news = match (&since, differences) {
        (None, 0) => News::None,
        (None, _) => News::New,
        (Some(_), 0) => News::Gone,
        (Some(_), _) if is_same => News::Same,
        (Some(_), _) => News::Changed,
    };
    let first = since.clone().filter(|_| news == News::Same).unwrap_or_else(|| now.into());
    let shown = if matches!(news, News::None | News::Gone) { since } else { Some(first.clone()) };
    let told = Told { schema: SCHEMA.into(), fingerprint: fingerprint.clone(), since: first, differences };
    (ToldDocument { news: news.name().into(), fingerprint: Some(fingerprint), since: shown }, Some(told))
}

/// SHA-256 over the differences that no baseline knows of, whatever their order. Of a secret only its name goes in.
pub fn fingerprint(document: &DriftDocument) -> String {
    let mut items: Vec<String> = document
        .news()
        .map(|item| {
            let mut fields: Vec<_> = item.fields.iter().collect();
            fields.sort_by(|a, b| a.name.cmp(&b.name));
            json!([item.address, item.class, item.action, fields]).to_string()
        })
        .collect();
    items.sort_unstable();
    sha256(json!([SCHEMA, items]).to_string().as_bytes())
}

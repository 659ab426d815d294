//! What a plan's document says about one target, and what ties it to that target's key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::document::Context;
use super::secrets::Secrets;
use super::sections::Sections;
use super::{Plan, Step, TargetInput};

/// One target as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TargetDocument {
    /// Its name.
    pub name: String,
    /// Its provider.
    pub provider: String,
    /// Its address.
    pub url: String,
    /// Whether everything on it was seen.
    pub complete: bool,
    /// How many requests reading it took.
    pub requests: u32,
    /// Fields that the vendor hides, as `kind/key/field`.
    pub not_readable: Vec<String>,
    /// Live objects that no entry names and that stay, as `kind/key`.
    #[serde(default)]
    pub unmanaged: Vec<String>,
    /// Tells a changed fingerprint key from changed objects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_check: Option<String>,
    /// Where the key of its fingerprints comes from: `SIPFORM_KEY` or `credential`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_source: Option<String>,
    /// Fingerprint of the secrets that the YAML gives for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secrets: Option<String>,
    /// Short fingerprints of stretches of these secrets: tell which of them differ.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub secret_stretches: String,
    /// Short digests of what the YAML says about it: tell which part of it differs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<Sections>,
    /// MAC of the document's digest with the target's key: who can write the file but hasn't the key can't change it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

impl TargetDocument {
    /// Draws one target's part up; the seal comes when the whole is done.
    pub(super) fn new(plan: &Plan<'_>, input: &TargetInput<'_>, context: Context<'_>) -> Self {
        let name = &input.target.name;
        let own = |step: &&Step<'_>| step.change.address.target == *name && step.change.action.sends();
        // Deriving a key from a credential takes its time, so not for a target to which nothing will be sent.
        let keyed = context.for_apply && (input.fingerprinter.is_cheap() || plan.steps.iter().any(|step| own(&step)));
        let secrets = || Secrets::of(name, context.desired);
        Self {
            name: name.to_string(),
            provider: input.target.provider.name.into(),
            url: input.target.url.clone(),
            complete: input.live.as_ref().is_ok_and(|snapshot| snapshot.is_complete()),
            requests: input.live.as_ref().map_or(0, |snapshot| snapshot.requests),
            not_readable: not_readable(input),
            unmanaged: input.diff.unmanaged.iter().map(|address| format!("{}/{}", address.kind, address.key)).collect(),
            key_check: keyed.then(|| input.fingerprinter.key_check()),
            key_source: keyed.then(|| input.fingerprinter.key_source().to_owned()),
            secrets: keyed.then(|| secrets().fingerprint(input.fingerprinter)),
            secret_stretches: if keyed { secrets().stretches(input.fingerprinter) } else { String::new() },
            config: context.for_apply.then(|| Sections::of(input.target, context.desired, plan.targets.len())),
            seal: None,
        }
    }
}

fn not_readable(input: &TargetInput<'_>) -> Vec<String> {
    let fields = input.diff.not_readable.iter();
    fields.map(|(address, field)| format!("{}/{}/{field}", address.kind, address.key)).collect()
}

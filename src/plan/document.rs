//! The plan as a document, `sipform.plan/v1`: what `--format json` prints, `--out` writes and every report is drawn from.
//! It holds no secret.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::{Plan, Step, digest};

pub use super::target_document::TargetDocument;
use crate::diag::{About, Diagnostic, Severity};
use crate::diff::{Change, FieldChange};
use crate::model::outcome::Action;
use crate::model::{Desired, Kind, Source, Type, Value};

/// The schema that this version writes.
pub const SCHEMA: &str = "sipform.plan/v1";

/// A plan for people, scripts and a later apply. Fields may be added; these stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlanDocument {
    /// [`SCHEMA`].
    pub schema: String,
    /// SHA-256 of the document without this field, seals, and counts of requests.
    pub digest: String,
    /// SHA-256 of the desired state without secrets.
    pub config_digest: String,
    /// sipform's version.
    pub version: String,
    /// What it was made from and with.
    pub inputs: Inputs,
    /// How many of what.
    pub summary: Summary,
    /// What was read.
    pub targets: Vec<TargetDocument>,
    /// In the order in which they may be sent.
    pub changes: Vec<ChangeDocument>,
    /// Errors and warnings; an error about a budget or a protection refuses the plan.
    pub diagnostics: Vec<DiagnosticDocument>,
}

/// What a plan was made from, so that `apply FILE` can do it again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Inputs {
    /// The paths of `-f`.
    pub files: Vec<String>,
    /// The patterns of `--target`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target: Vec<String>,
    /// The addresses of `--replace`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<String>,
    /// `--allow-deletes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allow_deletes: Option<usize>,
    /// Made against the sandbox.
    #[serde(default)]
    pub sandbox: bool,
}

/// How many of what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Objects to make.
    pub create: usize,
    /// Objects to change in place.
    pub update: usize,
    /// Objects to delete and make anew.
    pub replace: usize,
    /// Objects to delete.
    pub delete: usize,
    /// What the vendor's API can't do.
    pub cannot_converge: usize,
    /// Objects that are as wanted.
    pub unchanged: usize,
    /// Of these, how many aren't claimed yet.
    pub adopt: usize,
    /// Live objects that no entry names and that stay.
    pub unmanaged: usize,
    /// Objects left alone by `ignore`.
    pub ignored: usize,
    /// Fields left alone by `ignore_fields`.
    pub ignored_fields: usize,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeDocument {
    /// `target/kind/key`.
    pub address: String,
    /// `create`, `update`, `replace`, `delete`, `cannot_converge`.
    #[schemars(with = "Action")]
    pub action: String,
    /// Where the YAML asks for it; none for what was pruned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceDocument>,
    /// What differs.
    pub fields: Vec<FieldDocument>,
    /// Addresses of changes that have to be done first.
    pub requires: Vec<String>,
    /// Addresses of changes that have to give a value up first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_release: Vec<String>,
    /// The old object has to go before the new one can be made.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub delete_first: bool,
    /// Settings that the YAML doesn't know and that the update resets, by the vendor's spelling.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resets: Vec<String>,
    /// It becomes ours by this change.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopt: bool,
    /// Why it can't converge, and what to do by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Fingerprint of the live object that the change was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_fingerprint: Option<String>,
}

/// A place in the YAML.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceDocument {
    /// Path as it was given.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
}

/// One field that differs: `before` and `after`, or `secret`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldDocument {
    /// Its name in the YAML.
    pub name: String,
    /// The live value.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub before: Option<Json>,
    /// The wanted value.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub after: Option<Json>,
    /// It differs, and neither value may be shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// Why it isn't sent now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deferred: Option<String>,
}

/// An error or a warning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DiagnosticDocument {
    /// `error` or `warning`.
    #[schemars(with = "Severity")]
    pub severity: String,
    /// A stable word.
    pub code: String,
    /// What happened.
    pub message: String,
    /// Where in the YAML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceDocument>,
    /// The object that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The target that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// A [`PlanDocument`] as its digest covers it, field by field: a copy of the changes would need as much memory again.
#[derive(Serialize)]
struct Bare<'d> {
    schema: &'d str,
    digest: &'d str,
    config_digest: &'d str,
    version: &'d str,
    inputs: &'d Inputs,
    summary: &'d Summary,
    targets: Vec<TargetDocument>,
    changes: &'d [ChangeDocument],
    diagnostics: &'d [DiagnosticDocument],
}

/// What a document says beside the plan itself.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The desired state that the plan was made from.
    pub desired: &'a Desired,
    /// The paths of `-f`.
    pub files: &'a [String],
    /// For a file that will be applied: with the keyed fingerprint of each target's secrets.
    pub for_apply: bool,
}

impl PlanDocument {
    /// Draws the document up.
    pub fn new(plan: &Plan<'_>, context: Context<'_>) -> Self {
        let fingerprinted = |step| ChangeDocument { live_fingerprint: Step::fingerprint(step), ..change(plan, step) };
        let changes = plan.steps.iter().map(fingerprinted).collect();
        let mut document = Self::of_changes(plan, context, changes);
        document.config_digest = digest::config_digest(context.desired);
        document.digest = document.compute_digest();
        document.seal(plan);
        document
    }

    /// The document as people look at it: without digests and fingerprints, which cost more than all the rest.
    pub fn to_look_at(plan: &Plan<'_>, context: Context<'_>) -> Self {
        Self::of_changes(plan, context, plan.steps.iter().map(|step| change(plan, step)).collect())
    }

    fn of_changes(plan: &Plan<'_>, context: Context<'_>, changes: Vec<ChangeDocument>) -> Self {
        Self {
            schema: SCHEMA.into(),
            digest: String::new(),
            config_digest: String::new(),
            version: env!("CARGO_PKG_VERSION").into(),
            inputs: inputs(plan, context.files),
            summary: summary(plan),
            targets: plan.targets.iter().map(|input| TargetDocument::new(plan, input, context)).collect(),
            changes,
            diagnostics: plan.refusals.iter().chain(&plan.diagnostics).map(DiagnosticDocument::from).collect(),
        }
    }

    /// Seals it for every target whose key is at hand.
    fn seal(&mut self, plan: &Plan<'_>) {
        let Self { targets, digest, .. } = self;
        for (target, input) in targets.iter_mut().zip(&plan.targets) {
            target.seal = target.key_check.as_ref().map(|_| input.fingerprinter.seal(&target.name, digest));
        }
    }

    /// For a run that ended before anything could be compared.
    pub fn of_diagnostics(diagnostics: Vec<DiagnosticDocument>) -> Self {
        Self {
            schema: SCHEMA.into(),
            digest: String::new(),
            config_digest: String::new(),
            version: env!("CARGO_PKG_VERSION").into(),
            inputs: Inputs::default(),
            summary: Summary::default(),
            targets: Vec::new(),
            changes: Vec::new(),
            diagnostics,
        }
    }

    /// The digest that the document should carry.
    pub fn compute_digest(&self) -> String {
        let Self { schema, digest: _, config_digest, version, inputs, summary, targets, changes, diagnostics } = self;
        let bare = |target: &TargetDocument| TargetDocument { requests: 0, seal: None, ..target.clone() };
        let targets = targets.iter().map(bare).collect();
        let bare = Bare { schema, digest: "", config_digest, version, inputs, summary, targets, changes, diagnostics };
        digest::sha256_of_json(&bare)
    }

    /// Whether apply would send nothing and nothing is left to do by hand.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

fn inputs(plan: &Plan<'_>, files: &[String]) -> Inputs {
    Inputs {
        files: files.to_vec(),
        target: plan.options.selection.clone(),
        replace: plan.options.replace.iter().map(ToString::to_string).collect(),
        allow_deletes: plan.options.allow_deletes,
        sandbox: plan.options.sandbox,
    }
}

fn summary(plan: &Plan<'_>) -> Summary {
    let diffs = || plan.targets.iter().map(|input| &input.diff);
    Summary {
        create: plan.count(Action::Create),
        update: plan.count(Action::Update),
        replace: plan.count(Action::Replace),
        delete: plan.count(Action::Delete),
        cannot_converge: plan.count(Action::CannotConverge),
        unchanged: diffs().map(|diff| diff.unchanged.len()).sum(),
        adopt: diffs().map(|diff| diff.unchanged.iter().filter(|pair| pair.adopt).count()).sum(),
        unmanaged: diffs().map(|diff| diff.unmanaged.len()).sum(),
        ignored: diffs().map(|diff| diff.ignored.len()).sum(),
        ignored_fields: diffs().map(|diff| diff.ignored_fields).sum(),
    }
}

fn change(plan: &Plan<'_>, step: &Step<'_>) -> ChangeDocument {
    let change = &step.change;
    let addresses = |indices: &[usize]| -> Vec<String> {
        indices.iter().filter_map(|&index| plan.steps.get(index)).map(|step| step.change.address.to_string()).collect()
    };
    let source = change.desired.map(|desired| &desired.source).or(change.removed.map(|removed| &removed.source));
    ChangeDocument {
        address: change.address.to_string(),
        action: change.action.name().into(),
        source: source.map(SourceDocument::from),
        fields: change.fields.iter().map(|field| FieldDocument::new(change.kind, field)).collect(),
        requires: addresses(&step.requires),
        after_release: addresses(&step.after_release),
        resets: resets(change),
        delete_first: change.action == Action::Replace,
        adopt: change.adopt && change.action == Action::Update,
        reason: change.reason.clone(),
        live_fingerprint: None,
    }
}

/// Settings that the YAML doesn't know and that the update resets, by the vendor's spelling.
pub fn resets(change: &Change<'_>) -> Vec<String> {
    let live = change.live.filter(|_| change.action == Action::Update);
    live.map_or_else(Vec::new, |live| live.resets().iter().map(ToString::to_string).collect())
}

impl From<&Source> for SourceDocument {
    fn from(source: &Source) -> Self {
        Self { file: source.file.to_string(), line: source.line, column: source.column }
    }
}

impl FieldDocument {
    fn new(kind: &Kind, change: &FieldChange) -> Self {
        let FieldChange { index, name, before, after, secret, deferred } = change;
        let ty = index.and_then(|index| kind.fields.get(index)).map_or(Type::Text, |field| field.ty);
        Self {
            name: (*name).into(),
            before: (!secret).then(|| json(&ty, before)),
            after: (!secret).then(|| json(&ty, after)),
            secret: *secret,
            deferred: deferred.clone(),
        }
    }
}

/// Tells `null` from a field that isn't there: the digest of a document that was read must come out the same.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl From<&Diagnostic> for DiagnosticDocument {
    fn from(diagnostic: &Diagnostic) -> Self {
        let severity = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (address, target) = match &diagnostic.about {
            Some(About::Address(address)) => (Some(address.to_string()), None),
            Some(About::Target(target)) => (None, Some(target.clone())),
            None => (None, None),
        };
        Self {
            severity: severity.into(),
            code: diagnostic.code.into(),
            message: diagnostic.message.clone(),
            source: diagnostic.span.as_ref().map(|span| (&span.source).into()),
            address,
            target,
            hint: diagnostic.hint.clone(),
        }
    }
}

/// A value as JSON; a secret never gets this far, and would be `null` if it did.
fn json(ty: &Type, value: &Value) -> Json {
    match (ty, value) {
        (_, Value::Unset | Value::NotReadable | Value::Secret(_)) => Json::Null,
        (_, Value::Text(text)) => Json::from(&**text),
        (_, Value::Integer(number)) => Json::from(*number),
        (_, Value::Bool(yes)) => Json::from(*yes),
        (Type::Record(members), Value::Record(values)) => {
            let named = members.iter().zip(values.iter());
            named.map(|(member, value)| (member.name.to_owned(), json(&member.ty, value))).collect()
        }
        (_, Value::List(items) | Value::Record(items)) => items.iter().map(|item| json(&Type::Text, item)).collect(),
    }
}

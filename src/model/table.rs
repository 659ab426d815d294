//! What a vendor can do, as values: the tables that each provider's folder fills in and the core reads.

use std::time::Duration;

use super::field::{Scope, Type};
use super::kind::Kind;

/// One vendor dialect.
#[derive(Debug)]
pub struct ProviderTable {
    /// The name in the YAML: `yeastar`, `7moor`.
    pub name: &'static str,
    /// The product, for people.
    pub title: &'static str,
    /// The vendor's own address where there is one; `None`: `url` is required.
    pub default_url: Option<&'static str>,
    /// Settings beside `provider`, `url`, `tls`, `limits`, `prune` and `ignore`.
    pub settings: &'static [Setting],
    /// `limits.concurrency` unless set.
    pub concurrency: u32,
    /// `limits.requests_per_second` unless set.
    pub requests_per_second: Option<f64>,
    /// `limits.timeout` unless set.
    pub timeout: Duration,
    /// The setting that is the credential: fingerprint keys are derived from it where `SIPFORM_KEY` isn't set.
    pub credential: &'static str,
    /// Whether the vendor can place a call between two extensions.
    pub calls: bool,
    /// How to get credentials on the box, for the reference page.
    pub access: &'static str,
    /// The kinds that the vendor has.
    pub kinds: &'static [KindSupport],
}

/// A setting of a target: `username`, `api_version`.
#[derive(Debug)]
pub struct Setting {
    /// The key in the YAML.
    pub name: &'static str,
    /// What a value looks like; a scalar type.
    pub ty: Type,
    /// Never shown, stored or logged.
    pub secret: bool,
    /// What omitting it means; `None`: required.
    pub default: Option<&'static str>,
    /// One line for the reference page.
    pub doc: &'static str,
}

/// What a vendor can do with a kind.
#[derive(Debug)]
pub struct KindSupport {
    /// The kind.
    pub kind: &'static Kind,
    /// The vendor's limits on the key.
    pub key: TextRules,
    /// The fields that the vendor has; a field not listed is an error in the YAML.
    pub fields: &'static [FieldSupport],
    /// Whether an object can be made.
    pub create: Ability,
    /// Whether fields can be changed.
    pub update: Ability,
    /// Whether the key can be changed in place.
    pub rename: Ability,
    /// Whether an object can be removed.
    pub delete: Ability,
    /// An update replaces everything: what it doesn't send is reset.
    pub full_replacement: bool,
    /// The vendor refuses a second object with the same key, so repeating a create is safe.
    pub refuses_duplicates: bool,
    /// A target's setting and its value with which the vendor makes no such promise.
    pub may_double_with: Option<(&'static str, &'static str)>,
}

/// Whether the vendor's API can do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ability {
    /// It can.
    Yes,
    /// It can't; what to do by hand instead, as a sentence.
    ByHand(&'static str),
}

/// What a vendor can do with a field.
#[derive(Debug)]
pub struct FieldSupport {
    /// The kind's field.
    pub name: &'static str,
    /// The vendor's spelling, one for each member of a record and one otherwise.
    pub wire: &'static [&'static str],
    /// The variants for which this vendor demands it, beyond those of the kind's own table.
    pub required: Scope,
    /// The variants in which no two objects of a target may share a value.
    pub unique: Scope,
    /// The vendor computes it: no part of a fingerprint, and no difference unless the YAML writes it.
    pub computed: bool,
    /// Why a create can't set it, where that is so: the object is made without it, and a later plan sets it.
    pub not_on_create: Option<&'static str>,
    /// The vendor's limits on its text.
    pub rules: TextRules,
}

impl FieldSupport {
    /// A field that can be read and written, with no rules of the vendor's.
    pub const PLAIN: Self = Self {
        name: "",
        wire: &[],
        required: Scope::Nothing,
        unique: Scope::Nothing,
        computed: false,
        not_on_create: None,
        rules: ANY_TEXT,
    };
}

/// A vendor's limits on a text.
#[derive(Clone, Copy, Debug)]
pub struct TextRules {
    /// The fewest characters.
    pub min_length: usize,
    /// The most characters.
    pub max_length: usize,
    /// Fewer characters than this are probably refused (the vendor contradicts itself): a warning.
    pub doubtful_below: usize,
    /// Characters that the vendor documents as refused: an error.
    pub refused: &'static str,
    /// Characters that the vendor probably refuses (documented elsewhere): a warning.
    pub doubtful: &'static str,
    /// Whole texts that are never allowed, compared without case.
    pub reserved: &'static [&'static str],
    /// Only ASCII digits.
    pub digits: bool,
}

/// No limits.
pub const ANY_TEXT: TextRules = TextRules {
    min_length: 0,
    max_length: usize::MAX,
    doubtful_below: 0,
    refused: "",
    doubtful: "",
    reserved: &[],
    digits: false,
};

impl ProviderTable {
    /// What the vendor can do with this kind, if it has it.
    pub fn support(&self, kind: &Kind) -> Option<&'static KindSupport> {
        self.kinds.iter().find(|support| support.kind == kind)
    }

    /// A setting by its name.
    pub fn setting(&self, name: &str) -> Option<&'static Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }
}

impl KindSupport {
    /// What the vendor can do with this field, if it has it.
    pub fn field(&self, name: &str) -> Option<&'static FieldSupport> {
        self.fields.iter().find(|field| field.name == name)
    }
}

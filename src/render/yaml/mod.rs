//! Live objects as desired-state YAML, for `import`: by kind, then by target, sorted, defaults left out.
//!
//! Canonical: the same objects give the same bytes, in whatever order they were listed. What the YAML can't say is said in
//! comments; a field that can't be written, and that leaving out would reset, goes to `ignore_fields`.

mod entry;
mod flow;
mod scalar;
mod secrets;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::diag::escaped;
use crate::model::{Address, FieldSet, KindSupport, LiveObject, Secret};

use scalar::word;

pub use secrets::{Variables, credentials, env_file};

/// The live objects of one kind on one target.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The target's name.
    pub target: &'a str,
    /// The kind, and what the vendor can do with it.
    pub support: &'static KindSupport,
    /// Fields that are written also where they have the kind's default: the YAML has other `defaults:` for them.
    pub defaulted: FieldSet,
    /// The objects, no key twice.
    pub objects: Vec<&'a LiveObject>,
}

impl Group<'_> {
    /// Where an object of this key is.
    pub fn address(&self, key: &str) -> Address {
        Address::new(self.target, self.support.kind.name, key)
    }
}

/// What isn't written, with the reason as a fragment: whole objects, and fields of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Omissions {
    objects: BTreeMap<Address, String>,
    fields: BTreeMap<Address, BTreeMap<&'static str, String>>,
}

impl Omissions {
    /// Leaves out a whole object. Gives whether that is new.
    pub fn object(&mut self, address: Address, why: impl Into<String>) -> bool {
        let is_new = !self.objects.contains_key(&address);
        self.objects.entry(address).or_insert_with(|| why.into());
        is_new
    }

    /// Leaves a field of an object alone. Gives whether that is new.
    pub fn field(&mut self, address: Address, field: &'static str, why: impl Into<String>) -> bool {
        let fields = self.fields.entry(address).or_default();
        let is_new = !fields.contains_key(field);
        fields.entry(field).or_insert_with(|| why.into());
        is_new
    }

    /// Objects that are left out, by address.
    pub fn objects(&self) -> impl Iterator<Item = (&Address, &str)> {
        self.objects.iter().map(|(address, why)| (address, &**why))
    }
}

/// What one line of the YAML is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From 1.
    pub number: u32,
    /// The object.
    pub address: Address,
    /// The field; `None` for the line with the key.
    pub field: Option<&'static str>,
}

/// A variable whose value the vendor doesn't show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Its name.
    pub name: String,
    /// A value that the vendor's limits allow, to read the YAML with.
    pub stand_in: String,
}

/// A file for people to keep, and the secrets that it refers to.
#[derive(Debug, Default)]
pub struct Imported {
    /// The YAML.
    pub yaml: String,
    /// Environment variables that it refers to, with their values where the vendor shows them.
    pub secrets: Vec<(String, Secret)>,
    /// Variables whose value the vendor doesn't show.
    pub unknown_secrets: Vec<Unknown>,
    /// What was written, in the order of the lines.
    pub lines: Vec<Line>,
    /// Fields that are listed in `ignore_fields`, with the reason.
    pub left_alone: Vec<(Address, &'static str, String)>,
}

impl Imported {
    /// Writes groups of objects, but for what is left out. `variables` gives names that nothing else has.
    pub fn new(groups: &[Group<'_>], omissions: &Omissions, variables: Variables) -> Self {
        let mut groups: Vec<_> = groups.iter().filter(|group| !group.objects.is_empty()).collect();
        groups.sort_by_key(|group| (place(group), group.target));
        let mut writer = Writer { imported: Self::default(), omissions, variables, at: 1 };
        writer.header(&groups);
        let mut section = "";
        for group in groups {
            if section != group.support.kind.section {
                section = group.support.kind.section;
                writer.line(format_args!("\n{section}:"));
            }
            writer.group(group);
        }
        writer.imported
    }

    /// What stands on a line.
    pub fn line(&self, number: u32) -> Option<&Line> {
        let index = self.lines.binary_search_by_key(&number, |line| line.number).ok()?;
        self.lines.get(index)
    }

    /// The objects that were written.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.lines.iter().filter(|line| line.field.is_none()).map(|line| &line.address)
    }
}

/// A kind's place in documents.
fn place(group: &Group<'_>) -> Option<usize> {
    crate::model::kinds::ALL.iter().position(|kind| *kind == group.support.kind)
}

struct Writer<'o> {
    imported: Imported,
    omissions: &'o Omissions,
    variables: Variables,
    /// The number of the next line.
    at: u32,
}

impl Writer<'_> {
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        let before = self.imported.yaml.len();
        _ = writeln!(self.imported.yaml, "{text}");
        let written = self.imported.yaml.get(before..).unwrap_or_default();
        let breaks = u32::try_from(written.matches('\n').count()).unwrap_or(u32::MAX);
        self.at = self.at.saturating_add(breaks);
    }

    /// The same for a line that is about something.
    fn line_about(&mut self, address: &Address, field: Option<&'static str>, text: std::fmt::Arguments<'_>) {
        self.imported.lines.push(Line { number: self.at, address: address.clone(), field });
        self.line(text);
    }

    fn header(&mut self, groups: &[&Group<'_>]) {
        let targets: BTreeSet<_> = groups.iter().map(|group| escaped(group.target)).collect();
        let targets: Vec<_> = targets.into_iter().collect();
        if targets.is_empty() {
            self.line(format_args!("# Written by `sipform import`: the YAML lists everything that is live."));
        } else {
            let targets = targets.join(", ");
            self.line(format_args!("# Written by `sipform import`: what is live on {targets} and was in no YAML."));
            self.line(format_args!(
                "# A field that isn't written has its default. Yours to edit: `sipform plan` shows what would change."
            ));
        }
        self.line(format_args!("version: 1"));
    }

    fn group(&mut self, group: &Group<'_>) {
        self.line(format_args!("  # {}", escaped(group.target)));
        self.unsaid(group, "Settings that the YAML can't say, sent back as they are", &|live| {
            live.carried().iter().map(|(name, _)| *name).filter(|name| !is_field(group, name)).collect()
        });
        self.unsaid(group, "Settings that the YAML can't say and that an update resets", &|live| {
            live.resets().iter().map(|name| &**name).collect()
        });
        let mut objects = group.objects.clone();
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        for live in objects {
            match self.omissions.objects.get(&group.address(&live.key)) {
                Some(why) => {
                    let (kind, key) = (group.support.kind, word(&live.key));
                    self.line(format_args!("  # Left out: {} {key}: {}", kind.name, escaped(why)));
                }
                None => self.entry(group, live),
            }
        }
    }

    /// A comment with the names of settings that some object of the group has, by the vendor's spelling.
    fn unsaid<'g>(&mut self, group: &Group<'g>, what: &str, names: &dyn Fn(&'g LiveObject) -> Vec<&'g str>) {
        let names: BTreeSet<String> = group.objects.iter().flat_map(|live| names(live)).map(escaped).collect();
        if !names.is_empty() {
            let names: Vec<_> = names.into_iter().collect();
            self.line(format_args!("  # {what}: {}", names.join(", ")));
        }
    }
}

/// Whether a field of the YAML has this spelling at the vendor's.
fn is_field(group: &Group<'_>, wire: &str) -> bool {
    group.support.fields.iter().any(|field| field.wire.contains(&wire))
}

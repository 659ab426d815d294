//! The proof: the YAML is read back before it goes out, and compared with what it was written from.
//!
//! What the YAML turns out not to be able to say is left out, or left alone by `ignore_fields`, and it is written again. What
//! differs even then is reported.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::cli::context::Context;
use crate::cli::material::Material;
use crate::config::{self, Loaded, Resolver, Wanted};
use crate::diag::{Diagnostic, Span};
use crate::diff::{Change, Diff};
use crate::model::{Address, Desired, DesiredObject, Target, kinds};
use crate::plan::Plan;
use crate::provider::registry;
use crate::render::yaml::{Group, Imported, Line, Omissions, Variables};

use super::secrets::Secrets;

/// How often the YAML is written anew. Each time shows up to [`crate::diag::KEPT_ERRORS`] mistakes; what a fleet has beyond
/// that is reported.
const ROUNDS: usize = 40;

/// What an import is proved against.
pub(super) struct Subject<'a> {
    pub(super) context: &'a Context,
    pub(super) material: &'a Material<'a>,
    /// The plan without the import.
    pub(super) before: &'a Plan<'a>,
    /// The paths of `-f`.
    pub(super) paths: &'a [PathBuf],
    /// Where the YAML goes, for messages.
    pub(super) file: &'a Path,
    /// Where references of other files are read from: `defaults:` may hold some.
    pub(super) resolver: &'a dyn Resolver,
    /// Names for secrets that no other file has.
    pub(super) variables: &'a Variables,
}

/// The YAML, and what is known of it.
pub(super) struct Proven {
    pub(super) imported: Imported,
    pub(super) omissions: Omissions,
    /// What a plan with it would change, and a plan without it wouldn't.
    pub(super) differences: Vec<Difference>,
}

/// Something that reads back as something else.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    /// The object, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) address: Option<String>,
    /// The fields; empty where it is about the whole object.
    pub(super) fields: Vec<&'static str>,
    /// Why, as a fragment.
    pub(super) why: String,
}

/// What is wrong with the YAML as it is.
struct Fault {
    address: Option<Address>,
    fields: Vec<&'static str>,
    why: String,
    /// Whether leaving it out could help: it is ours.
    is_ours: bool,
}

impl Subject<'_> {
    /// Writes the YAML and proves it.
    pub(super) fn write(&self, groups: &[Group<'_>], mut omissions: Omissions) -> Proven {
        let mut round = 0;
        loop {
            let imported = Imported::new(groups, &omissions, self.variables.clone());
            let faults = self.faults(&imported);
            round += 1;
            if round == ROUNDS || !leave_out(&faults, &mut omissions) {
                let differences = faults.into_iter().map(Difference::from).collect();
                return Proven { imported, omissions, differences };
            }
        }
    }

    fn faults(&self, imported: &Imported) -> Vec<Fault> {
        let tables: Vec<_> = registry::tables().collect();
        let loaded = config::load_with(self.paths, Some((self.file, &imported.yaml)), &tables);
        let wrong: Vec<_> = self.errors(loaded.diagnostics().iter(), imported).collect();
        if !wrong.is_empty() {
            return wrong;
        }
        match self.read_back(loaded, imported) {
            Ok(objects) => self.differences(objects, imported),
            Err(faults) => faults,
        }
    }

    /// The entries of the import, and of no other file, with the secrets that were read.
    fn read_back(&self, loaded: Loaded, imported: &Imported) -> Result<Vec<DesiredObject>, Vec<Fault>> {
        let others: HashSet<&Address> = self.entries().collect();
        let wanted = Wanted { target: &|_| false, object: &|address| !others.contains(address) };
        let resolved = loaded.resolve(&Secrets::new(imported, self.resolver), &wanted);
        let resolved = resolved.map_err(|wrong| self.errors(wrong.iter(), imported).collect::<Vec<_>>())?;
        Ok(resolved.desired.objects)
    }

    fn entries(&self) -> impl Iterator<Item = &Address> {
        let desired = &self.context.desired;
        let unselected = desired.unselected.iter().map(|entry| &entry.address);
        desired.objects.iter().map(|object| &object.address).chain(unselected)
    }

    fn errors<'d>(
        &self,
        diagnostics: impl Iterator<Item = &'d Diagnostic>,
        imported: &Imported,
    ) -> impl Iterator<Item = Fault> {
        diagnostics.filter(|diagnostic| diagnostic.is_error()).map(|diagnostic| {
            let spans = diagnostic.span.iter().chain(diagnostic.related.as_ref().map(|(span, _)| span));
            let line = spans.into_iter().find_map(|span| self.line(span, imported));
            let fields = line.and_then(|line| line.field).into_iter().collect();
            let address = line.map(|line| line.address.clone());
            Fault { is_ours: address.is_some(), address, fields, why: diagnostic.message.clone() }
        })
    }

    /// What of the import stands where this is; a line between those that are known belongs to its entry.
    fn line<'i>(&self, span: &Span, imported: &'i Imported) -> Option<&'i Line> {
        if *span.source.file != *Loaded::display_name(self.file) {
            return None;
        }
        let behind = imported.lines.partition_point(|line| line.number <= span.source.line);
        let before = imported.lines.get(..behind).unwrap_or_default();
        imported.line(span.source.line).or_else(|| before.iter().rev().find(|line| line.field.is_none()))
    }

    /// What a plan with these objects would do, and one without wouldn't.
    fn differences(&self, mut objects: Vec<DesiredObject>, imported: &Imported) -> Vec<Fault> {
        let ours: HashSet<&Address> = imported.addresses().collect();
        objects.extend(self.context.desired.objects.iter().cloned());
        objects.sort_by(|a, b| a.address.cmp(&b.address));
        let desired = Desired {
            targets: Vec::new(),
            objects,
            call_checks: Vec::new(),
            unselected: Vec::new(),
            removed: Vec::new(),
        };
        let compared = self.material.compare(&desired);
        let before: BTreeSet<_> =
            self.before.steps.iter().map(|step| (&step.change.address, step.change.action.name())).collect();
        let changes = compared.iter().flat_map(|(_, diff)| &diff.changes);
        let new = changes.filter(|change| {
            ours.contains(&change.address) || !before.contains(&(&change.address, change.action.name()))
        });
        let mut faults: Vec<_> = new.map(|change| self.fault(change, &ours, imported)).collect();
        faults.extend(not_found(&compared, &ours, &faults));
        faults
    }

    fn fault(&self, change: &Change<'_>, ours: &HashSet<&Address>, imported: &Imported) -> Fault {
        let fields: Vec<_> =
            change.fields.iter().filter(|field| field.index.is_some()).map(|field| field.name).collect();
        let action = change.action.name();
        let known = ours.contains(&change.address);
        if known && change.live.is_some() && !fields.is_empty() {
            let why = format!("it reads back as something else: a plan would {action} it");
            return Fault { address: Some(change.address.clone()), fields, why, is_ours: true };
        }
        // An entry of ours that turns out to mean another object.
        let place = change.desired.map(|desired| &desired.source).filter(|_| !known);
        let span = place.map(|source| Span { source: source.clone(), length: 1, harmless: false, line: None });
        let line = span.and_then(|span| self.line(&span, imported));
        let address = line.map_or_else(|| change.address.clone(), |line| line.address.clone());
        let why = format!("a plan would {action} {}", change.address);
        Fault { is_ours: known || line.is_some(), address: Some(address), fields: Vec::new(), why }
    }
}

/// Entries that match no live object, where no change says so.
fn not_found(compared: &[(&Target, Diff<'_>)], ours: &HashSet<&Address>, faults: &[Fault]) -> Vec<Fault> {
    let told: HashSet<_> = faults.iter().filter_map(|fault| fault.address.as_ref()).collect();
    let pairs = compared.iter().flat_map(|(_, diff)| &diff.unchanged);
    let found: HashMap<_, _> = pairs.map(|pair| (&pair.desired.address, &*pair.live.key)).collect();
    let is_right = |address: &Address| found.get(address).is_some_and(|key| **key == *address.key);
    let mut missing: Vec<_> = ours
        .iter()
        .filter(|address| !is_right(address) && !told.contains(**address))
        .map(|address| (*address).clone())
        .collect();
    missing.sort();
    let fault = |address| Fault {
        address: Some(address),
        fields: Vec::new(),
        why: "it doesn't read back as itself".into(),
        is_ours: true,
    };
    missing.into_iter().map(fault).collect()
}

/// Leaves out what is wrong. Gives whether anything of that is new.
fn leave_out(faults: &[Fault], omissions: &mut Omissions) -> bool {
    let mut is_new = false;
    for Fault { address, fields, why, .. } in faults.iter().filter(|fault| fault.is_ours) {
        let Some(address) = address else { continue };
        // What decides about the other fields can't be left alone.
        let variant = kinds::by_name(address.kind).and_then(|kind| kind.variant);
        if fields.is_empty() || variant.is_some_and(|variant| fields.contains(&variant)) {
            is_new |= omissions.object(address.clone(), why);
        } else {
            for field in fields {
                is_new |= omissions.field(address.clone(), field, why);
            }
        }
    }
    is_new
}

impl From<Fault> for Difference {
    fn from(fault: Fault) -> Self {
        Self { address: fault.address.map(|address| address.to_string()), fields: fault.fields, why: fault.why }
    }
}

//! Desired state: YAML files into [`Desired`], or diagnostics about everything that is wrong with them.
//!
//! Two stages. [`load`] reads and checks the files and no secret. [`Loaded::resolve`] reads the references (`${env:…}`,
//! `${file:…}`, `${cmd:…}`), checks what they stand for, and gives [`Desired`].
//!
//! `loading` reads several files at a time, `ahead` one large file on two threads. A file is streamed: `tree`
//! gives one list item at a time as a small tree, `objects` lowers it through its kind's table, `written` puts the files
//! together, and `checks` looks at all of them. What is shown of a file is masked by `masking`.

mod ahead;
mod baseline;
mod call_checks;
mod checks;
mod composite;
mod defaults;
mod document;
mod drafts;
mod files;
mod loading;
mod lower;
mod masking;
mod node;
mod numbers;
mod objects;
mod plans;
mod reading;
mod references;
mod removed;
mod report;
mod resolve;
mod resolver;
mod rules;
mod scalars;
mod sharing;
mod side_by_side;
mod snippet;
mod suggest;
mod target_parts;
mod targets;
mod tree;
mod units;
mod unknown;
mod whole;
mod written;
mod yaml;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::loading::{FileRead, Input};
use self::lower::{Lowering, Numbers};
use self::node::Mark;
use self::reading::Reading;
use self::report::{Finding, Place, Report};
use self::resolve::Resolving;
use self::whole::{Placed, Whole};
use self::written::Written;
use crate::diag::Diagnostics;
use crate::model::{Address, Desired, FieldSet, Kind, ProviderTable};

pub use baseline::Baseline;
pub use resolver::{Environment, Resolver, SandboxSecrets, Unreadable};

/// The desired state as it is written: read and checked, no reference read.
pub struct Loaded {
    tables: Vec<&'static ProviderTable>,
    files: Vec<files::SourceFile>,
    /// Every file's name, also of those that couldn't be read.
    names: Arc<Vec<Arc<str>>>,
    whole: Whole,
    objects: Vec<Placed>,
    diagnostics: Diagnostics,
}

/// The desired state with every reference read.
#[derive(Debug)]
pub struct Resolved {
    /// What the YAML says.
    pub desired: Desired,
    /// Warnings about values that came from references; those about the files are [`Loaded::diagnostics`].
    pub warnings: Diagnostics,
}

/// Which targets and objects are to be resolved. What isn't wanted is left out of [`Desired`], and its references aren't
/// read.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Whether a target of this name is wanted.
    pub target: &'a dyn Fn(&str) -> bool,
    /// Whether an object, or an entry of `removed`, is wanted. Its target should be, too.
    pub object: &'a dyn Fn(&Address) -> bool,
}

impl Wanted<'_> {
    /// Everything.
    pub const ALL: Wanted<'static> = Wanted { target: &|_| true, object: &|_| true };
}

/// Reads the desired state from files and folders. Never reads a secret; whatever is wrong is in
/// [`Loaded::diagnostics`], of all files at once. `tables` are the providers that there are.
pub fn load(paths: &[PathBuf], tables: &[&'static ProviderTable]) -> Loaded {
    load_with(paths, None, tables)
}

/// The same, with one more file that is on no disk yet: its path and its text.
pub fn load_with(paths: &[PathBuf], unsaved: Option<(&Path, &str)>, tables: &[&'static ProviderTable]) -> Loaded {
    let mut report = Report::default();
    let found = files::collect(paths, &mut report);
    let found_all = !report.has_errors();
    let on_disk = found.into_iter().map(|path| Input { path, unsaved: None });
    let unsaved = unsaved.map(|(path, text)| Input { path: path.to_path_buf(), unsaved: Some(text) });
    let inputs: Vec<Input<'_>> = on_disk.chain(unsaved).collect();
    for input in &inputs {
        // Every file has its place in both lists, whether it can be read or not.
        report.add_file(files::display_name(&input.path).into());
    }
    let folders: Vec<PathBuf> = inputs.iter().map(|input| input.folder().to_path_buf()).collect();
    let read = loading::read(&inputs, &report);
    let complete = found_all && read.iter().all(|file| file.complete);
    let (written, sources) = together(read, &folders, tables, &mut report);
    if !written.has_version && complete {
        refuse_no_version(&mut report);
    }
    let mut whole = Whole::new(written, folders);
    let names: Vec<Arc<str>> = whole.targets.iter().map(|target| Arc::clone(&target.name)).collect();
    let known: Vec<&str> = names.iter().map(|name| &**name).collect();
    whole.defaults.check_names(&known, &mut report);
    let objects = checks::all(&whole, complete, &mut report);
    call_checks::check(&whole, &whole.call_checks, complete, &mut report);
    let names = Arc::clone(report.names());
    let mut diagnostics = report.finish();
    snippet::complete(&mut diagnostics, &sources);
    Loaded { tables: tables.to_vec(), files: sources, names, whole, objects, diagnostics }
}

/// Puts together what the files say, in their order.
fn together(
    read: Vec<FileRead>,
    folders: &[PathBuf],
    tables: &[&'static ProviderTable],
    report: &mut Report,
) -> (Written, Vec<files::SourceFile>) {
    let (mut written, mut sources) = (Written::default(), Vec::new());
    written.reserve(read.iter().map(|file| file.document.entries.len()).sum());
    for ((read, folder), file) in read.into_iter().zip(folders).zip(0..) {
        report.merge(read.report);
        let low = &mut Lowering { report, file, folder, numbers: Numbers::Literal, reading: None };
        written.add(read.document, tables, low);
        sources.extend(read.source);
    }
    (written, sources)
}

impl Loaded {
    /// Everything that is wrong or doubtful, as far as it can be told without reading a reference.
    pub fn diagnostics(&self) -> &Diagnostics {
        &self.diagnostics
    }

    /// The files that were read, in order.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| &*file.path)
    }

    /// The names of files as they stand in places; of a file that is on no disk yet as well.
    pub fn display_name(path: &Path) -> String {
        files::display_name(path)
    }

    /// How many targets there are.
    pub fn target_count(&self) -> usize {
        self.whole.targets.len()
    }

    /// How many objects there are, each number of a run counted.
    pub fn object_count(&self) -> usize {
        self.objects.len()
    }

    /// Every target's name and provider, by name; without those whose provider isn't known.
    pub fn targets(&self) -> impl Iterator<Item = (&Arc<str>, &'static ProviderTable)> {
        self.whole.targets.iter().filter_map(|target| Some((&target.name, target.table?)))
    }

    /// Fields for which `defaults:` says something on this target: leaving them out doesn't mean the kind's own default.
    pub fn defaulted(&self, target: &str, kind: &Kind) -> FieldSet {
        let mut fields = FieldSet::default();
        let target: Arc<str> = target.into();
        for index in 0..kind.fields.len() {
            if self.whole.defaults.field(&target, kind, index).is_some() {
                fields.insert(index);
            }
        }
        fields
    }

    /// Reads the references of everything that is wanted. What was loaded becomes what is desired, without a second copy.
    ///
    /// # Errors
    /// Everything that is wrong: the files' own errors if there are any, else every reference that can't be read and every
    /// value that came from one and can't be right.
    pub fn resolve(mut self, resolver: &dyn Resolver, wanted: &Wanted<'_>) -> Result<Resolved, Diagnostics> {
        if self.diagnostics.has_errors() {
            return Err(self.diagnostics);
        }
        let mut report = Report::new(self.names);
        let reading = Reading::new(resolver);
        let entries = std::mem::take(&mut self.whole.entries);
        let mut resolving = Resolving::new(&self.whole, &reading, &mut report);
        let targets = resolving.targets(&self.tables, wanted);
        let (objects, unselected) = resolving.objects(entries, self.objects, wanted);
        let removed = resolving.removed(wanted);
        let call_checks = call_checks::resolve(&self.whole.call_checks, wanted.target, &report);
        let mut diagnostics = report.finish();
        snippet::complete(&mut diagnostics, &self.files);
        if diagnostics.has_errors() {
            return Err(diagnostics);
        }
        let desired = Desired { targets, objects, call_checks, unselected, removed };
        Ok(Resolved { desired, warnings: diagnostics })
    }
}

/// Shows counts only: the files may hold secrets.
impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Loaded");
        shown.field("files", &self.names).field("targets", &self.target_count());
        shown.field("objects", &self.object_count()).finish_non_exhaustive()
    }
}

fn refuse_no_version(report: &mut Report) {
    let place = Place { file: 0, mark: Mark::START };
    let finding = Finding::error("missing_version", place, "no file says which version of this form it is written in");
    report.add(finding.hint("write `version: 1` at the top of one file"));
}

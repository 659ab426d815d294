//! What a command works with: the desired state, the selection, the ledger, the keys; resolved from what was typed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;

use super::args::{Common, Planning};
use super::error::CommandError;
use super::output::Output;
use super::pace;
use super::session::Connector;
use crate::config::{Environment, Loaded, Resolver, Wanted};
use crate::diag::{Diagnostic, Diagnostics};
use crate::ledger::{Journal, Ledger, LedgerFile};
use crate::model::{Address, Desired, FieldSet, Glob, Kind, Secret, Selection, Target};
use crate::plan::fingerprint::{Fingerprinter, KeySource, MasterKey};
use crate::plan::{self};
use crate::provider::registry;

/// Where the YAML is unless `-f` says otherwise.
const DEFAULT_FILE: &str = "desired-state.yaml";
/// Where the ledger is unless `--ledger` says otherwise.
const DEFAULT_LEDGER: &str = ".sipform/ledger.json";
/// The variable that holds the key for fingerprints.
const KEY_VARIABLE: &str = "SIPFORM_KEY";

/// Everything that was resolved before anybody is called.
pub(super) struct Context {
    /// What the YAML wants.
    pub(super) desired: Desired,
    /// The paths of `-f` as they go into a plan.
    pub(super) files: Vec<String>,
    /// The files that were read.
    pub(super) sources: Vec<PathBuf>,
    /// What the run is about.
    pub(super) selection: Selection,
    /// Where the ledger is.
    pub(super) ledger_file: LedgerFile,
    /// Against the sandbox.
    pub(super) sandbox: bool,
    /// Reaches the targets.
    pub(super) connector: Connector,
    master: Option<MasterKey>,
    defaulted: BTreeMap<(Arc<str>, &'static str), FieldSet>,
}

/// How much of the YAML a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of it.
    Everything,
    /// The targets and the call checks, but no objects.
    Targets,
}

impl Context {
    /// Reads the YAML, resolves its references, and finds out where everything is.
    pub(super) fn load(common: &Common, output: Output) -> Result<Self, CommandError> {
        Self::load_scope(common, output, Scope::Everything)
    }

    /// The same for a part of it: what isn't needed is left out, and its secrets aren't read.
    pub(super) fn load_scope(common: &Common, output: Output, scope: Scope) -> Result<Self, CommandError> {
        let paths = paths(&common.files);
        let loaded = pace::loading(output, || load(&paths))?;
        let connector = Connector::new(common)?;
        let resolver = resolver(common, &connector);
        let selection = selection(&common.target)?;
        let defaulted = defaulted(&loaded);
        let sources = loaded.files().map(Path::to_path_buf).collect();
        let desired = resolve(loaded, &*resolver, &selection, scope, output)?;
        Ok(Self {
            defaulted,
            desired,
            files: paths.iter().map(|path| path.display().to_string()).collect(),
            sources,
            selection,
            ledger_file: LedgerFile::new(ledger_path(common)),
            sandbox: common.sandbox,
            connector,
            master: master_key()?,
        })
    }

    /// Fields for which the YAML's `defaults:` say something on this target.
    pub(super) fn defaulted(&self, target: &Arc<str>, kind: &Kind) -> FieldSet {
        self.defaulted.get(&(Arc::clone(target), kind.name)).copied().unwrap_or_default()
    }

    /// The targets that the run is about.
    pub(super) fn targets(&self) -> Vec<&Target> {
        self.desired.targets.iter().filter(|target| self.selection.may_include_target(&target.name)).collect()
    }

    /// The ledger, if there is one.
    pub(super) fn ledger(&self) -> Result<Option<Ledger>, CommandError> {
        Ok(self.ledger_file.load(self.sandbox)?)
    }

    /// The journal, beside the ledger.
    pub(super) fn journal(&self) -> Journal {
        let urls = self.desired.targets.iter().map(|target| (target.name.to_string(), target.url.clone()));
        Journal::new(self.ledger_file.beside(".journal")).noting(jiff::Timestamp::now, urls).flushing_aside()
    }

    /// What makes a target's fingerprints.
    pub(super) fn fingerprinter(&self, target: &Target) -> Fingerprinter {
        let source = match &self.master {
            Some(key) => KeySource::Master(key.clone()),
            None => KeySource::Credential(Secret::new(target.setting_text(target.provider.credential))),
        };
        Fingerprinter::new(source, &target.url)
    }

    /// What the user asks of a plan.
    pub(super) fn options(&self, planning: &Planning) -> Result<plan::Options, CommandError> {
        Ok(plan::Options {
            allow_deletes: planning.allow_deletes,
            selection: self.selection.patterns().map(str::to_owned).collect(),
            replace: self.replacements(&planning.replace)?,
            sandbox: self.sandbox,
        })
    }

    fn replacements(&self, typed: &[String]) -> Result<Vec<Address>, CommandError> {
        let listed = |address: &Address| self.desired.objects.iter().any(|object| object.address == *address);
        typed
            .iter()
            .map(|text| {
                let address = Address::parse(text)
                    .map_err(|why| CommandError::failure("replace", format!("--replace: {why}")))?;
                if listed(&address) {
                    return Ok(address);
                }
                Err(CommandError::failure("replace", format!("--replace {address}: the YAML has no such object")))
            })
            .collect()
    }
}

/// The paths of `-f`, or the default.
pub(super) fn paths(typed: &[PathBuf]) -> Vec<PathBuf> {
    if typed.is_empty() { vec![PathBuf::from(DEFAULT_FILE)] } else { typed.to_vec() }
}

/// Reads the YAML; an error where anything in it is wrong.
pub(super) fn load(paths: &[PathBuf]) -> Result<Loaded, CommandError> {
    let tables: Vec<_> = registry::tables().collect();
    let loaded = crate::config::load(paths, &tables);
    if loaded.diagnostics().has_errors() { Err(loaded.diagnostics().clone().into()) } else { Ok(loaded) }
}

/// Where references are read from.
pub(super) fn resolver(common: &Common, connector: &Connector) -> Box<dyn Resolver> {
    match connector.sandbox_secrets() {
        Some(secrets) => secrets,
        None => Box::new(Environment { allow_cmd: common.allow_cmd }),
    }
}

/// Resolves the references of what the run is about; warnings are told at once.
fn resolve(
    loaded: Loaded,
    resolver: &dyn Resolver,
    selection: &Selection,
    scope: Scope,
    output: Output,
) -> Result<Desired, CommandError> {
    let wanted = Wanted {
        target: &|name| selection.may_include_target(name),
        object: &|address| scope == Scope::Everything && selection.includes(address),
    };
    let mut warnings = loaded.diagnostics().clone();
    let outcome = loaded.resolve(resolver, &wanted)?;
    warnings.merge(outcome.warnings);
    super::report::tell(output, &warnings);
    Ok(outcome.desired)
}

fn defaulted(loaded: &Loaded) -> BTreeMap<(Arc<str>, &'static str), FieldSet> {
    let scopes = loaded.targets().flat_map(|(name, provider)| {
        let kinds = provider.kinds.iter().map(|support| support.kind);
        kinds.map(move |kind| ((Arc::clone(name), kind.name), loaded.defaulted(name, kind)))
    });
    scopes.filter(|(_, fields)| !fields.is_empty()).collect()
}

fn selection(typed: &[String]) -> Result<Selection, CommandError> {
    let mut wrong = Diagnostics::default();
    let mut globs = Vec::new();
    for pattern in typed {
        match Glob::new(pattern) {
            Ok(glob) => globs.push(glob),
            Err(why) => wrong.push(Diagnostic::error("target_pattern", format!("--target {pattern}: {why}"))),
        }
    }
    if wrong.has_errors() { Err(wrong.into()) } else { Ok(Selection::new(globs)) }
}

fn ledger_path(common: &Common) -> PathBuf {
    match &common.ledger {
        Some(path) => path.clone(),
        None if common.sandbox => Path::new(super::session::SANDBOX_FOLDER).join("ledger.json"),
        None => PathBuf::from(DEFAULT_LEDGER),
    }
}

fn master_key() -> Result<Option<MasterKey>, CommandError> {
    let Some(text) = std::env::var(KEY_VARIABLE).ok().filter(|text| !text.is_empty()) else { return Ok(None) };
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok();
    let key: Option<[u8; 32]> = bytes.and_then(|bytes| bytes.try_into().ok());
    key.map(|key| Some(MasterKey::new(key))).ok_or_else(|| {
        let message = format!("{KEY_VARIABLE} isn't 32 bytes in base64");
        CommandError::new(
            super::exit::Exit::Failure,
            Diagnostic::error("key", message).hint("make one with: openssl rand -base64 32"),
        )
    })
}

//! `--sandbox` and `sipform sandbox`: the vendors' side, on this machine.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{ColorChoice, SandboxCommand, ServeArgs};
use super::error::CommandError;
use super::exit::Exit;
use super::output::{Output, color};
use super::session::SANDBOX_FOLDER;
use super::{report, signals};
use crate::config::{Resolver, SandboxSecrets, Unreadable};
use crate::diag::escape_json;
use crate::files;
use crate::http::Transport;
use crate::ledger::LedgerFile;
use crate::model::{Secret, Target, Value};
use crate::sandbox::{Fault, Latency, Listen, Sandbox, Server, Settings, default_settings, providers, reset};

/// The largest secret store that is read.
const MAX_SECRETS: u64 = 256 << 20;

/// Where the boxes of `--sandbox` runs keep their state.
fn boxes() -> PathBuf {
    Path::new(SANDBOX_FOLDER).join("boxes")
}

/// What `import --sandbox` learned: the sandbox's own secret store.
fn secrets_file() -> PathBuf {
    Path::new(SANDBOX_FOLDER).join("secrets.json")
}

/// The sandbox of a `--sandbox` run.
pub(super) struct Local {
    sandbox: Sandbox,
    /// What imports have read off the boxes.
    secrets_file: PathBuf,
}

impl Local {
    /// With these faults.
    pub(super) fn new(faults: &[String]) -> Result<Self, CommandError> {
        let sandbox = Sandbox::new(Some(boxes()));
        sandbox.set_faults(parse_faults(faults)?);
        Ok(Self { sandbox, secrets_file: secrets_file() })
    }

    /// The way to a target: a box of its own, which takes whatever credentials the YAML gives.
    pub(super) fn transport(&self, target: &Target) -> Result<Arc<dyn Transport>, String> {
        let names = target.provider.settings.iter().map(|setting| setting.name);
        let settings: Settings = names.map(|name| (name, setting_text(target, name))).collect();
        let appliance = self.sandbox.open(&target.name, target.provider.name, &settings);
        appliance.map(|appliance| appliance.transport()).map_err(|error| error.to_string())
    }

    /// What references resolve to.
    pub(super) fn secrets(&self) -> Box<dyn Resolver> {
        Box::new(Known { known: known_secrets(&self.secrets_file), others: SandboxSecrets })
    }

    /// Keeps what an import has read off the boxes beside what earlier ones have, so that its YAML can be planned against
    /// them.
    pub(super) fn keep_secrets(&self, secrets: &[(String, Secret)]) -> Result<(), CommandError> {
        let path = &self.secrets_file;
        let mut known = known_secrets(path);
        known.extend(secrets.iter().map(|(name, secret)| (name.clone(), secret.expose().to_owned())));
        let text = escape_json(&serde_json::to_string_pretty(&known).unwrap_or_default());
        let written = fs::create_dir_all(SANDBOX_FOLDER).and_then(|()| super::import::write_private(path, &text));
        written.map_err(|error| CommandError::file("written", path, &error))
    }
}

fn known_secrets(file: &Path) -> BTreeMap<String, String> {
    files::read_text(file, MAX_SECRETS).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
}

fn setting_text(target: &Target, name: &str) -> String {
    match target.setting(name) {
        Value::Secret(secret) => secret.expose().to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Integer(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Sandbox values: those that an import read off the boxes, and made-up ones for everything else.
struct Known {
    known: BTreeMap<String, String>,
    others: SandboxSecrets,
}

impl Resolver for Known {
    fn env(&self, name: &str) -> Result<Option<String>, Unreadable> {
        match self.known.get(name) {
            Some(value) => Ok(Some(value.clone())),
            None => self.others.env(name),
        }
    }

    fn file(&self, path: &Path) -> Result<String, Unreadable> {
        self.others.file(path)
    }

    fn cmd(&self, command: &str) -> Result<String, Unreadable> {
        self.others.cmd(command)
    }
}

/// Runs `sipform sandbox …`.
pub(super) async fn run(command: &SandboxCommand) -> Exit {
    match command {
        SandboxCommand::Serve(args) => ended(output(args.color), serve(args).await),
        SandboxCommand::Reset { color } => ended(output(*color), forget(output(*color))),
    }
}

fn output(choice: ColorChoice) -> Output {
    Output {
        format: crate::render::Format::Text,
        color: color(choice, &io::stdout()),
        message_color: color(choice, &io::stderr()),
        verbose: false,
    }
}

fn ended(output: Output, result: Result<(), CommandError>) -> Exit {
    match result {
        Ok(()) => Exit::Success,
        Err(error) => report::fail_in_json(output, &error, |_| ()),
    }
}

async fn serve(args: &ServeArgs) -> Result<(), CommandError> {
    let output = output(args.color);
    let sandbox = sandbox(args);
    sandbox.set_faults(parse_faults(&args.fault)?);
    let providers = served(args)?;
    let listen = Listen { address: args.listen, providers: providers.clone(), allow_remote: false };
    let server =
        Server::bind(&sandbox, &listen).await.map_err(|error| CommandError::failure("serve", error.to_string()))?;
    let server = server.with_targets(size(args.targets));
    allow_many_connections();
    // Before anybody is told that it is there, and may end it.
    let stop = signals::quietly();
    output.document(&format!("Sandbox on http://{}\n", server.address()));
    for (provider, settings) in &providers {
        // These credentials are the sandbox's own and open nothing else.
        output.document(&format!("  {provider}: {}\n", credentials(settings)));
    }
    let ended = server.run(async move { stop.requested().await }).await;
    output.document(&format!("Answered {} requests.\n", sandbox.answered()));
    ended.map_err(|error| CommandError::failure("serve", error.to_string()))
}

fn sandbox(args: &ServeArgs) -> Sandbox {
    let latency = Latency { read: args.latency_read, write: args.latency_write };
    let sandbox = Sandbox::new(args.state.clone()).with_latency(latency);
    match args.objects {
        Some(objects) => sandbox.with_objects(size(objects)),
        None => sandbox,
    }
}

fn size(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A connection is an open file, and thousands of targets have one each at once. Where the limit can't be raised, those
/// beyond it wait.
fn allow_many_connections() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let limit = getrlimit(Resource::Nofile);
        _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    }
}

fn credentials(settings: &Settings) -> String {
    let names = ["username", "password", "app_key", "secret", "api_key", "api_secret", "app_id", "api_version"];
    let pairs = names.iter().filter_map(|name| Some(format!("{name}={}", settings.get(name)?)));
    pairs.collect::<Vec<_>>().join(" ")
}

/// The providers to serve, each with its credentials.
fn served(args: &ServeArgs) -> Result<Vec<(String, Settings)>, CommandError> {
    let names: Vec<&str> =
        if args.provider.is_empty() { providers() } else { args.provider.iter().map(String::as_str).collect() };
    names
        .into_iter()
        .map(|name| {
            let defaults =
                default_settings(name).map_err(|error| CommandError::failure("provider", error.to_string()))?;
            Ok((name.to_owned(), with_typed(defaults, &args.set)?))
        })
        .collect()
}

fn with_typed(mut settings: Settings, typed: &[String]) -> Result<Settings, CommandError> {
    for pair in typed {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(CommandError::failure("usage", "--set: expected NAME=VALUE, as in username=api"));
        };
        settings = settings.with(name, value);
    }
    Ok(settings)
}

fn parse_faults(typed: &[String]) -> Result<Vec<Fault>, CommandError> {
    let parse =
        |text: &String| text.parse().map_err(|why| CommandError::failure("fault", format!("fault `{text}`: {why}")));
    typed.iter().map(parse).collect()
}

/// Removes what `--sandbox` runs left here, and nothing else.
fn forget(output: Output) -> Result<(), CommandError> {
    let ledger = LedgerFile::new(Path::new(SANDBOX_FOLDER).join("ledger.json"));
    let mut removed = reset(&boxes()).map_err(|error| CommandError::failure("reset", error.to_string()))?;
    let own = [ledger.path().to_owned(), ledger.beside(".journal"), ledger.beside(".lock"), secrets_file()];
    for path in own {
        match fs::remove_file(&path) {
            Ok(()) => removed += 1,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(CommandError::file("removed", &path, &error)),
        }
    }
    output.document(&format!("The sandbox is as new ({removed} files removed).\n"));
    Ok(())
}

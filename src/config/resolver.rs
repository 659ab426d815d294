//! What references are read from: the process's environment, or a sandbox that reads nothing.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The largest value of a reference, in bytes.
const MAX_VALUE_BYTES: u64 = 64 << 10;

/// How long a command may take.
const COMMAND_TIMEOUT: Duration = Duration::from_mins(1);

/// How often a running command is looked at.
const COMMAND_POLL: Duration = Duration::from_millis(10);

/// Where the values of references come from. Errors are fragments that hold nothing of a value.
pub trait Resolver {
    /// The environment variable of this name; `None`: it isn't set.
    fn env(&self, name: &str) -> Result<Option<String>, Unreadable>;

    /// The content of a file, without one newline at its end.
    fn file(&self, path: &Path) -> Result<String, Unreadable>;

    /// What a command prints, without one newline at its end.
    fn cmd(&self, command: &str) -> Result<String, Unreadable>;

    /// Whether values only stand in for real ones. They are then not held against a vendor's limits, and where a number, a
    /// choice or a URL is needed, one is taken that fits.
    fn stands_in(&self) -> bool {
        false
    }
}

/// Why a reference has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What happened, as a fragment.
    pub why: String,
    /// What to do next.
    pub hint: Option<&'static str>,
}

impl Unreadable {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), hint: None }
    }
}

/// The process's own environment and files; commands only where a flag allows them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Environment {
    /// Whether `${cmd:…}` may run its command by `sh -c`.
    pub allow_cmd: bool,
}

impl Resolver for Environment {
    fn env(&self, name: &str) -> Result<Option<String>, Unreadable> {
        match std::env::var(name) {
            Ok(value) => Ok(Some(value)),
            Err(std::env::VarError::NotPresent) => Ok(None),
            Err(std::env::VarError::NotUnicode(_)) => Err(Unreadable::new("its value isn't UTF-8")),
        }
    }

    fn file(&self, path: &Path) -> Result<String, Unreadable> {
        text_of(crate::files::read(path, MAX_VALUE_BYTES).map_err(|error| io_failure(&error))?)
    }

    fn cmd(&self, command: &str) -> Result<String, Unreadable> {
        if self.allow_cmd {
            return run(command);
        }
        Err(Unreadable {
            why: "commands aren't run unless asked for".into(),
            hint: Some("add --allow-cmd if you trust every command in these files"),
        })
    }
}

/// Every reference has a value made from its name; nothing is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct SandboxSecrets;

impl Resolver for SandboxSecrets {
    fn env(&self, name: &str) -> Result<Option<String>, Unreadable> {
        Ok(Some(sandbox_value(name)))
    }

    fn file(&self, path: &Path) -> Result<String, Unreadable> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(sandbox_value(&name.unwrap_or_default()))
    }

    fn cmd(&self, command: &str) -> Result<String, Unreadable> {
        Ok(sandbox_value(command))
    }

    fn stands_in(&self) -> bool {
        true
    }
}

/// `sandbox-` and what is harmless of a name.
fn sandbox_value(name: &str) -> String {
    const LONGEST: usize = 48;
    let harmless = |character: char| {
        if character.is_ascii_alphanumeric() { character } else { '-' }
    };
    let name: String = name.chars().map(harmless).take(LONGEST).collect();
    format!("sandbox-{}", name.trim_matches('-'))
}

fn output_of(command: impl Read) -> Result<String, Unreadable> {
    let mut bytes = Vec::new();
    command.take(MAX_VALUE_BYTES + 1).read_to_end(&mut bytes).map_err(|error| io_failure(&error))?;
    if bytes.len() as u64 > MAX_VALUE_BYTES {
        return Err(Unreadable::new(format!("it is larger than {} KiB", MAX_VALUE_BYTES >> 10)));
    }
    text_of(bytes)
}

fn text_of(bytes: Vec<u8>) -> Result<String, Unreadable> {
    let mut text = String::from_utf8(bytes).map_err(|_| Unreadable::new("it isn't UTF-8"))?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

fn io_failure(error: &std::io::Error) -> Unreadable {
    match error.kind() {
        std::io::ErrorKind::NotFound => Unreadable::new("no such file"),
        std::io::ErrorKind::FileTooLarge
        | std::io::ErrorKind::InvalidInput
        | std::io::ErrorKind::IsADirectory
        | std::io::ErrorKind::InvalidData => Unreadable::new(error.to_string()),
        kind => Unreadable::new(kind.to_string()),
    }
}

/// Runs a command by the shell. What it prints to standard error is dropped: it may hold the secret.
fn run(command: &str) -> Result<String, Unreadable> {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(command).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child =
        shell.spawn().map_err(|error| Unreadable::new(format!("sh can't be started ({})", error.kind())))?;
    let output = child.stdout.take();
    let reader = thread::spawn(move || output.map(output_of));
    let status = wait(&mut child)?;
    if !status.success() {
        let hint = Some("run the command by hand to see what it says");
        return Err(Unreadable { why: format!("the command failed ({status})"), hint });
    }
    match reader.join() {
        Ok(Some(text)) => text,
        _ => Err(Unreadable::new("its output can't be read")),
    }
}

fn wait(child: &mut Child) -> Result<std::process::ExitStatus, Unreadable> {
    let deadline = Instant::now() + COMMAND_TIMEOUT;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(COMMAND_POLL),
            Ok(None) => {
                // Ending and reaping it may fail only if it has just ended by itself.
                drop(child.kill());
                drop(child.wait());
                return Err(Unreadable::new(format!("the command took longer than {} s", COMMAND_TIMEOUT.as_secs())));
            }
            Err(error) => return Err(io_failure(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    #[test]
    fn files_lose_one_newline() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for (content, value) in [("a", "a"), ("a\n", "a"), ("a\r\n", "a"), ("a\n\n", "a\n"), ("", "")] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(Environment::default().file(&path).unwrap(), value);
        }
        assert_eq!(Environment::default().file(&folder.path().join("none")).unwrap_err().why, "no such file");
    }

    #[test]
    fn commands_need_the_flag() {
        let refused = Environment::default().cmd("echo a").unwrap_err();
        assert!(refused.hint.unwrap().contains("--allow-cmd"));
        let allowed = Environment { allow_cmd: true };
        assert_eq!(allowed.cmd("echo a").unwrap(), "a");
        assert!(allowed.cmd("echo hunter2 >&2; exit 3").unwrap_err().why.starts_with("the command failed"));
    }

    #[test]
    fn the_sandbox_reads_nothing() {
        assert_eq!(SandboxSecrets.env("CALLER_ID").unwrap().unwrap(), "sandbox-CALLER-ID");
        assert_eq!(SandboxSecrets.file(Path::new("/etc/secrets/7moor")).unwrap(), "sandbox-7moor");
        assert_eq!(SandboxSecrets.cmd("pass 'x y'").unwrap(), "sandbox-pass--x-y");
    }
}

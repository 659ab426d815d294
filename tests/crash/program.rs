//! The program in a folder of its own, run to its end or killed on the way.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use serde_json::Value as Json;
use tempfile::TempDir;

use crate::proxy::{Proxy, Strike};

/// 32 bytes, so that no run derives a key from a password, which is slow on purpose.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
const LEDGER: &str = ".sipform/ledger.json";
/// How often a running program is looked after.
const GLANCE: Duration = Duration::from_millis(2);

pub(crate) struct Program {
    folder: TempDir,
}

/// How a run ended.
pub(crate) struct Ran {
    /// `None`: it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// The requests that it made.
    pub(crate) paths: Vec<String>,
}

impl Program {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write_yaml(&self, text: &str) {
        fs::write(self.path("desired-state.yaml"), text).unwrap();
    }

    pub(crate) fn ledger(&self) -> Option<String> {
        fs::read_to_string(self.path(LEDGER)).ok()
    }

    /// Puts the ledger back, and nothing else of what runs leave.
    pub(crate) fn reset(&self, ledger: Option<&str>) {
        _ = fs::remove_dir_all(self.path(".sipform"));
        if let Some(text) = ledger {
            fs::create_dir(self.path(".sipform")).unwrap();
            fs::write(self.path(LEDGER), text).unwrap();
        }
    }

    pub(crate) fn has_journal(&self) -> bool {
        self.path(&format!("{LEDGER}.journal")).exists()
    }

    /// Runs a command line against the boxes behind the proxy, and kills it where the proxy says so.
    pub(crate) fn run(&self, line: &str, proxy: &Proxy, strike: Option<(usize, Strike)>) -> Ran {
        proxy.begin(strike);
        let (out, err) = (self.path("stdout"), self.path("stderr"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_sipform"));
        command.args(line.split_whitespace()).current_dir(self.folder.path()).env_clear().env("SIPFORM_KEY", KEY);
        command.stdin(Stdio::null()).stdout(File::create(&out).unwrap()).stderr(File::create(&err).unwrap());
        let mut child = command.spawn().unwrap();
        let code = loop {
            match proxy.strikes.recv_timeout(GLANCE) {
                Ok(dead) => {
                    // It may have ended by itself at this very moment.
                    _ = child.kill();
                    child.wait().unwrap();
                    _ = dead.send(());
                    break None;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => unreachable!("the proxy holds the other end"),
            }
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status.code().unwrap_or(-1));
            }
        };
        let paths = proxy.end();
        let read = |path| fs::read_to_string(path).unwrap();
        Ran { code, stdout: read(out), stderr: read(err), paths }
    }
}

impl Ran {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.stdout, self.stderr))
    }

    /// Has to end like this.
    pub(crate) fn ended(&self, code: i32, context: &str) -> &Self {
        let Self { stdout, stderr, paths, .. } = self;
        let asked = paths.join("\n");
        assert_eq!(self.code, Some(code), "{context}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n--- asked\n{asked}");
        self
    }
}

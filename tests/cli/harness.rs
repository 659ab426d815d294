//! Runs the program in a folder of its own, with nothing from the environment but what a test gives it.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;
use tempfile::TempDir;

/// 32 bytes, so that no run derives a key from a password, which is slow on purpose.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
/// One PBX and one contact centre, for runs with `--sandbox`.
const TARGETS: &str = "\
version: 1
targets:
  hq: { provider: yeastar, url: \"https://192.168.5.150:8088\", username: api, password: \"${env:HQ}\" }
  cc: { provider: 7moor, url: \"https://v7openapi.7moor.com\", app_key: \"2000113\", secret: \"${env:CC}\" }
";

/// A folder to run in.
pub(crate) struct Place {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

/// What came of a run.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        let environment = vec![("SIPFORM_KEY".into(), KEY.into())];
        Self { folder: TempDir::new().unwrap(), environment }
    }

    /// With the example that comes with the program.
    pub(crate) fn example() -> Self {
        let place = Self::new();
        place.write("desired-state.example.yaml", include_str!("../../desired-state.example.yaml"));
        place
    }

    /// With two sandbox targets, `hq` and `cc`, and these entries.
    pub(crate) fn desired(entries: &str) -> Self {
        let place = Self::new();
        place.rewrite(entries);
        place
    }

    /// Other entries on the same two targets.
    pub(crate) fn rewrite(&self, entries: &str) {
        self.write("desired-state.yaml", &format!("{TARGETS}{entries}"));
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.into(), value.into()));
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn json(&self, name: &str) -> Json {
        serde_json::from_str(&self.read(name)).unwrap()
    }

    /// Changes a JSON file.
    pub(crate) fn edit(&self, name: &str, change: impl FnOnce(&mut Json)) {
        let mut json = self.json(name);
        change(&mut json);
        self.write(name, &serde_json::to_string_pretty(&json).unwrap());
    }

    /// Changes what is live on `hq` behind the program's back.
    pub(crate) fn edit_pbx(&self, change: impl FnOnce(&mut Json)) {
        let file = ".sipform/sandbox/boxes/hq.box.json";
        if !self.path(file).exists() {
            self.write(file, &boxed("yeastar", include_str!("../../examples/sandbox/yeastar.json")));
        }
        self.edit(file, |file| change(&mut file["state"]));
    }

    /// What is live on `hq` or `cc`; null before the first write.
    pub(crate) fn live(&self, target: &str) -> Json {
        let file = format!(".sipform/sandbox/boxes/{target}.box.json");
        if self.path(&file).exists() { self.json(&file)["state"].clone() } else { Json::Null }
    }

    /// Every file below the folder with what is in it.
    pub(crate) fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut found = Vec::new();
        list(self.folder.path(), &mut found);
        let name = |path: &Path| path.strip_prefix(self.folder.path()).unwrap().display().to_string();
        found.iter().map(|path| (name(path), fs::read(path).unwrap())).collect()
    }

    /// A command line, to be run here; `line` is cut at its spaces.
    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sipform"));
        command.args(line.split_whitespace()).current_dir(self.folder.path()).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// A shell's command line, run here with the same environment.
    #[cfg(unix)]
    pub(crate) fn shell(&self, script: &str) -> Output {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]).current_dir(self.folder.path()).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).output().unwrap()
    }

    pub(crate) fn run(&self, line: &str) -> Run {
        Run::of(self.command(line).output().unwrap())
    }

    /// Several runs side by side: most of the time of one that fails goes into waiting before it tries again.
    pub(crate) fn run_all(&self, lines: impl IntoIterator<Item = String>) -> Vec<(String, Run)> {
        let started: Vec<_> = lines.into_iter().map(|line| (self.command(&line).spawn().unwrap(), line)).collect();
        started.into_iter().map(|(child, line)| (line, Run::of(child.wait_with_output().unwrap()))).collect()
    }

    /// A run that has to end like this.
    pub(crate) fn expect(&self, code: i32, line: &str) -> Run {
        let run = self.run(line);
        assert_eq!(run.code, code, "sipform {line}\n--- stdout\n{}\n--- stderr\n{}", run.stdout, run.stderr);
        run
    }
}

impl Run {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}:\n{}", self.stdout))
    }

    /// Has to say this on standard error.
    pub(crate) fn says(&self, text: &str) -> &Self {
        assert!(self.stderr.contains(text), "no {text:?} in\n{}", self.stderr);
        self
    }
}

/// A box's state file.
pub(crate) fn boxed(provider: &str, state: &str) -> String {
    format!(r#"{{"schema": "sipform.sandbox/v1", "provider": "{provider}", "target": "-", "state": {state}}}"#)
}

fn list(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { list(&path, found) } else { found.push(path) }
    }
}

/// A run that goes on while the test looks at its messages.
pub(crate) struct Started {
    pub(crate) child: Child,
    stderr: BufReader<std::process::ChildStderr>,
    seen: String,
}

impl Started {
    pub(crate) fn new(place: &Place, line: &str) -> Self {
        Self::of(place.command(line).spawn().unwrap())
    }

    pub(crate) fn of(mut child: Child) -> Self {
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr, seen: String::new() }
    }

    /// Waits for a line on standard error that holds this text.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let mut line = String::new();
        while !line.contains(text) {
            line.clear();
            let read = self.stderr.read_line(&mut line).unwrap();
            assert!(read > 0, "it ended without {text:?}:\n{}", self.seen);
            self.seen.push_str(&line);
        }
    }

    /// Sends it a signal, by name.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    pub(crate) fn end(mut self) -> Run {
        let mut stdout = String::new();
        self.stderr.read_to_string(&mut self.seen).unwrap();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        Run { code: self.child.wait().unwrap().code().unwrap_or(-1), stdout, stderr: std::mem::take(&mut self.seen) }
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        // After `end` there is nothing left to end.
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

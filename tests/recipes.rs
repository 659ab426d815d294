//! The scripts of the pipelines' recipes, run as a pipeline runs them.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Notes how it was called and answers from files.
const GH: &str = r#"#!/bin/sh
echo "$@" >>"$CALLS"
for argument; do
  case "$argument" in body=@*) cp "${argument#body=@}" "$CALLS.body" ;; esac
done
case "$*" in *--paginate*) cat "$FOUND" ;; esac
"#;
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A runner's machine: a folder with the example in it, and the files by which a job talks to the runner.
struct Runner {
    folder: TempDir,
}

impl Runner {
    fn new() -> Self {
        let runner = Self { folder: TempDir::new().unwrap() };
        fs::copy(root().join("desired-state.example.yaml"), runner.path("desired-state.yaml")).unwrap();
        runner
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    fn script(&self, name: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let program = Path::new(env!("CARGO_BIN_EXE_sipform")).parent().unwrap().display().to_string();
        let path = format!("{}:{program}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("bash");
        command.arg(root().join("ci").join(name)).args(arguments).current_dir(self.folder.path()).env_clear();
        command.env("PATH", path).env("HOME", self.folder.path()).env("SIPFORM_KEY", KEY);
        command.envs(environment.iter().copied()).output().unwrap()
    }

    /// One sipform command, as action.yml runs it; gives the script's exit code.
    fn action(&self, command: &str, inputs: &[(&str, &str)]) -> i32 {
        let at = |name: &str| self.path(name).display().to_string();
        let (temporary, output, summary) = (at("temporary"), at("output"), at("summary"));
        _ = fs::remove_file(&output);
        fs::create_dir_all(&temporary).unwrap();
        let mut environment = vec![
            ("RUNNER_TEMP", temporary.as_str()),
            ("GITHUB_OUTPUT", &output),
            ("GITHUB_STEP_SUMMARY", &summary),
            ("INPUT_COMMAND", command),
            ("INPUT_FILES", "desired-state.yaml"),
            ("INPUT_PLAN_FILE", ""),
            ("INPUT_LEDGER", ""),
            ("INPUT_ARGS", if command == "validate" { "" } else { "--sandbox" }),
            ("INPUT_FAIL_ON_DRIFT", "true"),
            ("INPUT_COMMENT_NAME", "nightly"),
        ];
        environment.extend(inputs);
        self.script("github-run.sh", &[], &environment).status.code().unwrap()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"]);
    let output = command.args(arguments).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_action_validates_plans_applies_and_compares() {
    let runner = Runner::new();
    assert_eq!(runner.action("validate", &[]), 0);
    assert_eq!(runner.action("plan", &[("INPUT_PLAN_FILE", "change.plan")]), 0, "a plan with changes fails no job");
    let outputs = runner.read("output");
    assert!(outputs.contains("exitcode=2\nchanges=true\nreport="), "{outputs}");
    assert!(runner.read("temporary/sipform-plan/report.markdown").starts_with("<!-- sipform:plan nightly -->\n"));
    assert!(runner.read("summary").contains("new-carrier"), "the report is in the step's summary");
    for format in ["markdown", "json", "sarif", "github"] {
        assert!(runner.path(&format!("temporary/sipform-plan/report.{format}")).exists(), "{format}");
    }
    assert_eq!(runner.action("apply", &[("INPUT_PLAN_FILE", "change.plan")]), 0);
    assert_eq!(runner.action("plan", &[]), 0);
    assert!(runner.read("output").contains("exitcode=0\nchanges=false\n"));
    let file = ".sipform/sandbox/boxes/hq-pbx.box.json";
    runner.write(file, &runner.read(file).replace("172.16.108.16", "172.16.108.99"));
    assert_eq!(runner.action("drift", &[("INPUT_FAIL_ON_DRIFT", "false")]), 0);
    assert_eq!(runner.action("drift", &[]), 2);
    assert_eq!(runner.action("destroy", &[]), 1);
}

#[test]
fn the_action_fails_with_the_programs_code_and_shows_why() {
    let runner = Runner::new();
    runner.write("desired-state.yaml", "version: 1\ntrunk: []\n");
    for command in ["validate", "plan", "apply", "drift"] {
        assert_eq!(runner.action(command, &[]), 1, "{command}");
        let report = runner.read(&format!("temporary/sipform-{command}/report.github"));
        assert!(report.contains("\n::error file=desired-state.yaml,line=2"), "{report}");
    }
}

#[test]
fn a_pull_request_has_one_comment_that_is_updated() {
    let runner = Runner::new();
    runner.write("gh", GH);
    fs::set_permissions(runner.path("gh"), fs::Permissions::from_mode(0o755)).unwrap();
    runner.write("report.md", "<!-- sipform:plan -->\nnothing to do\n");
    let (calls, found) = (runner.path("calls").display().to_string(), runner.path("found").display().to_string());
    let comment = || {
        let environment = [
            ("GITHUB_REPOSITORY", "team/phones"),
            ("PULL_REQUEST", "7"),
            ("REPORT", "report.md"),
            ("CALLS", &calls),
            ("FOUND", &found),
        ];
        let output = runner.script("github-comment.sh", &[], &environment);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    runner.write("found", "");
    comment();
    assert!(runner.read("calls").contains("--method POST repos/team/phones/issues/7/comments"));
    assert_eq!(runner.read("calls.body"), "<!-- sipform:plan -->\nnothing to do\n");
    runner.write("found", "41\n42\n");
    comment();
    assert!(runner.read("calls").contains("--method PATCH repos/team/phones/issues/comments/41"));
    assert_eq!(runner.read("calls").matches("--method POST").count(), 1);
}

#[test]
fn a_branch_keeps_the_ledger_and_two_writers_lose_nothing() {
    let runner = Runner::new();
    let top = runner.folder.path();
    git(top, &["init", "--quiet", "--bare", "remote.git"]);
    let clone = |name: &str| {
        git(top, &["clone", "--quiet", "remote.git", name]);
        top.join(name)
    };
    let first = clone("first");
    git(&first, &["commit", "--quiet", "--allow-empty", "--message", "begin"]);
    git(&first, &["push", "--quiet", "origin", "HEAD"]);
    let run = |clone: &Path, action: &str, folder: &str| {
        let script = root().join("ci/ledger-branch.sh");
        let mut command = Command::new("bash");
        command.arg(script).args([action, folder]).current_dir(clone).status().unwrap().success()
    };
    assert!(run(&first, "pull", "../one"), "a branch that isn't there yet starts empty");
    fs::write(top.join("one/ledger.json"), "1").unwrap();
    fs::write(top.join("one/ledger.json.lock"), "mine").unwrap();
    assert!(run(&first, "push", "../one"));
    let second = clone("second");
    assert!(run(&second, "pull", "../two") && run(&second, "push", "../two"), "nothing to push is no failure");
    assert_eq!(fs::read_to_string(top.join("two/ledger.json")).unwrap(), "1");
    assert!(!top.join("two/ledger.json.lock").exists(), "a lock is one machine's");
    fs::write(top.join("two/ledger.json"), "2").unwrap();
    assert!(run(&second, "push", "../two"));
    fs::write(top.join("one/ledger.json"), "3").unwrap();
    assert!(!run(&first, "push", "../one"), "the later writer is refused");
    assert_eq!(git(&top.join("remote.git"), &["show", "sipform-ledger:ledger.json"]), "2");
    fs::rename(top.join("remote.git"), top.join("away.git")).unwrap();
    assert!(!run(&second, "pull", "../three"), "a remote that can't be read isn't an empty ledger");
}

//! The README tells the truth: its plan is what the program prints, its commands are those of the gate.
#![cfg(feature = "sandbox")]
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

const EXAMPLE: &str = "desired-state.example.yaml";

fn project_file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect(name)
}

/// The first fenced block of this language behind a heading.
fn block<'t>(text: &'t str, heading: &str, fence: &str) -> &'t str {
    let behind = text.split_once(heading).expect(heading).1;
    let inside = behind.split_once(fence).expect(fence).1;
    inside.split_once("```").expect("the fence is closed").0
}

#[test]
fn its_plan_is_what_the_program_prints() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::write(folder.path().join(EXAMPLE), project_file(EXAMPLE)).expect("the example is copied");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sipform"));
    let command = command.args(["plan", "--sandbox", "-f", EXAMPLE]).current_dir(&folder);
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let output = command.env_clear().env("SIPFORM_KEY", key).output().expect("it runs");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(block(&project_file("README.md"), "## What a plan looks like", "```text\n"), printed);
}

#[test]
fn its_commands_are_those_of_the_gate() {
    let (readme, gate) = (project_file("README.md"), project_file(".ci/run"));
    let first = block(&readme, "## Try it", "```sh\n").trim();
    assert!(first.starts_with("cargo run --release -- apply --sandbox"));
    assert!(gate.contains(first), "{first}");
    assert!(readme.contains("```sh\ncargo test\n```") && gate.contains("cargo test"));
}

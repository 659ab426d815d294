//! The quickstart is run from the document itself, in every language: each `sh` block in order, in one folder, as a newcomer
//! would; and each `text` block behind it is what it printed.
#![cfg(all(unix, feature = "sandbox"))]
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::process::Command;

/// A fenced block of a document.
struct Block {
    /// `sh`, `text`.
    language: String,
    /// Where it begins, from 1.
    line: usize,
    text: String,
}

/// 32 bytes, so that no key is derived from a password, which is slow on purpose.
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// As a newcomer has it: no variable is set but where programs are.
#[test]
fn the_quickstart_is_true() {
    run("docs/quickstart.md", &[]);
}

#[test]
fn the_chinese_quickstart_is_true() {
    run("docs/quickstart.zh-CN.md", &[("SIPFORM_KEY", KEY)]);
}

/// The shell that the newcomer types into is started anew for each block: only the folder remembers.
fn run(document: &str, environment: &[(&str, &str)]) {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(document)).unwrap();
    let blocks = blocks(&text);
    assert!(blocks.iter().filter(|block| block.language == "sh").count() > 5, "{document} has too few commands");
    let folder = tempfile::tempdir().unwrap();
    let mut printed = String::new();
    for block in blocks {
        match &*block.language {
            "sh" => printed = shell(&block, folder.path(), environment, document),
            "text" => assert_shown(&block, &printed, document),
            other => assert!(other == "yaml", "{document}:{}: a block of {other}", block.line),
        }
    }
}

fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut inside = false;
    for (index, line) in document.lines().enumerate() {
        match line.strip_prefix("```") {
            Some(language) if !inside => {
                blocks.push(Block { language: language.into(), line: index + 1, text: String::new() });
            }
            None if inside => blocks.last_mut().unwrap().text.extend([line, "\n"]),
            _ => {}
        }
        inside ^= line.starts_with("```");
    }
    assert!(!inside, "a block isn't closed");
    blocks
}

/// Gives what a terminal would show. A block that fails is wrong, whatever it printed.
fn shell(block: &Block, folder: &Path, environment: &[(&str, &str)], document: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_sipform")).parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("bash")
        .args(["-c", &format!("exec 2>&1; set -eo pipefail\n{}", block.text)])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{program}:{path}"))
        .env("HOME", folder)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{document}:{}: {}\n{}\n{printed}", block.line, output.status, block.text);
    printed
}

/// Every line of the block, in one piece.
fn assert_shown(block: &Block, printed: &str, document: &str) {
    let lines = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    let (shown, printed) = (lines(&block.text), lines(printed));
    let is_there = printed.windows(shown.len().max(1)).any(|window| *window == *shown);
    assert!(
        is_there,
        "{document}:{}: isn't printed:\n{}\n--- printed\n{}",
        block.line,
        shown.join("\n"),
        printed.join("\n")
    );
}

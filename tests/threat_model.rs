//! The threat model names the tests that show its claims: each of them is there.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_test_that_it_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/threat-model.md")).unwrap();
    let named: BTreeSet<&str> = page.split('`').skip(1).step_by(2).filter(|word| is_a_tests_name(word)).collect();
    assert!(named.len() > 25, "only {named:?}");
    let mut sources = String::new();
    read(&root.join("src"), &mut sources);
    read(&root.join("tests"), &mut sources);
    let is_there = |name: &&&str| sources.contains(&format!("fn {name}("));
    assert_eq!(named.iter().filter(|name| !is_there(name)).collect::<Vec<_>>(), Vec::<&&str>::new());
}

/// At least four words.
fn is_a_tests_name(word: &str) -> bool {
    word.matches('_').count() >= 3 && word.chars().all(|character| character.is_ascii_lowercase() || character == '_')
}

fn read(folder: &Path, sources: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

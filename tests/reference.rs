//! The reference pages and the schemas are those that the tables give.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use sipform::provider::registry;
use sipform::render::reference;
use sipform::render::schema::{Subject, schema};

/// Compares a committed file with what it should be.
fn expect(file: &str, made: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let found = fs::read_to_string(&path).expect("run `cargo run --example reference`");
    assert!(found == made, "{file} isn't what the tables give: run `cargo run --example reference`");
}

#[test]
fn pages_are_those_of_the_tables() {
    let tables: Vec<_> = registry::tables().collect();
    for table in &tables {
        expect(&format!("docs/providers/{}.md", table.name), &reference::provider(table));
    }
    let page = reference::desired(&tables);
    assert!(!page.contains("{{"), "a place in the template that nothing stands for");
    expect("docs/desired-state.md", &page);
}

#[test]
fn schemas_are_those_of_the_tables() {
    let tables: Vec<_> = registry::tables().collect();
    for subject in Subject::ALL {
        expect(&format!("schema/{}.schema.json", subject.name()), &schema(subject, &tables));
    }
}

//! The reference pages are those that the tables give.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

#[test]
fn pages_are_those_of_the_tables() {
    for table in sipform::provider::registry::tables() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/providers/{}.md", table.name));
        let page = fs::read_to_string(&path).expect("run `cargo run --example reference`");
        assert_eq!(page, sipform::render::reference::provider(table), "run `cargo run --example reference`");
    }
}

//! Writes the reference pages from the tables: `cargo run --example reference`.

use std::fs;
use std::io;
use std::path::Path;

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/providers");
    fs::create_dir_all(&folder)?;
    for table in sipform::provider::registry::tables() {
        fs::write(folder.join(format!("{}.md", table.name)), sipform::render::reference::provider(table))?;
    }
    Ok(())
}

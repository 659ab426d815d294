//! Writes the reference pages and the schemas from the tables: `cargo run --example reference`.

use std::fs;
use std::io;
use std::path::Path;

use sipform::provider::registry;
use sipform::render::reference;
use sipform::render::schema::{Subject, schema};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tables: Vec<_> = registry::tables().collect();
    for folder in ["docs/providers", "schema"] {
        fs::create_dir_all(root.join(folder))?;
    }
    for table in &tables {
        fs::write(root.join(format!("docs/providers/{}.md", table.name)), reference::provider(table))?;
    }
    fs::write(root.join("docs/desired-state.md"), reference::desired(&tables))?;
    for subject in Subject::ALL {
        fs::write(root.join(format!("schema/{}.schema.json", subject.name())), schema(subject, &tables))?;
    }
    Ok(())
}

//! What reads bytes from outside, each behind one function that takes any bytes: the entries of the fuzz targets in `fuzz/`
//! and of the property tests here. Compiled for these alone.
//!
//! An entry runs what the program runs, through the same public functions, and panics where something doesn't hold that has
//! to hold for every input. It tells whether it took the bytes for what they should be, so that a seed can't rot unnoticed.
//!
//! | file | what is in it |
//! |---|---|
//! | `script` | a vendor's answers as a text, and the transport that plays them |
//! | `vendors` | reading, writing and calling against such a script: every dialect of every vendor |
//! | `oracle` | what must hold for them, in other words than the decoders' |
//! | `rows` | rows that are cut out of an answer while it arrives |
//! | `desired` | the YAML loader |
//! | `documents` | plan file, ledger, journal |
//! | `texts` | a vendor's texts in messages, `Retry-After`, certificate files |
//! | `scratch` | a folder for what is read from files |
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "what does not hold is told by panicking")]
#![cfg_attr(test, expect(clippy::indexing_slicing, reason = "a test fails by panicking"))]

mod desired;
mod documents;
mod oracle;
mod rows;
mod scratch;
mod script;
#[cfg(all(test, feature = "sandbox"))]
mod seeds;
#[cfg(test)]
mod tests;
mod texts;
mod vendors;

/// One reader of bytes from outside.
#[derive(Clone, Copy)]
pub struct Entry {
    /// Also the name of its fuzz target and of its folder of seeds.
    pub name: &'static str,
    /// Reads the bytes and tells whether it took them; panics where something doesn't hold.
    pub run: fn(&[u8]) -> bool,
}

/// All of them.
pub static ENTRIES: &[Entry] = &[
    Entry { name: "yaml", run: desired::yaml },
    Entry { name: "yeastar_v2", run: |data| vendors::session("yeastar-v2", data) },
    Entry { name: "yeastar_v1", run: |data| vendors::session("yeastar-v1", data) },
    Entry { name: "openvox_json", run: |data| vendors::session("openvox-json", data) },
    Entry { name: "openvox_xml", run: |data| vendors::session("openvox-xml", data) },
    Entry { name: "moor7", run: |data| vendors::session("moor7", data) },
    Entry { name: "itniotech", run: |data| vendors::session("itniotech", data) },
    Entry { name: "rows", run: rows::rows },
    Entry { name: "plan", run: documents::plan },
    Entry { name: "ledger", run: documents::ledger },
    Entry { name: "journal", run: documents::journal },
    Entry { name: "headers", run: texts::headers },
    Entry { name: "certificates", run: texts::certificates },
];

/// Runs the entry of this name.
///
/// # Panics
/// There is none, or something doesn't hold that has to.
pub fn run(name: &str, data: &[u8]) -> bool {
    let entry = ENTRIES.iter().find(|entry| entry.name == name).expect("an entry's name");
    (entry.run)(data)
}

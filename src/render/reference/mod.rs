//! Reference pages, made from the tables.

mod desired;
mod provider;

use crate::model::field::Scope;

pub use desired::desired;
pub use provider::provider;

fn scope(scope: Scope) -> String {
    match scope {
        Scope::Nothing => "none".into(),
        Scope::All => "all".into(),
        Scope::Only(variants) => variants.join(", "),
    }
}

/// A text in a table's cell.
fn cell(text: &str) -> String {
    text.replace('|', "&#124;")
}

//! Reference pages, made from the tables.

mod desired;
mod provider;

use crate::model::field::{Default, Field, Scope, Type};

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

/// What an omitted field means, and what makes it required all the same.
fn when_omitted(field: &Field) -> String {
    let needed = field.needed_with.map(|flag| format!(", required with `{flag}`")).unwrap_or_default();
    let default = match (field.default, field.ty) {
        (Default::LeftAlone, _) => "left alone".into(),
        (Default::Scalar(text), _) => format!("`{text}`"),
        (Default::List(items), _) => format!("`[{}]`", items.join(", ")),
        (Default::Empty, Type::List(_) | Type::Set(_)) => "none".into(),
        (Default::Empty, Type::Record(_)) => "nothing".into(),
        (Default::Empty, _) => "empty".into(),
    };
    format!("{default}{needed}")
}

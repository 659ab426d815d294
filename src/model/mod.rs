//! Words and tables: what a target, a kind, a field and a value are.
//!
//! Nothing here reads a file, a clock or the environment, and nothing here imports another module of the crate.

pub mod address;
pub mod call_check;
pub mod claim;
pub mod desired;
pub mod drift;
pub mod field;
pub mod glob;
pub mod kind;
pub mod kinds;
pub mod live;
pub mod outcome;
pub mod secret;
pub mod selection;
pub mod table;
pub mod target;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod value;

pub use address::Address;
pub use call_check::CallCheck;
pub use claim::{Claim, Claims};
pub use desired::{Desired, DesiredObject, Removed, Source, Unselected};
pub use field::{Default, Field, FieldSet, Scope, Type};
pub use glob::Glob;
pub use kind::Kind;
pub use live::{Blocked, Completeness, Credential, Extra, Listing, LiveObject, Snapshot, Unreadable};
pub use secret::Secret;
pub use selection::Selection;
pub use table::{FieldSupport, KindSupport, ProviderTable};
pub use target::{Limits, Prune, Target, Tls};
pub use value::Value;

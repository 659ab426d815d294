//! Documents → text and JSON. Nothing here decides anything; it shows what was decided.

pub mod apply;
pub mod diagnostic;
pub mod drift;
pub mod plan;
pub mod reference;
pub mod style;
pub mod yaml;

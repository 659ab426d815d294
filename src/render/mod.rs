//! Documents → text, JSON and every other format. Nothing here decides anything; it shows what was decided.

pub mod apply;
mod counts;
pub mod diagnostic;
pub mod document;
pub mod drift;
mod drift_text;
pub mod format;
mod general;
mod github;
mod gitlab;
pub mod html;
mod junit;
mod known;
pub mod markdown;
pub mod metrics;
pub mod ndjson;
pub mod plan;
pub mod reference;
mod sarif;
pub mod schema;
pub mod style;
mod terraform_json;
pub mod told;
pub mod validate;
pub mod view;
pub mod yaml;

#[cfg(test)]
mod tests;

pub use counts::Count;
pub use document::Document;
pub use format::{Format, render};

//! The documents, from their own types. Fields may be added to them, so none is forbidden.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::{Value as Json, json};

use super::values::insert;
use crate::plan::PlanDocument;
use crate::plan::document;
use crate::render::apply::{self, ApplyDocument};
use crate::render::drift::{self, DriftDocument};

/// The plan's.
pub(super) fn plan() -> Json {
    of::<PlanDocument>(document::SCHEMA)
}

/// How an apply ended.
pub(super) fn apply() -> Json {
    of::<ApplyDocument>(apply::SCHEMA)
}

/// How the live state differs.
pub(super) fn drift() -> Json {
    of::<DriftDocument>(drift::SCHEMA)
}

/// The schema of a document that is written, whose own `schema` says `name`, as in `sipform.plan/v1`.
fn of<T: JsonSchema>(name: &str) -> Json {
    let settings = SchemaSettings::draft07().for_serialize().with_transform(RecursiveTransform(forget_sizes));
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    let identity = format!("urn:{}", name.replace(['.', '/'], ":").replacen(':', ":schema:", 1));
    insert(&mut schema, "$id", identity.into());
    insert(&mut schema, "title", name.into());
    if let Some(own) = schema.pointer_mut("/properties/schema") {
        insert(own, "const", json!(name));
    }
    schema
}

/// `uint32` and the like are words of Rust's.
fn forget_sizes(schema: &mut Schema) {
    if schema.get("format").and_then(Json::as_str).is_some_and(|format| format.contains("int")) {
        schema.remove("format");
    }
}

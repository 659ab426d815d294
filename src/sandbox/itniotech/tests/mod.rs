//! One row a fact of the documents.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod calls;
mod numbers;
mod phones;
mod trunks;

use serde_json::{Map, Value};

use crate::sandbox::tests::Platform;

/// `base` with members set; null takes one out.
fn with(mut base: Value, changes: &Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => drop(base.as_object_mut().unwrap().remove(name)),
            value => base[name] = value.clone(),
        }
    }
    base
}

/// The records of a page.
async fn records(platform: &Platform, path: &str, body: &Value) -> Vec<Map<String, Value>> {
    let answer = platform.call(path, body).await;
    let records = answer["data"]["records"].as_array().unwrap();
    records.iter().map(|record| record.as_object().unwrap().clone()).collect()
}

/// A number or a text, as a text.
fn loose(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

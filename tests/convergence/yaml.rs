//! Desired state as files, read by the real configuration. JSON is YAML, so documents are written as JSON.

use std::path::PathBuf;

use serde_json::{Value as Json, json};
use sipform::config::{self, SandboxSecrets, Wanted};
use sipform::model::{Desired, ProviderTable, Type};
use sipform::provider::registry;

use super::world::temporary_folder;

/// The voice application of a target.
pub(crate) const APP: &str = "4luaKsL2";

/// The settings that choose between a vendor's dialects, one after the other; `None` where there is one dialect.
pub(crate) fn dialects(table: &ProviderTable) -> Vec<Option<(&'static str, &'static str)>> {
    let choices = table.settings.iter().filter_map(|setting| match setting.ty {
        Type::Choice(choices) => Some(choices.iter().map(move |choice| (setting.name, *choice))),
        _ => None,
    });
    let dialects: Vec<_> = choices.flatten().map(Some).collect();
    if dialects.is_empty() { vec![None] } else { dialects }
}

/// A vendor's box with nothing in it that sipform keeps.
pub(crate) fn empty_state(provider: &str) -> Json {
    let groups = (1..=9).map(|id| json!({ "voiceGroupId": id, "groupName": format!("group-{id}"), "appName": "-" }));
    match provider {
        "yeastar" | "openvox" => json!({ "trunks": [] }),
        "7moor" => json!({ "numbers": [] }),
        "itniotech" => json!({ "apps": [APP], "phones": [], "sipTrunks": [], "numbers": [],
            "seatGroups": groups.collect::<Vec<_>>() }),
        other => panic!("no state for {other}"),
    }
}

/// The target that plays this provider, with a few settings more.
pub(crate) fn target(provider: &str, more: &Json) -> Json {
    let mut target = match provider {
        "yeastar" => json!({ "url": "https://pbx.example", "username": "api", "password": "Secret-1" }),
        "7moor" => json!({ "url": "https://7moor.example", "app_key": "2000113", "secret": "Secret-2" }),
        "openvox" => json!({ "url": "http://branch.example:9011", "username": "api", "password": "Secret-3" }),
        "itniotech" => {
            json!({ "url": "https://voice.example", "api_key": "bDqJFiq9", "api_secret": "Secret-4", "app_id": APP })
        }
        other => panic!("no settings for {other}"),
    };
    let settings = target.as_object_mut().unwrap();
    settings.insert("provider".into(), provider.into());
    settings.extend(more.as_object().unwrap().clone());
    json!({ "box": target })
}

/// A document with one target called `box`, to which sections are added.
pub(crate) fn document(provider: &str, more: &Json) -> Json {
    json!({ "version": 1, "targets": target(provider, more) })
}

/// The desired state of one document.
pub(crate) fn desired(document: &Json) -> Desired {
    desired_of(std::slice::from_ref(document)).unwrap_or_else(|said| panic!("{said}\n{document:#}"))
}

/// The desired state of a folder of documents.
pub(crate) fn desired_of(documents: &[Json]) -> Result<Desired, String> {
    let folder = temporary_folder();
    for (index, document) in documents.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{index}.yaml")), document.to_string()).unwrap();
    }
    let tables: Vec<_> = registry::tables().collect();
    let loaded = config::load(&[PathBuf::from(folder.path())], &tables);
    let resolved = loaded.resolve(&SandboxSecrets, &Wanted::ALL).map_err(|diagnostics| {
        let said = diagnostics.iter().map(|diagnostic| format!("{diagnostic:?}\n"));
        said.collect::<String>()
    })?;
    Ok(resolved.desired)
}

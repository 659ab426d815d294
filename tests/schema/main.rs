//! The YAML's schema says what the loader says: it takes whatever the loader takes, and refuses the same unknown keys.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod arbitrary;
mod validator;
mod yaml;

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};
use serde_json::{Value as Json, json};
use sipform::config;
use sipform::provider::registry;
use sipform::render::schema::{Subject, schema};

use validator::Validator;

const PRELUDE: &str = "\
version: 1
targets:
  hq-pbx: { provider: yeastar, url: \"https://192.168.5.150:8088\", username: api, password: \"${env:A}\" }
  branch: { provider: openvox, url: \"https://172.16.6.150:9011\", username: api, password: \"${env:B}\" }
  call-centre: { provider: 7moor, app_key: \"2000113\", secret: \"${env:C}\" }
  voice-app: { provider: itniotech, api_key: bDqJFiq9, api_secret: \"${env:D}\", app_id: 4luaKsL2 }
";

fn desired_schema() -> Validator {
    let tables: Vec<_> = registry::tables().collect();
    Validator::new(serde_json::from_str(&schema(Subject::Desired, &tables)).unwrap())
}

/// The codes of everything that the loader finds wrong with files of these texts.
fn loader_errors(texts: &[&str]) -> Vec<(&'static str, String)> {
    let folder = tempfile::tempdir().unwrap();
    for (index, text) in texts.iter().enumerate() {
        fs::write(folder.path().join(format!("{index}.yaml")), text).unwrap();
    }
    let tables: Vec<_> = registry::tables().collect();
    let loaded = config::load(&[PathBuf::from(folder.path())], &tables);
    let errors = loaded.diagnostics().iter().filter(|found| found.severity == sipform::diag::Severity::Error);
    errors.map(|error| (error.code, format!("{} ({:?})", error.message, error.hint))).collect()
}

fn project_file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// Every mapping in a document, by its place.
fn mappings(value: &Json, at: &str, found: &mut Vec<String>) {
    match value {
        Json::Object(map) => {
            found.push(at.to_owned());
            map.iter().for_each(|(key, value)| mappings(value, &format!("{at}/{key}"), found));
        }
        Json::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| mappings(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Whether an error, `POINTER: …`, is about an item of a list that holds a reference.
fn is_beside_a_reference(document: &Json, error: &str) -> bool {
    let list = error.split(": ").next().and_then(|pointer| Some(pointer.rsplit_once('/')?.0));
    let items = list.and_then(|list| document.pointer(list)?.as_array());
    items.is_some_and(|items| items.iter().any(|item| item.as_str().is_some_and(|text| text.contains("${"))))
}

#[test]
fn it_takes_what_the_loader_takes_and_refuses_the_same_unknown_keys() {
    let validator = desired_schema();
    let (mut taken, mut refused) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() });
    let result = runner.run(&(arbitrary::document(), any::<proptest::sample::Index>()), |(document, place)| {
        if !loader_errors(&[&document.to_string()]).is_empty() {
            return Ok(());
        }
        taken.set(taken.get() + 1);
        let mut errors = validator.errors(&document);
        // A list with a reference in it is looked at by the loader once it is resolved, the schema looks at once.
        errors.retain(|error| !is_beside_a_reference(&document, error));
        prop_assert!(errors.is_empty(), "the loader takes it, and the schema says {errors:?}");
        let mut places = Vec::new();
        mappings(&document, "", &mut places);
        let place = place.get(&places);
        // Any key may name a target here.
        if place == "/targets" || place == "/defaults" {
            return Ok(());
        }
        let mut wrong = document.clone();
        wrong.pointer_mut(place).unwrap()["zzz"] = json!("x");
        let said = loader_errors(&[&wrong.to_string()]);
        prop_assert!(said.iter().any(|(code, _)| *code == "unknown_field"), "{place}: the loader says {said:?}");
        prop_assert!(!validator.errors(&wrong).is_empty(), "{place}: the schema takes an unknown key");
        refused.set(refused.get() + 1);
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, (document, _))) => panic!("{reason}\n{document:#}"),
        Err(other) => panic!("{other}"),
    }
    assert!(*taken.get_mut() > 100, "only {} documents were right", taken.get());
    assert!(*refused.get_mut() > 60, "only {} keys were refused", refused.get());
}

/// The keys of the schema are those which the loader names where it meets an unknown one, in every mapping there is.
#[test]
fn its_keys_are_those_of_the_loader() {
    let tables: Vec<_> = registry::tables().collect();
    let schema: Json = serde_json::from_str(&schema(Subject::Desired, &tables)).unwrap();
    let definitions = &schema["definitions"];
    let properties = |at: &Json| -> Vec<String> { at["properties"].as_object().unwrap().keys().cloned().collect() };
    let mut cases = vec![
        ("zzz: 1\n".to_owned(), properties(&schema)),
        ("removed: [{ zzz: 1 }]".into(), properties(&definitions["removed"])),
        ("call_checks: [{ zzz: 1 }]".into(), properties(&definitions["call_check"])),
        ("targets: { t: { provider: yeastar, limits: { zzz: 1 } } }".into(), properties(&definitions["limits"])),
        ("targets: { t: { provider: yeastar, tls: { zzz: 1 } } }".into(), properties(&definitions["tls"])),
    ];
    for table in &tables {
        let keys = properties(&definitions[format!("{}_target", table.name)]);
        cases.push((format!("targets: {{ t: {{ provider: {}, zzz: 1 }} }}", table.name), keys));
    }
    for kind in sipform::model::kinds::ALL {
        let text = format!("{}: [{{ {}: \"1\", zzz: 1 }}]", kind.section, kind.key);
        cases.push((text, properties(&definitions[kind.name])));
        let keys = properties(&definitions[format!("{}_defaults", kind.name)]);
        cases.push((format!("defaults: {{ {}: {{ zzz: 1 }} }}", kind.name), keys));
    }
    for (text, keys) in cases {
        let said = loader_errors(&[&text]);
        let named =
            said.iter().find(|(code, _)| *code == "unknown_field").unwrap_or_else(|| panic!("{text}: {said:?}"));
        let list = named.1.split_once("expected one of ").unwrap_or_else(|| panic!("{named:?}")).1;
        let mut known: Vec<_> = list.trim_end_matches(['"', ')']).split(", ").collect();
        known.sort_unstable();
        assert_eq!(known, keys, "{text}");
    }
}

#[test]
fn every_field_has_a_description() {
    fn check(schema: &Json, at: &str) {
        for (name, property) in schema["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}/{name}");
            let described = property.get("description").is_some() || property.get("$ref").is_some();
            assert!(described || *property == json!(false), "{at} has no description");
            check(property, &at);
            check(&property["items"], &at);
        }
    }
    for subject in Subject::ALL {
        let tables: Vec<_> = registry::tables().collect();
        let schema: Json = serde_json::from_str(&schema(subject, &tables)).unwrap();
        check(&schema, "");
        for (name, definition) in schema["definitions"].as_object().unwrap() {
            check(definition, name);
        }
    }
}

#[test]
fn it_says_what_a_variant_needs_and_does_not_have() {
    let validator = desired_schema();
    let trunk = |entry: Json| -> bool {
        let targets =
            json!({ "t": { "provider": "openvox", "url": "https://h", "username": "u", "password": "${env:P}" } });
        validator.errors(&json!({ "version": 1, "targets": targets, "trunks": [entry] })).is_empty()
    };
    assert!(trunk(json!({ "name": "a", "target": "t", "type": "peer", "host": "h" })));
    assert!(!trunk(json!({ "name": "a", "target": "t", "type": "peer" })));
    assert!(trunk(json!({ "name": "a", "target": "t", "type": "peer", "ignore_fields": ["host"] })));
    assert!(!trunk(json!({ "name": "a", "target": "t", "type": "peer", "host": "h", "username": "u" })));
    assert!(!trunk(json!({ "name": "a", "target": "t", "type": "peer", "host": "" })));
    assert!(!trunk(json!({ "name": "all", "target": "t", "type": "peer", "host": "h" })));
    assert!(!trunk(json!({ "name": "${env:N}", "target": "t", "type": "peer", "host": "h" })));
    assert!(!trunk(json!({ "name": "a", "target": "t", "host": "h" })));
    assert!(!trunk(json!({ "name": "a", "type": "peer", "host": "h" })));
    // What another file may say isn't asked for.
    let alone = json!({ "trunks": [{ "name": "a", "type": "peer" }] });
    assert!(validator.errors(&alone).is_empty());
    assert!(!validator.errors(&json!({ "targets": { "t": { "provider": "yeastar", "username": "u" } } })).is_empty());
    assert!(!validator.errors(&json!({ "targets": { "trunk": { "provider": "7moor" } } })).is_empty());
}

#[test]
fn it_takes_the_examples() {
    let validator = desired_schema();
    for (name, path) in [("desired-state.example.yaml", "./"), ("examples/all-vendors.yaml", "../")] {
        let text = project_file(name);
        let line = format!("# yaml-language-server: $schema={path}schema/desired.schema.json");
        assert_eq!(text.lines().next(), Some(line.as_str()), "{name}");
        assert_eq!(validator.errors(&yaml::to_json(&text)), [""; 0], "{name}");
    }
}

/// What a life of the four-vendor fleet prints fits what the schemas say of it.
#[cfg(feature = "sandbox")]
#[test]
fn documents_fit_their_schemas() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("fleet.yaml"), project_file("examples/all-vendors.yaml")).unwrap();
    for (line, subject) in [
        ("drift --sandbox -f fleet.yaml", Subject::Drift),
        ("plan --sandbox -f fleet.yaml", Subject::Plan),
        ("apply --sandbox -f fleet.yaml --auto-approve", Subject::Apply),
        ("drift --sandbox -f fleet.yaml", Subject::Drift),
        ("plan -f missing.yaml", Subject::Plan),
        ("apply -f missing.yaml", Subject::Apply),
        ("drift -f missing.yaml", Subject::Drift),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_sipform"));
        command.args(line.split(' ')).args(["--format", "json"]).current_dir(&folder).env_clear();
        command.env("SIPFORM_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
        let mut document: Json = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
        let validator = Validator::new(serde_json::from_str(&schema(subject, &[])).unwrap());
        assert_eq!(validator.errors(&document), [""; 0], "{line}");
        document["schema"] = json!("sipform.other/v1");
        assert!(!validator.errors(&document).is_empty(), "{line}");
    }
}

/// The words of the documents are those of the schemas.
#[test]
fn words_are_those_of_the_schemas() {
    use sipform::model::drift::DriftClass;
    use sipform::model::outcome::{Action, Ending};
    let words = |subject: Subject, definition: &str| -> Vec<String> {
        let schema: Json = serde_json::from_str(&schema(subject, &[])).unwrap();
        let choices = schema["definitions"][definition]["oneOf"].as_array().unwrap();
        choices.iter().map(|choice| choice["const"].as_str().unwrap().to_owned()).collect()
    };
    let actions = [Action::Create, Action::Update, Action::Replace, Action::Delete, Action::CannotConverge];
    assert_eq!(words(Subject::Plan, "Action"), actions.map(Action::name));
    let endings = [Ending::Done, Ending::Failed, Ending::Stale, Ending::Skipped, Ending::Unknown];
    assert_eq!(words(Subject::Apply, "Ending"), endings.map(Ending::name));
    assert_eq!(words(Subject::Drift, "DriftClass"), DriftClass::ALL.map(DriftClass::name));
    assert_eq!(words(Subject::Plan, "Severity"), ["error", "warning"]);
}

/// Those of the reference: they load, on the targets that they name, and fit the schema.
#[test]
fn the_reference_has_examples_that_are_right() {
    let validator = desired_schema();
    let page = project_file("docs/desired-state.md");
    let blocks: Vec<_> = page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    for text in &blocks {
        let is_whole = text.starts_with("version:");
        let said = if is_whole { loader_errors(&[text]) } else { loader_errors(&[PRELUDE, text]) };
        assert_eq!(said, [], "{text}");
        assert_eq!(validator.errors(&yaml::to_json(text)), [""; 0], "{text}");
    }
    for kind in sipform::model::kinds::ALL {
        let is_shown = blocks.iter().any(|text| text.starts_with(&format!("{}:\n", kind.section)));
        assert!(is_shown, "no example of {}", kind.section);
    }
}

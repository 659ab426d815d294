//! State files: kept, edited by people, reset.

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Pbx, login, settings};
use crate::sandbox::{Appliance, Error, Sandbox, reset};

fn open(folder: &Path, target: &str) -> Result<std::sync::Arc<Appliance>, Error> {
    Sandbox::new(Some(folder.to_owned())).open(target, "yeastar", &settings("yeastar"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The text of the only file with `from` replaced.
fn edit(folder: &Path, from: &str, to: &str) {
    let [file] = &files(folder)[..] else { panic!("expected one file") };
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, to)).unwrap();
}

async fn pbx_in(folder: &Path) -> Pbx {
    let sandbox = Sandbox::new(Some(folder.to_owned()));
    let appliance = sandbox.open("hq", "yeastar", &settings("yeastar")).unwrap();
    let mut pbx = Pbx::around(sandbox, appliance);
    pbx.log_in().await;
    pbx
}

#[tokio::test]
async fn a_change_outlives_the_process_and_reading_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let pbx = pbx_in(folder.path()).await;
    pbx.call("trunk/list", &json!({})).await;
    assert_eq!(pbx.outcome("trunk/delete_siptrunk", &json!({ "id": "99" })).await, "10062");
    assert_eq!(files(folder.path()), [] as [PathBuf; 0]);
    pbx.call("trunk/delete_siptrunk", &json!({ "id": "16" })).await;
    assert_eq!(files(folder.path()), [folder.path().join("hq.box.json")]);
    let later = pbx_in(folder.path()).await;
    assert_eq!(later.names(), ["to-108-16-test", "test", "lab-1", "branch-door"]);
}

#[tokio::test]
async fn what_somebody_edits_while_it_runs_is_seen_by_the_next_call() {
    let folder = tempfile::tempdir().unwrap();
    let pbx = pbx_in(folder.path()).await;
    pbx.call("trunk/delete_siptrunk", &json!({ "id": "16" })).await;
    edit(folder.path(), "\"lab-1\"", "\"lab-changed-by-hand\"");
    let list = pbx.call("trunk/list", &json!({})).await;
    assert!(list.to_string().contains("lab-changed-by-hand"));
    // Somebody breaks the file: no answer that could be taken for the vendor's, and the message names the file.
    edit(folder.path(), "\"lab-changed-by-hand\"", "lab");
    let (status, text) = pbx.raw("trunk/list", "{}").await.unwrap();
    assert_eq!(status, 500);
    assert!(text.contains("hq.box.json") && text.contains("sandbox reset"), "{text}");
    edit(folder.path(), " lab,", "\"lab\",");
    assert_eq!(pbx.outcome("trunk/list", &json!({})).await, "ok");
    reset(folder.path()).unwrap();
    assert_eq!(pbx.outcome("trunk/query_siptrunk", &json!({ "id": "16" })).await, "ok");
}

#[tokio::test]
async fn a_state_with_a_mistake_is_refused_with_the_reason() {
    for (from, to, expected) in [
        ("\"host\"", "\"hots\"", "has no `hots`"),
        ("\"peer\"", "\"pear\"", "`trunktype` has to be one of register, peer, account"),
        ("\"id\": \"15\"", "\"id\": \"17\"", "two trunks have the id 17"),
        ("\"id\": \"15\"", "\"id\": \"x\"", "whole number"),
        ("\"max_trunks\"", "\"max_trunk\"", "unknown field `max_trunk`"),
        ("sipform.sandbox/v1", "sipform.sandbox/v9", "expected \"schema\""),
        ("\"yeastar\"", "\"7moor\"", "is a 7moor box and can't be opened as yeastar"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let pbx = pbx_in(folder.path()).await;
        pbx.call("trunk/delete_siptrunk", &json!({ "id": "16" })).await;
        edit(folder.path(), from, to);
        let error = open(folder.path(), "hq").unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn reset_removes_state_files_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(reset(&folder.path().join("nowhere")).unwrap(), 0);
    for target in ["hq", "Branch/2"] {
        open(folder.path(), target).unwrap().with_state(|state| state["max_trunks"] = json!(9)).unwrap();
    }
    let keep = ["ledger.json", "notes.box.json", "hq.box.json.bak", "sub.box.json"];
    for name in &keep[..3] {
        fs::write(folder.path().join(name), "{\"schema\": \"mine\"}").unwrap();
    }
    fs::create_dir(folder.path().join(keep[3])).unwrap();
    // Broken by an editor, and left over from a crash: ours all the same.
    edit_start(&folder.path().join("hq.box.json"));
    fs::copy(folder.path().join("hq.box.json"), folder.path().join("hq.box.json.7-0.tmp")).unwrap();
    assert_eq!(reset(folder.path()).unwrap(), 3);
    let mut left: Vec<_> = keep.iter().map(|name| folder.path().join(name)).collect();
    left.sort();
    assert_eq!(files(folder.path()), left);
}

fn edit_start(file: &Path) {
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, text.replace("\"state\":", "state")).unwrap();
}

#[test]
fn with_state_refuses_what_is_no_state() {
    let appliance = Sandbox::new(None).open("hq", "yeastar", &settings("yeastar")).unwrap();
    let before = appliance.state();
    let error = appliance.with_state(|state| state["trunks"] = json!(7)).unwrap_err();
    assert!(error.to_string().starts_with("the edited state is no state of a sandbox box"), "{error}");
    assert_eq!(appliance.state(), before);
    let names = appliance.with_state(|state| state["trunks"].as_array().map(Vec::len));
    assert_eq!(names.unwrap(), Some(5));
}

#[tokio::test]
async fn a_target_is_one_box_and_takes_new_credentials() {
    let sandbox = Sandbox::new(None);
    let first = sandbox.open("hq", "yeastar", &settings("yeastar")).unwrap();
    let other = settings("yeastar").with("password", "changed");
    let second = sandbox.open("hq", "yeastar", &other).unwrap();
    assert!(std::sync::Arc::ptr_eq(&first, &second));
    let pbx = Pbx::around(sandbox, first);
    assert_eq!(pbx.outcome("login", &login()).await, "20003");
    let error = pbx.sandbox.open("hq", "7moor", &settings("7moor")).unwrap_err();
    assert_eq!(error.to_string(), "the sandbox's target `hq` is a yeastar box and can't be opened as 7moor");
    let error = pbx.sandbox.open("x", "zoiper", &other).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the sandbox knows no provider `zoiper`; it plays yeastar, openvox, 7moor, itniotech"
    );
}

#[test]
fn nothing_that_prints_a_box_prints_its_secrets() {
    let sandbox = Sandbox::new(None);
    let secret = settings("yeastar").with("password", "CANARY");
    let appliance = sandbox.open("hq", "yeastar", &secret).unwrap();
    appliance.with_state(|state| state["trunks"][0]["password"] = json!("CANARY")).unwrap();
    let texts = format!("{sandbox:?} {appliance:?} {secret:?} {:?}", appliance.requests());
    assert!(!texts.contains("CANARY"), "{texts}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No two targets share a file, also where capital letters are the same as small ones.
    #[test]
    fn every_target_has_a_file_of_its_own(a in ".{1,8}|[Aa%2.]{1,4}|x{90,300}", b in ".{1,8}|[Aa%2.]{1,4}|x{90,300}") {
        let names = [&a, &b].map(|target| crate::sandbox::store::file_name(target));
        prop_assert_eq!(names[0].to_lowercase() == names[1].to_lowercase(), a == b);
        for name in names {
            prop_assert!(name.len() <= 250 && !name.contains(['/', '\\', '\0']) && !name.starts_with('.'));
        }
    }
}

#[test]
fn the_seeds_are_states() {
    for provider in crate::sandbox::providers() {
        let appliance = Sandbox::new(None).open("seed", provider, &settings(provider)).unwrap();
        let seed: Value = serde_json::from_str(super::super::vendor(provider).unwrap().seed).unwrap();
        assert_eq!(appliance.state(), seed, "{provider}");
    }
}

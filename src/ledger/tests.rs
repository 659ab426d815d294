//! Tests of the ledger's files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::model::Claim;

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn file(folder: &TempDir) -> LedgerFile {
    LedgerFile::new(folder.path().join("state/ledger.json"))
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

fn ledger(rows: &[(String, Claim)]) -> Ledger {
    let mut claims = Claims::of_ledger();
    for (index, (key, claim)) in rows.iter().enumerate() {
        let kind = if index % 2 == 0 { "trunk" } else { "sip_number" };
        claims.insert(kind, key.as_str(), claim.clone());
    }
    let record = TargetRecord { url: "https://a".into(), key_check: Some("check".into()), claims };
    let empty = TargetRecord { claims: Claims::of_ledger(), ..TargetRecord::default() };
    Ledger { serial: 3, sandbox: false, targets: [("t".into(), record), ("empty".into(), empty)].into() }
}

fn rows() -> impl Strategy<Value = Vec<(String, Claim)>> {
    let claim =
        (".{0,8}", any::<bool>(), prop::option::of(".{0,8}"), prop::collection::btree_map(".{0,4}", ".{0,4}", 0..3));
    let claim = claim.prop_map(|(id, protect, fingerprint, hidden)| Claim {
        remote_id: id.into(),
        protect,
        fingerprint,
        hidden,
    });
    prop::collection::vec((".{1,8}", claim), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn it_comes_back_as_it_was(rows in rows()) {
        let folder = folder();
        let ledger = ledger(&rows);
        file(&folder).save(&ledger).unwrap();
        prop_assert_eq!(file(&folder).load(false).unwrap(), Some(ledger));
    }

    /// Whatever the disk did to it: it is the ledger, or an error that names the file; never another ledger.
    #[test]
    fn a_file_cut_anywhere_is_never_another_ledger(rows in rows()) {
        let folder = folder();
        let file = file(&folder);
        file.save(&ledger(&rows)).unwrap();
        let whole = fs::read(file.path()).unwrap();
        // The last byte is the line's end.
        for cut in 0..whole.len() - 1 {
            fs::write(file.path(), &whole[..cut]).unwrap();
            let error = file.load(false).unwrap_err();
            prop_assert!(error.to_string().contains("ledger.json is damaged: "), "{}", error);
        }
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let folder = folder();
        let path = folder.path().join("ledger.json");
        fs::write(&path, &bytes).unwrap();
        prop_assert!(LedgerFile::new(&path).load(false).is_err());
    }
}

#[test]
fn what_is_wrong_with_it() {
    let folder = folder();
    let path = folder.path().join("ledger.json");
    let file = LedgerFile::new(&path);
    assert_eq!(file.load(false).unwrap(), None, "none yet");
    for (text, expected) in [
        ("", "is damaged: it is empty"),
        ("[]", "is damaged: line 1"),
        (r#"{"schema":"other/v1"}"#, "is damaged: its schema isn't sipform.ledger/v1"),
        (r#"{"schema":"sipform.ledger/v2"}"#, "was written by a newer sipform (schema sipform.ledger/v2)"),
        (r#"{"schema":"sipform.ledger/v0"}"#, "was written by an older sipform (schema sipform.ledger/v0)"),
        (r#"{"schema":"sipform.ledger/v01"}"#, "is damaged: its schema isn't sipform.ledger/v1"),
        (r#"{"schema":"sipform.ledger/x"}"#, "is damaged: its schema isn't sipform.ledger/v1"),
        (r#"{"schema":"sipform.ledger/v1","version":"0","serial":-1,"targets":{}}"#, "is damaged: line 1"),
        (
            r#"{"schema":"sipform.ledger/v1","version":"0","serial":1,"sandbox":true,"targets":{}}"#,
            "belongs to the sandbox",
        ),
    ] {
        fs::write(&path, text).unwrap();
        let error = file.load(false).unwrap_err();
        assert!(error.to_string().contains(expected), "{text}: {error}");
        assert!(!error.hint().is_empty());
    }
    // What is in it isn't repeated.
    fs::write(&path, r#"{"schema":"sipform.ledger/v1","version":"0","serial":"canary","targets":{}}"#).unwrap();
    assert!(!file.load(false).unwrap_err().to_string().contains("canary"));
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(file.load(false), Err(LedgerError::Io { .. })));
}

#[test]
fn kinds_of_a_later_version_are_passed_over() {
    let folder = folder();
    let path = folder.path().join("ledger.json");
    let claims = r#"{"new_kind":{"a":{"remote_id":"1"}},"trunk":{"b":{"remote_id":"2","later":true}}}"#;
    let text = format!(
        r#"{{"schema":"sipform.ledger/v1","version":"9","serial":1,"targets":{{"t":{{"url":"u","claims":{claims}}}}}}}"#
    );
    fs::write(&path, text).unwrap();
    let ledger = LedgerFile::new(&path).load(false).unwrap().unwrap();
    let claims: Vec<_> = ledger.claims("t", "u").iter().map(|(kind, key, _)| (kind, key.to_owned())).collect();
    assert_eq!(claims, [("trunk", "b".to_owned())]);
}

#[test]
fn claims_hold_for_the_box_at_the_same_address() {
    let ledger = ledger(&[("a".into(), Claim::default())]);
    assert_eq!(ledger.claims("t", "https://a").len(), 1);
    assert!(ledger.claims("t", "https://a").known);
    for (target, url) in [("t", "https://b"), ("u", "https://a")] {
        assert_eq!(ledger.claims(target, url), Claims::default());
    }
    assert!(ledger.claims("empty", "").known, "nothing is ours, and that is known");
}

#[test]
fn a_protection_outlives_a_change_of_address_and_of_name() {
    let protected = || Claim { remote_id: "1".into(), protect: true, ..Claim::default() };
    let ledger = ledger(&[("a".into(), Claim::default()), ("p".into(), protected())]);
    for (target, url, listed, kept) in [
        ("t", "https://b", &["t"][..], true),
        ("u", "https://a", &["u"], true),
        ("u", "https://a", &["t", "u"], false),
        ("u", "https://b", &["u"], false),
    ] {
        let claims = ledger.protections(target, url, |name| listed.contains(&name));
        let only_the_name = Claim { protect: true, ..Claim::default() };
        let expected = kept.then_some(("sip_number", "p", &only_the_name));
        assert_eq!(claims.iter().collect::<Vec<_>>(), Vec::from_iter(expected), "{target} at {url}");
        assert!(!claims.known, "whose everything else is, nobody knows");
    }
}

#[test]
fn it_is_replaced_in_one_go() {
    let folder = folder();
    let file = file(&folder);
    file.save(&ledger(&[])).unwrap();
    let before = fs::read(file.path()).unwrap();
    // What a killed run left half written is in nobody's way.
    fs::write(file.beside(".new"), "{\"sche").unwrap();
    assert_eq!(fs::read(file.path()).unwrap(), before);
    assert!(file.load(false).unwrap().is_some());
    file.save(&ledger(&[("a".into(), Claim::default())])).unwrap();
    assert_ne!(fs::read(file.path()).unwrap(), before);
    assert_eq!(names(file.folder()), ["ledger.json"]);
    // A write that can't be finished leaves the old one as it is.
    fs::create_dir(file.beside(".new")).unwrap();
    let now = fs::read(file.path()).unwrap();
    assert!(matches!(file.save(&ledger(&[])), Err(LedgerError::Io { what: "written", .. })));
    assert_eq!(fs::read(file.path()).unwrap(), now);
}

#[test]
fn the_default_folder_stays_out_of_git_and_no_other() {
    let folder = folder();
    LedgerFile::new(folder.path().join(".sipform/sandbox/ledger.json")).save(&ledger(&[])).unwrap();
    assert_eq!(names(&folder.path().join(".sipform")), [".gitignore", "sandbox"]);
    file(&folder).save(&ledger(&[])).unwrap();
    assert_eq!(names(&folder.path().join("state")), ["ledger.json"]);
}

#[test]
fn one_at_a_time_holds_the_lock() {
    let folder = folder();
    let file = file(&folder);
    let holder = Holder { process: 42, host: "ci".into(), since: "2026-01-01T00:00:00Z".into() };
    let mut lock = file.lock().unwrap();
    assert!(matches!(file.lock(), Err(LockError::Held(None))), "not signed yet");
    lock.sign(&holder).unwrap();
    let held = file.lock().unwrap_err();
    assert_eq!(held.to_string(), "another apply holds the ledger's lock: process 42 on ci, since 2026-01-01T00:00:00Z");
    drop(lock);
    let again = file.lock().unwrap();
    assert!(matches!(file.lock(), Err(LockError::Held(None))), "the former holder isn't named");
    drop(again);
    // The note of one who was killed says nothing: nobody holds the lock.
    fs::write(file.beside(".lock"), serde_json::to_string(&holder).unwrap()).unwrap();
    let mut lock = file.lock().unwrap();
    lock.sign(&Holder { process: 7, ..holder }).unwrap();
    assert!(file.lock().unwrap_err().to_string().contains("process 7 on ci"));
}

/// A team may share one ledger by links to it.
#[cfg(unix)]
#[test]
fn behind_a_link_it_is_one_ledger_for_all() {
    use std::os::unix::fs::symlink;
    let folder = folder();
    let real = file(&folder);
    real.save(&ledger(&[])).unwrap();
    for name in ["one.json", "other.json"] {
        symlink(real.path(), folder.path().join(name)).unwrap();
    }
    let [one, other] = ["one.json", "other.json"].map(|name| LedgerFile::new(folder.path().join(name)));
    let _lock = one.lock().unwrap();
    assert!(matches!(other.lock(), Err(LockError::Held(_))));
    other.save(&ledger(&[("a".into(), Claim::default())])).unwrap();
    assert_eq!(one.load(false).unwrap(), real.load(false).unwrap());
    assert!(folder.path().join("other.json").is_symlink());
    // One that leads nowhere is no empty ledger: a drive may be missing.
    fs::remove_file(real.path()).unwrap();
    let lost = LedgerFile::new(folder.path().join("one.json"));
    for error in [lost.load(false).unwrap_err(), lost.save(&ledger(&[])).unwrap_err()] {
        assert!(matches!(error, LedgerError::Dangling { .. }), "{error}");
        assert!(error.to_string().contains("one.json is a link to ") && !error.hint().is_empty(), "{error}");
    }
}

//! Tests of the ledger's files.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::model::outcome::Action;
use crate::model::{Address, Claim};

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
    fn a_cut_file_is_never_another_ledger(rows in rows(), at in any::<prop::sample::Index>()) {
        let folder = folder();
        let file = file(&folder);
        file.save(&ledger(&rows)).unwrap();
        let whole = fs::read(file.path()).unwrap();
        let cut = at.index(whole.len() - 1);
        fs::write(file.path(), &whole[..cut]).unwrap();
        let error = file.load(false).unwrap_err();
        prop_assert!(error.to_string().contains("ledger.json"), "{}", error);
    }

    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let folder = folder();
        let path = folder.path().join("ledger.json");
        fs::write(&path, &bytes).unwrap();
        prop_assert!(LedgerFile::new(&path).load(false).is_err());
        fs::write(&path, &bytes).unwrap();
        prop_assert!(Journal::new(&path).left_over().is_ok_and(|intents| intents.is_empty()));
    }
}

#[test]
fn what_is_wrong_with_it() {
    let folder = folder();
    let path = folder.path().join("ledger.json");
    let file = LedgerFile::new(&path);
    assert_eq!(file.load(false).unwrap(), None, "none yet");
    for (text, expected) in [
        ("", "is damaged: line 1"),
        ("[]", "is damaged: line 1"),
        (r#"{"schema":"other/v1"}"#, "is damaged: its schema isn't sipform.ledger/v1"),
        (r#"{"schema":"sipform.ledger/v2"}"#, "was written by a newer sipform (schema sipform.ledger/v2)"),
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

fn trunk(key: &str) -> Address {
    Address::new("t", "trunk", key)
}

fn told(journal: &Journal) -> Vec<String> {
    let tell = |intent: OpenIntent| {
        let marks = [(intent.protect, " protected"), (intent.done, " done")];
        let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
        format!("{} {}{marks}", intent.action, intent.address)
    };
    journal.left_over().unwrap().into_iter().map(tell).collect()
}

#[test]
fn the_journal_tells_the_last_word_on_each_address() {
    let folder = folder();
    let journal = Journal::new(folder.path().join("journal"));
    assert_eq!(told(&journal), [""; 0]);
    journal.intend(&trunk("a"), Action::Create, true).unwrap();
    journal.intend(&trunk("中继"), Action::Delete, false).unwrap();
    journal.conclude(&trunk("中继"), Action::Delete, false, "done").unwrap();
    journal.intend(&trunk("c"), Action::Update, false).unwrap();
    journal.conclude(&trunk("c"), Action::Update, false, "unknown").unwrap();
    let expected = ["create t/trunk/a protected", "update t/trunk/c", "delete t/trunk/中继 done"];
    assert_eq!(told(&journal), expected);
    assert_eq!(told(&Journal::new(folder.path().join("journal"))), expected, "on disk");
    journal.clear().unwrap();
    assert_eq!(told(&journal), [""; 0]);
    journal.clear().unwrap();
    journal.intend(&trunk("d"), Action::Create, false).unwrap();
    assert_eq!(told(&journal), ["create t/trunk/d"]);
}

#[test]
fn a_torn_line_takes_no_other_with_it() {
    let folder = folder();
    let path = folder.path().join("journal");
    let whole = |key: &str| {
        let journal = Journal::new(&path);
        _ = fs::remove_file(&path);
        journal.intend(&trunk(key), Action::Create, false).unwrap();
        fs::read(&path).unwrap()
    };
    let (first, second) = (whole("a"), whole("中"));
    for cut in 0..second.len() {
        fs::write(&path, [&first, &second[..cut]].concat()).unwrap();
        let complete = cut + 1 == second.len();
        let mut expected = vec!["create t/trunk/a"];
        expected.extend(complete.then_some("create t/trunk/中"));
        assert_eq!(told(&Journal::new(&path)), expected, "cut at {cut}");
        // The next run writes behind it, and is cut off, too.
        Journal::new(&path).intend(&trunk("b"), Action::Delete, false).unwrap();
        expected.insert(1, "delete t/trunk/b");
        assert_eq!(told(&Journal::new(&path)), expected, "cut at {cut}");
    }
}

#[test]
fn what_is_unsettled_stays_in_the_journal() {
    let folder = folder();
    let journal = Journal::new(folder.path().join("journal"));
    journal.intend(&trunk("a"), Action::Create, true).unwrap();
    journal.intend(&trunk("b"), Action::Create, false).unwrap();
    let left: Vec<_> = journal.left_over().unwrap().into_iter().take(1).collect();
    journal.keep(&left).unwrap();
    assert_eq!(told(&journal), ["create t/trunk/a protected"]);
    journal.intend(&trunk("c"), Action::Delete, false).unwrap();
    assert_eq!(told(&journal), ["create t/trunk/a protected", "delete t/trunk/c"]);
    journal.keep(&[]).unwrap();
    assert_eq!(names(folder.path()), [""; 0]);
}

#[test]
fn a_journal_that_cannot_be_written_says_so() {
    let folder = folder();
    let journal = Journal::new(folder.path().join("missing/journal"));
    let error = journal.intend(&trunk("a"), Action::Create, false).unwrap_err();
    assert!(error.to_string().contains("missing/journal can't be used"), "{error}");
}

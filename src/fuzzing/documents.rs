//! What sipform wrote itself and anybody may have changed: plan file, ledger, journal.

use crate::diag::is_harmful;
use crate::ledger::{Journal, LedgerFile};
use crate::model::Address;
use crate::model::outcome::Action;
use crate::plan::PlanDocument;
use crate::render;
use crate::render::style::Color;

use super::scratch;

/// Reads a plan file; takes it if it is a plan and nobody has touched it.
pub(super) fn plan(data: &[u8]) -> bool {
    let Some(document) = read_plan(data) else { return false };
    let text = serde_json::to_string(&document).unwrap();
    let again = read_plan(text.as_bytes()).expect("a plan that was written");
    assert_eq!(again, document, "written and read again");
    assert_eq!(again.compute_digest(), document.compute_digest());
    let mut mended = document.clone();
    mended.digest = document.compute_digest();
    assert_eq!(mended.compute_digest(), mended.digest, "the digest leaves itself out");
    for verbose in [false, true] {
        let options = render::plan::Options { color: Color::Off, verbose };
        let drawn = render::plan::text(&document, options);
        assert!(!drawn.contains(|next| next != '\n' && is_harmful(next)), "could repaint a terminal: {drawn:?}");
    }
    document.digest == document.compute_digest()
}

fn read_plan(data: &[u8]) -> Option<PlanDocument> {
    crate::cli::plan_file(&scratch::file("plan.json", data)).ok()
}

/// Reads a ledger; takes it if it is one, of the sandbox or not.
pub(super) fn ledger(data: &[u8]) -> bool {
    let file = LedgerFile::new(scratch::file("ledger.json", data));
    let found: Vec<_> = [false, true].into_iter().filter_map(|sandbox| file.load(sandbox).ok()).collect();
    let [Some(ledger)] = found.as_slice() else {
        assert!(found.is_empty(), "real and the sandbox's at once, or none where a file is");
        return false;
    };
    let other = LedgerFile::new(scratch::file("again.json", b""));
    other.save(ledger).unwrap();
    let again = other.load(ledger.sandbox).expect("a ledger that was written").expect("a file");
    assert_eq!(again, *ledger, "written and read again");
    for (name, record) in &ledger.targets {
        assert_eq!(ledger.claims(name, &record.url), record.claims);
        let elsewhere = ledger.claims(name, &format!("{}/", record.url));
        assert_eq!(elsewhere.iter().count(), 0, "claims hold for the box at one address");
    }
    true
}

/// Reads a journal; takes it if it leaves something to settle.
pub(super) fn journal(data: &[u8]) -> bool {
    let path = scratch::file("journal", data);
    let journal = Journal::new(&path);
    let left = journal.left_over().expect("a journal is never damaged as a whole");
    assert!(left.is_sorted_by(|a, b| a.address < b.address), "one word on each address");
    // A run that goes on with it loses nothing, whatever its last line is.
    let address = Address::new("target", "trunk", "added");
    scratch::wait(journal.intend(&address, Action::Create, false)).unwrap();
    let mut expected: Vec<_> = left.iter().filter(|intent| intent.address != address.to_string()).cloned().collect();
    let more = journal.left_over().unwrap();
    assert_eq!(more.len(), expected.len() + 1, "one more");
    let added = more.iter().find(|intent| intent.address == address.to_string()).expect("what was added");
    assert!(added.action == Action::Create.name() && !added.protect && !added.is_done());
    expected.push(added.clone());
    expected.sort_by(|a, b| a.address.cmp(&b.address));
    assert_eq!(more, expected);
    journal.keep(&more).unwrap();
    assert_eq!(journal.left_over().unwrap(), more, "kept and read again");
    !left.is_empty()
}

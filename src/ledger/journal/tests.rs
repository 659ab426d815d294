//! Tests of the journal.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

/// In memory where the system has such a folder: a journal waits for the disk with every line.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let in_memory = memory.is_dir().then(|| tempfile::tempdir_in(memory).ok()).flatten();
    in_memory.unwrap_or_else(|| tempfile::tempdir().unwrap())
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
}

fn trunk(key: &str) -> Address {
    Address::new("t", "trunk", key)
}

fn told(journal: &Journal) -> Vec<String> {
    let tell = |intent: OpenIntent| {
        let marks = [(intent.protect, " protected"), (intent.is_done(), " done")];
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
    wait(journal.intend(&trunk("a"), Action::Create, true)).unwrap();
    wait(journal.intend(&trunk("中继"), Action::Delete, false)).unwrap();
    journal.conclude(&trunk("中继"), Action::Delete, false, Ending::Done).unwrap();
    wait(journal.intend(&trunk("c"), Action::Update, false)).unwrap();
    journal.conclude(&trunk("c"), Action::Update, false, Ending::Unknown).unwrap();
    let expected = ["create t/trunk/a protected", "update t/trunk/c", "delete t/trunk/中继 done"];
    assert_eq!(told(&journal), expected);
    assert_eq!(told(&Journal::new(folder.path().join("journal"))), expected, "on disk");
    journal.clear().unwrap();
    assert_eq!(told(&journal), [""; 0]);
    journal.clear().unwrap();
    wait(journal.intend(&trunk("d"), Action::Create, false)).unwrap();
    assert_eq!(told(&journal), ["create t/trunk/d"]);
}

#[test]
fn a_torn_line_takes_no_other_with_it() {
    let folder = folder();
    let path = folder.path().join("journal");
    let whole = |key: &str| {
        let journal = Journal::new(&path);
        _ = fs::remove_file(&path);
        wait(journal.intend(&trunk(key), Action::Create, false)).unwrap();
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
        wait(Journal::new(&path).intend(&trunk("b"), Action::Delete, false)).unwrap();
        expected.insert(1, "delete t/trunk/b");
        assert_eq!(told(&Journal::new(&path)), expected, "cut at {cut}");
    }
}

#[test]
fn what_is_unsettled_stays_in_the_journal() {
    let folder = folder();
    let journal = Journal::new(folder.path().join("journal"));
    wait(journal.intend(&trunk("a"), Action::Create, true)).unwrap();
    wait(journal.intend(&trunk("b"), Action::Create, false)).unwrap();
    let left: Vec<_> = journal.left_over().unwrap().into_iter().take(1).collect();
    journal.keep(&left).unwrap();
    assert_eq!(told(&journal), ["create t/trunk/a protected"]);
    wait(journal.intend(&trunk("c"), Action::Delete, false)).unwrap();
    assert_eq!(told(&journal), ["create t/trunk/a protected", "delete t/trunk/c"]);
    journal.keep(&[]).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_journal_that_cannot_be_written_says_so() {
    let folder = folder();
    let journal = Journal::new(folder.path().join("missing/journal"));
    let error = wait(journal.intend(&trunk("a"), Action::Create, false)).unwrap_err();
    assert!(error.to_string().contains("missing/journal can't be used"), "{error}");
}

/// Half past three.
fn noted() -> Timestamp {
    "2026-11-22T03:30:00.25Z".parse().unwrap()
}

/// Twenty seconds later.
fn later() -> Timestamp {
    "2026-11-22T03:30:20.25Z".parse().unwrap()
}

/// The clock was put back meanwhile.
fn earlier() -> Timestamp {
    "2025-01-01T00:00:00Z".parse().unwrap()
}

fn urls() -> [(String, String); 1] {
    [("t".to_owned(), "https://a".to_owned())]
}

#[test]
fn an_intent_tells_when_it_was_noted_and_for_which_address() {
    let folder = folder();
    let path = folder.path().join("journal");
    let journal = Journal::new(&path).noting(noted, urls());
    wait(journal.intend(&trunk("a"), Action::Create, true)).unwrap();
    wait(journal.intend(&trunk("b"), Action::Delete, false)).unwrap();
    journal.conclude(&trunk("b"), Action::Delete, false, Ending::Unknown).unwrap();
    wait(journal.intend(&Address::new("u", "trunk", "c"), Action::Update, false)).unwrap();
    let first = fs::read_to_string(&path).unwrap().lines().next().unwrap().to_owned();
    let expected =
        r#"{"address":"t/trunk/a","action":"create","protect":true,"url":"https://a","at":"2026-11-22T03:30:00.250Z"}"#;
    assert_eq!(first, expected);
    for (clock, age) in [(later as fn() -> Timestamp, Some(Duration::from_secs(20))), (earlier, Some(Duration::ZERO))] {
        let intents = Journal::new(&path).noting(clock, []).left_over().unwrap();
        let told: Vec<_> = intents.iter().map(|one| (one.url.as_deref(), one.noted, one.age, one.result)).collect();
        let (url, at) = (Some("https://a"), Some(noted()));
        assert_eq!(told, [(url, at, age, None), (url, at, age, Some(Ending::Unknown)), (None, at, age, None)]);
        assert_eq!(intents.iter().map(OpenIntent::makes).collect::<Vec<_>>(), [true, false, false]);
    }
    // What is kept keeps its time.
    let kept = journal.left_over().unwrap();
    journal.keep(&kept).unwrap();
    assert_eq!(journal.left_over().unwrap(), kept);
    assert!(Journal::new(&path).left_over().unwrap().iter().all(|intent| intent.age.is_none()), "without a clock");
}

#[test]
fn lines_of_older_versions_and_of_later_ones_are_read() {
    let folder = folder();
    let path = folder.path().join("journal");
    let lines = [
        r#"{"address":"t/trunk/old","action":"create"}"#,
        r#"{"address":"t/trunk/new","action":"create","result":"postponed","at":"tomorrow","later":[1]}"#,
    ];
    fs::write(&path, lines.join("\n")).unwrap();
    let notes = Journal::new(&path).noting(noted, urls()).read().unwrap();
    assert_eq!(notes.strange, 0);
    assert!(notes.intents.iter().all(|one| one.is_open() && one.age.is_none() && one.is_about("anywhere")));
    assert_eq!(notes.intents.len(), 2);
}

#[test]
fn what_was_open_before_this_run_is_known() {
    let folder = folder();
    let path = folder.path().join("journal");
    let journal = Journal::new(&path);
    wait(journal.intend(&trunk("open"), Action::Update, false)).unwrap();
    wait(journal.intend(&trunk("done"), Action::Create, false)).unwrap();
    journal.conclude(&trunk("done"), Action::Create, false, Ending::Done).unwrap();
    let journal = Journal::new(&path);
    assert!(!journal.was_left_open(&trunk("open")), "not read yet");
    journal.read().unwrap();
    wait(journal.intend(&trunk("own"), Action::Create, false)).unwrap();
    journal.read().unwrap();
    let open = ["open", "done", "own"].map(|key| journal.was_left_open(&trunk(key)));
    assert_eq!(open, [true, false, false]);
}

/// A line that nobody of ours wrote.
fn strange(journal: &Journal) -> usize {
    journal.read().unwrap().strange
}

#[test]
fn what_is_not_ours_is_counted_and_a_torn_end_is_not() {
    let folder = folder();
    let path = folder.path().join("journal");
    let whole = "{\"address\":\"t/trunk/a\",\"action\":\"create\"}\n";
    for (text, expected) in [
        (String::new(), (0, 0)),
        ("\n\n".into(), (0, 0)),
        (format!("{whole}{{\"addr"), (1, 0)),
        (format!("{whole}\0\0\0\0"), (1, 0)),
        (format!("nonsense\n{whole}\u{1b}[2J\n[]\n"), (1, 3)),
        (format!("{}\n{whole}", "x".repeat(10 << 20)), (1, 1)),
        // One of ours that is too long is as good as none.
        (format!("{}\n", whole.trim_end().replace("/a", &format!("/{}", "a".repeat(70 << 10)))), (0, 1)),
    ] {
        fs::write(&path, &text).unwrap();
        let notes = Journal::new(&path).read().unwrap();
        assert_eq!((notes.intents.len(), notes.strange), expected, "{text:.60}");
    }
}

#[test]
fn a_note_that_could_not_be_read_again_is_not_written() {
    let folder = folder();
    let journal = Journal::new(folder.path().join("journal"));
    let error = wait(journal.intend(&trunk(&"a".repeat(70 << 10)), Action::Create, false)).unwrap_err();
    assert!(error.to_string().contains("is longer than 65536"), "{error}");
    wait(journal.intend(&trunk("a"), Action::Create, false)).unwrap();
    assert_eq!((told(&journal).len(), strange(&journal)), (1, 0));
}

#[test]
fn anything_but_a_file_is_refused() {
    let folder = folder();
    let path = folder.path().join("journal");
    fs::create_dir(&path).unwrap();
    let unusable = |journal: &Journal| {
        assert!(journal.read().unwrap_err().to_string().contains("not a file"));
        assert!(wait(journal.intend(&trunk("a"), Action::Create, false)).is_err());
    };
    unusable(&Journal::new(&path));
    #[cfg(unix)]
    for endless in ["/dev/full", "/dev/zero"] {
        let link = folder.path().join(endless.replace('/', "-"));
        std::os::unix::fs::symlink(endless, &link).unwrap();
        unusable(&Journal::new(&link));
    }
}

fn notes() -> impl Strategy<Value = Vec<(String, bool)>> {
    prop::collection::vec(("[a-c中\u{1b}\"\n]{1,3}", any::<bool>()), 1..5)
}

/// A journal with these notes.
fn written(path: &Path, notes: &[(String, bool)]) -> Vec<u8> {
    let journal = Journal::new(path).noting(noted, urls());
    for (key, done) in notes {
        wait(journal.intend(&trunk(key), Action::Create, false)).unwrap();
        if *done {
            journal.conclude(&trunk(key), Action::Create, false, Ending::Done).unwrap();
        }
    }
    fs::read(path).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Cut at any byte, it says what the whole lines before the cut say, and a later run's notes stand behind them.
    #[test]
    fn a_journal_cut_anywhere_claims_nothing_wrong(notes in notes()) {
        let folder = folder();
        let path = folder.path().join("journal");
        let whole = written(&path, &notes);
        for cut in 0..whole.len() {
            let complete = whole[..cut].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            // Only its end is missing to the line that would be next.
            let complete = if whole[cut] == b'\n' { cut } else { complete };
            fs::write(&path, &whole[..complete]).unwrap();
            let expected = Journal::new(&path).left_over().unwrap();
            fs::write(&path, &whole[..cut]).unwrap();
            let notes = Journal::new(&path).read().unwrap();
            prop_assert_eq!((&notes.intents, notes.strange), (&expected, 0), "cut at {}", cut);
            wait(Journal::new(&path).intend(&trunk("z"), Action::Create, false)).unwrap();
            let notes = Journal::new(&path).read().unwrap();
            prop_assert_eq!((notes.intents.len(), notes.strange), (expected.len() + 1, 0), "cut at {}", cut);
        }
    }

    /// Whatever stands there: no crash, and what isn't a line of ours claims nothing.
    #[test]
    fn any_bytes_are_read_without_harm(before in prop::collection::vec(any::<u8>(), 0..64), behind in "[^{\n]{0,9}\n?") {
        let folder = folder();
        let path = folder.path().join("journal");
        fs::write(&path, &before).unwrap();
        prop_assert_eq!(told(&Journal::new(&path)), [""; 0]);
        wait(Journal::new(&path).intend(&trunk("a"), Action::Create, false)).unwrap();
        prop_assert_eq!(told(&Journal::new(&path)), ["create t/trunk/a"]);
        fs::write(&path, [fs::read(&path).unwrap(), behind.into_bytes()].concat()).unwrap();
        prop_assert_eq!(told(&Journal::new(&path)), ["create t/trunk/a"]);
    }
}

/// Flushes of one thread: how many there were, and which of them fail.
mod disk {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeSet;

    use super::*;

    std::thread_local! {
        pub(super) static FLUSHES: Cell<usize> = const { Cell::new(0) };
        pub(super) static FAILING: RefCell<BTreeSet<usize>> = const { RefCell::new(BTreeSet::new()) };
        /// What the file held when it was flushed.
        pub(super) static ON_DISK: RefCell<String> = const { RefCell::new(String::new()) };
    }

    pub(super) fn sync(mut file: &File) -> io::Result<()> {
        let number = FLUSHES.replace(FLUSHES.get() + 1);
        if FAILING.with_borrow(|failing| failing.contains(&number)) {
            return Err(io::Error::other("no disk"));
        }
        let mut text = String::new();
        file.seek(SeekFrom::Start(0))?;
        file.read_to_string(&mut text)?;
        ON_DISK.set(text);
        Ok(())
    }
}

fn watched(path: &Path, failing: impl IntoIterator<Item = usize>) -> Journal {
    disk::FLUSHES.set(0);
    disk::FAILING.set(failing.into_iter().collect());
    Journal::new(path).flushing_by(disk::sync)
}

#[test]
fn those_who_note_at_the_same_time_share_a_flush_and_go_on_after_it() {
    let folder = folder();
    let journal = watched(&folder.path().join("journal"), []);
    let intend = async |key: usize| {
        journal.intend(&trunk(&key.to_string()), Action::Create, false).await.unwrap();
        let line = format!("\"t/trunk/{key}\"");
        assert!(disk::ON_DISK.with_borrow(|text| text.contains(&line)), "{key} isn't on the disk");
    };
    wait(futures_util::future::join_all((0..100).map(intend)));
    assert_eq!(disk::FLUSHES.get(), 1);
    wait(async {
        for key in 100..105 {
            intend(key).await;
        }
    });
    assert_eq!(disk::FLUSHES.get(), 6, "one after the other can't share");
}

#[test]
fn a_result_goes_to_the_disk_with_what_is_flushed_next() {
    let folder = folder();
    let journal = watched(&folder.path().join("journal"), []);
    let on_disk = || disk::ON_DISK.with_borrow(|text| text.matches("done").count());
    journal.conclude(&trunk("a"), Action::Create, false, Ending::Done).unwrap();
    assert!(journal.left_over().unwrap()[0].is_done(), "the system has it");
    assert_eq!(disk::FLUSHES.get(), 0);
    wait(journal.intend(&trunk("b"), Action::Create, false)).unwrap();
    assert_eq!((disk::FLUSHES.get(), on_disk()), (1, 1));
    journal.conclude(&trunk("b"), Action::Create, false, Ending::Done).unwrap();
    wait(journal.flush()).unwrap();
    assert_eq!((disk::FLUSHES.get(), on_disk()), (2, 2));
    wait(journal.flush()).unwrap();
    assert_eq!(disk::FLUSHES.get(), 2, "there is nothing new");
}

/// What an earlier run left open stays open where this one noted the same object and sent nothing.
#[test]
fn an_intent_for_which_nothing_was_sent_leaves_the_earlier_one() {
    let cases = [
        (Ending::Skipped, None),
        (Ending::Stale, None),
        (Ending::Done, Some(Ending::Done)),
        (Ending::Failed, Some(Ending::Failed)),
    ];
    for (ending, expected) in cases {
        let folder = folder();
        let path = folder.path().join("journal");
        wait(Journal::new(&path).intend(&trunk("a"), Action::Create, true)).unwrap();
        let journal = Journal::new(&path);
        wait(journal.intend(&trunk("a"), Action::Update, false)).unwrap();
        assert_eq!(told(&journal), ["update t/trunk/a"]);
        journal.conclude(&trunk("a"), Action::Update, false, ending).unwrap();
        let last = journal.left_over().unwrap().remove(0);
        assert_eq!(last.result, expected, "{ending:?}");
        assert_eq!(last.makes() && last.protect, expected.is_none(), "{ending:?}");
        // What had ended doesn't open again.
        wait(journal.intend(&trunk("b"), Action::Create, false)).unwrap();
        journal.conclude(&trunk("b"), Action::Create, false, Ending::Done).unwrap();
        wait(journal.intend(&trunk("b"), Action::Update, false)).unwrap();
        journal.conclude(&trunk("b"), Action::Update, false, ending).unwrap();
        assert_eq!(journal.left_over().unwrap()[1].result, Some(ending));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Who is told that the note is on the disk can rely on it, whichever flushes fail.
    #[test]
    fn a_failed_flush_fails_those_that_it_was_for(
        groups in prop::collection::vec(1_usize..5, 1..8),
        failing in prop::collection::btree_set(0_usize..8, 0..4),
    ) {
        let folder = folder();
        let journal = watched(&folder.path().join("journal"), failing.clone());
        for (group, size) in groups.into_iter().enumerate() {
            let addresses: Vec<_> = (0..size).map(|key| trunk(&format!("{group}-{key}"))).collect();
            let notes = addresses.iter().map(|address| journal.intend(address, Action::Create, false));
            for told in wait(futures_util::future::join_all(notes)) {
                prop_assert_eq!(told.is_err(), failing.contains(&group));
            }
            prop_assert_eq!(disk::FLUSHES.get(), group + 1);
        }
    }
}

/// As the program does it: another thread waits for the disk.
#[test]
fn many_notes_get_to_the_disk_by_another_thread() {
    let folder = folder();
    let journal = Journal::new(folder.path().join("journal")).flushing_aside();
    let address = |key: usize| trunk(&key.to_string());
    let addresses: Vec<_> = (0..200).map(address).collect();
    let notes = addresses.iter().map(|address| journal.intend(address, Action::Create, false));
    assert!(wait(futures_util::future::join_all(notes)).iter().all(Result::is_ok));
    assert_eq!(journal.left_over().unwrap().len(), 200);
}

//! The journal: an intent before each write, on the disk before the write leaves, and its result after it. What a killed
//! run leaves open, the next one settles by looking.
//!
//! Every line is with the system at once, so a killed process loses none. A power cut may lose the results since the last
//! flush: each intent takes those before it to the disk, so what depends on a change is never sent without its result; and
//! a lost `done` only makes the next run look. After a refusal the executor asks for a flush at once: without that result,
//! what somebody else made under the same name would pass for ours.

mod flush;
mod lines;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};
use std::time::Duration;

use jiff::Timestamp;

use super::disk;
use crate::files;
use crate::model::Address;
use crate::model::outcome::{Action, Ending};
use flush::Flushes;
use lines::{Line, TAIL, torn};

pub use lines::Notes;

/// The largest journal that is read: 1 GiB, as for the ledger.
const MAX_BYTES: u64 = 1 << 30;

/// An append-only file, one JSON object a line.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// Tells the wall clock's time.
    clock: Option<fn() -> Timestamp>,
    /// The targets' addresses by name.
    urls: BTreeMap<String, String>,
    pen: Mutex<Pen>,
    flushes: Flushes,
    /// What a run before this one left open, by address.
    before: OnceLock<BTreeSet<String>>,
}

/// Where lines are written.
#[derive(Debug, Default)]
struct Pen {
    file: Option<Arc<File>>,
    /// How many lines were.
    written: u64,
}

/// The journal can't be read or written.
#[derive(Debug, thiserror::Error)]
#[error("the journal {path} can't be used: {source}", path = .path.display())]
pub struct JournalError {
    path: PathBuf,
    source: io::Error,
}

/// A write and what is known of its end.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct OpenIntent {
    /// `target/kind/key`.
    pub address: String,
    /// What was to be done.
    pub action: String,
    /// Whether the object is never to be deleted.
    pub protect: bool,
    /// How it ended; `None`: nobody noted it.
    pub result: Option<Ending>,
    /// The target's address then; `None` in journals of older versions.
    pub url: Option<String>,
    /// When the intent was noted, by the wall clock; `None` in journals of older versions.
    pub noted: Option<Timestamp>,
    /// How long ago that was when the journal was read; nothing at all where the clock was put back since. `None`: not
    /// known.
    pub age: Option<Duration>,
}

impl OpenIntent {
    /// Whether nobody knows how it ended.
    pub fn is_open(&self) -> bool {
        matches!(self.result, None | Some(Ending::Unknown))
    }

    /// Whether it was noted as done.
    pub fn is_done(&self) -> bool {
        self.result == Some(Ending::Done)
    }

    /// Whether it makes an object.
    pub fn makes(&self) -> bool {
        self.action == Action::Create.name() || self.action == Action::Replace.name()
    }

    /// Whether it is about the box at this address, as far as that was noted.
    pub fn is_about(&self, url: &str) -> bool {
        self.url.as_ref().is_none_or(|noted| noted == url)
    }
}

impl Journal {
    /// The journal at this path; nothing is touched until something is noted.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let flushes = Flushes::new(File::sync_data);
        Self {
            path: path.into(),
            clock: None,
            urls: BTreeMap::new(),
            pen: Mutex::default(),
            flushes,
            before: OnceLock::new(),
        }
    }

    /// Lets another thread wait for the disk, so that calls under way go on meanwhile.
    #[must_use]
    pub fn flushing_aside(mut self) -> Self {
        self.flushes.aside = true;
        self
    }

    /// Lets it note the time of each intent and its target's address. `urls` has the targets' addresses by name.
    #[must_use]
    pub fn noting(mut self, clock: fn() -> Timestamp, urls: impl IntoIterator<Item = (String, String)>) -> Self {
        self.clock = Some(clock);
        self.urls = urls.into_iter().collect();
        self
    }

    /// Lets a test see, or spoil, what goes to the disk.
    #[cfg(test)]
    #[must_use]
    pub(crate) fn flushing_by(mut self, sync: fn(&File) -> io::Result<()>) -> Self {
        self.flushes = Flushes::new(sync);
        self
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Notes what is about to be sent, and waits until the disk has it; who waits at the same time shares the flush.
    pub async fn intend(&self, address: &Address, action: Action, protect: bool) -> Result<(), JournalError> {
        let url = self.urls.get(&*address.target).cloned();
        let at = self.clock.map(|now| lines::spell(now()));
        let written = self.append(&Line { url, at, ..line(address, action, protect) });
        self.flushed(written).await
    }

    /// Notes how it ended. The system has it then, the disk after the next flush.
    pub fn conclude(
        &self,
        address: &Address,
        action: Action,
        protect: bool,
        ending: Ending,
    ) -> Result<(), JournalError> {
        let line = Line { result: Some(ending.name().into()), ..line(address, action, protect) };
        self.append(&line).map(drop).map_err(|source| self.error(source))
    }

    /// Waits until the disk has everything that was noted so far.
    pub async fn flush(&self) -> Result<(), JournalError> {
        let written = self.pen().map(|pen| pen.written);
        self.flushed(written).await
    }

    async fn flushed(&self, written: io::Result<u64>) -> Result<(), JournalError> {
        let flushed = match written {
            Ok(line) => self.flushes.wait_for(line, || self.written()).await,
            Err(error) => Err(error),
        };
        flushed.map_err(|source| {
            // What of it stands in the file isn't known any more.
            self.close();
            self.error(source)
        })
    }

    /// Writes a line, and gives its number.
    fn append(&self, line: &Line) -> io::Result<u64> {
        let text = line.to_bytes()?;
        let mut pen = self.pen()?;
        let file = pen.open(&self.path)?;
        let written = (&*file).write_all(&text);
        match written {
            Ok(()) => pen.written += 1,
            // A part of the line may stand there: opening it again cuts that off, so that the next line stays whole.
            Err(_) => pen.file = None,
        }
        written.map(|()| pen.written)
    }

    /// The file, and the number of its last line.
    fn written(&self) -> io::Result<(Arc<File>, u64)> {
        let mut pen = self.pen()?;
        Ok((pen.open(&self.path)?, pen.written))
    }

    fn pen(&self) -> io::Result<MutexGuard<'_, Pen>> {
        self.pen.lock().map_err(|_| io::Error::other("a writer of it failed"))
    }

    /// What a run that was cut off left behind: the last word on each address that it was going to write.
    pub fn left_over(&self) -> Result<Vec<OpenIntent>, JournalError> {
        Ok(self.read()?.intents)
    }

    /// The same, with what else stands there.
    pub fn read(&self) -> Result<Notes, JournalError> {
        let notes = self.try_read().map_err(|source| self.error(source))?;
        // Only the first reading is about what was there before this run.
        self.before.get_or_init(|| {
            let open = notes.intents.iter().filter(|intent| intent.is_open());
            open.map(|intent| intent.address.clone()).collect()
        });
        Ok(notes)
    }

    fn try_read(&self) -> io::Result<Notes> {
        let text = match files::read(&self.path, MAX_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Notes::default()),
            Err(error) => return Err(error),
        };
        lines::read(&*text, self.clock.map(|now| now()))
    }

    /// Whether an earlier run was going to write this object and nobody noted how that ended. Known once the journal has
    /// been read.
    pub fn was_left_open(&self, address: &Address) -> bool {
        self.before.get().is_some_and(|before| before.contains(&address.to_string()))
    }

    /// Keeps these and nothing else: they are about targets that this run couldn't look at, or may still come to be. The
    /// rest is settled, and the ledger knows.
    pub fn keep(&self, unsettled: &[OpenIntent]) -> Result<(), JournalError> {
        if unsettled.is_empty() {
            return self.clear();
        }
        self.close();
        self.replace(unsettled).map_err(|source| self.error(source))
    }

    fn replace(&self, unsettled: &[OpenIntent]) -> io::Result<()> {
        let mut text = Vec::new();
        for intent in unsettled {
            text.extend(Line::from(intent).to_bytes()?);
        }
        disk::replace(&self.path, &self.path.with_added_extension("new"), |mut file| file.write_all(&text))
    }

    /// Empties it: everything in it is settled and the ledger knows.
    pub fn clear(&self) -> Result<(), JournalError> {
        self.close();
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.error(error)),
            _ => Ok(()),
        }
    }

    fn close(&self) {
        if let Ok(mut pen) = self.pen() {
            pen.file = None;
        }
    }

    fn error(&self, source: io::Error) -> JournalError {
        JournalError { path: self.path.clone(), source }
    }
}

impl Pen {
    fn open(&mut self, path: &Path) -> io::Result<Arc<File>> {
        let file = match self.file.take() {
            Some(file) => file,
            None => Arc::new(open(path)?),
        };
        Ok(Arc::clone(self.file.insert(file)))
    }
}

fn line(address: &Address, action: Action, protect: bool) -> Line {
    let (address, action) = (address.to_string(), action.name().into());
    Line { address, action, protect, url: None, at: None, result: None }
}

/// Opens it for adding to. What is left of a torn line is taken away first, or the next one would be lost with it.
fn open(path: &Path) -> io::Result<File> {
    let is_new = !path.exists();
    let mut file = OpenOptions::new().create(true).read(true).append(true).open(path)?;
    regular(&file.metadata()?)?;
    if is_new {
        disk::sync(disk::folder_of(path));
    } else {
        end_last_line(&mut file)?;
    }
    Ok(file)
}

fn end_last_line(file: &mut File) -> io::Result<()> {
    let length = file.metadata()?.len();
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(TAIL as u64)))?;
    file.take(TAIL as u64).read_to_end(&mut tail)?;
    if let Some(torn) = torn(&tail).filter(|torn| *torn > 0) {
        file.set_len(length.saturating_sub(torn as u64))?;
        tail.truncate(tail.len() - torn);
    }
    // A whole line without its end; or one too long to be ours, which counts as strange from now on.
    match tail.last() {
        None | Some(b'\n') => Ok(()),
        Some(_) => file.write_all(b"\n"),
    }
}

/// Anything but a file could be without end.
fn regular(found: &fs::Metadata) -> io::Result<&fs::Metadata> {
    if found.is_file() { Ok(found) } else { Err(io::Error::other("it isn't a file")) }
}

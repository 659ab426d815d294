//! The journal's lines: one JSON object each, of bounded length.

use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::OpenIntent;
use crate::diag::escape_json;
use crate::model::outcome::Ending;

/// The longest line that is written or read, in bytes: a name and an address fit many times.
const MAX_LINE: usize = 64 << 10;

/// One note: an intent, or with `result` its end.
#[derive(Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) address: String,
    pub(super) action: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) protect: bool,
    /// The target's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    /// When it was noted, as RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<String>,
}

impl Line {
    /// The line's bytes with its end.
    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let text = escape_json(&serde_json::to_string(self)?) + "\n";
        if text.len() > MAX_LINE {
            return Err(io::Error::other(format!("a note of {} bytes is longer than {MAX_LINE}", text.len())));
        }
        Ok(text.into_bytes())
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

impl From<&OpenIntent> for Line {
    fn from(intent: &OpenIntent) -> Self {
        let OpenIntent { address, action, protect, result, url, noted, age: _ } = intent;
        Self {
            address: address.clone(),
            action: action.clone(),
            protect: *protect,
            url: url.clone(),
            at: noted.map(spell),
            result: result.map(|ending| ending.name().to_owned()),
        }
    }
}

/// A time as it is written: to the millisecond.
pub(super) fn spell(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// What a journal holds.
#[derive(Debug, Default)]
pub struct Notes {
    /// The last word on each address, sorted.
    pub intents: Vec<OpenIntent>,
    /// Lines that nobody of ours wrote, or that were damaged since. The torn last line of a run that was cut off isn't
    /// counted: it was never flushed, so nothing was sent for it.
    pub strange: usize,
}

/// Reads all lines. `now` tells how old they are.
pub(super) fn read(mut source: impl BufRead, now: Option<Timestamp>) -> io::Result<Notes> {
    let mut intents = BTreeMap::new();
    let (mut strange, mut text) = (0, Vec::new());
    loop {
        text.clear();
        let ended = next(&mut source, &mut text)?;
        match Line::parse(&text) {
            Some(line) => take(&mut intents, line),
            None if ended && !text.is_empty() => strange += 1,
            None => {}
        }
        if !ended {
            break;
        }
    }
    let mut intents: Vec<_> = intents.into_values().map(|word: Word| word.last).collect();
    for intent in &mut intents {
        intent.age = now.zip(intent.noted).map(|(now, noted)| age(now, noted));
    }
    Ok(Notes { intents, strange })
}

/// What was said of one address.
struct Word {
    last: OpenIntent,
    /// What was open when the last intent was noted, and still is where nothing was sent for that one.
    earlier: Option<OpenIntent>,
}

/// A result says how the intent before it ended; when that was noted it doesn't repeat.
fn take(intents: &mut BTreeMap<String, Word>, line: Line) {
    let Line { address, action, protect, url, at, result } = line;
    let before = intents.remove(&address);
    let result = result.as_deref().map(Ending::by_name);
    let (before, earlier) = match (before, result) {
        (Some(Word { last, .. }), None) => (None, Some(last).filter(OpenIntent::is_open)),
        (Some(Word { last, earlier }), Some(_)) => (Some(last), earlier),
        (None, _) => (None, None),
    };
    if let (Some(earlier), Some(Some(Ending::Skipped | Ending::Stale))) = (&earlier, result) {
        intents.insert(address, Word { last: earlier.clone(), earlier: None });
        return;
    }
    let noted = at.and_then(|at| at.parse().ok()).or_else(|| before.as_ref()?.noted);
    let url = url.or_else(|| before?.url);
    let last =
        OpenIntent { address: address.clone(), action, protect, result: result.flatten(), url, noted, age: None };
    intents.insert(address, Word { last, earlier });
}

/// Nothing at all for a time that is still to come: a clock was put back.
fn age(now: Timestamp, noted: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(noted)).unwrap_or_default()
}

/// Reads a line without its end into `text`, of one that is too long only the beginning; gives whether it was ended.
fn next(source: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<bool> {
    loop {
        let piece = match source.fill_buf() {
            Ok([]) => return Ok(false),
            Ok(piece) => piece,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let end = piece.iter().position(|byte| *byte == b'\n');
        let line = piece.get(..end.unwrap_or(piece.len())).unwrap_or_default();
        // One byte more than a line may have: what is cut here is no JSON any more, whatever it was.
        let room = (MAX_LINE + 1).saturating_sub(text.len());
        text.extend(line.iter().take(room));
        let used = line.len() + usize::from(end.is_some());
        source.consume(used);
        if end.is_some() {
            return Ok(true);
        }
    }
}

/// How many bytes at the end of a file, given its last [`TAIL`] bytes, belong to a line that was never finished: not ended,
/// and no note either. `None` where they hold no line's end at all.
pub(super) fn torn(tail: &[u8]) -> Option<usize> {
    let rest = tail.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    if rest.len() == tail.len() && tail.len() == TAIL {
        return None;
    }
    Some(if Line::parse(rest).is_some() { 0 } else { rest.len() })
}

/// How much of a file's end is looked at for a torn line, in bytes.
pub(super) const TAIL: usize = MAX_LINE + 1;

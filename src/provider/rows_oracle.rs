//! Rows cut out of an answer, and what that should come to: for the tests, and for those who try to break it.

use serde_json::Value as Json;

use super::rows::{Path, Splitter};

/// The rows that were cut out and what is left, where all of it is JSON; else what the first reader that stumbles says and
/// where in the answer that is.
pub(crate) type Outcome = Result<(Vec<Json>, Json), (String, (usize, usize))>;

/// Cuts an answer that comes in pieces of these lengths, over and over.
pub(crate) fn cut(path: Path, enough: usize, mut answer: &[u8], lengths: &[usize]) -> Outcome {
    let mut splitter = Splitter::new(path, enough);
    let mut runs = Vec::new();
    for length in lengths.iter().cycle().map(|length| (*length).max(1)) {
        let (piece, more) = answer.split_at(length.min(answer.len()));
        splitter.feed(piece, |run| runs.push(run));
        answer = more;
        if answer.is_empty() {
            break;
        }
    }
    let rest = splitter.finish(|run| runs.push(run));
    let (mut rows, mut flaws) = (Vec::new(), Vec::new());
    for run in &runs {
        match serde_json::from_slice::<Vec<Json>>(&run.json) {
            Ok(read) => rows.extend(read),
            Err(error) => flaws.push(told(&error, |line, column| run.place(line, column))),
        }
    }
    flaws.extend(rest.trailing_comma.map(|place| ("trailing comma".into(), place)));
    let left = serde_json::from_slice(rest.json.trim_ascii());
    let left = left.map_err(|error| flaws.push(told(&error, |line, column| rest.place(line, column)))).ok();
    // The first one, as a whole reader would find it; that one part breaks off is no flaw where another has one.
    match flaws.into_iter().min_by_key(|(words, place)| (is_elsewhere(words), *place)) {
        Some(flaw) => Err(flaw),
        None => Ok((rows, left.unwrap_or_default())),
    }
}

/// Whether a reader that has the answer whole may find this in another place.
fn is_elsewhere(words: &str) -> bool {
    words.starts_with("EOF") || words.starts_with("recursion")
}

fn told(error: &serde_json::Error, place: impl Fn(usize, usize) -> (usize, usize)) -> (String, (usize, usize)) {
    let words = error.to_string();
    let words = words.split(" at line").next().unwrap_or_default().to_owned();
    (words, place(error.line(), error.column()))
}

/// What cutting should come to, by a reader that has the answer whole.
pub(crate) fn whole(path: Path, answer: &[u8]) -> Outcome {
    let mut left: Json = serde_json::from_slice(answer.trim_ascii()).map_err(|error| told(&error, |l, c| (l, c)))?;
    let mut at = Some(&mut left);
    for name in path {
        at = at.and_then(|it| it.as_object_mut()?.get_mut(*name));
    }
    let rows = at.and_then(Json::as_array_mut).map(std::mem::take).unwrap_or_default();
    Ok((rows, left))
}

/// Whether cutting came to what it should where the answer may be broken. Of a key that comes twice each reader may take
/// another one, and what breaks off or is nested too deep breaks elsewhere.
pub(crate) fn is_same(cut: &Outcome, whole: &Outcome) -> bool {
    match (cut, whole) {
        (Ok(_), Ok(_)) => true,
        (Err((_, cut)), Err((words, whole))) => cut == whole || is_elsewhere(words),
        (Ok(_), Err((words, _))) => words.starts_with("recursion"),
        (Err(_), Ok(_)) => false,
    }
}

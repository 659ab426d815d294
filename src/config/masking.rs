//! A source line as it may be shown: its structure and keys, the one harmless text that is meant, and nothing else.

use std::ops::Range;

use crate::diag::{Line, is_harmful};
use crate::model::{Type, kinds};

/// What stands for a masked stretch, whatever its length.
const MASK: &str = "***";

/// The most characters of a line that are shown.
const SHOWN: usize = 160;

/// How much of a long line is looked at, before and behind the place that is meant.
const CONTEXT: usize = 200;

/// A line of a file, and what is known about it.
pub(super) struct RawLine {
    pub(super) text: String,
    /// What the parser found on it; `None`: it isn't YAML from here on.
    pub(super) stretches: Option<Vec<Stretch>>,
}

/// A scalar's part of a line, in characters from 0, the end excluded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: usize,
    pub(super) end: usize,
    /// A mapping's key that may be shown.
    pub(super) is_key: bool,
    /// Whether the scalar begins and ends on this line.
    pub(super) is_whole: bool,
}

/// The part of a line that is meant.
#[derive(Clone, Copy)]
pub(super) struct Meant {
    /// From 0, in characters.
    pub(super) start: usize,
    pub(super) length: usize,
    /// Whether its text may be shown.
    pub(super) harmless: bool,
}

/// Masks a line.
pub(super) fn mask(line: &RawLine, meant: Meant) -> Line {
    let first = meant.start.saturating_sub(CONTEXT);
    let characters: Vec<char> = line.text.chars().skip(first).take(2 * CONTEXT).collect();
    let start = meant.start - first;
    let text_end = text_end(&characters, start, start.saturating_add(meant.length));
    let end = text_end.unwrap_or(start + 1);
    let harmless = text_end.filter(|_| meant.harmless).map(|end| start..end);
    let shown = match &line.stretches {
        Some(stretches) => visible(&characters, &on_part(stretches, first, &characters), harmless),
        None => outline(&line.text, characters.len(), first),
    };
    draw(&characters, &shown, start, end - start, first > 0)
}

/// Which characters may be shown.
fn visible(characters: &[char], stretches: &[Stretch], harmless: Option<Range<usize>>) -> Vec<bool> {
    let mut shown: Vec<bool> = characters.iter().map(|character| is_structure(*character)).collect();
    let mut set = |range: Range<usize>, value: bool| {
        if let Some(part) = shown.get_mut(range) {
            part.fill(value);
        }
    };
    for stretch in stretches {
        set(stretch.start..stretch.end, stretch.is_key);
    }
    if let Some(comment) = comment(characters, stretches) {
        set(comment + 1..characters.len(), false);
    }
    if let Some(range) = harmless {
        set(range, true);
    }
    shown
}

/// The stretches on the part of the line that is looked at, each up to where its text ends.
fn on_part(stretches: &[Stretch], first: usize, characters: &[char]) -> Vec<Stretch> {
    let is_on_part = |stretch: &&Stretch| stretch.end > first && stretch.start < first + characters.len();
    let on_part = |stretch: &Stretch| {
        let start = stretch.start.saturating_sub(first);
        let end = (stretch.end - first).min(characters.len());
        let is_whole = stretch.is_whole && stretch.start >= first;
        let end = if is_whole { text_end(characters, start, end).unwrap_or(end) } else { end };
        Stretch { start, end, ..*stretch }
    };
    stretches.iter().filter(is_on_part).map(on_part).collect()
}

/// Where a text ends that begins at `start`, by its own quotes: the parser counts spaces and even a comment behind a quoted
/// text to it. `None`: it can't be told, as where an anchor or a tag stands before the text.
fn text_end(characters: &[char], start: usize, end: usize) -> Option<usize> {
    let text = characters.get(start..end.min(characters.len()))?;
    let quote = match text.first()? {
        '&' | '!' | '*' | '|' | '>' => return None,
        quote @ ('"' | '\'') => *quote,
        _ => return Some(start + plain_length(text)),
    };
    let mut rest = text.iter().enumerate().skip(1).peekable();
    while let Some((at, character)) = rest.next() {
        let is_doubled = quote == '\'' && *character == quote && rest.peek().is_some_and(|(_, next)| **next == quote);
        if is_doubled || (quote == '"' && *character == '\\') {
            rest.next();
        } else if *character == quote {
            return Some(start + at + 1);
        }
    }
    None
}

/// The length of a text without quotes: up to a comment, without the spaces behind it.
fn plain_length(text: &[char]) -> usize {
    let comment = text.windows(2).position(|pair| pair == [' ', '#']).unwrap_or(text.len());
    let text = text.get(..comment).unwrap_or_default();
    text.iter().rposition(|character| *character != ' ').map_or(0, |last| last + 1)
}

fn is_structure(character: char) -> bool {
    matches!(character, ' ' | '\t' | '{' | '}' | '[' | ']' | ',' | ':' | '-' | '?' | '#' | '|' | '>')
}

/// Where a comment begins: people comment out passwords.
fn comment(characters: &[char], stretches: &[Stretch]) -> Option<usize> {
    let mut outside = vec![true; characters.len()];
    for stretch in stretches {
        if let Some(part) = outside.get_mut(stretch.start..stretch.end) {
            part.fill(false);
        }
    }
    let mut all = characters.iter().zip(outside);
    all.position(|(character, outside)| *character == '#' && outside)
}

/// What may be shown of a line that the parser couldn't read: its indentation and a key that every reader knows.
fn outline(text: &str, count: usize, first: usize) -> Vec<bool> {
    let indented = text.trim_start_matches([' ', '-', '{']);
    let indentation = text.chars().count() - indented.chars().count();
    let key = indented.split_once(':').map_or("", |(key, _)| key.trim_matches(['"', ' ']));
    let keep = if is_known(key) { indentation + indented.find(':').unwrap_or(0) + 1 } else { indentation };
    (first..first + count).map(|at| at < keep || (at == keep && text.chars().nth(at) == Some(' '))).collect()
}

/// Whether it is a word of the desired state's form, so that it can't be a piece of a secret.
pub(super) fn is_known(key: &str) -> bool {
    const OTHERS: [&str; 29] = [
        "targets",
        "defaults",
        "removed",
        "call_checks",
        "version",
        "target",
        "provider",
        "url",
        "number",
        "name",
        "previously",
        "protect",
        "ignore_fields",
        "address",
        "delete",
        "limits",
        "concurrency",
        "requests_per_second",
        "timeout",
        "max_body",
        "tls",
        "ca_file",
        "pin_sha256",
        "insecure_skip_verify",
        "prune",
        "ignore",
        "api_version",
        "app_key",
        "secret",
    ];
    let of_kind = || {
        kinds::ALL
            .iter()
            .any(|kind| kind.section == key || kind.fields.iter().any(|field| field.name == key || has(&field.ty, key)))
    };
    OTHERS.contains(&key) || of_kind()
}

/// Whether it is the key of a member or part of a value of this type.
fn has(ty: &Type, key: &str) -> bool {
    match *ty {
        Type::List(item) | Type::Set(item) => has(item, key),
        Type::Record(members) => members.iter().any(|member| member.name == key || has(&member.ty, key)),
        Type::Joined(parts) => parts.contains(&key),
        _ => false,
    }
}

/// Draws the line and finds the meant part in it.
fn draw(characters: &[char], shown: &[bool], start: usize, length: usize, is_cut: bool) -> Line {
    let mut text: Vec<char> = if is_cut { vec!['…'] } else { Vec::new() };
    let (mut begin, mut end) = (None, None);
    let mut masked_from = None;
    for (at, (character, shown)) in characters.iter().zip(shown).enumerate() {
        let from = if *shown {
            masked_from = None;
            text.push(if *character == '\t' { ' ' } else { visible_form(*character) });
            text.len() - 1
        } else {
            *masked_from.get_or_insert_with(|| {
                text.extend(MASK.chars());
                text.len() - MASK.len()
            })
        };
        if at == start {
            begin = Some(from);
        }
        if (start..start.saturating_add(length)).contains(&at) {
            end = Some(text.len());
        }
    }
    let begin = begin.unwrap_or(text.len());
    cut(&text, begin, end.unwrap_or(begin + 1).saturating_sub(begin).max(1))
}

fn visible_form(character: char) -> char {
    if is_harmful(character) { '\u{fffd}' } else { character }
}

/// Cuts a line that is too long, around the meant part.
fn cut(text: &[char], start: usize, length: usize) -> Line {
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let end = text.iter().rposition(|character| *character != ' ').map_or(0, |last| last + 1);
    let text = text.get(..end).unwrap_or_default();
    if text.len() <= SHOWN {
        return Line { text: text.iter().collect(), start: narrow(start), length: narrow(length) };
    }
    let from = start.saturating_sub(SHOWN / 4);
    let before = if from > 0 { "…" } else { "" };
    let middle: String = text.iter().skip(from).take(SHOWN).collect();
    let after = if from + SHOWN < text.len() { "…" } else { "" };
    let start = start - from + before.chars().count();
    Line { text: format!("{before}{middle}{after}"), start: narrow(start), length: narrow(length.min(SHOWN)) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use crate::config::snippet::read;

    /// The first line with the part from `start` on meant, as far as `meant` goes.
    fn masked(text: &str, meant: &str, harmless: bool) -> (String, String) {
        let lines = read(text, &[1].into());
        let start = text.find(meant).map(|at| text.get(..at).unwrap().chars().count()).unwrap();
        let meant = Meant { start, length: meant.chars().count(), harmless };
        let line = mask(lines.get(&1).unwrap(), meant);
        let marked = line.text.chars().skip(line.start as usize).take(line.length as usize).collect();
        (line.text, marked)
    }

    #[test]
    fn only_keys_and_the_harmless_text_are_shown() {
        let cases = [
            ("a: secret, b", "secret, b", false, "a: ***", "***"),
            ("{ a: secret, nat: flase }", "flase", true, "{ a: ***, nat: flase }", "flase"),
            ("{ a: secret, nat: flase }", "secret", false, "{ a: ***, nat: *** }", "***"),
            ("{ a: 'x' , b: 'y' }", "'x'", true, "{ a: 'x' , b: *** }", "'x'"),
            ("{ a: 'it''s' }", "'it''s' ", true, "{ a: 'it''s' }", "'it''s'"),
            ("{ a: \"q\\\"x\" }", "\"q\\\"x\" ", true, "{ a: \"q\\\"x\" }", "\"q\\\"x\""),
            ("a: 'x' # secret", "'x' # secret", true, "a: 'x' #***", "'x'"),
            ("a: x # secret: y", "x", true, "a: x #***", "x"),
            ("a: &secret x", "&secret x", true, "a: ***", "***"),
            ("{ a: x,s3cret }", "x", true, "{ a: x,*** }", "x"),
            ("{ a:secret, b: x }", "x", true, "{ ***, b: x }", "x"),
            ("{ name:, b: x }", "x", true, "{ name:, b: x }", "x"),
            ("名: 電\u{1b}x", "電\u{1b}x", true, "***: 電\u{fffd}x", "電\u{fffd}x"),
            ("a: [secret", "secret", true, "***", "***"),
            ("password: [secret", "secret", true, "password: ***", "***"),
        ];
        for (text, meant, harmless, shown, marked) in cases {
            assert_eq!(masked(text, meant, harmless), (shown.to_owned(), marked.to_owned()), "{text}");
        }
    }

    #[test]
    fn long_lines_are_cut_around_what_is_meant() {
        let text = format!("{{ {}nat: flase, {} }}", "k: secret, ".repeat(10_000), "k: secret, ".repeat(10_000));
        let (shown, marked) = masked(&text, "flase", true);
        assert_eq!(marked, "flase");
        assert!(shown.chars().count() <= SHOWN + 2 && !shown.contains("secret"), "{shown}");
    }
}

//! Reads what a source file names, with a small parser of its own: words, braces and paths are all that it needs.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// What a file says about itself: its place below `src`, and the paths that it names.
pub(super) struct Source {
    pub(super) file: String,
    pub(super) paths: BTreeSet<String>,
}

impl Source {
    /// Of a file's text.
    pub(super) fn new(file: &str, text: &str) -> Self {
        Self { file: file.into(), paths: named(file, &without_tests(&tokens(text))) }
    }
}

/// Every file that isn't compiled for tests alone.
pub(super) fn sources(root: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    collect(root, &mut files);
    let read: Vec<_> = files.into_iter().map(|path| (fs::read_to_string(&path).expect("UTF-8"), path)).collect();
    let mut for_tests = BTreeSet::new();
    for (text, path) in &read {
        for_tests.extend(test_modules(&tokens(text)).into_iter().flat_map(|name| homes(path, &name)));
    }
    let is_test = |path: &Path| for_tests.iter().any(|home| path.starts_with(home));
    let kept = read.iter().filter(|(_, path)| !is_test(path));
    let name = |path: &Path| path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
    kept.map(|(text, path)| Source::new(&name(path), text)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Where the module of this name is that a file declares.
fn homes(declarer: &Path, name: &str) -> [PathBuf; 2] {
    let stem = declarer.file_stem().unwrap();
    let folder = declarer.parent().unwrap();
    if Path::new(name).extension().is_some() {
        return [folder.join(name), folder.join(name)];
    }
    let folder =
        if ["mod", "lib", "main"].iter().any(|own| stem == *own) { folder.to_owned() } else { folder.join(stem) };
    [folder.join(format!("{name}.rs")), folder.join(name)]
}

/// Words, texts in their quotes, and every other character by itself; without comments, raw texts and lifetimes.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => comment(rest),
            '"' => {
                tokens.push(rest[..quoted(rest)].to_owned());
                quoted(rest)
            }
            '\'' => character(rest),
            _ if first.is_whitespace() => first.len_utf8(),
            _ if is_word(first) => {
                let word: String = rest.chars().take_while(|&next| is_word(next)).collect();
                let after = &rest[word.len()..];
                let hashes = after.bytes().take_while(|&byte| byte == b'#').count();
                let is_raw = ["r", "br", "cr"].contains(&&*word) && after[hashes..].starts_with('"');
                let length = word.len();
                if is_raw {
                    length + raw(after, hashes)
                } else {
                    tokens.push(word);
                    length
                }
            }
            _ => {
                tokens.push(first.to_string());
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    tokens
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// How long a comment is that may hold others.
fn comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, next) in text.char_indices().skip(1) {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn raw(text: &str, hashes: usize) -> usize {
    let end = format!("\"{}", "#".repeat(hashes));
    text[hashes + 1..].find(&end).map_or(text.len(), |at| hashes + 1 + at + end.len())
}

/// A character, or the quote of a lifetime.
fn character(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some(_)) => text[3..].find('\'').map_or(text.len(), |at| at + 4),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

fn is(tokens: &[String], at: usize, expected: &[&str]) -> bool {
    expected.iter().enumerate().all(|(offset, expected)| tokens.get(at + offset).is_some_and(|token| token == expected))
}

const CFG_TEST: &[&str] = &["#", "[", "cfg", "(", "test", ")", "]"];

const PATH: &[&str] = &["#", "[", "path", "="];

/// The modules that are declared for tests alone, in files of their own: by name, or by the file that `#[path]` gives.
fn test_modules(tokens: &[String]) -> Vec<String> {
    let places = (0..tokens.len()).filter(|&at| is(tokens, at, CFG_TEST)).map(|at| at + CFG_TEST.len());
    places
        .filter_map(|start| {
            let has_path = is(tokens, start, PATH);
            let item = start + if has_path { PATH.len() + 2 } else { 0 };
            let plain = ["pub", "(", "crate", "super", ")"];
            let at = item + tokens.iter().skip(item).position(|token| !plain.contains(&token.as_str()))?;
            let is_file = is(tokens, at, &["mod"]) && is(tokens, at + 2, &[";"]);
            let name = tokens.get(if has_path { start + 4 } else { at + 1 }).filter(|_| is_file)?;
            Some(name.trim_matches('"').to_owned())
        })
        .collect()
}

/// Leaves out every item that is compiled for tests alone.
fn without_tests(tokens: &[String]) -> Vec<String> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is(tokens, at, CFG_TEST) {
            at = end_of_item(tokens, at + CFG_TEST.len());
        } else {
            kept.push(token.clone());
            at += 1;
        }
    }
    kept
}

/// Behind an item: behind its `;`, or behind the brace that closes it.
fn end_of_item(tokens: &[String], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut is_use = false;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        match token.as_str() {
            "use" if depth == 0 => is_use = true,
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token == "}" && !is_use {
                    return at + 1;
                }
            }
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Every path that a file names, from the crate's root or from another crate, and every macro as `name!`.
fn named(file: &str, tokens: &[String]) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        let before = |by: usize| at.checked_sub(by).and_then(|at| tokens.get(at)).map_or("", String::as_str);
        let goes_on = before(1) == ":" && before(2) == ":" && before(3) != "use" && before(3).chars().any(is_word);
        if goes_on || !token.chars().all(is_word) {
            continue;
        }
        if is(tokens, at + 1, &["!"]) {
            paths.insert(format!("{token}!"));
        } else {
            let mut found = Vec::new();
            tree(tokens, at, &[], &mut found);
            paths.extend(found.iter().map(|path| absolute(file, path)));
        }
    }
    paths
}

/// Reads `a::b`, `a::{b, c::d}`, `a::*`; gives every path in full, and the place behind.
fn tree(tokens: &[String], at: usize, before: &[String], found: &mut Vec<Vec<String>>) -> usize {
    let here = match tokens.get(at) {
        Some(token) if token == "{" => {
            let mut next = at + 1;
            while tokens.get(next).is_some_and(|token| token != "}") {
                next = tree(tokens, next, before, found).max(next + 1);
                next += usize::from(is(tokens, next, &[","]));
            }
            return next + 1;
        }
        Some(token) => [before, std::slice::from_ref(token)].concat(),
        None => return at,
    };
    if is(tokens, at + 1, &[":", ":"])
        && tokens.get(at + 3).is_some_and(|next| next == "{" || next.chars().all(is_word))
    {
        return tree(tokens, at + 3, &here, found);
    }
    found.push(here);
    at + 1
}

/// A path from the crate's root, whatever it began with.
fn absolute(file: &str, path: &[String]) -> String {
    let supers = path.iter().take_while(|part| *part == "super").count();
    if supers == 0 {
        return path.join("::");
    }
    let mut module: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    if matches!(module.last(), Some(&("mod" | "lib" | "main"))) {
        module.pop();
    }
    // A module within a file counts from further in; however far, it gets to the root and no further.
    let parents = module.len().saturating_sub(supers);
    let rest = path.iter().skip(supers).map(String::as_str);
    let whole = std::iter::once("crate").chain(module.into_iter().take(parents)).chain(rest);
    whole.collect::<Vec<_>>().join("::")
}

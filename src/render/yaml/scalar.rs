//! Texts as YAML scalars that stay texts, for readers of YAML 1.1 and 1.2 alike.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use crate::diag::{is_harmful, opens_command};

/// What some reader takes for something else than a text, without case.
const NOT_TEXTS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A value's text; a `$` that would begin a reference is doubled.
pub(super) fn scalar(text: &str) -> String {
    word(&text.replace("${", "$${"))
}

/// A text in which references have no meaning: a key, a target's name. Plain as people write it, and in double quotes where
/// a reader could take it for something else, so that `no`, `0123` and `12:30` survive.
pub(super) fn word(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { quoted(text) }
}

/// Begins with a letter, and holds nothing that could mean something to YAML. Addresses of four numbers are no numbers to
/// any reader.
fn is_plain(text: &str) -> bool {
    let may_stand = |character: char| {
        character.is_alphanumeric() && !is_harmful(character)
            || matches!(character, '-' | '_' | '.' | '/' | '@' | '+' | ' ')
    };
    let is_word = text.starts_with(char::is_alphabetic)
        && !text.ends_with(' ')
        && text.chars().all(may_stand)
        && !NOT_TEXTS.iter().any(|other| other.eq_ignore_ascii_case(text));
    is_word || text.parse::<Ipv4Addr>().is_ok()
}

/// A text in double quotes, whatever it is.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            _ if is_harmful(character) => {
                _ = write!(quoted, "\\U{:08X}", u32::from(character));
            }
            '[' if opens_command(&quoted) => quoted.push_str("\\x5b"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

//! Texts that came from outside, made fit for a terminal, a log and a document. The one place that says what is harmful.

use std::fmt::Write as _;

/// The most characters of somebody else's text in a message.
const QUOTED_LENGTH: usize = 80;

/// Whether a character could repaint or reorder a terminal, or hide in a text: control characters, and what Unicode calls
/// default-ignorable (marks that change the direction, joiners, fillers, tags), but for the variation selectors that
/// every emoji may carry.
pub fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text with each harmful character replaced by `�`, so that it keeps its length in characters.
pub fn clean(text: &str) -> String {
    let visible = |character| if is_harmful(character) { '\u{fffd}' } else { character };
    text.chars().map(visible).collect()
}

/// The text in backticks, harmless and not longer than a line.
pub fn quote(text: &str) -> String {
    let mut quoted = String::from("`");
    for (count, character) in text.chars().enumerate() {
        if count == QUOTED_LENGTH {
            quoted.push('…');
            break;
        }
        push_escaped(&mut quoted, character);
    }
    quoted.push('`');
    quoted
}

/// The text on one line, with each harmful character as `\u{1b}`.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = next_unusual(&mut rest, &mut safe) {
        push_escaped(&mut safe, character);
    }
    safe
}

/// Takes over what is harmless wherever it stands, which is nearly always all there is: printable ASCII but for `[`, which
/// may open a command.
fn take_usual(rest: &mut &str, safe: &mut String) {
    let (before, after) = rest.split_at(usual_length(rest.as_bytes()));
    safe.push_str(before);
    *rest = after;
}

/// How much at the beginning is usual. Blocks are looked at whole, which compilers turn into a few instructions each.
fn usual_length(bytes: &[u8]) -> usize {
    const BLOCK: usize = 16;
    let is_usual = |byte: &u8| matches!(byte, b' '..=b'~') && *byte != b'[';
    let are_usual = |block: &&[u8]| block.iter().fold(true, |all, byte| all & is_usual(byte));
    let blocks = bytes.chunks_exact(BLOCK).take_while(are_usual).count() * BLOCK;
    blocks + bytes.iter().skip(blocks).take_while(|byte| is_usual(byte)).count()
}

/// The same, and the character behind it.
fn next_unusual(rest: &mut &str, safe: &mut String) -> Option<char> {
    take_usual(rest, safe);
    let mut characters = rest.chars();
    let character = characters.next()?;
    *rest = characters.as_str();
    Some(character)
}

/// Adds a character, escaped where it is harmful or would begin a command to a build server.
pub fn push_escaped(safe: &mut String, character: char) {
    if is_harmful(character) {
        safe.extend(character.escape_default());
    } else if character == '[' && opens_command(safe) {
        safe.extend(character.escape_unicode());
    } else {
        safe.push(character);
    }
}

/// Whether a `[` behind this text would begin a command to the build server that shows the log, wherever in a line it
/// stands: `##[` (GitHub), `##vso[` (Azure), `##teamcity[`.
pub fn opens_command(before: &str) -> bool {
    before.ends_with(|last: char| last == '#' || last.is_ascii_alphabetic())
        && before.trim_end_matches(|character: char| character.is_ascii_alphabetic()).ends_with("##")
}

/// A JSON text in which every harmful character is written as `\u001b`: the same values, fit for a terminal.
pub fn escape_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(character) = next_unusual(&mut rest, &mut safe) {
        // A JSON text has raw control characters only between values, where they are its layout.
        let is_layout = character < ' ';
        if !is_layout && is_harmful(character) || character == '[' && opens_command(&safe) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a text can't fail.
                _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    safe
}

/// A whole output, the last gate before a terminal or a log: whatever slipped through so far is escaped. Line breaks stay,
/// and where the output is `styled`, sequences that set colours. A line can't begin with `::`, by which GitHub's runners
/// take commands.
pub fn fit_to_print(text: &str, styled: bool) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut at_start = true;
    let mut rest = text;
    loop {
        if !at_start {
            take_usual(&mut rest, &mut safe);
        }
        let Some(character) = rest.chars().next() else { return safe };
        let style = if styled { style_length(rest) } else { 0 };
        let taken = style.max(character.len_utf8());
        if style > 0 {
            safe.push_str(rest.get(..style).unwrap_or_default());
        } else if character == '\n' {
            safe.push('\n');
        } else if at_start && rest.starts_with("::") {
            safe.extend(character.escape_unicode());
        } else {
            push_escaped(&mut safe, character);
        }
        at_start = character == '\n' || at_start && (style > 0 || character.is_whitespace());
        rest = rest.get(taken..).unwrap_or_default();
    }
}

/// How many bytes at the beginning are a sequence that sets colours: `ESC [`, digits and semicolons, `m`.
fn style_length(text: &str) -> usize {
    let Some(parameters) = text.strip_prefix("\u{1b}[") else { return 0 };
    let rest = parameters.trim_start_matches(|character: char| character.is_ascii_digit() || character == ';');
    if rest.starts_with('m') { text.len() - rest.len() + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quoting_neutralises_control_characters_and_cuts() {
        let cases = [
            ("hq-pbx", "`hq-pbx`".to_owned()),
            ("a\u{1b}[2Jb", "`a\\u{1b}[2Jb`".to_owned()),
            ("a\u{202e}b", "`a\\u{202e}b`".to_owned()),
            ("##vso[task]", "`##vso\\u{5b}task]`".to_owned()),
            (&*"x".repeat(200), format!("`{}…`", "x".repeat(QUOTED_LENGTH))),
        ];
        for (text, expected) in cases {
            assert_eq!(quote(text), expected);
        }
    }

    #[test]
    fn what_is_harmful() {
        let harmful = "\0\u{7}\u{8}\t\n\r\u{1b}\u{7f}\u{80}\u{85}\u{9b}\u{9d}\u{9f}\u{ad}\u{61c}\u{180e}\u{200b}\u{200d}\u{200e}\
            \u{2028}\u{2029}\u{202a}\u{202e}\u{2060}\u{2066}\u{2069}\u{206f}\u{3164}\u{feff}\u{fff9}\u{e0001}\u{e0041}\u{e007f}";
        for character in harmful.chars() {
            assert!(is_harmful(character), "{character:?}");
        }
        for character in " aé号ไทยน้ำहिन्दी\u{301}\u{fe0f}☎😀\u{a0}|`<>:#[".chars() {
            assert!(!is_harmful(character), "{character:?}");
        }
    }

    #[test]
    fn a_whole_output() {
        for (text, styled, expected) in [
            ("a\u{1b}[1mb\u{1b}[0m\n", true, "a\u{1b}[1mb\u{1b}[0m\n"),
            ("a\u{1b}[1mb\n", false, "a\\u{1b}[1mb\n"),
            ("\u{1b}[2J\u{1b}]0;x\u{7}\r", true, "\\u{1b}[2J\\u{1b}]0;x\\u{7}\\r"),
            ("::error::x\n  ::warning::\n a::b", false, "\\u{3a}:error::x\n  \\u{3a}:warning::\n a::b"),
            ("\u{1b}[31m::error::", true, "\u{1b}[31m\\u{3a}:error::"),
            ("x ##[set-output]y ##Vso[a] # [ #[ ##21#", false, "x ##\\u{5b}set-output]y ##Vso\\u{5b}a] # [ #[ ##21#"),
        ] {
            assert_eq!(fit_to_print(text, styled), expected);
        }
    }

    /// Character by character, as it would be without taking over what is usual at once.
    fn one_by_one(text: &str) -> String {
        let mut safe = String::new();
        text.chars().for_each(|character| push_escaped(&mut safe, character));
        safe
    }

    fn is_visible(text: &str) -> bool {
        text.chars().all(|character| character == '\n' || !is_harmful(character))
    }

    proptest! {
        #[test]
        fn json_keeps_its_value(texts in proptest::collection::vec("\\PC*|.*|[\\x00-\\x1f\u{7f}-\u{9f}\u{200b}-\u{2069}#\\[a]*", 0..4)) {
            for json in [serde_json::to_string(&texts), serde_json::to_string_pretty(&texts)] {
                let safe = escape_json(&json.unwrap_or_default());
                prop_assert!(is_visible(&safe) && !safe.contains("##["), "{safe}");
                prop_assert_eq!(serde_json::from_str::<Vec<String>>(&safe).ok(), Some(texts.clone()));
            }
        }

        #[test]
        fn lines_are_fit_to_print_each_by_itself(lines in proptest::collection::vec("(\\PC|:|\u{1b}|\\[|[0-9a-m]|#| )*\n", 0..4)) {
            let each: String = lines.iter().map(|line| fit_to_print(line, true)).collect();
            prop_assert_eq!(fit_to_print(&lines.concat(), true), each);
            let each: String = lines.iter().map(|line| escape_json(line)).collect();
            prop_assert_eq!(escape_json(&lines.concat()), each);
        }

        #[test]
        fn what_is_printed_is_harmless(text in "(\\PC|.|\n|:|\u{1b}|\u{9b}|\\[|#| )*") {
            let safe = fit_to_print(&text, false);
            prop_assert!(is_visible(&safe), "{safe}");
            prop_assert!(safe.lines().all(|line| !line.trim_start().starts_with("::")), "{safe}");
            prop_assert!(!safe.contains("##["), "{safe}");
            prop_assert_eq!(fit_to_print(&safe, false), safe);
            prop_assert!(is_visible(&escaped(&text)) && !escaped(&text).contains('\n'));
            prop_assert_eq!(escaped(&text), one_by_one(&text));
        }
    }
}

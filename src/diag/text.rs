//! Texts that came from outside, made fit for a terminal.

/// The most characters of somebody else's text in a message.
const QUOTED_LENGTH: usize = 80;

/// Whether a character could repaint or reorder a terminal: control characters and the invisible ones that change the
/// direction of text.
pub fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
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
        if is_harmful(character) {
            quoted.extend(character.escape_default());
        } else {
            quoted.push(character);
        }
    }
    quoted.push('`');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_neutralises_control_characters_and_cuts() {
        let cases = [
            ("hq-pbx", "`hq-pbx`".to_owned()),
            ("a\u{1b}[2Jb", "`a\\u{1b}[2Jb`".to_owned()),
            ("a\u{202e}b", "`a\\u{202e}b`".to_owned()),
            (&*"x".repeat(200), format!("`{}…`", "x".repeat(QUOTED_LENGTH))),
        ];
        for (text, expected) in cases {
            assert_eq!(quote(text), expected);
        }
    }
}

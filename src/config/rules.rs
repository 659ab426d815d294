//! A vendor's limits on one text.

use crate::model::Value;
use crate::model::table::TextRules;

/// What a text breaks, as a fragment that doesn't quote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Breach {
    pub(super) message: String,
    /// The vendor probably refuses it, but doesn't say so.
    pub(super) is_doubt: bool,
}

/// Everything that a value breaks; the texts in lists and records are looked at one by one.
pub(super) fn breaches(rules: &TextRules, value: &Value) -> Vec<Breach> {
    match value {
        Value::Text(text) => of_text(rules, text),
        Value::Secret(secret) => of_text(rules, secret.expose()),
        Value::List(values) | Value::Record(values) => {
            let mut found: Vec<Breach> = values.iter().flat_map(|value| breaches(rules, value)).collect();
            found.dedup();
            found
        }
        Value::Unset | Value::NotReadable | Value::Integer(_) | Value::Bool(_) => Vec::new(),
    }
}

/// Everything that a text breaks. An empty text only has to be there where it is required, which isn't said here.
pub(super) fn of_text(rules: &TextRules, text: &str) -> Vec<Breach> {
    let mut found = Vec::new();
    if text.is_empty() {
        return found;
    }
    let mut error = |message: String| {
        found.push(Breach { message, is_doubt: false });
    };
    let length = text.chars().count();
    if length < rules.min_length {
        error(format!("is shorter than {} characters", rules.min_length));
    }
    if length > rules.max_length {
        error(format!("is longer than {} characters", rules.max_length));
    }
    if rules.digits && !text.bytes().all(|byte| byte.is_ascii_digit()) {
        error("may only hold digits".to_owned());
    }
    if let Some(word) = rules.reserved.iter().find(|word| word.eq_ignore_ascii_case(text)) {
        error(format!("can't be `{word}`, which means something else to the vendor"));
    }
    if holds_one_of(text, rules.refused) {
        error(format!("holds a character that the vendor refuses: none of {}", listed(rules.refused)));
    }
    let mut doubt = |message: String| {
        found.push(Breach { message, is_doubt: true });
    };
    if holds_one_of(text, rules.doubtful) {
        doubt(format!("holds a character that the vendor may refuse: better none of {}", listed(rules.doubtful)));
    }
    if length < rules.doubtful_below {
        doubt(format!("is shorter than {} characters, which the vendor may refuse", rules.doubtful_below));
    }
    found
}

fn holds_one_of(text: &str, characters: &str) -> bool {
    !characters.is_empty() && text.contains(|character| characters.contains(character))
}

/// The characters in a row, a space by its name.
fn listed(characters: &str) -> String {
    let visible: String = characters.chars().filter(|character| !character.is_whitespace()).collect();
    match (characters.contains(' '), visible.is_empty()) {
        (true, true) => "a space".to_owned(),
        (true, false) => format!("{visible} and space"),
        (false, _) => visible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::table::ANY_TEXT;

    #[test]
    fn each_rule_is_told() {
        let rules =
            TextRules { min_length: 2, max_length: 4, refused: ",", doubtful: " &", reserved: &["all"], ..ANY_TEXT };
        let cases: [(&str, &[&str]); 7] = [
            ("", &[]),
            ("abc", &[]),
            ("a", &["is shorter"]),
            ("abcde", &["is longer than 4"]),
            ("äöüß", &[]),
            ("ALL", &["can't be `all`"]),
            ("a, b", &["holds a character that the vendor refuses", "holds a character that the vendor may refuse"]),
        ];
        for (text, expected) in cases {
            let found = of_text(&rules, text);
            assert_eq!(found.len(), expected.len(), "{text}: {found:?}");
            for (breach, beginning) in found.iter().zip(expected) {
                assert!(breach.message.starts_with(beginning), "{text}: {breach:?}");
            }
        }
        let short = TextRules { doubtful_below: 4, ..ANY_TEXT };
        assert!(of_text(&short, "sip").iter().all(|breach| breach.is_doubt));
        assert_eq!([of_text(&short, "sip").len(), of_text(&short, "sips").len(), of_text(&short, "").len()], [1, 0, 0]);
        let digits = TextRules { digits: true, ..ANY_TEXT };
        assert_eq!(of_text(&digits, "2004").len(), 0);
        assert_eq!(of_text(&digits, "+2004").len(), 1);
    }
}

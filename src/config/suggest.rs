//! "Did you mean": the known word that is nearest to what was written.

/// How similar two words have to be, from 0 to 1.
const LEAST_SIMILARITY: f64 = 0.6;

/// The most characters of a word that is compared: the comparison takes time by the square.
const LONGEST_WORD: usize = 64;

/// The known word that somebody most likely meant.
pub(super) fn nearest<'w>(written: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    if written.len() > LONGEST_WORD {
        return None;
    }
    let written = normal(written);
    let similarity = |word: &'w str| (strsim::normalized_damerau_levenshtein(&written, &normal(word)), word);
    let candidates = known.into_iter().filter(|word| word.len() <= LONGEST_WORD).map(similarity);
    let best = candidates.max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))?;
    (best.0 >= LEAST_SIMILARITY).then_some(best.1)
}

/// A hint for an unknown word: the nearest known one, or else all of them.
pub(super) fn hint(written: &str, known: &[&str]) -> String {
    match nearest(written, known.iter().copied()) {
        Some(word) => format!("did you mean `{word}`?"),
        None if known.is_empty() => "there is none yet".to_owned(),
        None => format!("expected one of {}", listed(known)),
    }
}

/// Words as a list, not too long.
pub(super) fn listed(words: &[&str]) -> String {
    const MOST: usize = 20;
    let first: Vec<&str> = words.iter().copied().take(MOST).collect();
    let rest = if words.len() > MOST { ", …" } else { "" };
    format!("{}{rest}", first.join(", "))
}

fn normal(word: &str) -> String {
    word.to_ascii_lowercase().replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["password", "username", "port", "from_user", "auth_name"];
        let cases = [
            ("pasword", Some("password")),
            ("Password", Some("password")),
            ("from-user", Some("from_user")),
            ("prot", Some("port")),
            ("authname", Some("auth_name")),
            ("zzz", None),
            ("", None),
        ];
        for (written, expected) in cases {
            assert_eq!(nearest(written, known), expected, "{written}");
        }
        assert_eq!(nearest(&"p".repeat(100_000), known), None);
    }
}

//! `${env:NAME}`, `${file:PATH}` and `${cmd:COMMAND}` in texts; `$${` stands for a plain `${`.

/// What a text is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'t> {
    /// Text as it is.
    Literal(&'t str),
    /// The environment variable of this name.
    Env(&'t str),
    /// The content of this file.
    File(&'t str),
    /// The output of this command.
    Cmd(&'t str),
}

/// What is wrong with a reference, as a fragment that holds nothing of the text: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) &'static str);

/// What to write instead of a malformed reference.
pub(super) const HOW_TO_REFER: &str =
    "write `${env:NAME}`, `${file:PATH}` or `${cmd:COMMAND}`; a plain `${` is written `$${`";

/// What stands for the number in the texts of a number's entry.
pub(super) const NUMBER: &str = "{number}";

const OPENING: &str = "${";

impl Part<'_> {
    fn is_reference(&self) -> bool {
        !matches!(self, Self::Literal(_))
    }
}

/// Takes a text apart.
pub(super) fn parse(text: &str) -> Result<Vec<Part<'_>>, Malformed> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(OPENING) {
        let (before, from) = rest.split_at(at);
        if let Some(literal) = before.strip_suffix('$') {
            // "$" of the escape, "${" itself is what it stands for.
            push_literal(&mut parts, literal);
            push_literal(&mut parts, OPENING);
            rest = from.get(OPENING.len()..).unwrap_or_default();
            continue;
        }
        push_literal(&mut parts, before);
        let inner = from.get(OPENING.len()..).unwrap_or_default();
        let end = closing(inner).ok_or(Malformed("a reference without its closing `}`"))?;
        parts.push(reference(inner.get(..end).unwrap_or_default())?);
        rest = inner.get(end + 1..).unwrap_or_default();
    }
    push_literal(&mut parts, rest);
    Ok(parts)
}

/// Whether a text has a reference in it, be it malformed.
pub(super) fn refers(text: &str) -> bool {
    // Most texts have no `$`, and looking for one sign is many times quicker than looking for two.
    let (mut rest, mut is_escaped) = (text, false);
    while let Some((before, after)) = rest.split_once('$') {
        let follows_dollar = before.is_empty() && rest.len() < text.len();
        if after.starts_with('{') {
            if !follows_dollar {
                return true;
            }
            is_escaped = true;
        }
        rest = after;
    }
    is_escaped && parse(text).map_or(true, |parts| parts.iter().any(Part::is_reference))
}

/// Whether a text is sound and has a reference in it, and no `{number}` in any reference: whatever the number is, the text
/// is sound.
pub(super) fn is_sound(text: &str) -> bool {
    let is_fixed = |part: &Part<'_>| match part {
        Part::Literal(_) => true,
        Part::Env(inner) | Part::File(inner) | Part::Cmd(inner) => !has_number(inner),
    };
    parse(text).is_ok_and(|parts| parts.iter().any(Part::is_reference) && parts.iter().all(is_fixed))
}

/// Whether `${` is in a text, be it escaped.
pub(super) fn has_opening(text: &str) -> bool {
    text.contains('$') && text.contains(OPENING)
}

/// Whether `{number}` is in a text.
pub(super) fn has_number(text: &str) -> bool {
    text.contains('{') && text.contains(NUMBER)
}

fn push_literal<'t>(parts: &mut Vec<Part<'t>>, text: &'t str) {
    if !text.is_empty() {
        parts.push(Part::Literal(text));
    }
}

/// Where the brace closes that was open before `text`; braces inside are counted, as in `${cmd:awk '{print}' f}`.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn reference(inner: &str) -> Result<Part<'_>, Malformed> {
    let (scheme, name) = inner.split_once(':').ok_or(Malformed("a reference that doesn't say what it refers to"))?;
    match scheme {
        "env" if is_variable(name) => Ok(Part::Env(name)),
        "env" => Err(Malformed("a reference to an environment variable whose name can't be one")),
        "file" | "cmd" if name.trim().is_empty() => Err(Malformed("a reference with nothing behind the colon")),
        "file" => Ok(Part::File(name)),
        "cmd" => Ok(Part::Cmd(name)),
        _ => Err(Malformed("a reference of an unknown sort")),
    }
}

fn is_variable(name: &str) -> bool {
    let begins_well = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    begins_well && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use Part::{Cmd, Env, File, Literal};

    #[test]
    fn texts_are_taken_apart() {
        let cases: [(&str, &[Part<'_>]); 11] = [
            ("", &[]),
            ("plain $x {y} $", &[Literal("plain $x {y} $")]),
            ("${env:A_1}", &[Env("A_1")]),
            ("a-${env:X}-b", &[Literal("a-"), Env("X"), Literal("-b")]),
            ("${env:A}${env:B}", &[Env("A"), Env("B")]),
            ("${file:secrets/7moor}", &[File("secrets/7moor")]),
            ("${cmd:awk '{print $1}' f}!", &[Cmd("awk '{print $1}' f"), Literal("!")]),
            ("${cmd:pass show a:b}", &[Cmd("pass show a:b")]),
            ("$${env:X}", &[Literal("${"), Literal("env:X}")]),
            ("a$$${env:X}", &[Literal("a$"), Literal("${"), Literal("env:X}")]),
            ("$${${env:X}}", &[Literal("${"), Env("X"), Literal("}")]),
        ];
        for (text, expected) in cases {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
            let has_reference = expected.iter().any(|part| !matches!(part, Literal(_)));
            assert_eq!(refers(text), has_reference, "{text}");
        }
    }

    #[test]
    fn malformed_references_are_refused_without_quoting() {
        for text in
            ["${", "${}", "${X}", "${env:}", "${env:A-B}", "${env:1}", "${vault:x}", "${file:}", "${cmd: }", "a${env:X"]
        {
            let Malformed(message) = parse(text).unwrap_err();
            assert!(!message.contains(text), "{text}");
            assert!(refers(text), "{text}");
        }
    }
}

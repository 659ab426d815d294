//! Values: what a kind's table says of a field's type, and a vendor's limits, as JSON Schema.
//!
//! The loader takes scalars as the text that they are, so a text may stand without quotes as a number or as true, and a
//! number may stand in quotes.

use serde_json::{Map, Value as Json, json};

use crate::model::Type;
use crate::model::field::Member;
use crate::model::table::{ANY_TEXT, TextRules};

/// What may stand in a text for something that isn't known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holes {
    /// Nothing: the text stands for itself.
    None,
    /// References.
    References,
    /// References, and `{number}`.
    Numbers,
}

/// What a value is held to beside its type.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// What may stand in its texts.
    pub(super) holes: Holes,
    /// It can't be empty.
    pub(super) filled: bool,
    /// Limits that every vendor shares.
    pub(super) limits: TextRules,
}

impl Rules {
    /// Any text with references in it.
    pub(super) const ANY: Self = Self { holes: Holes::References, filled: false, limits: ANY_TEXT };
    /// Text that stands for itself.
    pub(super) const WORD: Self = Self { holes: Holes::None, filled: true, limits: ANY_TEXT };
}

/// A text that is no reference: each `${` in it is escaped as `$${`.
const NO_REFERENCE: &str = r"^([^$]|\$+[^${]|\$\$+\{)*\$*$";

/// A value of this type.
pub(super) fn value(ty: &Type, rules: Rules) -> Json {
    match *ty {
        Type::Text => text(rules),
        Type::Host => host(rules),
        Type::Integer { min, max } => integer(min, max, rules.holes),
        Type::Bool => yes_or_no(rules.holes),
        Type::Choice(choices) => choice(choices, rules.holes),
        Type::List(item) | Type::Set(item) => list(item, rules),
        Type::Record(members) => record(members, rules),
        Type::Joined(parts) => joined(parts, rules),
    }
}

/// A text within limits. One that has a hole may be anything: what it will hold is checked when it is known.
pub(super) fn text(rules: Rules) -> Json {
    let mut patterns = Vec::new();
    if rules.holes == Holes::None {
        patterns.push((NO_REFERENCE.to_owned(), "a text that stands for itself, without a reference".to_owned()));
    }
    if let Some((pattern, expected)) = limited(&rules) {
        patterns.push((with_holes(&pattern, rules.holes), expected));
    }
    let mut schema = json!({ "type": ["string", "number", "boolean"] });
    if let Some(reserved) = reserved(rules.limits.reserved) {
        insert(&mut schema, "not", reserved);
    }
    let mut patterns = patterns.into_iter();
    if let Some((pattern, expected)) = patterns.next() {
        must_match(&mut schema, &pattern, &expected);
    }
    let more = patterns.map(|(pattern, expected)| {
        let mut more = json!({});
        must_match(&mut more, &pattern, &expected);
        more
    });
    let more: Vec<Json> = more.collect();
    if !more.is_empty() {
        insert(&mut schema, "allOf", more.into());
    }
    schema
}

/// The pattern of a text within limits, and what it asks for; `None` where it asks for nothing.
fn limited(rules: &Rules) -> Option<(String, String)> {
    let TextRules { min_length, max_length, refused, digits, .. } = rules.limits;
    let least = min_length.max(1);
    let count = match (least, max_length) {
        (1, usize::MAX) => "+".to_owned(),
        (least, usize::MAX) => format!("{{{least},}}"),
        (least, most) => format!("{{{least},{most}}}"),
    };
    let character = match (digits, refused) {
        (true, _) => "[0-9]".to_owned(),
        (false, "") => r"[\s\S]".to_owned(),
        (false, refused) => format!("[^{}]", escaped(refused)),
    };
    let is_bound = rules.filled || count != "+" || digits || !refused.is_empty();
    let optional = if rules.filled { "" } else { "?" };
    let pattern = format!("^({character}{count}){optional}$");
    is_bound.then(|| (pattern, expected(rules)))
}

fn expected(rules: &Rules) -> String {
    let TextRules { min_length, max_length, refused, digits, .. } = rules.limits;
    let mut parts = vec![if digits { "digits".to_owned() } else { "a text".to_owned() }];
    parts.extend((rules.filled && min_length < 2).then(|| "not empty".to_owned()));
    parts.extend((min_length > 1).then(|| format!("at least {min_length} characters")));
    parts.extend((max_length != usize::MAX).then(|| format!("at most {max_length} characters")));
    parts.extend((!refused.is_empty()).then(|| format!("none of {refused}")));
    parts.join(", ")
}

fn reserved(words: &[&str]) -> Option<Json> {
    let words: Vec<_> = words.iter().map(|word| any_case(word)).collect();
    (!words.is_empty()).then(|| json!({ "type": "string", "pattern": format!("^({})$", words.join("|")) }))
}

fn host(rules: Rules) -> Json {
    let count = if rules.filled { '+' } else { '*' };
    let mut schema = json!({ "type": ["string", "number", "boolean"] });
    let pattern = with_holes(&format!(r"^[^\s/@,;]{count}$"), rules.holes);
    must_match(&mut schema, &pattern, &Type::Host.expected());
    schema
}

fn integer(min: i64, max: i64, holes: Holes) -> Json {
    let spelled = with_holes(r"^\s*[+-]?[0-9]+\s*$", holes);
    let expected = Type::Integer { min, max }.expected();
    json!({ "anyOf": [{ "type": "integer", "minimum": min, "maximum": max }, matching(&spelled, &expected)] })
}

/// Yes or no in any of the loader's spellings.
pub(super) fn yes_or_no(holes: Holes) -> Json {
    let words = ["true", "false", "yes", "no"].map(any_case).join("|");
    let spelled = with_holes(&format!(r"^\s*({words}|0|1)\s*$"), holes);
    json!({ "anyOf": [{ "type": "boolean" }, { "enum": [0, 1] }, matching(&spelled, &Type::Bool.expected())] })
}

/// What says yes.
pub(super) fn yes() -> Json {
    let words = ["true", "yes"].map(any_case).join("|");
    json!({ "anyOf": [{ "enum": [true, 1] }, matching(&format!(r"^\s*({words}|1)\s*$"), "true")] })
}

/// One of these in any case; editors offer them as they are.
pub(super) fn choice(choices: &[&str], holes: Holes) -> Json {
    let words: Vec<_> = choices.iter().map(|choice| any_case(choice)).collect();
    let spelled = with_holes(&format!(r"^\s*({})\s*$", words.join("|")), holes);
    json!({ "anyOf": [{ "enum": choices }, matching(&spelled, &format!("one of {}", choices.join(", ")))] })
}

/// Exactly this choice, in any case.
pub(super) fn chosen(choice: &str) -> Json {
    matching(&format!(r"^\s*{}\s*$", any_case(choice)), choice)
}

fn list(item: &Type, rules: Rules) -> Json {
    let items = value(item, Rules { filled: false, ..rules });
    let mut schema = json!({ "type": "array", "items": items });
    if rules.filled {
        insert(&mut schema, "minItems", 1.into());
    }
    schema
}

fn record(members: &[Member], rules: Rules) -> Json {
    let properties = members.iter().map(|member| {
        let schema = value(&member.ty, Rules { limits: ANY_TEXT, filled: false, ..rules });
        (member.name.to_owned(), described(schema, &sentence(member.doc)))
    });
    object(properties.collect(), &[])
}

fn joined(parts: &[&str], rules: Rules) -> Json {
    let properties = parts.iter().map(|part| {
        let pattern = if *part == "name" { r"^([^,\s]([^,]*[^,\s])?)?$" } else { r"^[^,\s]([^,]*[^,\s])?$" };
        let mut schema = json!({ "type": ["string", "number", "boolean"] });
        must_match(&mut schema, &with_holes(pattern, rules.holes), "a text without a comma, and no space around it");
        ((*part).to_owned(), described(schema, &format!("The {part}; a text without a comma.")))
    });
    object(properties.collect(), parts)
}

/// A mapping with these keys and no other.
pub(super) fn object(properties: Map<String, Json>, required: &[&str]) -> Json {
    let mut schema = json!({ "type": "object", "additionalProperties": false });
    insert(&mut schema, "properties", properties.into());
    if !required.is_empty() {
        insert(&mut schema, "required", required.into());
    }
    schema
}

/// The schema with a description, which editors show beside the key.
pub(super) fn described(mut schema: Json, description: &str) -> Json {
    insert(&mut schema, "description", description.into());
    schema
}

/// Adds a keyword.
pub(super) fn insert(schema: &mut Json, keyword: &str, value: Json) {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert(keyword.to_owned(), value);
    }
}

/// A string that fits; editors that know `patternErrorMessage` show that instead of the pattern.
pub(super) fn matching(pattern: &str, expected: &str) -> Json {
    let mut schema = json!({ "type": "string" });
    must_match(&mut schema, pattern, expected);
    schema
}

fn must_match(schema: &mut Json, pattern: &str, expected: &str) {
    insert(schema, "pattern", pattern.into());
    insert(schema, "patternErrorMessage", format!("expected {expected}").into());
}

/// The pattern, or anything with a hole in it.
pub(super) fn with_holes(pattern: &str, holes: Holes) -> String {
    match holes {
        Holes::None => pattern.to_owned(),
        Holes::References => format!(r"{pattern}|\$\{{"),
        Holes::Numbers => format!(r"{pattern}|\$\{{|\{{number\}}"),
    }
}

/// A word without regard to case, in a dialect that knows no flags.
fn any_case(word: &str) -> String {
    let character = |character: char| match character {
        letter if letter.is_ascii_alphabetic() => {
            format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase())
        }
        other => escaped(other.encode_utf8(&mut [0; 4])),
    };
    word.chars().map(character).collect()
}

/// Characters that stand for themselves, inside of brackets and outside.
fn escaped(characters: &str) -> String {
    let character = |character: char| match character {
        plain if plain.is_alphanumeric() || matches!(plain, ',' | ' ' | '_') => plain.to_string(),
        sign => format!("\\{sign}"),
    };
    characters.chars().map(character).collect()
}

/// A line of documentation as a sentence.
pub(super) fn sentence(doc: &str) -> String {
    let mut characters = doc.chars();
    let first = characters.next().map(char::to_uppercase).into_iter().flatten();
    let mut sentence: String = first.chain(characters).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}

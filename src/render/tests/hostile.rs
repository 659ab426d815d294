//! Texts from outside, in every field of every document, can't break a format or mean anything in it.

use proptest::prelude::*;
use quick_xml::events::Event as Xml;
use serde_json::Value as Json;

use super::samples;
use crate::diag::is_harmful;
use crate::render::{Document, Format, render};

/// What formats act on, glued together with anything.
pub(super) fn text() -> impl Strategy<Value = String> {
    let charms = prop::sample::select(vec![
        "|",
        "`",
        "```",
        "````\n",
        "~~~",
        "<",
        "</details>",
        "<script>",
        "-->",
        "]]>",
        "&amp;",
        "\"",
        "'",
        "@everyone",
        "\n",
        "\r\n",
        "\n::error::x",
        "::set-output name=a::b",
        "%0A",
        "%",
        ":",
        ",",
        "\u{1b}[2J",
        "\u{0}",
        "\u{fffe}",
        "\u{202e}",
        "[x](http://e)",
        "https://evil.example",
        "#1",
        "*b*",
        "\\",
        "\\|",
        "${x}",
        "名",
        "𝕏",
        "<!--",
        "\u{2028}",
        "=",
        " ",
    ]);
    let parts = prop::collection::vec(prop_oneof![charms.prop_map(str::to_owned), "\\PC{0,6}", any::<String>()], 0..8);
    parts.prop_map(|parts| parts.concat())
}

/// A document with every text in it exchanged, but for the schema and for the words that a version knows.
fn infest(json: &mut Json, texts: &mut impl Iterator<Item = String>, words: bool) {
    match json {
        Json::String(old) => *old = texts.next().unwrap_or_default(),
        Json::Array(items) => items.iter_mut().for_each(|item| infest(item, texts, words)),
        Json::Object(members) => {
            for (name, member) in members {
                let word = ["action", "outcome", "class", "severity"].contains(&name.as_str());
                if name != "schema" && (words || !word) {
                    infest(member, texts, words);
                }
            }
        }
        _ => {}
    }
}

pub(super) fn documents(
    texts: &[String],
    words: bool,
) -> (crate::plan::PlanDocument, crate::render::apply::ApplyDocument, crate::render::drift::DriftDocument) {
    let mut texts = texts.iter().cloned().cycle();
    let mut plan = serde_json::to_value(samples::plan()).unwrap();
    let mut apply = serde_json::to_value(samples::apply()).unwrap();
    let mut drift = serde_json::to_value(samples::drift()).unwrap();
    for document in [&mut plan, &mut apply, &mut drift] {
        infest(document, &mut texts, words);
    }
    (
        serde_json::from_value(plan).unwrap(),
        serde_json::from_value(apply).unwrap(),
        serde_json::from_value(drift).unwrap(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_text_breaks_a_format(texts in prop::collection::vec(text(), 1..23), words in any::<bool>()) {
        let (plan, apply, drift) = documents(&texts, words);
        for document in [Document::from(&plan), Document::from(&apply), Document::from(&drift)] {
            for format in Format::ALL {
                check(document, format);
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_long_text_keeps_a_comment_within_its_bounds(unit in text(), times in 0..20_000_usize) {
        let long = if unit.is_empty() { String::new() } else { unit.repeat(times.min(20_000 / unit.len())) };
        let (plan, ..) = documents(&[long], false);
        markdown(&render((&plan).into(), Format::Markdown, None));
    }
}

fn check(document: Document<'_>, format: Format) {
    let text = render(document, format, None);
    assert!(text.ends_with('\n'), "{format:?}");
    let harmful = text.chars().find(|character| *character != '\n' && is_harmful(*character));
    match format {
        // JSON escapes control characters by itself; the document is kept as it is.
        Format::Json | Format::Gitlab | Format::TerraformJson => drop(json(&text)),
        Format::Sarif => sarif(&text),
        Format::Ndjson => ndjson(&text),
        Format::Text => assert_eq!(harmful, None, "{text}"),
        Format::Markdown => markdown(&text),
        Format::Html => html(&text),
        Format::Junit => junit(document, &text),
        Format::Github => github(document, &text),
    }
    if !matches!(format, Format::Json | Format::Ndjson | Format::TerraformJson) {
        assert_eq!(harmful, None, "{format:?}: {text}");
    }
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_else(|error| unreachable!("{error}: {text}"))
}

fn sarif(text: &str) {
    let log = json(text);
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        assert!(
            uri.chars().all(|character| character.is_ascii_alphanumeric() || "-._~/%:".contains(character)),
            "{uri}"
        );
    }
}

fn ndjson(text: &str) {
    let types: Vec<_> = text.lines().map(|line| json(line)["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(types.first().map(String::as_str), Some("version"));
    assert_eq!(types.last().map(String::as_str), Some("summary"));
}

/// Read as Markdown does it: outside fenced blocks and code spans there is nothing but our own words.
fn markdown(text: &str) {
    assert!(text.len() <= 65_536);
    let mut fence: Option<String> = None;
    for line in text.lines() {
        let ticks: String = line.chars().take_while(|character| *character == '`').collect();
        match &fence {
            Some(open) if line == *open => fence = None,
            Some(open) => assert!(ticks.len() < open.len(), "{line:?} ends a block of {open}"),
            None if ticks.len() >= 3 && ["text", "diff"].contains(&&line[ticks.len()..]) => fence = Some(ticks),
            None => own_words(line),
        }
    }
    assert_eq!(fence, None, "an open block:\n{text}");
}

fn own_words(line: &str) {
    let tags = [
        "<p>",
        "</p>",
        "<details>",
        "</details>",
        "<summary>",
        "</summary>",
        "<code>",
        "</code>",
        "<!-- sipform:plan -->",
        "<!-- sipform:apply -->",
        "<!-- sipform:drift -->",
    ];
    let mut bare = without_code_spans(line);
    for tag in tags {
        bare = bare.replace(tag, "");
    }
    assert!(!bare.contains(['<', '>', '@', '`']), "{bare:?} of {line:?}");
    if !line.starts_with("<p>") && !line.starts_with("<details>") {
        assert!(!bare.contains("http") && !bare.contains(['[', ']']), "{bare:?} of {line:?}");
    }
}

/// As `CommonMark` finds them: a run of backticks up to the next run of the same length.
fn without_code_spans(line: &str) -> String {
    let characters: Vec<char> = line.chars().collect();
    let run = |at: usize| characters[at..].iter().take_while(|character| **character == '`').count();
    let (mut bare, mut at) = (String::new(), 0);
    while at < characters.len() {
        let open = run(at);
        if open == 0 {
            bare.push(characters[at]);
            at += 1;
            continue;
        }
        let mut close = at + open;
        while close < characters.len() && run(close) != open {
            close += run(close).max(1);
        }
        at = close + open;
    }
    bare
}

fn html(text: &str) {
    for tag in text.split('<').skip(1) {
        let name: String = tag.chars().take_while(|character| *character != '>' && *character != ' ').collect();
        assert!(name != "script" || text.matches("<script").count() <= 1, "{text}");
        assert!(name != "everyone" && !tag.is_empty(), "{text}");
    }
}

fn junit(document: Document<'_>, text: &str) {
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut depth, mut cases) = (0, 0);
    loop {
        match reader.read_event().unwrap_or_else(|error| unreachable!("{error}: {text}")) {
            Xml::Start(tag) => {
                depth += 1;
                cases += usize::from(tag.name().as_ref() == "testcase");
                assert!(
                    tag.attributes().all(|attribute| attribute
                        .is_ok_and(|it| it.normalized_value(quick_xml::XmlVersion::Implicit1_0).is_ok())),
                    "{text}"
                );
            }
            Xml::End(_) => depth -= 1,
            Xml::Text(inner) => drop(inner.into_inner()),
            Xml::GeneralRef(name) => {
                assert!(["amp", "lt", "gt", "quot", "apos"].contains(&name.as_ref()), "{text}");
            }
            Xml::Eof => break,
            _ => {}
        }
    }
    let view = crate::render::view::View::new(document);
    assert_eq!((depth, cases), (0, 1 + view.diagnostics.len() + view.targets.len() + view.items.len()), "{text}");
}

fn github(document: Document<'_>, text: &str) {
    let view = crate::render::view::View::new(document);
    let findings = view.items.iter().filter(|item| item.is_finding()).count();
    assert_eq!(text.lines().count(), 1 + view.diagnostics.len() + findings, "{text}");
    for line in text.lines() {
        let (head, _) = line.strip_prefix("::").and_then(|rest| rest.split_once("::")).unwrap();
        let (word, properties) = head.split_once(' ').unwrap();
        assert!(["error", "warning", "notice"].contains(&word), "{line}");
        for property in properties.split(',') {
            let (name, value) = property.split_once('=').unwrap();
            assert!(["file", "line", "col", "title"].contains(&name) && !value.contains(':'), "{line}");
        }
    }
}

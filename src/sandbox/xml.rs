//! XML as OpenVox writes it: `<xml>`, with one element for each member.
//!
//! Requests are flat: `<xml><caller>101</caller>…</xml>`. Answers may hold lists: `<trunks><item id="0">…</item></trunks>`.

use std::fmt::Write as _;

use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};
use serde_json::{Map, Value};

/// The root's name.
const ROOT: &str = "xml";

/// What an answer begins with.
const DECLARATION: &str = r#"<?xml version="1.0" encoding="utf-8"?>"#;

/// Reads a request's members, all of them texts. `None`: it isn't well-formed, has another root, a document type, an
/// element within an element, text beside the elements, or an element twice.
pub(super) fn read(body: &[u8]) -> Option<Map<String, Value>> {
    let mut reader = Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut request = Request::default();
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => request.open(element.name().as_ref())?,
            Event::End(_) => request.close()?,
            Event::Empty(element) => {
                request.open(element.name().as_ref())?;
                request.close()?;
            }
            Event::Text(text) => request.text(&text.xml10_content())?,
            Event::CData(text) => request.text(&text.xml10_content())?,
            Event::GeneralRef(entity) => request.text(&resolve(&entity)?)?,
            Event::DocType(_) => return None,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return request.done.then_some(request.members),
        }
    }
}

/// A request while it is being read.
#[derive(Default)]
struct Request {
    members: Map<String, Value>,
    /// The member that is open, and its text so far.
    member: Option<(String, String)>,
    begun: bool,
    done: bool,
}

impl Request {
    fn open(&mut self, name: &str) -> Option<()> {
        if !self.begun {
            self.begun = true;
            return (name == ROOT).then_some(());
        }
        if self.done || self.member.is_some() || self.members.contains_key(name) {
            return None;
        }
        self.member = Some((name.to_owned(), String::new()));
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        match self.member.take() {
            Some((name, text)) => drop(self.members.insert(name, text.into())),
            None if self.begun && !self.done => self.done = true,
            None => return None,
        }
        Some(())
    }

    /// Between the elements only white space may stand.
    fn text(&mut self, text: &str) -> Option<()> {
        match &mut self.member {
            Some((_, member)) => member.push_str(text),
            None if text.trim().is_empty() => {}
            None => return None,
        }
        Some(())
    }
}

/// `&amp;`, `&#38;` and their like; other entities there are none.
fn resolve(entity: &BytesRef<'_>) -> Option<String> {
    match entity.resolve_char_ref().ok()? {
        Some(character) => Some(character.into()),
        None => resolve_predefined_entity(entity).map(str::to_owned),
    }
}

/// An answer: the members of an object, lists as items with their place.
pub(super) fn write(answer: &Value) -> String {
    let mut text = format!("{DECLARATION}\n<{ROOT}>");
    write_value(&mut text, answer);
    text.push_str("</xml>\n");
    text
}

// Writing to a string can't fail.
fn write_value(text: &mut String, value: &Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let _ = write!(text, "<{name}>");
                write_value(text, value);
                let _ = write!(text, "</{name}>");
            }
        }
        Value::Array(items) => {
            for (place, item) in items.iter().enumerate() {
                let _ = write!(text, "<item id=\"{place}\">");
                write_value(text, item);
                text.push_str("</item>");
            }
        }
        Value::Null => {}
        Value::String(value) => text.push_str(&escape(legal(value))),
        Value::Bool(_) | Value::Number(_) => {
            let _ = write!(text, "{value}");
        }
    }
}

/// XML can't hold every character, escaped or not. A line break of another system would be read as this one's.
fn legal(text: &str) -> String {
    let is_legal = |c: char| !c.is_control() || ['\t', '\n'].contains(&c);
    text.chars().map(|c| if is_legal(c) { c } else { char::REPLACEMENT_CHARACTER }).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_request_is_read_only_if_it_is_flat_and_whole() {
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>";
        for (text, expected) in [
            (
                format!("{head}\n<xml>\n\t<caller>101</caller>\n\t<callee>102</callee>\n</xml>\n"),
                Some(json!({ "caller": "101", "callee": "102" })),
            ),
            ("<xml></xml>".into(), Some(json!({}))),
            ("<xml/>".into(), Some(json!({}))),
            ("<xml><a/></xml>".into(), Some(json!({ "a": "" }))),
            ("<xml><!-- x --><a> 1 </a></xml>".into(), Some(json!({ "a": " 1 " }))),
            ("<xml><a>&lt;&amp;&#65;<![CDATA[<&]]></a></xml>".into(), Some(json!({ "a": "<&A<&" }))),
            ("<xml><a>&xxe;</a></xml>".into(), None),
            ("<!DOCTYPE xml [<!ENTITY xxe \"x\">]><xml><a>&xxe;</a></xml>".into(), None),
            ("<xml><a>1</a><a>2</a></xml>".into(), None),
            ("<xml><a><b>1</b></a></xml>".into(), None),
            ("<xml>text</xml>".into(), None),
            ("<xml><a>1</a></xml><xml/>".into(), None),
            ("<xml><a>1</a></xml>x".into(), None),
            ("<xml><a>1</b></xml>".into(), None),
            ("<xml><a>1</a>".into(), None),
            ("<root><a>1</a></root>".into(), None),
            ("<html><body>busy</body></html>".into(), None),
            ("{}".into(), None),
            (head.into(), None),
        ] {
            assert_eq!(read(text.as_bytes()).map(Value::Object), expected, "{text}");
        }
        assert_eq!(read(&[0xff, 0xfe]), None);
    }

    #[test]
    fn an_answer_is_written_as_in_the_samples() {
        let answer = json!({ "status": "Success", "trunks": [{ "id": "2" }, { "id": "3", "fromuser": "" }] });
        let expected = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<xml><status>Success</status><trunks>\
            <item id=\"0\"><id>2</id></item><item id=\"1\"><fromuser></fromuser><id>3</id></item></trunks></xml>\n";
        assert_eq!(write(&answer), expected);
        assert!(write(&json!({ "a": "\u{1}<&>" })).contains("<a>\u{fffd}&lt;&amp;&gt;</a>"));
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(text in "[\\t\\n -~ä-ü電話]{0,20}") {
            let members = json!({ "a": text });
            prop_assert_eq!(read(write(&members).as_bytes()).map(Value::Object).unwrap(), members);
        }

        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..100), text in "[<>/xmla&;!\\[\\]\"= -]{0,60}") {
            read(&body);
            read(text.as_bytes());
        }
    }
}

//! Parameters to XML, and XML to the same records that JSON gives.
//!
//! An answer is `<xml>` around elements of text; a list is an element around `<item>`s. No page of HTML is that, so it is
//! an error and never an empty list. A document type is refused: it could define entities that grow without end.

use bytes::Bytes;
use quick_xml::Reader;
use quick_xml::escape::{escape, resolve_predefined_entity};
use quick_xml::events::{BytesRef, Event};
use serde_json::{Map, Value as Json};

use crate::http::{Failure, FailureKind, sealed};
use crate::provider::limits::MAX_TEXT_BYTES;
use crate::provider::loose::Record;
use crate::provider::pbx::Params;

/// The element around every body, in both directions.
const ROOT: &str = "xml";
/// An entry of a list.
const ITEM: &str = "item";
/// How many elements may stand in each other. The vendor's answers have four: `xml`, `trunks`, `item`, a field.
pub(super) const MAX_DEPTH: usize = 8;
/// The most elements: each takes more room than it takes in the answer.
pub(super) const MAX_ELEMENTS: usize = 1_000_000;

/// Why an answer can't be read. It never shows a part of the answer, which may hold passwords.
pub(super) type Reason = &'static str;

/// Writes parameters as elements.
///
/// # Errors
/// A text holds a character that XML has no way to write.
pub(super) fn write(params: &Params) -> Result<Bytes, Failure> {
    let mut body = String::from(r#"<?xml version="1.0" encoding="UTF-8" ?><xml>"#);
    for (name, text) in params.iter() {
        if !text.chars().all(can_be_written) {
            let message = format!("{name} holds a control character, which XML can't hold");
            return Err(Failure::new(FailureKind::Refused, "bad_value", message).hint("remove it, or set format: json"));
        }
        for part in ["<", name, ">", &escape(text), "</", name, ">"] {
            body.push_str(part);
        }
    }
    body.push_str("</xml>");
    Ok(sealed(body))
}

/// XML 1.0, production `Char`.
fn can_be_written(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

/// Reads an answer's root into a record: a text for an element of text, an object for one of elements, an array for one of
/// `<item>`s or for elements of the same name.
///
/// # Errors
/// Why it is no answer of the PBX's.
pub(super) fn read(body: &[u8]) -> Result<Record, Reason> {
    let text = std::str::from_utf8(body).map_err(|_| "it isn't UTF-8")?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}').trim());
    let mut tree = Tree::default();
    loop {
        match reader.read_event().map_err(|_| "it is not well-formed XML")? {
            Event::Start(start) => tree.open(start.name().0)?,
            Event::Empty(start) => {
                tree.open(start.name().0)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.text(&text.xml10_content())?,
            Event::CData(text) => tree.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => tree.text(&resolve(&reference)?)?,
            Event::DocType(_) => return Err("it has a document type"),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return tree.finish(),
        }
    }
}

/// `&lt;` and `&#60;`; nothing that a document type would define.
fn resolve(reference: &BytesRef<'_>) -> Result<String, Reason> {
    const UNKNOWN: Reason = "it has an entity that XML doesn't define";
    match reference.resolve_char_ref().map_err(|_| UNKNOWN)? {
        Some(character) => Ok(character.into()),
        None => resolve_predefined_entity(reference).map(Into::into).ok_or(UNKNOWN),
    }
}

/// The elements that are open, outermost first, and the root once it is closed.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    elements: usize,
    root: Option<Json>,
}

struct Element {
    name: String,
    text: String,
    children: Vec<(String, Json)>,
}

impl Tree {
    fn open(&mut self, name: &str) -> Result<(), Reason> {
        if self.root.is_some() {
            return Err("something follows its root");
        }
        if self.open.is_empty() && name != ROOT {
            return Err("its root is not xml");
        }
        if self.open.len() == MAX_DEPTH {
            return Err("its elements are nested more than 8 deep, the deepest that is read");
        }
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err("it has more than 1000000 elements, the most that is read");
        }
        self.open.push(Element { name: name.to_owned(), text: String::new(), children: Vec::new() });
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Reason> {
        match self.open.last_mut() {
            Some(element) if element.text.len() + text.len() > MAX_TEXT_BYTES => {
                return Err("it has a text of more than 65536 bytes, the longest that is read");
            }
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err("there is text outside of its root"),
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), Reason> {
        let element = self.open.pop().ok_or("it closes what it didn't open")?;
        let name = element.name.clone();
        let value = element.value()?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push((name, value)),
            None => self.root = Some(value),
        }
        Ok(())
    }

    fn finish(self) -> Result<Record, Reason> {
        match self.root {
            _ if !self.open.is_empty() => Err("it is cut off"),
            Some(Json::Object(record)) => Ok(record),
            Some(_) => Err("its root holds no elements"),
            None => Err("it has no root"),
        }
    }
}

impl Element {
    fn value(self) -> Result<Json, Reason> {
        let Self { text, children, .. } = self;
        if children.is_empty() {
            return Ok(Json::String(text));
        }
        if !text.trim().is_empty() {
            return Err("it mixes text and elements");
        }
        if children.iter().all(|(name, _)| name == ITEM) {
            return Ok(Json::Array(children.into_iter().map(|(_, value)| value).collect()));
        }
        Ok(Json::Object(gather(children)))
    }
}

/// Elements by name. Those of the same name become one array, so that none of them is lost: a field that is there twice
/// is no text any more, and so not readable.
fn gather(children: Vec<(String, Json)>) -> Map<String, Json> {
    let mut record = Map::new();
    for (name, value) in children {
        match record.get_mut(&name) {
            None => {
                record.insert(name, value);
            }
            Some(Json::Array(entries)) => entries.extend(list(value)),
            Some(first) => *first = Json::Array(list(first.take()).into_iter().chain(list(value)).collect()),
        }
    }
    record
}

/// The entries of a list; a value that is none is its own only entry.
fn list(value: Json) -> Vec<Json> {
    match value {
        Json::Array(entries) => entries,
        Json::String(text) if text.trim().is_empty() => Vec::new(),
        one => vec![one],
    }
}

//! YAML text into events with places. The only file that names the parser; everything else sees [`Event`].

use std::borrow::Cow;

use saphyr_parser::{Event as ParserEvent, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::node::Mark;

/// How deep lists and mappings may be nested in one list item.
pub(super) const MAX_DEPTH: usize = 32;

/// Something wrong with the YAML itself.
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) mark: Mark,
    /// The first of two duplicates.
    pub(super) first: Option<Mark>,
    pub(super) hint: Option<&'static str>,
}

/// The rest of the file can't be read.
pub(super) struct Broken(pub(super) Problem);

/// One step through a file.
pub(super) struct Step<'t> {
    pub(super) event: Event<'t>,
    /// By which an alias refers to what begins here; 0 is none.
    pub(super) anchor: usize,
    /// Whether it has a tag that sipform doesn't read.
    pub(super) is_tagged: bool,
    pub(super) mark: Mark,
    /// Behind its last character: line from 1, column from 0. For a quoted text, the spaces behind it are counted in.
    pub(super) end: (usize, usize),
}

/// What a step is.
pub(super) enum Event<'t> {
    /// A text; `null` where it is unquoted and empty, `~` or `null`.
    Scalar {
        text: Cow<'t, str>,
        null: bool,
    },
    /// The value of the anchor with this number again.
    Alias(usize),
    List,
    ListEnd,
    Map,
    MapEnd,
    /// A document begins or ends.
    Boundary,
    /// The file ends.
    End,
}

impl Step<'_> {
    /// The file's end.
    pub(super) fn end() -> Self {
        step(ParserEvent::StreamEnd, Span::default())
    }

    /// Whether it is the file's end.
    pub(super) fn is_end(&self) -> bool {
        matches!(self.event, Event::End)
    }
}

/// The events of one file, in order.
pub(super) struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// The file, where a character's place is its byte's.
    ascii: Option<&'t str>,
}

impl<'t> Events<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { parser: Parser::new_from_str(text), ascii: text.is_ascii().then_some(text) }
    }

    /// The next one; behind the end, the end again. Must not be called after an error.
    pub(super) fn next(&mut self) -> Result<Step<'t>, Broken> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok(step(self.borrowed(event, &span), span)),
            Some(Err(error)) => Err(syntax_error(&error)),
            None => Ok(Step::end()),
        }
    }

    /// The same; a text that stands in the file as it is isn't a copy of it: what one thread takes from the system and
    /// another gives back makes both wait.
    fn borrowed(&self, event: ParserEvent<'t>, span: &Span) -> ParserEvent<'t> {
        let ParserEvent::Scalar(text, style, anchor, tag) = event else { return event };
        let start = span.start.index() + usize::from(style != ScalarStyle::Plain);
        let written = self.ascii.and_then(|file| file.get(start..)?.get(..text.len()));
        let text = written.filter(|written| *written == text).map_or(text, Cow::Borrowed);
        ParserEvent::Scalar(text, style, anchor, tag)
    }
}

fn step(event: ParserEvent<'_>, span: Span) -> Step<'_> {
    let (event, anchor, tag) = match event {
        ParserEvent::Scalar(text, style, anchor, tag) => {
            let null = style == ScalarStyle::Plain && is_null(&text) && !tag.as_deref().is_some_and(is_text_tag);
            (Event::Scalar { text, null }, anchor, tag)
        }
        ParserEvent::Alias(anchor) => (Event::Alias(anchor), 0, None),
        ParserEvent::SequenceStart(anchor, tag) => (Event::List, anchor, tag),
        ParserEvent::SequenceEnd => (Event::ListEnd, 0, None),
        ParserEvent::MappingStart(anchor, tag) => (Event::Map, anchor, tag),
        ParserEvent::MappingEnd => (Event::MapEnd, 0, None),
        ParserEvent::StreamEnd => (Event::End, 0, None),
        ParserEvent::Nothing | ParserEvent::StreamStart | ParserEvent::DocumentStart(_) | ParserEvent::DocumentEnd => {
            (Event::Boundary, 0, None)
        }
    };
    let is_tagged = tag.is_some_and(|tag| !tag.is_yaml_core_schema());
    let end = (span.end.line(), span.end.col());
    Step { event, anchor, is_tagged, mark: mark(span), end }
}

fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// `!!str`.
fn is_text_tag(tag: &Tag) -> bool {
    tag.is_yaml_core_schema() && tag.suffix == "str"
}

/// The parser's message in our words. Of its own only those are passed on that quote nothing from the file.
fn syntax_error(error: &ScanError) -> Broken {
    let mark = Mark { line: narrow(error.marker().line()), column: narrow(error.marker().col() + 1), length: 0 };
    match error.info() {
        "recursion limit exceeded" => too_deep(mark),
        "while parsing node, found unknown anchor" => {
            let hint = "a text that begins with `*` has to stand in quotes";
            broken("yaml_syntax", "an alias (`*…`) without its anchor", mark, Some(hint))
        }
        info if info.starts_with("unexpected character") => {
            let hint = "put the text in quotes";
            broken("yaml_syntax", "a character that can't begin a text", mark, Some(hint))
        }
        info => broken("yaml_syntax", format!("not YAML: {info}"), mark, None),
    }
}

/// The error for too deep a nesting.
pub(super) fn too_deep(mark: Mark) -> Broken {
    let message = format!("lists and mappings nested more than {MAX_DEPTH} deep");
    broken("too_deep", message, mark, None)
}

/// An error that ends the reading.
pub(super) fn broken(code: &'static str, message: impl Into<String>, mark: Mark, hint: Option<&'static str>) -> Broken {
    let message = message.into();
    Broken(Problem { code, message, mark, first: None, hint })
}

fn mark(span: Span) -> Mark {
    let is_one_line = span.start.line() == span.end.line();
    let length = span.end.index().saturating_sub(span.start.index());
    Mark {
        line: narrow(span.start.line()),
        column: narrow(span.start.col() + 1),
        length: if is_one_line { narrow(length) } else { 0 },
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

//! The only way in which anything gets into the page.
//!
//! Markup is what the program itself is made of (`&'static str`); everything else is text and comes out escaped. So no
//! value can become markup by an oversight, and a template engine would not add to that.

use crate::render::style::printable;

/// A page being written.
#[derive(Debug, Default)]
pub(super) struct Markup(String);

impl Markup {
    /// Markup of our own. Attributes in it are in double quotes.
    pub(super) fn put(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text between tags or in a quoted attribute. What nobody could see in it is shown as an escape, line ends too.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !b"&<>\"'".contains(&byte)) {
            self.0.push_str(text);
            return self;
        }
        for character in printable(text).chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// Text amid other text, which it can't reorder, whatever direction its script has.
    pub(super) fn isolated(&mut self, text: &str) -> &mut Self {
        self.put("<bdi>").text(text).put("</bdi>")
    }

    /// A message that may have several lines.
    pub(super) fn lines(&mut self, text: &str) -> &mut Self {
        for (index, line) in text.lines().enumerate() {
            self.put(if index == 0 { "<bdi>" } else { "<br><bdi>" }).text(line).put("</bdi>");
        }
        self
    }

    /// A number with separators, as in 10,000.
    pub(super) fn number(&mut self, number: usize) -> &mut Self {
        let digits = number.to_string();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                self.0.push(',');
            }
            self.0.push(digit);
        }
        self
    }

    /// The page.
    pub(super) fn into_page(self) -> String {
        self.0
    }
}

//! A report as a page of its own.

use std::fmt::Write as _;

use super::document::told;
use super::style::printable;
use super::view::View;

/// The page.
pub fn page(view: &View<'_>) -> String {
    let title = format!("sipform {}: {}", view.verb.name(), view.headline());
    let mut body = String::new();
    for diagnostic in view.diagnostics {
        _ = writeln!(body, "<pre>{}</pre>", escape(&told(diagnostic)));
    }
    for item in &view.items {
        let (address, predicate) = (escape(item.address), escape(item.predicate()));
        _ = writeln!(body, "<p><code>{address}</code> {predicate}</p>");
    }
    let title = escape(&title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body>\n\
         <h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

/// Text from outside as it may stand between tags and in a quoted attribute; control characters are shown, not acted on.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let (line, end) = line.strip_suffix('\n').map_or((line, ""), |line| (line, "\n"));
        for character in printable(line).chars() {
            match character {
                '&' => safe.push_str("&amp;"),
                '<' => safe.push_str("&lt;"),
                '>' => safe.push_str("&gt;"),
                '"' => safe.push_str("&quot;"),
                '\'' => safe.push_str("&#39;"),
                other => safe.push(other),
            }
        }
        safe.push_str(end);
    }
    safe
}

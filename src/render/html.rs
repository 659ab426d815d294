//! A report as a page of its own: one file that asks for nothing from elsewhere.
//!
//! For a reviewer who gets it as a pipeline's artifact, and for whoever is called at night and reads it on a phone: first
//! how much and how dangerous, then what went wrong or takes something away, then the rest. The script only narrows the
//! list; without it everything is there. The page lets nothing run or load but its own style and script.

mod change;
mod facet;
mod filter;
mod markup;
mod summary;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use self::facet::{facets, phrase, rank};
use self::markup::Markup;
use super::document::Verb;
use super::view::{Item, View};

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// From this many items on, those out of sight aren't laid out.
const LONG: usize = 200;

/// The page.
pub fn page(view: &View<'_>) -> String {
    let mut page = Markup::default();
    head(&mut page, view);
    page.put("<body>\n");
    if !view.items.is_empty() {
        page.put("<a class=\"skip\" href=\"#list\">Skip to what was found</a>\n");
    }
    summary::header(&mut page, view);
    page.put("<main>\n");
    if view.verb == Verb::Validate {
        filter::form(&mut page, view);
        summary::problems(&mut page, view);
    } else {
        summary::problems(&mut page, view);
        summary::targets(&mut page, view);
        filter::form(&mut page, view);
        list(&mut page, view);
    }
    page.put("</main>\n<footer><p>Written by sipform ").text(view.version).put(" from <code>").text(view.schema);
    page.put("</code>. Secrets are never shown.</p></footer>\n<script>")
        .put(SCRIPT)
        .put("</script>\n</body>\n</html>\n");
    page.into_page()
}

fn head(page: &mut Markup, view: &View<'_>) {
    page.put("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.put("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-");
    page.text(&hash(STYLE)).put("'; script-src 'sha256-").text(&hash(SCRIPT));
    page.put("'; base-uri 'none'; form-action 'none'\">\n");
    page.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    page.put("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    page.put("<title>sipform ").put(view.verb.name()).put(": ").text(&view.headline()).put("</title>\n");
    page.put("<style>").put(STYLE).put("</style>\n</head>\n");
}

/// As a content security policy names what it lets through.
fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

/// Every item, under one heading for each word.
fn list(page: &mut Markup, view: &View<'_>) {
    let mut items: Vec<&Item<'_>> = view.items.iter().collect();
    items.sort_by_key(|item| (rank(item.word), item.word, !item.destroys()));
    page.put(if items.len() < LONG { "<div id=\"list\">\n" } else { "<div id=\"list\" class=\"long\">\n" });
    for group in items.chunk_by(|a, b| a.word == b.word) {
        let word = group.first().map_or("", |item| item.word);
        page.put("<section class=\"group\">\n<h2><span class=\"number\">").number(group.len()).put("</span> ");
        page.text(&phrase(view, word)).put("</h2>\n");
        for item in group {
            change::entry(page, item, facets(view.verb));
        }
        page.put("</section>\n");
    }
    page.put("</div>\n");
}

//! One item: its address, what becomes of it, and what differs, side by side.

use super::facet::{Facet, tone_of};
use super::markup::Markup;
use crate::plan::document::SourceDocument;
use crate::render::document::Verb;
use crate::render::plan::forces_replacement;
use crate::render::view::{Item, Row, Severity};

/// The item. It stands open, so that it can be read without the script.
pub(super) fn entry(page: &mut Markup, item: &Item<'_>, facets: &[Facet]) {
    let rows = item.rows();
    let bare = rows.is_empty() && item.reason.is_none() && item.requires.is_empty() && item.resets.is_empty();
    page.put(if bare { "<div" } else { "<details open" }).put(" class=\"entry ").put(tone_of(item));
    page.put(if item.severity != Severity::Note || item.destroys() { " heavy\"" } else { "\"" });
    for facet in facets {
        page.put(" data-").put(facet.key).put("=\"").text(&(facet.of)(item)).put("\"");
    }
    page.put(if bare { "><p class=\"head\">" } else { "><summary class=\"head\">" });
    head(page, item);
    if bare {
        page.put("</p></div>\n");
        return;
    }
    page.put("</summary>\n<div class=\"body\">");
    notes(page, item);
    if !rows.is_empty() {
        table(page, item, &rows);
    }
    page.put("</div></details>\n");
}

fn head(page: &mut Markup, item: &Item<'_>) {
    let sign = match item.action {
        "create" => "+",
        "update" => "~",
        "replace" => "±",
        "delete" => "−",
        _ => "!",
    };
    page.put("<span class=\"sign\" aria-hidden=\"true\">").put(sign).put("</span><b class=\"address\">");
    page.isolated(item.address).put("</b> <span class=\"what\">").put(item.predicate());
    if let Some(deed) = deed(item) {
        page.put(deed);
    }
    page.put("</span> ");
    place(page, item.source);
}

/// What apply would do about a difference, where the class alone doesn't say.
fn deed(item: &Item<'_>) -> Option<&'static str> {
    match (item.verb, item.action) {
        (Verb::Drift, "create") => Some("; apply would create it"),
        (Verb::Drift, "update") => Some("; apply would update it"),
        (Verb::Drift, "replace") => Some("; apply would replace it"),
        (Verb::Drift, "delete") => Some("; apply would delete it"),
        _ => None,
    }
}

/// Where the YAML asks for it.
pub(super) fn place(page: &mut Markup, source: Option<&SourceDocument>) {
    let Some(source) = source else {
        page.put("<span class=\"place\">not in the YAML</span>");
        return;
    };
    page.put("<span class=\"place\">").isolated(&source.file);
    page.put(":").text(&source.line.to_string()).put("</span>");
}

fn notes(page: &mut Markup, item: &Item<'_>) {
    if let Some(reason) = item.reason {
        page.put("<p class=\"note\"><b>Why:</b> ").lines(reason);
        if let Some(code) = item.code {
            page.put(" <code>").isolated(code).put("</code>");
        }
        page.put("</p>");
    }
    if !item.resets.is_empty() {
        page.put(
            "<p class=\"note warn\"><b>Resets:</b> the vendor's update replaces everything, and sipform doesn't know ",
        );
        listed(page, item.resets);
    }
    if !item.requires.is_empty() {
        page.put("<p class=\"note\"><b>After:</b> ");
        listed(page, item.requires);
    }
}

fn listed(page: &mut Markup, texts: &[String]) {
    for (index, text) in texts.iter().enumerate() {
        page.put(if index == 0 { "<code>" } else { ", <code>" }).isolated(text).put("</code>");
    }
    page.put("</p>");
}

fn table(page: &mut Markup, item: &Item<'_>, rows: &[Row]) {
    let creates = item.action == "create";
    page.put("<table class=\"fields");
    page.put(if creates { " made\"" } else { "\"" });
    page.put("><thead><tr><th scope=\"col\">Field</th>");
    if !creates {
        page.put("<th scope=\"col\">").put(if item.verb == Verb::Apply { "Before" } else { "Live" }).put("</th>");
    }
    page.put("<th scope=\"col\">YAML</th></tr></thead><tbody>\n");
    for row in rows {
        page.put("<tr><th scope=\"row\">").isolated(&row.name);
        if item.action == "replace" && forces_replacement(item.address, &row.name) {
            page.put(" <small class=\"bad\">can't change in place</small>");
        }
        page.put("</th>");
        cells(page, row, creates);
        page.put("</tr>\n");
    }
    page.put("</tbody></table>");
}

fn cells(page: &mut Markup, row: &Row, creates: bool) {
    let (before, after) = (row.before.as_deref().unwrap_or("(none)"), row.after.as_deref().unwrap_or("(none)"));
    match (row.secret, creates) {
        (true, true) => _ = page.put("<td class=\"secret\">(secret)"),
        (true, false) => _ = page.put("<td class=\"secret\" colspan=\"2\">(secret changed)"),
        (false, true) => _ = page.put("<td class=\"after\">").text(after),
        (false, false) => sides(page, before, after),
    }
    if let Some(why) = &row.deferred {
        page.put(" <small class=\"later\">deferred: ").text(why).put("</small>");
    }
    page.put("</td>");
}

/// Both values; what they don't share is marked. The second cell stays open.
fn sides(page: &mut Markup, before: &str, after: &str) {
    let (head, tail) = shared(before, after);
    page.put("<td class=\"before\">");
    parts(page, before, (head, tail), ("<del>", "</del>"));
    page.put("</td><td class=\"after\">");
    parts(page, after, (head, tail), ("<ins>", "</ins>"));
}

fn parts(page: &mut Markup, text: &str, (head, tail): (usize, usize), (open, close): (&'static str, &'static str)) {
    let split = text.len().checked_sub(tail).and_then(|end| text.split_at_checked(end));
    let (rest, end) = split.unwrap_or((text, ""));
    let (start, middle) = rest.split_at_checked(head).unwrap_or(("", rest));
    page.text(start);
    if !middle.is_empty() {
        page.put(open).text(middle).put(close);
    }
    page.text(end);
}

/// How many bytes two values share at their start and at their end; none where that is less than half of the longer one,
/// since marks within words would then only confuse.
fn shared(before: &str, after: &str) -> (usize, usize) {
    let same = |(a, b): &(char, char)| a == b;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(same).map(|(character, _)| character.len_utf8()).sum()
    };
    let head = length(&mut before.chars().zip(after.chars()));
    let (rest_before, rest_after) = (before.get(head..).unwrap_or(""), after.get(head..).unwrap_or(""));
    let tail = length(&mut rest_before.chars().rev().zip(rest_after.chars().rev()));
    if 2 * (head + tail) < before.len().max(after.len()) { (0, 0) } else { (head, tail) }
}

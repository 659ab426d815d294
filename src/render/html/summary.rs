//! What comes before the list: how much, how dangerous, where, and what is wrong.

use super::change::place;
use super::facet::{phrase, pick, rank, tone};
use super::markup::Markup;
use crate::plan::document::{DiagnosticDocument, TargetDocument};
use crate::render::document::Verb;
use crate::render::view::{Group, Severity, View, severity_of};

/// The title, the numbers, and what has to be known before anything else.
pub(super) fn header(page: &mut Markup, view: &View<'_>) {
    page.put("<header>\n<p class=\"tool\">sipform ").put(view.verb.name()).put("</p>\n<h1>");
    page.text(&view.headline()).put("</h1>\n");
    if view.got_through {
        numbers(page, view);
        left_alone(page, view);
    }
    verdict(page, view);
    page.put("</header>\n");
}

fn numbers(page: &mut Markup, view: &View<'_>) {
    if view.counts.iter().all(|count| !count.found || count.number == 0) {
        return;
    }
    page.put("<ul class=\"counts\">\n");
    for count in view.counts.iter().filter(|count| count.found) {
        page.put("<li class=\"").put(if count.number == 0 { "none" } else { tone(count.word) }).put("\">");
        let link = count.number > 0 && view.verb != Verb::Validate;
        if link {
            pick(page, view, None, count.word);
        }
        page.put("<b>").number(count.number).put("</b> ").put(count.phrase).put(if link { "</a>" } else { "" });
        page.put("</li>\n");
    }
    page.put("</ul>\n");
}

fn left_alone(page: &mut Markup, view: &View<'_>) {
    if view.counts.iter().all(|count| count.found) {
        return;
    }
    page.put("<ul class=\"rest\">");
    for count in view.counts.iter().filter(|count| !count.found) {
        page.put("<li>").number(count.number).put(" ").put(count.phrase).put("</li>");
    }
    page.put("</ul>\n");
}

/// What has to be known before anything else: first what is lost, then what is wrong, then what wasn't seen.
fn verdict(page: &mut Markup, view: &View<'_>) {
    match view.verb {
        Verb::Plan => takes_away(page, view),
        Verb::Apply => left_undone(page, view),
        Verb::Drift | Verb::Validate => {}
    }
    let errors = view.diagnostics.iter().filter(|diagnostic| severity_of(diagnostic) == Severity::Error).count();
    if errors > 0 && view.verb != Verb::Validate {
        page.put("<p class=\"note bad\"><b>").number(errors).put(if errors == 1 { " error" } else { " errors" });
        page.put(":</b> <a href=\"#problems\">see below</a>.</p>\n");
    }
    for target in view.targets.iter().filter(|target| !target.complete) {
        page.put("<p class=\"note bad\"><b>Not everything was read</b> on ").isolated(&target.name);
        page.put(": what wasn't seen isn't in this report.</p>\n");
    }
}

fn takes_away(page: &mut Markup, view: &View<'_>) {
    let destroyed = view.items.iter().filter(|item| item.destroys()).count();
    if destroyed > 0 {
        page.put("<p class=\"note bad\"><b>Takes away what is there:</b> ").number(destroyed);
        page.put(if destroyed == 1 { " object is" } else { " objects are" }).put(" deleted or replaced.</p>\n");
    } else if view.items.iter().any(|item| item.word != "cannot_converge") {
        page.put("<p class=\"note good\">Nothing is deleted or replaced.</p>\n");
    }
}

fn left_undone(page: &mut Markup, view: &View<'_>) {
    let changes = || view.items.iter().filter(|item| item.word != "cannot_converge");
    let undone = changes().filter(|item| item.word != "done").count();
    if undone > 0 {
        page.put("<p class=\"note bad\"><b>").number(undone).put(" of ").number(changes().count());
        page.put(" changes</b> weren't done, as far as anybody can say. The reasons are below; ");
        page.put("<code>sipform plan</code> shows what is left to do.</p>\n");
    }
}

/// Where: a line a target. Those come first that weren't read whole, then those with what is worst.
pub(super) fn targets(page: &mut Markup, view: &View<'_>) {
    let mut groups = view.by_target();
    groups.sort_by_key(|group| {
        let worst = group.items.iter().map(|item| rank(item.word)).min();
        (group.target.is_some_and(|target| target.complete), worst.unwrap_or(usize::MAX))
    });
    if groups.is_empty() {
        return;
    }
    page.put("<section>\n<h2>Targets</h2>\n<table class=\"targets\"><thead><tr><th scope=\"col\">Target</th>");
    page.put("<th scope=\"col\">Found</th><th scope=\"col\">Read</th></tr></thead><tbody>\n");
    for group in &groups {
        page.put("<tr><th scope=\"row\">").isolated(group.name);
        if let Some(target) = group.target {
            page.put(" <small>").isolated(&target.provider).put(", ").isolated(&target.url).put("</small>");
        }
        page.put("</th><td>");
        found(page, view, group);
        page.put("</td><td>");
        if let Some(target) = group.target {
            read(page, target);
        }
        page.put("</td></tr>\n");
    }
    page.put("</tbody></table>\n</section>\n");
}

fn found(page: &mut Markup, view: &View<'_>, group: &Group<'_, '_>) {
    let mut words: Vec<&str> = group.items.iter().map(|item| item.word).collect();
    words.sort_by_key(|word| (rank(word), *word));
    if words.is_empty() {
        page.put("<span class=\"quiet\">nothing</span>");
    }
    for (index, same) in words.chunk_by(|a, b| a == b).enumerate() {
        page.put(if index == 0 { "" } else { ", " });
        let word = same.first().copied().unwrap_or_default();
        pick(page, view, Some(group.name), word);
        page.number(same.len()).put(" ").text(&phrase(view, word)).put("</a>");
    }
}

fn read(page: &mut Markup, target: &TargetDocument) {
    page.put(if target.complete { "everything" } else { "<b class=\"bad\">not everything</b>" });
    lines(page, " not readable, so neither compared nor sent", &target.not_readable);
    lines(page, " unmanaged: in no YAML, left alone", &target.unmanaged);
}

fn lines(page: &mut Markup, what: &'static str, names: &[String]) {
    if names.is_empty() {
        return;
    }
    page.put("<details><summary>").number(names.len()).put(what).put("</summary><ul>");
    for name in names {
        page.put("<li><code>").isolated(name).put("</code></li>");
    }
    page.put("</ul></details>");
}

/// Errors first, then warnings. Where there is nothing else, they are what can be searched.
pub(super) fn problems(page: &mut Markup, view: &View<'_>) {
    if view.diagnostics.is_empty() {
        return;
    }
    let mut diagnostics: Vec<_> = view.diagnostics.iter().collect();
    diagnostics.sort_by_key(|diagnostic| severity_of(diagnostic));
    page.put("<section id=\"problems\"").put(if view.verb == Verb::Validate { " class=\"group\"" } else { "" });
    page.put(">\n<h2>Errors and warnings</h2>\n");
    for diagnostic in diagnostics {
        problem(page, diagnostic, view.verb == Verb::Validate);
    }
    page.put("</section>\n");
}

fn problem(page: &mut Markup, diagnostic: &DiagnosticDocument, searched: bool) {
    let DiagnosticDocument { severity, code, message, source, address, target, hint } = diagnostic;
    page.put(if searched { "<div class=\"entry problem " } else { "<div class=\"problem " });
    page.put(if severity_of(diagnostic) == Severity::Error { "bad" } else { "warn" });
    page.put("\"><p class=\"head\"><b class=\"what\">")
        .text(severity)
        .put("</b> <code>")
        .isolated(code)
        .put("</code> ");
    if source.is_some() {
        place(page, source.as_ref());
    }
    page.put("</p><div class=\"body\"><p>").lines(message).put("</p>");
    if let Some(about) = address.as_deref().or(target.as_deref()) {
        page.put("<p>About <code>").isolated(about).put("</code></p>");
    }
    if let Some(hint) = hint {
        page.put("<p class=\"note\"><b>What to do:</b> ").lines(hint).put("</p>");
    }
    page.put("</div></div>\n");
}

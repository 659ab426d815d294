//! The form that narrows the list. It needs the script, which shows it.

use std::collections::BTreeMap;

use super::facet::{Facet, facets};
use super::markup::Markup;
use crate::render::document::Verb;
use crate::render::view::View;

/// The form; none where there is nothing to narrow.
pub(super) fn form(page: &mut Markup, view: &View<'_>) {
    let all = if view.verb == Verb::Validate { view.diagnostics.len() } else { view.items.len() };
    if all == 0 {
        return;
    }
    page.put("<form id=\"filter\" role=\"search\" aria-label=\"Narrow the list\" hidden>\n");
    page.put("<label class=\"search\">Search <input type=\"search\" name=\"q\" autocomplete=\"off\" ");
    page.put("spellcheck=\"false\" placeholder=\"name, value, file\"></label>\n");
    for facet in facets(view.verb) {
        select(page, view, facet);
    }
    page.put("<p class=\"buttons\"><button type=\"reset\">Show all</button>");
    if view.verb != Verb::Validate {
        page.put(" <button type=\"button\" name=\"fold\">Fold</button>");
        page.put(" <button type=\"button\" name=\"unfold\">Unfold</button>");
    }
    page.put("</p>\n");
    page.put("<output role=\"status\" aria-live=\"polite\" data-noun=\"")
        .put(noun(view.verb))
        .put("\"></output>\n</form>\n");
}

fn noun(verb: Verb) -> &'static str {
    match verb {
        Verb::Validate => "Problems",
        Verb::Plan | Verb::Apply => "Changes",
        Verb::Drift => "Differences",
    }
}

fn select(page: &mut Markup, view: &View<'_>, facet: &Facet) {
    let mut values: BTreeMap<String, usize> = BTreeMap::new();
    for item in &view.items {
        *values.entry((facet.of)(item)).or_default() += 1;
    }
    page.put("<label>")
        .put(facet.label)
        .put(" <select name=\"")
        .put(facet.key)
        .put("\"><option value=\"\">all</option>");
    values.remove(""); // that is the value which stands for all
    for (value, number) in &values {
        page.put("<option value=\"").text(value).put("\">").text(value).put(" (").number(*number).put(")</option>");
    }
    page.put("</select></label>\n");
}

//! The page: what it looks like, that no text gets out of its place, that its policy lets its own parts through and no others.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use insta::assert_snapshot;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::{hostile, samples};
use crate::plan::PlanDocument;
use crate::render::{Document, Format, render};

fn page(document: Document<'_>) -> String {
    render(document, Format::Html, None)
}

/// What stands between two marks.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

fn body(page: &str) -> &str {
    between(page, "<body>\n", "<script>")
}

#[test]
fn each_command_has_a_page() {
    assert_snapshot!("plan.html", body(&page((&samples::plan()).into())));
    assert_snapshot!("apply.html", body(&page((&samples::apply()).into())));
    assert_snapshot!("drift.html", body(&page((&samples::drift()).into())));
    assert_snapshot!("validate.html", body(&page((&samples::validate()).into())));
}

#[test]
fn its_policy_lets_through_its_own_style_and_script_alone() {
    let page = page((&samples::plan()).into());
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let style = hash(between(&page, "<style>", "</style>"));
    let script = hash(between(&page, "<script>", "</script>"));
    let rest = "base-uri 'none'; form-action 'none'";
    assert_eq!(policy, format!("default-src 'none'; style-src {style}; script-src {script}; {rest}"));
    assert!(!page.contains('\r'), "a browser reads line ends as \\n, and the hash wouldn't fit");
    for outside in ["src=", "url(", "@import", "<link", "style=\"", " on"] {
        assert!(!tags(&page).any(|tag| tag.contains(outside)), "{outside}");
    }
    assert!(!page.contains("url(") && !page.contains("@import"));
}

/// Every tag with its attributes; the page has no `<` anywhere else.
fn tags(page: &str) -> impl Iterator<Item = &str> {
    page.split('<').skip(1).map(|rest| rest.split_once('>').unwrap_or((rest, "")).0)
}

/// A tag without what is in its attributes.
fn bare(tag: &str) -> String {
    let outside = tag.split('"').step_by(2);
    outside.collect::<Vec<_>>().join("\"\"")
}

fn infested(texts: &[String]) -> [String; 3] {
    let (plan, apply, drift) = hostile::documents(texts, false);
    [page((&plan).into()), page((&apply).into()), page((&drift).into())]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The same document with a harmless word in place of every text has the same tags, with the same attributes.
    #[test]
    fn no_text_becomes_a_tag(texts in prop::collection::vec(hostile::text(), 1..9)) {
        let samples = [page((&samples::plan()).into()), page((&samples::apply()).into()), page((&samples::drift()).into())];
        let harmless = infested(&["harmless".to_owned(), "two\nlines".to_owned(), "a/b/c".to_owned()]);
        let known: BTreeSet<String> = samples.iter().chain(&harmless).flat_map(|page| tags(page)).map(bare).collect();
        for page in infested(&texts) {
            for tag in tags(&page) {
                prop_assert!(known.contains(&bare(tag)), "{}", tag);
            }
        }
    }
}

#[test]
fn what_destroys_comes_before_the_usual() {
    let page = page((&samples::plan()).into());
    let places: Vec<_> = ["hq/trunk/old", "hq/trunk/b", "cc/sip_number/2001", "hq/trunk/a", "cc/sip_number/2050"]
        .iter()
        .map(|address| page.find(&format!("<b class=\"address\"><bdi>{address}</bdi>")).unwrap())
        .collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(page.contains("<b>Takes away what is there:</b> 2 objects are deleted or replaced."), "{page}");
}

#[test]
fn what_two_values_share_is_not_marked() {
    let page = page((&samples::plan()).into());
    assert!(page.contains("&quot;172.16.108.1<del>6</del>&quot;</td><td class=\"after\">"), "{page}");
    assert!(page.contains("<del>&quot;peer&quot;</del>") && page.contains("<ins>&quot;account&quot;</ins>"), "{page}");
}

#[test]
fn the_page_grows_with_its_changes_and_no_faster() {
    let of = |number: usize| {
        let mut plan: PlanDocument = samples::plan();
        plan.changes = plan.changes.iter().cycle().take(number).cloned().collect();
        page((&plan).into()).len()
    };
    let (one, ten) = (of(500) - of(0), of(5_000) - of(0));
    assert!(ten < 11 * one && ten < 1_200 * 5_000, "{one} bytes for 500, {ten} for 5,000");
}

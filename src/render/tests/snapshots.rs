//! What each format looks like.

use insta::assert_snapshot;

use super::samples;
use crate::render::{Document, Format, render};

fn plan(format: Format) -> String {
    render((&samples::plan()).into(), format, None)
}

fn apply(format: Format) -> String {
    render((&samples::apply()).into(), format, None)
}

fn drift(format: Format) -> String {
    render((&samples::drift()).into(), format, None)
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    for format in Format::ALL {
        assert_eq!(plan(format), plan(format));
        assert!(plan(format).ends_with('\n'), "{format:?}");
        assert_eq!(Format::by_name(format.name()), Some(format));
    }
}

/// `INSTA_UPDATE=always cargo test` writes them anew.
#[test]
fn each_format_looks_like_this() {
    let formats = Format::ALL.into_iter().filter(|format| !matches!(format, Format::Json | Format::Html));
    for format in formats {
        assert_snapshot!(format!("plan.{}", format.name()), plan(format));
        assert_snapshot!(format!("apply.{}", format.name()), apply(format));
        assert_snapshot!(format!("drift.{}", format.name()), drift(format));
    }
    let validate = samples::validate();
    assert_snapshot!("validate.markdown", render(Document::from(&validate), Format::Markdown, Some("prod")));
}

#[test]
fn text_says_what_is_wrong_too() {
    let text = plan(Format::Text);
    assert!(
        text.contains("\n\nerror[unreadable]: cc can't be read whole: 3 of 4 numbers\n  = help: try again\n"),
        "{text}"
    );
}

/// Which counts are nothing because nothing was counted.
#[test]
fn a_run_that_ended_early_is_not_called_empty() {
    let diagnostics = samples::plan().diagnostics;
    let early = crate::plan::PlanDocument::of_diagnostics(diagnostics.clone());
    for format in [Format::Text, Format::Markdown, Format::Github, Format::Junit, Format::Sarif, Format::Html] {
        let text = render((&early).into(), format, None);
        assert!(!text.to_lowercase().contains("no changes"), "{format:?}: {text}");
        assert!(text.contains("3 of 4 numbers"), "{format:?}: {text}");
    }
    let drift = crate::render::drift::DriftDocument::of_diagnostics(diagnostics);
    let text = render((&drift).into(), Format::Markdown, None);
    assert!(text.contains("## sipform drift: ended before anything was compared"), "{text}");
}

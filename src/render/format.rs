//! The formats, and the one way from a document to each of them.

use super::document::Document;
use super::plan::Options;
use super::style::Color;
use super::view::View;
use super::{github, gitlab, html, junit, markdown, ndjson, sarif, terraform_json};
use crate::diag::escape_json;

/// What a report is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// The document itself.
    Json,
    /// One JSON object a line.
    Ndjson,
    /// A comment on a pull request.
    Markdown,
    /// A page of its own.
    Html,
    /// SARIF 2.1.0.
    Sarif,
    /// `JUnit` XML.
    Junit,
    /// GitHub's workflow commands.
    Github,
    /// GitLab's `reports:terraform`.
    Gitlab,
    /// The form of `terraform show -json`.
    TerraformJson,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Json,
        Self::Ndjson,
        Self::Markdown,
        Self::Html,
        Self::Sarif,
        Self::Junit,
        Self::Github,
        Self::Gitlab,
        Self::TerraformJson,
    ];

    /// As it is typed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::TerraformJson => "terraform-json",
        }
    }

    /// What it is for, in a line.
    pub fn about(self) -> &'static str {
        match self {
            Self::Text => "For people",
            Self::Json => "One JSON document, also on failure",
            Self::Ndjson => "One JSON object a line; apply writes them as things happen",
            Self::Markdown => "A comment on a pull request, bounded to what GitHub takes",
            Self::Html => "One self-contained page",
            Self::Sarif => "SARIF 2.1.0, for code scanning",
            Self::Junit => "JUnit XML, for test reports",
            Self::Github => "Annotations of a GitHub workflow",
            Self::Gitlab => "Counts for GitLab's reports:terraform",
            Self::TerraformJson => "The form of `terraform show -json`, for plan viewers and policy tools",
        }
    }

    /// By its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// A document in a format, whole: ends with a newline. The same document gives the same bytes. Text has no colours, and
/// says also what is wrong, since there are no messages beside it. `name` tells this Markdown comment from others.
pub fn render(document: Document<'_>, format: Format, name: Option<&str>) -> String {
    match format {
        Format::Text => text(document),
        Format::Json => escape_json(&document.json()),
        Format::Ndjson => escape_json(&ndjson::whole(document)),
        Format::Markdown => markdown::page(&View::new(document), name),
        Format::Html => html::page(&View::new(document)),
        Format::Sarif => escape_json(&sarif::log(&View::new(document))),
        Format::Junit => junit::report(&View::new(document)),
        Format::Github => github::commands(&View::new(document)),
        Format::Gitlab => escape_json(&gitlab::counts(&View::new(document))),
        Format::TerraformJson => escape_json(&terraform_json::plan(document)),
    }
}

fn text(document: Document<'_>) -> String {
    let text = document.text(Options { color: Color::Off, verbose: false });
    let told = document.told();
    let gap = if text.is_empty() || told.is_empty() { "" } else { "\n" };
    format!("{text}{gap}{told}")
}

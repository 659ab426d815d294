//! A report as a comment on a pull request: the numbers, what is wrong, then every change, its details folded.
//!
//! Text from outside stands only in code: in code spans, in fenced blocks, or escaped in HTML's `<code>`. So it can't
//! format anything, mention anybody or become a link.

use std::fmt::Write as _;

use super::document::{Verb, told};
use super::style::{printable, printable_lines};
use super::view::{Item, Severity, View};

/// GitHub takes 65,536 characters in a comment. Bytes are counted here: there are never fewer of them, whatever a platform
/// calls a character, and what is left is room for a line of the job's own.
pub const MOST_BYTES: usize = 65_000;
/// Kept free for the line that says what isn't shown.
const LAST_LINE: usize = 200;
/// Of this many bytes at most are the diagnostics: there has to be room for changes.
const DIAGNOSTICS: usize = 20_000;
/// The most that is shown of one diagnostic, in bytes.
const DIAGNOSTIC: usize = 4_000;

/// The comment. `name` tells it from those of other jobs: it must hold nothing but letters, digits and `._/-`.
pub fn page(view: &View<'_>, name: Option<&str>) -> String {
    let mut page = head(view, name);
    page.push_str(&diagnostics(view));
    let sections = sections(view);
    let blocks: Vec<_> = sections.iter().flat_map(Section::blocks).collect();
    let (shown, hidden, short) = fit(&blocks, MOST_BYTES.saturating_sub(page.len() + LAST_LINE));
    page.push_str(&shown);
    page.push_str(&left_out(hidden, short));
    page
}

/// The hidden line by which a job finds the comment to update.
pub fn marker(verb: Verb, name: Option<&str>) -> String {
    let name = name.map(|name| format!(" {name}")).unwrap_or_default();
    format!("<!-- sipform:{}{name} -->", verb.name())
}

fn head(view: &View<'_>, name: Option<&str>) -> String {
    let (verb, headline) = (view.verb.name(), view.headline());
    let of = name.map(|name| format!(" of {}", span(name))).unwrap_or_default();
    let mut head = format!("{}\n\n## sipform {verb}{of}: {headline}\n\n", marker(view.verb, name));
    if view.got_through {
        let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
        let phrases = view.counts.iter().map(|count| count.phrase.to_owned());
        head += &row(phrases.collect());
        head += &row(view.counts.iter().map(|_| "---:".to_owned()).collect());
        head += &row(view.counts.iter().map(|count| count.number.to_string()).collect());
        head.push('\n');
    }
    for target in view.targets.iter().filter(|target| !target.complete).take(50) {
        _ = writeln!(
            head,
            "**Not everything was read** on {}: what wasn't seen isn't in this report.\n",
            span(&cut(&target.name, 200))
        );
    }
    head
}

/// Errors first, whole, as many as there is room for.
fn diagnostics(view: &View<'_>) -> String {
    let mut told: Vec<_> = view.diagnostics.iter().collect();
    told.sort_by_key(|diagnostic| super::view::severity_of(diagnostic));
    let (mut text, mut hidden) = (String::new(), 0);
    for diagnostic in told {
        let block = fenced("text", &cut(&self::told(diagnostic), DIAGNOSTIC));
        if hidden == 0 && text.len() + block.len() <= DIAGNOSTICS {
            text += &block;
        } else {
            hidden += 1;
        }
    }
    if hidden > 0 {
        _ = writeln!(text, "… and {hidden} more errors or warnings.\n");
    }
    text
}

/// Items under a heading.
struct Section<'v, 'd> {
    title: String,
    items: Vec<&'v Item<'d>>,
}

/// One item, with the heading that stands above it if it is the first one of its section. It is drawn in two lengths, and
/// only as far as there is room: of a hundred thousand items a few hundred are shown.
struct Block<'v, 'd> {
    heading: Option<String>,
    item: &'v Item<'d>,
}

impl<'v, 'd> Section<'v, 'd> {
    fn blocks(&self) -> impl Iterator<Item = Block<'v, 'd>> {
        let heading = |index| (index == 0).then(|| format!("### {}\n\n", self.title));
        self.items.iter().enumerate().map(move |(index, item)| Block { heading: heading(index), item })
    }
}

/// What deserves a look comes first, whatever target it is on; then the rest by target.
fn sections<'v, 'd>(view: &'v View<'d>) -> Vec<Section<'v, 'd>> {
    let urgent = |item: &&Item<'_>| item.severity < Severity::Note;
    let first: Vec<_> = view.by_weight().into_iter().filter(urgent).collect();
    let rest = view.by_target().into_iter().map(|group| Section {
        title: span(group.name),
        items: group.items.into_iter().filter(|item| !urgent(item) && item.is_finding()).collect(),
    });
    let known: Vec<_> = view.items.iter().filter(|item| item.known.is_some()).collect();
    let noted: Vec<_> = view.items.iter().filter(|item| !item.is_finding() && item.known.is_none()).collect();
    let last = [("Known", known), ("In no YAML, or not shown by the vendor", noted)];
    let last = last.map(|(title, items)| Section { title: title.into(), items });
    let title = match view.verb {
        Verb::Apply => "Not done",
        Verb::Drift => "Changed outside, or out of reach",
        Verb::Plan | Verb::Validate => "Deleted, replaced, or out of reach",
    };
    let sections = std::iter::once(Section { title: title.into(), items: first }).chain(rest).chain(last);
    sections.filter(|section| !section.items.is_empty()).collect()
}

/// As many blocks as there is room for: first all of them short, then the first ones in full. Gives the text, how many
/// aren't there at all, and how many are there without their details.
fn fit(blocks: &[Block<'_, '_>], room: usize) -> (String, usize, usize) {
    let least = |block: &Block<'_, '_>| block.heading.as_ref().map_or(0, String::len) + short(block.item).len();
    let mut used = 0;
    let fitting = blocks.iter().take_while(|block| {
        used += least(block);
        used <= room
    });
    let shown = fitting.count();
    let mut used: usize = blocks.iter().take(shown).map(least).sum();
    let (mut text, mut without) = (String::new(), 0);
    for block in blocks.iter().take(shown) {
        text.push_str(block.heading.as_deref().unwrap_or_default());
        let (short, full) = (short(block.item), full(block.item));
        let more = full.len().saturating_sub(short.len());
        if used + more <= room {
            used += more;
            text.push_str(&full);
        } else {
            without += 1;
            text.push_str(&short);
        }
    }
    (text, blocks.len() - shown, without)
}

fn left_out(hidden: usize, short: usize) -> String {
    let whole = "`sipform show` on the saved plan, or a report in another format, has everything.";
    match (hidden, short) {
        (0, 0) => String::new(),
        (0, short) => format!("The details of {short} more changes aren't shown; {whole}\n"),
        (hidden, _) => format!("{hidden} more changes aren't shown; {whole}\n"),
    }
}

fn short(item: &Item<'_>) -> String {
    format!("<p>{}</p>\n\n", title(item))
}

fn full(item: &Item<'_>) -> String {
    let lines = lines(item);
    if lines.is_empty() {
        return short(item);
    }
    format!("<details><summary>{}</summary>\n\n{}</details>\n\n", title(item), fenced("diff", &lines))
}

/// In HTML.
fn title(item: &Item<'_>) -> String {
    let mark = if item.severity == Severity::Note { "" } else { "⚠️ " };
    let place = match item.source {
        Some(source) => format!("{}:{}", source.file, source.line),
        None => "not in the YAML".into(),
    };
    let (address, place) = (escape(item.address), escape(&place));
    format!("{mark}<code>{address}</code> {} (<code>{place}</code>)", item.predicate())
}

/// The details as a diff.
fn lines(item: &Item<'_>) -> String {
    let mut lines = String::new();
    for row in item.rows() {
        let later = row.deferred.as_ref().map(|why| format!("  (deferred: {why})")).unwrap_or_default();
        if row.secret {
            _ = writeln!(lines, "! {} = (secret){later}", row.name);
        }
        for (sign, value) in [('-', &row.before), ('+', &row.after)] {
            if let Some(value) = value {
                _ = writeln!(lines, "{sign} {} = {value}{later}", row.name);
            }
        }
    }
    if let Some(known) = item.known {
        _ = writeln!(lines, "# known until {}", printable(&known.expires));
    }
    if let Some(reason) = item.reason {
        let code = item.code.map(|code| format!(" [{}]", printable(code))).unwrap_or_default();
        _ = writeln!(lines, "# why: {}{code}", printable_lines(reason).replace('\n', "\n#   "));
    }
    for (what, listed) in [("resets", item.resets), ("after", item.requires)] {
        if !listed.is_empty() {
            _ = writeln!(lines, "# {what}: {}", printable(&listed.join(", ")));
        }
    }
    lines
}

/// A block of code that nothing in it can end.
fn fenced(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let text = text.trim_end_matches('\n');
    format!("{fence}{language}\n{text}\n{fence}\n\n")
}

/// A code span that nothing in it can end, on one line.
fn span(text: &str) -> String {
    let text = printable(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    // A blank at both ends is taken away again; it keeps a backtick there apart from the fence.
    let blank = if text.is_empty() || text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

/// Text from outside inside HTML. Markdown isn't read inside a block of HTML that has no empty line, and there is none
/// here: line breaks are escaped.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '@' => safe.push_str("&#64;"),
            other => safe.push(other),
        }
    }
    safe
}

/// The text, or its beginning.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.into();
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}

//! `sipform check`: places the YAML's test calls. It rings phones, so it says which ones and asks first.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use futures_util::future::join_all;
use serde::Serialize;

use super::args::CheckArgs;
use super::context::{Context, Scope};
use super::error::CommandError;
use super::exit::Exit;
use super::output::{Output, can_ask};
use super::prompt::{Answer, ask};
use super::session::{Sessions, close_all};
use super::{report, signals};
use crate::apply::Stop;
use crate::diag::Diagnostic;
use crate::http::Failure;
use crate::model::CallCheck;
use crate::plan::document::{DiagnosticDocument, SourceDocument};
use crate::provider::Dialer;
use crate::render::Format;
use crate::render::apply::ErrorDocument;
use crate::render::style::{GREEN, RED, YELLOW, printable};

/// `sipform.check/v1`.
#[derive(Serialize)]
struct CheckDocument {
    schema: &'static str,
    summary: CheckSummary,
    results: Vec<ResultDocument>,
    diagnostics: Vec<DiagnosticDocument>,
}

#[derive(Default, Serialize)]
struct CheckSummary {
    done: usize,
    failed: usize,
    skipped: usize,
}

#[derive(Serialize)]
struct ResultDocument {
    name: String,
    target: String,
    caller: String,
    callee: String,
    source: SourceDocument,
    /// `done`: the call was placed; `failed`; `skipped`: interrupted before it.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    call_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorDocument>,
}

/// Runs the command.
pub(super) async fn run(args: &CheckArgs) -> Exit {
    let output = Output::new(args.common.color, args.common.verbose, args.format);
    match check(args, output).await {
        Ok(exit) => exit,
        Err(error) => report::fail_in_json(output, &error, |diagnostics| CheckDocument::new(Vec::new(), diagnostics)),
    }
}

async fn check(args: &CheckArgs, output: Output) -> Result<Exit, CommandError> {
    let context = Context::load_scope(&args.common, output, Scope::Targets)?;
    let checks = &context.desired.call_checks;
    let stop = signals::listen(output);
    output.message(&listing(checks));
    if !checks.is_empty() && !args.auto_approve {
        confirm(output, checks.len(), &stop).await?;
    }
    let targets = context.targets();
    let called: Vec<_> =
        targets.into_iter().filter(|target| checks.iter().any(|check| check.target == target.name)).collect();
    let sessions = context.connector.dialers(&called, &stop);
    let results = place_all(checks, &sessions, &stop).await;
    close_all(&sessions).await;
    let document = CheckDocument::new(results, Vec::new());
    match output.format {
        Format::Json => output.json(&document),
        _ => output.document(&document.text(output)),
    }
    Ok(exit(&document, &stop))
}

/// What would ring.
fn listing(checks: &[CallCheck]) -> String {
    if checks.is_empty() {
        return "No call checks: the YAML has none under `call_checks`.\n".into();
    }
    let mut text = String::from("These phones will ring:\n");
    for check in checks {
        let CallCheck { name, target, caller, callee, auto_answer: _, source } = check;
        let line = format!("  {name}: {caller} calls {callee} on {target}  ({source})");
        _ = writeln!(text, "{}", printable(&line));
    }
    text
}

async fn confirm(output: Output, count: usize, stop: &Stop) -> Result<(), CommandError> {
    if !can_ask() {
        let diagnostic =
            Diagnostic::error("no_terminal", "there is no terminal to ask for a yes, so nobody was called")
                .hint("in a pipeline give --auto-approve");
        return Err(CommandError::new(Exit::Failure, diagnostic));
    }
    match ask(output, &format!("\nDo you want to place these {count} calls?"), stop).await {
        Answer::Yes => Ok(()),
        Answer::No => Err(CommandError::failure("declined", "the answer wasn't yes, so nobody was called")),
        Answer::Interrupted => Err(CommandError::interrupted()),
    }
}

/// Places the calls: one at a time on a target, targets side by side. In the order of the checks.
async fn place_all(checks: &[CallCheck], sessions: &Sessions<dyn Dialer>, stop: &Stop) -> Vec<ResultDocument> {
    let mut by_target: BTreeMap<&str, Vec<(usize, &CallCheck)>> = BTreeMap::new();
    for (index, check) in checks.iter().enumerate() {
        by_target.entry(&check.target).or_default().push((index, check));
    }
    let runs = by_target.into_values().map(async |checks| {
        let mut results = Vec::new();
        for (index, check) in checks {
            results.push((index, place(check, sessions, stop).await));
        }
        results
    });
    let mut results: Vec<_> = join_all(runs).await.into_iter().flatten().collect();
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

async fn place(check: &CallCheck, sessions: &Sessions<dyn Dialer>, stop: &Stop) -> ResultDocument {
    if stop.is_requested() {
        return ResultDocument::new(check, "skipped", None, None);
    }
    let placed = match sessions.get(&check.target) {
        Some(Ok(session)) => session.dial(check).await.map_err(|failure| error_of(&failure)),
        Some(Err(unreadable)) => {
            Err(ErrorDocument { code: unreadable.code.clone(), message: unreadable.message.clone() })
        }
        None => Err(ErrorDocument { code: "target".into(), message: "the target isn't part of this run".into() }),
    };
    match placed {
        Ok(call_id) => ResultDocument::new(check, "done", call_id.map(String::from), None),
        Err(error) => ResultDocument::new(check, "failed", None, Some(error)),
    }
}

fn error_of(failure: &Failure) -> ErrorDocument {
    let hint = failure.hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default();
    ErrorDocument { code: failure.code.clone(), message: format!("{}{hint}", failure.message) }
}

fn exit(document: &CheckDocument, stop: &Stop) -> Exit {
    if stop.is_requested() {
        Exit::Interrupted
    } else if document.summary.failed > 0 {
        Exit::Partial
    } else {
        Exit::Success
    }
}

impl ResultDocument {
    fn new(check: &CallCheck, outcome: &'static str, call_id: Option<String>, error: Option<ErrorDocument>) -> Self {
        let CallCheck { name, target, caller, callee, auto_answer: _, source } = check;
        Self {
            name: name.to_string(),
            target: target.to_string(),
            caller: caller.to_string(),
            callee: callee.to_string(),
            source: source.into(),
            outcome,
            call_id,
            error,
        }
    }
}

impl CheckDocument {
    fn new(results: Vec<ResultDocument>, diagnostics: Vec<DiagnosticDocument>) -> Self {
        let count = |outcome| results.iter().filter(|result| result.outcome == outcome).count();
        let summary = CheckSummary { done: count("done"), failed: count("failed"), skipped: count("skipped") };
        Self { schema: "sipform.check/v1", summary, results, diagnostics }
    }

    fn text(&self, output: Output) -> String {
        let mut text = String::new();
        for result in &self.results {
            let style = match result.outcome {
                "done" => GREEN,
                "failed" => RED,
                _ => YELLOW,
            };
            let outcome = output.color.paint(style, format!("{:8}", result.outcome));
            let ResultDocument { name, target, caller, callee, .. } = result;
            let what = printable(&format!("{name}: {caller} calls {callee} on {target}"));
            let why = result.error.as_ref().map(|error| format!(": {} [{}]", error.message, error.code));
            _ = writeln!(text, "  {outcome} {what}{}", printable(&why.unwrap_or_default()));
        }
        let CheckSummary { done, failed, skipped } = self.summary;
        _ = writeln!(text, "Calls: {done} done, {failed} failed, {skipped} skipped.");
        text
    }
}

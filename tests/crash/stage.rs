//! One story, played again and again with a crash at another place.

use serde_json::Value as Json;

use crate::boxes::Boxes;
use crate::check::{assert_untouched, claims, shapes};
use crate::program::Program;
use crate::proxy::{Proxy, Strike, is_write};

/// What is live, what is wanted, and what a killed run may make of it.
#[derive(Clone, Copy)]
pub(crate) struct Story {
    pub(crate) name: &'static str,
    /// Each once.
    pub(crate) providers: &'static [&'static str],
    /// For the boxes and for the targets: the dialect.
    pub(crate) dialect: Option<(&'static str, &'static str)>,
    /// What somebody has changed on the boxes before anything begins.
    pub(crate) edit: fn(&mut Json),
    /// What is applied first, so that there is a ledger; empty: nothing.
    pub(crate) before: &'static str,
    /// What is applied then, and cut off.
    pub(crate) after: &'static str,
    /// Whether a change has two parts, between which a plan file's object isn't as it was reviewed any more.
    pub(crate) in_parts: bool,
}

const PLAN: &str = "change.plan";

/// Boxes, the program, and where everything stands before the run that is cut off.
struct Stage<'s> {
    story: &'s Story,
    boxes: Boxes,
    proxy: Proxy,
    program: Program,
    states: Vec<Json>,
    ledger: Option<String>,
    /// How it ends without a crash: the requests, the boxes' states, the claims.
    paths: Vec<String>,
    after: Vec<Json>,
    ledger_after: String,
}

/// Kills an apply at every request and lets another one finish it.
pub(crate) fn crash_everywhere(story: &Story, strikes: &[Strike]) {
    let stage = Stage::new(story);
    for strike in strikes {
        for (index, context) in stage.places(*strike) {
            stage.crash("apply --auto-approve", index, *strike);
            stage.program.run("apply --auto-approve", &stage.proxy, None).ended(0, &context);
            stage.check(&context);
        }
    }
}

/// The same with a reviewed plan: what was done is done or stale, the rest is done.
pub(crate) fn crash_plan_file_everywhere(story: &Story, strikes: &[Strike]) {
    let stage = Stage::new(story);
    stage.reset();
    stage.program.run(&format!("plan --out {PLAN}"), &stage.proxy, None).ended(0, story.name);
    for strike in strikes {
        for (index, context) in stage.places(*strike) {
            stage.crash(&format!("apply {PLAN}"), index, *strike);
            stage.finish_plan_file(&context);
            stage.program.run("apply --auto-approve", &stage.proxy, None).ended(0, &context);
            stage.check(&context);
        }
    }
}

impl<'s> Stage<'s> {
    fn new(story: &'s Story) -> Self {
        let boxes = Boxes::serve(story.providers, story.dialect.as_slice());
        boxes.edit(story.edit);
        let (proxy, program) = (Proxy::new(boxes.address), Program::new());
        if !story.before.is_empty() {
            program.write_yaml(&story.yaml(&proxy.url, story.before));
            program.run("apply --auto-approve", &proxy, None).ended(0, story.name);
        }
        let (states, ledger) = (boxes.states(), program.ledger());
        program.write_yaml(&story.yaml(&proxy.url, story.after));
        let run = program.run("apply --auto-approve", &proxy, None);
        run.ended(0, story.name);
        let (after, ledger_after) = (boxes.states(), program.ledger().unwrap());
        let stage = Self { story, boxes, proxy, program, states, ledger, paths: run.paths, after, ledger_after };
        stage.check(story.name);
        stage
    }

    /// The requests to strike at, with a name for each. To the boxes it is all the same whether a call that changes nothing
    /// came or not, so each of these is struck at once.
    fn places(&self, strike: Strike) -> impl Iterator<Item = (usize, String)> {
        let paths = self.paths.iter().enumerate();
        let paths = paths.filter(move |(_, path)| strike == Strike::After || is_write(path));
        paths.map(move |(index, path)| {
            let (name, count) = (self.story.name, self.paths.len());
            (index, format!("{name}: killed at request {index} of {count}, {path}, {strike:?}"))
        })
    }

    fn reset(&self) {
        self.proxy.forget();
        self.boxes.set_states(&self.states);
        self.program.reset(self.ledger.as_deref());
    }

    /// Where targets are talked to side by side the order of requests isn't the same every time, so a run may have ended
    /// before.
    fn crash(&self, line: &str, index: usize, strike: Strike) {
        self.reset();
        let run = self.program.run(line, &self.proxy, Some((index, strike)));
        assert!(matches!(run.code, None | Some(0)), "{}", run.stderr);
    }

    fn finish_plan_file(&self, context: &str) {
        let run = self.program.run(&format!("apply {PLAN} --format json"), &self.proxy, None);
        assert!(matches!(run.code, Some(0 | 4)), "{context}: {:?}\n{}", run.code, run.stderr);
        for result in run.json()["results"].as_array().unwrap() {
            let outcome = result["outcome"].as_str().unwrap();
            let fine = ["done", "stale"].contains(&outcome) || (self.story.in_parts && outcome == "skipped");
            assert!(fine, "{context}: {result}");
        }
        if !self.story.in_parts {
            assert_eq!(shapes(&self.boxes.states()), shapes(&self.after), "{context}: with the plan file alone");
        }
    }

    /// Everything is as without a crash.
    fn check(&self, context: &str) {
        let now = self.boxes.states();
        assert_eq!(shapes(&now), shapes(&self.after), "{context}");
        assert_untouched(&self.states, &self.after, &now, context);
        assert!(!self.program.has_journal(), "{context}: a journal is left");
        assert_eq!(claims(&self.program.ledger().unwrap()), claims(&self.ledger_after), "{context}");
        let plan = self.program.run("plan --detailed-exitcode --format json", &self.proxy, None);
        let plan = plan.ended(0, context).json();
        assert_eq!(plan["summary"]["adopt"], 0, "{context}: {}", plan["summary"]);
    }
}

impl Story {
    /// The YAML with the targets at this address.
    fn yaml(&self, url: &str, entries: &str) -> String {
        let targets: String = self.providers.iter().map(|provider| self.target(provider, url)).collect();
        format!("version: 1\ntargets:\n{targets}{entries}\n")
    }

    /// Short waits, no pauses between calls, and the same order of a target's calls every time.
    fn target(&self, provider: &str, url: &str) -> String {
        let (name, credentials) = match provider {
            "7moor" => ("cc", "app_key: \"2000113\", secret: sandbox-secret"),
            "itniotech" => ("voice", "api_key: bDqJFiq9, api_secret: sandbox-secret, app_id: 4luaKsL2"),
            _ => ("box", "username: api, password: sandbox"),
        };
        let name = if provider == "openvox" && self.providers.len() > 1 { "branch" } else { name };
        let dialect = self.dialect.map(|(name, value)| format!(", {name}: {value}")).unwrap_or_default();
        let limits = "limits: { requests_per_second: 10000, timeout: 3s, concurrency: 1 }";
        format!("  {name}: {{ provider: {provider}, url: \"{url}\", {credentials}{dialect}, {limits} }}\n")
    }
}

//! The borders between modules, by what each source file names: `use` lines, paths inside functions, nested braces.
//!
//! Code that is compiled for tests alone is left out: it may look at anything.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "borders/reading.rs"]
mod reading;

use std::fs;
use std::path::Path;

use reading::{Source, sources};

/// One border: who may not name what.
struct Rule {
    /// Files under one of these, relative to `src`; `*` stands for one folder.
    who: &'static [&'static str],
    /// Files to which it doesn't apply all the same.
    but: &'static [&'static str],
    /// Paths, and everything below them. `crate::OTHER` is every module but the file's own, `VENDOR` every vendor, and
    /// `OTHER_VENDOR` every vendor but the file's own.
    never: &'static [&'static str],
    /// Of these, paths that are allowed.
    allowed: &'static [&'static str],
}

const RULE: Rule = Rule { who: &[], but: &[], never: &[], allowed: &[] };

/// Everything that isn't the command line.
const BELOW_CLI: &[&str] = &[
    "apply", "config", "diag", "diff", "files.rs", "http", "ledger", "lib.rs", "model", "plan", "provider", "render",
    "sandbox",
];

/// Reads environment variables and runs commands, for references in the YAML.
const RESOLVER: &str = "config/resolver.rs";

const RULES: &[Rule] = &[
    Rule { who: &["model"], never: &["crate::OTHER"], ..RULE },
    Rule { who: &["diag"], never: &["crate::OTHER"], allowed: &["crate::model"], ..RULE },
    Rule { who: &["files.rs"], never: &["crate::OTHER"], ..RULE },
    Rule { who: &["config"], never: &["crate::provider", "crate::diff", "crate::apply"], ..RULE },
    Rule { who: &["diff"], never: &["crate::provider", "crate::config"], ..RULE },
    Rule { who: &["plan"], never: &["crate::provider"], ..RULE },
    Rule {
        who: &["provider/*"],
        never: &["crate::provider::OTHER_VENDOR", "crate::plan", "crate::apply", "crate::cli"],
        ..RULE
    },
    Rule { who: &["provider"], never: &["crate::plan", "crate::apply", "crate::cli"], ..RULE },
    Rule { who: &["http"], never: &["crate::provider"], ..RULE },
    Rule { who: &["apply"], never: &["crate::provider::VENDOR", "crate::render"], ..RULE },
    Rule { who: &["ledger"], never: &["crate::provider"], ..RULE },
    Rule { who: &["render"], never: &["crate::provider", "crate::apply"], ..RULE },
    Rule { who: &["sandbox"], never: &["crate::provider"], ..RULE },
    // A vendor's name stands in its folder and in the registry.
    Rule { who: BELOW_CLI, but: &["provider"], never: &["crate::provider::VENDOR"], ..RULE },
    Rule { who: &["cli", "main.rs"], never: &["crate::provider::VENDOR"], ..RULE },
    // The library doesn't know its command line.
    Rule { who: BELOW_CLI, never: &["crate::cli"], ..RULE },
    // What the fuzz targets call may look at anything but a vendor, and nothing looks at it.
    Rule { who: &["fuzzing"], never: &["crate::provider::VENDOR"], ..RULE },
    Rule { who: &[""], but: &["fuzzing"], never: &["crate::fuzzing"], ..RULE },
    // One file names what could be exchanged.
    Rule { who: &[""], but: &["http/network.rs", "http/tls.rs"], never: &["reqwest"], ..RULE },
    Rule { who: &[""], but: &["config/yaml.rs"], never: &["saphyr_parser"], ..RULE },
    // Nothing below the command line prints, or looks at the process that it is in.
    Rule {
        who: BELOW_CLI,
        never: &[
            "println!",
            "print!",
            "eprintln!",
            "eprint!",
            "dbg!",
            "std::io::stdout",
            "std::io::stderr",
            "std::io::stdin",
        ],
        ..RULE
    },
    // (The sandbox names its temporary files by its process: two of them may share a folder.)
    Rule { who: BELOW_CLI, but: &[RESOLVER], never: &["std::env", "std::process"], allowed: &["std::process::id"] },
    // The core is pure: no files, no clock, no environment, no runtime.
    Rule {
        who: &["model", "diff", "plan"],
        never: &[
            "crate::files",
            "std::fs",
            "std::env",
            "std::net",
            "std::thread",
            "std::time::SystemTime",
            "std::time::Instant",
            "tokio",
            "http",
            "jiff",
        ],
        ..RULE
    },
];

#[test]
fn every_file_keeps_within_its_borders() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources(&root);
    assert!(sources.len() > 100, "only {} files were found", sources.len());
    let broken: Vec<_> = sources.iter().flat_map(|source| broken(source, &vendors(&root))).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A rule about a file that was renamed would hold for ever.
#[test]
fn every_rule_is_about_files_that_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let sources = sources(&root);
    for name in RULES.iter().flat_map(|rule| rule.who.iter().chain(rule.but)) {
        assert!(sources.iter().any(|source| is_under(&source.file, name)), "{name}");
    }
}

#[test]
fn what_is_forbidden_is_found() {
    for (file, text) in [
        ("model/value.rs", "use crate::diag::Diagnostic;"),
        ("model/value.rs", "fn f() { let x = crate::http::neutral(); }"),
        ("model/value.rs", "use crate::{model::Value, plan::Plan};"),
        ("model/value.rs", "use super::super::plan;"),
        ("model/mod.rs", "use super::{plan::{self, Plan}, diag};"),
        ("model/value.rs", "pub use ::std::{fmt, time::{Duration, Instant}};"),
        ("model/value.rs", "type T = std::time::SystemTime;"),
        ("diag/mod.rs", "use crate::config::load;"),
        ("config/mod.rs", "use crate::provider::registry;"),
        ("config/yaml.rs", "fn f(x: crate::apply::Report) {}"),
        ("config/yaml.rs", "fn f() { std::env::var(\"X\"); }"),
        ("diff/mod.rs", "use crate :: config :: load;"),
        ("diff/mod.rs", "mod a { use crate::{/* here */ provider}; }"),
        ("plan/mod.rs", "use crate::provider::Reader;"),
        ("plan/mod.rs", "async fn f() { tokio::time::sleep(x).await }"),
        ("plan/mod.rs", "use std::fs::{self, File};"),
        ("provider/yeastar/mod.rs", "use crate::provider::moor7::Session;"),
        ("provider/yeastar/mod.rs", "use super::moor7;"),
        ("provider/yeastar/wire.rs", "use super::super::{loose, moor7::Session};"),
        ("model/value.rs", "mod a { use super::super::super::plan; }"),
        ("provider/yeastar/wire.rs", "use crate::plan::Plan;"),
        ("provider/mod.rs", "use crate::apply;"),
        ("http/client.rs", "use crate::provider::yeastar;"),
        ("http/client.rs", "fn f() -> reqwest::Error {}"),
        ("http/client.rs", "use reqwest as web;"),
        ("apply/step.rs", "use crate::provider::{Writer, yeastar::Session};"),
        ("apply/step.rs", "use crate::render;"),
        ("ledger/file.rs", "use crate::provider::Writer;"),
        ("render/plan.rs", "use crate::{apply};"),
        ("sandbox/core.rs", "use crate::provider::yeastar::TABLE;"),
        ("config/files.rs", "use saphyr_parser::Parser;"),
        ("render/plan.rs", "fn f() { println!(\"{}\", 1); }"),
        ("render/plan.rs", "fn f() { std::io::stdout(); }"),
        ("apply/step.rs", "use std::process::exit;"),
        ("cli/apply.rs", "use crate::provider::yeastar;"),
        ("fuzzing/vendors.rs", "use crate::provider::yeastar;"),
        ("apply/step.rs", "use crate::fuzzing::run;"),
        ("lib.rs", "use crate::cli::main;"),
        ("model/value.rs", "const A: &str = \"\\\"\"; const B: char = '\"'; use crate::plan::Plan; // \""),
        ("model/value.rs", "#[cfg(test)] mod tests { use crate::plan::Plan; } use crate::plan::Plan;"),
    ] {
        assert!(!check(file, text).is_empty(), "{file}: {text}");
    }
}

#[test]
fn what_is_allowed_is_let_through() {
    for (file, text) in [
        ("model/value.rs", "use super::Secret; use crate::model::{field::Type, kinds}; use std::fmt;"),
        (
            "model/value.rs",
            "// use crate::plan::Plan;\n/* crate::http /* nested */ crate::diag */ /// crate::plan\nfn f() {}",
        ),
        (
            "model/value.rs",
            "const A: &str = \"crate::plan println!\"; const B: &str = r#\"std::fs \" \"#; fn f<'a>(x: &'a str) {}",
        ),
        ("model/value.rs", "#[cfg(test)]\nmod tests { use crate::plan::Plan; fn f() { { println!(\"}\"); } } }"),
        (
            "model/value.rs",
            "#[cfg(test)] #[derive(Debug)] use crate::plan; const V: &str = env!(\"CARGO_PKG_VERSION\");",
        ),
        ("diag/mod.rs", "use crate::model::Address;"),
        ("config/resolver.rs", "fn f() { std::env::var_os(\"X\"); std::process::Command::new(\"x\"); }"),
        ("plan/mod.rs", "use crate::diff::{Change, Diff}; use std::time::Duration;"),
        (
            "provider/yeastar/mod.rs",
            "use super::loose::Loose; use super::super::http; use crate::provider::yeastar::TABLE;",
        ),
        ("provider/registry.rs", "use super::{moor7, yeastar};"),
        ("apply/step.rs", "use crate::provider::{NewObject, Update, Writer}; use tokio::time::Instant;"),
        ("http/network.rs", "use reqwest::Client;"),
        ("config/yaml.rs", "use saphyr_parser::Parser;"),
        ("cli/output.rs", "fn f() { println!(); std::process::exit(1); let _ = std::env::args(); }"),
        ("render/plan.rs", "fn f(out: &mut dyn std::io::Write) { writeln!(out, \"x\"); }"),
        ("fuzzing/documents.rs", "use crate::{cli, ledger::Ledger}; fn f() { std::env::temp_dir(); }"),
    ] {
        assert_eq!(check(file, text), [""; 0], "{file}: {text}");
    }
}

fn check(file: &str, text: &str) -> Vec<String> {
    broken(&Source::new(file, text), &["moor7".to_owned(), "yeastar".to_owned()])
}

/// What a file names against every rule that is about it.
fn broken(source: &Source, vendors: &[String]) -> Vec<String> {
    let about = |rule: &&Rule| {
        rule.who.iter().any(|who| is_under(&source.file, who))
            && !rule.but.iter().any(|but| is_under(&source.file, but))
    };
    let mut broken = Vec::new();
    for rule in RULES.iter().filter(about) {
        for path in &source.paths {
            let is_forbidden = rule.never.iter().any(|never| meets(path, never, &source.file, vendors));
            let is_allowed = rule.allowed.iter().any(|allowed| meets(path, allowed, &source.file, vendors));
            if is_forbidden && !is_allowed {
                broken.push(format!("src/{} names {path}, which is beyond its borders", source.file));
            }
        }
    }
    broken
}

/// Whether a path is this one or below it.
fn meets(path: &str, pattern: &str, file: &str, vendors: &[String]) -> bool {
    let below = |prefix: &str| path == prefix || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with("::"));
    match pattern.rsplit_once("::") {
        Some((parent, "VENDOR")) => vendors.iter().any(|vendor| below(&format!("{parent}::{vendor}"))),
        Some((parent, "OTHER_VENDOR")) => {
            let others = vendors.iter().filter(|vendor| !file.starts_with(&format!("provider/{vendor}/")));
            others.into_iter().any(|vendor| below(&format!("{parent}::{vendor}")))
        }
        Some((parent, "OTHER")) => {
            let own = format!("{parent}::{}", file.split('/').next().unwrap_or_default());
            path != parent && below(parent) && !below(&own)
        }
        _ => below(pattern),
    }
}

/// Whether a file is this one, or in this folder; `a/*` is every folder in `a`.
fn is_under(file: &str, name: &str) -> bool {
    match name.strip_suffix("/*") {
        Some(parent) => file.strip_prefix(parent).is_some_and(|rest| rest.matches('/').count() > 1),
        None => name.is_empty() || file == name || file.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')),
    }
}

fn vendors(root: &Path) -> Vec<String> {
    let entries = fs::read_dir(root.join("provider")).unwrap().map(|entry| entry.unwrap().path());
    let names: Vec<_> = entries
        // Folders without a table hold what vendors share.
        .filter(|path| path.join("table.rs").is_file())
        .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
        .collect();
    assert!(names.len() > 1, "no vendors were found");
    names
}

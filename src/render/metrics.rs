//! What a drift run came to, for Prometheus: text format 0.0.4, as `node_exporter`'s textfile collector reads it.
//! <https://prometheus.io/docs/instrumenting/exposition_formats/>

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};

use super::drift::{DriftDocument, ItemDocument};
use crate::model::drift::DriftClass;

/// The line that is carried over from the file before, where a run fails.
const LAST_SUCCESS: &str = "sipform_drift_last_success_timestamp_seconds";

/// One run.
#[derive(Clone, Copy, Debug)]
pub struct Run<'r> {
    /// What was found.
    pub document: &'r DriftDocument,
    /// What could have been found; empty where the YAML is wrong.
    pub targets: &'r [Measured],
    /// When it ended, in seconds since 1970.
    pub finished: u64,
    /// How long it took, in seconds.
    pub duration: f64,
    /// Everything was read.
    pub succeeded: bool,
    /// The text of the file before.
    pub before: &'r str,
}

/// A target, whatever was found there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// Its name.
    pub name: String,
    /// The kinds that there can be on it.
    pub kinds: Vec<&'static str>,
    /// It answered.
    pub up: bool,
}

/// A metric's samples, each with its labels.
struct Metric<'m> {
    name: &'m str,
    help: &'m str,
    samples: Vec<(Vec<(&'m str, &'m str)>, String)>,
}

/// The file's text.
pub fn text(run: &Run<'_>) -> String {
    let requests: u64 = run.document.targets.iter().map(|target| u64::from(target.requests)).sum();
    let succeeded = run.succeeded.then(|| run.finished.to_string());
    let last_success = succeeded.or_else(|| last_success(run.before));
    let version = (vec![("version", env!("CARGO_PKG_VERSION"))], "1".to_owned());
    let up = run.targets.iter().map(|target| (vec![("target", target.name.as_str())], u8::from(target.up).to_string()));
    [
        objects(run, "sipform_drift_objects", "Objects by what was found about them, without known drift.", false),
        objects(run, "sipform_drift_known", "Objects with drift that the baseline knows of.", true),
        Metric { name: "sipform_drift_target_up", help: "Whether the target answered.", samples: up.collect() },
        Metric::one("sipform_drift_requests", "Requests that reading the targets took.", Some(requests)),
        Metric::one("sipform_drift_duration_seconds", "How long the run took.", Some(format!("{:.3}", run.duration))),
        Metric::one("sipform_drift_last_run_timestamp_seconds", "When the last run ended.", Some(run.finished)),
        Metric::one(LAST_SUCCESS, "When the last run ended that could read everything.", last_success),
        Metric { name: "sipform_build_info", help: "The version of sipform.", samples: vec![version] },
    ]
    .iter()
    .map(Metric::text)
    .collect()
}

/// One series for each target, kind and class that there can be, also where nothing was found: an alert needs the zero.
fn objects<'m>(run: &Run<'m>, name: &'m str, help: &'m str, known: bool) -> Metric<'m> {
    let mut numbers: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for target in run.targets {
        for kind in &target.kinds {
            let classes = DriftClass::ALL.into_iter().filter(|class| class.is_difference() || !known);
            numbers.extend(classes.map(|class| ((target.name.as_str(), *kind, class.name()), 0)));
        }
    }
    for item in run.document.items.iter().filter(|item| item.known.is_some() == known) {
        *numbers.entry(series(item)).or_default() += 1;
    }
    let sample = |((target, kind, class), number): ((&'m str, &'m str, &'m str), usize)| {
        (vec![("target", target), ("kind", kind), ("class", class)], number.to_string())
    };
    Metric { name, help, samples: numbers.into_iter().map(sample).collect() }
}

fn series(item: &ItemDocument) -> (&str, &str, &str) {
    let mut parts = item.address.splitn(3, '/');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), &item.class)
}

/// What the file before says of the last success; nothing where it isn't a number.
fn last_success(before: &str) -> Option<String> {
    let values = before.lines().filter_map(|line| line.strip_prefix(LAST_SUCCESS)?.strip_prefix(' '));
    values.filter_map(|value| value.trim().parse::<u64>().ok()).map(|seconds| seconds.to_string()).next()
}

impl<'m> Metric<'m> {
    fn one<T: Display>(name: &'m str, help: &'m str, value: Option<T>) -> Self {
        Self { name, help, samples: value.map(|value| (Vec::new(), value.to_string())).into_iter().collect() }
    }

    /// Its lines; none where it has no sample.
    fn text(&self) -> String {
        let Self { name, help, samples } = self;
        if samples.is_empty() {
            return String::new();
        }
        let mut text = format!("# HELP {name} {help}\n# TYPE {name} gauge\n");
        for (labels, value) in samples {
            let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escape(value))).collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            _ = writeln!(text, "{name}{labels} {value}");
        }
        text
    }
}

/// A label's value.
fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

//! The parts of a target that every provider shares: limits, pruning, ignored objects, TLS.

use std::path::PathBuf;

use super::lower::{Label, Lowering};
use super::node::Node;
use super::report::{Finding, Place};
use super::suggest;
use super::units;
use crate::diag::quote;
use crate::model::target::PRUNE_CHOICES;
use crate::model::{Glob, Limits, Prune, Tls, Type, Value};

const LIMIT_KEYS: [&str; 4] = ["concurrency", "requests_per_second", "timeout", "max_body"];
const TLS_KEYS: [&str; 3] = ["ca_file", "pin_sha256", "insecure_skip_verify"];

/// The most calls in flight on one target.
const MAX_CONCURRENCY: i64 = 256;

/// The most patterns of one target.
const MAX_PATTERNS: usize = 1_000;

/// `limits:`, over the provider's own.
pub(super) fn limits(node: Option<&Node<'_>>, defaults: Limits, low: &mut Lowering<'_>) -> Option<Limits> {
    let Some(node) = node else { return Some(defaults) };
    let known = low.is_map_of(node, Label::open("limits"), &LIMIT_KEYS);
    let concurrency = part(node, "concurrency", defaults.concurrency, low, &|text| match (Type::Integer {
        min: 1,
        max: MAX_CONCURRENCY,
    })
    .parse(text)?
    {
        Value::Integer(number) => Ok(u32::try_from(number).unwrap_or(1)),
        _ => Ok(1),
    });
    let rate = |text: &str| units::rate(text).map(Some);
    let requests_per_second = part(node, "requests_per_second", defaults.requests_per_second, low, &rate);
    let timeout = part(node, "timeout", defaults.timeout, low, &units::duration);
    let max_body = part(node, "max_body", defaults.max_body, low, &units::size);
    let limits = Limits {
        concurrency: concurrency?,
        requests_per_second: requests_per_second?,
        timeout: timeout?,
        max_body: max_body?,
    };
    known.then_some(limits)
}

fn part<T: Clone>(
    node: &Node<'_>,
    name: &str,
    default: T,
    low: &mut Lowering<'_>,
    parse: &dyn Fn(&str) -> Result<T, String>,
) -> Option<T> {
    match node.get(name) {
        None => Some(default),
        Some(value) => low.parsed(value, Label::open(name), parse, Some(default)),
    }
}

/// `prune:`.
pub(super) fn prune(node: &Node<'_>, low: &mut Lowering<'_>) -> Option<Prune> {
    let expected = || format!("one of {}", suggest::listed(PRUNE_CHOICES));
    low.parsed(node, Label::open("prune"), &|text| Prune::parse(text).ok_or_else(expected), Some(Prune::default()))
}

/// `ignore:`, patterns over `kind/key`.
pub(super) fn ignore(node: &Node<'_>, low: &mut Lowering<'_>) -> Option<Vec<Glob>> {
    let label = Label::open("ignore");
    let items = low.items(node, label)?;
    if items.len() > MAX_PATTERNS {
        low.error(node, label, "too_large", &format!("has more than {MAX_PATTERNS} patterns"));
        return None;
    }
    let pattern = |text: &str| match text {
        "" => Err("a pattern like \"trunk/lab-*\"".to_owned()),
        text => Glob::new(text).map_err(|why| format!("a pattern like \"trunk/lab-*\" ({why})")),
    };
    let patterns: Vec<Option<Glob>> = items.iter().map(|item| low.parsed(item, label, &pattern, None)).collect();
    patterns.into_iter().collect()
}

/// `tls:`.
pub(super) fn tls(node: &Node<'_>, target: &str, low: &mut Lowering<'_>) -> Option<Tls> {
    let known = low.is_map_of(node, Label::open("tls"), &TLS_KEYS);
    let folder = low.folder;
    let file = |text: &str| match text {
        "" => Err("the path of a PEM file".to_owned()),
        text => Ok(Some(folder.join(text))),
    };
    let ca_file: Option<Option<PathBuf>> = part(node, "ca_file", None, low, &file);
    let pin_sha256 = part(node, "pin_sha256", None, low, &|text| units::sha256(text).map(Some));
    let flag = "insecure_skip_verify";
    let insecure = node.get(flag).map_or(Some(false), |value| low.flag(value, flag));
    if insecure == Some(true) && low.reading.is_none() {
        let place = node.get(flag).map_or(Place::of(low.file, node), |value| Place::of(low.file, value));
        let message =
            format!("the certificate of {} isn't verified: anyone in between can read and change", quote(target));
        let finding = Finding::warning("insecure_tls", place, message).shown(true).about_target(target);
        low.report.add(finding.hint("name the certificate instead, with `ca_file` or `pin_sha256`"));
    }
    let tls = Tls { ca_file: ca_file?, pin_sha256: pin_sha256?, insecure_skip_verify: insecure? };
    known.then_some(tls)
}

//! Tests of the plan.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod documents;
mod drifting;
mod fingerprints;
mod guards;
mod ordering;
mod rules;

use super::Plan;

/// Each step as `action key`, with what it waits for.
fn told(plan: &Plan<'_>) -> Vec<String> {
    let key = |index: &usize| plan.steps[*index].change.address.key.to_string();
    let waits = |word: &str, list: &[usize]| {
        let keys: Vec<_> = list.iter().map(key).collect();
        if keys.is_empty() { String::new() } else { format!(" {word} {}", keys.join(",")) }
    };
    let step = |step: &super::Step<'_>| {
        let change = &step.change;
        let release = if step.releases.is_empty() { "" } else { " in two calls" };
        format!(
            "{} {}{}{}{release}",
            change.action.name(),
            change.address.key,
            waits("after", &step.requires),
            waits("after release of", &step.after_release)
        )
    };
    plan.steps.iter().map(step).collect()
}

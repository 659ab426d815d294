//! What GitLab's `artifacts:reports:terraform` reads: three numbers, shown on the merge request.

use super::view::View;

/// A replacement is a deletion and a creation, as Terraform counts them. Counted is what the items are for: what a plan
/// would do, what an apply was to do, what would end a drift.
pub(super) fn counts(view: &View<'_>) -> String {
    let count = |actions: [&str; 2]| view.items.iter().filter(|item| actions.contains(&item.action)).count();
    let (create, update, delete) =
        (count(["create", "replace"]), count(["update", "update"]), count(["delete", "replace"]));
    format!("{{\"create\":{create},\"update\":{update},\"delete\":{delete}}}\n")
}

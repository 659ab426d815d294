//! A baseline held against what was found: known drift is marked, and entries that have had their day are told.

use super::drift::{DriftDocument, ItemDocument, KnownDocument};
use crate::diag::{Diagnostic, Diagnostics, Span, quote};
use crate::model::drift::Known;

impl DriftDocument {
    /// Marks what is known, and counts anew. `today` is a date as in `2026-12-31`. `whole` says that the run was about
    /// everything: only then an entry that speaks of nothing is stale. Gives the warnings, without their lines.
    pub fn acknowledge(&mut self, known: &[Known], today: &str, whole: bool) -> Diagnostics {
        let mut idle = vec![true; known.len()];
        for item in self.items.iter_mut().filter(|item| item.is_difference()) {
            for (entry, idle) in known.iter().zip(&mut idle) {
                if !entry.speaks_of(item) {
                    continue;
                }
                *idle = false;
                if item.known.is_none() && !entry.has_expired(today) {
                    item.known = Some(KnownDocument::from(entry));
                }
            }
        }
        self.count();
        let may_be_stale = whole && self.read_everything();
        let mut warnings = Diagnostics::default();
        for (entry, idle) in known.iter().zip(idle) {
            if idle && may_be_stale {
                warnings.push(stale(entry));
            } else if !idle && entry.has_expired(today) {
                warnings.push(expired(entry));
            }
        }
        warnings
    }
}

impl Known {
    fn speaks_of(&self, item: &ItemDocument) -> bool {
        self.covers(&item.address, &item.class, item.fields.iter().map(|field| field.name.as_str()))
    }
}

impl From<&Known> for KnownDocument {
    fn from(known: &Known) -> Self {
        Self { reason: known.reason.clone(), expires: known.expires.clone(), source: (&known.source).into() }
    }
}

fn stale(entry: &Known) -> Diagnostic {
    let message = format!("nothing that {} stands for differs any more", quote(entry.addresses.pattern()));
    Diagnostic::warning("stale_baseline", message).at(span(entry)).hint("take the entry out of the baseline")
}

fn expired(entry: &Known) -> Diagnostic {
    let pattern = quote(entry.addresses.pattern());
    let message = format!("the entry for {pattern} has expired on {}: what it stands for counts again", entry.expires);
    let hint = "end the drift, or give the entry a later date and say why";
    Diagnostic::warning("expired_baseline", message).at(span(entry)).hint(hint)
}

fn span(entry: &Known) -> Span {
    Span { source: entry.source.clone(), length: 1, harmless: false, line: None }
}

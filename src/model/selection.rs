//! Which addresses a run is about: `--target`.

use super::{Address, Glob};

/// The patterns of `--target`; none selects everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    globs: Vec<Glob>,
}

impl Selection {
    /// A selection by patterns over whole addresses.
    pub fn new(globs: Vec<Glob>) -> Self {
        Self { globs }
    }

    /// Whether everything is selected.
    pub fn is_everything(&self) -> bool {
        self.globs.is_empty()
    }

    /// Whether this object is selected.
    pub fn includes(&self, address: &Address) -> bool {
        self.is_everything() || {
            let text = address.to_string();
            self.globs.iter().any(|glob| glob.matches(&text))
        }
    }

    /// Whether anything on this target could be selected: the pattern's first part matches its name, or the pattern is one
    /// part with a `*`, which stands for slashes too and may begin in the name and end in a key.
    pub fn may_include_target(&self, target: &str) -> bool {
        self.is_everything()
            || self.globs.iter().any(|glob| match glob.pattern().split_once('/') {
                Some((first, _)) => first.contains("**") || matches(first, target),
                None => glob.matches(target) || beginnings(glob.pattern()).any(|start| matches(start, target)),
            })
    }

    /// The first pattern that none of these addresses matches.
    pub fn first_that_matches_none(&self, addresses: &[String]) -> Option<&str> {
        let idle = self.globs.iter().find(|glob| !addresses.iter().any(|address| glob.matches(address)));
        idle.map(Glob::pattern)
    }

    /// The patterns as they were written.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.globs.iter().map(Glob::pattern)
    }
}

/// Whether this part of a pattern matches; a part that is no pattern by itself may mean anything.
fn matches(pattern: &str, text: &str) -> bool {
    Glob::new(pattern).map_or(true, |glob| glob.matches(text))
}

/// What a pattern says up to each of its stars.
fn beginnings(pattern: &str) -> impl Iterator<Item = &str> {
    pattern.match_indices('*').filter_map(|(star, _)| pattern.get(..=star))
}

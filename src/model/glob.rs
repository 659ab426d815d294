//! Patterns over addresses: `--target`, `ignore`.

use std::fmt;

use globset::{GlobBuilder, GlobMatcher};

/// A shell pattern over a text with slashes. `*` stands for anything, slashes too; a pattern that names a whole target
/// or a whole kind stands for everything below it.
#[derive(Clone)]
pub struct Glob {
    matcher: GlobMatcher,
}

impl Glob {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with the pattern, as a fragment.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let glob = GlobBuilder::new(pattern)
            .literal_separator(false)
            .backslash_escape(true)
            .build()
            .map_err(|error| error.kind().to_string())?;
        Ok(Self { matcher: glob.compile_matcher() })
    }

    /// Whether the pattern stands for this text, or for a folder that it is in.
    pub fn matches(&self, text: &str) -> bool {
        self.matcher.is_match(text)
            || text
                .match_indices('/')
                .any(|(end, _)| text.get(..end).is_some_and(|parent| self.matcher.is_match(parent)))
    }

    /// The pattern as it was written.
    pub fn pattern(&self) -> &str {
        self.matcher.glob().glob()
    }
}

impl fmt::Debug for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.pattern())
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.pattern() == other.pattern()
    }
}

impl Eq for Glob {}

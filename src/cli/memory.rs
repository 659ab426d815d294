//! What a drift run has told, for the next one: `--notify-on-change`.

use std::io;
use std::path::Path;

use super::error::CommandError;
use crate::diag::{Diagnostic, Diagnostics};
use crate::files::{self, Readers};
use crate::render::drift::DriftDocument;
use crate::render::told::{Told, compare};

/// Far more than it is ever long.
const MAX_BYTES: u64 = 64 << 10;

/// The file, and what is to be in it.
pub(super) struct Memory<'p> {
    path: &'p Path,
    before: Option<Told>,
    now: Option<Told>,
}

impl<'p> Memory<'p> {
    /// Says in the document what of it was told before. A file that can't be read is told, and then everything is new:
    /// silence would be worse.
    pub(super) fn hold_against(path: &'p Path, document: &mut DriftDocument, warnings: &mut Diagnostics) -> Self {
        let before = match read(path) {
            Ok(before) => before,
            Err(why) => {
                let message = format!("{} can't be read: {why}; what was told before is told again", path.display());
                warnings.push(Diagnostic::warning("told_file", message));
                None
            }
        };
        let time = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let (told, now) = compare(before.as_ref(), document, &time);
        document.told = Some(told);
        Self { path, before, now }
    }

    /// Writes what was told; leaves a file alone that says the same.
    pub(super) fn keep(&self) -> Result<(), CommandError> {
        let Some(now) = self.now.as_ref().filter(|now| self.before.as_ref() != Some(now)) else { return Ok(()) };
        let written = files::replace(self.path, now.text().as_bytes(), Readers::Default);
        written.map_err(|error| CommandError::file("written", self.path, &error))
    }
}

fn read(path: &Path) -> Result<Option<Told>, String> {
    match files::read_text(path, MAX_BYTES) {
        Ok(text) => Told::read(&text).map(Some).ok_or_else(|| "it isn't what sipform writes there".into()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

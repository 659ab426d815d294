//! Where a drift run's metrics go: `--metrics`.

use std::path::Path;
use std::time::Duration;

use super::error::CommandError;
use crate::files::{self, Readers};
use crate::render::drift::DriftDocument;
use crate::render::metrics::{Measured, Run, text};

/// Of the file before only one line matters.
const MAX_BYTES: u64 = 16 << 20;

/// Writes them, for everybody to read: the collector is another user.
pub(super) fn write(
    path: &Path,
    document: &DriftDocument,
    targets: &[Measured],
    took: Duration,
) -> Result<(), CommandError> {
    // Without it, or where it is something else, the last success isn't known.
    let before = files::read_text(path, MAX_BYTES).unwrap_or_default();
    let text = text(&Run {
        document,
        targets,
        finished: u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or_default(),
        duration: took.as_secs_f64(),
        // Where there is no target, the run ended before anything was read, or there is nothing to read.
        succeeded: document.read_everything() && !targets.is_empty(),
        before: &before,
    });
    let written = files::replace(path, text.as_bytes(), Readers::Everybody);
    written.map_err(|error| CommandError::file("written", path, &error))
}

//! Every format of the same few documents, and of hostile ones.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod consumers;
mod drifting;
mod hostile;
mod html;
mod samples;
mod snapshots;

//! Stands in for the sandbox where it isn't built in: `--sandbox` is refused, so none of it can be reached.

use std::sync::Arc;

use super::error::CommandError;
use crate::config::Resolver;
use crate::http::Transport;
use crate::model::{Secret, Target};

/// A sandbox that there can't be.
pub(super) enum Local {}

impl Local {
    pub(super) fn new(_: &[String]) -> Result<Self, CommandError> {
        Err(CommandError::failure("sandbox", "this sipform was built without its sandbox"))
    }

    pub(super) fn transport(&self, _: &Target) -> Result<Arc<dyn Transport>, String> {
        match *self {}
    }

    pub(super) fn secrets(&self) -> Box<dyn Resolver> {
        match *self {}
    }

    pub(super) fn keep_secrets(&self, _: &[(String, Secret)]) -> Result<(), CommandError> {
        match *self {}
    }
}

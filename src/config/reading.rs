//! Reads references, each once.

use std::cell::RefCell;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::references::Part;
use super::resolver::{Resolver, Unreadable};
use crate::diag::quote;
use crate::model::Secret;

/// The references of one run. The same variable, file or command is read once, however often it is referred to.
pub(super) struct Reading<'a> {
    resolver: &'a dyn Resolver,
    variables: RefCell<HashMap<String, Result<Option<Secret>, Unreadable>>>,
    files: RefCell<HashMap<PathBuf, Result<String, Unreadable>>>,
    commands: RefCell<HashMap<String, Result<String, Unreadable>>>,
}

/// A reference that has no value.
pub(super) struct Unread {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(resolver: &'a dyn Resolver) -> Self {
        Self { resolver, variables: RefCell::default(), files: RefCell::default(), commands: RefCell::default() }
    }

    /// Whether values only stand in for real ones.
    pub(super) fn stands_in(&self) -> bool {
        self.resolver.stands_in()
    }

    /// The text that a part stands for. Relative paths start from `folder`.
    pub(super) fn read(&self, part: Part<'_>, folder: &Path) -> Result<String, Unread> {
        match part {
            Part::Literal(text) => Ok(text.to_owned()),
            Part::Env(name) => self.env(name),
            Part::File(path) => {
                let path = folder.join(path);
                let mut files = self.files.borrow_mut();
                let value = files.entry(path).or_insert_with_key(|path| self.resolver.file(path));
                value.clone().map_err(|error| unread("unreadable_file", "the file of this reference", &error))
            }
            Part::Cmd(command) => {
                let mut commands = self.commands.borrow_mut();
                let value = commands.entry(command.to_owned()).or_insert_with(|| self.resolver.cmd(command));
                value.clone().map_err(|error| unread("failed_command", "the command of this reference", &error))
            }
        }
    }

    fn env(&self, name: &str) -> Result<String, Unread> {
        let mut variables = self.variables.borrow_mut();
        if !variables.contains_key(name) {
            let value = self.resolver.env(name).map(|value| value.map(Secret::new));
            variables.insert(name.to_owned(), value);
        }
        let value = variables.get(name).unwrap_or(&Ok(None));
        let variable = || format!("the environment variable {}", quote(name));
        match value {
            Ok(Some(value)) => Ok(value.expose().to_owned()),
            Ok(None) => Err(Unread {
                code: "unset_variable",
                message: format!("{} isn't set", variable()),
                hint: Some(format!("set {name}, or try it with --sandbox, which needs none")),
            }),
            Err(error) => Err(unread("unreadable_variable", &variable(), error)),
        }
    }
}

fn unread(code: &'static str, what: &str, error: &Unreadable) -> Unread {
    Unread { code, message: format!("{what} can't be read: {}", error.why), hint: error.hint.map(str::to_owned) }
}

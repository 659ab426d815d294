//! The secrets of an import: what its references stand for while it is proved, and which names are taken.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::config::{Resolver, Unreadable};
use crate::files;
use crate::render::yaml::{Imported, Variables};

/// The largest file that is searched for names; a larger one couldn't be read as YAML.
const MAX_FILE_BYTES: u64 = 256 << 20;

/// What an import refers to, with the values that it read. A value that the vendor doesn't show is stood in for.
pub(super) struct Secrets<'a> {
    known: HashMap<&'a str, &'a str>,
    others: &'a dyn Resolver,
}

impl<'a> Secrets<'a> {
    pub(super) fn new(imported: &'a Imported, others: &'a dyn Resolver) -> Self {
        let shown = imported.secrets.iter().map(|(name, secret)| (&**name, secret.expose()));
        let hidden = imported.unknown_secrets.iter().map(|unknown| (&*unknown.name, &*unknown.stand_in));
        Self { known: shown.chain(hidden).collect(), others }
    }
}

impl Resolver for Secrets<'_> {
    fn env(&self, name: &str) -> Result<Option<String>, Unreadable> {
        match self.known.get(name) {
            Some(value) => Ok(Some((*value).to_owned())),
            None => self.others.env(name),
        }
    }

    fn file(&self, path: &Path) -> Result<String, Unreadable> {
        self.others.file(path)
    }

    fn cmd(&self, command: &str) -> Result<String, Unreadable> {
        self.others.cmd(command)
    }

    fn stands_in(&self) -> bool {
        self.others.stands_in()
    }
}

/// Variables for secrets, none of which these files name.
pub(super) fn free_variables(sources: &[PathBuf]) -> Variables {
    let texts = sources.iter().filter_map(|path| files::read_text(path, MAX_FILE_BYTES).ok());
    Variables::except(texts.flat_map(|text| names(&text)))
}

/// The names in `${env:…}`, also those with `{number}` in them.
fn names(text: &str) -> Vec<String> {
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '{' | '}');
    let rests = text.split("${env:").skip(1);
    rests
        .map(|rest| {
            let name = rest.split(|character| !is_part(character)).next().unwrap_or_default();
            // One brace closes the reference, if there is no `{` for it.
            match name.match_indices('}').find(|(at, _)| !name.get(..*at).unwrap_or_default().ends_with("{number")) {
                Some((end, _)) => name.get(..end).unwrap_or_default().to_owned(),
                None => name.to_owned(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_references() {
        let text = "a: \"${env:A_1}-${env:SIP_{number}}\"\nb: ${env:B}}\nc: $${env:C} ${file:x} ${env:";
        assert_eq!(names(text), ["A_1", "SIP_{number}", "B", "C", ""]);
    }
}

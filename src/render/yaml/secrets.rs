//! Secrets beside the YAML: the variables that stand for them, and files for their values.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::scalar::quoted;
use crate::model::{Address, Credential, LiveObject, Secret};

/// What `{number}` stands for in the name of a variable: digits.
const NUMBER: &str = "{number}";

/// Names of environment variables, each given once.
#[derive(Clone, Debug, Default)]
pub struct Variables {
    taken: BTreeSet<String>,
    /// What stands before and behind `{number}`.
    patterns: Vec<(String, String)>,
}

impl Variables {
    /// None of these is given, nor one that `{number}` in them could stand for: other files have them.
    pub fn except(names: impl IntoIterator<Item = String>) -> Self {
        let mut variables = Self::default();
        for name in names {
            match name.split_once(NUMBER) {
                Some((before, behind)) => variables.patterns.push((before.to_owned(), behind.to_owned())),
                None => _ = variables.taken.insert(name),
            }
        }
        variables
    }

    /// A name that nothing else has: `HQ_PBX_TO_108_16_PASSWORD`.
    pub(super) fn take(&mut self, target: &str, key: &str, field: &str) -> String {
        let base: String = format!("{target}_{key}_{field}")
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' })
            .collect();
        // A variable can't begin with a digit.
        let base = if base.starts_with(|first: char| first.is_ascii_digit()) { format!("SIP_{base}") } else { base };
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| self.is_free(name));
        let name = free.unwrap_or(base);
        self.taken.insert(name.clone());
        name
    }

    fn is_free(&self, name: &str) -> bool {
        let fits = |(before, behind): &(String, String)| {
            let inside = name.strip_prefix(&**before).and_then(|rest| rest.strip_suffix(&**behind));
            inside.is_some_and(|inside| !inside.is_empty() && inside.bytes().all(|byte| byte.is_ascii_digit()))
        };
        !self.taken.contains(name) && !self.patterns.iter().any(fits)
    }
}

/// Secrets as a file for a shell: one `NAME='value'` a line.
pub fn env_file(secrets: &[(String, Secret)]) -> Secret {
    let mut text = String::new();
    for (name, secret) in secrets {
        _ = writeln!(text, "{name}='{}'", secret.expose().replace('\'', r"'\''"));
    }
    Secret::new(text)
}

/// Accounts that vendors have made, as YAML by address: for the people who use them, and for nobody else.
pub fn credentials<'a>(objects: impl IntoIterator<Item = (Address, &'a LiveObject)>) -> Secret {
    let mut text = String::new();
    for (address, live) in objects {
        if live.credentials().is_empty() {
            continue;
        }
        _ = writeln!(text, "{}:", quoted(&address.to_string()));
        for Credential { account, password } in live.credentials() {
            let password = password.as_ref().map_or("null".into(), |password| quoted(password.expose()));
            _ = writeln!(text, "  - {{ account: {}, password: {password} }}", quoted(account));
        }
    }
    Secret::new(text)
}

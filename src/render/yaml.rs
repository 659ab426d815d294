//! Live objects as desired-state YAML, for `import`: grouped by target, sorted, defaults left out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::diag::escaped;
use crate::model::{Address, Credential, Field, FieldSet, KindSupport, LiveObject, Secret, Type, Value};

/// The live objects of one kind on one target.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// The target's name.
    pub target: &'a str,
    /// The kind, and what the vendor can do with it.
    pub support: &'static KindSupport,
    /// Fields that are written also where they have the kind's default: the YAML has other `defaults:` for them.
    pub defaulted: FieldSet,
    /// Sorted by key.
    pub objects: Vec<&'a LiveObject>,
}

/// A file for people to keep, and the secrets that it refers to.
#[derive(Debug, Default)]
pub struct Imported {
    /// The YAML.
    pub yaml: String,
    /// Environment variables that it refers to, with their values where the vendor shows them.
    pub secrets: Vec<(String, Secret)>,
    /// Variables whose value the vendor doesn't show.
    pub unknown_secrets: Vec<String>,
    taken: BTreeSet<String>,
}

impl Imported {
    /// Writes groups of objects; those of one kind have to stand together.
    pub fn new(groups: &[Group<'_>]) -> Self {
        let mut imported = Self { yaml: "version: 1\n".into(), ..Self::default() };
        let mut section = "";
        for group in groups.iter().filter(|group| !group.objects.is_empty()) {
            if section != group.support.kind.section {
                section = group.support.kind.section;
                _ = writeln!(imported.yaml, "\n{section}:");
            }
            _ = writeln!(imported.yaml, "  # {}", escaped(group.target));
            group.objects.iter().for_each(|live| imported.object(group, live));
        }
        imported
    }

    fn object(&mut self, group: &Group<'_>, live: &LiveObject) {
        let kind = group.support.kind;
        _ = writeln!(self.yaml, "  - {}: {}", kind.key, scalar(&live.key));
        _ = writeln!(self.yaml, "    target: {}", scalar(group.target));
        let variant = kind.variant_of(&live.values);
        for (index, (field, value)) in kind.fields.iter().zip(live.values.iter()).enumerate() {
            let known = group.support.field(field.name).filter(|support| !support.computed);
            if known.is_some() && field.applies.covers(variant) {
                let must_stand = group.defaulted.contains(index) || field.required.covers(variant);
                self.field(group, live, field, value, must_stand);
            }
        }
    }

    fn field(&mut self, group: &Group<'_>, live: &LiveObject, field: &Field, value: &Value, must_stand: bool) {
        let name = field.name;
        match value {
            Value::NotReadable if field.secret && must_stand => {
                let variable = self.variable(group.target, &live.key, name);
                let note = "the vendor doesn't show it: set the variable";
                _ = writeln!(self.yaml, "    {name}: \"${{env:{variable}}}\"  # {note}");
                self.unknown_secrets.push(variable);
            }
            Value::NotReadable => _ = writeln!(self.yaml, "    # {name}: the vendor doesn't show it"),
            Value::Secret(secret) => {
                let variable = self.variable(group.target, &live.key, name);
                _ = writeln!(self.yaml, "    {name}: \"${{env:{variable}}}\"");
                self.secrets.push((variable, secret.clone()));
            }
            _ if !must_stand
                && (*value == field.default_value() || value.is_empty() && field.default_value().is_empty()) => {}
            Value::Unset => {}
            _ => self.plain(field, value),
        }
    }

    fn plain(&mut self, field: &Field, value: &Value) {
        let name = field.name;
        _ = if let Some(text) = flow(&field.ty, value) {
            writeln!(self.yaml, "    {name}: {text}")
        } else {
            writeln!(self.yaml, "    # {name}: can't be told apart into its parts; write it by hand")
        };
    }

    /// A variable's name that nothing else has: `HQ_PBX_TO_108_16_PASSWORD`.
    fn variable(&mut self, target: &str, key: &str, field: &str) -> String {
        let base: String = format!("{target}_{key}_{field}")
            .chars()
            .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' })
            .collect();
        // A variable can't begin with a digit.
        let base = if base.starts_with(|first: char| first.is_ascii_digit()) { format!("SIP_{base}") } else { base };
        let numbered = (2..).map(|number| format!("{base}_{number}"));
        let free = std::iter::once(base.clone()).chain(numbered).find(|name| !self.taken.contains(name));
        let name = free.unwrap_or(base);
        self.taken.insert(name.clone());
        name
    }

    /// The secrets as a file for a shell: one `NAME='value'` a line.
    pub fn env_file(&self) -> Secret {
        let mut text = String::new();
        for (name, secret) in &self.secrets {
            _ = writeln!(text, "{name}='{}'", secret.expose().replace('\'', r"'\''"));
        }
        Secret::new(text)
    }
}

/// Accounts that vendors have made, as YAML by address: for the people who use them, and for nobody else.
pub fn credentials<'a>(objects: impl IntoIterator<Item = (Address, &'a LiveObject)>) -> Secret {
    let mut text = String::new();
    for (address, live) in objects {
        if live.credentials.is_empty() {
            continue;
        }
        _ = writeln!(text, "{}:", scalar(&address.to_string()));
        for Credential { account, password } in &live.credentials {
            let password = password.as_ref().map_or("null".into(), |password| scalar(password.expose()));
            _ = writeln!(text, "  - {{ account: {}, password: {password} }}", scalar(account));
        }
    }
    Secret::new(text)
}

/// A value in YAML's flow style; `None` where it can't be written so that it reads back the same.
fn flow(ty: &Type, value: &Value) -> Option<String> {
    match (ty, value) {
        (Type::Choice(choices), Value::Text(text)) if choices.contains(&&**text) => Some(text.to_string()),
        (Type::Joined(parts), Value::Text(text)) => joined(parts, text),
        (_, Value::Text(text)) => Some(scalar(text)),
        (_, Value::Integer(number)) => Some(number.to_string()),
        (_, Value::Bool(yes)) => Some(yes.to_string()),
        (Type::List(item) | Type::Set(item), Value::List(items)) => {
            let items: Option<Vec<_>> = items.iter().map(|value| flow(item, value)).collect();
            Some(format!("[{}]", items?.join(", ")))
        }
        (Type::Record(members), Value::Record(values)) => {
            let pairs = members.iter().zip(values.iter()).filter(|(_, value)| !value.is_empty());
            let pairs: Option<Vec<_>> =
                pairs.map(|(member, value)| Some(format!("{}: {}", member.name, flow(&member.ty, value)?))).collect();
            Some(format!("{{ {} }}", pairs?.join(", ")))
        }
        _ => None,
    }
}

/// A joined text as its parts: what stands before the first hyphen, after the last one, and between.
fn joined(parts: &[&str], text: &str) -> Option<String> {
    let [first, middle, last] = parts else { return None };
    let (before, rest) = text.split_once('-')?;
    let (between, after) = rest.rsplit_once('-')?;
    (!before.is_empty() && !between.is_empty() && !after.is_empty())
        .then(|| format!("{{ {first}: {}, {middle}: {}, {last}: {} }}", scalar(before), scalar(between), scalar(after)))
}

/// A text as a YAML scalar that stays a text: always in double quotes, so that `no`, `0123` and `12:30` survive. A `$` that
/// would begin a reference is doubled.
fn scalar(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.replace("${", "$${").chars() {
        match character {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(character);
            }
            _ if crate::diag::is_harmful(character) => {
                _ = write!(quoted, "\\U{:08X}", u32::from(character));
            }
            '[' if crate::diag::opens_command(&quoted) => quoted.push_str("\\x5b"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

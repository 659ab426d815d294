//! One live object as an entry, field by field, by the kind's table.

use std::collections::BTreeMap;

use super::flow::flow;
use super::scalar::word;
use super::{Group, Unknown, Writer};
use crate::diag::escaped;
use crate::model::{Address, Field, FieldSupport, LiveObject, Value};

/// Why a hidden field isn't written.
const HIDDEN: &str = "the vendor doesn't show it";

/// One field of one object, with everything that decides how it is written.
struct At<'a> {
    group: &'a Group<'a>,
    live: &'a LiveObject,
    address: &'a Address,
    field: &'static Field,
    support: &'static FieldSupport,
    /// The entry would be wrong without it.
    demanded: bool,
    /// The YAML's `defaults:` say something else.
    defaulted: bool,
}

/// How a field is written.
enum Written {
    /// Its default, which needs no line.
    Nothing,
    /// A line with this value.
    Value(String),
    /// A comment, and the field is as good as not there.
    Comment(String),
    /// It can't be written, and leaving it out would mean something else: why, as a fragment.
    LeftAlone(String),
}

impl Writer<'_> {
    pub(super) fn entry(&mut self, group: &Group<'_>, live: &LiveObject) {
        let kind = group.support.kind;
        let address = group.address(&live.key);
        self.line_about(&address, None, format_args!("  - {}: {}", kind.key, word(&live.key)));
        self.line(format_args!("    target: {}", word(group.target)));
        let mut left_alone = BTreeMap::new();
        for (index, (field, value)) in kind.fields.iter().zip(live.values.iter()).enumerate() {
            let Some(at) = at(group, live, &address, index, field) else { continue };
            let omitted = self.omissions.fields.get(&address).and_then(|fields| fields.get(field.name));
            let written = match omitted {
                Some(why) => Written::LeftAlone(why.clone()),
                None => self.written(&at, value),
            };
            self.field(&at, value, written, &mut left_alone);
        }
        self.ignore_fields(&address, left_alone);
    }

    fn written(&mut self, at: &At<'_>, value: &Value) -> Written {
        let Field { ty, secret, .. } = at.field;
        let default = at.field.default_value();
        let is_default = *value == default || value.is_empty() && default.is_empty();
        match value {
            Value::NotReadable if *secret && at.demanded => Written::Value(self.unknown_secret(at)),
            Value::NotReadable if at.demanded => Written::LeftAlone(HIDDEN.into()),
            Value::NotReadable => Written::Comment(HIDDEN.into()),
            _ if value.is_empty() && at.demanded => Written::LeftAlone("it is empty, which the YAML can't say".into()),
            _ if is_default && !at.defaulted && !at.demanded => Written::Nothing,
            Value::Unset => Written::LeftAlone("the vendor shows no value for it".into()),
            Value::Secret(secret) => Written::Value(self.secret(at, secret)),
            _ => flow(ty, value)
                .map_or_else(|| Written::LeftAlone("its parts can't be told apart".into()), Written::Value),
        }
    }

    fn field(&mut self, at: &At<'_>, value: &Value, written: Written, left_alone: &mut BTreeMap<&'static str, String>) {
        let name = at.field.name;
        match written {
            Written::Nothing => {}
            Written::Value(text) if *value == Value::NotReadable => {
                let text = format_args!("    {name}: {text}  # {HIDDEN}: set the variable");
                self.line_about(at.address, Some(name), text);
            }
            Written::Value(text) => self.line_about(at.address, Some(name), format_args!("    {name}: {text}")),
            Written::Comment(why) => self.line(format_args!("    # {name}: {}", escaped(&why))),
            Written::LeftAlone(why) => {
                match flow(&at.field.ty, value).filter(|_| !at.field.secret && !value.is_empty()) {
                    Some(shown) => {
                        self.line(format_args!("    # {name}: {shown}  # can't be written: {}", escaped(&why)));
                    }
                    None => self.line(format_args!("    # {name} can't be written: {}", escaped(&why))),
                }
                left_alone.insert(name, why);
            }
        }
    }

    fn ignore_fields(&mut self, address: &Address, left_alone: BTreeMap<&'static str, String>) {
        if left_alone.is_empty() {
            return;
        }
        let names: Vec<_> = left_alone.keys().copied().collect();
        self.line(format_args!("    ignore_fields: [{}]", names.join(", ")));
        let rows = left_alone.into_iter().map(|(name, why)| (address.clone(), name, why));
        self.imported.left_alone.extend(rows);
    }

    fn secret(&mut self, at: &At<'_>, secret: &crate::model::Secret) -> String {
        let name = self.variables.take(at.group.target, &at.live.key, at.field.name);
        let text = format!("\"${{env:{name}}}\"");
        self.imported.secrets.push((name, secret.clone()));
        text
    }

    fn unknown_secret(&mut self, at: &At<'_>) -> String {
        let name = self.variables.take(at.group.target, &at.live.key, at.field.name);
        let text = format!("\"${{env:{name}}}\"");
        let rules = &at.support.rules;
        let stand_in = "0".repeat(rules.min_length.max(rules.doubtful_below).max(1));
        self.imported.unknown_secrets.push(Unknown { name, stand_in });
        text
    }
}

/// What is known of a field; `None` where the vendor or the variant doesn't have it, or nobody writes it.
fn at<'a>(
    group: &'a Group<'a>,
    live: &'a LiveObject,
    address: &'a Address,
    index: usize,
    field: &'static Field,
) -> Option<At<'a>> {
    let kind = group.support.kind;
    let variant = kind.variant_of(&live.values);
    let defaulted = group.defaulted.contains(index);
    let support = group.support.field(field.name).filter(|support| !support.computed || defaulted)?;
    let needed_with = field.needed_with.and_then(|flag| kind.value_of(&live.values, flag));
    let demanded = field.required.covers(variant)
        || support.required.covers(variant)
        || needed_with.is_some_and(|flag| *flag == Value::Bool(true));
    field.applies.covers(variant).then_some(At { group, live, address, field, support, demanded, defaulted })
}

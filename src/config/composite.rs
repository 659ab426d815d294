//! One YAML value through its row of a table into a canonical [`Value`].

use super::lower::{Label, Lowering};
use super::node::{Content, Node};
use crate::diag::quote;
use crate::model::field::Member;
use crate::model::{Type, Value};

/// Parts of a joined text that may be empty: the vendors document no such rule for names.
const MAY_BE_EMPTY: &str = "name";

impl Lowering<'_> {
    /// A value of this type; `None` where something was reported or a reference isn't read yet.
    pub(super) fn value(&mut self, ty: &Type, node: &Node<'_>, label: Label<'_>) -> Option<Value> {
        match *ty {
            Type::List(item) | Type::Set(item) => self.list(ty, item, node, label),
            Type::Record(members) => self.record(members, node, label),
            Type::Joined(parts) => self.joined(ty, parts, node, label),
            _ => self.scalar(ty, node, label),
        }
    }

    fn scalar(&mut self, ty: &Type, node: &Node<'_>, label: Label<'_>) -> Option<Value> {
        if node.text().is_none() {
            self.not_of_type(ty, node, label);
            return None;
        }
        let looks_right = |text: &str| !matches!(ty, Type::Host) || looks_like_host(text);
        let parse = |text: &str| {
            if looks_right(text) { ty.parse(text) } else { Err(ty.expected()) }
        };
        let value = self.parsed(node, label, &parse, stand_in(ty))?;
        Some(if label.secret { hidden(value) } else { value })
    }

    fn list(&mut self, ty: &Type, item: &Type, node: &Node<'_>, label: Label<'_>) -> Option<Value> {
        let Content::List(items) = &node.content else {
            self.not_of_type(ty, node, label);
            return None;
        };
        // All items are looked at, so that all mistakes show.
        let values: Vec<Option<Value>> = items.iter().map(|node| self.value(item, node, label)).collect();
        values.into_iter().collect::<Option<Vec<Value>>>().map(|values| ty.gather(values))
    }

    fn record(&mut self, members: &'static [Member], node: &Node<'_>, label: Label<'_>) -> Option<Value> {
        if node.is_null() {
            self.not_of_type(&Type::Record(members), node, label);
            return None;
        }
        let names: Vec<&str> = members.iter().map(|member| member.name).collect();
        if !self.is_map_of(node, label, &names) {
            return None;
        }
        let mut values = Vec::with_capacity(members.len());
        for member in members {
            values.push(match node.get(member.name) {
                Some(value) => self.value(&member.ty, value, Label { name: member.name, ..label }),
                None => Some(member.ty.empty()),
            });
        }
        values.into_iter().collect::<Option<_>>().map(Value::Record)
    }

    fn joined(&mut self, ty: &Type, parts: &[&str], node: &Node<'_>, label: Label<'_>) -> Option<Value> {
        if !matches!(node.content, Content::Map(_)) {
            self.not_of_type(ty, node, label);
            return None;
        }
        let mut whole = self.is_map_of(node, label, parts);
        let mut texts = Vec::with_capacity(parts.len());
        for part in parts {
            if let Some(value) = node.get(part) {
                texts.push(self.joined_part(value, Label { name: part, ..label }));
                continue;
            }
            whole = false;
            let finding = self.about(node, label, "missing_field", &format!("lacks {}", quote(part)));
            self.report.add(finding.shown(false).hint(format!("expected {}", ty.expected())));
        }
        let texts = texts.into_iter().collect::<Option<Vec<String>>>()?;
        whole.then(|| Value::text(texts.join("-")))
    }

    fn joined_part(&mut self, node: &Node<'_>, label: Label<'_>) -> Option<String> {
        let value = self.scalar(&Type::Text, node, label)?;
        let text = value.as_text()?;
        if text.contains(',') {
            self.error(node, label, "bad_text", "holds a comma, which separates entries on the vendor's side");
            return None;
        }
        if text.trim() != text {
            self.error(node, label, "bad_text", "begins or ends with a space, which the vendor drops");
            return None;
        }
        if text.is_empty() && label.name != MAY_BE_EMPTY {
            self.error(node, label, "empty_value", "is empty");
            return None;
        }
        Some(text.to_owned())
    }
}

fn hidden(value: Value) -> Value {
    match value {
        Value::Text(text) => Value::secret(text),
        other => other,
    }
}

fn looks_like_host(text: &str) -> bool {
    !text.contains(|character: char| character.is_whitespace() || matches!(character, '/' | '@' | ',' | ';'))
}

/// A value that fits, for a sandbox value that doesn't.
fn stand_in(ty: &Type) -> Option<Value> {
    match ty {
        Type::Integer { min, .. } => Some(Value::Integer(*min)),
        Type::Bool => Some(Value::Bool(false)),
        Type::Choice(choices) => choices.first().map(|choice| Value::text(*choice)),
        _ => None,
    }
}

//! Values that fit a field, from the kind's table alone.

use sipform::model::{Field, KindSupport, Type, Value};

/// A value that fits the field, and isn't empty.
pub(crate) fn sample(field: &Field) -> Value {
    nth_sample(field, 1)
}

/// The `which`th of them, from 1. A set holds this one and the one after it.
pub(crate) fn nth_sample(field: &Field, which: usize) -> Value {
    masked(field, of_type(&field.ty, field.name, which))
}

/// Other values that fit it: one for each way in which a value of its type can differ, and the empty one where the field
/// may be left out.
pub(crate) fn others(support: &KindSupport, field: &Field, variant: Option<&str>) -> Vec<Value> {
    // What the vendor computes is never empty.
    let asked = support.field(field.name).is_some_and(|support| support.required.covers(variant) || support.computed);
    let optional = !field.required.covers(variant) && !asked && field.needed_with.is_none();
    let empty = Some(field.ty.empty()).filter(|empty| optional && *empty != Value::Unset && !is_list(field.ty));
    let values = differing(&field.ty, field.name).into_iter().filter(|value| optional || !value.is_empty());
    values.chain(empty).map(|value| masked(field, value)).collect()
}

/// A list of codecs may be left out, but vendors don't take one with nothing in it.
fn is_list(ty: Type) -> bool {
    matches!(ty, Type::List(_))
}

fn masked(field: &Field, value: Value) -> Value {
    match value {
        Value::Text(text) if field.secret => Value::secret(text),
        value => value,
    }
}

/// The `which`th value of a type, from 1.
fn of_type(ty: &Type, name: &str, which: usize) -> Value {
    match *ty {
        Type::Text => Value::text(text(name, which)),
        Type::Host => Value::text(format!("host{which}.example")),
        Type::Integer { min, max } => Value::Integer(if which == 1 { min.midpoint(max) } else { max }),
        Type::Bool => Value::Bool(which == 1),
        Type::Choice(choices) => Value::text(choices[(which - 1) % choices.len()]),
        Type::List(item) | Type::Set(item) => {
            ty.gather(vec![of_type(item, name, which), of_type(item, name, which + 1)])
        }
        Type::Record(members) => {
            Value::Record(members.iter().map(|member| of_type(&member.ty, member.name, which)).collect())
        }
        Type::Joined(_) => Value::text(format!("550330{which}-{name}-x-100{which}")),
    }
}

/// Vendors take addresses and numbers only where they want one.
fn text(name: &str, which: usize) -> String {
    match name {
        name if name.ends_with("_ip") || name.ends_with("_ips") => format!("203.0.113.{which}:5060"),
        name if name.ends_with("number") => format!("86100000{which}"),
        name => format!("{name}-{which}"),
    }
}

/// Values that differ from the first one of the type.
fn differing(ty: &Type, name: &str) -> Vec<Value> {
    match *ty {
        Type::Integer { min, max } => vec![Value::Integer(min), Value::Integer(max)],
        Type::Bool => vec![Value::Bool(false)],
        Type::Choice(choices) => choices.iter().skip(1).map(|choice| Value::text(*choice)).collect(),
        Type::List(item) => {
            let [a, b, c] = [1, 2, 3].map(|which| of_type(item, name, which));
            let lists = [vec![b.clone(), a.clone()], vec![a.clone()], vec![a, b, c.clone()], vec![c]];
            lists.map(|items| ty.gather(items)).into()
        }
        Type::Set(item) => {
            let [a, b, c] = [1, 2, 3].map(|which| of_type(item, name, which));
            [vec![], vec![a.clone()], vec![a, b, c.clone()], vec![c]].map(|items| ty.gather(items)).into()
        }
        Type::Record(members) => {
            let one_member = members.iter().enumerate().flat_map(|(index, member)| {
                let values = differing(&member.ty, member.name).into_iter();
                values.map(move |value| with_member(ty, name, index, value))
            });
            one_member.collect()
        }
        Type::Text | Type::Host | Type::Joined(_) => vec![of_type(ty, name, 2)],
    }
}

fn with_member(ty: &Type, name: &str, index: usize, value: Value) -> Value {
    let Value::Record(members) = of_type(ty, name, 1) else { panic!("{name} is no record") };
    let mut members = members.to_vec();
    members[index] = value;
    Value::Record(members.into())
}

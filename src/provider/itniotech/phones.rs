//! Phones, gathered into the groups that they were made in.

use std::collections::{BTreeMap, HashSet};

use crate::model::{Credential, Field, KindSupport, LiveObject, Value};
use crate::provider::loose::{Loose, Record};

use super::paging::{Doubts, show};
use super::{response, wire};

/// One phone of a listing.
struct Phone<'r> {
    name: Loose,
    account: Loose,
    record: &'r Record,
}

/// One live object a group. Of a phone that is listed twice one counts.
pub(super) fn gather(support: &KindSupport, records: &[Record], doubts: &mut Doubts) -> Vec<LiveObject> {
    let mut groups: BTreeMap<String, Vec<Phone<'_>>> = BTreeMap::new();
    let (mut names, mut accounts) = (HashSet::new(), HashSet::new());
    for record in records {
        let group = Loose::member(record, wire::GROUP_NAME).or_empty().to_owned();
        let (name, account) = (Loose::member(record, wire::PHONE_NAME), Loose::member(record, wire::ACCOUNT));
        if group.is_empty() || name.or_empty().is_empty() {
            doubts.add(|| format!("the phone {} has no name, or no group", show(name.or_empty())));
            continue;
        }
        let is_new = names.insert(name.or_empty().to_owned());
        let is_new_account = account.or_empty().is_empty() || accounts.insert(account.or_empty().to_owned());
        if is_new && is_new_account {
            groups.entry(group).or_default().push(Phone { name, account, record });
        } else {
            doubts.add(|| format!("the phone {} is shown twice", show(name.or_empty())));
        }
    }
    let is_whole = doubts.is_empty();
    groups.into_iter().map(|(name, phones)| group(support, &name, phones, is_whole)).collect()
}

fn group(support: &KindSupport, name: &str, mut phones: Vec<Phone<'_>>, is_whole: bool) -> LiveObject {
    phones.sort_by_cached_key(|phone| {
        let (stem, number) = split(phone.name.or_empty());
        (number, stem.to_owned())
    });
    let fields = support.kind.fields.iter();
    let values = fields.map(|field| match support.field(field.name).map(|supported| supported.wire) {
        Some([wire::PHONE_NAME]) => stem(&phones),
        // What isn't listed can't be counted.
        Some([wire::QUANTITY]) if !is_whole => Value::NotReadable,
        Some([wire::QUANTITY]) => i64::try_from(phones.len()).map_or(Value::NotReadable, Value::Integer),
        Some([wire]) => common(field, wire, &phones),
        _ => Value::Unset,
    });
    let mut live = LiveObject::new(name, name, values.collect());
    live.extra_mut().credentials = phones.iter().filter_map(credential).collect();
    live
}

/// What every phone's name begins with; not readable where they don't agree.
fn stem(phones: &[Phone<'_>]) -> Value {
    agreed(phones.iter().map(|phone| Value::text(split(phone.name.or_empty()).0)))
}

/// A value that all phones share.
fn common(field: &Field, wire: &str, phones: &[Phone<'_>]) -> Value {
    agreed(phones.iter().map(|phone| response::value(field, phone.record.get(wire))))
}

fn agreed(mut values: impl Iterator<Item = Value>) -> Value {
    let first = values.next().unwrap_or(Value::NotReadable);
    if values.all(|value| value == first) { first } else { Value::NotReadable }
}

/// `sip-12` into `sip` and 12; the platform numbers the phones of a group. A name without a number is its own stem.
fn split(name: &str) -> (&str, Option<u32>) {
    match name.rsplit_once('-') {
        Some((stem, digits)) if !stem.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_or((name, None), |number| (stem, Some(number)))
        }
        _ => (name, None),
    }
}

fn credential(phone: &Phone<'_>) -> Option<Credential> {
    let account = phone.account.text().filter(|account| !account.is_empty())?;
    let shown = Loose::member(phone.record, wire::PASSWORD);
    let password = shown.text().filter(|password| !password.is_empty()).and_then(response::password);
    Some(Credential { account: account.into(), password })
}

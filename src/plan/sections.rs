//! The desired state in sections: which part of the YAML isn't what a plan was made from.
//!
//! The digest of the whole decides; these short ones only tell where to look. They stay small, however many entries there
//! are: the entries of a kind are dealt into a bounded number of buckets by their keys.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::digest::{self, Parts};
use super::document::PlanDocument;
use crate::model::{Address, Desired, DesiredObject, Target};

/// The most buckets of one kind on one target.
const MAX_BUCKETS: usize = 1024;
/// The most buckets of one kind in one document, as far as every target has at least one.
const MAX_IN_ALL: usize = 16_384;

/// Short digests of what the YAML says about one target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sections {
    /// Of the target's own settings, secrets left out.
    pub settings: String,
    /// Of what `removed:` says about it.
    pub removed: String,
    /// Of its entries by kind, secrets left out: `bucket:count:digest` of each bucket with entries, with spaces between
    /// them.
    pub entries: BTreeMap<String, String>,
}

impl Sections {
    /// Those of one of so many targets.
    pub fn of(target: &Target, desired: &Desired, targets: usize) -> Self {
        let mut entries = BTreeMap::new();
        for (kind, objects) in by_kind(desired.objects_of(&target.name)) {
            let dealt = deal(objects, buckets(targets));
            let told = dealt.iter().map(|(place, bucket)| format!("{place:x}:{}", bucket_digest(bucket)));
            entries.insert(kind.to_owned(), told.collect::<Vec<_>>().join(" "));
        }
        Self { settings: digest::short(|hash| hash.target(target)), removed: removed(target, desired), entries }
    }
}

/// What differs between the YAML of a plan and that of now, in words and as exactly as the plan's sections tell; at most
/// `most` of it. Empty where they don't tell.
pub fn differences(then: &PlanDocument, desired: &Desired, most: usize) -> Vec<String> {
    let mut found = Vec::new();
    for document in &then.targets {
        match (desired.target(&document.name), &document.config) {
            (None, _) => found.push(format!("the target {}, which is gone", document.name)),
            (Some(target), Some(sections)) => compare(sections, target, then, desired, &mut found),
            (Some(_), None) => {}
        }
        if found.len() > most {
            break;
        }
    }
    if found.len() > most {
        found.truncate(most);
        found.push("more".into());
    }
    found
}

fn compare(sections: &Sections, target: &Target, document: &PlanDocument, desired: &Desired, found: &mut Vec<String>) {
    if sections.settings != digest::short(|hash| hash.target(target)) {
        found.push(format!("the settings of the target {} ({})", target.name, target.source));
    }
    let now = by_kind(desired.objects_of(&target.name));
    let kinds = sections.entries.keys().map(String::as_str).chain(now.keys().copied());
    for kind in kinds.collect::<BTreeSet<_>>() {
        let then = sections.entries.get(kind).map_or("", |text| &**text);
        let objects = now.get(kind).cloned().unwrap_or_default();
        let scope = Scope { target, kind, document, desired };
        scope.compare(then, objects, found);
    }
    if sections.removed != removed(target, desired) {
        found.push(format!("`removed:` about the target {}", target.name));
    }
}

/// The entries of one kind on one target, then and now.
struct Scope<'a> {
    target: &'a Target,
    kind: &'a str,
    document: &'a PlanDocument,
    desired: &'a Desired,
}

impl Scope<'_> {
    fn compare(&self, then: &str, objects: Vec<&DesiredObject>, found: &mut Vec<String>) {
        let buckets = buckets(self.document.targets.len());
        let (then, now) = (read(then), deal(objects, buckets));
        let before = found.len();
        let mut nameless = 0;
        for place in then.keys().chain(now.keys()).collect::<BTreeSet<_>>() {
            let objects = now.get(place).map(Vec::as_slice).unwrap_or_default();
            let then = then.get(place).copied().unwrap_or("0:");
            if then == bucket_digest(objects) {
                continue;
            }
            let count: usize = then.split(':').next().and_then(|count| count.parse().ok()).unwrap_or(0);
            let gone = self.gone(*place, buckets);
            nameless += count.saturating_sub(objects.len()).saturating_sub(gone.len());
            found.extend(gone.iter().map(|address| format!("{address}, which is gone")));
            found.extend(told(objects, count));
        }
        if nameless > 0 {
            let place = format!("{}/{}", self.target.name, self.kind);
            found.insert(before, format!("{place}, where {nameless} of the entries are gone"));
        }
    }

    /// Entries with a change in the plan that aren't there any more.
    fn gone(&self, place: usize, buckets: usize) -> Vec<Address> {
        let changes = self.document.changes.iter().filter(|change| change.source.is_some());
        let addresses = changes.filter_map(|change| Address::parse(&change.address).ok());
        let own = addresses.filter(|address| address.target == self.target.name && address.kind == self.kind);
        own.filter(|address| bucket_of(&address.key, buckets) == place && !self.is_wanted(address)).collect()
    }

    fn is_wanted(&self, address: &Address) -> bool {
        let objects = &self.desired.objects;
        let removed = self.desired.removed.iter().any(|removed| removed.address == *address);
        removed || objects.binary_search_by(|object| object.address.cmp(address)).is_ok()
    }
}

/// What to say about a bucket that differs and had so many entries.
fn told(objects: &[&DesiredObject], count: usize) -> Option<String> {
    let name = |object: &DesiredObject| format!("{} ({})", object.address, object.source);
    match objects {
        // Entries are gone, and nobody can tell whether the others are as they were.
        _ if count > objects.len() => None,
        [] => None,
        [object] if count == 0 => Some(format!("{}, which is new", name(object))),
        [object] => Some(name(object)),
        [first, others @ ..] => Some(format!("{} or one of {} others", name(first), others.len())),
    }
}

fn by_kind(objects: &[DesiredObject]) -> BTreeMap<&'static str, Vec<&DesiredObject>> {
    let mut kinds: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for object in objects {
        kinds.entry(object.kind.name).or_default().push(object);
    }
    kinds
}

/// How many buckets a kind has on each of so many targets.
fn buckets(targets: usize) -> usize {
    (MAX_IN_ALL / targets.max(1)).clamp(1, MAX_BUCKETS)
}

fn deal(objects: Vec<&DesiredObject>, buckets: usize) -> BTreeMap<usize, Vec<&DesiredObject>> {
    let mut dealt: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for object in objects {
        dealt.entry(bucket_of(&object.address.key, buckets)).or_default().push(object);
    }
    dealt
}

fn bucket_of(key: &str, buckets: usize) -> usize {
    let digest = digest::short(|hash| hash.text(key));
    usize::from_str_radix(&digest, 16).unwrap_or(0) % buckets.max(1)
}

/// Buckets by their numbers, as a plan writes them.
fn read(text: &str) -> BTreeMap<usize, &str> {
    let pairs = text.split(' ').filter_map(|bucket| bucket.split_once(':'));
    pairs.filter_map(|(place, rest)| Some((usize::from_str_radix(place, 16).ok()?, rest))).collect()
}

fn bucket_digest(objects: &[&DesiredObject]) -> String {
    if objects.is_empty() {
        return "0:".into();
    }
    let digest = digest::short(|hash: &mut Parts| objects.iter().for_each(|object| hash.object(object)));
    format!("{}:{digest}", objects.len())
}

fn removed(target: &Target, desired: &Desired) -> String {
    let mut own: Vec<_> = desired.removed.iter().filter(|removed| removed.address.target == target.name).collect();
    own.sort_by(|a, b| a.address.cmp(&b.address));
    digest::short(|hash| own.into_iter().for_each(|removed| hash.removed(removed)))
}

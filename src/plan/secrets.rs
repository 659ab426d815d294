//! The secrets that the YAML gives for a target, and which of them differ from those that a plan was made with.

use super::Fingerprinter;
use crate::model::{Desired, DesiredObject, Target, Value};

/// The most stretches into which a target's secrets are cut: a plan stays small, however many entries there are.
const MAX_STRETCHES: usize = 256;
/// How many hex digits of a stretch's fingerprint are kept.
const DIGITS: usize = 16;
/// What stands before them.
const PREFIX: &str = "hmac-sha256:";

/// One target's secrets: its own, then those of its objects in the order of their addresses. The same configuration gives
/// the same list, whatever the values are.
#[derive(Debug)]
pub struct Secrets<'d> {
    list: Vec<(Place<'d>, &'d Value)>,
}

/// Where a secret is wanted.
#[derive(Clone, Copy, Debug)]
enum Place<'d> {
    Target(&'d Target, &'static str),
    Object(&'d DesiredObject, &'static str),
}

impl<'d> Secrets<'d> {
    /// Those of this target.
    pub fn of(target: &str, desired: &'d Desired) -> Self {
        let own = desired.target(target).into_iter().flat_map(|target| {
            let name = |index: usize| target.provider.settings.get(index).map_or("secret", |setting| setting.name);
            let settings = target.settings.iter().enumerate();
            settings.map(move |(index, value)| (Place::Target(target, name(index)), value))
        });
        let of_objects = desired.objects_of(target).iter().flat_map(|object| {
            let fields = object.kind.fields.iter().zip(&object.values);
            fields.map(move |(field, value)| (Place::Object(object, field.name), value))
        });
        Self { list: own.chain(of_objects).filter(|(_, value)| matches!(value, Value::Secret(_))).collect() }
    }

    /// One fingerprint of all of them.
    pub fn fingerprint(&self, fingerprinter: &Fingerprinter) -> String {
        fingerprinter.secrets(self.list.iter().map(|(_, value)| *value))
    }

    /// Short fingerprints of equal stretches of the list, with spaces between them.
    pub fn stretches(&self, fingerprinter: &Fingerprinter) -> String {
        let stretches = self.cut().enumerate().map(|(place, stretch)| short(fingerprinter, place, stretch));
        stretches.collect::<Vec<_>>().join(" ")
    }

    /// The secrets that differ from those with these stretches, as exactly as the stretches tell, at most `most` of them.
    /// Says where they are wanted and nothing of what they are.
    pub fn differences(&self, then: &str, fingerprinter: &Fingerprinter, most: usize) -> Vec<String> {
        let stretches = self.cut().enumerate().zip(then.split(' '));
        let changed = stretches.filter(|((place, stretch), then)| short(fingerprinter, *place, stretch) != **then);
        changed.map(|((_, stretch), _)| name(stretch)).take(most).collect()
    }

    fn cut(&self) -> impl Iterator<Item = &[(Place<'d>, &'d Value)]> {
        self.list.chunks(self.list.len().div_ceil(MAX_STRETCHES).max(1))
    }
}

fn short(fingerprinter: &Fingerprinter, place: usize, stretch: &[(Place<'_>, &Value)]) -> String {
    let whole = fingerprinter.stretch(place, stretch.iter().map(|(_, value)| *value));
    whole.trim_start_matches(PREFIX).chars().take(DIGITS).collect()
}

fn name(stretch: &[(Place<'_>, &Value)]) -> String {
    match stretch {
        [] => String::new(),
        [(place, _)] => place.to_string(),
        [(first, _), .., (last, _)] => format!("one of the {} from {first} to {last}", stretch.len()),
    }
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Target(target, setting) => write!(f, "`{setting}` of the target {} ({})", target.name, target.source),
            Self::Object(object, field) => write!(f, "`{field}` of {} ({})", object.address, object.source),
        }
    }
}

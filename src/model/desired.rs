//! What the YAML says, with every reference resolved.

use std::fmt;
use std::sync::Arc;

use super::{Address, CallCheck, FieldSet, Kind, Target, Value};

/// The desired state: all files together, validated, every secret resolved.
#[derive(Debug)]
pub struct Desired {
    /// By name, sorted.
    pub targets: Vec<Target>,
    /// Sorted by address, no address twice.
    pub objects: Vec<DesiredObject>,
    /// Calls to place when asked for, by name.
    pub call_checks: Vec<CallCheck>,
    /// Entries that the run isn't about, sorted by address: nobody may take their objects for orphans.
    pub unselected: Vec<Unselected>,
    /// What has left the files; no address that is also in `objects`.
    pub removed: Vec<Removed>,
}

/// One object as the YAML wants it.
#[derive(Clone, Debug)]
pub struct DesiredObject {
    /// Its place.
    pub address: Address,
    /// Its kind.
    pub kind: &'static Kind,
    /// One value a field, in the order of the kind's table, defaults filled in. [`Value::Unset`]: leave alone.
    pub values: Box<[Value]>,
    /// Where the entry stands.
    pub source: Source,
    /// The key that it had before: a rename in place.
    pub previously: Option<Box<str>>,
    /// Whether it may never be deleted or replaced; `None` where the entry doesn't say.
    pub protect: Option<bool>,
    /// Fields that are not compared.
    pub ignore_fields: FieldSet,
}

/// An entry that the run isn't about.
#[derive(Clone, Debug)]
pub struct Unselected {
    /// Its place.
    pub address: Address,
    /// The key that it had before.
    pub previously: Option<Box<str>>,
}

/// An entry of `removed:`.
#[derive(Clone, Debug)]
pub struct Removed {
    /// What has left.
    pub address: Address,
    /// `true`: delete it, whoever made it. `false`: it is no longer ours and stays as it is.
    pub delete: bool,
    /// Where the entry stands.
    pub source: Source,
}

/// A place in a file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Source {
    /// The path as the user would type it.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
    /// From 1, in characters.
    pub column: u32,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl Desired {
    /// The objects on a target; a stretch of `objects`, as they are sorted by address.
    pub fn objects_of(&self, target: &str) -> &[DesiredObject] {
        let first = self.objects.partition_point(|object| *object.address.target < *target);
        let rest = self.objects.get(first..).unwrap_or_default();
        let count = rest.partition_point(|object| *object.address.target == *target);
        rest.get(..count).unwrap_or_default()
    }

    /// The entries on a target that the run isn't about.
    pub fn unselected_on(&self, target: &str) -> impl Iterator<Item = &Unselected> {
        self.unselected.iter().filter(move |entry| *entry.address.target == *target)
    }

    /// The target of this name.
    pub fn target(&self, name: &str) -> Option<&Target> {
        self.targets.iter().find(|target| &*target.name == name)
    }
}

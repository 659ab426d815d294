//! A kind of object: a table of fields.

use super::{Field, Value};

/// A kind: `trunk`, `sip_number`. All its rules are data, so the same code validates, compares and imports every kind.
#[derive(Debug)]
pub struct Kind {
    /// The name in addresses: `trunk`.
    pub name: &'static str,
    /// The list in the YAML: `trunks`.
    pub section: &'static str,
    /// The YAML key that names the object: `name`, `number`.
    pub key: &'static str,
    /// Whether the key is a number, so that `"2000-2099"` stands for a run of objects.
    pub numeric_key: bool,
    /// The field that chooses between variants, if the kind has them: a trunk's `type`.
    pub variant: Option<&'static str>,
    /// One line for the reference page.
    pub doc: &'static str,
    /// The fields, without key and target; at most 32. An object's values stand in this order.
    pub fields: &'static [Field],
}

impl Kind {
    /// A field's place in the table.
    pub fn index_of(&self, field: &str) -> Option<usize> {
        self.fields.iter().position(|candidate| candidate.name == field)
    }

    /// The variant that an object's values choose: the text of the variant's field.
    pub fn variant_of<'v>(&self, values: &'v [Value]) -> Option<&'v str> {
        values.get(self.index_of(self.variant?)?)?.as_text()
    }

    /// The value of the field of this name.
    pub fn value_of<'v>(&self, values: &'v [Value], field: &str) -> Option<&'v Value> {
        values.get(self.index_of(field)?)
    }
}

/// A kind is one `static`: two of the same name are the same.
impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }
}

impl Eq for Kind {}

//! What each row of a kind's table means on a vendor, looked up once for all objects of a variant.

use std::rc::Rc;

use crate::model::{Field, FieldSupport, KindSupport, Value};

/// A row of a kind's table on one vendor, for one variant.
pub(super) struct Slot {
    pub(super) index: usize,
    pub(super) field: &'static Field,
    /// `None`: the vendor or the variant has no such field.
    pub(super) support: Option<&'static FieldSupport>,
    /// What leaving it out means.
    pub(super) omitted: Value,
}

/// All that were looked up so far: a few for each vendor.
#[derive(Default)]
pub(super) struct Plans(Vec<Plan>);

struct Plan {
    support: &'static KindSupport,
    variant: Option<&'static str>,
    slots: Rc<[Slot]>,
}

impl Plans {
    /// One slot for each field, in the table's order.
    pub(super) fn of(&mut self, support: &'static KindSupport, variant: Option<&'static str>) -> Rc<[Slot]> {
        let is_known = |plan: &&Plan| std::ptr::eq(plan.support, support) && plan.variant == variant;
        if let Some(plan) = self.0.iter().find(is_known) {
            return Rc::clone(&plan.slots);
        }
        let fields = support.kind.fields.iter().enumerate();
        let slots: Rc<[Slot]> = fields.map(|(index, field)| slot(index, field, support, variant)).collect();
        self.0.push(Plan { support, variant, slots: Rc::clone(&slots) });
        slots
    }
}

fn slot(index: usize, field: &'static Field, of_kind: &KindSupport, variant: Option<&str>) -> Slot {
    let support = of_kind.field(field.name);
    let of_vendor = support.is_some_and(|support| support.required.covers(variant));
    // What would have to be written, if it weren't ignored, has no default either.
    let is_demanded = field.required.covers(variant) || of_vendor;
    let omitted = if is_demanded { Value::Unset } else { field.default_value() };
    Slot { index, field, support: support.filter(|_| field.applies.covers(variant)), omitted }
}

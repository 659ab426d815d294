//! One field at a time, for every provider, kind and variant: one difference gives one change, and none gives none.

use serde_json::{Value as Json, json};
use sipform::model::outcome::Action;
use sipform::model::table::Ability;
use sipform::model::{
    Address, Desired, DesiredObject, FieldSet, Kind, KindSupport, ProviderTable, Source, Type, Value,
};
use sipform::plan::{Options, Plan};
use sipform::provider::{NewObject, Update, registry};

use super::samples::{others, sample};
use super::world::{Look, World, block_on, changes};
use super::yaml;

/// One kind of one vendor, in one variant and one of the vendor's dialects.
#[derive(Clone, Copy, Debug)]
struct Case {
    table: &'static ProviderTable,
    support: &'static KindSupport,
    variant: Option<&'static str>,
    /// A setting and its value.
    dialect: Option<(&'static str, &'static str)>,
}

impl Case {
    fn all() -> Vec<Self> {
        let kinds = registry::tables().flat_map(|table| table.kinds.iter().map(move |support| (table, support)));
        let cases = kinds.flat_map(|(table, support)| {
            let variants = variants(support.kind).into_iter();
            variants.flat_map(move |variant| {
                let dialects = yaml::dialects(table).into_iter();
                dialects.map(move |dialect| Self { table, support, variant, dialect })
            })
        });
        cases.collect()
    }

    /// An update, or what stands in a plan for one that the vendor can't do.
    fn update(self) -> Action {
        by_hand_or(Action::Update, [self.support.update])
    }

    fn replace(self) -> Action {
        by_hand_or(Action::Replace, [self.support.delete, self.support.create])
    }

    fn rename(self) -> Action {
        by_hand_or(Action::Update, [self.support.rename, self.support.update])
    }

    fn kind(self) -> &'static Kind {
        self.support.kind
    }

    fn key(self) -> &'static str {
        if self.kind().numeric_key { "2000" } else { "one" }
    }

    fn other_key(self) -> &'static str {
        if self.kind().numeric_key { "2001" } else { "two" }
    }

    /// Every field that the vendor's objects of this variant have, with a value that isn't empty.
    fn values(self) -> Box<[Value]> {
        let fields = self.kind().fields.iter().map(|field| match self.has(field.name) {
            true if Some(field.name) == self.kind().variant => Value::text(self.variant.unwrap()),
            true => sample(field),
            false => Value::Unset,
        });
        fields.collect()
    }

    fn has(self, field: &str) -> bool {
        let applies = self.kind().index_of(field).is_some_and(|at| self.kind().fields[at].applies.covers(self.variant));
        applies && self.support.field(field).is_some()
    }

    /// The fields that can differ, by their place.
    fn places(self) -> impl Iterator<Item = usize> {
        let kind = self.kind();
        (0..kind.fields.len())
            .filter(move |&at| self.has(kind.fields[at].name) && kind.variant != Some(kind.fields[at].name))
    }

    /// What is needed only with this switch goes where it is turned off. Gives the names of all that differ then.
    fn clear_unneeded(self, values: &mut [Value], switch: &'static str, value: &Value) -> Vec<&'static str> {
        let is_off = *value == Value::Bool(false);
        let mut names = Vec::new();
        for (field, value) in self.kind().fields.iter().zip(values) {
            if is_off && field.needed_with == Some(switch) {
                *value = field.default_value();
                names.push(field.name);
            } else if field.name == switch {
                names.push(switch);
            }
        }
        names
    }

    fn desired(self, values: Box<[Value]>) -> Desired {
        let settings = self.dialect.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
        let mut desired = yaml::desired(&yaml::document(self.table.name, &Json::Object(settings)));
        desired.objects.push(DesiredObject {
            address: Address::new("box", self.kind().name, self.key()),
            kind: self.kind(),
            values,
            source: Source { file: "a.yaml".into(), line: 1, column: 1 },
            previously: None,
            protect: None,
            ignore_fields: FieldSet::default(),
        });
        desired
    }

    /// A box with the one object, made and filled in by the provider alone.
    async fn world(self) -> World {
        let world = World::new();
        let desired = self.desired(self.values());
        let (target, object) = (&desired.targets[0], &desired.objects[0]);
        world.set_state(target, &self.state_at_first());
        let session = world.session(target);
        let values = self.values_at_first(&object.values);
        if self.support.create == Ability::Yes {
            session.create(&NewObject { kind: self.kind(), key: self.key(), values: &values }).await.unwrap();
        }
        register_every_phone(&world, &desired);
        let snapshot = session.snapshot(&[self.kind()]).await.unwrap();
        let live = &snapshot.listings[0].objects[0];
        let mut changed = FieldSet::default();
        self.places().filter(|&at| values[at] == Value::Unset).for_each(|at| changed.insert(at));
        if !changed.is_empty() {
            let update = Update { kind: self.kind(), live, key: self.key(), values: &object.values, changed };
            session.update(&update).await.unwrap();
        }
        session.close().await;
        world
    }

    /// A box with nothing in it but the bare object where only somebody else can make it.
    fn state_at_first(self) -> Json {
        let mut state = yaml::empty_state(self.table.name);
        if self.support.create != Ability::Yes {
            // The one kind of which that is true.
            assert_eq!(self.kind().name, "number", "{self:?}: nobody can make it");
            state["numbers"] = json!([{ "number": self.key(), "appId": yaml::APP, "enableVoicemail": true,
                "voicemailMaxHangup": 30 }]);
        }
        state
    }

    /// Without what a create can't set, and with nothing where there is no create.
    fn values_at_first(self, values: &[Value]) -> Box<[Value]> {
        let fields = self.kind().fields.iter().zip(values);
        let first = fields.map(|(field, value)| match self.support.field(field.name) {
            Some(support) if support.not_on_create.is_some() || self.support.create != Ability::Yes => Value::Unset,
            _ => value.clone(),
        });
        first.collect()
    }
}

fn variants(kind: &'static Kind) -> Vec<Option<&'static str>> {
    let field = kind.variant.map(|name| kind.fields[kind.index_of(name).unwrap()].ty);
    match field {
        Some(Type::Choice(choices)) => choices.iter().map(|choice| Some(*choice)).collect(),
        _ => vec![None],
    }
}

fn by_hand_or<const COUNT: usize>(action: Action, needs: [Ability; COUNT]) -> Action {
    if needs.iter().all(|ability| *ability == Ability::Yes) { action } else { Action::CannotConverge }
}

/// An agent can be bound only to a number whose phone is registered.
fn register_every_phone(world: &World, desired: &Desired) {
    let register = |state: &mut Json| {
        let numbers = state.get_mut("numbers").and_then(Json::as_array_mut);
        let phones = numbers.into_iter().flatten().filter_map(|number| number.get_mut("registered"));
        phones.for_each(|registered| *registered = true.into());
    };
    world.appliance(&desired.targets[0]).with_state(register).unwrap();
}

/// Plans, expects exactly this change, applies it, and expects nothing more.
async fn expect_one(world: &mut World, desired: &Desired, action: Action, fields: &[&str]) {
    let look = world.look(desired).await;
    let plan = look.plan_allowing(Options::default());
    let key = &*desired.objects[0].address.key;
    assert_eq!(changes(&plan), [(action, key, fields.to_vec())]);
    assert!(plan.steps[0].change.fields.iter().all(|field| field.deferred.is_none()));
    if action == Action::CannotConverge {
        assert!(plan.steps[0].change.reason.as_ref().is_some_and(|what| what.contains(' ')), "no word of what to do");
        return cannot(world, desired, &look, &plan).await;
    }
    let report = world.apply(&look, &plan).await;
    assert!(report.is_done() && report.outcomes.len() == 1, "{:?}", report.outcomes);
    drop(plan);
    expect_none(world, desired).await;
}

/// What can't converge sends nothing, and stays in the plan.
async fn cannot(world: &mut World, desired: &Desired, look: &Look<'_>, plan: &Plan<'_>) {
    let appliance = world.appliance(&desired.targets[0]);
    let before = appliance.state();
    let report = world.apply(look, plan).await;
    assert!(report.is_done() && report.outcomes.is_empty(), "{:?}", report.outcomes);
    assert_eq!(appliance.state(), before);
}

async fn expect_none(world: &World, desired: &Desired) {
    let look = world.look(desired).await;
    let plan = look.plan_allowing(Options::default());
    assert_eq!(changes(&plan), []);
    assert_eq!(plan.targets[0].diff.unchanged.len(), 1);
    look.close().await;
}

#[test]
fn what_was_made_as_wanted_is_no_change() {
    for case in Case::all() {
        block_on(async { expect_none(&case.world().await, &case.desired(case.values())).await });
    }
}

#[test]
fn each_field_that_differs_is_one_update_of_that_field() {
    let mut count = 0;
    for case in Case::all() {
        for at in case.places() {
            let field = &case.kind().fields[at];
            let values = others(case.support, field, case.variant);
            assert!(!values.is_empty(), "{case:?}: no other value for {}", field.name);
            for value in values {
                let mut wanted = case.values();
                assert_ne!(wanted[at], value);
                let names = case.clear_unneeded(&mut wanted, field.name, &value);
                wanted[at] = value;
                let action = if field.forces_replacement { case.replace() } else { case.update() };
                let desired = case.desired(wanted);
                block_on(async { expect_one(&mut case.world().await, &desired, action, &names).await });
                count += 1;
            }
        }
    }
    assert!(count > 150, "{count} single differences only");
}

#[test]
fn a_field_that_is_left_alone_is_no_change() {
    for case in Case::all() {
        for at in case.places().filter(|&at| case.kind().fields[at].default_value() == Value::Unset) {
            let field = &case.kind().fields[at];
            let computed = case.support.field(field.name).is_some_and(|support| support.computed);
            let empty = computed.then(|| field.ty.empty());
            for alone in [Value::Unset].into_iter().chain(empty) {
                let mut wanted = case.values();
                wanted[at] = alone;
                block_on(async { expect_none(&case.world().await, &case.desired(wanted)).await });
            }
        }
    }
}

#[test]
fn another_variant_is_one_replacement() {
    for case in Case::all() {
        let others = variants(case.kind()).into_iter().filter(|variant| *variant != case.variant);
        for other in others.map(|variant| Case { variant, ..case }) {
            let variant = case.kind().variant.unwrap();
            let differs = |name: &&str| *name == variant || (other.has(name) && !case.has(name));
            let names: Vec<_> = case.kind().fields.iter().map(|field| field.name).filter(differs).collect();
            let desired = other.desired(other.values());
            block_on(async { expect_one(&mut case.world().await, &desired, case.replace(), &names).await });
        }
    }
}

#[test]
fn another_key_is_one_update_of_the_key() {
    for case in Case::all() {
        let mut desired = case.desired(case.values());
        let object = &mut desired.objects[0];
        object.address.key = case.other_key().into();
        object.previously = Some(case.key().into());
        block_on(async {
            expect_one(&mut case.world().await, &desired, case.rename(), &[case.kind().key]).await;
        });
    }
}

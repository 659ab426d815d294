//! What is tested: one kind of one vendor, in one variant and one dialect.

use serde_json::{Value as Json, json};
use sipform::model::outcome::Action;
use sipform::model::table::Ability;
use sipform::model::{
    Address, Desired, DesiredObject, FieldSet, Kind, KindSupport, LiveObject, Removed, Source, Value, kinds,
};
use sipform::plan::Options;
use sipform::provider::registry;

use super::samples::{nth_sample, others};
use super::world::{World, changes};
use super::yaml;

/// One line of the list in `main`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject {
    pub(crate) provider: &'static str,
    pub(crate) kind: &'static str,
    /// Empty where the kind has none.
    pub(crate) variant: &'static str,
    /// What chooses the dialect.
    pub(crate) setting: Option<(&'static str, &'static str)>,
    /// One of the vendor's codes that refuse a write.
    pub(crate) refusal: &'static str,
    /// Whether something in the vendor's answers vouches for a listing.
    pub(crate) vouched: bool,
    /// Whether listings have pages.
    pub(crate) pages: bool,
}

/// Of one object, the other ones' samples don't overlap.
pub(crate) const APART: usize = 3;

impl Subject {
    pub(crate) const fn new(
        provider: &'static str,
        kind: &'static str,
        variant: &'static str,
        refusal: &'static str,
    ) -> Self {
        Self { provider, kind, variant, setting: None, refusal, vouched: true, pages: false }
    }

    pub(crate) fn kind(&self) -> &'static Kind {
        kinds::by_name(self.kind).unwrap()
    }

    pub(crate) fn support(&self) -> &'static KindSupport {
        let table = registry::tables().find(|table| table.name == self.provider).unwrap();
        table.support(self.kind()).unwrap()
    }

    pub(crate) fn variant(&self) -> Option<&'static str> {
        Some(self.variant).filter(|variant| !variant.is_empty())
    }

    pub(crate) fn key(&self, which: usize) -> String {
        if self.kind().numeric_key { format!("{}", 2000 + which) } else { format!("object-{which}") }
    }

    /// The fields that objects have and a create can set, by their places.
    pub(crate) fn places(&self) -> Vec<usize> {
        let fields = self.kind().fields.iter().enumerate();
        let has = fields.filter(|(_, field)| {
            let support = self.support().field(field.name);
            field.applies.covers(self.variant()) && support.is_some_and(|support| support.not_on_create.is_none())
        });
        has.map(|(at, _)| at).collect()
    }

    /// Whether other fields are needed only with this one.
    pub(crate) fn is_switch(&self, field: &str) -> bool {
        self.kind().fields.iter().any(|other| other.needed_with == Some(field))
    }

    /// The `which`th object's values, from 1.
    pub(crate) fn values(&self, which: usize) -> Box<[Value]> {
        let mut values = vec![Value::Unset; self.kind().fields.len()];
        for at in self.places() {
            let field = &self.kind().fields[at];
            values[at] = match self.kind().variant == Some(field.name) {
                true => Value::text(self.variant),
                // What others are needed with is on in all of them.
                false if self.is_switch(field.name) => nth_sample(field, 1),
                false => nth_sample(field, 1 + (which - 1) * APART),
            };
        }
        values.into()
    }

    /// Desired state with so many objects.
    pub(crate) fn desired(&self, count: usize) -> Desired {
        let settings = self.setting.map(|(name, value)| (name.to_owned(), value.into())).into_iter().collect();
        let mut desired = yaml::desired(&yaml::document(self.provider, &Json::Object(settings)));
        desired.objects = (1..=count).map(|which| self.object(which)).collect();
        desired
    }

    fn object(&self, which: usize) -> DesiredObject {
        DesiredObject {
            address: Address::new("box", self.kind, &*self.key(which)),
            kind: self.kind(),
            values: self.values(which),
            source: source(),
            previously: None,
            protect: None,
            ignore_fields: FieldSet::default(),
        }
    }

    /// A `removed:` entry that asks for a delete.
    pub(crate) fn removed(&self, which: usize) -> Removed {
        Removed { address: Address::new("box", self.kind, &*self.key(which)), delete: true, source: source() }
    }

    /// An empty box; where only somebody else can make objects, with so many bare ones.
    pub(crate) fn world(&self, bare: usize) -> World {
        let world = World::new();
        let mut state = yaml::empty_state(self.provider);
        if !can(&[self.support().create]) {
            let number = |which| json!({ "number": self.key(which), "appId": yaml::APP, "enableVoicemail": true, "voicemailMaxHangup": 30 });
            state["numbers"] = (1..=bare).map(number).collect();
        }
        world.set_state(&self.desired(0).targets[0], &state);
        world
    }

    /// A box with so many objects as wanted, made by the program.
    pub(crate) async fn inhabited(&self, count: usize) -> World {
        let mut world = self.world(count);
        world.apply_all(&self.desired(count)).await;
        world
    }

    /// What is live, by key.
    pub(crate) async fn live(&self, world: &World) -> Vec<LiveObject> {
        let session = world.session(&self.desired(0).targets[0]);
        let snapshot = session.snapshot(&[self.kind()]).await.unwrap();
        session.close().await;
        assert!(snapshot.is_complete(), "{:?}", snapshot.listings);
        let mut objects = snapshot.listings[0].objects.clone();
        objects.sort_by(|a, b| a.key.cmp(&b.key));
        objects
    }

    /// Plans exactly this and carries it out; what can't converge stays, and everything else is gone from the next plan.
    pub(crate) async fn expect(&self, world: &mut World, desired: &Desired, expected: &[(Action, &str, Vec<&str>)]) {
        let look = world.look(desired).await;
        let plan = look.plan_allowing(Options::default());
        assert_eq!(changes(&plan), expected);
        let by_hand: Vec<_> = plan.steps.iter().filter(|step| !step.change.action.sends()).collect();
        assert!(by_hand.iter().all(|step| step.change.reason.as_ref().is_some_and(|what| what.contains(' '))));
        let report = world.apply(&look, &plan).await;
        assert!(report.is_done(), "{:?}", report.outcomes);
        drop(plan);
        let look = world.look(desired).await;
        let plan = look.plan_allowing(Options::default());
        let rest: Vec<_> = expected.iter().filter(|(action, ..)| !action.sends()).cloned().collect();
        assert_eq!(changes(&plan), rest);
        look.close().await;
    }
}

impl Subject {
    /// Desired state in which one object differs from [`Self::desired`] in one field, whose name is given too.
    pub(crate) fn changed(&self, count: usize, which: usize, skip: usize) -> (Desired, &'static str) {
        let mut desired = self.desired(count);
        let kind = self.kind();
        let ordinary = |at: &usize| {
            let name = kind.fields[*at].name;
            let updatable = self.support().field(name).is_some_and(|field| !field.computed);
            updatable && kind.variant != Some(name) && !self.is_switch(name)
        };
        let mut places = self.places().into_iter().filter(ordinary).filter_map(|at| {
            let mut others = others(self.support(), &kind.fields[at], self.variant()).into_iter();
            Some((at, others.find(|other| *other != desired.objects[which - 1].values[at])?))
        });
        let (at, value) = places.nth(skip).unwrap();
        desired.objects[which - 1].values[at] = value;
        (desired, kind.fields[at].name)
    }
}

/// What a plan says where the vendor can or can't do all of this.
pub(crate) fn action(action: Action, abilities: &[Ability]) -> Action {
    if can(abilities) { action } else { Action::CannotConverge }
}

/// Whether the vendor can do all of this.
pub(crate) fn can(abilities: &[Ability]) -> bool {
    abilities.iter().all(|ability| *ability == Ability::Yes)
}

fn source() -> Source {
    Source { file: "a.yaml".into(), line: 1, column: 1 }
}

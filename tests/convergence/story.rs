//! The life of a target: objects that somebody made by hand, an apply, other hands, another apply. What must hold after
//! every apply is checked here, against the box's own state.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use proptest::prelude::Strategy;
use proptest::test_runner::TestRunner;
use serde_json::Value as Json;
use sipform::diff::Change;
use sipform::model::outcome::Action;
use sipform::model::{Address, Desired, LiveObject, Snapshot, Target, Value};
use sipform::plan::{Options, Plan, Step};
use sipform::sandbox::Appliance;

use super::hands::{Tampering, by_id, shape};
use super::world::{Look, World, block_on, cases, changes};
use super::{reasons, yaml};

/// One life.
#[derive(Clone)]
pub(crate) struct Story {
    /// The box's state before anybody heard of sipform.
    pub(crate) state: Json,
    /// What is applied first, if anything is.
    pub(crate) first: Option<Json>,
    /// What other hands do then.
    pub(crate) tampering: Vec<Tampering>,
    /// The ledger is lost before the second apply.
    pub(crate) forgetful: bool,
    /// What is applied in the end.
    pub(crate) second: Json,
    /// Entries, by their place, that are then to be made anew whatever they look like.
    pub(crate) replace: Vec<usize>,
    /// Whether every call takes so long that what was seen gets old on the way.
    pub(crate) slow: bool,
}

/// As short as JSON goes: a failing story is read by people.
impl fmt::Debug for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { state, first, tampering, forgetful, second, replace, slow } = self;
        let first = first.as_ref().map(ToString::to_string).unwrap_or_default();
        write!(f, "state: {state}\nfirst: {first}\ntampering: {tampering:?}\n")?;
        write!(f, "forgetful: {forgetful}\nsecond: {second}\nreplace: {replace:?} slow: {slow}")
    }
}

/// What happened in some lives, by name, to know that the stories are rich enough.
pub(crate) type Tally = BTreeMap<&'static str, usize>;

/// Lives many stories; everything has to happen in some of them.
pub(crate) fn live_all(count: u32, stories: &impl Strategy<Value = Story>) {
    let tally = RefCell::new(Tally::new());
    let live = |story: Story| {
        block_on(live(&story, &mut tally.borrow_mut()));
        Ok(())
    };
    TestRunner::new(cases(count)).run(stories, live).unwrap_or_else(|error| panic!("{error}"));
    let tally = tally.into_inner();
    assert!(tally.values().all(|count| *count > 0) && tally.contains_key("refusal"), "poor stories: {tally:?}");
}

/// Lives a story through, checking after every apply.
async fn live(story: &Story, tally: &mut Tally) {
    let (first, second) = (story.first.as_ref().map(yaml::desired), yaml::desired(&story.second));
    let mut world = World::new();
    if story.slow {
        world.sandbox.set_faults(vec!["slow=20000:*:*".parse().unwrap()]);
    }
    let appliance = world.appliance(&second.targets[0]);
    appliance.with_state(|state| state.clone_from(&story.state)).unwrap();
    if let Some(first) = &first {
        apply(&mut world, first, Vec::new(), tally).await;
    }
    appliance.with_state(|state| story.tampering.iter().for_each(|one| one.on(state))).unwrap();
    if story.forgetful {
        world.ledger = None;
    }
    let entry = |at: &usize| Some(second.objects.get(*at)?.address.clone());
    let replace: Vec<_> = story.replace.iter().filter_map(entry).collect();
    let once_more = !replace.is_empty();
    let mut applied = apply(&mut world, &second, replace, tally).await;
    if once_more {
        // An object that can't be made anew for now may still be changed in place.
        applied = apply(&mut world, &second, Vec::new(), tally).await;
    }
    if applied {
        nothing_is_left(&mut world, &second).await;
    }
    no_rule_was_broken(&appliance, &second.targets[0]);
}

/// Nothing that the vendor's documents forbid, and nothing that it refuses.
fn no_rule_was_broken(appliance: &Appliance, target: &Target) {
    let violations = appliance.violations();
    assert!(violations.most_in_flight <= target.limits.concurrency as usize, "{violations:?}");
    assert_eq!((violations.dangerous_deletes, violations.undocumented.len()), (0, 0), "{violations:?}");
    let refused: Vec<_> = appliance.requests().into_iter().filter(|request| request.refused.is_some()).collect();
    assert!(refused.is_empty(), "the box refused {refused:?}");
}

/// Applies and checks. `false`: the plan was refused for a protection, as it has to be.
async fn apply(world: &mut World, desired: &Desired, replace: Vec<Address>, tally: &mut Tally) -> bool {
    let look = world.look(desired).await;
    let plan = look.plan_allowing(Options { replace, ..Options::default() });
    reasons::hold(&look, &plan);
    let protected = plan.steps.iter().any(|step| reasons::is_protected(&look, step));
    let codes: BTreeSet<_> = plan.refusals.iter().map(|refusal| refusal.code).collect();
    assert_eq!(codes, protected.then_some("protected").into_iter().collect(), "{:?}", changes(&plan));
    if protected {
        *tally.entry("refusal").or_default() += 1;
        look.close().await;
        return false;
    }
    note(&plan, tally);
    let appliance = world.appliance(&desired.targets[0]);
    let before = appliance.state();
    let report = world.apply(&look, &plan).await;
    assert!(report.is_done(), "{:?}\n{:?}", report.outcomes, changes(&plan));
    let sent = plan.steps.iter().filter(|step| step.change.action.sends());
    assert_eq!(report.outcomes.len(), sent.count());
    only_what_was_planned(&plan, &before, &appliance.state());
    let after = world.look(desired).await;
    only_the_planned_fields(&plan, &after.parts[0].live);
    what_is_ours_is_claimed(world, &look, &plan);
    after.close().await;
    true
}

/// Records that no step is about are as they were; what is gone was to go; what is new was to be made.
fn only_what_was_planned(plan: &Plan<'_>, before: &Json, after: &Json) {
    let key = shape(before).key;
    let (before, after) = (by_id(before), by_id(after));
    let sent = || plan.steps.iter().map(|step| &step.change).filter(|change| change.action.sends());
    let about = |id: &str| sent().find(|change| change.live.is_some_and(|live| *live.remote_id == *id));
    for (id, record) in &before {
        match (about(id).map(|change| change.action), after.get(id)) {
            (None, now) => assert_eq!(now, Some(record), "nobody planned to touch it"),
            (Some(Action::Update), now) => assert!(now.is_some(), "it was to be changed and is gone: {record}"),
            (Some(_), now) => assert_eq!(now, None, "it was to go"),
        }
    }
    let made: BTreeSet<_> = after
        .iter()
        .filter(|(id, _)| !before.contains_key(*id))
        .map(|(_, record)| record)
        .map(|record| record[key].as_str().unwrap())
        .collect();
    let makes = sent().filter(|change| matches!(change.action, Action::Create | Action::Replace));
    assert_eq!(made, makes.map(|change| &*change.address.key).collect());
}

/// An update leaves every other field as it was.
fn only_the_planned_fields(plan: &Plan<'_>, after: &Snapshot) {
    for change in plan.steps.iter().map(|step| &step.change).filter(|change| change.action == Action::Update) {
        let (was, is) = (change.live.unwrap(), find(change, after));
        for (at, field) in change.kind.fields.iter().enumerate() {
            let sent = change.fields.iter().find(|one| one.index == Some(at) && one.deferred.is_none());
            let wanted = sent.map_or(&was.values[at], |sent| &sent.after);
            let same = *wanted == is.values[at] || (wanted.is_empty() && is.values[at].is_empty());
            assert!(same, "{} of {} after {:?}", field.name, change.address, change.fields);
        }
    }
}

fn find<'s>(change: &Change<'_>, snapshot: &'s Snapshot) -> &'s LiveObject {
    let listing = snapshot.listing(change.kind).unwrap();
    listing.objects.iter().find(|object| object.key == change.address.key).unwrap()
}

/// The ledger knows what was made or adopted, and no more what was deleted or handed over.
fn what_is_ours_is_claimed(world: &World, look: &Look<'_>, plan: &Plan<'_>) {
    let claims = &world.ledger.as_ref().unwrap().targets["box"].claims;
    let diff = &plan.targets[0].diff;
    for change in plan.steps.iter().map(|step| &step.change) {
        let claim = claims.get(change.kind, &change.address.key);
        match change.action {
            Action::Create | Action::Update | Action::Replace => {
                let protect = reasons::keeps_protection(look, change);
                assert_eq!(claim.map(|claim| claim.protect), Some(protect), "{}", change.address);
            }
            Action::Delete => assert!(claim.is_none(), "{}", change.address),
            Action::CannotConverge => {}
        }
    }
    for pair in &diff.unchanged {
        assert!(claims.get(pair.desired.kind, &pair.desired.address.key).is_some(), "{}", pair.desired.address);
    }
    for gone in look.desired.removed.iter().filter(|gone| !gone.delete) {
        assert!(claims.iter().all(|(kind, key, _)| (kind, key) != (gone.address.kind, &*gone.address.key)));
    }
}

/// The next plan has nothing but what the vendor can't do, for a reason that is right, and applying it sends nothing.
async fn nothing_is_left(world: &mut World, desired: &Desired) {
    let appliance = world.appliance(&desired.targets[0]);
    let before = appliance.state();
    let look = world.look(desired).await;
    let plan = look.plan(Options::default());
    assert!(plan.refusals.is_empty() && plan.diagnostics.is_empty());
    for step in &plan.steps {
        assert_eq!(step.change.action, Action::CannotConverge, "left over: {:?}", changes(&plan));
        assert!(is_stuck(&step.change, &before), "{}: {:?}", step.change.address, step.change.reason);
    }
    let report = world.apply(&look, &plan).await;
    assert!(report.outcomes.is_empty());
    assert_eq!(appliance.state(), before);
}

/// Whether the vendor's rules really stand against a change: somebody else has what it wants, the phone is unregistered,
/// or the entry leaves out what a create needs.
fn is_stuck(change: &Change<'_>, state: &Json) -> bool {
    let shape = shape(state);
    let records = by_id(state);
    let desired = change.desired.unwrap();
    let own = change.live.map(|live| &*live.remote_id);
    let field = if shape.list == "trunks" { "username" } else { "agent" };
    let wanted = change.kind.value_of(&desired.values, field).and_then(Value::as_text).filter(|text| !text.is_empty());
    let rivals = records.iter().filter(|(id, record)| own != Some(id) && record["trunktype"] != "register");
    let taken = wanted.is_some_and(|wanted| rivals.into_iter().any(|(_, record)| record[shape.exclusive] == wanted));
    let offline = own.is_some_and(|id| records[id].get("registered") == Some(&Json::from(false)));
    let incomplete = change.live.is_none() && !desired.ignore_fields.is_empty();
    taken || offline || incomplete
}

/// Counts what a plan does.
fn note(plan: &Plan<'_>, tally: &mut Tally) {
    let changes = || plan.steps.iter().map(|step| &step.change);
    let deletes = || changes().filter(|change| change.action == Action::Delete);
    let fields = || changes().flat_map(|change| &change.fields);
    let waits = |step: &&Step<'_>| !step.requires.is_empty() || !step.after_release.is_empty();
    for (what, count) in [
        ("create", plan.count(Action::Create)),
        ("update", plan.count(Action::Update)),
        ("replace", plan.count(Action::Replace)),
        ("cannot converge", plan.count(Action::CannotConverge)),
        ("delete for a tombstone", deletes().filter(|change| change.removed.is_some()).count()),
        ("delete by pruning", deletes().filter(|change| change.removed.is_none()).count()),
        ("rename", fields().filter(|field| field.index.is_none()).count()),
        ("deferred field", fields().filter(|field| field.deferred.is_some()).count()),
        ("wait for another change", plan.steps.iter().filter(waits).count()),
        ("adopt", plan.targets[0].diff.unchanged.iter().filter(|pair| pair.adopt).count()),
        ("ignored field", plan.targets[0].diff.ignored_fields),
        ("ignored object", plan.targets[0].diff.ignored.len()),
        ("unmanaged object", plan.targets[0].diff.unmanaged.len()),
    ] {
        *tally.entry(what).or_default() += count;
    }
}

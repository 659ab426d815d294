//! What isn't shown, and what is shown and nobody knows.

use sipform::model::outcome::Action;
use sipform::model::{Completeness, Value};
use sipform::plan::document::{Context, PlanDocument};
use sipform::plan::{Options, Plan};

use super::subject::Subject;
use super::world::{Look, World};

/// Every field that the vendor spells by one member: hidden, it is unknown, or the listing isn't whole; never equal.
pub(crate) async fn a_hidden_field_is_never_equal(subject: &Subject) {
    let mut unknown = 0;
    for at in subject.places() {
        let field = &subject.kind().fields[at];
        let [wire] = subject.support().field(field.name).unwrap().wire else { continue };
        let world = subject.inhabited(1).await;
        let desired = subject.desired(1);
        let target = &desired.targets[0];
        let appliance = world.appliance(target);
        let shown = subject.live(&world).await.remove(0);
        let name = if target.provider.calls { "hidden_fields" } else { "hiddenFields" };
        appliance.with_state(|state| state[name] = [*wire].into_iter().collect()).unwrap();
        let session = world.session(target);
        let listing = session.snapshot(&[subject.kind()]).await.map(|mut snapshot| snapshot.listings.remove(0));
        session.close().await;
        // A PBX without its trunks' type can't be read at all.
        let Ok(listing) = listing else { continue };
        if !matches!(listing.completeness, Completeness::Complete) {
            continue;
        }
        let live = &listing.objects[0];
        if live.values == shown.values {
            // It is no member of the record: the vendor's listing shows it in another way.
            continue;
        }
        assert_eq!(live.values[at], Value::NotReadable, "{}", field.name);
        let look = world.look(&desired).await;
        let plan = look.plan(Options::default());
        let document = PlanDocument::new(&plan, Context { desired: &desired, files: &[], for_apply: false });
        let address = format!("{}/{}/{}", subject.kind, subject.key(1), field.name);
        assert!(document.targets[0].not_readable.contains(&address), "{:?}", document.targets[0].not_readable);
        assert!(plan.steps.is_empty());
        look.close().await;
        unknown += 1;
    }
    assert!(unknown > 0, "not one field could be hidden");
}

/// Records have members that no table knows. They are no fields, and a plan doesn't see them.
pub(crate) async fn unknown_members_are_kept_out(subject: &Subject) {
    let world = subject.inhabited(1).await;
    let live = subject.live(&world).await.remove(0);
    assert_eq!(live.values.len(), subject.kind().fields.len());
    let known = subject.places();
    let strange = (0..live.values.len()).filter(|at| !known.contains(at));
    let has = |at: &usize| subject.support().field(subject.kind().fields[*at].name).is_some();
    for at in strange.filter(|at| !has(at)) {
        assert!(live.values[at].is_empty(), "{}", subject.kind().fields[at].name);
    }
    // Somebody sets one on the box's web page: no difference, and what a full replacement would reset is known.
    let appliance = world.appliance(&subject.desired(0).targets[0]);
    let strange = |state: &mut serde_json::Value| {
        let trunk = state.get_mut("trunks").map(|trunks| &mut trunks[0]["transport"]);
        trunk.map(|transport| *transport = "tls".into()).is_some()
    };
    if appliance.with_state(strange).unwrap() {
        let seen = subject.live(&world).await.remove(0);
        assert_eq!((&seen.values, &seen.key), (&live.values, &live.key));
        // With some versions of a vendor's API it does, with others it doesn't: the table speaks for all of them.
        assert!(!subject.support().full_replacement || seen.resets().iter().any(|name| name.contains("transport")));
        let desired = subject.desired(1);
        let look = world.look(&desired).await;
        assert!(look.plan(Options::default()).steps.is_empty());
        look.close().await;
    }
    let violations = world.appliance(&subject.desired(0).targets[0]).violations();
    assert_eq!((violations.undocumented, violations.dangerous_deletes), (vec![], 0));
}

pub(crate) async fn a_short_listing_makes_and_deletes_nothing(subject: &Subject) {
    if !subject.vouched {
        return;
    }
    let world = subject.inhabited(3).await;
    world.sandbox.set_faults(vec![format!("short:{}:1", listing(&world, subject).await).parse().unwrap()]);
    harmless(&world, subject, 3).await;
}

pub(crate) async fn a_shifting_listing_makes_and_deletes_nothing(subject: &Subject) {
    if !subject.pages {
        return;
    }
    // More than there are on a page, most of them nobody's.
    let world = subject.inhabited(3).await;
    let appliance = world.appliance(&subject.desired(0).targets[0]);
    appliance
        .with_state(|state| ["phones", "sipTrunks", "numbers"].iter().for_each(|list| crowd(&mut state[list])))
        .unwrap();
    world.sandbox.set_faults(vec![format!("shift:{}:*", listing(&world, subject).await).parse().unwrap()]);
    harmless(&world, subject, 3).await;
}

/// A hundred and twenty like the last one, under other names.
fn crowd(list: &mut serde_json::Value) {
    let list = list.as_array_mut().unwrap();
    let Some(pattern) = list.last().cloned() else { return };
    for which in 0..120 {
        let mut one = pattern.clone();
        for name in ["account", "groupName", "phoneName", "sipTrunkName", "number"] {
            if one.get(name).is_some() {
                one[name] = format!("9{which:03}-{name}").into();
            }
        }
        if one.get("keyId").is_some() {
            one["keyId"] = (90_000 + which).into();
        }
        list.push(one);
    }
}

/// The call that lists the subject's objects last.
async fn listing(world: &World, subject: &Subject) -> String {
    listings(world, subject).await.pop().unwrap()
}

/// The calls that list the subject's objects.
pub(crate) async fn listings(world: &World, subject: &Subject) -> Vec<String> {
    let appliance = world.appliance(&subject.desired(0).targets[0]);
    appliance.forget_requests();
    subject.live(world).await;
    let calls = appliance.requests().into_iter().map(|request| request.endpoint);
    calls.filter(|call| !["login", "logout", "heartbeat"].contains(&&**call) && !call.contains("seatGroup")).collect()
}

/// One more is wanted, one is to go, and the listing isn't whole.
async fn harmless(world: &World, subject: &Subject, count: usize) {
    let mut desired = subject.desired(count + 1);
    desired.objects.remove(0);
    desired.removed = vec![subject.removed(1)];
    let look = world.look(&desired).await;
    let plan = look.plan_allowing(Options::default());
    assert!(!plan.read_everything(), "the listing is taken for whole");
    expect_harmless(&look, &plan);
    look.close().await;
}

fn expect_harmless(look: &Look<'_>, plan: &Plan<'_>) {
    let harmful = |action| matches!(action, Action::Create | Action::Delete | Action::Replace);
    assert!(plan.steps.iter().all(|step| !harmful(step.change.action)));
    assert!(!look.parts[0].live.is_complete());
}

//! Listings that aren't whole: nothing is made, deleted or replaced on their strength, and what was seen is updated.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sipform::diff::{Change, same_observation};
use sipform::model::outcome::{Action, Ending, Outcome};
use sipform::plan::document::{Context, PlanDocument};
use sipform::plan::{Options, Plan};

use super::story::Story;
use super::world::{Look, World, block_on, cases, changes};
use super::{numbers, trunks, yaml};

/// The calls of which one leaves out its last record, and whether it is the one that has the settings.
const TRUNKS: [(&str, bool); 2] = [("trunk/list", false), ("trunk/query_siptrunk", false)];
const NUMBERS: [(&str, bool); 2] = [("call/sip/list", false), ("call/query/number", true)];

fn harmless(plan: &Plan<'_>) {
    let actions: BTreeSet<_> = plan.steps.iter().map(|step| step.change.action).collect();
    assert!(actions.is_subset(&[Action::Update, Action::CannotConverge].into()), "{:?}", changes(plan));
    assert!(plan.refusals.is_empty());
}

/// What a whole listing would have changed in an object that was seen is changed all the same, but for its name and what
/// only one object may have.
fn goes_on(whole: &Plan<'_>, short: &Plan<'_>, look: &Look<'_>) {
    let fields = |change: &Change<'_>| -> BTreeSet<&str> {
        let fields = change.fields.iter().map(|field| field.name);
        fields.filter(|name| !["username", "agent"].contains(name)).collect()
    };
    let renamed = |change: &Change<'_>| change.fields.iter().any(|field| field.index.is_none());
    let updates = whole.steps.iter().map(|step| &step.change).filter(|change| change.action == Action::Update);
    for change in updates.filter(|change| !renamed(change) && !fields(change).is_empty()) {
        let listing = look.parts[0].live.listing(change.kind).unwrap();
        let was = change.live.unwrap();
        if listing.objects.iter().any(|seen| same_observation(change.support, seen, was)) {
            let same = short.steps.iter().find(|step| step.change.address == change.address);
            assert_eq!(same.map(|step| fields(&step.change)), Some(fields(change)), "{}", change.address);
        }
    }
}

/// The target says that it is incomplete, why, and what is held back for it.
fn says_so(look: &Look<'_>, plan: &Plan<'_>) {
    let document = PlanDocument::new(plan, Context { desired: look.desired, files: &[], for_apply: true });
    assert!(!document.targets[0].complete && !plan.read_everything());
    let about = |code: &str| document.diagnostics.iter().filter(|one| one.code == code).count();
    assert_eq!((about("listing_incomplete"), about("held_back")), (1, plan.targets[0].diff.held_back.len()));
}

/// The objects on a box.
fn alive(state: &Json) -> impl Iterator<Item = &Json> {
    let list = state.get("trunks").or(state.get("numbers")).and_then(Json::as_array);
    list.into_iter().flatten().filter(|record| record["isDel"] != true)
}

fn ids(state: &Json) -> BTreeSet<String> {
    alive(state).map(|record| record.get("id").unwrap_or(&record["sipId"]).to_string()).collect()
}

fn keys(state: &Json) -> BTreeSet<String> {
    alive(state).map(|record| record.get("trunkname").unwrap_or(&record["number"]).to_string()).collect()
}

/// Whether the last record is one that anybody misses: the listing with the settings shows deleted numbers too.
fn is_missed(state: &Json, has_settings: bool) -> bool {
    let last = state.get("numbers").and_then(|numbers| numbers.as_array()?.last());
    alive(state).count() > 0 && !(has_settings && last.is_some_and(|last| last["isDel"] == true))
}

/// Done, or refused because an object that wasn't seen has what only one may have.
fn is_right(outcome: &Outcome) -> bool {
    let code = outcome.error.as_ref().map_or("", |error| &error.code);
    match outcome.ending {
        Ending::Done => true,
        Ending::Failed => ["10049", "409"].contains(&code),
        Ending::Skipped => code == "dependency",
        Ending::Stale | Ending::Unknown => false,
    }
}

async fn check(story: Story, (endpoint, has_settings): (&str, bool)) {
    let (first, second) = (story.first.as_ref().map(yaml::desired), yaml::desired(&story.second));
    let mut world = World::new();
    world.set_state(&second.targets[0], &story.state);
    if let Some(first) = &first {
        world.try_apply(first).await;
    }
    let appliance = world.appliance(&second.targets[0]);
    let (before, keys_before) = (ids(&appliance.state()), keys(&appliance.state()));
    let whole = world.look(&second).await;
    world.sandbox.set_faults(vec![format!("short:{endpoint}:1").parse().unwrap()]);
    let look = world.look(&second).await;
    let plan = look.plan(Options::default());
    if !is_missed(&appliance.state(), has_settings) {
        whole.close().await;
        return look.close().await;
    }
    harmless(&plan);
    says_so(&look, &plan);
    goes_on(&whole.plan_allowing(Options::default()), &plan, &look);
    whole.close().await;
    // A vendor that wants every setting with every update doesn't take one for an object whose settings weren't seen.
    if !has_settings {
        let report = world.apply(&look, &plan).await;
        assert!(report.outcomes.iter().all(is_right), "{:?}", report.outcomes);
        assert_eq!(ids(&appliance.state()), before);
        assert_eq!(keys(&appliance.state()), keys_before);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_short_listing_of_trunks_makes_and_deletes_nothing(story in trunks::story(), call in 0..2_usize) {
        block_on(check(story, TRUNKS[call]));
    }

    #[test]
    fn a_short_listing_of_numbers_makes_and_deletes_nothing(story in numbers::story(), call in 0..2_usize) {
        block_on(check(story, NUMBERS[call]));
    }
}

/// One trunk to change, one to delete, one to make; the last of the two records is left out.
#[test]
fn what_was_seen_is_updated() {
    let peer = |id: u8, name: &str| {
        json!({ "id": id.to_string(), "trunkname": name, "trunktype": "peer", "host": "old.example", "port": "5060",
            "domain": "old.example", "extensionsdod": "", "extensionsgroupdod": "" })
    };
    let entry = |name: &str| json!({ "name": name, "target": "box", "type": "peer", "host": "new.example", "domain": "old.example" });
    let mut document = yaml::document("yeastar", &json!({ "prune": "exclusive" }));
    document["trunks"] = ["a", "c", "d"].map(entry).into_iter().collect();
    document["removed"] = json!([{ "address": "box/trunk/b", "delete": true }]);
    let desired = yaml::desired(&document);
    block_on(async {
        let mut world = World::new();
        world.set_state(&desired.targets[0], &json!({ "trunks": [peer(11, "a"), peer(12, "b"), peer(13, "c")] }));
        world.sandbox.set_faults(vec!["short:trunk/query_siptrunk:1".parse().unwrap()]);
        let look = world.look(&desired).await;
        let plan = look.plan(Options::default());
        assert_eq!(changes(&plan), [(Action::Update, "a", vec!["host"])]);
        let held_back = plan.targets[0].diff.held_back.iter().map(|held| (&*held.address.key, held.action));
        let expected = [("b", Action::Delete), ("c", Action::Create), ("d", Action::Create)];
        assert_eq!(held_back.collect::<BTreeSet<_>>(), expected.into());
        says_so(&look, &plan);
        assert!(world.apply(&look, &plan).await.is_done());
        drop(plan);
        // The listing is whole again.
        let look = world.look(&desired).await;
        let plan = look.plan_allowing(Options::default());
        let update = (Action::Update, "c", vec!["host"]);
        assert!(changes(&plan).contains(&update) && plan.steps.len() == 3, "{:?}", changes(&plan));
        look.close().await;
    });
}

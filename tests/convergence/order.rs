//! The same plan, byte for byte, whatever the order in which things were written down, listed or remembered.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value as Json;
use sipform::model::Desired;
use sipform::plan::document::{Context, PlanDocument};
use sipform::plan::{Options, Plan};

use super::story::Story;
use super::world::{Look, World, block_on, cases};
use super::{numbers, trunks, yaml};

/// Where everything goes: the file of each item, and places to swap.
#[derive(Clone, Debug)]
struct Shuffle {
    files: Vec<usize>,
    swaps: Vec<(Index, Index)>,
}

fn shuffle() -> impl Strategy<Value = Shuffle> {
    let swaps = proptest::collection::vec((any::<Index>(), any::<Index>()), 0..20);
    (proptest::collection::vec(0..3_usize, 32), swaps).prop_map(|(files, swaps)| Shuffle { files, swaps })
}

impl Shuffle {
    fn list<T>(&self, list: &mut [T]) {
        if !list.is_empty() {
            self.swaps.iter().for_each(|(a, b)| list.swap(a.index(list.len()), b.index(list.len())));
        }
    }

    /// The document's items in another order, spread over three files.
    fn documents(&self, document: &Json) -> Vec<Json> {
        let mut documents = vec![serde_json::json!({ "version": 1 }); 3];
        documents[self.files[0]]["targets"] = document["targets"].clone();
        for section in ["trunks", "sip_numbers", "removed"] {
            let mut items = document[section].as_array().cloned().unwrap_or_default();
            self.list(&mut items);
            for (item, file) in items.into_iter().zip(&self.files[1..]) {
                let list =
                    documents[*file].as_object_mut().unwrap().entry(section).or_insert_with(|| Json::Array(vec![]));
                list.as_array_mut().unwrap().push(item);
            }
        }
        documents
    }

    /// The same look with its listings and claims in another order.
    fn look(&self, look: &mut Look<'_>) {
        for part in &mut look.parts {
            part.live.listings.iter_mut().for_each(|listing| self.list(&mut listing.objects));
            let mut claims: Vec<_> =
                part.claims.iter().map(|(kind, key, claim)| (kind, key.to_owned(), claim.clone())).collect();
            self.list(&mut claims);
            let known = std::mem::take(&mut part.claims).known;
            part.claims.known = known;
            for (kind, key, claim) in claims {
                part.claims.insert(kind, key, claim);
            }
        }
    }
}

/// The documents that `plan --format json` prints and `--out` writes.
fn documents(plan: &Plan<'_>, desired: &Desired) -> [PlanDocument; 2] {
    let files = ["desired".to_owned()];
    [false, true].map(|for_apply| PlanDocument::new(plan, Context { desired, files: &files, for_apply }))
}

fn bytes(documents: &[PlanDocument; 2]) -> Vec<String> {
    documents.iter().map(|document| serde_json::to_string(document).unwrap()).collect()
}

/// Without the lines on which entries stand, which do move.
fn without_places(mut documents: [PlanDocument; 2]) -> [PlanDocument; 2] {
    for document in &mut documents {
        document.changes.iter_mut().for_each(|change| change.source = None);
        // A seal is of the digest that the document had with them.
        document.targets.iter_mut().for_each(|target| target.seal = None);
        document.digest = document.compute_digest();
    }
    documents
}

async fn check(story: Story, shuffle: Shuffle) {
    let desired = yaml::desired(&story.second);
    let mut world = World::new();
    let target = &desired.targets[0];
    world.set_state(target, &story.state);
    if let Some(first) = story.first.as_ref().map(yaml::desired) {
        world.try_apply(&first).await;
    }
    let mut look = world.look(&desired).await;
    let straight = documents(&look.plan(Options::default()), &desired);
    shuffle.look(&mut look);
    let mixed = documents(&look.plan(Options::default()), &desired);
    assert_eq!(bytes(&straight), bytes(&mixed), "the order of listings or claims shows");
    let scattered = yaml::desired_of(&shuffle.documents(&story.second)).unwrap();
    let look = world.look(&scattered).await;
    let scattered = documents(&look.plan(Options::default()), &scattered);
    assert_eq!(bytes(&without_places(straight)), bytes(&without_places(scattered)), "the order of entries shows");
    look.close().await;
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn a_plan_of_trunks_has_no_order_but_its_own(story in trunks::story(), shuffle in shuffle()) {
        block_on(check(story, shuffle));
    }

    #[test]
    fn a_plan_of_numbers_has_no_order_but_its_own(story in numbers::story(), shuffle in shuffle()) {
        block_on(check(story, shuffle));
    }
}

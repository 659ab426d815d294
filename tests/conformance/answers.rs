//! Writes whose answer is lost, late or nonsense, and answers that aren't true. Whatever comes back, nothing is doubled,
//! nothing is lost, and what is called done is done.

use std::time::Duration;

use sipform::apply::Report;
use sipform::model::outcome::Ending;
use sipform::model::{Desired, LiveObject};
use sipform::plan::Options;
use tokio::time::Instant;

use super::between::{ANSWERS, Answer, Script, Turn};
use super::sight::listings;
use super::subject::{Subject, can};
use super::world::World;

/// The writes that every vendor is asked for, as far as it can do them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    Create,
    Update,
    Delete,
}

/// The writes that the vendor can do.
fn writes(subject: &Subject) -> Vec<Write> {
    let support = subject.support();
    let all = [(Write::Create, support.create), (Write::Update, support.update), (Write::Delete, support.delete)];
    all.into_iter().filter(|(_, ability)| can(&[*ability])).map(|(write, _)| write).collect()
}

/// A box and what is wanted of it: exactly one write.
async fn scene(subject: &Subject, write: Write) -> (World, Desired) {
    match write {
        Write::Create => (subject.world(0), subject.desired(1)),
        Write::Update => (subject.inhabited(1).await, subject.changed(1, 1, 0).0),
        Write::Delete => {
            let mut desired = subject.desired(2);
            desired.objects.remove(0);
            desired.removed = vec![subject.removed(1)];
            (subject.inhabited(2).await, desired)
        }
    }
}

async fn apply(world: &mut World, desired: &Desired) -> Report {
    let look = world.look(desired).await;
    let plan = look.plan_allowing(Options::default());
    assert_eq!(plan.steps.len(), 1, "{:?}", plan.steps);
    world.apply(&look, &plan).await
}

/// What is there, looked at by somebody who isn't disturbed.
async fn there(subject: &Subject, world: &mut World) -> Vec<LiveObject> {
    world.between = None;
    world.sandbox.set_faults(Vec::new());
    subject.live(world).await
}

/// Whether the box is as wanted.
fn is_as_wanted(desired: &Desired, live: &[LiveObject], subject: &Subject) -> bool {
    live.len() == desired.objects.len()
        && desired.objects.iter().zip(live).all(|(wanted, live)| {
            let same = |at: usize| live.values[at] == wanted.values[at];
            live.key == wanted.address.key && subject.places().into_iter().all(same)
        })
}

pub(crate) async fn a_lost_or_strange_answer_is_settled(subject: &Subject) {
    for write in writes(subject) {
        for &answer in ANSWERS.iter().chain(&[Answer::OtherType]) {
            for reaches in [false, true] {
                let (mut world, desired) = scene(subject, write).await;
                Script::once(Turn::Strike { reaches, answer }).stand_in(&mut world);
                let report = apply(&mut world, &desired).await;
                let what = format!("{write:?}, {answer:?}, reaches: {reaches}: {:?}", report.outcomes);
                assert_eq!(report.outcomes[0].ending, Ending::Done, "{what}");
                let live = there(subject, &mut world).await;
                assert!(is_as_wanted(&desired, &live, subject), "{what}\n{live:?}");
            }
        }
    }
}

pub(crate) async fn strange_answers_without_end_double_nothing(subject: &Subject) {
    for write in writes(subject) {
        for &answer in &[Answer::Reset, Answer::Page(200), Answer::Page(503), Answer::Json("{}")] {
            for reaches in [false, true] {
                let (mut world, desired) = scene(subject, write).await;
                let before = there(subject, &mut world).await.len();
                Script::for_ever(reaches, answer).stand_in(&mut world);
                let report = apply(&mut world, &desired).await;
                let what = format!("{write:?}, {answer:?}, reaches: {reaches}: {:?}", report.outcomes);
                let ending = if reaches { Ending::Done } else { Ending::Unknown };
                assert_eq!(report.outcomes[0].ending, ending, "{what}");
                let live = there(subject, &mut world).await;
                assert_eq!(is_as_wanted(&desired, &live, subject), reaches, "{what}\n{live:?}");
                assert!(reaches || live.len() == before, "{what}\n{live:?}");
            }
        }
    }
}

/// The box carries a create out after everybody has looked for it once. Where it refuses duplicates a repetition is safe;
/// elsewhere nothing may be repeated as long as the call can be under way.
pub(crate) async fn a_late_commit_is_waited_for(subject: &Subject) {
    if !can(&[subject.support().create]) {
        return;
    }
    let timeout = subject.desired(0).targets[0].limits.timeout;
    for late in [Duration::from_millis(300), Duration::from_secs(2), timeout / 2, timeout * 99 / 100] {
        let (mut world, desired) = (subject.world(0), subject.desired(1));
        let fault = format!("late={}", late.as_millis());
        world.sandbox.set_faults(vec![fault.parse().unwrap()]);
        let report = apply(&mut world, &desired).await;
        assert_eq!(report.outcomes[0].ending, Ending::Done, "{late:?}: {:?}", report.outcomes);
        tokio::time::sleep(2 * timeout).await;
        let live = there(subject, &mut world).await;
        assert!(is_as_wanted(&desired, &live, subject), "{late:?}: {live:?}");
    }
}

pub(crate) async fn a_lie_is_found_out(subject: &Subject) {
    for write in writes(subject) {
        let (mut world, desired) = scene(subject, write).await;
        world.sandbox.set_faults(vec!["lie:*:*".parse().unwrap()]);
        let report = apply(&mut world, &desired).await;
        let error = report.outcomes[0].error.clone().unwrap();
        assert_eq!((report.outcomes[0].ending, &*error.code), (Ending::Failed, "not_applied"), "{write:?}: {error:?}");
        let names = match write {
            Write::Create => "isn't there",
            Write::Update => subject.changed(1, 1, 0).1,
            Write::Delete => "still there",
        };
        assert!(error.message.contains(names), "{write:?}: {error:?}");
    }
}

/// Listings show a change some time after it was made: then it is waited for, and not for ever.
pub(crate) async fn a_listing_that_is_behind_is_waited_for(subject: &Subject) {
    for write in writes(subject) {
        for (behind, ending) in [("2", Ending::Done), ("*", Ending::Failed)] {
            let (mut world, desired) = scene(subject, write).await;
            let listings = listings(&world, subject).await;
            let look = world.look(&desired).await;
            let plan = look.plan_allowing(Options::default());
            let faults = listings.iter().map(|listing| format!("stale:{listing}:{behind}").parse().unwrap());
            world.sandbox.set_faults(faults.collect());
            let begun = Instant::now();
            let report = world.apply(&look, &plan).await;
            let took = begun.elapsed();
            // An incomplete listing, as of two that disagree, proves nothing.
            let ended = report.outcomes[0].ending;
            assert!(ended == ending || (ended == Ending::Unknown && behind == "*"), "{write:?}: {:?}", report.outcomes);
            assert!(took < Duration::from_secs(30), "{write:?}: {took:?}");
            let live = there(subject, &mut world).await;
            assert!(is_as_wanted(&desired, &live, subject), "{write:?}: {live:?}");
        }
    }
}

/// Somebody deletes it just before we do.
pub(crate) async fn a_delete_of_what_is_gone_is_done(subject: &Subject) {
    if !can(&[subject.support().delete]) {
        return;
    }
    let (mut world, desired) = scene(subject, Write::Delete).await;
    let other_hand = world.session(&desired.targets[0]);
    let (kind, victim) = (subject.kind(), subject.live(&world).await.remove(0));
    let deed = async move {
        other_hand.delete(kind, &victim).await.unwrap();
        other_hand.close().await;
    };
    Script::once(Turn::First(Box::pin(deed))).stand_in(&mut world);
    let report = apply(&mut world, &desired).await;
    assert_eq!(report.outcomes[0].ending, Ending::Done, "{:?}", report.outcomes);
    assert!(is_as_wanted(&desired, &there(subject, &mut world).await, subject));
}

//! What somebody changes by hand between plan and apply, or in the middle of an apply: exactly that change is stale, and
//! everything else goes on.

use std::sync::Arc;
use std::time::Duration;

use sipform::model::outcome::Ending;
use sipform::model::{Desired, FieldSet, Value};
use sipform::plan::Options;
use sipform::provider::{NewObject, Update, Writer};

use super::between::{Deed, Script, Turn};
use super::subject::{Subject, can};
use super::world::World;

/// Longer than what was seen counts as fresh.
const LONG: Duration = Duration::from_secs(31);

/// What is planned for the second object, and what somebody does to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    CreateTaken,
    UpdateEdited,
    DeleteEdited,
    ReplaceEdited,
    RenameEdited,
    RenameTaken,
}

fn cases(subject: &Subject) -> Vec<Case> {
    let support = subject.support();
    let (create, update, delete) = (support.create, support.update, support.delete);
    let all = [
        (Case::CreateTaken, vec![create]),
        (Case::UpdateEdited, vec![update]),
        (Case::DeleteEdited, vec![delete, update]),
        (Case::ReplaceEdited, vec![create, delete, update]),
        (Case::RenameEdited, vec![support.rename, update]),
        (Case::RenameTaken, vec![support.rename, update, create]),
    ];
    all.into_iter().filter(|(_, abilities)| can(abilities)).map(|(case, _)| case).collect()
}

/// A box, what is wanted, and options: a change of the first object that nobody minds, and the case's for the second.
async fn scene(subject: &Subject, case: Case) -> (World, Desired, Options) {
    let updates = can(&[subject.support().update]);
    let count = if case == Case::CreateTaken { 1 } else { 2 };
    // Where nothing can be updated the first object is made.
    let mut world = if updates { subject.inhabited(count).await } else { subject.world(0) };
    world.between = None;
    let mut desired = if updates { subject.changed(2, 1, 0).0 } else { subject.desired(2) };
    let mut options = Options::default();
    match case {
        Case::CreateTaken => {}
        Case::UpdateEdited => desired.objects[1] = subject.changed(2, 2, 0).0.objects.remove(1),
        Case::DeleteEdited => {
            desired.objects.remove(1);
            desired.removed = vec![subject.removed(2)];
        }
        Case::ReplaceEdited => options.replace = vec![desired.objects[1].address.clone()],
        Case::RenameEdited | Case::RenameTaken => {
            desired.objects[1].address.key = subject.key(9).into();
            desired.objects[1].previously = Some(subject.key(2).into());
        }
    }
    // One after the other: what is in flight together was looked at together.
    desired.targets[0].limits.concurrency = 1;
    (world, desired, options)
}

/// What somebody else does, over a session of their own.
async fn deed(subject: &Subject, case: Case, world: &World, desired: &Desired) -> Deed {
    let session = world.session(&desired.targets[0]);
    match case {
        Case::CreateTaken => make(session, subject, subject.key(2), subject.values(3)),
        Case::RenameTaken => make(session, subject, subject.key(9), subject.values(3)),
        _ => edit(session, subject, world).await,
    }
}

fn make(session: Arc<dyn Writer>, subject: &Subject, key: String, values: Box<[Value]>) -> Deed {
    let kind = subject.kind();
    Box::pin(async move {
        session.create(&NewObject { kind, key: &key, values: &values }).await.unwrap();
        session.close().await;
    })
}

/// Changes a field of the second object that the plan leaves alone.
async fn edit(session: Arc<dyn Writer>, subject: &Subject, world: &World) -> Deed {
    let kind = subject.kind();
    let live = subject.live(world).await.remove(1);
    let (theirs, name) = subject.changed(2, 2, 1);
    let mut values = live.values.clone();
    let mut changed = FieldSet::default();
    let at = kind.fields.iter().position(|field| field.name == name).unwrap();
    values[at] = theirs.objects[1].values[at].clone();
    changed.insert(at);
    Box::pin(async move {
        session.update(&Update { kind, live: &live, key: &live.key, values: &values, changed }).await.unwrap();
        session.close().await;
    })
}

pub(crate) async fn a_change_by_hand_before_the_apply_is_stale_alone(subject: &Subject) {
    for case in cases(subject) {
        let (world, desired, options) = scene(subject, case).await;
        let deed = deed(subject, case, &world, &desired).await;
        is_stale_alone(subject, case, world, &desired, options, Some(deed)).await;
    }
}

pub(crate) async fn a_change_by_hand_during_the_apply_is_stale_alone(subject: &Subject) {
    for case in cases(subject) {
        let (mut world, desired, options) = scene(subject, case).await;
        let deed = deed(subject, case, &world, &desired).await;
        // The first write takes long, and while it does somebody is quicker.
        let meanwhile = async move {
            deed.await;
            tokio::time::sleep(LONG).await;
        };
        Script::once(Turn::First(Box::pin(meanwhile))).stand_in(&mut world);
        is_stale_alone(subject, case, world, &desired, options, None).await;
    }
}

async fn is_stale_alone(
    subject: &Subject,
    case: Case,
    mut world: World,
    desired: &Desired,
    options: Options,
    before: Option<Deed>,
) {
    let look = world.look(desired).await;
    let plan = look.plan_allowing(options);
    let actions: Vec<_> = plan.steps.iter().map(|step| step.change.action).collect();
    assert_eq!(actions.len(), 2, "{case:?}: {actions:?}");
    if let Some(deed) = before {
        deed.await;
        tokio::time::sleep(LONG).await;
    }
    let report = world.apply(&look, &plan).await;
    let first = subject.key(1);
    for outcome in &report.outcomes {
        let ending = if *outcome.address.key == *first { Ending::Done } else { Ending::Stale };
        assert_eq!(outcome.ending, ending, "{case:?}: {:?}", report.outcomes);
        let says = outcome.error.as_ref().is_none_or(|error| error.message.contains("since the plan was made"));
        assert!(says, "{case:?}: {:?}", report.outcomes);
    }
    world.between = None;
    theirs_is_as_they_left_it(subject, case, &world).await;
}

async fn theirs_is_as_they_left_it(subject: &Subject, case: Case, world: &World) {
    let live = subject.live(world).await;
    let count = if case == Case::RenameTaken { 3 } else { 2 };
    assert_eq!(live.len(), count, "{case:?}: {live:?}");
    let second = live.iter().find(|live| *live.key == *subject.key(2)).unwrap();
    let (edited, _) = subject.changed(2, 2, 1);
    let expected = match case {
        Case::CreateTaken => subject.values(3),
        Case::RenameTaken => subject.values(2),
        _ => edited.objects[1].values.clone(),
    };
    subject.places().iter().for_each(|&at| assert_eq!(second.values[at], expected[at], "{case:?}"));
}

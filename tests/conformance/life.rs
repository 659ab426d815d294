//! An object's life.

use sipform::model::outcome::{Action, Ending};
use sipform::model::{Desired, Value};
use sipform::plan::Options;
use sipform::provider::NewObject;

use super::samples::others;
use super::subject::{Subject, action, can};
use super::world::World;

pub(crate) async fn nothing_is_nothing(subject: &Subject) {
    let mut world = subject.world(0);
    subject.expect(&mut world, &subject.desired(0), &[]).await;
    assert!(subject.live(&world).await.is_empty());
}

pub(crate) async fn one_is_made_as_wanted(subject: &Subject) {
    made_as_wanted(subject, 1).await;
}

pub(crate) async fn many_are_made_as_wanted(subject: &Subject) {
    made_as_wanted(subject, 3).await;
}

async fn made_as_wanted(subject: &Subject, count: usize) {
    let mut world = subject.inhabited(count).await;
    let live = subject.live(&world).await;
    assert_eq!(live.len(), count);
    for (which, live) in (1..).zip(&live) {
        assert_eq!(*live.key, *subject.key(which));
        let wanted = subject.values(which);
        subject.places().iter().for_each(|&at| assert_eq!(live.values[at], wanted[at]));
    }
    let before = world.appliance(&subject.desired(0).targets[0]).state();
    subject.expect(&mut world, &subject.desired(count), &[]).await;
    assert_eq!(world.appliance(&subject.desired(0).targets[0]).state(), before);
}

pub(crate) async fn each_field_is_updated(subject: &Subject) {
    let kind = subject.kind();
    let action = action(Action::Update, &[subject.support().update]);
    let ordinary =
        |at: &usize| kind.variant != Some(kind.fields[*at].name) && !subject.is_switch(kind.fields[*at].name);
    for at in subject.places().into_iter().filter(ordinary) {
        let field = &kind.fields[at];
        let mut world = subject.inhabited(2).await;
        let neighbour = subject.live(&world).await.remove(1);
        for value in others(subject.support(), field, subject.variant()) {
            let mut desired = subject.desired(2);
            desired.objects[0].values[at] = value;
            let key = subject.key(1);
            subject.expect(&mut world, &desired, &[(action, &key, vec![field.name])]).await;
        }
        assert_eq!(subject.live(&world).await[1].values, neighbour.values);
    }
}

pub(crate) async fn one_is_renamed(subject: &Subject) {
    let support = subject.support();
    let mut world = subject.inhabited(2).await;
    let id = subject.live(&world).await[0].remote_id.clone();
    let mut desired = subject.desired(2);
    desired.objects[0].address.key = subject.key(9).into();
    desired.objects[0].previously = Some(subject.key(1).into());
    desired.objects.sort_by(|a, b| a.address.cmp(&b.address));
    let action = action(Action::Update, &[support.rename, support.update]);
    subject.expect(&mut world, &desired, &[(action, &subject.key(9), vec![subject.kind().key])]).await;
    if action.sends() {
        let live = subject.live(&world).await;
        assert_eq!((&*live[1].key, live.len()), (&*subject.key(9), 2));
        // Renamed, not made anew, unless the name is all that the vendor has for an id.
        assert!(live[1].remote_id == id || *id == *subject.key(1));
    }
}

pub(crate) async fn one_is_deleted(subject: &Subject) {
    let mut world = subject.inhabited(3).await;
    let before = subject.live(&world).await;
    let mut desired = subject.desired(3);
    desired.objects.remove(1);
    desired.removed = vec![subject.removed(2)];
    let action = action(Action::Delete, &[subject.support().delete]);
    subject.expect(&mut world, &desired, &[(action, &subject.key(2), vec![])]).await;
    let left: Vec<_> = subject.live(&world).await.into_iter().map(|live| live.remote_id).collect();
    let gone = |at: usize| at == 1 && action.sends();
    let expected: Vec<_> = (0..3).filter(|&at| !gone(at)).map(|at| before[at].remote_id.clone()).collect();
    assert_eq!(left, expected);
}

/// Between plan and apply somebody makes an object of the same name.
pub(crate) async fn a_name_taken_meanwhile_is_not_doubled(subject: &Subject) {
    if !can(&[subject.support().create]) {
        return;
    }
    let mut world = subject.world(0);
    let desired = subject.desired(1);
    let look = world.look(&desired).await;
    let plan = look.plan(Options::default());
    make(&world, subject, &desired, &subject.values(2)).await;
    tokio::time::sleep(std::time::Duration::from_mins(1)).await;
    let report = world.apply(&look, &plan).await;
    assert_ne!(report.outcomes[0].ending, Ending::Done);
    let error = report.outcomes[0].error.as_ref().unwrap();
    assert!(error.message.contains(' '), "{error:?}");
    assert_eq!(subject.live(&world).await.len(), 1);
}

async fn make(world: &World, subject: &Subject, desired: &Desired, values: &[Value]) {
    let session = world.session(&desired.targets[0]);
    let key = subject.key(1);
    session.create(&NewObject { kind: subject.kind(), key: &key, values }).await.unwrap();
    session.close().await;
}

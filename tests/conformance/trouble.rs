//! What the vendor says no to.

use sipform::http::{Failure, FailureKind};
use sipform::model::outcome::Ending;
use sipform::plan::Options;
use sipform::sandbox::Settings;

use super::subject::Subject;
use super::world::World;

/// The calls of a box since the last look at them.
fn calls(world: &World, subject: &Subject) -> Vec<String> {
    let appliance = world.appliance(&subject.desired(0).targets[0]);
    let calls = appliance.requests().into_iter().map(|request| request.endpoint).collect();
    appliance.forget_requests();
    calls
}

async fn read(world: &World, subject: &Subject) -> Result<(), Failure> {
    let session = world.session(&subject.desired(0).targets[0]);
    let read = session.snapshot(&[subject.kind()]).await.map(drop);
    session.close().await;
    read
}

/// Whether the vendor has sessions: then the first call is a login.
async fn has_sessions(world: &World, subject: &Subject) -> bool {
    read(world, subject).await.unwrap();
    calls(world, subject)[0] == "login"
}

pub(crate) async fn wrong_credentials_are_tried_once(subject: &Subject) {
    let world = subject.world(0);
    let has_sessions = has_sessions(&world, subject).await;
    let target = &subject.desired(0).targets[0];
    let secret = target.provider.credential;
    let session = world.session(target);
    let settings = target.provider.settings.iter().map(|setting| (setting.name, target.setting_text(setting.name)));
    let settings = settings.collect::<Settings>().with(secret, "changed-on-the-box");
    let appliance = world.sandbox.open(&target.name, target.provider.name, &settings).unwrap();
    let failure = session.snapshot(&[subject.kind()]).await.unwrap_err();
    session.close().await;
    assert_eq!(failure.kind, FailureKind::Credentials, "{failure:?}");
    assert!(failure.hint.is_some(), "{failure:?}");
    assert!(!format!("{failure:?}").contains(target.setting_text(secret)), "a secret is shown");
    let calls: Vec<_> = appliance.requests().into_iter().map(|request| (request.endpoint, request.refused)).collect();
    assert!(calls.iter().all(|(_, refused)| refused.is_some()), "{calls:?}");
    let mut endpoints: Vec<_> = calls.iter().map(|(endpoint, _)| endpoint).collect();
    endpoints.dedup();
    assert_eq!(endpoints.len(), calls.len(), "a call is repeated: {calls:?}");
    assert!(!has_sessions || (calls.len() == 1 && calls[0].0 == "login"), "{calls:?}");
}

pub(crate) async fn not_up_in_answer_to_a_login_is_a_wrong_password(subject: &Subject) {
    let world = subject.world(0);
    if !has_sessions(&world, subject).await {
        return;
    }
    world.sandbox.set_faults(vec!["refuse=30003:login:*".parse().unwrap()]);
    let failure = read(&world, subject).await.unwrap_err();
    assert_eq!((failure.kind, &*failure.code), (FailureKind::Credentials, "30003"));
    assert_eq!(calls(&world, subject), ["login"]);
}

pub(crate) async fn a_dead_token_is_renewed_once(subject: &Subject) {
    let world = subject.inhabited(1).await;
    calls(&world, subject);
    read(&world, subject).await.unwrap();
    let usual = calls(&world, subject);
    if usual[0] != "login" {
        return;
    }
    let listing = usual.iter().find(|call| !["login", "heartbeat", "logout"].contains(&&***call)).unwrap();
    world.sandbox.set_faults(vec![format!("expire:{listing}:1").parse().unwrap()]);
    read(&world, subject).await.unwrap();
    let logins = |calls: &[String]| calls.iter().filter(|call| *call == "login").count();
    assert_eq!(logins(&calls(&world, subject)), 2);
    world.sandbox.set_faults(vec![format!("expire:{listing}:*").parse().unwrap()]);
    read(&world, subject).await.unwrap_err();
    let all = calls(&world, subject);
    assert!(logins(&all) <= 3 && all.len() < 10, "{all:?}");
}

/// The refusal of a write reaches people with the vendor's code and in words, and nothing is made of it.
pub(crate) async fn a_refusal_is_told(subject: &Subject) {
    let mut world = subject.world(1);
    let desired = subject.desired(1);
    let look = world.look(&desired).await;
    let plan = look.plan(Options::default());
    let before = world.appliance(&desired.targets[0]).state();
    let write = write_of(subject).await;
    world.sandbox.set_faults(vec![format!("refuse={}:{write}:*", subject.refusal).parse().unwrap()]);
    let report = world.apply(&look, &plan).await;
    let error = report.outcomes[0].error.as_ref().unwrap();
    assert_eq!(report.outcomes[0].ending, Ending::Failed, "{error:?}");
    assert!(error.code.contains(subject.refusal), "{error:?}");
    let words = error.message.replace(subject.refusal, "");
    assert!(error.message.contains(subject.refusal) && words.split(' ').count() > 4, "{error:?}");
    assert_eq!(world.appliance(&desired.targets[0]).state(), before);
}

/// The call by which the first object is written: the first one that a plan doesn't send.
async fn write_of(subject: &Subject) -> String {
    let mut world = subject.world(1);
    let desired = subject.desired(1);
    let appliance = world.appliance(&desired.targets[0]);
    world.look(&desired).await.close().await;
    let reads: Vec<_> = appliance.requests().into_iter().map(|request| request.endpoint).collect();
    world.apply_all(&desired).await;
    let all = appliance.requests().into_iter().map(|request| request.endpoint);
    all.into_iter().find(|endpoint| !reads.contains(endpoint)).unwrap()
}

//! What a target may be asked, in every phase of a run together.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sipform::http::{BURST, Exchange, Transport, TransportError};
use sipform::model::Desired;
use sipform::model::outcome::Ending;
use sipform::plan::Options;
use sipform::sandbox::Settings;
use tokio::time::{Instant, sleep};

use super::subject::Subject;
use super::world::World;

/// How long a call takes.
const CALL: Duration = Duration::from_secs(1);
const CONCURRENCY: u32 = 3;
/// Calls a second; the calls in flight alone would make three.
const RATE: f64 = 1.0;
/// After this long what was seen isn't fresh any more.
const LONG: Duration = Duration::from_secs(31);

/// What went by, on tokio's clock.
#[derive(Default)]
struct Traffic {
    begun: Vec<Instant>,
    in_flight: u32,
    most: u32,
}

/// Lets each call take its time, and takes note.
struct Watched {
    inner: Arc<dyn Transport>,
    traffic: Arc<Mutex<Traffic>>,
}

#[async_trait]
impl Transport for Watched {
    async fn send(
        &self,
        request: http::Request<Bytes>,
        exchange: Exchange,
    ) -> Result<http::Response<Bytes>, TransportError> {
        {
            let mut traffic = self.traffic.lock().unwrap();
            traffic.begun.push(Instant::now());
            traffic.in_flight += 1;
            traffic.most = traffic.most.max(traffic.in_flight);
        }
        sleep(CALL).await;
        let answer = self.inner.send(request, exchange).await;
        self.traffic.lock().unwrap().in_flight -= 1;
        answer
    }
}

fn watch(world: &mut World) -> Arc<Mutex<Traffic>> {
    let traffic = Arc::new(Mutex::new(Traffic::default()));
    let note = Arc::clone(&traffic);
    world.between = Some(Box::new(move |inner| Arc::new(Watched { inner, traffic: Arc::clone(&note) })));
    traffic
}

/// So many objects, under tight limits.
fn limited(subject: &Subject, count: usize) -> Desired {
    let mut desired = subject.desired(count);
    let limits = &mut desired.targets[0].limits;
    (limits.concurrency, limits.requests_per_second) = (CONCURRENCY, Some(RATE));
    desired
}

/// Reading, looking again because it took long, writing, reading back and logging out, as one.
pub(crate) async fn limits_hold_in_every_phase(subject: &Subject) {
    // A box has no more seat groups than for three trunks.
    let count = if subject.kind == "call_center_trunk" { 3 } else { 12 };
    let mut world = subject.world(count);
    let traffic = watch(&mut world);
    let desired = limited(subject, count);
    let look = world.look(&desired).await;
    let plan = look.plan_allowing(Options::default());
    let writes = plan.steps.iter().filter(|step| step.change.action.sends()).count();
    sleep(LONG).await;
    world.apply(&look, &plan).await;
    let traffic = traffic.lock().unwrap();
    let begun = &traffic.begun;
    assert!(begun.len() > writes + 2 && traffic.in_flight == 0, "{} calls for {writes} writes", begun.len());
    assert!(traffic.most <= CONCURRENCY && (writes < 3 || traffic.most == CONCURRENCY), "{} in flight", traffic.most);
    for (first, start) in begun.iter().enumerate() {
        for (last, end) in begun.iter().enumerate().skip(first) {
            let allowed = f64::from(BURST) + RATE * (*end - *start).as_secs_f64();
            let calls = u32::try_from(last - first + 1).unwrap();
            assert!(f64::from(calls) <= allowed + 0.01, "{calls} calls within {:?}", *end - *start);
        }
    }
}

/// The credentials stop working while the user thinks: one call finds it out, and nothing comes after it, neither by a
/// change that runs beside it, nor to log out.
pub(crate) async fn a_refusal_in_an_apply_is_the_last_call(subject: &Subject) {
    let mut world = subject.world(3);
    watch(&mut world);
    let desired = subject.desired(3);
    let target = &desired.targets[0];
    let look = world.look(&desired).await;
    let plan = look.plan_allowing(Options::default());
    let settings = target.provider.settings.iter().map(|setting| (setting.name, target.setting_text(setting.name)));
    let settings = settings.collect::<Settings>().with(target.provider.credential, "changed-on-the-box");
    let appliance = world.sandbox.open(&target.name, target.provider.name, &settings).unwrap();
    world.sandbox.set_faults(vec!["expire:*:1".parse().unwrap()]);
    appliance.forget_requests();
    let before = appliance.state();
    sleep(LONG).await;
    let report = world.apply(&look, &plan).await;
    let endings: Vec<_> = report.outcomes.iter().map(|outcome| outcome.ending).collect();
    assert!(
        endings.iter().all(|ending| matches!(ending, Ending::Stale | Ending::Skipped | Ending::Failed)),
        "{endings:?}"
    );
    let calls: Vec<_> = appliance.requests().into_iter().map(|request| (request.endpoint, request.refused)).collect();
    if !report.outcomes.is_empty() {
        let sessions = calls.iter().any(|(endpoint, _)| endpoint == "login");
        assert_eq!(calls.len(), if sessions { 2 } else { 1 }, "{calls:?}");
        assert!(!sessions || calls[1].0 == "login", "{calls:?}");
        assert!(calls.iter().all(|(_, refused)| refused.is_some()), "{calls:?}");
    }
    assert_eq!(appliance.state(), before);
}

/// A token dies under calls that run side by side: one login for all of them, and each is carried out once.
pub(crate) async fn parallel_calls_share_one_renewal(subject: &Subject) {
    let mut world = subject.world(6);
    watch(&mut world);
    let mut desired = subject.desired(6);
    desired.targets[0].limits.concurrency = 6;
    let look = world.look(&desired).await;
    let plan = look.plan_allowing(Options::default());
    let appliance = world.appliance(&desired.targets[0]);
    if appliance.requests()[0].endpoint != "login" {
        return look.close().await;
    }
    appliance.forget_requests();
    world.sandbox.set_faults(vec!["expire:*/add*:1".parse().unwrap()]);
    let report = world.apply(&look, &plan).await;
    assert!(report.is_done(), "{:?}", report.outcomes);
    let calls: Vec<_> = appliance.requests().into_iter().map(|request| (request.endpoint, request.refused)).collect();
    let logins = calls.iter().filter(|(endpoint, _)| endpoint == "login").count();
    let refused = calls.iter().filter(|(endpoint, refused)| endpoint.contains("/add") && refused.is_some()).count();
    assert_eq!(logins, 1, "{calls:?}");
    assert!((2..=6).contains(&refused), "several calls found the dead token: {calls:?}");
    assert_eq!(subject.live(&world).await.len(), 6);
}

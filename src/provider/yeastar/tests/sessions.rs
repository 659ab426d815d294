//! Log-ins, renewals, heartbeats, log-outs, on paused time.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;
use crate::http::{MAX_RENEWALS, TransportError};

fn trunk() -> LiveObject {
    live("15", "test", register_values())
}

/// Twenty calls at once; gives their results.
async fn twenty_deletes(session: &Arc<Session>) -> Vec<Result<(), Failure>> {
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let session = session.clone();
            tokio::spawn(async move { session.delete(&TRUNK, &trunk()).await })
        })
        .collect();
    let mut results = Vec::new();
    for call in calls {
        results.push(call.await.unwrap());
    }
    results
}

#[tokio::test(start_paused = true)]
async fn twenty_calls_share_one_login() {
    let fake = pbx(|_, _| None);
    let session = Arc::new(session(&fake));
    assert!(twenty_deletes(&session).await.iter().all(Result::is_ok));
    assert_eq!((fake.count("/login"), fake.count("/delete_siptrunk")), (1, 20));
    session.close().await;
    session.close().await;
    assert_eq!(fake.count("/logout"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_dead_token_is_renewed_by_one_login_and_each_call_repeated_once() {
    for errno in ["20004", "20005", "20006"] {
        let logins = AtomicUsize::new(0);
        let fake = pbx(move |_, request| {
            if request.uri().path().ends_with("/login") {
                let number = logins.fetch_add(1, Ordering::SeqCst);
                return Some(fake::json(&json!({"status": "Success", "token": format!("{TOKEN}{number}")})));
            }
            let first = request.uri().query() == Some(&format!("token={TOKEN}0"));
            first.then(|| failed(errno)).flatten()
        });
        let session = Arc::new(session(&fake));
        assert!(twenty_deletes(&session).await.iter().all(Result::is_ok));
        assert_eq!((fake.count("/login"), fake.count("/delete_siptrunk")), (2, 40), "{errno}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_keeps_dying_is_given_up() {
    let fake = pbx(|_, request| request.uri().path().ends_with("trunk").then(|| failed("20006")).flatten());
    let session = session(&fake);
    for _ in 0..20 {
        let failure = session.delete(&TRUNK, &trunk()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Token);
        keeps_secrets(&failure);
    }
    assert_eq!(fake.count("/login"), 1 + MAX_RENEWALS as usize);
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_is_never_repeated() {
    for (errno, kind) in [
        ("20003", FailureKind::Credentials),
        ("30003", FailureKind::Credentials),
        ("20010", FailureKind::Credentials),
        ("20002", FailureKind::Locked),
        ("20015", FailureKind::Locked),
        ("10003", FailureKind::Unsupported),
        ("10025", FailureKind::Refused),
        ("20004", FailureKind::Refused),
    ] {
        let fake = pbx(move |_, _| failed(errno));
        let session = Arc::new(session(&fake));
        let mut failures: Vec<_> = twenty_deletes(&session).await.into_iter().map(Result::unwrap_err).collect();
        failures.push(session.snapshot(&[&TRUNK]).await.unwrap_err());
        for failure in &failures {
            assert_eq!((failure.kind, failure.code.as_str()), (kind, errno));
            assert_eq!(failure, &failures[0]);
            keeps_secrets(failure);
        }
        session.close().await;
        assert_eq!(fake.asked().len(), 1, "{errno}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_login_without_an_answer_is_repeated_once_in_a_run() {
    let fake = pbx(|_, _| Some(Err(TransportError::TimedOut(Duration::from_secs(30)))));
    let session = session(&fake);
    for _ in 0..5 {
        // The write itself was not sent.
        assert_eq!(session.delete(&TRUNK, &trunk()).await.unwrap_err().kind, FailureKind::NotSent);
    }
    assert_eq!(fake.asked().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_login_that_did_not_get_out_is_tried_again_and_its_failure_shared() {
    let fake = pbx(|_, _| Some(Err(TransportError::NotSent("can't connect: refused".into()))));
    let session = Arc::new(session(&fake));
    assert!(twenty_deletes(&session).await.iter().all(Result::is_err));
    assert_eq!(fake.asked().len(), 3);
    // The box may be back for a later call.
    assert!(session.delete(&TRUNK, &trunk()).await.is_err());
    assert_eq!(fake.asked().len(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_busy_box_is_waited_for() {
    let fake = pbx(|number, request| {
        (request.uri().path().ends_with("add_siptrunk") && number < 4).then(|| failed("10025")).flatten()
    });
    let session = session(&fake);
    let object = NewObject { kind: &TRUNK, key: "x", values: &register_values() };
    assert_eq!(session.create(&object).await, Ok(None));
    assert_eq!(fake.count("/add_siptrunk"), 4);
}

#[tokio::test(start_paused = true)]
async fn a_write_whose_outcome_is_unknown_is_sent_once() {
    for reply in [
        Err(TransportError::TimedOut(Duration::from_secs(30))),
        Err(TransportError::Broken("reset".into())),
        fake::reply(502, "text/html", "<html>"),
        fake::reply(200, "text/html", "<html>"),
        fake::reply(503, "text/plain", "later"),
    ] {
        let reply = Mutex::new(reply);
        let fake = pbx(move |_, request| {
            request.uri().path().ends_with("add_siptrunk").then(|| reply.lock().unwrap().clone())
        });
        let session = session(&fake);
        let object = NewObject { kind: &TRUNK, key: "x", values: &register_values() };
        assert_eq!(session.create(&object).await.unwrap_err().kind, FailureKind::Unknown);
        assert_eq!(fake.count("/add_siptrunk"), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_delete_is_repeated_once_and_gone_is_gone() {
    for (second, ends_well, sent) in [("10061", false, 2), ("10062", true, 2)] {
        let fake = pbx(move |number, request| {
            let delete = request.uri().path().ends_with("delete_siptrunk");
            delete.then(|| failed(if number == 1 { "10061" } else { second })).flatten()
        });
        let session = session(&fake);
        assert_eq!(session.delete(&TRUNK, &trunk()).await.is_ok(), ends_well);
        assert_eq!(fake.count("/delete_siptrunk"), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_box_without_trunks_may_say_that_there_is_none() {
    let fake = pbx(|_, request| {
        let path = request.uri().path();
        if path.ends_with("/query_siptrunk") {
            return failed("10062");
        }
        path.ends_with("/list").then(|| fake::json(&json!({"status": "Success", "trunklist": []})))
    });
    let snapshot = session(&fake).snapshot(&[&TRUNK]).await.unwrap();
    assert!(snapshot.is_complete() && snapshot.listings[0].objects.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_idle_session_is_kept_alive_until_it_ends() {
    let fake = pbx(|_, _| None);
    let session = session(&fake);
    session.snapshot(&[&TRUNK]).await.unwrap();
    tokio::time::sleep(Duration::from_mins(9)).await;
    assert_eq!(fake.count("/heartbeat"), 0);
    session.snapshot(&[&TRUNK]).await.unwrap();
    tokio::time::sleep(Duration::from_mins(9)).await;
    assert_eq!(fake.count("/heartbeat"), 0);
    tokio::time::sleep(Duration::from_hours(1)).await;
    let beats = fake.count("/heartbeat");
    assert!((5..=7).contains(&beats), "{beats}");
    let asked = fake.asked();
    assert_eq!(fake::body(asked.last().unwrap()), json!({"ipaddr": "127.0.0.1"}));
    session.close().await;
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(fake.count("/heartbeat"), beats);
    assert!(fake.paths().last().unwrap().ends_with("/logout"));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_session_sends_nothing_more() {
    let fake = pbx(|_, _| None);
    let session = session(&fake);
    session.snapshot(&[&TRUNK]).await.unwrap();
    drop(session);
    tokio::time::sleep(Duration::from_hours(1)).await;
    assert_eq!(fake.asked().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_logout_that_the_box_does_not_know_is_no_matter() {
    let fake = pbx(|_, request| request.uri().path().ends_with("/logout").then(|| failed("10003")).flatten());
    let session = session(&fake);
    session.snapshot(&[&TRUNK]).await.unwrap();
    session.close().await;
    assert_eq!(fake.count("/logout"), 1);
}

#[tokio::test(start_paused = true)]
async fn no_failure_shows_a_secret() {
    let echo = format!("{PASSWORD} {TOKEN} {} trunk-s3cret-canary", pbx::md5_hex(PASSWORD));
    for (status, kind, body) in [
        (200, "text/html", format!("<html>{echo}")),
        (200, "application/json", json!({"status": echo, "trunks": 1}).to_string()),
        (200, "application/json", json!({"status": "Success", "trunks": echo, "trunklist": [echo]}).to_string()),
        (500, "text/plain", echo.clone()),
    ] {
        let fake = pbx(move |_, request| {
            (!request.uri().path().ends_with("/login")).then(|| fake::reply(status, kind, &body))
        });
        keeps_secrets(&session(&fake).snapshot(&[&TRUNK]).await.unwrap_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_box_has_heard_of_is_never_repeated() {
    let dial = |reply: Reply, dials: usize| async move {
        let reply = Mutex::new(reply);
        let fake = pbx(move |_, request| {
            request.uri().path().ends_with("dial_extension").then(|| reply.lock().unwrap().clone())
        });
        let failure = session(&fake).dial(&check(false)).await.unwrap_err();
        assert_eq!(fake.count("/dial_extension"), dials, "{failure}");
        keeps_secrets(&failure);
        failure
    };
    for (errno, words) in [
        ("10004", "the PBX misses the caller or the callee (errno 10004)"),
        ("10006", "the PBX has no extension 1000, or none 1002 (errno 10006)"),
        (
            "10008",
            "extension 1000 or 1002 can't take a call now: it is busy, or its phone isn't registered (errno 10008)",
        ),
        ("10025", "the PBX says that changes come too often (errno 10025)"),
        ("10061", "the PBX failed to delete the trunk (errno 10061)"),
    ] {
        let failure = dial(failed(errno).unwrap(), 1).await;
        assert_eq!((failure.kind, failure.message.as_str()), (FailureKind::Refused, words));
    }
    for reply in [
        Err(TransportError::TimedOut(Duration::from_secs(30))),
        Err(TransportError::Broken("reset".into())),
        fake::reply(502, "text/html", "<html>"),
        fake::reply(200, "text/html", "<html>"),
    ] {
        assert_eq!(dial(reply, 1).await.kind, FailureKind::Unknown);
    }
    assert_eq!(dial(fake::reply(429, "text/plain", "later"), 1).await.kind, FailureKind::Refused);
    // What never left and what a dead token turned away rang no phone.
    assert_eq!(dial(Err(TransportError::NotSent("refused".into())), 3).await.kind, FailureKind::NotSent);
    assert_eq!(dial(failed("20006").unwrap(), 2).await.kind, FailureKind::Token);
}

//! Every kind of fault: what the caller sees, and whether it was done.

use std::time::Duration;

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::{Centre, JSON, Pbx, Platform, faults, login, request};
use crate::http::{Exchange, TransportError};
use crate::sandbox::Fault;

const ADD: &str = "trunk/add_siptrunk";
const MADE: &str = "new";

fn trunk() -> Value {
    json!({ "trunkname": MADE, "trunktype": "peer", "host": "192.0.2.1", "port": "5060", "domain": "192.0.2.1" })
}

/// What a caller can tell apart.
fn seen(answer: Option<(http::StatusCode, String)>) -> String {
    match answer {
        None => "broken".into(),
        Some((status, text)) if status == 200 => match serde_json::from_str::<Value>(&text) {
            Err(_) => "garbage".into(),
            Ok(answer) if answer["status"] == "Success" => "ok".into(),
            Ok(answer) => answer["errno"].as_str().unwrap().to_owned(),
        },
        Some((status, _)) => status.as_str().into(),
    }
}

#[test]
fn faults_are_spelled_as_documented() {
    for (text, canonical) in [
        ("before", "before:*:1"),
        ("before:3", "before:*:3"),
        ("before:*", "before:*:1"),
        ("before:*:*", "before:*:*"),
        ("after:login", "after:login:1"),
        ("refuse=10025:trunk/add_siptrunk:2", "refuse=10025:trunk/add_siptrunk:2"),
        ("slow=250:call/sip/*:*", "slow=250:call/sip/*:*"),
        ("late=1", "late=1:*:1"),
        ("random=7/20", "random=7/20:*:*"),
        ("random=7/20:trunk/*:5", "random=7/20:trunk/*:5"),
        ("cut-before", "cut-before:*:1"),
        ("garbage-after", "garbage-after:*:1"),
        ("wrong-login", "wrong-login:*:1"),
    ] {
        let fault: Fault = text.parse().unwrap();
        assert_eq!(fault.to_string(), canonical);
        assert_eq!(canonical.parse(), Ok(fault));
    }
}

#[test]
fn what_is_no_fault_says_what_was_expected() {
    for (text, expected) in [
        ("", "expected a kind of fault, one of before, after,"),
        ("explode", "found `explode`"),
        ("before=1", "expected a kind of fault"),
        ("slow", "slow=MS"),
        ("slow=x", "expected slow=MS with whole milliseconds; found `x`"),
        ("late=-1", "expected late=MS"),
        ("refuse=", "expected refuse=CODE"),
        ("refuse=a b", "expected refuse=CODE"),
        ("random=1", "expected random=SEED/PERCENT"),
        ("random=1/101", "expected random=SEED/PERCENT"),
        ("before:login:0", "from 1, or *"),
        ("before:login:x", "found `x`"),
        ("before:login:99999999999999999999", "whole number"),
        ("before::1", "expected an endpoint"),
        ("before:[", "no pattern"),
        ("before:a:1:2", "at most two colons"),
    ] {
        let error = text.parse::<Fault>().unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn each_kind_is_seen_as_documented_and_commits_as_documented() {
    for (fault, first, done) in [
        ("before", "500", false),
        ("after", "500", true),
        ("cut", "broken", true),
        ("cut-before", "broken", false),
        ("slow=2000", "ok", true),
        ("late=2000", "broken", false),
        ("garbage", "garbage", false),
        ("garbage-after", "garbage", true),
        ("refuse=10025", "10025", false),
        ("expire", "20006", false),
        ("lie", "ok", false),
        ("stale", "ok", true),
        ("short", "ok", true),
        ("wrong-login", "ok", true),
    ] {
        let pbx = Pbx::new().await;
        pbx.sandbox.set_faults(faults(&[fault]));
        let answer = seen(pbx.raw(ADD, &trunk().to_string()).await);
        assert_eq!(answer, first, "{fault}");
        assert_eq!(pbx.names().contains(&MADE.to_owned()), done, "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_late_change_happens_at_its_time_and_not_before() {
    let pbx = Pbx::new().await;
    pbx.sandbox.set_faults(faults(&["late=2000"]));
    assert_eq!(seen(pbx.raw(ADD, &trunk().to_string()).await), "broken");
    tokio::time::advance(Duration::from_millis(1999)).await;
    assert!(!pbx.names().contains(&MADE.to_owned()));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert!(pbx.names().contains(&MADE.to_owned()));
    // It is refused like any other when its time comes.
    assert_eq!(pbx.outcome(ADD, &trunk()).await, "10043");
}

#[tokio::test(start_paused = true)]
async fn a_slow_answer_is_late_and_the_next_caller_waits_for_it() {
    let pbx = Pbx::new().await;
    pbx.sandbox.set_faults(faults(&["slow=2000"]));
    let begun = tokio::time::Instant::now();
    let nothing = json!({});
    let both = tokio::join!(pbx.outcome("trunk/list", &nothing), pbx.outcome("trunk/list", &nothing));
    assert_eq!(both, ("ok".into(), "ok".into()));
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
    assert_eq!(pbx.appliance.violations().most_in_flight, 2);
}

#[tokio::test]
async fn counts_and_endpoints_limit_a_fault_and_refused_calls_do_not_use_it_up() {
    let pbx = Pbx::new().await;
    pbx.sandbox.set_faults(faults(&["refuse=10025:trunk/add_siptrunk:2", "before:trunk/list:*"]));
    assert_eq!(pbx.outcome("trunk/query_siptrunk", &json!({ "id": "all" })).await, "ok");
    assert_eq!(seen(pbx.raw(ADD, "{").await), "20000");
    for expected in ["10025", "10025", "ok"] {
        assert_eq!(pbx.outcome(ADD, &trunk()).await, expected);
    }
    for _ in 0..5 {
        assert_eq!(seen(pbx.raw("trunk/list", "{}").await), "500");
    }
    pbx.sandbox.set_faults(vec![]);
    assert_eq!(pbx.outcome("trunk/list", &json!({})).await, "ok");
    let struck: Vec<_> = pbx.appliance.requests().into_iter().filter_map(|request| request.fault).collect();
    assert_eq!(struck, ["refuse=10025", "refuse=10025", "before", "before", "before", "before", "before"]);
}

#[tokio::test]
async fn a_stale_listing_shows_what_was_before_the_last_write() {
    let pbx = Pbx::new().await;
    pbx.sandbox.set_faults(faults(&["stale:trunk/query_siptrunk:1"]));
    pbx.call(ADD, &trunk()).await;
    let all = json!({ "id": "all" });
    for expected in [5, 6] {
        let answer = pbx.call("trunk/query_siptrunk", &all).await;
        assert_eq!(answer["trunks"].as_array().unwrap().len(), expected);
    }
}

#[tokio::test]
async fn a_short_listing_lacks_its_last_record() {
    let pbx = Pbx::new().await;
    pbx.sandbox.set_faults(faults(&["short:*:2"]));
    let list = pbx.call("trunk/list", &json!({})).await;
    assert_eq!(list["trunklist"].as_array().unwrap().len(), 6);
    let trunks = pbx.call("trunk/query_siptrunk", &json!({ "id": "all" })).await;
    assert_eq!(trunks["trunks"].as_array().unwrap().len(), 4);
    let centre = Centre::new();
    centre.sandbox.set_faults(faults(&["short:*:2"]));
    let list = centre.call("sip/list", &json!({})).await;
    assert_eq!(list["data"].as_array().unwrap().len(), 3);
    let query = centre.call("query/number", &json!({})).await;
    assert_eq!(query["data"]["sipNumberList"].as_array().unwrap().len(), 4);
    assert_eq!(query["data"]["displayNumberList"].as_array().unwrap().len(), 2);
}

/// The names on a page of one trunk.
async fn page(platform: &Platform, current: u64) -> (String, usize) {
    let answer = platform.call("/v3/cc/sipTrunk/query", &json!({ "current": current, "size": 1, "params": {} })).await;
    let records = answer["data"]["records"].as_array().unwrap();
    let name = records.first().and_then(|record| record["sipTrunkName"].as_str()).unwrap_or_default();
    assert_eq!(answer["data"]["total"], 2);
    (name.to_owned(), records.len())
}

#[tokio::test]
async fn a_short_page_lacks_its_last_record_and_the_total_counts_it() {
    let platform = Platform::new();
    platform.sandbox.set_faults(faults(&["short:cc/sipTrunk/query"]));
    assert_eq!(page(&platform, 1).await.1, 0);
    assert_eq!(page(&platform, 1).await.1, 1);
}

#[tokio::test]
async fn a_shift_moves_a_record_past_a_reader_between_two_pages() {
    let platform = Platform::new();
    platform.sandbox.set_faults(faults(&["shift:cc/sipTrunk/query"]));
    // The first page begins a reading, so it isn't struck.
    let read = [page(&platform, 1).await.0, page(&platform, 2).await.0];
    assert_eq!(read, ["carrier-a", "carrier-a"]);
    let again = [page(&platform, 1).await.0, page(&platform, 2).await.0];
    assert_eq!(again, ["hotline", "carrier-a"]);
    let struck: Vec<_> = platform.appliance.requests().into_iter().map(|request| request.fault).collect();
    assert_eq!(struck, [None, Some("shift".to_owned()), None, None]);
}

#[tokio::test]
async fn a_wrong_login_is_the_logins_alone_where_there_is_one() {
    let pbx = Pbx::new().await;
    pbx.sandbox.set_faults(faults(&["wrong-login"]));
    assert_eq!(pbx.outcome("trunk/list", &json!({})).await, "ok");
    assert_eq!(pbx.outcome("login", &login()).await, "20003");
    assert_eq!(pbx.outcome("login", &login()).await, "ok");
    let centre = Centre::new();
    centre.sandbox.set_faults(faults(&["wrong-login", "expire", "refuse=31"]));
    assert_eq!(centre.outcome("sip/list", &json!({})).await, "signatureInvalid");
    let refused = centre.call("sip/list", &json!({})).await;
    assert_eq!((&refused["success"], &refused["code"]), (&json!(false), &json!("31")));
    let platform = Platform::new();
    platform.sandbox.set_faults(faults(&["wrong-login", "refuse=-15"]));
    let read = json!({ "current": 1, "size": 10 });
    assert_eq!(platform.outcome("/number/queryPage", &read).await, "-1");
    assert_eq!(platform.outcome("/number/queryPage", &read).await, "-15");
}

#[tokio::test(start_paused = true)]
async fn a_seed_draws_the_same_faults_again() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let mut pbx = Pbx::new().await;
        pbx.sandbox.set_faults(faults(&[&format!("random={seed}/30:trunk/*")]));
        let mut run = Vec::new();
        for _ in 0..60 {
            let answer = seen(pbx.raw("trunk/list", "{}").await);
            let fault = pbx.appliance.requests().pop().unwrap().fault;
            if answer == "20006" {
                // A login draws no number: it is outside the fault's endpoints.
                pbx.log_in().await;
            }
            run.push((answer, fault));
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
    let struck = runs[0].iter().filter(|(_, fault)| fault.is_some()).count();
    assert!((6..30).contains(&struck), "{struck} of 60 at 30 %");
}

#[tokio::test(start_paused = true)]
async fn the_transport_keeps_the_exchanges_bounds() {
    let pbx = Pbx::new().await;
    let transport = pbx.appliance.transport();
    let uri = format!("https://192.168.5.150:8088/api/v2.0.0/trunk/list?token={}", pbx.token);
    let exchange = Exchange { timeout: Duration::from_secs(3), max_body: 4096 };
    for (fault, exchange, expected) in [
        ("slow=2999", exchange, Ok(200)),
        ("slow=3001", exchange, Err(TransportError::TimedOut(exchange.timeout))),
        ("before", exchange, Ok(500)),
        ("short", Exchange { max_body: 10, ..exchange }, Err(TransportError::TooLarge(10))),
    ] {
        pbx.sandbox.set_faults(faults(&[fault]));
        let request = request(Method::POST, &uri, JSON, "{}").map(|_| Bytes::from_static(b"{}"));
        let answer = transport.send(request, exchange).await.map(|response| response.status().as_u16());
        assert_eq!(answer, expected, "{fault}");
    }
    for fault in ["cut", "cut-before"] {
        pbx.sandbox.set_faults(faults(&[fault]));
        let request = request(Method::POST, &uri, JSON, "{}").map(|_| Bytes::from_static(b"{}"));
        let answer = transport.send(request, exchange).await;
        assert!(matches!(answer, Err(TransportError::Broken(_))), "{fault}");
    }
}

//! Calls in order and repeated, on paused time.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::Duration;

use super::*;

fn binding<'a>(live: &'a LiveObject, values: &'a [Value]) -> Update<'a> {
    Update { kind: &SIP_NUMBER, live, key: &live.key, values, changed: changed(&["agent"]) }
}

#[tokio::test(start_paused = true)]
async fn a_plan_is_two_requests() {
    let fake = platform(|_, _| None);
    let session = session(&fake);
    let snapshot = session.snapshot(&[&SIP_NUMBER]).await.unwrap();
    assert_eq!((snapshot.requests, session.requests()), (2, 2));
    assert!(snapshot.is_complete());
    assert_eq!(&*snapshot.listings[0].objects[0].values, values(Value::text("")));
    for request in fake.asked() {
        assert_eq!(request.headers()["content-type"], "application/json");
        let expected: &[u8] = if request.uri().path() == request::LIST { b"{}" } else { b"" };
        assert_eq!(request.body().as_ref(), expected);
    }
    session.close().await;
    assert_eq!(fake.asked().len(), 2);
}

/// Long enough to be read in several runs, on other threads.
#[tokio::test(start_paused = true)]
async fn a_long_listing_is_read_whole_and_in_its_order() {
    let numbers: Vec<_> = (0..9000).map(|number| format!("{number:06}")).collect();
    let lines = numbers.iter().map(|number| line(&format!("id{number}"), number, "1", "")).collect();
    let records = numbers.iter().rev().map(|number| record(&format!("id{number}"), number)).collect();
    let (lines, records) = (Json::Array(lines), json!({"sipNumberList": Json::Array(records)}));
    assert!(records.to_string().len() > 1 << 20);
    let fake =
        platform(move |_, request| Some(ok(if request.uri().path() == request::LIST { &lines } else { &records })));
    let snapshot = session(&fake).snapshot(&[&SIP_NUMBER]).await.unwrap();
    assert!(snapshot.is_complete());
    let objects = &snapshot.listings[0].objects;
    assert!(objects.iter().map(|object| &*object.key).eq(numbers.iter().map(String::as_str)));
    assert!(objects.iter().all(|object| *object.values == *values(Value::text(""))));
    let [Value::List(first), Value::List(next)] = [&objects[0].values[2], &objects[1].values[2]] else {
        panic!("no lists")
    };
    assert!(Arc::ptr_eq(first, next), "equal lists of neighbours are one");
}

/// What is wrong with a row counts, wherever the answer says that it succeeded; a refusal counts, whatever was listed before.
#[tokio::test(start_paused = true)]
async fn rows_do_not_hide_what_is_wrong_around_them() {
    let long = "x".repeat(70_000);
    let deep = format!("{}{}", "[".repeat(40), "]".repeat(40));
    let row = r#"{"sipId":"id1","number":"2000"}"#;
    for (body, code) in [
        (format!(r#"{{"data":[{row}],"success":false,"code":"400","message":"no"}}"#), "400"),
        (format!(r#"{{"data":[{row}],"success":true,"success":true}}"#), "duplicate_key"),
        (format!(r#"{{"success":true,"data":[{row},{{"number":"1","number":"1"}}]}}"#), "duplicate_key"),
        (r#"{"success":true,"data":[{"x":{"a":1,"a":1}}]}"#.to_owned(), "duplicate_key"),
        (format!(r#"{{"success":true,"data":[{{"x":"{long}"}}]}}"#), "text_too_long"),
        (format!(r#"{{"success":true,"data":[{{"number":{deep}}}]}}"#), "too_deep"),
        (format!(r#"{{"success":true,"data":[{row},]}}"#), "not_json"),
        (format!(r#"{{"success":true,"data":[{row} {row}]}}"#), "not_json"),
        (format!(r#"{{"success":true,"data":[{row}"#), "not_json"),
        (format!(r#"{{"success":true,"data":[{row}]}}}}"#), "not_json"),
        (format!(r#"{{"success":true,"data":[{row},7]}}"#), "bad_shape"),
        (r#"{"success":true,"data":[[]]}"#.to_owned(), "bad_shape"),
        (format!(r#"{{"success":true,"data":[{deep}]}}"#), "too_deep"),
        (format!(r#"{{"success":true,"data":["{long}"]}}"#), "text_too_long"),
        (format!(r#"{{"success":true,"data":[7,{row} {row}]}}"#), "not_json"),
        (r#"{"success":true,"data":"no list"}"#.to_owned(), "bad_shape"),
    ] {
        let fake = platform({
            let body = body.clone();
            move |_, request| {
                (request.uri().path() == request::LIST).then(|| fake::reply(200, "application/json", &body))
            }
        });
        let failure = session(&fake).snapshot(&[&SIP_NUMBER]).await.unwrap_err();
        assert_eq!(failure.code, code, "{}", &body[..body.len().min(200)]);
    }
}

/// A list whose name is written with escapes isn't cut out; it is read all the same.
#[tokio::test(start_paused = true)]
async fn a_list_under_an_escaped_name_is_read() {
    let body = format!(r#"{{"success":true,"d\u0061ta":[{}]}}"#, line("id1", "2000", "1", ""));
    let fake = platform(move |_, request| {
        (request.uri().path() == request::LIST).then(|| fake::reply(200, "application/json", &body))
    });
    let snapshot = session(&fake).snapshot(&[&SIP_NUMBER]).await.unwrap();
    assert!(snapshot.is_complete() && snapshot.listings[0].objects.len() == 1);
}

#[tokio::test(start_paused = true)]
async fn every_attempt_has_a_nonce_of_its_own() {
    let fake = platform(|number, _| (number < 4).then(|| refuse("429", "later")));
    let session = session(&fake);
    let object = NewObject { kind: &SIP_NUMBER, key: "2004", values: &values(Value::Unset) };
    assert_eq!(session.create(&object).await.unwrap().as_deref(), Some("id1"));
    let asked = fake.asked();
    let nonces: HashSet<_> = asked.iter().map(|request| request.headers()["m7-nonce"].clone()).collect();
    let signs: HashSet<_> = asked.iter().map(|request| request.headers()["m7-sign"].clone()).collect();
    assert_eq!((asked.len(), nonces.len(), signs.len()), (5, 5, 5));
}

#[tokio::test(start_paused = true)]
async fn a_refused_second_listing_makes_fields_not_readable() {
    for reply in [refuse("403", "no right"), refuse("400", "no such call"), fake::reply(404, "text/html", "<html>")] {
        let reply = Mutex::new(reply);
        let fake =
            platform(move |_, request| (request.uri().path() == request::QUERY).then(|| reply.lock().unwrap().clone()));
        let snapshot = session(&fake).snapshot(&[&SIP_NUMBER]).await.unwrap();
        assert_eq!(snapshot.listings[0].objects[0].values[0], Value::NotReadable);
        assert_eq!(fake.asked().len(), 2);
    }
}

/// No list is not an empty one, unless the other listing shows none either.
#[tokio::test(start_paused = true)]
async fn an_answer_without_a_list_shows_nothing() {
    for (query, complete) in [
        (refuse("403", "no right"), false),
        (ok(&json!({"sipNumberList": [record("id1", "2000")]})), false),
        (ok(&json!({"sipNumberList": []})), true),
    ] {
        let query = Mutex::new(query);
        let fake = platform(move |_, request| match request.uri().path() {
            request::LIST => Some(ok(&Json::Null)),
            _ => Some(query.lock().unwrap().clone()),
        });
        assert_eq!(session(&fake).snapshot(&[&SIP_NUMBER]).await.unwrap().is_complete(), complete);
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_secret_stops_the_target() {
    let fake = platform(|_, _| Some(refuse("401", "sign error")));
    let session = session(&fake);
    let failure = session.snapshot(&[&SIP_NUMBER]).await.unwrap_err();
    assert!(failure.stops_target());
    // Nothing of this run knocks again.
    let again = session.snapshot(&[&SIP_NUMBER]).await.unwrap_err();
    let delete = session.delete(&SIP_NUMBER, &live("id1", "2000", "")).await.unwrap_err();
    assert_eq!((&again, &delete), (&failure, &failure));
    assert_eq!(fake.paths(), [request::LIST]);
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_and_a_lost_write_is_not() {
    let lost = || Some(Err(TransportError::TimedOut(Duration::from_mins(1))));
    let fake = platform(move |_, _| lost());
    let session = session(&fake);
    assert!(session.snapshot(&[&SIP_NUMBER]).await.is_err());
    assert_eq!(fake.count(request::LIST), 3);
    assert_eq!(session.delete(&SIP_NUMBER, &live("id1", "2000", "")).await.unwrap_err().kind, FailureKind::Unknown);
    assert_eq!(fake.count("/delete"), 1);
}

#[tokio::test(start_paused = true)]
async fn an_agent_is_bound_only_to_a_registered_unbound_number() {
    for (data, outcome, updates) in [
        (json!([line("id1", "2000", "1", "")]), Ok(()), 1),
        (json!([line("id0", "20001", "1", "x"), line("id1", "2000", "1", "")]), Ok(()), 1),
        (json!([line("id1", "2000", "1", "a1")]), Ok(()), 1),
        (json!([line("id1", "2000", "0", "")]), Err("not_registered"), 0),
        (json!([line("id1", "2000", "1", "b2")]), Err("already_bound"), 0),
        (json!([]), Err("number_missing"), 0),
    ] {
        let bound = data.to_string().contains("a1");
        let fake = platform(move |_, request| (request.uri().path() == request::LIST).then(|| ok(&data)));
        let (live, values) = (live("id1", "2000", ""), values(Value::text("a1")));
        let result = session(&fake).update(&binding(&live, &values)).await;
        assert_eq!(result.as_ref().map_err(|failure| failure.code.as_str()).copied(), outcome);
        assert!(result.err().is_none_or(|failure| failure.field == Some("agent")));
        assert_eq!(fake.count("/update"), updates);
        let asked = fake.asked();
        assert_eq!(fake::body(&asked[0]), json!({"number": "2000", "registerStatuses": [0, 1]}));
        if let Some(update) = asked.get(1) {
            let expected = if bound { None } else { Some(json!("a1")) };
            assert_eq!(fake::body(update).get("agentId").cloned(), expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_agent_goes_out_only_where_it_changes() {
    for (fields, agent, sent) in [
        (changed(&["password"]), "a1", None),
        (changed(&["agent"]), "", Some(json!(""))),
        (changed(&["agent", "nat"]), "", Some(json!(""))),
    ] {
        let fake = platform(|_, _| None);
        let (live, values) = (live("id1", "2000", "a1"), values(Value::text(agent)));
        let update = Update { changed: fields, ..binding(&live, &values) };
        session(&fake).update(&update).await.unwrap();
        let asked = fake.asked();
        assert_eq!(asked.len(), 1);
        let body = fake::body(&asked[0]);
        assert_eq!(body.get("agentId").cloned(), sent);
        assert_eq!(
            (&body["sipId"], &body["number"], &body["password"], &body["isNAT"], &body["codingFormat"]),
            (&json!("id1"), &json!("2000"), &json!(PASSWORD), &json!(false), &json!(["G711A"]))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_binding_that_cannot_be_looked_up_was_not_sent() {
    let fake =
        platform(|_, request| (request.uri().path() == request::LIST).then(|| fake::reply(500, "text/html", "<html>")));
    let (live, values) = (live("id1", "2000", ""), values(Value::text("a1")));
    let failure = session(&fake).update(&binding(&live, &values)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::NotSent);
    assert!(!fake.paths().iter().any(|path| path == request::UPDATE));
}

#[tokio::test(start_paused = true)]
async fn no_write_goes_out_without_an_id() {
    let fake = platform(|_, _| None);
    let session = session(&fake);
    for id in ["", "all", "a,b"] {
        let (live, values) = (live(id, "2000", ""), values(Value::text("")));
        assert_eq!(session.delete(&SIP_NUMBER, &live).await.unwrap_err().code, "bad_id");
        assert_eq!(session.update(&binding(&live, &values)).await.unwrap_err().code, "bad_id");
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_failure_shows_a_secret() {
    // The vendor's text repeats everything that it was sent, as `requestInfo` does.
    let fake = platform(|_, request| {
        let sign = request.headers()["m7-sign"].to_str().unwrap().to_owned();
        let echo = format!("{sign} {SECRET} {}", String::from_utf8_lossy(request.body()));
        Some(refuse(&echo.clone(), &echo))
    });
    let session = session(&fake);
    let object = NewObject { kind: &SIP_NUMBER, key: "2004", values: &values(Value::Unset) };
    let failures = [session.create(&object).await.unwrap_err(), session.snapshot(&[&SIP_NUMBER]).await.unwrap_err()];
    let signs = fake.asked().into_iter().map(|request| request.headers()["m7-sign"].to_str().unwrap().to_owned());
    let secrets: Vec<_> = signs.chain([SECRET.to_owned(), PASSWORD.to_owned()]).collect();
    for failure in failures {
        let text = format!("{failure} {failure:?}");
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
    }
}

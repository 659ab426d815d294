//! Writes over the wire: bodies, seat groups, and what the platform has no call for.

use super::*;

fn live(kind: &Kind, record: &Json) -> LiveObject {
    decode(kind, &json!([record])).0.pop().unwrap()
}

fn update<'a>(kind: &'static Kind, live: &'a LiveObject, values: &'a [Value]) -> Update<'a> {
    Update { kind, live, key: &live.key, values, changed: everything(kind) }
}

fn sent(fake: &Fake, path: &str) -> Json {
    let asked = fake.asked();
    fake::body(asked.iter().find(|request| request.uri().path() == path).unwrap())
}

fn outbound(groups: &[(&str, &str)]) -> Vec<Value> {
    vec![
        Value::text("outbound"),
        Value::text("203.0.113.7:5060"),
        Value::Unset,
        Value::Bool(false),
        Value::text(""),
        Value::text(""),
        Value::text(""),
        groups_value(groups),
    ]
}

#[tokio::test(start_paused = true)]
async fn phones_are_made_for_the_application() {
    let fake = platform(|_, _| None);
    let values = [Value::text("sip"), Value::Integer(30), Value::text("861000000")];
    let object = NewObject { kind: &PHONE_GROUP, key: "sipGroup", values: &values };
    assert_eq!(session(&fake).create(&object).await.unwrap().as_deref(), Some("sipGroup"));
    let body = json!({
        "groupName": "sipGroup", "phoneName": "sip", "quantity": 30, "displayNum": "861000000", "appId": "app1",
    });
    assert_eq!(sent(&fake, request::PHONE_ADD), body);
}

#[tokio::test(start_paused = true)]
async fn a_trunk_whose_groups_cannot_be_looked_up_was_not_sent() {
    let fake = platform(|_, request| {
        (request.uri().path() == request::GROUP_QUERY).then(|| fake::reply(500, "text/html", "<html>"))
    });
    let values = outbound(&[("sales", "")]);
    let object = NewObject { kind: &CALL_CENTER_TRUNK, key: "plain", values: &values };
    assert_eq!(session(&fake).create(&object).await.unwrap_err().kind, FailureKind::NotSent);
    assert!(!fake.paths().iter().any(|path| path == request::TRUNK_ADD));
}

#[tokio::test(start_paused = true)]
async fn a_new_trunk_names_its_groups_by_id() {
    let fake = platform(|_, _| None);
    let registering = with(&CALL_CENTER_TRUNK, &outbound(&[("sales", "")]), "register", Value::Bool(true));
    let registering = with(&CALL_CENTER_TRUNK, &registering, "username", Value::text("u1"));
    let registering = with(&CALL_CENTER_TRUNK, &registering, "password", Value::secret(PASSWORD));
    let inbound = vec![
        Value::text("inbound"),
        Value::Unset,
        Value::text("203.0.113.1"),
        Value::Unset,
        Value::Unset,
        Value::Unset,
        Value::text("9"),
        groups_value(&[("sales", "4001")]),
    ];
    let session = session(&fake);
    for (key, values) in [("plain", &outbound(&[("sales", "")])), ("registering", &registering), ("in", &inbound)] {
        let object = NewObject { kind: &CALL_CENTER_TRUNK, key, values };
        assert_eq!(session.create(&object).await.unwrap().as_deref(), Some("k9"));
    }
    let asked = fake.asked();
    let bodies: Vec<_> = asked.iter().filter(|r| r.uri().path() == request::TRUNK_ADD).map(fake::body).collect();
    assert_eq!(
        bodies[0],
        json!({
            "sipTrunkName": "plain", "type": 1, "sipGatewayIp": "203.0.113.7:5060", "sipTrunkState": false,
            "groupList": [{"voiceGroupId": 7}],
        })
    );
    assert_eq!(
        bodies[1],
        json!({
            "sipTrunkName": "registering", "type": 1, "sipGatewayIp": "203.0.113.7:5060", "sipTrunkState": true,
            "sipAccount": "u1", "sipPassword": PASSWORD, "groupList": [{"voiceGroupId": 7}],
        })
    );
    assert_eq!(
        bodies[2],
        json!({
            "sipTrunkName": "in", "type": 2, "sipWhiteIp": "203.0.113.1", "sipTrunkState": false, "sipPrefix": "9",
            "groupList": [{"voiceGroupId": 7, "number": "4001"}],
        })
    );
    // One look-up for the whole session.
    assert_eq!(fake.count(request::GROUP_QUERY), 1);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_new_trunk_in_every_spelling() {
    for (data, id) in [
        (json!("k9"), Some("k9")),
        (json!(9), Some("9")),
        (json!({"keyId": "k9"}), Some("k9")),
        (json!({"keyId": 9, "x": 1}), Some("9")),
        (Json::Null, None),
        (json!("all"), None),
        (json!([1]), None),
    ] {
        let fake = platform(move |_, request| (request.uri().path() == request::TRUNK_ADD).then(|| ok(&data)));
        let object = NewObject { kind: &CALL_CENTER_TRUNK, key: "a", values: &outbound(&[("sales", "")]) };
        assert_eq!(session(&fake).create(&object).await.unwrap().as_deref(), id);
    }
}

#[tokio::test(start_paused = true)]
async fn a_group_that_is_unknown_ambiguous_or_uncertain_is_refused() {
    let short = || ok(&json!({"total": 2, "records": [group(7, "sales")]}));
    for (name, is_short, code) in [
        ("Sales", false, "unknown_group"),
        ("sale", false, "unknown_group"),
        ("help", false, "ambiguous_group"),
        ("sales", true, "groups_incomplete"),
    ] {
        let fake = platform(move |_, request| (is_short && request.uri().path() == request::GROUP_QUERY).then(short));
        let object = NewObject { kind: &CALL_CENTER_TRUNK, key: "a", values: &outbound(&[("sales", ""), (name, "")]) };
        let failure = session(&fake).create(&object).await.unwrap_err();
        assert_eq!((failure.kind, failure.code.as_str(), failure.field), (FailureKind::Refused, code, Some("groups")));
        assert!(failure.hint.is_some() && (is_short || failure.message.contains(&format!("{name:?}"))), "{failure}");
        assert_eq!(fake.count(request::TRUNK_ADD), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_of_a_trunk_sends_everything_but_its_type() {
    let fake = platform(|_, _| None);
    let live = live(&CALL_CENTER_TRUNK, &trunk("k1", "carrier-a"));
    let values = with(&CALL_CENTER_TRUNK, &live.values, "prefix", Value::text(""));
    session(&fake).update(&Update { key: "carrier-b", ..update(&CALL_CENTER_TRUNK, &live, &values) }).await.unwrap();
    assert_eq!(
        sent(&fake, request::TRUNK_UPDATE),
        json!({
            "keyId": "k1", "sipTrunkName": "carrier-b", "sipGatewayIp": "203.0.113.7:5060", "sipTrunkState": true,
            "sipAccount": "u1", "sipPassword": PASSWORD, "sipPrefix": "", "groupList": [{"voiceGroupId": 7}],
        })
    );
    // The trunk's own groups need no look-up.
    assert_eq!(fake.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_trunk_keeps_its_group_where_another_has_the_same_name() {
    let fake = platform(|_, _| None);
    let list = json!([{"voiceGroupId": "9", "groupName": "help"}]);
    let mut record = trunk("k1", "carrier-a");
    record["groupList"] = list;
    let live = live(&CALL_CENTER_TRUNK, &record);
    let values = with(&CALL_CENTER_TRUNK, &live.values, "groups", groups_value(&[("help", ""), ("sales", "")]));
    session(&fake).update(&update(&CALL_CENTER_TRUNK, &live, &values)).await.unwrap();
    let groups = sent(&fake, request::TRUNK_UPDATE)["groupList"].clone();
    assert_eq!(groups, json!([{"voiceGroupId": "9"}, {"voiceGroupId": 7}]));
}

#[tokio::test(start_paused = true)]
async fn what_is_not_shown_is_never_reset() {
    let fake = platform(|_, _| None);
    let session = session(&fake);
    for (kind, record, hidden, field) in [
        (&CALL_CENTER_TRUNK, trunk("k1", "carrier-a"), "sipPassword", "password"),
        (&CALL_CENTER_TRUNK, trunk("k1", "carrier-a"), "groupList", "groups"),
        (&NUMBER, number("1"), "remark", "remark"),
        (&NUMBER, number("1"), "enableVoicemail", "voicemail"),
    ] {
        let mut record = record;
        record.as_object_mut().unwrap().remove(hidden);
        let live = live(kind, &record);
        let failure = session.update(&update(kind, &live, &live.values)).await.unwrap_err();
        assert_eq!((failure.code.as_str(), failure.field), ("not_readable", Some(field)));
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_edit_sends_back_what_was_read() {
    let fake = platform(|_, _| None);
    let session = session(&fake);
    for max_hangup in [json!(30), json!("30")] {
        let mut record = number("85230000001");
        record["voicemailMaxHangup"] = max_hangup.clone();
        record["appId"] = json!("another");
        let live = live(&NUMBER, &record);
        let values = with(&NUMBER, &live.values, "remark", Value::text("main line"));
        session.update(&update(&NUMBER, &live, &values)).await.unwrap();
        let expected = json!({
            "number": "85230000001", "appId": "another", "enableVoicemail": "1", "voicemailMaxHangup": max_hangup,
            "inIp": "203.0.113.8:5060", "outIp": "203.0.113.8,203.0.113.9", "inboundPrefix": "00", "remark": "main line",
        });
        assert_eq!(fake::body(fake.asked().last().unwrap()), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn an_edit_has_what_the_platform_demands() {
    let fake = platform(|_, _| None);
    let session = session(&fake);
    let mut record = number("1");
    record["voicemailMaxHangup"] = Json::Null;
    record["appId"] = Json::Null;
    let live = live(&NUMBER, &record);
    for (voicemail, code) in [(Value::Bool(true), "no_max_hangup"), (Value::Unset, "voicemail_unknown")] {
        let values = with(&NUMBER, &live.values, "voicemail", voicemail);
        let failure = session.update(&update(&NUMBER, &live, &values)).await.unwrap_err();
        assert_eq!((failure.code.as_str(), failure.field), (code, Some("voicemail")));
    }
    assert!(fake.asked().is_empty());
    let values = with(&NUMBER, &live.values, "voicemail", Value::Bool(false));
    let values = with(&NUMBER, &values, "outbound_ips", Value::List(Arc::new([])));
    session.update(&update(&NUMBER, &live, &values)).await.unwrap();
    assert_eq!(
        sent(&fake, request::NUMBER_EDIT),
        json!({
            "number": "1", "appId": "app1", "enableVoicemail": "0", "inIp": "203.0.113.8:5060", "outIp": "",
            "inboundPrefix": "00", "remark": "",
        })
    );
}

#[tokio::test(start_paused = true)]
async fn what_the_platform_has_no_call_for_is_said_and_not_sent() {
    let fake = platform(|_, _| None);
    let session = session(&fake);
    let mut failures = Vec::new();
    for (kind, record) in
        [(&PHONE_GROUP, phone("g", "sip-1")), (&CALL_CENTER_TRUNK, trunk("k1", "a")), (&NUMBER, number("1"))]
    {
        let live = live(kind, &record);
        failures.push(session.delete(kind, &live).await.unwrap_err());
        if *kind == PHONE_GROUP {
            failures.push(session.update(&update(kind, &live, &live.values)).await.unwrap_err());
        }
        if *kind == NUMBER {
            let object = NewObject { kind, key: "1", values: &live.values };
            failures.push(session.create(&object).await.unwrap_err());
        }
    }
    assert_eq!(failures.len(), 5);
    assert!(failures.iter().all(|failure| failure.code == "by_hand" && failure.message.contains("console")));
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_update_goes_out_without_an_id() {
    let fake = platform(|_, _| None);
    let mut live = live(&CALL_CENTER_TRUNK, &trunk("k1", "a"));
    for id in ["", "all", "1,2"] {
        live.remote_id = id.into();
        let failure = session(&fake).update(&update(&CALL_CENTER_TRUNK, &live, &live.values)).await.unwrap_err();
        assert_eq!(failure.code, "bad_id");
    }
    assert!(fake.asked().is_empty());
}

//! From records to objects.

use proptest::prelude::*;

use super::*;

fn one(kind: &Kind, record: &Json) -> LiveObject {
    let (mut objects, completeness) = decode(kind, &json!([record]));
    assert_eq!(completeness, Completeness::Complete, "{record}");
    objects.pop().unwrap()
}

fn patched(mut record: Json, name: &str, value: Json) -> Json {
    record[name] = value;
    record
}

fn without(mut record: Json, name: &str) -> Json {
    record.as_object_mut().unwrap().remove(name);
    record
}

#[test]
fn phones_are_gathered_into_groups() {
    let mut records: Vec<Json> = (1..=12).rev().map(|place| phone("sipGroup", &format!("a-b-{place}"))).collect();
    records.push(phone("other", "desk-1"));
    let (groups, completeness) = decode(&PHONE_GROUP, &json!(records));
    assert_eq!(completeness, Completeness::Complete);
    assert_eq!(groups.iter().map(|group| &*group.key).collect::<Vec<_>>(), ["other", "sipGroup"]);
    let group = &groups[1];
    assert_eq!(group.remote_id, group.key);
    assert_eq!(*group.values, [Value::text("a-b"), Value::Integer(12), Value::text("861000000")]);
    let accounts: Vec<_> = group.credentials().iter().map(|credential| credential.account.to_string()).collect();
    assert_eq!(accounts, (1..=12).map(|place| format!("acc-a-b-{place}")).collect::<Vec<_>>());
    assert!(group.credentials().iter().all(|c| c.password == Some(Secret::new(PHONE_PASSWORD))));
    assert!(!format!("{group:?}").contains(PHONE_PASSWORD));
}

#[test]
fn phones_that_do_not_agree_are_not_readable() {
    for (second, field) in [
        (phone("g", "line-2"), "phone_name"),
        (patched(phone("g", "sip-2"), "displayNum", json!("999999999")), "display_number"),
        (without(phone("g", "sip-2"), "displayNum"), "display_number"),
    ] {
        let (groups, _) = decode(&PHONE_GROUP, &json!([phone("g", "sip-1"), second]));
        for (index, name) in ["phone_name", "quantity", "display_number"].iter().enumerate() {
            assert_eq!(groups[0].values[index] == Value::NotReadable, *name == field, "{second} {name}");
        }
    }
}

#[test]
fn a_stem_is_what_stands_before_the_last_number() {
    for (name, stem) in
        [("sip-1", "sip"), ("sip", "sip"), ("a-1-2", "a-1"), ("sip-", "sip-"), ("-1", "-1"), ("a-x", "a-x")]
    {
        let group = one(&PHONE_GROUP, &phone("g", name));
        assert_eq!(*value(&PHONE_GROUP, &group.values, "phone_name"), Value::text(stem), "{name}");
    }
}

#[test]
fn a_phone_without_a_shown_password_still_has_an_account() {
    for shown in [Json::Null, json!(""), json!("******")] {
        let group = one(&PHONE_GROUP, &patched(phone("g", "sip-1"), "password", shown));
        assert_eq!(group.credentials()[0].password, None);
    }
    assert!(one(&PHONE_GROUP, &without(phone("g", "sip-1"), "account")).credentials().is_empty());
}

#[test]
fn a_trunk_that_calls_out() {
    for registers in [json!(true), json!("true"), json!(1), json!("1")] {
        let live = one(&CALL_CENTER_TRUNK, &patched(trunk("k1", "carrier-a"), "sipTrunkState", registers));
        assert_eq!((&*live.key, &*live.remote_id), ("carrier-a", "k1"));
        let expected = [
            Value::text("outbound"),
            Value::text("203.0.113.7:5060"),
            Value::Unset,
            Value::Bool(true),
            Value::text("u1"),
            Value::secret(PASSWORD),
            Value::text("9"),
            groups_value(&[("sales", "")]),
        ];
        assert_eq!(*live.values, expected);
    }
}

#[test]
fn a_trunk_that_calls_come_in_by() {
    let groups = json!([
        {"voiceGroupId": 8, "groupName": "support", "number": 4002},
        {"voiceGroupId": 7, "groupName": "sales", "number": "4001"},
    ]);
    let record = patched(patched(trunk("k1", "in"), "type", json!("2")), "groupList", groups);
    let live = one(&CALL_CENTER_TRUNK, &patched(record, "sipWhiteIp", json!("203.0.113.1")));
    let of = |field| value(&CALL_CENTER_TRUNK, &live.values, field);
    assert_eq!(*of("direction"), Value::text("inbound"));
    assert_eq!(*of("allowed_ip"), Value::text("203.0.113.1"));
    for field in ["gateway_ip", "register", "username", "password"] {
        assert_eq!(*of(field), Value::Unset, "{field}");
    }
    assert_eq!(*of("groups"), groups_value(&[("sales", "4001"), ("support", "4002")]));
}

#[test]
fn what_a_record_does_not_show_is_not_readable() {
    let base = || trunk("k1", "carrier-a");
    let off = || patched(base(), "sipTrunkState", json!(false));
    let unreadable = Value::NotReadable;
    for (record, field, expected) in [
        (without(base(), "sipPassword"), "password", unreadable.clone()),
        (patched(base(), "sipPassword", Json::Null), "password", unreadable.clone()),
        (patched(base(), "sipPassword", json!("****")), "password", unreadable.clone()),
        (patched(off(), "sipPassword", Json::Null), "password", Value::text("")),
        (patched(off(), "sipPassword", json!("")), "password", Value::secret("")),
        (patched(off(), "sipAccount", Json::Null), "username", Value::text("")),
        (patched(base(), "sipPrefix", Json::Null), "prefix", Value::text("")),
        (without(base(), "sipPrefix"), "prefix", unreadable.clone()),
        (without(base(), "sipTrunkState"), "register", unreadable.clone()),
        (without(base(), "groupList"), "groups", unreadable.clone()),
        (patched(base(), "groupList", json!([{"voiceGroupId": 7}])), "groups", unreadable.clone()),
        (patched(base(), "groupList", Json::Null), "groups", groups_value(&[])),
        (patched(base(), "type", json!(3)), "direction", Value::text("3")),
    ] {
        let live = one(&CALL_CENTER_TRUNK, &record);
        assert_eq!(*value(&CALL_CENTER_TRUNK, &live.values, field), expected, "{field} {record}");
    }
}

#[test]
fn records_without_an_identity_make_a_listing_incomplete() {
    for (kind, records, reason) in [
        (&CALL_CENTER_TRUNK, json!([patched(trunk("", "a"), "keyId", Json::Null)]), "no usable keyId"),
        (&CALL_CENTER_TRUNK, json!([trunk("1,2", "a")]), "no usable keyId"),
        (&CALL_CENTER_TRUNK, json!([trunk("k1", "")]), "has no name"),
        (&CALL_CENTER_TRUNK, json!([without(trunk("k1", "a"), "type")]), "has no type"),
        (&CALL_CENTER_TRUNK, json!([trunk("k1", "a"), trunk("k1", "b")]), "shown twice"),
        (&CALL_CENTER_TRUNK, json!([trunk("k1", "a"), trunk("k2", "a")]), "shown twice"),
        (&NUMBER, json!([number("1"), number("1")]), "shown twice"),
        (&NUMBER, json!([number("")]), "no number"),
        (&PHONE_GROUP, json!([phone("g", "sip-1"), phone("g", "sip-1")]), "shown twice"),
        (
            &PHONE_GROUP,
            json!([phone("g", "a-1"), patched(phone("g", "b-1"), "account", json!("acc-a-1"))]),
            "shown twice",
        ),
    ] {
        let (_, Completeness::Incomplete(found)) = decode(kind, &records) else { panic!("complete: {records}") };
        assert!(found.contains(reason), "{found} {records}");
    }
}

#[test]
fn a_number() {
    let live = one(&NUMBER, &number("85230000001"));
    assert_eq!((&*live.key, &*live.remote_id), ("85230000001", "85230000001"));
    let outbound = Value::List(Arc::new([Value::text("203.0.113.8"), Value::text("203.0.113.9")]));
    let expected = [Value::text("203.0.113.8:5060"), outbound, Value::text("00"), Value::text(""), Value::Bool(true)];
    assert_eq!(*live.values, expected);
    assert!(live.blocked.is_empty() && live.resets().is_empty() && live.credentials().is_empty());
}

#[test]
fn a_voicemail_cannot_be_turned_on_without_what_it_needs() {
    for (max_hangup, on, blocked) in [
        (json!(30), "0", false),
        (json!("999"), "0", false),
        (json!(0), "0", true),
        (Json::Null, "0", true),
        (json!(1000), "0", true),
        (Json::Null, "1", false),
    ] {
        let record = patched(patched(number("1"), "voicemailMaxHangup", max_hangup), "enableVoicemail", json!(on));
        assert_eq!(one(&NUMBER, &record).blocked("voicemail").is_some(), blocked, "{record}");
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".*".prop_map(Json::from),
        "[a-z]{1,3}-[0-9]{0,30}|1|2|,+".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        let name = "groupName|voiceGroupId|number|[a-z]{0,3}";
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(name, inner, 0..4).prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

fn any_record() -> impl Strategy<Value = Json> {
    let name = "groupName|phoneName|account|password|displayNum|keyId|type|sipTrunkName|groupList|sipTrunkState|number|\
                sipPassword|outIp|enableVoicemail|voicemailMaxHangup|appId";
    prop::collection::btree_map(name, any_json(), 0..12).prop_map(|map| Json::Object(map.into_iter().collect()))
}

proptest! {
    #[test]
    fn any_answer_is_read_or_refused(body in ".*|\\{\"status\":0,\"data\":.*\\}", status in 200..600_u16) {
        let answer = fake::reply(status, "application/json", &body).unwrap();
        if response::envelope(Class::Read, &answer, &[]).is_ok() {
            let _ = response::page(&answer);
            let _ = response::added_id(&answer);
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let answer = http::Response::new(Bytes::from(body));
        let _ = response::envelope(Class::Create, &answer, &[]);
        let _ = response::page(&answer);
        let _ = response::added_id(&answer);
    }

    #[test]
    fn any_record_becomes_an_object_or_a_doubt(records in prop::collection::vec(any_record(), 0..5)) {
        for kind in [&PHONE_GROUP, &CALL_CENTER_TRUNK, &NUMBER] {
            let (objects, completeness) = decode(kind, &json!(records));
            for live in &objects {
                prop_assert!(!live.key.is_empty() && !live.remote_id.is_empty());
                prop_assert_eq!(live.values.len(), kind.fields.len());
                let _ = SeatGroups::of_trunk(live);
            }
            prop_assert!(completeness != Completeness::Complete || *kind == PHONE_GROUP || objects.len() == records.len());
        }
        let records: Vec<Record> = serde_json::from_value(json!(records)).unwrap();
        let _ = SeatGroups::of(&records, Doubts::default());
    }
}

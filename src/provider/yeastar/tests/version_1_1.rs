//! The API v1.1.0: by name, and every update says everything.

use super::*;
use crate::model::Completeness;

const V1: Version = Version::V1_1;

/// A PBX that speaks v1.1.0 and knows these trunks.
fn old_pbx(trunks: &[(&str, &str)]) -> Arc<Fake> {
    let lines: Vec<Json> = trunks
        .iter()
        .map(|(_, name)| json!({"trunkname": name, "type": "Peer", "status": "Registered", "port": ""}))
        .collect();
    let records: Vec<Json> = trunks.iter().map(|(id, name)| peer(id, name)).collect();
    pbx(move |_, request| {
        let path = request.uri().path();
        if !path.starts_with("/api/v1.1.0/") {
            return failed("10003");
        }
        Some(fake::json(&if path.ends_with("/trunklist/query") {
            json!({"status": "Success", "trunklist": lines})
        } else if path.ends_with("/siptrunk/query") {
            json!({"status": "Success", "trunks": records})
        } else {
            return None;
        }))
    })
}

fn names(record: &Json) -> Vec<&str> {
    record.as_object().unwrap().keys().map(String::as_str).collect()
}

#[tokio::test(start_paused = true)]
async fn a_login_and_two_listings_are_a_plan() {
    let fake = old_pbx(&[("1", "a"), ("2", "b")]);
    let session = session_of(&fake, V1);
    let snapshot = session.snapshot(&[&TRUNK]).await.unwrap();
    assert!(snapshot.is_complete());
    let seen: Vec<_> = snapshot.listings[0].objects.iter().map(|it| (&*it.key, &*it.remote_id)).collect();
    assert_eq!(seen, [("a", "1"), ("b", "2")]);
    assert_eq!(fake.paths(), ["/api/v1.1.0/login", "/api/v1.1.0/trunklist/query", "/api/v1.1.0/siptrunk/query"]);
    let asked = fake.asked();
    let login = json!({"username": "api", "password": pbx::md5_hex(PASSWORD), "port": "8260", "version": "1.0.2"});
    assert_eq!(fake::body(&asked[0]), login);
    assert_eq!(fake::body(&asked[1]), json!({}));
    assert_eq!(fake::body(&asked[2]), json!({"trunkname": "all"}));
}

#[test]
fn listings_that_do_not_agree_are_incomplete() {
    let list = json!({"trunklist": [{"trunkname": "a", "type": "peer"}, {"trunkname": "b", "type": "peer"}]});
    let query = json!({"trunks": [peer("1", "a")]});
    let listing = listing::join(V1, support(), list.as_object().unwrap(), query.as_object().unwrap()).unwrap();
    assert_eq!(listing.completeness, Completeness::Incomplete(r#"only trunklist/query shows "b""#.into()));
}

#[tokio::test(start_paused = true)]
async fn writes_go_by_name_and_updates_say_everything() {
    let fake = old_pbx(&[]);
    let session = session_of(&fake, V1);
    let values = register_values();
    session.create(&NewObject { kind: &TRUNK, key: "to-108-16", values: &values }).await.unwrap();
    let live = live("15", "to-108-16", register_values());
    let mut wanted = register_values();
    wanted[2] = Value::Integer(5061);
    let update = Update { kind: &TRUNK, live: &live, key: "to-108-17", values: &wanted, changed: changed(&["port"]) };
    session.update(&update).await.unwrap();
    session.delete(&TRUNK, &live).await.unwrap();

    assert_eq!(
        fake.paths()[1..],
        ["/api/v1.1.0/siptrunk/add", "/api/v1.1.0/siptrunk/update", "/api/v1.1.0/siptrunk/delete"]
    );
    let asked = fake.asked();
    let everything = json!({
        "id": "15", "trunkname": "to-108-17", "trunktype": "register", "host": "172.16.108.16", "port": "5061",
        "domain": "172.16.108.16", "username": "6100", "authname": "6100", "password": "trunk-s3cret-canary",
        "fromuser": "", "extensionsdod": "5503301-yeastar-1000", "extensionsgroupdod": "5503302-yeastar-support",
    });
    assert_eq!(fake::body(&asked[2]), everything);
    assert_eq!(fake::body(&asked[3]), json!({"trunkname": "to-108-16"}));
}

#[test]
fn each_type_says_its_own_fields() {
    let both = ["extensionsdod", "extensionsgroupdod", "id", "trunkname", "trunktype"];
    for (variant, own) in
        [("peer", ["domain", "host", "port"].as_slice()), ("account", ["authname", "password", "username"].as_slice())]
    {
        let mut values = register_values();
        values[0] = Value::text(variant);
        let live = live("15", "a", values.clone());
        let update = Update { kind: &TRUNK, live: &live, key: "a", values: &values, changed: changed(&["dod"]) };
        let params = request::update(V1, support(), &update).unwrap();
        let sent = serde_json::from_slice(&params.json()).unwrap();
        let mut expected: Vec<&str> = own.iter().chain(&both).copied().collect();
        expected.sort_unstable();
        assert_eq!(names(&sent), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_box_hides_is_not_reset() {
    let fake = old_pbx(&[]);
    let session = session_of(&fake, V1);
    let live = live("15", "a", register_values());
    for (index, field) in [(6, "password"), (7, "from_user"), (8, "dod")] {
        let mut values = register_values();
        values[index] = Value::NotReadable;
        let update = Update { kind: &TRUNK, live: &live, key: "a", values: &values, changed: changed(&["port"]) };
        let failure = session.update(&update).await.unwrap_err();
        assert_eq!((failure.kind, failure.field), (FailureKind::Refused, Some(field)));
        assert!(failure.message.contains(field) && failure.hint.is_some());
    }
    assert!(fake.asked().is_empty());
}

#[tokio::test(start_paused = true)]
async fn no_write_goes_out_for_a_name_that_is_a_list() {
    let fake = old_pbx(&[]);
    let session = session_of(&fake, V1);
    for name in ["", " ", "all", "ALL", " all", "a,b", "a,"] {
        let live = live("15", name, register_values());
        let update = Update { kind: &TRUNK, live: &live, key: name, values: &live.values, changed: changed(&["port"]) };
        assert_eq!(session.delete(&TRUNK, &live).await.unwrap_err().code, "bad_name", "{name:?}");
        assert_eq!(session.update(&update).await.unwrap_err().code, "bad_name", "{name:?}");
        let object = NewObject { kind: &TRUNK, key: name, values: &live.values };
        assert_eq!(session.create(&object).await.unwrap_err().code, "bad_name", "{name:?}");
    }
    assert!(fake.asked().is_empty());
}

#[test]
fn an_update_resets_what_nobody_knows() {
    let mut record = peer("15", "a");
    record["dtmfmode"] = json!("rfc4733");
    record["codecs\u{1b}[2J"] = json!(["ulaw"]);
    record["nothing"] = json!(null);
    let read =
        |version| response::reading(version, support()).trunk(record.as_object().unwrap()).unwrap().resets().to_vec();
    assert!(read(Version::V2_0).is_empty());
    assert_eq!(read(V1), ["codecs\u{fffd}[2J".into(), "dtmfmode".into()]);
}

#[tokio::test(start_paused = true)]
async fn a_box_of_the_other_version_says_which() {
    for (version, hint) in [
        (Version::V2_0, "this PBX doesn't speak v2.0.0; set api_version: v1.1.0"),
        (V1, "this PBX doesn't speak v1.1.0; set api_version: v2.0.0"),
    ] {
        let fake = pbx(|_, _| failed("10003"));
        let failure = session_of(&fake, version).snapshot(&[&TRUNK]).await.unwrap_err();
        assert_eq!((failure.kind, failure.hint.as_deref()), (FailureKind::Unsupported, Some(hint)));
    }
}

#[test]
fn only_version_2_is_known_to_refuse_duplicates() {
    for (version, refuses) in [(Version::V2_0, true), (V1, false)] {
        let (target, _) = parts(&pbx(|_, _| None), version);
        assert_eq!(target.refuses_duplicates(support()), refuses, "{version:?}");
    }
}

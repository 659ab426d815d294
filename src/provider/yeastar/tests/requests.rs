//! What goes out, compared with the vendor's documentation.

use super::*;
use crate::http::{Token, TokenKeeper};
use crate::model::Secret;

fn body(params: &Params) -> Json {
    serde_json::from_slice(&params.json()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_documented_query() {
    let keeper = TokenKeeper::new(parts(&pbx(|_, _| None), Version::V2_0).1);
    let api = request::Api::new("https://192.168.5.150", Version::V2_0);
    let login = || async { Ok(Secret::new("277ac400357b509b4a587ff2157f7ad5")) };
    let build = |token: Token| {
        let one = request::one_trunk(Version::V2_0, &live("15", "test", Vec::new())).unwrap();
        let request = api.call("trunk/query_siptrunk", Some(&token), one.json());
        async { request }
    };
    let request = keeper.call(Class::Read, login, build).await.unwrap();
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri().path(), "/api/v2.0.0/trunk/query_siptrunk");
    assert_eq!(request.uri().query(), Some("token=277ac400357b509b4a587ff2157f7ad5"));
    assert_eq!(request.headers()["content-type"], "application/json; charset=utf-8");
    assert_eq!(fake::body(&request), json!({"id": "15"}));
}

#[tokio::test(start_paused = true)]
async fn a_call_rings_once() {
    for (auto_answer, text) in [(false, "no"), (true, "yes")] {
        let fake = pbx(|_, request| {
            let answer = fake::json(&json!({"status": "Success", "callid": "1505193218.96"}));
            request.uri().path().ends_with("dial_extension").then_some(answer)
        });
        let session = session(&fake);
        assert_eq!(session.dial(&check(auto_answer)).await, Ok(Some("1505193218.96".into())));
        assert_eq!(fake.paths(), ["/api/v2.0.0/login", "/api/v2.0.0/extension/dial_extension"]);
        let expected = json!({"caller": "1000", "callee": "1002", "autoanswer": text});
        assert_eq!(fake::body(&fake.asked()[1]), expected);
    }
}

#[test]
fn the_password_goes_out_as_md5() {
    assert_eq!(pbx::md5_hex("123456"), "e10adc3949ba59abbe56e057f20f883e");
}

#[tokio::test(start_paused = true)]
async fn a_login_and_two_listings_are_a_plan() {
    let fake = pbx(|_, _| None);
    let session = session(&fake);
    let snapshot = session.snapshot(&[&TRUNK]).await.unwrap();
    assert_eq!((snapshot.requests, session.requests()), (3, 3));
    assert_eq!(fake.paths(), ["/api/v2.0.0/login", "/api/v2.0.0/trunk/list", "/api/v2.0.0/trunk/query_siptrunk"]);
    let asked = fake.asked();
    assert_eq!(asked[0].uri().query(), None);
    let login = json!({"username": "api", "password": pbx::md5_hex(PASSWORD), "port": "8260", "version": "2.0.0"});
    assert_eq!(fake::body(&asked[0]), login);
    assert_eq!(fake::body(&asked[1]), json!({}));
    assert_eq!(fake::body(&asked[2]), json!({"id": "all"}));
    for request in &asked {
        assert_eq!(request.headers()["content-type"], "application/json; charset=utf-8");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_for_no_kinds() {
    let fake = pbx(|_, _| None);
    let session = session(&fake);
    assert!(session.snapshot(&[]).await.unwrap().listings.is_empty());
    session.close().await;
    assert!(fake.asked().is_empty());
}

#[test]
fn a_new_trunk_says_what_its_type_has() {
    let object = NewObject { kind: &TRUNK, key: "to-108-16-test", values: &register_values() };
    let expected = json!({
        "trunkname": "to-108-16-test", "trunktype": "register", "host": "172.16.108.16", "port": "5060",
        "domain": "172.16.108.16", "username": "6100", "authname": "6100", "password": "trunk-s3cret-canary",
        "fromuser": "", "extensionsdod": "5503301-yeastar-1000", "extensionsgroupdod": "5503302-yeastar-support",
    });
    assert_eq!(body(&request::add(support(), &object).unwrap()), expected);

    let names = |variant: &str, without: &str| -> Vec<String> {
        let mut values = register_values();
        values[0] = Value::text(variant);
        TRUNK.index_of(without).into_iter().for_each(|index| values[index] = Value::Unset);
        let object = NewObject { values: &values, ..object };
        body(&request::add(support(), &object).unwrap()).as_object().unwrap().keys().cloned().collect()
    };
    let peer = ["domain", "extensionsdod", "extensionsgroupdod", "host", "port", "trunkname", "trunktype"];
    assert_eq!(names("peer", ""), peer);
    assert_eq!(names("account", "dod"), ["authname", "password", "trunkname", "trunktype", "username"]);
}

#[test]
fn an_update_says_what_changes_and_no_more() {
    let live = live("15", "old", register_values());
    let mut values = register_values();
    values[2] = Value::Integer(5061);
    values[6] = Value::NotReadable;
    let update =
        Update { kind: &TRUNK, live: &live, key: "old", values: &values, changed: changed(&["port", "password"]) };
    let sent = body(&request::update(Version::V2_0, support(), &update).unwrap());
    assert_eq!(sent, json!({"id": "15", "trunktype": "register", "port": "5061"}));

    let update = Update { key: "new", changed: changed(&["dod"]), ..update };
    let sent = body(&request::update(Version::V2_0, support(), &update).unwrap());
    let expected = json!({
        "id": "15", "trunktype": "register", "trunkname": "new",
        "extensionsdod": "5503301-yeastar-1000", "extensionsgroupdod": "5503302-yeastar-support",
    });
    assert_eq!(sent, expected);
}

#[test]
fn each_field_alone_is_one_key_on_the_wire() {
    let live = live("15", "old", register_values());
    for (index, field) in TRUNK.fields.iter().enumerate().filter(|(_, field)| field.name != "type") {
        let mut only = FieldSet::default();
        only.insert(index);
        let update = Update { kind: &TRUNK, live: &live, key: "old", values: &live.values, changed: only };
        let sent = body(&request::update(Version::V2_0, support(), &update).unwrap());
        let mut names: Vec<_> = sent.as_object().unwrap().keys().map(String::as_str).collect();
        names.retain(|name| !["id", "trunktype"].contains(name));
        assert_eq!(names, support().field(field.name).unwrap().wire, "{}", field.name);
    }
}

#[test]
fn a_comma_in_an_entry_is_not_sent_as_two() {
    let mut values = register_values();
    let entry = Value::List(Arc::new([Value::text("1-a,b-2")]));
    values[8] = Value::Record(Arc::new([entry, Value::List(Arc::new([]))]));
    let object = NewObject { kind: &TRUNK, key: "x", values: &values };
    let failure = request::add(support(), &object).err().unwrap();
    assert_eq!((failure.kind, failure.field), (FailureKind::Refused, Some("dod")));
}

#[tokio::test(start_paused = true)]
async fn no_write_goes_out_for_an_id_that_is_a_list() {
    let fake = pbx(|_, _| None);
    let session = session(&fake);
    for id in ["", "all", "ALL", "15,16", "15 "] {
        let live = live(id, "old", register_values());
        let update =
            Update { kind: &TRUNK, live: &live, key: "old", values: &live.values, changed: changed(&["port"]) };
        assert_eq!(session.delete(&TRUNK, &live).await.unwrap_err().code, "bad_id", "{id:?}");
        assert_eq!(session.update(&update).await.unwrap_err().code, "bad_id", "{id:?}");
    }
    assert!(fake.asked().is_empty());
}

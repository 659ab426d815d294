//! Reading, making, changing and removing trunks.

use serde_json::{Value, json};

use super::with;
use crate::sandbox::tests::Pbx;

fn register(name: &str) -> Value {
    json!({ "trunkname": name, "trunktype": "register", "host": "203.0.113.5", "port": "5060", "domain": "carrier.example",
        "username": "u1", "authname": "u1", "password": "Secret1" })
}

fn peer(name: &str) -> Value {
    json!({ "trunkname": name, "trunktype": "peer", "host": "203.0.113.5", "port": "5060", "domain": "203.0.113.5" })
}

fn account(name: &str) -> Value {
    json!({ "trunkname": name, "trunktype": "account", "username": name, "authname": name, "password": "Secret1" })
}

#[tokio::test]
async fn the_seed_reads_like_the_documented_samples() {
    let pbx = Pbx::new().await;
    let answer = pbx.call("trunk/query_siptrunk", &json!({ "id": "15" })).await;
    assert_eq!(
        answer["trunks"],
        json!([{ "id": "15", "trunkname": "test", "trunktype": "peer", "host": "192.168.6.36", "port": "5060",
            "domain": "192.168.6.36", "extensionsdod": "",
            "extensionsgroupdod": "5503301-yeastar-sales,5503302-yealink-support,", "enable": "yes", "transport": "udp" }])
    );
    let list = pbx.call("trunk/list", &json!({})).await;
    let types: Vec<_> = list["trunklist"].as_array().unwrap().iter().map(|row| row["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["FXO", "IAX", "SIP", "SIP", "SIP", "SIP", "SIP"]);
    assert_eq!(
        list["trunklist"][0],
        json!({ "id": "1", "trunkname": "pots-1", "type": "FXO", "status": "Idle", "port": "1" })
    );
    assert_eq!(list["trunklist"][3], json!({ "id": "15", "trunkname": "test", "type": "SIP", "status": "registered" }));
    let read = pbx.call("trunk/query_siptrunk", &json!({ "id": "12" })).await;
    assert_eq!(read["trunks"][0]["password"], "Rqzswb55");
}

#[tokio::test]
async fn trunks_are_read_by_id_by_list_and_all_together() {
    let pbx = Pbx::new().await;
    for (id, expected) in [
        (json!("15"), Ok(1)),
        (json!(15), Ok(1)),
        (json!("15,16"), Ok(2)),
        (json!("15, 16"), Ok(2)),
        (json!("all"), Ok(5)),
        (json!("ALL"), Ok(5)),
        (json!("99"), Err("10062")),
        (json!("15,99"), Err("10062")),
        (json!("1"), Err("10062")),
        (json!("x"), Err("10062")),
        (json!("-1"), Err("10062")),
        (json!(""), Err("10004")),
        (json!(null), Err("10004")),
        (json!([15]), Err("10004")),
    ] {
        let answer = pbx.call("trunk/query_siptrunk", &json!({ "id": id })).await;
        let found = answer["trunks"].as_array().map(Vec::len).ok_or_else(|| answer["errno"].as_str().unwrap());
        assert_eq!(found, expected, "{id}");
    }
    assert_eq!(pbx.appliance.violations().dangerous_deletes, 0);
}

#[tokio::test]
async fn a_trunk_is_made_only_with_what_its_type_needs() {
    let odd = "0123456789012345678901234567890123456789012345678901234567890123456789";
    let dod = |list: &str| json!({ "extensionsdod": list });
    let group_dod = |list: &str| json!({ "extensionsgroupdod": list });
    for (base, change, expected) in [
        (register("new"), json!({}), "ok"),
        (register("new"), json!({ "fromuser": "" }), "ok"),
        (register("new"), json!({ "fromuser": "u1" }), "ok"),
        (peer("new"), json!({}), "ok"),
        (account("new"), json!({}), "ok"),
        (peer("new"), json!({ "enable": "yes" }), "ok"),
        (peer("new"), json!({ "username": 7 }), "ok"),
        (register("new"), json!({ "trunkname": null }), "10004"),
        (register("new"), json!({ "trunktype": null }), "10004"),
        (register("new"), json!({ "host": null }), "10004"),
        (register("new"), json!({ "port": "" }), "10004"),
        (register("new"), json!({ "domain": " " }), "10004"),
        (register("new"), json!({ "username": null }), "10004"),
        (register("new"), json!({ "authname": "" }), "10004"),
        (register("new"), json!({ "password": null }), "10004"),
        (peer("new"), json!({ "host": null }), "10004"),
        (peer("new"), json!({ "domain": null }), "10004"),
        (account("new"), json!({ "password": null }), "10004"),
        (peer("a,b"), json!({}), "10042"),
        (peer("All"), json!({}), "10042"),
        (peer("a/b"), json!({}), "10042"),
        (peer("new"), json!({ "trunkname": 5 }), "10042"),
        (peer("test"), json!({}), "10043"),
        (peer("pots-1"), json!({}), "10043"),
        (peer("new"), json!({ "trunktype": "Peer" }), "10044"),
        (peer("new"), json!({ "trunktype": "iax" }), "10044"),
        (peer("new"), json!({ "host": "a b" }), "10045"),
        (peer("new"), json!({ "port": 5060 }), "10046"),
        (peer("new"), json!({ "port": "0" }), "10046"),
        (peer("new"), json!({ "port": "65536" }), "10046"),
        (peer("new"), json!({ "port": "+5" }), "10046"),
        (peer("new"), json!({ "domain": "a,b" }), "10047"),
        (register("new"), json!({ "username": "u 1" }), "10048"),
        (account("new"), json!({ "username": "door" }), "10049"),
        (register("new"), json!({ "username": "door" }), "ok"),
        (register("new"), json!({ "authname": "u;1" }), "10050"),
        (register("new"), json!({ "fromuser": "u@1" }), "10051"),
        (register("new"), json!({ "password": "a b" }), "10052"),
        (register("new"), json!({ "password": "a'b" }), "10052"),
        (peer("new"), dod("5503301-yeastar-1000"), "ok"),
        (peer("new"), dod("5503301-yeastar-1000,+5503302-ye-ast-ar-1001,"), "ok"),
        (peer("new"), dod(""), "ok"),
        (peer("new"), dod("5503301-yeastar-2000"), "10053"),
        (peer("new"), group_dod("5503301-yeastar-1000"), "10054"),
        (peer("new"), group_dod("5503301-yeastar-sales"), "ok"),
        (peer("new"), dod("abc-yeastar-1000"), "10055"),
        (peer("new"), dod(&format!("{odd}-yeastar-1000")), "10056"),
        (peer("new"), dod("5503301--1000"), "10057"),
        (peer("new"), dod(&format!("5503301-{odd}-1000")), "10058"),
        (peer("new"), dod("5503301-1000"), "10059"),
        (peer("new"), dod("5503301-yeastar-1000,,"), "10059"),
        (peer("new"), json!({ "extensionsdod": [] }), "10059"),
    ] {
        let pbx = Pbx::new().await;
        let before = pbx.appliance.state();
        let body = with(base, &change);
        assert_eq!(pbx.outcome("trunk/add_siptrunk", &body).await, expected, "{body}");
        assert_eq!(pbx.appliance.state() == before, expected != "ok", "{body}");
    }
}

#[tokio::test]
async fn a_trunk_that_was_made_is_listed_with_the_next_id_and_no_id_is_answered() {
    let pbx = Pbx::new().await;
    let body = with(peer("new"), &json!({ "extensionsdod": "5503301-yeastar-1000" }));
    assert_eq!(pbx.call("trunk/add_siptrunk", &body).await, json!({ "status": "Success" }));
    let read = pbx.call("trunk/query_siptrunk", &json!({ "id": "20" })).await;
    assert_eq!(read["trunks"][0]["trunkname"], "new");
    assert_eq!(read["trunks"][0]["extensionsdod"], "5503301-yeastar-1000,");
    assert_eq!(pbx.outcome("trunk/delete_siptrunk", &json!({ "id": "20" })).await, "ok");
    pbx.call("trunk/add_siptrunk", &body).await;
    // An id isn't used again.
    assert_eq!(pbx.outcome("trunk/query_siptrunk", &json!({ "id": "20" })).await, "10062");
    assert_eq!(pbx.outcome("trunk/query_siptrunk", &json!({ "id": "21" })).await, "ok");
}

#[tokio::test]
async fn empty_lists_of_extensions_and_a_limit_are_honoured() {
    let pbx = Pbx::new().await;
    let edited = pbx.appliance.with_state(|state| {
        state["extensions"] = json!([]);
        state["max_trunks"] = json!(6);
    });
    edited.unwrap();
    let body = with(peer("new"), &json!({ "extensionsdod": "5503301-yeastar-7777" }));
    assert_eq!(pbx.outcome("trunk/add_siptrunk", &body).await, "ok");
    assert_eq!(pbx.outcome("trunk/add_siptrunk", &peer("one-more")).await, "10060");
}

#[tokio::test]
async fn an_update_changes_what_it_names() {
    for (change, expected) in [
        (json!({ "id": "12", "trunktype": "register", "host": "172.16.108.16" }), "ok"),
        (json!({ "id": 12, "trunktype": "register", "port": "5070" }), "ok"),
        (json!({ "id": "12", "trunktype": "register", "trunkname": "renamed" }), "ok"),
        (json!({ "id": "12", "trunktype": "register", "trunkname": "to-108-16-test" }), "ok"),
        (json!({ "id": "12", "trunktype": "register", "extensionsdod": "" }), "ok"),
        (json!({ "trunktype": "register", "host": "172.16.108.16" }), "10004"),
        (json!({ "id": "12", "host": "172.16.108.16" }), "10004"),
        (json!({ "id": "12", "trunktype": "peer", "host": "172.16.108.16" }), "10044"),
        (json!({ "id": "12", "trunktype": "iax" }), "10044"),
        (json!({ "id": "99", "trunktype": "register" }), "10062"),
        (json!({ "id": "12,15", "trunktype": "register" }), "10062"),
        (json!({ "id": "all", "trunktype": "register" }), "10062"),
        (json!({ "id": "12", "trunktype": "register", "host": "" }), "10004"),
        (json!({ "id": "12", "trunktype": "register", "port": "x" }), "10046"),
        (json!({ "id": "12", "trunktype": "register", "trunkname": "test" }), "10043"),
        (json!({ "id": "12", "trunktype": "register", "extensionsdod": "1-a-9" }), "10053"),
    ] {
        let pbx = Pbx::new().await;
        let before = pbx.appliance.state()["trunks"][0].clone();
        assert_eq!(pbx.outcome("trunk/update_siptrunk", &change).await, expected, "{change}");
        let mut wanted = before;
        for (name, value) in change.as_object().unwrap().iter().filter(|(name, _)| expected == "ok" && *name != "id") {
            wanted[name] = value.clone();
        }
        assert_eq!(pbx.appliance.state()["trunks"][0], wanted, "{change}");
    }
}

#[tokio::test]
async fn a_delete_does_what_it_is_told_and_the_dangerous_ones_are_counted() {
    for (id, left, dangerous) in [
        (json!("16"), 4, 0),
        (json!(16), 4, 0),
        (json!("15,16"), 3, 1),
        (json!("all"), 0, 1),
        (json!("ALL "), 0, 1),
        (json!("99"), 5, 0),
        (json!("16,99"), 5, 1),
        (json!(""), 5, 0),
        (json!("1"), 5, 0),
    ] {
        let pbx = Pbx::new().await;
        pbx.call("trunk/delete_siptrunk", &json!({ "id": id })).await;
        assert_eq!(pbx.names().len(), left, "{id}");
        assert_eq!(pbx.appliance.violations().dangerous_deletes, dangerous, "{id}");
        assert_eq!(pbx.appliance.state()["other_trunks"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn parameters_that_a_call_does_not_have_are_remarked() {
    let pbx = Pbx::new().await;
    pbx.call("trunk/add_siptrunk", &with(peer("new"), &json!({ "password": "x", "enable": "1" }))).await;
    pbx.call("trunk/update_siptrunk", &json!({ "id": "20", "trunktype": "peer", "fromuser": "x" })).await;
    pbx.call("trunk/list", &json!({ "page": 1 })).await;
    assert_eq!(
        pbx.appliance.violations().undocumented,
        [
            "trunk/add_siptrunk: enable",
            "trunk/add_siptrunk: password",
            "trunk/update_siptrunk: fromuser",
            "trunk/list: page"
        ]
    );
}

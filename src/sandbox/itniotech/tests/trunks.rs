//! Call-centre trunks and seat groups.

use serde_json::{Value, json};

use super::{loose, records, with};
use crate::sandbox::tests::{NOW, Platform};

const ADD: &str = "/v3/cc/sipTrunk/add";
const UPDATE: &str = "/v3/cc/sipTrunk/update";
const QUERY: &str = "/v3/cc/sipTrunk/query";

fn outgoing() -> Value {
    json!({ "type": 1, "sipTrunkName": "carrier-b", "sipPrefix": "8", "groupList": [{ "voiceGroupId": 32 }],
        "sipGatewayIp": "203.0.113.20:5060", "sipTrunkState": true, "sipAccount": "u2", "sipPassword": "p2" })
}

fn incoming() -> Value {
    json!({ "type": 2, "sipTrunkName": "hotline-b", "groupList": [{ "voiceGroupId": "31", "number": "85230000002" }],
        "sipWhiteIp": "203.0.113.21", "sipTrunkState": false })
}

fn filtered(params: &Value) -> Value {
    json!({ "current": 1, "size": 100, "params": params })
}

#[tokio::test]
async fn the_seed_reads_as_documented() {
    let platform = Platform::new();
    let trunks = records(&platform, QUERY, &filtered(&json!({}))).await;
    let names = [
        "keyId",
        "sipGatewayIp",
        "sipWhiteIp",
        "type",
        "state",
        "sipTrunkName",
        "sipPrefix",
        "ccIp",
        "sipAccount",
        "sipPassword",
        "sipTrunkState",
        "createTime",
        "updateTime",
        "groupList",
    ];
    for trunk in &trunks {
        assert!(trunk.len() == names.len() && names.iter().all(|name| trunk.contains_key(*name)), "{trunk:?}");
    }
    let ids: Vec<_> = trunks.iter().map(|trunk| loose(&trunk["keyId"])).collect();
    assert_eq!(ids, ["501", "502"]);
    assert_eq!(trunks[0]["groupList"], json!([{ "voiceGroupId": "31", "groupName": "sales", "number": "" }]));
    assert_eq!(
        trunks[1]["groupList"],
        json!([{ "voiceGroupId": 32, "groupName": "support", "number": "85230000001" }])
    );
    assert_eq!((&trunks[0]["sipWhiteIp"], &trunks[1]["sipGatewayIp"]), (&Value::Null, &Value::Null));
    assert_eq!((&trunks[0]["type"], &trunks[1]["type"]), (&json!("1"), &json!(2)));
}

#[tokio::test]
async fn a_trunk_is_made_only_with_what_its_type_needs() {
    let groups = |list: Value| json!({ "groupList": list });
    let long = format!("{}:5060", "9".repeat(46));
    for (base, change, expected) in [
        (outgoing(), json!({}), "0"),
        (outgoing(), json!({ "sipPrefix": null }), "0"),
        (outgoing(), json!({ "sipTrunkState": false, "sipAccount": null, "sipPassword": null }), "0"),
        (outgoing(), json!({ "type": "1" }), "0"),
        (outgoing(), json!({ "sipGatewayIp": "sip.carrier.example" }), "0"),
        (incoming(), json!({}), "0"),
        (outgoing(), json!({ "type": null }), "-44"),
        (outgoing(), json!({ "type": 3 }), "-44"),
        (outgoing(), json!({ "sipTrunkName": null }), "-45"),
        (outgoing(), json!({ "sipTrunkName": "" }), "-45"),
        (outgoing(), json!({ "sipTrunkName": "carrier-a" }), "-47"),
        (incoming(), json!({ "sipTrunkName": "carrier-a" }), "-47"),
        (outgoing(), groups(json!([])), "-48"),
        (outgoing(), groups(Value::Null), "-48"),
        (outgoing(), groups(json!("sales")), "-48"),
        (outgoing(), groups(json!([{}])), "-48"),
        (outgoing(), groups(json!([7])), "-48"),
        (outgoing(), groups(json!([{ "voiceGroupId": 99 }])), "-24"),
        (outgoing(), groups(json!([{ "voiceGroupId": 32 }, { "voiceGroupId": "32" }])), "-51"),
        (outgoing(), groups(json!([{ "voiceGroupId": 31 }])), "-52"),
        (incoming(), groups(json!([{ "voiceGroupId": 32, "number": "1" }])), "-52"),
        (outgoing(), json!({ "sipGatewayIp": null }), "-49"),
        (outgoing(), json!({ "sipGatewayIp": "" }), "-49"),
        (outgoing(), json!({ "sipGatewayIp": "a b" }), "-50"),
        (outgoing(), json!({ "sipGatewayIp": "203.0.113.20:0" }), "-50"),
        (outgoing(), json!({ "sipGatewayIp": long }), "-50"),
        (outgoing(), json!({ "sipGatewayIp": "203.0.113.7:5060" }), "-53"),
        (incoming(), json!({ "sipWhiteIp": null }), "-54"),
        (incoming(), json!({ "sipWhiteIp": "a,b" }), "-55"),
        (incoming(), json!({ "sipWhiteIp": long }), "-55"),
        (incoming(), groups(json!([{ "voiceGroupId": 31 }])), "-57"),
        (incoming(), groups(json!([{ "voiceGroupId": 31, "number": "" }])), "-57"),
        (incoming(), groups(json!([{ "voiceGroupId": 31, "number": "x" }])), "-58"),
        (incoming(), groups(json!([{ "voiceGroupId": 31, "number": 5 }])), "-58"),
        (outgoing(), json!({ "sipTrunkState": null }), "-22"),
        (outgoing(), json!({ "sipTrunkState": "true" }), "-22"),
        (incoming(), json!({ "sipTrunkState": null }), "-22"),
        (outgoing(), json!({ "sipAccount": null }), "-22"),
        (outgoing(), json!({ "sipPassword": "" }), "-22"),
        (outgoing(), json!({ "sipPrefix": 9 }), "-22"),
    ] {
        let platform = Platform::new();
        let before = platform.appliance.state();
        let body = with(base, &change);
        assert_eq!(platform.outcome(ADD, &body).await, expected, "{body}");
        assert_eq!(platform.appliance.state() == before, expected != "0", "{body}");
        assert!(platform.appliance.violations().undocumented.is_empty());
    }
}

#[tokio::test]
async fn a_trunk_that_was_made_is_answered_with_its_id() {
    let platform = Platform::new();
    let key_id = platform.call(ADD, &outgoing()).await["data"].clone();
    let found = records(&platform, QUERY, &filtered(&json!({ "sipTrunkName": "carrier-b" }))).await;
    assert_eq!(found.len(), 1);
    assert_eq!(loose(&found[0]["keyId"]), key_id.as_str().unwrap());
    assert_eq!((&found[0]["sipPassword"], &found[0]["sipPrefix"]), (&json!("p2"), &json!("8")));
    assert_eq!(found[0]["createTime"], NOW * 1000);
    let second = platform.call(ADD, &incoming()).await["data"].clone();
    assert_ne!(key_id, second);
}

#[tokio::test]
async fn the_name_filter_is_fuzzy_and_the_type_filter_is_not() {
    let platform = Platform::new();
    for (params, expected) in [
        (json!({}), "carrier-a hotline"),
        (json!({ "sipTrunkName": "r" }), "carrier-a"),
        (json!({ "sipTrunkName": "LI" }), "hotline"),
        (json!({ "sipTrunkName": "" }), "carrier-a hotline"),
        (json!({ "sipTrunkName": "carrier-a2" }), ""),
        (json!({ "type": 2 }), "hotline"),
        (json!({ "type": "1" }), "carrier-a"),
        (json!({ "type": 1, "sipTrunkName": "hotline" }), ""),
    ] {
        let found = records(&platform, QUERY, &filtered(&params)).await;
        let names: Vec<_> = found.iter().map(|trunk| trunk["sipTrunkName"].as_str().unwrap()).collect();
        assert_eq!(names.join(" "), expected, "{params}");
    }
    for params in [json!({ "type": "x" }), json!({ "sipTrunkName": 5 })] {
        assert_eq!(platform.outcome(QUERY, &filtered(&params)).await, "-22", "{params}");
    }
    assert_eq!(platform.outcome(QUERY, &json!({ "current": 1, "size": 1 })).await, "0");
}

#[tokio::test]
async fn an_update_replaces_all_but_the_type() {
    let base = with(outgoing(), &json!({ "type": null, "keyId": "501", "groupList": [{ "voiceGroupId": 31 }] }));
    for (change, expected) in [
        (json!({}), "0"),
        (json!({ "keyId": 501, "sipTrunkName": "carrier-a" }), "0"),
        (json!({ "sipGatewayIp": "203.0.113.7:5060" }), "0"),
        (json!({ "sipPrefix": null }), "0"),
        (json!({ "sipTrunkState": false }), "0"),
        (json!({ "keyId": null }), "-56"),
        (json!({ "keyId": "x" }), "-56"),
        (json!({ "keyId": "999" }), "-24"),
        (json!({ "sipTrunkName": "hotline" }), "-47"),
        (json!({ "groupList": null }), "-48"),
        (json!({ "sipGatewayIp": null }), "-49"),
        (json!({ "sipPassword": null }), "-22"),
        (json!({ "keyId": "502" }), "-57"),
    ] {
        let platform = Platform::new();
        let before = platform.appliance.state();
        let body = with(base.clone(), &change);
        assert_eq!(platform.outcome(UPDATE, &body).await, expected, "{body}");
        let after = platform.appliance.state();
        if expected != "0" {
            assert_eq!(after, before, "{body}");
            continue;
        }
        let trunk = &after["sipTrunks"][0];
        for name in ["sipTrunkName", "sipGatewayIp", "sipTrunkState"] {
            assert_eq!(trunk[name], body[name], "{body}");
        }
        assert_eq!(trunk["sipPrefix"], body.get("sipPrefix").cloned().unwrap_or(json!("")), "{body}");
        let registers = body["sipTrunkState"] == true;
        assert_eq!(trunk["sipPassword"], if registers { "p2" } else { "" }, "{body}");
        assert_eq!((&trunk["type"], &trunk["keyId"], &trunk["updateTime"]), (&json!(1), &json!(501), &json!(NOW)));
        assert_eq!(trunk["createTime"], before["sipTrunks"][0]["createTime"]);
    }
    let platform = Platform::new();
    platform.call(UPDATE, &with(base, &json!({ "type": 1 }))).await;
    assert_eq!(platform.appliance.violations().undocumented, ["cc/sipTrunk/update: type"]);
}

#[tokio::test]
async fn a_gateway_and_a_group_are_free_again_once_their_trunk_has_others() {
    let platform = Platform::new();
    let wanted =
        with(outgoing(), &json!({ "sipGatewayIp": "203.0.113.7:5060", "groupList": [{ "voiceGroupId": 31 }] }));
    assert_eq!(platform.outcome(ADD, &wanted).await, "-52");
    let moved = with(outgoing(), &json!({ "type": null, "keyId": 501, "sipTrunkName": "carrier-a" }));
    assert_eq!(platform.outcome(UPDATE, &moved).await, "0");
    assert_eq!(platform.outcome(ADD, &wanted).await, "0");
}

#[tokio::test]
async fn seat_groups_are_found_by_name() {
    let platform = Platform::new();
    for (params, expected) in [
        (json!({}), vec![("31", "sales"), ("32", "support")]),
        (json!({ "groupName": "sales" }), vec![("31", "sales")]),
        (json!({ "groupName": "S" }), vec![("31", "sales"), ("32", "support")]),
        (json!({ "groupName": "nobody" }), vec![]),
    ] {
        let found = records(&platform, "/v3/cc/seatGroup/query", &filtered(&params)).await;
        let found: Vec<_> =
            found.iter().map(|group| (loose(&group["voiceGroupId"]), group["groupName"].as_str().unwrap())).collect();
        let found: Vec<_> = found.iter().map(|(id, name)| (id.as_str(), *name)).collect();
        assert_eq!(found, expected, "{params}");
    }
}

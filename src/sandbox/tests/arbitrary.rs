//! Whatever comes in, something comes out.

use http::{Method, StatusCode};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{Centre, JSON, Pbx, Platform, request, send};

/// JSON that a client might send by mistake: the right names with anything in them.
fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}|all|15|15,16|,|-|--|1-a-1000,|register|peer|account|5060|test".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| prop::collection::vec(inner, 0..4).prop_map(Value::from))
}

fn body(names: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let member = (prop::sample::select(names), anything());
    let members = prop::collection::vec(member, 0..12);
    members.prop_map(|pairs| {
        Value::Object(pairs.into_iter().map(|(name, value)| (name.into(), value)).collect::<Map<_, _>>())
    })
}

const TRUNK: &[&str] = &[
    "caller",
    "callee",
    "autoanswer",
    "id",
    "trunkname",
    "trunktype",
    "host",
    "port",
    "domain",
    "username",
    "authname",
    "password",
    "fromuser",
    "extensionsdod",
    "extensionsgroupdod",
    "ipaddr",
    "version",
];
const NUMBER: &[&str] = &["sipId", "number", "password", "isNAT", "codingFormat", "agentId", "registerStatuses"];
const PBX_CALLS: &[&str] = &[
    "login",
    "heartbeat",
    "logout",
    "trunk/list",
    "trunk/query_siptrunk",
    "trunk/add_siptrunk",
    "trunk/update_siptrunk",
    "trunk/delete_siptrunk",
    "trunklist/query",
    "siptrunk/query",
    "siptrunk/add",
    "siptrunk/update",
    "siptrunk/delete",
    "extension/dial_extension",
    "",
    "x",
];
const CENTRE_CALLS: &[&str] = &["sip/list", "sip/create", "sip/update", "sip/delete", "query/number", "x"];
const PLATFORM: &[&str] = &[
    "appId",
    "groupName",
    "phoneName",
    "quantity",
    "displayNum",
    "account",
    "current",
    "size",
    "params",
    "type",
    "keyId",
    "sipTrunkName",
    "sipPrefix",
    "groupList",
    "sipGatewayIp",
    "sipWhiteIp",
    "sipTrunkState",
    "sipAccount",
    "sipPassword",
    "number",
    "enableVoicemail",
    "outIp",
    "inIp",
    "inboundPrefix",
    "remark",
    "voicemailMaxHangup",
];
const PLATFORM_CALLS: &[&str] = &[
    "/voice/sipAdd",
    "/voice/sipQuery",
    "/voice/sipReset",
    "/v3/cc/sipTrunk/add",
    "/v3/cc/sipTrunk/update",
    "/v3/cc/sipTrunk/query",
    "/v3/cc/seatGroup/query",
    "/number/queryPage",
    "/number/edit",
    "/x",
];

/// What a call needs to get anywhere, under whatever else it says.
fn likely(body: &Value) -> Value {
    let mut likely = json!({
        "current": 1, "size": 10, "params": { "appId": "4luaKsL2" }, "appId": "4luaKsL2", "groupName": "sipGroup",
        "phoneName": "sip", "quantity": 3, "displayNum": "861000000", "type": 1, "keyId": "501", "sipTrunkName": "new",
        "groupList": [{ "voiceGroupId": 32 }], "sipGatewayIp": "192.0.2.1", "sipTrunkState": false,
        "number": "85230000001", "enableVoicemail": "0",
    });
    for (name, value) in body.as_object().unwrap() {
        likely[name] = value.clone();
    }
    likely
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_json_gets_an_answer_and_leaves_a_state(
        calls in prop::collection::vec((prop::sample::select(PBX_CALLS), body(TRUNK)), 1..12),
        others in prop::collection::vec((prop::sample::select(CENTRE_CALLS), body(NUMBER)), 1..12),
        more in prop::collection::vec((prop::sample::select(PLATFORM_CALLS), body(PLATFORM), any::<bool>()), 1..12),
    ) {
        run(async {
            let pbx = Pbx::new().await;
            let [old, openvox] = [Pbx::old().await, Pbx::openvox().await];
            for (endpoint, body) in &calls {
                for pbx in [&pbx, &old, &openvox] {
                    pbx.call(endpoint, body).await;
                }
            }
            let platform = Platform::new();
            for (path, body, alone) in &more {
                let body = if *alone { body.clone() } else { likely(body) };
                platform.call(path, &body).await;
            }
            let centre = Centre::new();
            for (endpoint, body) in &others {
                centre.call(endpoint, body).await;
            }
            // What it keeps can be read again.
            let boxes = [&pbx, &old, &openvox].map(|pbx| &pbx.appliance);
            for appliance in boxes.into_iter().chain([&centre.appliance, &platform.appliance]) {
                appliance.with_state(|state| state["next"] = json!(1)).unwrap_err();
                let kept = appliance.state();
                appliance.with_state(|state| *state = kept.clone()).unwrap();
            }
        });
    }

    #[test]
    fn any_bytes_get_an_answer(
        method in "GET|POST|DELETE|OPTIONS|BREW",
        path in "/(api|openapi|voice|v3)(/[a-z0-9._%-]{0,8}){0,4}(\\?[a-z=&%0-9]{0,12})?|/[!-~&&[^#?<>\"`{}\\\\^|]]{0,20}",
        header in "[ -~]{0,30}",
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        run(async {
            let pbx = Pbx::new().await;
            let centre = Centre::new();
            let openvox = Pbx::openvox().await;
            let platform = Platform::new();
            for appliance in [&pbx.appliance, &openvox.appliance, &centre.appliance, &platform.appliance] {
                let method = Method::from_bytes(method.as_bytes()).unwrap();
                let request = request(method, &path, &[("content-type", &header), ("m7-timestamp", &header), ("timestamp", &header)], "");
                let request = request.map(|_| body.clone().into());
                assert_eq!(send(appliance.router(), request).await.unwrap().0, StatusCode::OK);
            }
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// XML with anything in it gets an answer that is XML.
    #[test]
    fn any_xml_gets_an_answer(
        endpoint in "siptrunk/(add|query|update|delete)|extension/dial_extension|heartbeat|x",
        inside in "(<(trunkname|trunktype|host|port|id)>[a-z&;0-9<]{0,6}</(trunkname|host|port|id)>){0,4}|[<>/a-z&!]{0,30}",
    ) {
        run(async {
            let pbx = Pbx::openvox().await;
            let uri = format!("/api/v0.0.1/{endpoint}?token={}&type=xml", pbx.token);
            let headers = [("content-type", "application/xml")];
            let request = request(Method::POST, &uri, &headers, &format!("<xml>{inside}</xml>"));
            let (status, text) = send(pbx.appliance.router(), request).await.unwrap();
            assert_eq!(status, StatusCode::OK);
            assert!(text.starts_with("<?xml") && text.contains("<status>"), "{text}");
        });
    }
}

#[tokio::test]
async fn deep_and_huge_bodies_are_refused() {
    let pbx = Pbx::new().await;
    let deep = format!("{{\"id\":{}1{}}}", "[".repeat(200_000), "]".repeat(200_000));
    let (_, text) = pbx.raw("trunk/query_siptrunk", &deep).await.unwrap();
    assert!(text.contains("20000"), "{text}");
    for (size, expected) in [((1 << 20) - 9, 200), ((1 << 20) - 8, 413)] {
        let body = format!("{{\"id\":\"{}\"}}", "1".repeat(size));
        let uri = format!("/api/v2.0.0/trunk/query_siptrunk?token={}", pbx.token);
        let (status, _) = send(pbx.appliance.router(), request(Method::POST, &uri, JSON, &body)).await.unwrap();
        assert_eq!(status, expected, "{}", body.len());
    }
}

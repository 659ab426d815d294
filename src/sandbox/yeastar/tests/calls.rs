//! Calls from one extension to another, in both versions.

use serde_json::json;

use super::with;
use crate::sandbox::tests::Pbx;

const DIAL: &str = "extension/dial_extension";

#[tokio::test]
async fn a_call_needs_two_idle_extensions() {
    let call = json!({ "caller": "1000", "callee": "1002", "autoanswer": "no" });
    for (change, expected) in [
        (json!({}), "ok"),
        (json!({ "autoanswer": "yes" }), "ok"),
        (json!({ "autoanswer": null }), "ok"),
        (json!({ "autoanswer": "" }), "10004"),
        (json!({ "autoanswer": "Yes" }), "10004"),
        (json!({ "autoanswer": true }), "10004"),
        (json!({ "caller": null }), "10004"),
        (json!({ "caller": " " }), "10004"),
        (json!({ "callee": "" }), "10004"),
        (json!({ "callee": 1002 }), "10004"),
        (json!({ "caller": "7000" }), "10006"),
        (json!({ "callee": "7000" }), "10006"),
        (json!({ "callee": "7000", "caller": "1009" }), "10006"),
        (json!({ "caller": "1009" }), "10008"),
        (json!({ "callee": "1009" }), "10008"),
    ] {
        for pbx in [Pbx::new().await, Pbx::old().await] {
            pbx.appliance.with_state(|state| state["busy_extensions"] = json!(["1009"])).unwrap();
            let body = with(call.clone(), &change);
            assert_eq!(pbx.outcome(DIAL, &body).await, expected, "{body}");
            let placed = pbx.appliance.state()["calls"].as_array().unwrap().len();
            assert_eq!(placed, usize::from(expected == "ok"), "{body}");
        }
    }
}

#[tokio::test]
async fn calls_have_ids_and_are_kept() {
    let pbx = Pbx::new().await;
    for id in ["1505193218.96", "1505193218.97"] {
        let answer = pbx.call(DIAL, &json!({ "caller": "1000", "callee": "1002", "volume": "loud" })).await;
        assert_eq!(answer, json!({ "status": "Success", "callid": id }));
    }
    let call = json!({ "caller": "1000", "callee": "1002", "autoanswer": "no", "callid": "1505193218.97" });
    assert_eq!(pbx.appliance.state()["calls"][1], call);
    assert_eq!(pbx.appliance.violations().undocumented, ["extension/dial_extension: volume"]);
}

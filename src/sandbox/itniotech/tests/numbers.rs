//! Numbers: read, and changed.

use serde_json::{Value, json};

use super::{loose, records, with};
use crate::sandbox::tests::Platform;

const EDIT: &str = "/number/edit";

fn edit() -> Value {
    json!({ "number": "85230000001", "appId": "4luaKsL2", "enableVoicemail": "0", "inIp": "203.0.113.8:5060",
        "outIp": "203.0.113.8,203.0.113.9", "inboundPrefix": "0", "remark": "main line" })
}

async fn numbers(platform: &Platform) -> Vec<serde_json::Map<String, Value>> {
    records(platform, "/number/queryPage", &json!({ "current": 1, "size": 10, "params": {} })).await
}

#[tokio::test]
async fn the_seed_reads_as_documented() {
    let found = numbers(&Platform::new()).await;
    for number in &found {
        for name in [
            "number",
            "ccode",
            "country",
            "dueDate",
            "state",
            "inboundPrefix",
            "type",
            "autoRenew",
            "outIp",
            "inIp",
            "remark",
            "appId",
            "enableVoicemail",
        ] {
            assert!(number.contains_key(name), "{name}");
        }
    }
    let voicemail: Vec<_> = found.iter().map(|number| loose(&number["enableVoicemail"])).collect();
    assert_eq!(voicemail, ["0", "1"]);
    assert_eq!(found[0].get("voicemailMaxHangup"), None);
    assert_eq!(loose(&found[1]["voicemailMaxHangup"]), "30");
}

#[tokio::test]
async fn an_edit_needs_its_parameters() {
    let long = "x".repeat(51);
    for (change, expected) in [
        (json!({}), "0"),
        (json!({ "number": null }), "-22"),
        (json!({ "number": 85_230_000_001_u64 }), "-22"),
        (json!({ "number": "85230000009" }), "-24"),
        (json!({ "appId": null }), "-22"),
        (json!({ "appId": "other" }), "-24"),
        (json!({ "enableVoicemail": null }), "-22"),
        (json!({ "enableVoicemail": 1 }), "-22"),
        (json!({ "enableVoicemail": true }), "-22"),
        (json!({ "enableVoicemail": "1" }), "-22"),
        (json!({ "enableVoicemail": "1", "voicemailMaxHangup": 0 }), "-22"),
        (json!({ "enableVoicemail": "1", "voicemailMaxHangup": 1000 }), "-22"),
        (json!({ "enableVoicemail": "1", "voicemailMaxHangup": 999 }), "0"),
        (json!({ "enableVoicemail": "1", "voicemailMaxHangup": "1" }), "0"),
        (json!({ "outIp": "" }), "0"),
        (json!({ "outIp": "203.0.113.8," }), "-22"),
        (json!({ "outIp": "203.0.113.8,".repeat(4) + "203.0.113.8" }), "-22"),
        (json!({ "inIp": "" }), "0"),
        (json!({ "inIp": "203.0.113.8" }), "-22"),
        (json!({ "inIp": "203.0.113.8:70000" }), "-22"),
        (json!({ "inIp": long }), "-22"),
        (json!({ "inboundPrefix": "x".repeat(32) }), "0"),
        (json!({ "inboundPrefix": "x".repeat(33) }), "-22"),
        (json!({ "remark": "电".repeat(50) }), "0"),
        (json!({ "remark": long }), "-22"),
        (json!({ "remark": 5 }), "-22"),
    ] {
        let platform = Platform::new();
        let before = platform.appliance.state();
        let body = with(edit(), &change);
        assert_eq!(platform.outcome(EDIT, &body).await, expected, "{body}");
        assert_eq!(platform.appliance.state() == before, expected != "0", "{body}");
    }
}

#[tokio::test]
async fn an_edit_empties_what_it_does_not_give() {
    let platform = Platform::new();
    let body =
        json!({ "number": "85230000002", "appId": "4luaKsL2", "enableVoicemail": "0", "voicemailMaxHangup": 30 });
    assert_eq!(platform.call(EDIT, &body).await, json!({ "status": "0", "reason": " success", "data": null }));
    let number = &numbers(&platform).await[1];
    for name in ["outIp", "inIp", "inboundPrefix", "remark"] {
        assert_eq!(number[name], "", "{name}");
    }
    assert_eq!((number.get("voicemailMaxHangup"), loose(&number["enableVoicemail"])), (None, "0".into()));
    assert_eq!(numbers(&platform).await[0]["remark"], "main line");
}

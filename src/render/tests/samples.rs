//! One rich document of each command.

use serde_json::json;

use crate::plan::PlanDocument;
use crate::render::apply::ApplyDocument;
use crate::render::drift::DriftDocument;
use crate::render::validate::ValidateDocument;

/// Something of everything: each action, a secret, a record, a deferred field, a reset, a target that wasn't read whole.
pub(super) fn plan() -> PlanDocument {
    let document = json!({
        "schema": "sipform.plan/v1", "digest": "sha256:00", "config_digest": "sha256:11", "version": "0.1.0",
        "inputs": { "files": ["desired"], "sandbox": false },
        "summary": { "create": 1, "update": 1, "replace": 1, "delete": 1, "cannot_converge": 1, "unchanged": 12, "adopt": 1,
            "unmanaged": 2, "ignored": 1, "ignored_fields": 0 },
        "targets": [
            { "name": "hq", "provider": "yeastar", "url": "https://192.168.5.150:8088", "complete": true, "requests": 3,
              "not_readable": [], "unmanaged": ["trunk/lab"] },
            { "name": "cc", "provider": "7moor", "url": "https://v7openapi.7moor.com", "complete": false, "requests": 2,
              "not_readable": ["sip_number/2001/nat"], "unmanaged": [] },
        ],
        "changes": [
            { "address": "cc/sip_number/2050", "action": "create", "source": { "file": "numbers.yaml", "line": 4, "column": 5 },
              "fields": [
                { "name": "password", "secret": true },
                { "name": "codecs", "before": null, "after": ["G711A", "G729"] },
                { "name": "agent", "before": null, "after": "a1", "deferred": "a number just made isn't registered" },
              ], "requires": [] },
            { "address": "hq/trunk/a", "action": "update", "source": { "file": "trunks/hq pbx.yaml", "line": 21, "column": 5 },
              "fields": [
                { "name": "host", "before": "172.16.108.16", "after": "172.16.108.17" },
                { "name": "password", "secret": true },
                { "name": "dod", "before": { "extensions": [], "groups": ["1-a"] }, "after": { "extensions": [], "groups": [] } },
              ], "requires": ["hq/trunk/b"], "resets": ["callerid"], "adopt": true, "live_fingerprint": "hmac-sha256:22" },
            { "address": "hq/trunk/b", "action": "replace", "source": { "file": "trunks/hq pbx.yaml", "line": 30, "column": 5 },
              "fields": [{ "name": "type", "before": "peer", "after": "account" }], "requires": [], "delete_first": true,
              "live_fingerprint": "hmac-sha256:33" },
            { "address": "hq/trunk/old", "action": "delete", "fields": [], "requires": [], "live_fingerprint": "hmac-sha256:44" },
            { "address": "cc/sip_number/2001", "action": "cannot_converge",
              "source": { "file": "numbers.yaml", "line": 9, "column": 5 },
              "fields": [{ "name": "nat", "before": true, "after": false }], "requires": [],
              "reason": "the API can't change it: change it in the console" },
        ],
        "diagnostics": [
            { "severity": "error", "code": "unreadable", "message": "cc can't be read whole: 3 of 4 numbers", "target": "cc",
              "hint": "try again" },
            { "severity": "warning", "code": "literal_secret", "message": "2 secrets stand in the file",
              "source": { "file": "numbers.yaml", "line": 1, "column": 1 } },
        ],
    });
    serde_json::from_value(document).unwrap()
}

pub(super) fn apply() -> ApplyDocument {
    let document = json!({
        "schema": "sipform.apply/v1", "version": "0.1.0", "interrupted": true,
        "summary": { "done": 1, "failed": 1, "stale": 0, "skipped": 1, "unknown": 0, "cannot_converge": 1 },
        "results": [
            { "address": "hq/trunk/a", "action": "update", "outcome": "done",
              "source": { "file": "t.yaml", "line": 21, "column": 5 },
              "fields": [{ "name": "host", "before": "1.1.1.1", "after": "2.2.2.2" }] },
            { "address": "hq/trunk/b", "action": "create", "outcome": "failed",
              "source": { "file": "t.yaml", "line": 30, "column": 5 },
              "error": { "code": "vendor_10043", "message": "the name is taken; choose another one" } },
            { "address": "hq/trunk/c", "action": "delete", "outcome": "skipped",
              "error": { "code": "interrupted", "message": "the run was interrupted before it was sent" } },
        ],
        "targets": [plan().targets[0]],
        "remaining": [plan().changes[4]],
        "diagnostics": [],
    });
    serde_json::from_value(document).unwrap()
}

pub(super) fn drift() -> DriftDocument {
    let item = |address: &str, class: &str, action: &str| {
        json!({ "address": address, "class": class, "action": action,
            "source": { "file": "t.yaml", "line": 7, "column": 3 },
            "fields": [{ "name": "host", "before": "live", "after": "yaml" }, { "name": "password", "secret": true }] })
    };
    let mut known = item("hq/trunk/d", "changed_outside", "update");
    known["known"] = json!({ "reason": "the lab moves on Friday", "expires": "2026-12-31",
        "source": { "file": "known.yaml", "line": 3, "column": 5 } });
    let bare = |address: &str, class: &str, fields: &[&str]| {
        let fields: Vec<_> = fields.iter().map(|name| json!({ "name": name })).collect();
        json!({ "address": address, "class": class, "action": "none", "fields": fields })
    };
    let document = json!({
        "schema": "sipform.drift/v1", "version": "0.1.0",
        "summary": { "changed_outside": 1, "deleted_outside": 1, "not_applied": 1, "cannot_converge": 0, "known": 1,
            "unchanged": 3, "unmanaged": 1, "ignored": 0, "not_readable": 2, "incomplete": 1 },
        "targets": [plan().targets[0], plan().targets[1]],
        "items": [
            item("hq/trunk/a", "changed_outside", "update"),
            bare("hq/trunk/a", "not_readable", &["nat", "qualify"]),
            item("hq/trunk/b", "deleted_outside", "create"),
            item("hq/trunk/c", "not_applied", "update"),
            known,
            bare("hq/trunk/lab", "unmanaged", &[]),
            bare("cc/sip_number", "incomplete", &[]),
        ],
        "told": { "news": "not_compared", "since": "2026-11-01T03:00:00Z" },
        "diagnostics": [],
    });
    serde_json::from_value(document).unwrap()
}

pub(super) fn validate() -> ValidateDocument {
    ValidateDocument { errors: 1, warnings: 1, ..ValidateDocument::of_diagnostics(plan().diagnostics) }
}

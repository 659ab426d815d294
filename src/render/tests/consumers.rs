//! What the readers of a format rely on.

use serde_json::{Value as Json, json};

use super::samples;
use crate::render::markdown::MOST_BYTES;
use crate::render::{Format, render};

fn json(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn secrets_are_marked_as_sensitive_and_have_no_value() {
    let plan = json(&render((&samples::plan()).into(), Format::TerraformJson, None));
    for (index, before_sensitive) in [(0, json!(false)), (1, json!({ "password": true }))] {
        let change = &plan["resource_changes"][index]["change"];
        assert_eq!(change["after_sensitive"], json!({ "password": true }));
        assert_eq!(change["before_sensitive"], before_sensitive);
        assert!(change["after"].get("password").is_none() && change["before"].get("password").is_none());
    }
}

#[test]
fn what_is_put_off_is_not_shown_as_done() {
    let plan = json(&render((&samples::plan()).into(), Format::TerraformJson, None));
    let created = &plan["resource_changes"][0];
    assert_eq!(created["change"]["after"]["agent"], json!(null));
    assert_eq!(created["sipform"]["deferred"]["agent"], "a number just made isn't registered");
    assert_eq!(plan["complete"], false);
}

#[test]
fn an_address_is_one_that_terraform_could_have() {
    let mut plan = samples::plan();
    plan.changes[0].address = "cc/sip_number/a\"b\\c\n${x}%{y}".into();
    let json = json(&render((&plan).into(), Format::TerraformJson, None));
    assert_eq!(
        json["resource_changes"][0]["address"],
        r#"sipform_sip_number.this["cc/sip_number/a\"b\\c\n$${x}%%{y}"]"#
    );
}

#[test]
fn a_sarif_result_always_has_a_file() {
    let log = json(&render((&samples::plan()).into(), Format::Sarif, None));
    for result in log["runs"][0]["results"].as_array().unwrap() {
        let place = &result["locations"][0]["physicalLocation"];
        assert!(place["artifactLocation"]["uri"].as_str().is_some_and(|uri| !uri.is_empty()), "{result}");
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
    }
}

#[test]
fn sarif_paths_are_uris() {
    for (file, uri) in [
        ("./a b.yaml", "a%20b.yaml"),
        ("trunks\\hq.yaml", "trunks/hq.yaml"),
        ("../x#1.yaml", "../x%231.yaml"),
        ("/etc/ü.yaml", "file:///etc/%C3%BC.yaml"),
    ] {
        let mut drift = samples::drift();
        drift.items.truncate(1);
        drift.items[0].source.as_mut().unwrap().file = file.into();
        let log = json(&render((&drift).into(), Format::Sarif, None));
        let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], uri);
    }
}

/// However many changes there are, each is there whole, in a line, or counted; what destroys is there first.
#[test]
fn a_markdown_comment_is_bounded_and_cuts_no_change() {
    for (changes, short) in [(100, false), (300, true), (5_000, true)] {
        let mut plan = samples::plan();
        let one = plan.changes[1].clone();
        plan.changes.truncate(4);
        plan.changes.extend((0..changes).map(|index| {
            let mut change = one.clone();
            change.address = format!("hq/trunk/many-{index:05}");
            change
        }));
        let page = render((&plan).into(), Format::Markdown, None);
        assert!(page.len() <= MOST_BYTES, "{changes}: {}", page.len());
        assert!(page.contains("hq/trunk/old") && page.contains("hq/trunk/b"), "{changes}");
        let (opened, closed) = (page.matches("<details>").count(), page.matches("</details>").count());
        assert_eq!(opened, closed);
        assert_eq!(page.matches("```").count() % 2, 0);
        let shown = opened + page.matches("<p>").count();
        assert_eq!(page.contains("more changes aren't shown"), short, "{changes}");
        let last = page.lines().last().and_then(|line| line.split_once(" more changes aren't shown"));
        let hidden: usize = last.and_then(|(count, _)| count.parse().ok()).unwrap_or(0);
        assert_eq!(shown + hidden, changes + 4, "{changes}");
        assert!(page.len() > MOST_BYTES / 3, "there was room for more: {}", page.len());
    }
}

#[test]
fn a_comment_can_be_found_again() {
    let page = |name| render((&samples::plan()).into(), Format::Markdown, name);
    assert_eq!(page(None).lines().next(), Some("<!-- sipform:plan -->"));
    assert_eq!(page(Some("prod/eu")).lines().next(), Some("<!-- sipform:plan prod/eu -->"));
}

/// GitHub shows ten of each kind, so what matters comes first.
#[test]
fn annotations_come_by_weight() {
    let text = render((&samples::plan()).into(), Format::Github, None);
    let words: Vec<_> = text.lines().skip(1).map(|line| line.split([' ', ':']).nth(2).unwrap()).collect();
    assert_eq!(words, ["error", "warning", "warning", "warning", "warning", "notice", "notice"]);
}

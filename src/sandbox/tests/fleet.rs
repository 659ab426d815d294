//! Many objects, many boxes, and the time that they take.

use std::sync::atomic::Ordering;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Centre, Pbx, sign};
use crate::sandbox::{Latency, Sandbox, Settings, providers};

fn settings(provider: &str) -> Settings {
    super::settings(provider)
}

fn create(number: &str) -> Value {
    json!({ "number": number, "password": "123456", "isNAT": false, "codingFormat": ["G711A"] })
}

fn numbers(answer: &Value) -> Vec<&str> {
    answer.as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect()
}

#[test]
fn a_new_box_begins_with_as_many_objects_as_asked_for() {
    for provider in providers() {
        let member = if ["yeastar", "openvox"].contains(&provider) { "trunks" } else { "numbers" };
        for objects in [0, 1, 250] {
            let sandbox = Sandbox::new(None).with_objects(objects);
            let state = sandbox.open("one", provider, &settings(provider)).unwrap().state();
            assert_eq!(state[member].as_array().unwrap().len(), objects, "{provider}");
            // What was made up is a state like any other, and the same each time.
            let other = Sandbox::new(None).open("one", provider, &settings(provider)).unwrap();
            other.with_state(|now| *now = state.clone()).unwrap();
            let again = Sandbox::new(None).with_objects(objects).open("two", provider, &settings(provider)).unwrap();
            assert_eq!((other.state(), again.state()), (state.clone(), state), "{provider}");
        }
    }
}

#[tokio::test]
async fn made_up_objects_can_be_listed_changed_and_joined_by_others() {
    let centre = Centre::around(Sandbox::new(None).with_objects(3));
    let list = centre.call("sip/list", &json!({})).await["data"].clone();
    assert_eq!(numbers(&list), ["10000000", "10000001", "10000002"]);
    let query = centre.call("query/number", &json!({})).await["data"]["sipNumberList"].clone();
    assert_eq!(query[1]["password"], "sandbox-10000001");
    let delete = json!({ "sipId": list[1]["sipId"] });
    assert_eq!(centre.outcome("sip/delete", &delete).await, "ok");
    assert_eq!(centre.outcome("sip/delete", &delete).await, "sipNotExist");
    assert_eq!(centre.outcome("sip/create", &create("2004")).await, "ok");
    let list = centre.call("sip/list", &json!({})).await["data"].clone();
    assert_eq!(numbers(&list), ["10000000", "10000002", "2004"]);

    let sandbox = Sandbox::new(None).with_objects(2);
    let appliance = sandbox.open("hq", "yeastar", &settings("yeastar")).unwrap();
    let mut pbx = Pbx::around(sandbox, appliance);
    pbx.log_in().await;
    let trunk = pbx.call("trunk/query_siptrunk", &json!({ "id": "2" })).await["trunks"][0].clone();
    assert_eq!((&trunk["trunkname"], &trunk["password"]), (&json!("trunk-2"), &json!("sandbox-trunk-2")));
    assert_eq!(pbx.outcome("trunk/update_siptrunk", &trunk).await, "ok");
}

/// A PBX keeps its answers to listings: what changes has to show all the same, and each question has an answer of its own.
#[tokio::test]
async fn a_pbx_shows_what_changed_since_it_was_last_asked() {
    let sandbox = Sandbox::new(None).with_objects(3);
    let appliance = sandbox.open("hq", "yeastar", &settings("yeastar")).unwrap();
    let mut pbx = Pbx::around(sandbox, appliance);
    pbx.log_in().await;
    let ids = async |asked: &str| {
        let answer = pbx.call("trunk/query_siptrunk", &json!({ "id": asked })).await;
        let trunks = answer["trunks"].as_array().cloned().unwrap_or_default();
        trunks.iter().map(|trunk| trunk["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for _ in 0..2 {
        assert_eq!((ids("all").await, ids("2").await), (vec!["1".into(), "2".into(), "3".into()], vec!["2".into()]));
    }
    assert_eq!(pbx.outcome("trunk/delete_siptrunk", &json!({ "id": "2" })).await, "ok");
    assert_eq!((ids("all").await, ids("2").await), (vec!["1".into(), "3".into()], vec![]));
    pbx.appliance.with_state(|state| state["trunks"][0]["id"] = "9".into()).unwrap();
    assert_eq!(ids("all").await, ["9", "3"]);
    for asked in 0..20 {
        assert_eq!(ids(&asked.to_string()).await.len(), usize::from([3, 9].contains(&asked)), "{asked}");
    }
}

/// The listings that are kept as bytes, beside the same asked for so that records have to be looked at.
async fn check_listings(centre: &Centre) {
    let plain = centre.call("sip/list", &json!({})).await["data"].clone();
    let looked_at = centre.call("sip/list", &json!({ "registerStatuses": [0, 1] })).await["data"].clone();
    assert_eq!(plain, looked_at);
    let plain = centre.call("query/number", &json!({})).await["data"].clone();
    let looked_at = centre.call("query/number", &json!({ "anything": 1 })).await["data"].clone();
    assert_eq!(plain, looked_at);
}

#[derive(Clone, Debug)]
enum Write {
    Create(u8),
    Update(usize, u8),
    Delete(usize),
}

fn writes() -> impl Strategy<Value = Vec<Write>> {
    let write = prop_oneof![
        (0..6u8).prop_map(Write::Create),
        (0..8usize, 0..6u8).prop_map(|(place, number)| Write::Update(place, number)),
        (0..8usize).prop_map(Write::Delete),
    ];
    proptest::collection::vec(write, 1..12)
}

/// What the centre should hold: number and whether it is deleted, by place.
fn expected(model: &mut Vec<(String, bool)>, write: &Write) -> &'static str {
    let alive = |model: &[(String, bool)], number: &str, own: Option<usize>| {
        let mut others = model.iter().enumerate().filter(|(place, _)| Some(*place) != own);
        others.any(|(_, (other, gone))| !gone && other == number)
    };
    match *write {
        Write::Create(number) if alive(model, &number.to_string(), None) => "sipNumberExist",
        Write::Create(number) => {
            model.push((number.to_string(), false));
            "ok"
        }
        Write::Update(place, _) | Write::Delete(place) if model.get(place).is_none_or(|(_, gone)| *gone) => {
            "sipNotExist"
        }
        Write::Update(place, number) if alive(model, &number.to_string(), Some(place)) => "sipNumberExist",
        Write::Update(place, number) => {
            model[place].0 = number.to_string();
            "ok"
        }
        Write::Delete(place) => {
            model[place].1 = true;
            "ok"
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn numbers_are_found_and_told_apart_as_by_looking_at_each(writes in writes()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let centre = Centre::around(Sandbox::new(None).with_objects(2));
            centre.appliance.with_state(|state| state["uniqueNumbers"] = true.into()).unwrap();
            let mut model = vec![("10000000".to_owned(), false), ("10000001".to_owned(), false)];
            for write in &writes {
                let state = centre.appliance.state();
                let id = |place: usize| state["numbers"].get(place).map_or(json!("none"), |one| one["sipId"].clone());
                let (endpoint, body) = match write {
                    Write::Create(number) => ("sip/create", create(&number.to_string())),
                    Write::Update(place, number) => {
                        let mut body = create(&number.to_string());
                        body["sipId"] = id(*place);
                        ("sip/update", body)
                    }
                    Write::Delete(place) => ("sip/delete", json!({ "sipId": id(*place) })),
                };
                assert_eq!(centre.outcome(endpoint, &body).await, expected(&mut model, write), "{write:?}");
                check_listings(&centre).await;
            }
            let state = centre.appliance.state();
            let held = state["numbers"].as_array().unwrap().iter();
            let held: Vec<_> =
                held.map(|one| (one["number"].as_str().unwrap().to_owned(), one["isDel"] == true)).collect();
            assert_eq!(held, model);
        });
    }
}

#[tokio::test(start_paused = true)]
async fn calls_take_as_long_as_they_are_told_to() {
    let latency = Latency { read: Duration::from_millis(50), write: Duration::from_millis(700) };
    let centre = Centre::around(Sandbox::new(None).with_latency(latency));
    for (endpoint, body, millis) in [
        ("sip/list", json!({}), 50),
        ("sip/list", json!({ "number": "2000" }), 50),
        ("sip/create", create("2004"), 700),
        ("sip/create", json!({}), 700),
    ] {
        let begun = Instant::now();
        centre.call(endpoint, &body).await;
        assert_eq!(begun.elapsed().as_millis(), millis, "{endpoint} {body}");
    }
    centre.sandbox.set_faults(super::faults(&["slow=1000"]));
    let begun = Instant::now();
    centre.call("sip/list", &json!({})).await;
    assert_eq!(begun.elapsed().as_millis(), 1050);
}

/// How many numbers the only state file holds.
fn kept(folder: &std::path::Path) -> usize {
    let text = std::fs::read_to_string(folder.join("centre.box.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()["state"]["numbers"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_state_file_that_takes_long_is_written_behind_where_it_may_be() {
    for behind in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let centre = Centre::around(Sandbox::new(Some(folder.path().to_owned())).with_objects(20_000));
        if behind {
            centre.appliance.write_behind();
        }
        for number in ["2004", "2005"] {
            assert_eq!(centre.outcome("sip/create", &create(number)).await, "ok");
        }
        assert_eq!(kept(folder.path()), 20_000 + if behind { 1 } else { 2 });
        centre.sandbox.flush();
        assert_eq!(kept(folder.path()), 20_002);
    }
}

#[tokio::test]
async fn requests_are_counted() {
    let centre = Centre::around(Sandbox::new(None));
    assert_eq!(centre.sandbox.answered(), 0);
    centre.call("sip/list", &json!({})).await;
    let refused = sign(&(centre.clock.load(Ordering::Relaxed) - 1000).to_string(), "000007");
    centre.raw("/openapi/v1/call/sip/list", &refused, "").await;
    assert_eq!(centre.sandbox.answered(), 2);
}

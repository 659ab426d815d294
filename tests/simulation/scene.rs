//! What a run begins with: targets, what their boxes hold, and the versions of the desired state that a team goes through.

use serde_json::{Value as Json, json};
use sipform::model::Desired;

use super::dice::Dice;
use super::make::{KEYS, Lots, MAKES, Make, entry, key, phones, record};
use super::yaml;

/// One target.
pub(crate) struct Site {
    pub(crate) name: String,
    pub(crate) make: Make,
    pub(crate) state: Json,
    /// In seconds.
    pub(crate) timeout: u64,
    settings: Json,
}

/// What a run begins with.
pub(crate) struct Scene {
    pub(crate) sites: Vec<Site>,
    pub(crate) versions: Vec<Version>,
}

/// One version of the desired state.
pub(crate) struct Version {
    pub(crate) document: Json,
    pub(crate) desired: Desired,
}

/// What becomes of a key in one version.
#[derive(Clone)]
enum Part {
    Absent,
    Entry(Json),
    Delete,
    Forget,
}

impl Scene {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let count = dice.pick(&[1, 1, 1, 2, 2, 3]);
        let sites: Vec<_> = (0..count).map(|number| Site::draw(number, &mut dice.split())).collect();
        let mut parts: Vec<_> = sites.iter().map(|site| draw_parts(site, None, &mut dice.split())).collect();
        let mut versions = vec![Version::of(&sites, &parts, dice)];
        for _ in 0..dice.below(3) {
            for (site, parts) in sites.iter().zip(&mut parts) {
                *parts = draw_parts(site, Some(std::mem::take(parts)), &mut dice.split());
            }
            versions.push(Version::of(&sites, &parts, dice));
        }
        Self { sites, versions }
    }
}

impl Version {
    fn of(sites: &[Site], parts: &[Parts], dice: &mut Dice) -> Self {
        let mut targets = json!({});
        let mut document = json!({ "version": 1, "removed": [] });
        for (site, parts) in sites.iter().zip(parts) {
            targets[&site.name] = site.settings.clone();
            parts.write(site, &mut document, dice);
        }
        document["targets"] = targets;
        let desired = yaml::desired(&document);
        Self { document, desired }
    }

    /// The entry of this address.
    pub(crate) fn entry(&self, target: &str, kind: &str, key: &str) -> Option<&Json> {
        let name = if ["sip_number", "number"].contains(&kind) { "number" } else { "name" };
        let mut entries = self.document.get(format!("{kind}s"))?.as_array()?.iter();
        entries.find(|entry| entry["target"] == target && entry[name] == key)
    }
}

impl Site {
    fn draw(number: usize, dice: &mut Dice) -> Self {
        let make = dice.pick(&MAKES);
        let timeout = dice.pick(&[5, 20, 30, 60]);
        let concurrency = dice.between(1, if make.is_pbx() { 2 } else { 4 });
        let mut more = make.settings();
        more["limits"] = json!({ "concurrency": concurrency, "timeout": format!("{timeout}s") });
        more["prune"] = dice.pick(&["none", "claimed", "claimed", "claimed", "exclusive"]).into();
        let settings = yaml::target(make.provider(), &more)["box"].clone();
        let name = format!("box-{number}");
        let state = draw_state(make, dice);
        Self { name, make, state, timeout, settings }
    }
}

/// A box that people have worked on already.
fn draw_state(make: Make, dice: &mut Dice) -> Json {
    let mut state = yaml::empty_state(make.provider());
    let lots = Lots::draw(dice);
    for kind in make.kinds() {
        // One more than there are entries for.
        for which in 0..=KEYS {
            let present = if which < KEYS { dice.chance(50) } else { dice.chance(60) };
            let mut drawn = entry(make, kind, which % KEYS, &lots, dice);
            if *kind == "phone_group" && which == KEYS {
                drawn["phone_name"] = "attic".into();
            }
            let which_key = if which < KEYS { key(kind, which) } else { format!("{}9", key(kind, 9)) };
            if !present || (which == KEYS && !["number", "phone_group"].contains(kind)) {
                continue;
            }
            match *kind {
                "phone_group" => push_all(&mut state, "phones", phones(&which_key, &drawn)),
                "call_center_trunk" => push(&mut state, "sipTrunks", record(kind, &which_key, which, &drawn, dice)),
                "trunk" => push(&mut state, "trunks", record(kind, &which_key, which, &drawn, dice)),
                _ => push(&mut state, "numbers", record(kind, &which_key, which, &drawn, dice)),
            }
        }
    }
    match make {
        Make::Moor7 => {
            state["uniqueNumbers"] = dice.chance(30).into();
            if dice.chance(15) {
                state["hiddenFields"] = json!(["password"]);
            }
        }
        Make::Itniotech => {}
        _ => {
            state["other_trunks"] = json!([{ "id": "1", "trunkname": "pots", "type": "FXO", "status": "Idle" }]);
            if dice.chance(10) {
                let there = state["trunks"].as_array().unwrap().len();
                state["max_trunks"] = (there + dice.below(3)).max(1).into();
            }
        }
    }
    state
}

fn push(state: &mut Json, list: &str, record: Json) {
    state[list].as_array_mut().unwrap().push(record);
}

fn push_all(state: &mut Json, list: &str, records: Vec<Json>) {
    state[list].as_array_mut().unwrap().extend(records);
}

/// What one version says of one target: by kind, then by key.
#[derive(Default)]
struct Parts(Vec<(&'static str, Vec<Part>)>);

/// Anew, or like the version before but for some.
fn draw_parts(site: &Site, before: Option<Parts>, dice: &mut Dice) -> Parts {
    let lots = Lots::draw(dice);
    let draw = |kind: &'static str, which: usize, dice: &mut Dice| match dice.below(10) {
        0..=1 => Part::Absent,
        2 => Part::Delete,
        3 if dice.chance(40) => Part::Forget,
        _ => Part::Entry(entry(site.make, kind, which, &lots, dice)),
    };
    let Some(Parts(mut kinds)) = before else {
        let all = |kind: &&'static str| (*kind, (0..KEYS).map(|which| draw(kind, which, dice)).collect());
        return Parts(site.make.kinds().iter().map(all).collect());
    };
    for (kind, parts) in &mut kinds {
        for (which, part) in parts.iter_mut().enumerate() {
            let again = draw(kind, which, dice);
            // What only one may have has to be dealt anew to all.
            let shares = matches!(part, Part::Entry(_)) && ["trunk", "sip_number", "call_center_trunk"].contains(kind);
            if shares || dice.chance(40) {
                *part = match (&*part, again) {
                    (Part::Entry(_), again) if shares && !dice.chance(25) => match again {
                        Part::Entry(_) => again,
                        _ => Part::Entry(entry(site.make, kind, which, &lots, dice)),
                    },
                    (_, again) => again,
                };
            }
        }
    }
    Parts(kinds)
}

impl Parts {
    fn write(&self, site: &Site, document: &mut Json, dice: &mut Dice) {
        for (kind, parts) in &self.0 {
            let mut former: Vec<_> = (0..KEYS).filter(|&which| matches!(parts[which], Part::Absent)).collect();
            for (which, part) in parts.iter().enumerate() {
                let key = key(kind, which);
                let (delete, address) = (matches!(part, Part::Delete), format!("{}/{kind}/{key}", site.name));
                match part {
                    Part::Absent => {}
                    Part::Delete | Part::Forget => {
                        let removed = document["removed"].as_array_mut().unwrap();
                        removed.push(json!({ "address": address, "delete": delete }));
                    }
                    Part::Entry(entry) => {
                        let entry = finished(site, kind, &key, entry, &mut former, dice);
                        let section = document.as_object_mut().unwrap().entry(format!("{kind}s"));
                        section.or_insert_with(|| json!([])).as_array_mut().unwrap().push(entry);
                    }
                }
            }
        }
    }
}

/// An entry with its key and target, sometimes a former name or a protection.
fn finished(site: &Site, kind: &str, key: &str, entry: &Json, former: &mut Vec<usize>, dice: &mut Dice) -> Json {
    let mut entry = entry.clone();
    entry[if ["sip_number", "number"].contains(&kind) { "number" } else { "name" }] = key.into();
    entry["target"] = site.name.as_str().into();
    if dice.chance(15)
        && let Some(old) = former.pop()
    {
        entry["previously"] = super::make::key(kind, old).into();
    }
    if dice.chance(6) {
        entry["protect"] = dice.chance(60).into();
    }
    entry
}

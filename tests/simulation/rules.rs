//! What must hold after every round, whatever went wrong in it.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use sipform::model::outcome::{Action, Ending, Outcome};

use super::log::{Cause, Delta, Event, Log, Sent};
use super::make::Make;
use super::planned::Planned;
use super::scene::{Scene, Version};
use super::stage::Stage;
use super::words::{Records, fields, object_of, shown, unmet, wanted};

/// One round as it went.
pub(crate) struct Round<'a> {
    pub(crate) scene: &'a Scene,
    pub(crate) version: &'a Version,
    pub(crate) stage: &'a Stage,
    pub(crate) planned: &'a [Planned],
    pub(crate) log: &'a Log,
    /// Nothing where the process died.
    pub(crate) outcomes: Option<&'a [Outcome]>,
    /// What the boxes hold in the end, when everything that was late has come to pass.
    pub(crate) records: &'a [Records],
}

/// What is broken.
pub(crate) type Broken = Result<(), String>;

/// How long a look may be old when a change is sent, in milliseconds.
const FRESHNESS: u128 = 30_000;

impl Round<'_> {
    /// Checks everything.
    pub(crate) fn check(&self) -> Broken {
        for event in &self.log.events {
            if event.cause != Cause::Hand {
                self.nothing_is_doubled(event)?;
                event.deltas.iter().try_for_each(|delta| self.was_planned(event, delta))?;
            }
        }
        for site in 0..self.stage.places.len() {
            self.log_ins_are_few(site)?;
            self.a_shut_door_stays_shut(site)?;
            self.no_rule_was_broken(site)?;
        }
        self.log.sent.iter().try_for_each(refusals_make_sense)?;
        let outcomes = self.outcomes.unwrap_or_default();
        outcomes.iter().try_for_each(|outcome| self.is_true(outcome))
    }

    /// Whether a box was struck by one of these faults in this round.
    fn struck(&self, site: usize, faults: &[&str]) -> bool {
        let is_one = |fault: &String| faults.iter().any(|name| fault.split('=').next() == Some(name));
        self.log.sent.iter().any(|sent| sent.site == site && sent.fault.as_ref().is_some_and(is_one))
    }

    /// When other hands touched an object after the look that the plan was made from was begun.
    fn touched<'s>(&'s self, site: usize, is_it: impl Fn(&Delta) -> bool + 's) -> impl Iterator<Item = u128> + 's {
        let hands = self.log.events.iter().filter(move |event| event.site == site && event.cause == Cause::Hand);
        let hands = hands.filter(|event| event.at >= self.log.looked);
        hands.filter(move |event| event.deltas.iter().any(&is_it)).map(|event| event.at)
    }

    fn is_touched(&self, planned: &Planned) -> bool {
        self.touched(planned.site, |delta| planned.concerns(delta)).next().is_some()
    }

    fn nothing_is_doubled(&self, event: &Event) -> Broken {
        for delta in &event.deltas {
            let Some(after) = &delta.after else { continue };
            if delta.before.as_ref().is_some_and(|before| before.key == after.key) {
                continue;
            }
            let others = self.records[event.site].iter();
            let same = others.filter(|((kind, _), record)| *kind == delta.kind && record.key == after.key).count();
            let touched = self.touched(event.site, |other| other.kind == delta.kind && other.is_about(&after.key));
            // A vendor that shows what was, or leaves out the same in all of its listings, can't be helped.
            if same > 1 && touched.count() == 0 && !self.struck(event.site, &["stale", "short"]) {
                return Err(format!("{} {} is there {same} times", delta.kind, after.key));
            }
        }
        Ok(())
    }

    /// Every change that isn't somebody else's was listed by a plan, with its fields.
    fn was_planned(&self, event: &Event, delta: &Delta) -> Broken {
        let session = match event.cause {
            Cause::Request(number) => Some(self.log.sent[number - 1].session),
            _ => None,
        };
        let own = self.planned.iter().filter(|one| one.sends && one.site == event.site && one.kind == delta.kind);
        let own = own.filter(|one| session.is_none_or(|session| one.session == session));
        let was_shown = self.struck(event.site, &["stale"]);
        let allowed: Vec<_> = own
            .filter(|one| match (&delta.before, &delta.after) {
                // A vendor that shows what was shows former ids, too, and may delete by name.
                (Some(record), None) => {
                    let is_former = was_shown && one.live.as_ref().is_some_and(|(_, key)| *key == record.key);
                    one.removes() && (one.id() == Some(&delta.id) || is_former)
                }
                (None, Some(record)) => one.makes() && one.key == record.key,
                _ => one.action == Action::Update && one.id() == Some(&delta.id),
            })
            .collect();
        if allowed.is_empty() {
            let last = self.touched(event.site, |other| delta.is_related(other)).filter(|at| *at <= event.at).max();
            let excuse = last.is_some_and(|at| self.is_too_late(event, at)) || self.struck(event.site, &["stale"]);
            let why = || format!("{} {} ({:?}): nobody planned it", delta.kind, delta.id, event.cause);
            return if excuse { Ok(()) } else { Err(why()) };
        }
        // What was late may be either run's, of one that died and the one after it.
        let mut judged = allowed.into_iter().map(|planned| self.is_as_planned(event, delta, planned));
        let first = judged.next().unwrap_or(Ok(()));
        if judged.any(|other| other.is_ok()) { Ok(()) } else { first }
    }

    fn is_as_planned(&self, event: &Event, delta: &Delta, planned: &Planned) -> Broken {
        let (Some(before), Some(after)) = (&delta.before, &delta.after) else { return Ok(()) };
        let touched = self.touched(event.site, |other| planned.concerns(other)).filter(|at| *at <= event.at).max();
        match touched {
            Some(at) if self.is_too_late(event, at) => return Ok(()),
            // What happened while the targets were read may be in the plan.
            Some(at) if at > self.log.planned => {
                return Err(format!("{} {}: somebody else changed it long before", delta.kind, delta.id));
            }
            _ => {}
        }
        if before.key != after.key && after.key != planned.key {
            return Err(format!("{:?} is renamed by {:?} of {planned:?}", delta.id, event.cause));
        }
        if self.struck(event.site, &["stale"]) {
            return Ok(());
        }
        self.only_the_planned_members(planned, &before.json, &after.json)
    }

    fn only_the_planned_members(&self, planned: &Planned, before: &Json, after: &Json) -> Broken {
        let Planned { kind, key, .. } = planned;
        let entry = self.version.entry(&self.stage.places[planned.site].name, kind, key);
        for (field, _) in fields(kind) {
            let (was, is) = (shown(kind, field, before), shown(kind, field, after));
            let is_empty = is == "";
            let as_wanted = entry.is_some_and(|entry| match wanted(kind, field, entry) {
                Some(value) => value == is,
                None => is_empty,
            });
            let sent = planned.fields.contains(field) && (as_wanted || (is_empty && planned.releases.contains(field)));
            // What the vendor hides goes along with every update of the whole object.
            let hidden = *field == "password" && self.hides(planned.site) && as_wanted;
            let computed = (*field == "domain" && planned.fields.contains(&"host")) || hidden;
            if was != is && !sent && !computed {
                return Err(format!("{kind} {key}: {field} became {is}, planned were {:?}", planned.fields));
            }
        }
        let known = |name: &str| fields(kind).iter().any(|(_, member)| *member == name);
        let rest = ["updateTime", "extensionsgroupdod", "trunkname", "number", "sipTrunkName"];
        let names = before.as_object().unwrap().keys().chain(after.as_object().unwrap().keys());
        let mut names = names.filter(|name| !known(name) && !rest.contains(&name.as_str()));
        match names.find(|name| before.get(*name) != after.get(*name)) {
            Some(name) => Err(format!("{kind} {key}: {name} changed, which nobody planned")),
            None => Ok(()),
        }
    }

    /// What other hands do to an object within the freshness of a look can't be seen in time.
    fn is_too_late(&self, event: &Event, touched: u128) -> bool {
        // What was late is noticed when somebody looks, and was sent long before.
        if event.cause == Cause::Late {
            return true;
        }
        // From the look to the box: waiting for a turn, retries, the vendor's own time.
        let slack = 3 * 1000 * u128::from(self.scene.sites[event.site].timeout) + 20_000;
        event.at - touched <= FRESHNESS + slack
    }

    fn log_ins_are_few(&self, site: usize) -> Broken {
        let logins: Vec<_> =
            self.log.sent.iter().filter(|sent| sent.site == site && sent.endpoint == "login").collect();
        let good = logins.iter().filter(|sent| sent.refused.is_none() && !sent.is_lost()).count();
        let sessions = self.sessions();
        if good > 4 * sessions {
            return Err(format!("{good} log-ins in {sessions} sessions"));
        }
        Ok(())
    }

    /// A saved plan takes two sessions.
    fn sessions(&self) -> usize {
        1 + self.log.sessions
    }

    /// Once a box has refused who asks, nothing more is sent in the same session but what was under way by then.
    fn a_shut_door_stays_shut(&self, site: usize) -> Broken {
        let shut = self.log.sent.iter().filter(|sent| sent.site == site && self.shuts_the_door(sent));
        for refused in shut {
            let behind = self.log.sent.iter().skip(refused.behind);
            let later = behind.filter(|sent| sent.site == site && sent.session == refused.session).count();
            if later > 0 {
                let (endpoint, code) = (&refused.endpoint, refused.refused.as_deref().unwrap_or_default());
                return Err(format!("{later} requests after {endpoint} was refused with {code}"));
            }
        }
        Ok(())
    }

    /// Whether a box's answer says that it lets nobody in by these credentials, or not from here.
    fn shuts_the_door(&self, sent: &Sent) -> bool {
        let is_login = sent.endpoint == "login";
        let code = sent.refused.as_deref().filter(|_| sent.is_refused());
        code.is_some_and(|code| match self.stage.places[sent.site].make {
            // The key is right if the list takes it: an account may not be allowed to see the records.
            Make::Moor7 => code == "401" && sent.endpoint != "call/query/number",
            Make::Itniotech => ["-1", "-2", "-13", "-31"].contains(&code),
            // "Not up" in answer to a login is a wrong password.
            _ => ["20002", "20003", "20015"].contains(&code) || (is_login && ["20010", "30003"].contains(&code)),
        })
    }

    fn no_rule_was_broken(&self, site: usize) -> Broken {
        let violations = self.stage.places[site].appliance.violations();
        let limit = self.version.desired.targets[site].limits.concurrency as usize;
        let good = violations.most_in_flight <= limit
            && violations.dangerous_deletes == 0
            && violations.undocumented.is_empty();
        if good { Ok(()) } else { Err(format!("{violations:?}, {limit} at once are allowed")) }
    }

    /// Whether an outcome is what happened.
    fn is_true(&self, outcome: &Outcome) -> Broken {
        let message = outcome.error.as_ref().map_or("", |error| &error.message);
        if ["pw-", "Secret-"].iter().any(|secret| message.contains(secret)) {
            return Err(format!("{} tells a secret: {message}", outcome.address));
        }
        let own = self.planned.iter().filter(|one| one.session == self.log.sessions);
        let Some(planned) = own.into_iter().find(|one| one.is_of(outcome, self.stage)) else { return Ok(()) };
        let writes: Vec<&Sent> = self.log.sent.iter().filter(|sent| planned.sent(sent)).collect();
        let broken = |why: &str| {
            let error = outcome.error.as_ref().map(|error| format!("{}: {}", error.code, error.message));
            let told = (outcome.action.name(), &outcome.address, outcome.ending.name());
            Err(format!("{} {} is called {}, and {why} ({})", told.0, told.1, told.2, error.unwrap_or_default()))
        };
        let blind = self.is_touched(planned) || self.struck(planned.site, &["stale", "short"]);
        let missing = self.missing(planned);
        // After too many renewals of a session nothing is sent any more, so nothing can be read back.
        let shut = outcome.error.as_ref().is_some_and(|error| error.code == "20006");
        let answered = !writes.is_empty() && !writes.iter().any(|sent| sent.is_lost());
        match outcome.ending {
            Ending::Done if !blind => missing.map_or(Ok(()), |what| broken(&what)),
            // What was late, and came after all, may be from a run that died.
            Ending::Failed if !blind && missing.is_none() && answered && !self.was_late(planned) => {
                broken("it is as it was wanted")
            }
            Ending::Skipped if !writes.is_empty() => broken("something was sent"),
            Ending::Stale if writes.iter().any(|sent| !sent.is_refused()) => broken("something was sent"),
            Ending::Unknown if !shut && !self.may_be_unknown(planned, &writes) => broken("everything could be known"),
            _ => Ok(()),
        }
    }

    /// Whether something that was late is about a step's object.
    fn was_late(&self, planned: &Planned) -> bool {
        let mut late = self.log.events.iter().filter(|event| event.cause == Cause::Late && event.site == planned.site);
        late.any(|event| event.deltas.iter().any(|delta| planned.concerns(delta)))
    }

    /// What is missing of what a step was to bring about.
    fn missing(&self, planned: &Planned) -> Option<String> {
        let Planned { site, kind, key, .. } = planned;
        let records = &self.records[*site];
        let old = planned.id().and_then(|id| records.get(&(*kind, id.to_owned())));
        if planned.action == Action::Delete {
            return old.map(|_| "it is still there".into());
        }
        if planned.action == Action::Replace && old.is_some() {
            return Some("the old one is still there".into());
        }
        let named: Vec<_> = records.iter().filter(|((other, _), record)| other == kind && record.key == *key).collect();
        let own = (kind, planned.id());
        let is_own = |id: &(&'static str, String)| planned.action != Action::Update || (&id.0, Some(&*id.1)) == own;
        let named: Vec<_> = named.into_iter().filter(|(id, _)| is_own(id)).collect();
        if named.is_empty() {
            return Some("it isn't there".into());
        }
        let entry = self.version.entry(&self.stage.places[*site].name, kind, key)?;
        let update = planned.action == Action::Update;
        let hidden = self.hides(*site);
        let counts = |field: &str| {
            let sent = if update { planned.fields.contains(&field) } else { field != "agent" };
            sent && !(hidden && field == "password")
        };
        let unmet = named.iter().map(|(_, record)| unmet(kind, entry, &record.json, &counts));
        let least = unmet.min_by_key(Vec::len).unwrap_or_default();
        (!least.is_empty()).then(|| format!("it differs in {}", least.join(", ")))
    }

    /// Whether the vendor hides passwords.
    fn hides(&self, site: usize) -> bool {
        self.scene.sites[site].state.get("hiddenFields").is_some()
    }

    /// The box has shut its door in the middle of the run: nothing more may be asked, not even by reading back.
    fn is_shut(&self, site: usize) -> bool {
        self.log.sent.iter().any(|sent| sent.site == site && self.shuts_the_door(sent))
    }

    /// A write's answer was lost, or it couldn't be read back.
    fn may_be_unknown(&self, planned: &Planned, writes: &[&Sent]) -> bool {
        // What a vendor calls an error of its own says nothing.
        let unclear = |sent: &&&Sent| sent.refused.as_deref().is_some_and(|code| ["500", "-18"].contains(&code));
        let lost = writes.iter().any(|sent| sent.is_lost() || unclear(&sent));
        let reads = self.log.sent.iter().filter(|sent| sent.site == planned.site);
        let mut reads = reads.filter(|sent| object_of(&sent.endpoint, &sent.body).is_none());
        let blind = reads.any(|sent| sent.fault.is_some() || sent.is_lost() || sent.refused.is_some());
        // Listings disagree while somebody edits between them, and where two have one name.
        let edited = self.touched(planned.site, |_| true).next().is_some();
        let records = &self.records[planned.site];
        let keys: BTreeSet<_> = records.iter().map(|((kind, _), record)| (kind, &record.key)).collect();
        !writes.is_empty() && (lost || blind || edited || self.is_shut(planned.site) || keys.len() < records.len())
    }
}

/// Without a fault a box refuses nothing that is wrong in itself.
fn refusals_make_sense(sent: &Sent) -> Broken {
    const SENSELESS: [&str; 10] = ["401", "415", "405", "-1", "-16", "20000", "20001", "20005", "10003", "10004"];
    let code = sent.refused.as_deref().filter(|code| sent.fault.is_none() && SENSELESS.contains(code));
    // Only one version documents a logout.
    let code = code.filter(|_| sent.endpoint != "logout");
    code.map_or(Ok(()), |code| Err(format!("{} was refused with {code}", sent.endpoint)))
}

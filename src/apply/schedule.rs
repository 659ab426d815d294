//! Which step of a target goes when: a graph of nodes, of which everything runs that waits for nothing.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::problem::Problem;
use super::reviewed::Gate;
use super::step::Runner;
use crate::model::Kind;
use crate::model::outcome::{Action, Ending, Outcome};
use crate::plan::{Plan, Step};

/// One call or a few that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// Gives up values that the step replaces by others, so that other steps can take them.
    Release,
    /// The step itself.
    Main,
}

struct Node<'a> {
    step: usize,
    part: Part,
    what: &'a Step<'a>,
    /// How many nodes it still waits for.
    waits_for: usize,
    /// Who waits for it.
    dependents: Vec<usize>,
    ended: bool,
    /// Creates only: the vendor takes no more, this is what it said, and it may be asked again once there is room.
    no_room: Option<Problem>,
    /// What the vendor said to it when it was sent before.
    sent_before: Option<Problem>,
}

/// A target's nodes and how their steps ended.
pub(super) struct Graph<'a> {
    nodes: Vec<Node<'a>>,
    ready: BTreeSet<usize>,
    /// Deletes that haven't ended: each makes room.
    deletes: BTreeSet<usize>,
    outcomes: BTreeMap<usize, Outcome>,
}

impl<'a> Graph<'a> {
    /// Those of one target's steps, given by their places, that may be sent.
    pub(super) fn new(plan: &'a Plan<'a>, gates: &[Gate], own: &[usize]) -> Self {
        let (nodes, ready, outcomes) = Default::default();
        let mut graph = Self { nodes, ready, deletes: BTreeSet::new(), outcomes };
        let own = own.iter().filter_map(|&index| Some((index, plan.steps.get(index)?)));
        for (index, step) in own.filter(|(_, step)| step.change.action.sends()) {
            match gates.get(index) {
                Some(Gate::Send) => graph.add(index, step),
                Some(Gate::Stale(why)) => graph.file(index, step, Err(Problem::stale(why.clone()))),
                Some(Gate::NotReviewed) | None => {}
            }
        }
        graph.connect();
        graph
    }

    fn add(&mut self, index: usize, step: &'a Step<'a>) {
        let node = |part| Node {
            step: index,
            part,
            what: step,
            waits_for: 0,
            dependents: Vec::new(),
            ended: false,
            no_room: None,
            sent_before: None,
        };
        if !step.releases.is_empty() {
            self.nodes.push(node(Part::Release));
        }
        self.nodes.push(node(Part::Main));
    }

    /// Ties every step to those that it waits for. One that waits for a step which isn't sent is never ready. A release
    /// waits for what its step requires: nothing is given up as long as the new value can't be taken.
    fn connect(&mut self) {
        let places = self.nodes.iter().enumerate().map(|(place, node)| ((node.step, node.part), place));
        let places: BTreeMap<(usize, Part), usize> = places.collect();
        for place in 0..self.nodes.len() {
            let Some(waits_for) = self.nodes.get(place).map(waits_for) else { continue };
            if let Some(node) = self.nodes.get_mut(place) {
                node.waits_for = waits_for.len();
            }
            for other in waits_for.iter().filter_map(|key| places.get(key)) {
                if let Some(other) = self.nodes.get_mut(*other) {
                    other.dependents.push(place);
                }
            }
        }
        let deletes = self.nodes.iter().enumerate().filter(|(_, node)| node.what.change.action == Action::Delete);
        self.deletes = deletes.map(|(place, _)| place).collect();
        let nodes = self.nodes.iter().enumerate();
        self.ready = nodes.filter(|(_, node)| node.waits_for == 0).map(|(place, _)| place).collect();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty() && self.outcomes.is_empty()
    }

    pub(super) fn into_outcomes(self) -> BTreeMap<usize, Outcome> {
        self.outcomes
    }

    /// Notes how a step ended; the first word on it counts.
    fn file(&mut self, index: usize, step: &Step<'_>, result: Result<(), Problem>) {
        let (ending, error) = match result {
            Ok(()) => (Ending::Done, None),
            Err(problem) => (problem.ending, Some(problem.error)),
        };
        let (address, action) = (step.change.address.clone(), step.change.action);
        self.outcomes.entry(index).or_insert(Outcome { address, action, ending, error });
    }

    /// Ends a node: those who waited for it go on, or are given up with it.
    fn finish(&mut self, place: usize, result: Result<(), Problem>, runner: &Runner<'_>) {
        let mut ending = vec![(place, result)];
        while let Some((place, result)) = ending.pop() {
            let Some(node) = self.nodes.get_mut(place).filter(|node| !node.ended) else { continue };
            node.ended = true;
            self.deletes.remove(&place);
            let (index, step, part) = (node.step, node.what, node.part);
            let dependents = std::mem::take(&mut node.dependents);
            let failed = result.is_err();
            let told = self.outcomes.get(&index).map(|outcome| outcome.ending);
            let was_sent =
                part == Part::Release && result.as_ref().err().is_none_or(|end| end.ending != Ending::Skipped);
            if told == Some(Ending::Skipped) && was_sent {
                self.correct(index, step, result, runner);
            } else if failed || part == Part::Main {
                self.tell(index, step, result, runner);
            }
            for dependent in dependents {
                if failed {
                    let why = format!("it needs {}, which isn't done", step.change.address);
                    ending.push((dependent, Err(Problem::skipped("dependency", why))));
                } else {
                    self.proceed(dependent);
                }
            }
            if !failed && step.change.action == Action::Delete {
                self.try_again(step.change.kind);
            }
        }
    }

    /// A step was given up while its first part was under way, and that has come to an end now: something was sent.
    fn correct(&mut self, index: usize, step: &Step<'_>, result: Result<(), Problem>, runner: &Runner<'_>) {
        let Some(Outcome { error: Some(error), .. }) = self.outcomes.remove(&index) else { return };
        let problem = result.err().unwrap_or_else(|| Problem::skipped(&error.code, error.message));
        self.file(index, step, Err(runner.in_context(&step.change, problem)));
    }

    fn tell(&mut self, index: usize, step: &Step<'_>, result: Result<(), Problem>, runner: &Runner<'_>) {
        if self.outcomes.contains_key(&index) {
            return;
        }
        self.file(index, step, result.map_err(|problem| runner.in_context(&step.change, problem)));
        if let Some(outcome) = self.outcomes.get(&index) {
            runner.tell_finished(outcome);
        }
    }

    /// A create for which the vendor has no room waits for a delete of its kind, if one is still to come that doesn't wait
    /// for it.
    fn waits_for_room(&mut self, place: usize, problem: &Problem) -> bool {
        if self.deletes.is_empty() {
            return false;
        }
        // A replacement has deleted its old object by then: it can't begin again.
        let is_create = |node: &&Node<'_>| node.what.change.action == Action::Create;
        let Some(node) = self.nodes.get(place).filter(is_create).filter(|_| problem.no_room) else { return false };
        let kind = node.what.change.kind;
        let mut behind = BTreeSet::from([place]);
        let mut queue = vec![place];
        while let Some(node) = queue.pop().and_then(|place| self.nodes.get(place)) {
            queue.extend(node.dependents.iter().copied().filter(|&place| behind.insert(place)));
        }
        let frees_room = |place: &usize| self.nodes.get(*place).is_some_and(|node| node.frees_room(kind));
        let will_be_room = self.deletes.iter().any(|place| frees_room(place) && !behind.contains(place));
        let will_be_room = will_be_room || self.let_go_first(place, kind);
        if let Some(node) = self.nodes.get_mut(place).filter(|_| will_be_room) {
            node.no_room = Some(problem.clone());
        }
        will_be_room
    }

    /// The old object was to go once the new one is made, but there is no room for both: it goes first.
    fn let_go_first(&mut self, place: usize, kind: &Kind) -> bool {
        let waits_for_it_alone = |other: &usize| {
            self.nodes.get(*other).is_some_and(|other| !other.ended && other.waits_for == 1 && other.frees_room(kind))
        };
        let Some(old) = self.nodes.get(place).and_then(|node| node.dependents.iter().copied().find(waits_for_it_alone))
        else {
            return false;
        };
        if let Some(node) = self.nodes.get_mut(place) {
            node.dependents.retain(|dependent| *dependent != old);
        }
        self.proceed(old);
        true
    }

    /// After a delete, creates that waited for room try again.
    fn try_again(&mut self, kind: &Kind) {
        let waiting = self.nodes.iter_mut().enumerate().filter(|(_, node)| node.what.change.kind == kind);
        let waiting = waiting.filter_map(|(place, node)| {
            let said = node.no_room.take()?;
            node.sent_before.get_or_insert(said);
            Some(place)
        });
        self.ready.extend(waiting);
    }

    /// Gives up a change that may not be sent now. One that was sent before ends with what the vendor said then.
    fn give_up(&mut self, place: usize, problem: Problem, runner: &Runner<'_>) {
        let said = self.nodes.get_mut(place).and_then(|node| node.sent_before.take());
        let said = said.filter(|said| said.ending != Ending::Skipped);
        self.finish(place, Err(said.unwrap_or(problem)), runner);
    }

    /// The next one that waits for nothing.
    fn next_ready(&mut self) -> Option<usize> {
        loop {
            let place = self.ready.pop_first()?;
            if self.what(place).is_some() {
                return Some(place);
            }
        }
    }

    /// What a node is, unless it has ended.
    fn what(&self, place: usize) -> Option<(&'a Step<'a>, Part)> {
        self.nodes.get(place).filter(|node| !node.ended).map(|node| (node.what, node.part))
    }

    /// Whether nothing speaks against sending it now; else it waits for room, or is given up.
    fn may_be_sent(&mut self, place: usize, runner: &Runner<'_>) -> bool {
        let objection = self.what(place).and_then(|(step, _)| runner.objection(&step.change));
        let Some(problem) = objection else { return true };
        if !self.waits_for_room(place, &problem) {
            self.give_up(place, problem, runner);
        }
        false
    }

    /// A node was sent, or couldn't be.
    fn end(&mut self, place: usize, result: Result<(), Problem>, runner: &Runner<'_>) {
        match result {
            Err(problem) if self.waits_for_room(place, &problem) => {}
            result => self.finish(place, result, runner),
        }
    }

    fn proceed(&mut self, place: usize) {
        if let Some(node) = self.nodes.get_mut(place) {
            node.waits_for = node.waits_for.saturating_sub(1);
            if node.waits_for == 0 && !node.ended {
                self.ready.insert(place);
            }
        }
    }

    /// What nothing could make ready: it waits for a step that isn't sent at all, or for room that never came.
    fn give_up_the_rest(&mut self, runner: &Runner<'_>) {
        for place in 0..self.nodes.len() {
            let no_room = self.nodes.get_mut(place).and_then(|node| node.no_room.take());
            let why = "it needs a change that isn't part of this apply";
            let problem = no_room.unwrap_or_else(|| Problem::skipped("dependency", why));
            self.give_up(place, problem, runner);
        }
    }
}

impl Node<'_> {
    fn frees_room(&self, kind: &Kind) -> bool {
        self.what.change.action == Action::Delete && self.what.change.kind == kind
    }
}

fn waits_for(node: &Node<'_>) -> BTreeSet<(usize, Part)> {
    let required = node.what.requires.iter().map(|&step| (step, Part::Main));
    if node.part == Part::Release {
        return required.collect();
    }
    let own = (!node.what.releases.is_empty()).then_some((node.step, Part::Release));
    let released = node.what.after_release.iter().map(|&step| (step, Part::Release));
    own.into_iter().chain(required).chain(released).collect()
}

/// How many changes may be noted before their calls may go out: a flush takes as long for all of them as for one, and calls
/// needn't wait for it. So many a call in flight, and no more than so many in all.
const AHEAD: (usize, usize) = (3, 24);

/// Runs a target's graph to its end.
pub(super) async fn run(graph: &mut Graph<'_>, runner: &Runner<'_>) {
    let concurrency = runner.concurrency();
    let window = concurrency + AHEAD.1.min(concurrency * AHEAD.0);
    let (mut noting, mut running) = (FuturesUnordered::new(), FuturesUnordered::new());
    let (mut noted, mut flushing) = (BTreeMap::new(), FuturesUnordered::new());
    loop {
        while noting.len() + noted.len() + running.len() < window {
            let Some(place) = graph.next_ready() else { break };
            if let Some((step, _)) = graph.what(place).filter(|_| graph.may_be_sent(place, runner)) {
                noting.push(async move { (place, runner.intend(&step.change).await) });
            }
        }
        while running.len() < concurrency {
            let Some((place, at)) = noted.pop_first() else { break };
            let Some((step, part)) = graph.what(place) else { continue };
            if graph.may_be_sent(place, runner) {
                running.push(async move { (place, runner.run(step, part, at).await) });
            } else {
                runner.conclude(&step.change, Ending::Skipped);
            }
        }
        tokio::select! {
            biased;
            Some((place, result)) = noting.next() => match result {
                Ok(at) => drop(noted.insert(place, at)),
                Err(problem) => graph.end(place, Err(problem), runner),
            },
            Some((place, result)) = running.next() => {
                // Others needn't wait for it.
                result.is_err().then(|| flushing.push(runner.flush()));
                graph.end(place, result, runner);
            }
            Some(()) = flushing.next() => {}
            // What was given up has made room for others.
            else => if graph.ready.is_empty() { break },
        }
    }
    graph.give_up_the_rest(runner);
    runner.flush().await;
}

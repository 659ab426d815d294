//! Where the texts of a file stand, for masking.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::yaml::{Event, Events, Step};

/// A scalar's place.
pub(super) struct ScalarPlace<'t> {
    /// Line from 1, column from 0.
    pub(super) start: (usize, usize),
    /// Behind the last character.
    pub(super) end: (usize, usize),
    /// Whether it is a mapping's key.
    pub(super) is_key: bool,
    /// Whether it is a key that has a value: one without may be a piece of a text that lost its quotes.
    pub(super) has_value: bool,
    /// How many mappings it is in.
    pub(super) depth: usize,
    /// Its text.
    pub(super) text: Cow<'t, str>,
}

/// Calls `visit` for every scalar in order until it breaks. Gives the line from which on nothing is known because the text
/// isn't YAML.
pub(super) fn each_scalar<'t>(
    text: &'t str,
    visit: &mut dyn FnMut(ScalarPlace<'t>) -> ControlFlow<()>,
) -> Option<usize> {
    let mut events = Events::new(text);
    let mut open: Vec<Nesting> = Vec::new();
    let mut key: Option<ScalarPlace<'t>> = None;
    let mut last_line = 1;
    loop {
        let Ok(step) = events.next() else {
            return Some(last_line);
        };
        last_line = last_line.max(step.mark.line as usize);
        if let Some(key) = key.take() {
            let has_value = !matches!(step.event, Event::Scalar { null: true, .. });
            if visit(ScalarPlace { has_value, ..key }).is_break() {
                return None;
            }
        }
        let is_key = nest(&mut open, &step.event);
        let depth = open.iter().filter(|nesting| matches!(nesting, Nesting::Map { .. })).count();
        match step.event {
            // The parser gives what is absent the place of the next sign.
            Event::Scalar { null: true, ref text } if text.is_empty() => {}
            Event::Scalar { .. } if is_key => key = place(step, true, depth),
            Event::Scalar { .. } if place(step, false, depth).is_some_and(|place| visit(place).is_break()) => {
                return None;
            }
            Event::End => return None,
            _ => {}
        }
    }
}

fn place(step: Step<'_>, is_key: bool, depth: usize) -> Option<ScalarPlace<'_>> {
    let Event::Scalar { text, .. } = step.event else {
        return None;
    };
    let start = (step.mark.line as usize, step.mark.column.saturating_sub(1) as usize);
    Some(ScalarPlace { start, end: step.end, is_key, has_value: false, depth, text })
}

enum Nesting {
    List,
    Map { key_next: bool },
}

/// Follows the nesting; tells whether the event begins a mapping's key.
fn nest(open: &mut Vec<Nesting>, event: &Event<'_>) -> bool {
    let begins_value = matches!(event, Event::Scalar { .. } | Event::Alias(_) | Event::List | Event::Map);
    let is_key = match open.last_mut() {
        Some(Nesting::Map { key_next }) if begins_value => std::mem::replace(key_next, !*key_next),
        _ => false,
    };
    match event {
        Event::List => open.push(Nesting::List),
        Event::Map => open.push(Nesting::Map { key_next: true }),
        Event::ListEnd | Event::MapEnd => drop(open.pop()),
        _ => {}
    }
    is_key
}

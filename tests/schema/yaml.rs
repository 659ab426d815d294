//! YAML as what tools that know JSON Schema see: scalars without quotes become numbers, true, false and null.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value as Json};

/// The first document of a text. Knows no aliases: the examples have none.
pub(crate) fn to_json(text: &str) -> Json {
    let events = Parser::new_from_str(text).map(|event| event.unwrap().0);
    let mut events = events.skip_while(|event| matches!(event, Event::StreamStart | Event::DocumentStart(_)));
    let first = events.next().unwrap();
    value(first, &mut events)
}

fn value<'t>(event: Event<'t>, events: &mut impl Iterator<Item = Event<'t>>) -> Json {
    match event {
        Event::Scalar(text, ScalarStyle::Plain, ..) => plain(&text),
        Event::Scalar(text, ..) => text.into(),
        Event::SequenceStart(..) => {
            let mut items = Vec::new();
            while let Some(event) = events.next().filter(|event| !matches!(event, Event::SequenceEnd)) {
                items.push(value(event, events));
            }
            items.into()
        }
        Event::MappingStart(..) => {
            let mut pairs = Map::new();
            while let Some(Event::Scalar(key, ..)) = events.next() {
                let event = events.next().unwrap();
                pairs.insert(key.into_owned(), value(event, events));
            }
            pairs.into()
        }
        other => panic!("{other:?}"),
    }
}

fn plain(text: &str) -> Json {
    match text {
        "" | "~" | "null" => Json::Null,
        "true" => true.into(),
        "false" => false.into(),
        text => serde_json::from_str(text).ok().filter(Json::is_number).unwrap_or_else(|| text.into()),
    }
}

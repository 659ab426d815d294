//! The program, killed for real at every request that it makes: the next run converges, with nothing doubled or lost.
//!
//! Each story is applied once to its end, then again and again with a crash at another request: before the box gets it,
//! after it was carried out, or so that it is carried out late, when the next run has looked already. Then a second run
//! has to bring the boxes, the ledger's claims and the next plan to what they are without a crash.
//!
//! | file | what is in it |
//! |---|---|
//! | `shapes` | the stories |
//! | `stage` | playing one, with a crash at every place |
//! | `check` | what must hold in the end |
//! | `proxy` | what counts requests and strikes |
//! | `program` | running and killing the program |
//! | `boxes` | the vendors' side |
#![cfg(all(unix, feature = "sandbox"))]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod boxes;
mod check;
mod program;
mod proxy;
mod shapes;
mod stage;

use proxy::Strike::{self, After, Before, Late};
use stage::{Story, crash_everywhere, crash_plan_file_everywhere};

const ALL: &[Strike] = &[Before, After, Late];

/// In another dialect.
const fn spoken(story: Story, name: &'static str, dialect: (&'static str, &'static str)) -> Story {
    Story { name, dialect: Some(dialect), ..story }
}

const V1: (&str, &str) = ("api_version", "v1.1.0");
const XML: (&str, &str) = ("format", "xml");

macro_rules! crashes {
    ($($(#[$attribute:meta])* $name:ident: $play:ident($story:expr, $strikes:expr);)*) => {
        $(
            $(#[$attribute])*
            #[test]
            fn $name() {
                $play(&$story, $strikes);
            }
        )*
    };
}

crashes! {
    rework: crash_everywhere(shapes::REWORK, ALL);
    rework_by_name: crash_everywhere(spoken(shapes::REWORK, "rework by name", V1), &[After, Late]);
    rework_openvox: crash_everywhere(shapes::OPENVOX, &[Before]);
    rework_openvox_xml: crash_everywhere(spoken(shapes::OPENVOX, "rework openvox in XML", XML), &[After, Late]);
    succeed_on_a_full_box: crash_everywhere(shapes::SUCCEED_FULL, ALL);
    adopt: crash_everywhere(shapes::ADOPT, &[After]);
    numbers: crash_everywhere(shapes::NUMBERS_REWORK, ALL);
    agents: crash_everywhere(shapes::AGENTS, ALL);
    platform: crash_everywhere(shapes::PLATFORM, ALL);
    mixed: crash_everywhere(shapes::MIXED, &[After]);
    plan_file: crash_plan_file_everywhere(shapes::CREATE, ALL);
    plan_file_in_parts: crash_plan_file_everywhere(shapes::AGENT, &[After]);
}

/// Every shape alone in every dialect, with every crash.
#[test]
#[ignore = "takes minutes"]
fn the_whole_matrix() {
    for story in shapes::ALONE {
        crash_everywhere(story, ALL);
        crash_plan_file_everywhere(story, ALL);
        if story.providers == ["yeastar"] {
            crash_everywhere(&spoken(*story, story.name, V1), ALL);
            crash_plan_file_everywhere(&spoken(*story, story.name, V1), ALL);
        }
    }
    for story in shapes::TOGETHER {
        crash_everywhere(story, ALL);
        crash_plan_file_everywhere(story, ALL);
    }
    crash_everywhere(&spoken(shapes::OPENVOX, "rework openvox in XML", XML), ALL);
    crash_plan_file_everywhere(&spoken(shapes::OPENVOX, "rework openvox in XML", XML), ALL);
}

//! Plan and apply against the sandbox, as properties: what is applied is gone from the next plan, what wasn't planned stays
//! as it was, and the order in which anything is written or listed means nothing.
//!
//! | file | what is in it |
//! |---|---|
//! | `world` | boxes, ledger and runs: what the command line does, as values |
//! | `yaml` | desired state written to files and read by the real configuration |
//! | `samples` | values that fit a field, from the kind's table alone |
//! | `fields` | one field at a time: one difference, one change |
//! | `story` | a life of a target: hand-made objects, an apply, other hands, another apply; and everything that must hold |
//! | `reasons` | what a plan may do at all, said in other words |
//! | `hands` | the box's state, and what other hands do to it |
//! | `trunks`, `numbers` | random stories within the vendors' rules |
//! | `order` | the same plan from shuffled input |
//! | `hidden` | fields that the vendor doesn't show |
//! | `short` | listings that aren't whole |
#![cfg(feature = "sandbox")]
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod corners;
mod fields;
mod hands;
mod hidden;
mod numbers;
mod order;
mod reasons;
mod samples;
mod short;
mod story;
mod trunks;
mod world;
mod yaml;

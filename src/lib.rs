//! sipform keeps SIP trunks and SIP numbers, on every PBX and voice platform, the way a YAML file says.
//!
//! Data flows one way: YAML → [`model::Desired`] → diff → plan → apply → report. `ARCHITECTURE.md` has the map.

pub mod apply;
pub mod cli;
pub mod config;
pub mod diag;
pub mod diff;
pub mod files;
#[doc(hidden)]
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
pub mod http;
pub mod ledger;
pub mod model;
pub mod plan;
pub mod provider;
pub mod render;
#[cfg(feature = "sandbox")]
pub mod sandbox;

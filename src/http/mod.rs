//! Sending requests: one client, its time-outs and limits, and what a failure means for a retry.
//!
//! No vendor is known here. A provider builds plain [`http::Request`] values, hands them to a [`Client`], and turns what
//! comes back into its own words.

mod answer;
mod call;
mod client;
mod decide;
mod door;
mod failure;
#[cfg(test)]
pub(crate) mod fake;
mod network;
mod pacer;
mod spki;
mod stop;
mod surroundings;
mod text;
mod tls;
mod token;
mod transport;

pub use answer::{login_failure, no_envelope, retry_after};
pub use call::{Course, Next, call};
pub use client::Client;
pub use decide::{
    Decision, FIRST_DELAY, Limit, MAX_ATTEMPTS, MAX_BUSY_ATTEMPTS, MAX_DELAY, MAX_RETRY_AFTER, MAX_WAIT, SoFar, decide,
};
pub use failure::{Class, Failure, FailureKind};
pub use network::{CONNECT_TIMEOUT, Network};
pub use pacer::{BURST, Pacer};
pub use stop::{Stop, Stopper};
pub use surroundings::Surroundings;
pub use text::{VENDOR_TEXT_MAX, encode_query, neutral, sealed, sealed_json};
pub use token::{MAX_LOST_LOGINS, MAX_RENEWALS, Token, TokenKeeper};
pub use transport::{Exchange, Pieces, Sink, Transport, TransportError};

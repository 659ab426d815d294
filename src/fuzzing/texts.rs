//! Texts from outside that stand in no document: in messages, in headers, in files of certificates.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION, RETRY_AFTER};

use crate::diag::is_harmful;
use crate::http::{Class, Network, VENDOR_TEXT_MAX, encode_query, neutral, no_envelope, retry_after};
use crate::model::Tls;

use super::scratch;

/// What begins a certificate in a file; the parser is lenient about the dashes around it.
const BEGIN: &[u8] = b"BEGIN CERTIFICATE";

/// Room for a vendor's text, a content type, and the words around them.
const MAX_MESSAGE: usize = 3 * VENDOR_TEXT_MAX;

/// Lines: status, `Retry-After`, content type, `Location`; the rest is a body. Takes it if `Retry-After` is a number or a date.
pub(super) fn headers(data: &[u8]) -> bool {
    let mut lines = data.splitn(5, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let status = http::StatusCode::from_bytes(line()).unwrap_or_default();
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    for name in [RETRY_AFTER, CONTENT_TYPE, LOCATION] {
        if let Ok(value) = HeaderValue::from_bytes(line()) {
            response.headers_mut().insert(name, value);
        }
    }
    *response.body_mut() = Bytes::copy_from_slice(line());
    for class in [Class::Read, Class::IdempotentWrite, Class::Create, Class::Delete] {
        let failure = no_envelope(class, &response, "an answer");
        let hint = failure.hint.unwrap_or_default();
        for text in [&failure.message, &hint] {
            assert!(!text.contains(is_harmful), "{text:?} could repaint a terminal");
            assert!(text.chars().count() <= MAX_MESSAGE, "{} characters: {text:?}", text.chars().count());
        }
        let to = hint.split_once("it points to").map_or("", |(_, to)| to);
        assert!(!to.contains(['@', '?']), "a redirect's user or query is shown: {hint}");
    }
    text(&String::from_utf8_lossy(response.body()));
    waits(&response)
}

fn text(text: &str) {
    let shown = neutral(text, &[]);
    assert!(!shown.contains(is_harmful) && shown.chars().count() <= VENDOR_TEXT_MAX + 1, "{shown:?}");
    // With a part of it hidden, that part is gone; whatever stands around it.
    let secret: String = text.chars().skip(3).take(9).collect();
    // One that holds a character of what takes its place could come about anew.
    let is_placed = |next: char| is_harmful(next) || "(secret)…\u{fffd}".contains(next);
    let is_secret = secret.chars().count() == 9 && !secret.contains(is_placed);
    assert!(!is_secret || !neutral(text, &[&secret]).contains(&secret), "{secret:?} is shown");
    let encoded = encode_query(text);
    assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)), "{encoded}");
}

/// Seconds as they are written, or a date.
fn waits(response: &Response<Bytes>) -> bool {
    let waits = retry_after(response.headers());
    let written = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    if !written.is_empty() && written.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds = written.parse().unwrap_or(u64::MAX);
        assert_eq!(waits, Some(Duration::from_secs(seconds)), "{written:?}");
    } else {
        assert!(waits.is_none() || written.contains(':'), "{written:?} is neither a number nor a date");
    }
    waits.is_some()
}

/// Reads a file for `tls.ca_file`; takes it if it holds a certificate.
pub(super) fn certificates(data: &[u8]) -> bool {
    let path = scratch::file("ca.pem", data);
    let tls = Tls { ca_file: Some(path), ..Tls::default() };
    match Network::default().transport("https://192.0.2.1", &tls) {
        Ok(_) => {
            assert!(data.windows(BEGIN.len()).any(|window| window == BEGIN), "no certificate, and it is believed");
            true
        }
        Err(failure) => {
            let shown = format!("{failure}");
            assert!(!shown.contains(is_harmful) && shown.len() <= MAX_MESSAGE, "{shown:?}");
            false
        }
    }
}

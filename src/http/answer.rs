//! Answers that a vendor's decoder can't use: what they are, in words, and what that means for the call.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, HeaderMap, LOCATION, RETRY_AFTER};
use http::{Response, StatusCode, Uri};

use super::text::neutral;
use super::{Class, Failure, FailureKind};

/// The failure for an answer without the vendor's envelope. `expected` names what should have come: "the PBX's JSON
/// answer".
///
/// Too many requests is busy for every class, and "unauthorized" a refusal of who we are. A service that is unavailable is busy for a read; a write may have been
/// carried out before whatever stands in between gave up. A read that something refuses outright was sent to the wrong
/// place. All the rest is unknown.
pub fn no_envelope(class: Class, response: &Response<Bytes>, expected: &str) -> Failure {
    let status = response.status();
    let kind = match (status, class) {
        (StatusCode::TOO_MANY_REQUESTS, _) | (StatusCode::SERVICE_UNAVAILABLE, Class::Read) => FailureKind::Busy,
        (StatusCode::UNAUTHORIZED, _) => FailureKind::Credentials,
        (_, Class::Read) if is_wrong_place(status) => FailureKind::Unsupported,
        _ => FailureKind::Unknown,
    };
    let code = if status.is_success() { "not_json".into() } else { format!("http_{}", status.as_u16()) };
    let message = format!("{} where {expected} was expected", describe(response));
    let mut failure = Failure::new(kind, code, message);
    failure.hint = hint(response);
    failure.retry_after = retry_after(response.headers());
    failure
}

/// A failed login's failure: as it changes nothing, what refuses it outright was the wrong place to send it to, as for a
/// read. So it isn't sent there again.
pub fn login_failure(failure: Failure, status: StatusCode) -> Failure {
    match failure.kind {
        FailureKind::Unknown if is_wrong_place(status) => Failure { kind: FailureKind::Unsupported, ..failure },
        _ => failure,
    }
}

/// How long the other side asks to wait: seconds, or a date (RFC 9110, 10.2.3). A date is held against the answer's own
/// `Date`, as boxes keep poor clocks; only where there is none against ours.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    retry_after_by(headers, jiff::Timestamp::now)
}

fn retry_after_by(headers: &HeaderMap, clock: impl Fn() -> jiff::Timestamp) -> Option<Duration> {
    let asked = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if asked.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than a number holds are too many in any case.
        return (!asked.is_empty()).then(|| Duration::from_secs(asked.parse().unwrap_or(u64::MAX)));
    }
    let now = headers.get(DATE).and_then(|value| date(value.to_str().ok()?)).unwrap_or_else(clock);
    let wait = date(asked)?.duration_since(now);
    // A time that has passed already asks for no wait.
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<jiff::Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

fn is_wrong_place(status: StatusCode) -> bool {
    status.is_redirection() || (status.is_client_error() && status != StatusCode::REQUEST_TIMEOUT)
}

fn hint(response: &Response<Bytes>) -> Option<String> {
    let status = response.status();
    if status.is_redirection() {
        let place = redirect_place(response.headers()).map(|place| format!(" (it points to {place})"));
        let place = place.unwrap_or_default();
        return Some(format!("redirects are not followed, they could carry credentials away: correct `url`{place}"));
    }
    if status == StatusCode::UNAUTHORIZED {
        return Some("check the target's credentials and `url`".into());
    }
    (status.is_success() || status.is_client_error()).then(|| "is `url` right?".into())
}

/// Scheme and host of a redirect, without a path, query or user that could hold a token.
fn redirect_place(headers: &HeaderMap) -> Option<String> {
    let uri: Uri = headers.get(LOCATION)?.to_str().ok()?.parse().ok()?;
    let (scheme, host) = (uri.scheme_str()?, uri.host()?);
    let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    Some(neutral(&format!("{scheme}://{host}{port}"), &[]))
}

/// "an HTML page (HTTP 200, text/html)".
fn describe(response: &Response<Bytes>) -> String {
    let content_type = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let body = response.body().trim_ascii_start();
    let what = if body.is_empty() {
        "an empty answer"
    } else if is_html(content_type, body) {
        "an HTML page"
    } else if body.starts_with(b"{") || body.starts_with(b"[") {
        "JSON that is cut off or of another form"
    } else {
        "something else"
    };
    let status = response.status().as_u16();
    match content_type {
        Some(content_type) => format!("{what} (HTTP {status}, {})", media_type(content_type)),
        None => format!("{what} (HTTP {status})"),
    }
}

/// A media type that everybody knows. Another one isn't shown: a box that says everything back may have put a secret there.
fn media_type(content_type: &str) -> &'static str {
    const KNOWN: [&str; 9] = [
        "text/html",
        "text/plain",
        "text/xml",
        "text/json",
        "application/json",
        "application/xml",
        "application/xhtml+xml",
        "application/javascript",
        "application/octet-stream",
    ];
    let typed = content_type.split(';').next().unwrap_or_default().trim();
    KNOWN.into_iter().find(|known| known.eq_ignore_ascii_case(typed)).unwrap_or("an unusual content type")
}

fn is_html(content_type: Option<&str>, body: &[u8]) -> bool {
    let start = body.get(..9).unwrap_or(body).to_ascii_lowercase();
    content_type.is_some_and(|text| text.to_ascii_lowercase().contains("html"))
        || start.starts_with(b"<html")
        || start.starts_with(b"<!doctype")
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Bytes> {
        let mut builder = Response::builder().status(status);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    #[test]
    fn what_each_status_means() {
        use Class::{Create, Read};
        use FailureKind::{Busy, Credentials, Unknown, Unsupported};
        for (status, class, kind, code) in [
            (200, Read, Unknown, "not_json"),
            (200, Create, Unknown, "not_json"),
            (302, Read, Unsupported, "http_302"),
            (302, Create, Unknown, "http_302"),
            (401, Read, Credentials, "http_401"),
            (401, Create, Credentials, "http_401"),
            (404, Read, Unsupported, "http_404"),
            (404, Create, Unknown, "http_404"),
            (408, Read, Unknown, "http_408"),
            (429, Create, Busy, "http_429"),
            (429, Read, Busy, "http_429"),
            (502, Create, Unknown, "http_502"),
            (502, Read, Unknown, "http_502"),
            (503, Read, Busy, "http_503"),
            (503, Class::Delete, Unknown, "http_503"),
            (503, Class::IdempotentWrite, Unknown, "http_503"),
        ] {
            let failure = no_envelope(class, &answer(status, &[], "x"), "JSON");
            assert_eq!((failure.kind, &*failure.code), (kind, code), "{status} {class:?}");
        }
    }

    #[test]
    fn a_login_that_something_else_answers_is_final() {
        for (status, kind) in
            [(301, FailureKind::Unsupported), (404, FailureKind::Unsupported), (502, FailureKind::Unknown)]
        {
            let answer = answer(status, &[], "x");
            let failure = login_failure(no_envelope(Class::Create, &answer, "JSON"), answer.status());
            assert_eq!(failure.kind, kind, "{status}");
        }
    }

    #[test]
    fn says_what_came_instead() {
        let html = answer(200, &[("content-type", "text/html")], " <!DOCTYPE html><p>hi");
        let failure = no_envelope(Class::Read, &html, "the PBX's JSON answer");
        let expected = "an HTML page (HTTP 200, text/html) where the PBX's JSON answer was expected";
        assert_eq!(failure.message, expected);
        assert_eq!(failure.hint.as_deref(), Some("is `url` right?"));
        let empty = no_envelope(Class::Read, &answer(502, &[], ""), "JSON");
        assert_eq!(empty.message, "an empty answer (HTTP 502) where JSON was expected");
    }

    #[test]
    fn a_redirect_shows_where_to_but_no_secret() {
        let to = "https://user:hunter2@pbx.example:8088/login?token=hunter2";
        let failure = no_envelope(Class::Read, &answer(301, &[("location", to)], ""), "JSON");
        let hint = failure.hint.unwrap();
        assert!(hint.ends_with("(it points to https://pbx.example:8088)"), "{hint}");
    }

    #[test]
    fn waits_as_long_as_asked() {
        let failure = no_envelope(Class::Create, &answer(429, &[("retry-after", "17")], ""), "JSON");
        assert_eq!(failure.retry_after, Some(Duration::from_secs(17)));
        let now = || "2026-10-21T07:27:00Z".parse().unwrap();
        let date = "Wed, 21 Oct 2026 07:28:00 GMT";
        let (early, late) = ("Wed, 21 Oct 2026 07:26:30 GMT", "Wed, 21 Oct 2026 08:00:00 GMT");
        for (headers, seconds) in [
            (vec![("retry-after", date)], Some(60)),
            // By the box's own clock, if it shows one.
            (vec![("retry-after", date), ("date", early)], Some(90)),
            (vec![("retry-after", date), ("date", late)], Some(0)),
            (vec![("retry-after", date), ("date", "no date")], Some(60)),
            (vec![("retry-after", " 17 ")], Some(17)),
            (vec![("retry-after", "0")], Some(0)),
            (vec![("retry-after", "99999999999999999999")], Some(u64::MAX)),
            (vec![("retry-after", "-5")], None),
            (vec![("retry-after", "soon")], None),
            (vec![("retry-after", "")], None),
            (vec![], None),
        ] {
            let asked = retry_after_by(answer(503, &headers, "").headers(), now);
            assert_eq!(asked, seconds.map(Duration::from_secs), "{headers:?}");
        }
    }
}

//! Texts with a unit or a form of their own: durations, sizes, URLs, hashes.

use std::time::Duration;

use crate::model::target::is_loopback;

/// The longest time-out.
const MAX_TIMEOUT: Duration = Duration::from_hours(1);

/// The largest `max_body`, in bytes.
const MAX_BODY: u64 = 4 << 30;

/// The smallest `max_body`, in bytes: no vendor's answer fits into less.
const MIN_BODY: u64 = 1 << 10;

/// A base address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct BaseUrl {
    /// Without a slash at its end.
    pub(super) text: String,
    /// Whether it carries passwords in the clear over a network.
    pub(super) is_exposed: bool,
}

/// Reads `30s`, `500ms`, `2m`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let expected = || "a time like 30s, 500ms or 2m, at most 60m".to_owned();
    let (number, unit) = split_unit(text);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(expected()),
    };
    let number: f64 = decimal(number).ok_or_else(expected)?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| expected())?;
    let is_sensible = duration >= Duration::from_millis(1) && duration <= MAX_TIMEOUT;
    is_sensible.then_some(duration).ok_or_else(expected)
}

/// Reads `64MiB`, `512KiB` or a number of bytes.
pub(super) fn size(text: &str) -> Result<usize, String> {
    let expected = || "a size from 1KiB to 4GiB, like 64MiB, or a number of bytes".to_owned();
    let (number, unit) = split_unit(text);
    let factor: u64 = match unit {
        "" | "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "KB" | "kB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        _ => return Err(expected()),
    };
    let bytes = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
    let bytes = bytes.filter(|bytes| (MIN_BODY..=MAX_BODY).contains(bytes)).ok_or_else(expected)?;
    usize::try_from(bytes).map_err(|_| expected())
}

/// Reads a number of calls a second.
pub(super) fn rate(text: &str) -> Result<f64, String> {
    let rate = decimal(text.trim()).filter(|rate| (0.001..=10_000.0).contains(rate));
    rate.ok_or_else(|| "a number of calls a second from 0.001 to 10000".to_owned())
}

/// Reads a SHA-256 hash in hex, with or without colons.
pub(super) fn sha256(text: &str) -> Result<[u8; 32], String> {
    let expected = || "a SHA-256 hash: 64 hex digits, with or without colons".to_owned();
    let digits: Vec<u8> = text.trim().bytes().filter(|byte| *byte != b':').collect();
    let mut hash = [0; 32];
    if digits.len() != 2 * hash.len() {
        return Err(expected());
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        let digits = pair.iter().map(|digit| char::from(*digit).to_digit(16));
        let value = digits.into_iter().try_fold(0, |value, digit| Some(value * 16 + digit?));
        *byte = value.and_then(|value| u8::try_from(value).ok()).ok_or_else(expected)?;
    }
    Ok(hash)
}

/// Reads a base address. Errors quote nothing of it: it may hold a password.
pub(super) fn base_url(text: &str) -> Result<BaseUrl, String> {
    let text = text.trim().trim_end_matches('/');
    let expected = |what: &str| Err(format!("a URL {what}"));
    if text.contains('#') || text.contains('?') {
        return expected("without `?` and `#`");
    }
    let Ok(uri) = text.parse::<http::Uri>() else {
        return expected("like https://192.168.5.150:8088");
    };
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
        return expected("that begins with https:// or http://");
    };
    if authority.as_str().contains('@') {
        return expected("without a user and password; they have settings of their own");
    }
    let port = authority.as_str().strip_prefix(authority.host()).unwrap_or_default();
    if authority.host().is_empty() || !(port.is_empty() || uri.port_u16().is_some_and(|port| port > 0)) {
        return expected("with a host, and a port from 1 to 65535");
    }
    let is_exposed = scheme == "http" && !is_loopback(authority.host());
    Ok(BaseUrl { text: text.to_owned(), is_exposed })
}

fn split_unit(text: &str) -> (&str, &str) {
    let text = text.trim();
    let end = text.find(|character: char| character.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number.trim_end(), unit)
}

/// A plain decimal number: neither `inf` nor `1e9`.
fn decimal(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let cases = [("30s", Some(30_000)), ("500ms", Some(500)), ("2m", Some(120_000)), ("1.5s", Some(1_500))];
        let bad = ["30", "s", "0s", "-1s", "2h", "1e9s", "30 sec", "", "inf s"].map(|text| (text, None));
        for (text, expected) in cases.into_iter().chain(bad) {
            assert_eq!(duration(text).ok(), expected.map(Duration::from_millis), "{text}");
        }
    }

    #[test]
    fn sizes_and_rates() {
        assert_eq!(size("64MiB"), Ok(64 << 20));
        assert_eq!(size("4096"), Ok(4096));
        for text in ["", "1", "5GiB", "64 mib", "-1", "1.5MiB", "99999999999999999999GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(rate("0.5"), Ok(0.5));
        for text in ["", "0", "-1", "inf", "NaN", "1e3", "five"] {
            assert!(rate(text).is_err(), "{text}");
        }
    }

    #[test]
    fn hashes() {
        let plain = "ab".repeat(32);
        let colons = ["AB"; 32].join(":");
        assert_eq!(sha256(&plain), Ok([0xab; 32]));
        assert_eq!(sha256(&colons), Ok([0xab; 32]));
        for text in ["", "ab", &"g".repeat(64), &"a".repeat(65), &"é".repeat(32)] {
            assert!(sha256(text).is_err(), "{text}");
        }
    }

    #[test]
    fn urls() {
        let good = [
            ("https://192.168.5.150:8088", "https://192.168.5.150:8088", false),
            ("https://pbx.example/base/", "https://pbx.example/base", false),
            ("http://127.0.0.1:9011", "http://127.0.0.1:9011", false),
            ("http://[::1]:9011//", "http://[::1]:9011", false),
            ("http://LOCALHOST", "http://LOCALHOST", false),
            ("http://172.16.6.150:9011", "http://172.16.6.150:9011", true),
            ("http://127.0.0.1.example", "http://127.0.0.1.example", true),
        ];
        for (text, expected, is_exposed) in good {
            assert_eq!(base_url(text), Ok(BaseUrl { text: expected.into(), is_exposed }), "{text}");
        }
        for text in [
            "",
            "pbx",
            "ftp://pbx",
            "https://",
            "https:///x",
            "//pbx",
            "https://u:hunter2@pbx",
            "https://pbx?x=hunter2",
            "https://pbx#hunter2",
            "https://pbx:99999",
            "https://pbx:0",
            "https://pbx:",
            "https://a b",
        ] {
            let error = base_url(text).err();
            assert!(error.as_ref().is_some_and(|error| !error.contains("hunter2")), "{text}: {error:?}");
        }
    }
}

//! Lists of direct outward dialling numbers: `5503301-yeastar-1000,5503302-yeastar-1001,`.

use super::errno;
use crate::sandbox::dialect::Refusal;

/// The longest number and the longest name, in characters. The documents name an error for each and no length.
const MAX_LENGTH: usize = 64;

/// Checks a list and gives it as the box keeps it: with a comma behind each item. `known` are the extensions or groups
/// that there are; an empty list stands for any, and `missing` is the `errno` for one that isn't there.
pub(super) fn normalize(text: &str, known: &[String], missing: &'static str) -> Result<String, Refusal> {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    let mut kept = String::new();
    for item in text.strip_suffix(',').unwrap_or(text).split(',') {
        let item = item.trim();
        check(item, known, missing)?;
        kept.push_str(item);
        kept.push(',');
    }
    Ok(kept)
}

/// `number-name-who`; only the name may hold a `-` of its own.
fn check(item: &str, known: &[String], missing: &'static str) -> Result<(), Refusal> {
    let parts = item.split_once('-').and_then(|(number, rest)| {
        let (name, who) = rest.rsplit_once('-')?;
        Some((number, name, who))
    });
    let Some((number, name, who)) = parts else {
        return Err(refuse(errno::DOD_FORMAT, "a DOD isn't number-name-who"));
    };
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(refuse(errno::DOD_NUMBER, "a DOD number isn't a number"));
    }
    if number.len() > MAX_LENGTH {
        return Err(refuse(errno::DOD_NUMBER_LENGTH, "a DOD number is too long"));
    }
    if name.trim().is_empty() {
        return Err(refuse(errno::DOD_NAME, "a DOD name is empty"));
    }
    if name.chars().count() > MAX_LENGTH {
        return Err(refuse(errno::DOD_NAME_LENGTH, "a DOD name is too long"));
    }
    if who.is_empty() || !(known.is_empty() || known.iter().any(|one| one == who)) {
        return Err(refuse(missing, "a DOD is for an extension or group that there isn't"));
    }
    Ok(())
}

fn refuse(code: &'static str, reason: &'static str) -> Refusal {
    Refusal::new(code, reason)
}

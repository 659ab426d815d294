//! What must hold of a conversation, whatever was answered.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::str;

use serde_json::Value as Json;

use crate::diag::is_harmful;
use crate::http::Failure;
use crate::model::{Completeness, Listing, LiveObject, Snapshot, Value};

use super::script::{Played, Script};
use super::vendors::Heard;

/// What every secret of the desired state begins with.
pub(super) const CANARY: &str = "zq7canary";

/// The longest text of a message, in characters: two texts of the vendor's and what is said about them.
const MAX_MESSAGE: usize = 1_000;

/// How the PBXs say that a trunk doesn't exist: what is to be deleted may be gone.
const GONE: &str = "10062";

/// The members of a request that name one object.
const NAMES: &[&str] = &["id", "trunkname", "sipId", "keyId", "number"];

/// Panics where something doesn't hold.
pub(super) fn check(data: &[u8], script: &Script, heard: &Heard, played: &[Played]) {
    let (reading, rest) = played.split_at(heard.before);
    let writing = rest.split_at(heard.after - heard.before).0;
    match &heard.snapshot {
        Some(Ok(snapshot)) => read(data, snapshot, reading, heard.logs_in),
        Some(Err(failure)) => sayable(failure),
        None => {}
    }
    match &heard.written {
        Some(Ok(id)) => done(script, id.as_deref(), writing),
        Some(Err(failure)) => failed(failure),
        None => {}
    }
    if script.verb != "dial" {
        for played in writing {
            names_one(&played.request);
        }
    }
    token_is_kept(data, heard, played);
}

/// Everything of what was heard that anybody may be shown.
pub(super) fn drawn(heard: &Heard) -> String {
    format!("{:?}\n{:?}", heard.snapshot, heard.written)
}

fn read(data: &[u8], snapshot: &Snapshot, played: &[Played], logs_in: bool) {
    // "None" in answer to a query for all is an answer, too.
    let is_answer = |played: &&Played| says_yes(played) || played.answer.as_ref().is_some_and(|it| contains(it, GONE));
    let yes = played.iter().filter(is_answer).count();
    for listing in &snapshot.listings {
        listed(listing);
    }
    let whole = snapshot.listings.iter().filter(|listing| listing.is_complete()).count();
    let needed = if whole > 0 && logs_in { whole + 1 } else { whole };
    assert!(needed <= yes, "{whole} listings are whole, and {yes} answers said yes");
    keeps_secrets(data, snapshot);
}

fn listed(listing: &Listing) {
    let (mut keys, mut ids) = (HashSet::new(), HashSet::new());
    for object in &listing.objects {
        assert_eq!(object.values.len(), listing.kind.fields.len(), "values by the kind's table");
        assert!(!object.key.is_empty() && !object.remote_id.is_empty(), "an object without key or id");
        object.resets().iter().for_each(|name| harmless(name));
        let is_new = (keys.insert(&object.key), ids.insert(&object.remote_id));
        assert!(is_new == (true, true) || !listing.is_complete(), "a whole listing shows one object twice");
    }
    if let Completeness::Incomplete(reason) = &listing.completeness {
        harmless(reason);
    }
}

/// What says done was said to be done.
fn done(script: &Script, id: Option<&str>, played: &[Played]) {
    // A session may find that there is nothing to send.
    let Some(last) = played.last() else { return };
    let is_gone = script.verb == "delete" && last.answer.as_ref().is_some_and(|body| contains(body, GONE));
    assert!(says_yes(last) || is_gone, "{} is done, but nobody said so: {:?}", script.verb, last.answer);
    // The id of a call isn't sent anywhere.
    if let Some(id) = id.filter(|_| script.verb == "create") {
        assert!(is_one(id), "{id:?} stands for none or several");
    }
}

fn failed(failure: &Failure) {
    sayable(failure);
    let shown = format!("{failure:?} {failure}");
    assert!(!shown.contains(CANARY), "a secret that was sent is shown: {shown}");
}

/// A message is short, and does nothing to a terminal.
fn sayable(failure: &Failure) {
    let hint = failure.hint.as_deref().unwrap_or_default();
    for text in [&*failure.code, &*failure.message, hint] {
        harmless(text);
    }
}

fn harmless(text: &str) {
    assert!(!text.contains(is_harmful), "{text:?} could repaint a terminal");
    assert!(text.chars().count() <= MAX_MESSAGE, "{} characters: {text:?}", text.chars().count());
}

/// Whether an answer is a document that says that all is well, in any vendor's way.
fn says_yes(played: &Played) -> bool {
    let Some(body) = &played.answer else { return false };
    if body.trim_ascii_start().starts_with(b"<") || body.starts_with("\u{feff}".as_bytes()) {
        let text = String::from_utf8_lossy(body).to_ascii_lowercase();
        return text.contains("<xml") && text.contains("success");
    }
    // What nobody looks at may be of any encoding.
    let Ok(Json::Object(answer)) = serde_json::from_str(&String::from_utf8_lossy(body)) else { return false };
    let text = |name| match answer.get(name) {
        Some(Json::String(text)) => text.trim().to_ascii_lowercase(),
        Some(other) => other.to_string(),
        None => String::new(),
    };
    ["success", "0"].contains(&&*text("status")) || ["true", "1", "yes"].contains(&&*text("success"))
}

/// Whether a request, in JSON or XML, names exactly one object wherever it names any.
fn names_one(request: &[u8]) {
    let text = str::from_utf8(request).expect("requests are text");
    for name in NAMES {
        if let Some(id) = member(text, name) {
            assert!(is_one(&id), "{name} {id:?} stands for none or several, in {text}");
        }
    }
}

fn member(request: &str, name: &str) -> Option<String> {
    if request.starts_with('<') {
        let (_, rest) = request.split_once(&format!("<{name}>"))?;
        return Some(rest.split_once("</")?.0.to_owned());
    }
    match serde_json::from_str::<Json>(request).ok()?.get(name)? {
        Json::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn is_one(id: &str) -> bool {
    let visible: String = id.chars().filter(|next| !is_harmful(*next) && !next.is_whitespace()).collect();
    !visible.is_empty() && !visible.contains(',') && !visible.eq_ignore_ascii_case("all")
}

/// No password that a listing shows is printed with it.
fn keeps_secrets(data: &[u8], snapshot: &Snapshot) {
    let shown = format!("{snapshot:?}");
    let objects = snapshot.listings.iter().flat_map(|listing| &listing.objects);
    for secret in objects.flat_map(secrets) {
        // Only if it stands nowhere else in the answers.
        if is_telling(secret) && count(data, secret) == 1 {
            assert!(!shown.contains(secret), "a secret that was listed is shown: {shown}");
        }
    }
}

fn secrets(object: &LiveObject) -> Vec<&str> {
    let values = object.values.iter().filter_map(|value| match value {
        Value::Secret(secret) => Some(secret.expose()),
        _ => None,
    });
    let credentials = object.credentials().iter().filter_map(|account| account.password.as_ref());
    values.chain(credentials.map(crate::model::Secret::expose)).collect()
}

/// Nothing that is said holds the token of a session.
fn token_is_kept(data: &[u8], heard: &Heard, played: &[Played]) {
    let answers = played.iter().filter_map(|played| played.answer.as_deref());
    let mut shown = String::new();
    for failure in [
        heard.snapshot.as_ref().and_then(|it| it.as_ref().err()),
        heard.written.as_ref().and_then(|it| it.as_ref().err()),
    ]
    .into_iter()
    .flatten()
    {
        _ = write!(shown, "{failure:?} {failure}");
    }
    for token in answers.filter_map(|body| member(str::from_utf8(body).ok()?, "token")) {
        if is_telling(&token) && count(data, &token) == 1 {
            assert!(!shown.contains(&token), "a token is shown: {shown}");
        }
    }
}

/// Whether a text can't stand in a message by chance.
fn is_telling(text: &str) -> bool {
    let has = |what: fn(&char) -> bool| text.chars().any(|next| what(&next));
    text.len() >= 8 && has(char::is_ascii_digit) && has(char::is_ascii_lowercase)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    count(bytes, text) > 0
}

fn count(bytes: &[u8], text: &str) -> usize {
    bytes.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
}

//! Whether the PBX's two listings of its trunks agree, and so show all that there is.
//!
//! `trunk/list` (v1.1.0: `trunklist/query`, without ids) has a line for every trunk, of whatever technology;
//! `trunk/query_siptrunk` (`siptrunk/query`) has the settings of the SIP ones. A trunk that one of them shows and the other doesn't means that one of them is not whole.

use std::collections::{HashMap, HashSet};

use crate::http::Failure;
use crate::model::{KindSupport, Listing, LiveObject};
use crate::provider::loose::Record;
use crate::provider::pbx::{self, Doubts, show};

use super::response;
use super::version::{Endpoints, Version};
use super::wire::{self, Listed};

/// The types of SIP trunks, as the query spells them. The list's spelling is not documented in full.
const SIP: &[&str] = &["register", "peer", "account"];
/// The other technologies: not ours, never touched.
const OTHER: &[&str] = &["iax", "fxo", "gsm", "cdma", "umts", "lte", "3g", "4g", "bri", "pri", "e1", "t1", "j1", "fxs"];

/// Joins the two answers to one listing.
///
/// # Errors
/// The query's answer isn't of the documented form.
pub(super) fn join(
    version: Version,
    support: &'static KindSupport,
    list: &Record,
    query: &Record,
) -> Result<Listing, Failure> {
    let mut doubts = Doubts::default();
    let endpoints = version.endpoints();
    // A query without a list is one without trunks: the other listing has to agree.
    let entries = pbx::entries(query)?.unwrap_or_default();
    let objects = pbx::objects(response::reading(version, support), entries, endpoints.query, &mut doubts);
    match wire::lines(list) {
        Some(lines) => compare(&lines, &objects, endpoints, &mut doubts),
        None => doubts.add(|| format!("{} gives no list", endpoints.list)),
    }
    Ok(Listing { kind: support.kind, completeness: doubts.verdict(), objects })
}

/// Every SIP trunk of the list must be in the query under the same id and name, and the other way round.
fn compare(lines: &[Listed], objects: &[LiveObject], endpoints: &Endpoints, doubts: &mut Doubts) {
    let Endpoints { list, query, .. } = endpoints;
    let queried: HashMap<&str, &str> = objects.iter().map(|object| (&*object.key, &*object.remote_id)).collect();
    let mut listed = HashSet::new();
    for line in lines.iter().filter(|line| !is_other(line)) {
        let name = line.name.or_empty();
        match queried.get(name) {
            // A line without an id agrees by its name.
            Some(id) if line.id.text().is_some_and(|listed| listed != *id) => {
                doubts.add(|| format!("the two listings give {} different ids", show(name)));
            }
            Some(_) if listed.insert(name) => {}
            Some(_) => doubts.add(|| format!("{list} shows {} twice", show(name))),
            // One that doesn't say what it is may be SIP.
            None if is_sip(line) || line.sort.or_empty().trim().is_empty() => {
                doubts.add(|| format!("only {list} shows {}", show(name)));
            }
            // Of a type that nobody documented: most likely not SIP.
            None => {}
        }
    }
    for object in objects.iter().filter(|object| !listed.contains(&*object.key)) {
        doubts.add(|| format!("only {query} shows {}", show(&object.key)));
    }
}

fn is_sip(line: &Listed) -> bool {
    let sort = line.sort.or_empty().to_ascii_lowercase();
    SIP.contains(&sort.trim()) || sort.contains("sip")
}

/// By how the type's first word begins, so that `E1 trunk`, `IAX2` and `GSM-1` are known too.
fn is_other(line: &Listed) -> bool {
    let sort = line.sort.or_empty().to_ascii_lowercase();
    let word = sort.split(|c: char| !c.is_ascii_alphanumeric()).find(|word| !word.is_empty());
    word.is_some_and(|word| OTHER.iter().any(|other| word.starts_with(other))) && !is_sip(line)
}

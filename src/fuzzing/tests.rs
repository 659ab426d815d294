//! Every entry against arbitrary bytes and against seeds that were spoilt: what a fuzzer does, for a moment and the same way
//! each time.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{ENTRIES, run};

/// How long each entry is tried, at most. On a slow machine there are fewer tries, not a longer test.
const TIME: Duration = Duration::from_millis(450);

/// Tries for each entry, at most.
const TRIES: u64 = 4_000;

/// The largest input, in bytes.
const MAX_INPUT: usize = 20_000;

/// Pieces that mean something to somebody.
const WORDS: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "1e999",
    "99999999999999999999",
    "18446744073709551616",
    "\"all\"",
    "all",
    "15,16",
    "{}",
    "[]",
    "\"\"",
    "<html>",
    "</item>",
    "<!DOCTYPE x>",
    "&#0;",
    "\u{1b}[2J",
    "\u{202e}",
    "\0",
    "\u{feff}",
    "\n=== cut",
    "\n=== late",
    "\n=== 200\n",
    "\n=== 503 - 99999\n",
    "Success",
    "20004",
    "status",
    "- ",
    ": ",
    "&a ",
    "*a",
    "|\n",
    "# ",
];

/// A xorshift generator: the same numbers every time.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (bound.max(1) as u64)).unwrap()
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// An entry's committed seeds by name.
fn seeds(entry: &str) -> BTreeMap<String, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(entry);
    let files = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path());
    // What a run of the fuzzer has left there is named by a hash.
    let named = files.filter(|path| path.file_name().unwrap().to_str().unwrap().contains('-'));
    named
        .map(|path| (format!("{entry}/{}", path.file_name().unwrap().to_str().unwrap()), fs::read(path).unwrap()))
        .collect()
}

/// Runs a seed's entry, which does with it what the seed's name says.
pub(super) fn means_what_it_says(name: &str, data: &[u8]) {
    let (entry, seed) = name.split_once('/').unwrap();
    let taken = run(entry, data);
    let expected = if seed.starts_with("ok-") { Some(true) } else { seed.starts_with("no-").then_some(false) };
    assert!(expected.is_none_or(|expected| taken == expected), "{name}: taken is {taken}");
}

/// A spoilt seed: one to four changes.
fn spoilt(seeds: &[&Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut data = random.of(seeds).clone();
    for _ in 0..=random.below(4) {
        let (a, b) = (random.below(data.len() + 1), random.below(data.len() + 1));
        let (from, to) = (a.min(b), a.max(b));
        match random.below(8) {
            0 if from < data.len() => data[from] ^= 1 << random.below(8),
            1 => data.truncate(to),
            2 => drop(data.drain(from..to.min(from + 40))),
            3 => drop(data.splice(from..from, data[from..to].to_vec())),
            4 => {
                let other = random.of(seeds);
                let start = random.below(other.len() + 1);
                data.splice(from..to, other[start..].iter().copied().take(200));
            }
            5 => nest(&mut data, from, random),
            6 => number(&mut data, from, random),
            _ => drop(data.splice(from..from, random.of(WORDS).bytes())),
        }
        data.truncate(MAX_INPUT);
    }
    data
}

/// Many of one bracket.
fn nest(data: &mut Vec<u8>, at: usize, random: &mut Random) {
    let piece = random.of(&["[", "{\"a\":", "<item>", "- ", "{a: "]);
    let times = 1 << random.below(11);
    data.splice(at..at, piece.repeat(times).bytes());
}

/// Another number in the place of the next one.
fn number(data: &mut Vec<u8>, at: usize, random: &mut Random) {
    let Some(start) = data[at..].iter().position(u8::is_ascii_digit).map(|offset| at + offset) else { return };
    let length = data[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    data.splice(
        start..start + length,
        random.of(&["-1", "0", "1e999", "99999999999999999999", "0.5", "2147483648"]).bytes(),
    );
}

fn try_entry(name: &str) {
    let seeds = seeds(name);
    for (name, data) in &seeds {
        means_what_it_says(name, data);
    }
    let seeds: Vec<_> = seeds.values().collect();
    let mut random = Random(0x51bf_0a11_2026_1122);
    let begun = Instant::now();
    for round in 0..TRIES {
        if begun.elapsed() > TIME {
            break;
        }
        let data = match round % 8 {
            0 => (0..random.below(200)).map(|_| u8::try_from(random.below(256)).unwrap()).collect(),
            _ => spoilt(&seeds, &mut random),
        };
        let ran = std::panic::catch_unwind(|| run(name, &data));
        assert!(ran.is_ok(), "{name}, round {round}: {}", data.escape_ascii());
    }
}

macro_rules! entries {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                try_entry(stringify!($name));
            }
        )*

        #[test]
        fn every_entry_is_tried_and_has_a_target() {
            let names: Vec<_> = ENTRIES.iter().map(|entry| entry.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
            let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
            for name in names {
                let target = fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
                assert!(target.contains(&format!("run(\"{name}\"")), "{name}");
                assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
            }
        }
    };
}

entries!(yaml yeastar_v2 yeastar_v1 openvox_json openvox_xml moor7 itniotech rows plan ledger journal headers certificates);

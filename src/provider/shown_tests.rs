use proptest::prelude::*;

use super::super::rows::Splitter;
use super::*;

const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

/// Wants the members `a`, `b` and `c`, and remembers them as they came.
#[derive(Debug, Default, PartialEq)]
struct Wanted(Vec<(usize, String)>);

impl Row for Wanted {
    type Shared = ();

    fn place(name: &str) -> Option<usize> {
        NAMES.iter().take(3).position(|known| *known == name)
    }

    fn take(&mut self, place: usize, value: &Shown<'_>, (): &mut ()) {
        self.0.push((place, value.or_empty().to_owned()));
    }
}

/// What rows with these members should come to, and whether one of them has a name twice.
fn expected(rows: &[Vec<usize>]) -> (Vec<Wanted>, bool) {
    let is_double =
        |row: &[usize]| (1..row.len()).any(|at| row.iter().take(at).any(|other| row.get(at) == Some(other)));
    let good = rows.iter().take_while(|row| !is_double(row)).enumerate();
    let read = good.map(|(at, row)| {
        Wanted(row.iter().filter(|name| **name < 3).map(|name| (*name, format!("{at}{name}"))).collect())
    });
    (read.collect(), rows.iter().any(|row| is_double(row)))
}

fn run(rows: &[Vec<usize>]) -> Option<Run> {
    let rows = rows.iter().enumerate().map(|(at, row)| {
        let members = row.iter().filter_map(|name| Some(format!("\"{}\":\"{at}{name}\"", NAMES.get(*name)?)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    });
    let answer = format!("{{\"data\":[{}]}}", rows.collect::<Vec<_>>().join(","));
    let mut given = None;
    Splitter::new(&["data"], 1 << 20).feed(answer.as_bytes(), |run| given = Some(run));
    given
}

proptest! {
    /// Whatever names the row before had, a row's own decide: where its members go, and that none comes twice.
    #[test]
    fn the_row_before_decides_nothing(
        common in prop::collection::vec(0..6_usize, 0..5),
        odd in prop::collection::vec(prop::collection::vec(0..6_usize, 0..7), 0..6),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..8),
    ) {
        let kinds: Vec<_> = odd.into_iter().chain([common]).collect();
        let rows: Vec<_> = order.iter().map(|index| index.get(&kinds).clone()).collect();
        let (wanted, is_double) = expected(&rows);
        let read = run(&rows).map(|run| read::<Wanted>(&run, 2));
        let code = read.as_ref().and_then(|read| match &read.flaw {
            Some(Flaw::Refused { code, .. }) => Some(*code),
            _ => None,
        });
        prop_assert_eq!(read.map(|read| read.rows), Some(wanted));
        prop_assert_eq!(code, is_double.then_some("duplicate_key"));
    }

    /// An object within a row has each name once, however many it has.
    #[test]
    fn no_object_has_a_name_twice(count in 1..40_usize, again in any::<prop::sample::Index>(), doubles: bool) {
        let mut names: Vec<_> = (0..count).map(|name| format!("\"n{name}\":1")).collect();
        if doubles {
            names.push(names.get(again.index(count)).cloned().unwrap_or_default());
        }
        let row = format!("{{\"a\":{{{}}}}}", names.join(","));
        prop_assert_eq!(serde_json::from_str::<Plain<Wanted>>(&row).is_err(), doubles);
    }
}

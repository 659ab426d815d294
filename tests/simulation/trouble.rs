//! What goes wrong in a round: faults of the boxes, other hands, an interrupt, a crash.

use super::dice::Dice;
use super::scene::Site;

/// Something that happens at the nth request of a round.
#[derive(Clone, Debug)]
pub(crate) struct Cue {
    pub(crate) at: usize,
    /// Behind the request, not before it.
    pub(crate) after: bool,
    pub(crate) what: What,
}

/// What happens.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// Somebody edits a box by hand.
    Edit { site: usize, dice: Dice },
    /// The user asks the run to end.
    Interrupt,
    /// The process dies.
    Crash,
}

/// A drawn round.
pub(crate) struct Trouble {
    /// As flags spell them.
    pub(crate) faults: Vec<String>,
    pub(crate) cues: Vec<Cue>,
}

impl Trouble {
    pub(crate) fn draw(sites: &[Site], dice: &mut Dice) -> Self {
        let mut faults: Vec<_> = (0..dice.below(5)).map(|_| fault(sites, dice)).collect();
        if dice.chance(15) {
            faults.push(format!("random={}/{}", dice.below(100_000), dice.pick(&[5, 10, 25])));
        }
        let mut cues = Vec::new();
        for _ in 0..dice.pick(&[0, 0, 1, 1, 2, 3]) {
            let what = What::Edit { site: dice.below(sites.len()), dice: dice.split() };
            cues.push(Cue { at: request(dice), after: dice.chance(50), what });
        }
        let end = match dice.below(10) {
            0..=1 => Some(What::Crash),
            2 => Some(What::Interrupt),
            _ => None,
        };
        // What is still under way when a process dies.
        if matches!(end, Some(What::Crash)) && dice.chance(50) {
            faults.push(late(sites, dice));
        }
        cues.extend(end.map(|what| Cue { at: request(dice), after: dice.chance(50), what }));
        Self { faults, cues }
    }
}

/// Rather one of the first requests, which a round surely has.
fn request(dice: &mut Dice) -> usize {
    let last = dice.pick(&[8, 16, 32]);
    dice.between(1, last).try_into().unwrap()
}

fn fault(sites: &[Site], dice: &mut Dice) -> String {
    let site = &sites[dice.below(sites.len())];
    let timeout = site.timeout * 1000;
    // What comes later than a call may take is beyond what anybody can promise. A fault may strike any box.
    let shortest = sites.iter().map(|site| site.timeout * 1000).min().unwrap();
    let late = dice.between(10, shortest * 9 / 10);
    let slow = dice.between(10, timeout * 3 / 2);
    let kind = match dice.below(30) {
        0..=2 => "before".to_owned(),
        3..=5 => "after".to_owned(),
        6..=7 => "cut".to_owned(),
        8..=9 => "cut-before".to_owned(),
        10..=12 => format!("slow={slow}"),
        13..=16 => format!("late={late}"),
        17 => "garbage".to_owned(),
        18..=19 => "garbage-after".to_owned(),
        20..=22 => return refusal(site, dice),
        23 => "expire".to_owned(),
        24 => "stale".to_owned(),
        25 => "short".to_owned(),
        26 => "shift".to_owned(),
        27..=28 => "lie".to_owned(),
        _ => "wrong-login".to_owned(),
    };
    let endpoint = if dice.chance(80) { dice.pick(site.make.endpoints()) } else { "*" };
    format!("{kind}:{endpoint}:{}", count(dice))
}

/// One write is late.
fn late(sites: &[Site], dice: &mut Dice) -> String {
    let shortest = sites.iter().map(|site| site.timeout * 1000).min().unwrap();
    let site = &sites[dice.below(sites.len())];
    let writes: Vec<_> = site.make.endpoints().iter().filter(|endpoint| is_write(endpoint)).collect();
    format!("late={}:{}:{}", dice.between(10, shortest * 9 / 10), dice.pick(&writes), count(dice))
}

fn count(dice: &mut Dice) -> &'static str {
    dice.pick(&["1", "1", "1", "2", "3", "6", "*"])
}

/// One of a vendor's codes, where it means something.
fn refusal(site: &Site, dice: &mut Dice) -> String {
    let endpoint = dice.pick(site.make.endpoints());
    let codes = if is_write(endpoint) { site.make.codes() } else { site.make.codes_of_reads() };
    format!("refuse={}:{endpoint}:{}", dice.pick(codes), count(dice))
}

fn is_write(endpoint: &str) -> bool {
    ["add", "Add", "create", "update", "delete", "edit"].iter().any(|verb| endpoint.contains(verb))
}

//! The rows of the table: which fleet, which command, and what it may cost.

/// One row.
pub(crate) struct Row {
    /// For `--only`.
    pub(crate) name: &'static str,
    /// As the table says it.
    pub(crate) work: String,
    pub(crate) fleet: Fleet,
    pub(crate) command: Command,
    pub(crate) target: Target,
    /// What the summary of the command's document has to say, by name.
    pub(crate) summary: Vec<(&'static str, usize)>,
}

/// What there is, and what there shall be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fleet {
    /// Nothing is needed.
    None,
    /// The example that comes with the program.
    Example,
    /// SIP numbers of one contact centre.
    Numbers {
        /// How many there are, counted from the first.
        live: usize,
        /// The first that there shall be.
        from: usize,
        /// One behind the last.
        to: usize,
        /// How many of these, from the first on, differ from what there is.
        changed: usize,
        /// How many files they are spread over.
        files: usize,
    },
    /// PBXs with trunks.
    Trunks { targets: usize, trunks: usize },
}

/// What is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Version,
    Validate,
    Plan {
        allow_deletes: usize,
    },
    /// The sandbox begins anew for each run.
    Apply {
        creates: usize,
        in_flight: usize,
    },
}

/// What it may cost, as far as that is set.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Target {
    pub(crate) wall: Option<Wall>,
    /// In MB.
    pub(crate) peak: Option<f64>,
    pub(crate) requests: Option<usize>,
    /// How long a call that reads, and one that writes, takes on the other side, in milliseconds.
    pub(crate) latency: [u32; 2],
}

/// How long it may take.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wall {
    Seconds(f64),
    /// So many times what one target takes alone, and so many seconds.
    Alone(f64, f64),
}

/// All of them; `quick`: small ones, whose cost nobody looks at.
pub(crate) fn all(quick: bool) -> Vec<Row> {
    let mut rows = vec![version(), validate()];
    let sizes: &[_] = if quick { &QUICK } else { &SIZES };
    rows.extend(sizes.iter().map(unchanged));
    let (third, targets, creates) = if quick { (300, 20, 40) } else { (33_333, 1000, 1000) };
    rows.push(mixed(third));
    rows.push(pbxs(targets, if quick { 5 } else { 50 }));
    rows.push(apply("apply-slow", creates, if quick { 10 } else { 100 }, 13.125));
    rows.push(apply("apply-fast", creates, 0, 0.5));
    if quick {
        for row in &mut rows {
            (row.target.wall, row.target.peak) = (None, None);
        }
    }
    rows
}

fn version() -> Row {
    let target = Target { wall: Some(Wall::Seconds(0.005)), ..Target::default() };
    let work = "`--version`".to_owned();
    Row { name: "version", work, fleet: Fleet::None, command: Command::Version, target, summary: vec![] }
}

fn validate() -> Row {
    let target = Target { wall: Some(Wall::Seconds(0.015)), ..Target::default() };
    let work = "`validate` of the example".to_owned();
    Row { name: "validate", work, fleet: Fleet::Example, command: Command::Validate, target, summary: vec![] }
}

/// A fleet where there is nothing to do: its name, numbers, files, seconds, MB.
type Size = (&'static str, usize, usize, Option<(f64, f64)>);

const SIZES: [Size; 4] = [
    ("plan-1000", 1000, 1, None),
    ("plan-10000", 10_000, 1, Some((0.10, 40.0))),
    ("plan-100000", 100_000, 1, Some((0.8, 160.0))),
    ("plan-1000000", 1_000_000, 20, Some((8.0, 1200.0))),
];

const QUICK: [Size; 2] = [("plan-100", 100, 1, None), ("plan-2000", 2000, 4, None)];

fn unchanged((name, numbers, files, limits): &Size) -> Row {
    let (numbers, files) = (*numbers, *files);
    let place = if files == 1 { "one file".to_owned() } else { format!("{files} files") };
    let limits = limits.map(|(wall, peak)| (Wall::Seconds(wall), peak));
    let (wall, peak) = limits.unzip();
    Row {
        name,
        work: format!("`plan`, nothing to do, {} SIP numbers in {place}", grouped(numbers)),
        fleet: Fleet::Numbers { live: numbers, from: 0, to: numbers, changed: 0, files },
        command: Command::Plan { allow_deletes: 0 },
        target: Target { wall, peak, requests: Some(3), ..Target::default() },
        summary: vec![("unchanged", numbers), ("create", 0), ("update", 0), ("delete", 0)],
    }
}

fn mixed(third: usize) -> Row {
    Row {
        name: "mixed",
        work: format!("`plan` that creates, updates and deletes a third each of {}", grouped(third * 3)),
        fleet: Fleet::Numbers { live: 2 * third, from: third, to: 3 * third, changed: third, files: 1 },
        command: Command::Plan { allow_deletes: third },
        target: Target { wall: Some(Wall::Seconds(1.2)), peak: Some(250.0), requests: Some(3), ..Target::default() },
        summary: vec![("create", third), ("update", third), ("delete", third), ("unchanged", 0)],
    }
}

fn pbxs(targets: usize, latency: u32) -> Row {
    const TRUNKS: usize = 20;
    let wall = Some(Wall::Alone(1.25, 1.0));
    Row {
        name: "pbxs",
        work: format!("`plan` over {} Yeastar targets of {TRUNKS} trunks, {latency} ms a call", grouped(targets)),
        fleet: Fleet::Trunks { targets, trunks: TRUNKS },
        command: Command::Plan { allow_deletes: 0 },
        target: Target { wall, peak: Some(150.0), requests: Some(4 * targets), latency: [latency, 0] },
        summary: vec![("unchanged", targets * TRUNKS), ("create", 0), ("update", 0), ("delete", 0)],
    }
}

fn apply(name: &'static str, creates: usize, latency: u32, wall: f64) -> Row {
    const IN_FLIGHT: usize = 8;
    let each = if latency == 0 { "no latency".to_owned() } else { format!("{latency} ms a write") };
    Row {
        name,
        work: format!("`apply` of {} creates, {each}, {IN_FLIGHT} in flight", grouped(creates)),
        fleet: Fleet::Numbers { live: 0, from: 0, to: creates, changed: 0, files: 1 },
        command: Command::Apply { creates, in_flight: IN_FLIGHT },
        target: Target {
            wall: Some(Wall::Seconds(wall)),
            peak: Some(40.0),
            requests: Some(creates + 6),
            latency: [0, latency],
        },
        summary: vec![("done", creates), ("failed", 0), ("unknown", 0)],
    }
}

/// 1000000 as 1,000,000.
pub(crate) fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

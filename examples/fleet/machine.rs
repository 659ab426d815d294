//! Where it was measured.

use std::path::Path;
use std::process::Command;
use std::{fs, thread};

/// A machine, a day, and the program.
pub(crate) struct Machine {
    pub(crate) facts: Vec<(&'static str, String)>,
}

impl Machine {
    /// This one; `folder` is where the fleets and the journal are.
    pub(crate) fn of(binary: &Path, folder: &Path) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let size = fs::metadata(binary).map_or(0, |file| file.len());
        let facts = vec![
            ("processor", format!("{}, {cores} cores", processor())),
            ("memory", memory()),
            ("system", format!("{} {}", std::env::consts::OS, kernel())),
            ("file system of the journal", file_system(folder)),
            ("compiler", output("rustc", "--version")),
            ("program", format!("{}, {:.1} MB", output(&binary.display().to_string(), "--version"), in_mb(size))),
            ("day", jiff::Zoned::now().date().to_string()),
        ];
        Self { facts }
    }
}

#[expect(clippy::cast_precision_loss, reason = "no file has 2^52 bytes")]
fn in_mb(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

fn processor() -> String {
    line_of("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned())
}

fn memory() -> String {
    let kib: Option<u64> = line_of("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse().ok());
    kib.map_or_else(unknown, |kib| format!("{} GiB", (kib + (1 << 19)) >> 20))
}

fn kernel() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").map_or_else(|_| unknown(), |text| text.trim().to_owned())
}

/// The value of the first line that begins like this.
fn line_of(file: &str, start: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (_, value) = text.lines().find(|line| line.starts_with(start))?.split_once(':')?;
    Some(value.trim().to_owned())
}

/// The type of the mount with the longest path that leads to the folder.
fn file_system(folder: &Path) -> String {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let on_the_way = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?, words.next()?);
        folder.starts_with(place).then_some((place.len(), kind))
    });
    on_the_way.max().map_or_else(unknown, |(_, kind)| kind.to_owned())
}

fn output(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output.map_or_else(|_| unknown(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn unknown() -> String {
    "unknown".to_owned()
}

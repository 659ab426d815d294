//! One row: its fleet is made, its other side started, the command and its floor take turns, the counts are checked.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::Command as Process;

use serde::Deserialize;

use crate::Failure;
use crate::machine::Machine;
use crate::make::{self, ENVIRONMENT};
use crate::measure::{self, Cost};
use crate::rows::{Command, Fleet, Row, Target};
use crate::served::Served;

/// What is measured, by whom, and where.
pub(crate) struct Bench {
    pub(crate) binary: PathBuf,
    pub(crate) example: PathBuf,
    pub(crate) folder: PathBuf,
}

/// What came of a row: medians.
pub(crate) struct Measured {
    pub(crate) name: &'static str,
    pub(crate) work: String,
    /// How many objects there are in the YAML.
    pub(crate) objects: usize,
    pub(crate) target: Target,
    pub(crate) cost: Cost,
    pub(crate) floor: Cost,
    /// The same command on one target alone.
    pub(crate) alone: Option<Cost>,
    pub(crate) requests: Option<usize>,
    /// Whether the floor is one that a plan is held against.
    pub(crate) is_plan: bool,
}

/// What is read of a document: no change, of which there may be a million.
#[derive(Deserialize)]
struct Document {
    summary: BTreeMap<String, usize>,
}

/// The files of a row, and the other side.
struct Stage {
    files: Vec<PathBuf>,
    alone: Option<PathBuf>,
    served: Option<Served>,
}

impl Bench {
    pub(crate) fn machine(&self) -> Machine {
        Machine::of(&self.binary, &self.folder)
    }

    /// Runs a row so many times.
    pub(crate) fn measure(&self, row: &Row, runs: usize) -> Result<Measured, Failure> {
        let is_apply = matches!(row.command, Command::Apply { .. });
        let turns = if is_apply { self.applies(row, runs) } else { self.reads(row, runs) };
        let turns = turns.map_err(|failure| format!("{}: {failure}", row.work))?;
        if let (Some(found), Some(most)) = (turns.requests, row.target.requests)
            && found > most
        {
            return Err(format!("{}: {found} requests instead of at most {most}", row.work).into());
        }
        Ok(Measured {
            name: row.name,
            work: row.work.clone(),
            objects: objects(&row.fleet),
            target: row.target,
            cost: measure::median(&turns.own).ok_or("nothing was run")?,
            floor: measure::median(&turns.floors).ok_or("nothing was run")?,
            alone: measure::median(&turns.alone),
            requests: turns.requests,
            is_plan: matches!(row.command, Command::Plan { .. }),
        })
    }

    /// Commands that change nothing: one fleet for all runs.
    fn reads(&self, row: &Row, runs: usize) -> Result<Turns, Failure> {
        let stage = self.stage(row, row.name)?;
        let mut turns = Turns::default();
        // Once unmeasured: the files are in the system's cache then, and the sandbox's boxes are made.
        self.floor(row, &stage, &self.folder.join("warm"))?;
        for _ in 0..runs {
            turns.floors.push(self.floor(row, &stage, &self.folder.join("floor"))?);
            turns.own.push(self.own(row, &stage.files, row.name, "text")?.0);
            if let Some(alone) = &stage.alone {
                turns.alone.push(self.own(row, std::slice::from_ref(alone), row.name, "text")?.0);
            }
        }
        if let Some(served) = stage.served {
            served.stop()?;
        }
        fs::remove_dir_all(self.folder.join(row.name))?;
        if matches!(row.command, Command::Plan { .. }) {
            turns.requests = self.requests(row)?;
        }
        Ok(turns)
    }

    /// How many requests a plan takes, by a sandbox that answers nobody else. It checks what the plan says, too.
    fn requests(&self, row: &Row) -> Result<Option<usize>, Failure> {
        let mut stage = self.stage(row, "requests")?;
        let (_, out) = self.own(row, &stage.files, "requests", "json")?;
        check(row, &out)?;
        fs::remove_dir_all(self.folder.join("requests"))?;
        stage.served.take().map(Served::stop).transpose()
    }

    /// Commands that write: everything anew for each run.
    fn applies(&self, row: &Row, runs: usize) -> Result<Turns, Failure> {
        let mut turns = Turns::default();
        for run in 0..runs {
            let stage = self.stage(row, &format!("{}-floor-{run}", row.name))?;
            turns.floors.push(self.floor(row, &stage, &self.folder.join("floor"))?);
            let name = format!("{}-{run}", row.name);
            let mut stage = self.stage(row, &name)?;
            let (cost, out) = self.own(row, &stage.files, &name, "json")?;
            turns.own.push(cost);
            check(row, &out)?;
            let answered = stage.served.take().map(Served::stop).transpose()?;
            turns.requests = turns.requests.max(answered);
        }
        Ok(turns)
    }

    fn stage(&self, row: &Row, name: &str) -> Result<Stage, Failure> {
        let served = Served::start(&self.binary, row)?;
        let url = served.as_ref().map_or("", |served| served.url.as_str());
        let folder = self.folder.join(name);
        let files = make::yaml(&row.fleet, url, &folder.join("yaml"))?;
        let alone = match row.fleet {
            Fleet::Trunks { trunks, .. } => Some(make::alone(trunks, url, &folder)?),
            _ => None,
        };
        Ok(Stage { files, alone, served })
    }

    /// The command itself, in the folder of its row, where ledger and journal are; gives what it printed, too.
    fn own(&self, row: &Row, files: &[PathBuf], folder: &str, format: &str) -> Result<(Cost, PathBuf), Failure> {
        let mut command = Process::new(&self.binary);
        command.current_dir(self.folder.join(folder)).env_clear().envs(ENVIRONMENT);
        match row.command {
            Command::Version => command.arg("--version"),
            Command::Validate => command.arg("validate"),
            Command::Plan { allow_deletes: 0 } => command.args(["plan", "--format", format]),
            Command::Plan { allow_deletes } => {
                command.args(["plan", "--format", format, "--allow-deletes", &allow_deletes.to_string()])
            }
            Command::Apply { .. } => command.args(["apply", "--auto-approve", "--format", format]),
        };
        command.args(files.iter().flat_map(|file| [OsStr::new("-f"), file.as_os_str()]));
        let out = self.folder.join("own");
        Ok((measure::run(&mut command, &out)?, out))
    }

    fn floor(&self, row: &Row, stage: &Stage, out: &Path) -> Result<Cost, Failure> {
        let (kind, count, in_flight) = match (&row.fleet, row.command) {
            (Fleet::None, _) => ("nothing", 0, 1),
            (Fleet::Example, _) => ("yaml", 0, 1),
            (Fleet::Numbers { .. }, Command::Apply { creates, in_flight }) => ("creates", creates, in_flight),
            (Fleet::Numbers { .. }, _) => ("numbers", 0, 1),
            (Fleet::Trunks { targets, .. }, _) => ("trunks", *targets, 1),
        };
        let url = stage.served.as_ref().map_or("", |served| served.url.as_str());
        let mut command = Process::new(&self.example);
        command.args(["floor", kind, "--url", url, "--count", &count.to_string()]);
        command.args(["--in-flight", &in_flight.to_string()]).args(&stage.files);
        measure::run(&mut command, out)
    }
}

/// The costs of a row's runs.
#[derive(Default)]
struct Turns {
    own: Vec<Cost>,
    floors: Vec<Cost>,
    alone: Vec<Cost>,
    requests: Option<usize>,
}

/// Checks a document's summary: a command that did something else is no measurement.
fn check(row: &Row, document: &Path) -> Result<(), Failure> {
    let document: Document = serde_json::from_reader(BufReader::new(File::open(document)?))?;
    for (name, expected) in &row.summary {
        let found = document.summary.get(*name).copied();
        if found != Some(*expected) {
            return Err(format!("the summary says {found:?} for `{name}` instead of {expected}").into());
        }
    }
    Ok(())
}

fn objects(fleet: &Fleet) -> usize {
    match *fleet {
        Fleet::None | Fleet::Example => 0,
        Fleet::Numbers { from, to, .. } => to - from,
        Fleet::Trunks { targets, trunks } => targets * trunks,
    }
}

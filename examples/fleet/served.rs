//! The sandbox in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::Failure;
use crate::rows::{Fleet, Row};

/// `sipform sandbox serve`, ended when it is dropped.
pub(crate) struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    pub(crate) url: String,
}

impl Served {
    /// The other side of a row's fleet; `None`: it has none.
    pub(crate) fn start(binary: &Path, row: &Row) -> Result<Option<Self>, Failure> {
        let (provider, objects, targets) = match row.fleet {
            Fleet::None | Fleet::Example => return Ok(None),
            Fleet::Numbers { live, .. } => ("7moor", live, 0),
            Fleet::Trunks { targets, trunks } => ("yeastar", trunks, targets),
        };
        let [read, write] = row.target.latency;
        let mut command = Command::new(binary);
        command.args(["sandbox", "serve", "--listen", "127.0.0.1:0", "--provider", provider]);
        command.args(["--objects", &objects.to_string(), "--targets", &targets.to_string()]);
        command.args(["--latency-read", &format!("{read}ms"), "--latency-write", &format!("{write}ms")]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let mut out = BufReader::new(child.stdout.take().ok_or("the sandbox has no output")?);
        let mut line = String::new();
        out.read_line(&mut line)?;
        let url = line.trim().strip_prefix("Sandbox on ").unwrap_or_default().to_owned();
        Ok(Some(Self { child, out, url }))
    }

    /// Ends it; gives how many requests it answered.
    pub(crate) fn stop(mut self) -> Result<usize, Failure> {
        self.terminate();
        self.child.wait()?;
        let mut rest = String::new();
        self.out.read_to_string(&mut rest)?;
        let said = rest.lines().find_map(|line| line.strip_prefix("Answered ")?.strip_suffix(" requests."));
        Ok(said.ok_or("the sandbox doesn't say how many requests it answered")?.parse()?)
    }

    fn terminate(&mut self) {
        #[cfg(unix)]
        {
            let id = rustix::process::Pid::from_child(&self.child);
            _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
        }
        #[cfg(not(unix))]
        drop(self.child.kill());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // After `stop` there is nothing left to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

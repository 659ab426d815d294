//! Long work shows itself, on standard error: on a terminal a bar with counts, rate and time left; elsewhere a line every ten
//! seconds. Nothing at all where standard output holds a format for machines.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tokio::time::{Instant, sleep_until};

use super::output::Output;
use crate::render::Format;

/// Shorter work isn't worth a bar.
const BAR_AFTER: Duration = Duration::from_secs(1);
/// How far lines are apart.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// How often a bar moves while nothing happens.
const TICK: Duration = Duration::from_millis(200);

/// How work is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    /// A bar that comes and goes.
    Bar,
    /// A line now and then.
    Lines,
    /// Not at all.
    Nothing,
}

impl Shown {
    /// By the format of standard output, and by where standard error leads.
    pub(super) fn of(output: Output) -> Self {
        match output.format {
            Format::Text if std::io::stderr().is_terminal() => Self::Bar,
            Format::Text => Self::Lines,
            _ => Self::Nothing,
        }
    }
}

/// Reading of many targets.
pub(super) struct Targets {
    output: Output,
    shown: Shown,
    total: usize,
    read: AtomicUsize,
    bar: Mutex<Option<ProgressBar>>,
}

impl Targets {
    /// So many are going to be read.
    pub(super) fn new(output: Output, total: usize) -> Self {
        Self { output, shown: Shown::of(output), total, read: AtomicUsize::new(0), bar: Mutex::default() }
    }

    /// One more is read, or can't be.
    pub(super) fn one_more(&self) {
        let read = self.read.fetch_add(1, Ordering::Relaxed) + 1;
        self.with_bar(|bar| bar.iter().for_each(|bar| bar.set_position(read as u64)));
    }

    /// Reads them, and shows how far it is.
    pub(super) async fn beside<T>(&self, reading: impl Future<Output = T>) -> T {
        let counts = || (self.read.load(Ordering::Relaxed), self.total);
        match self.shown {
            Shown::Nothing => reading.await,
            Shown::Lines => in_lines(self.output, "read", "targets", counts, reading).await,
            Shown::Bar => {
                let (first, never) = (BAR_AFTER, Duration::MAX);
                let result = telling(reading, first, never, |_| self.show(counts)).await;
                self.with_bar(|bar| bar.take().iter().for_each(ProgressBar::finish_and_clear));
                result
            }
        }
    }

    fn show(&self, counts: impl Fn() -> (usize, usize)) {
        let bar = bar(self.total, "targets read").with_elapsed(BAR_AFTER);
        bar.set_position(counts().0 as u64);
        self.with_bar(|slot| *slot = Some(bar));
    }

    fn with_bar(&self, then: impl FnOnce(&mut Option<ProgressBar>)) {
        then(&mut self.bar.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A bar that counts.
pub(super) fn bar(total: usize, noun: &str) -> ProgressBar {
    let template = format!("{{bar:30}} {{pos}}/{{len}} {noun}, {{pace}}  {{wide_msg}}");
    let style = ProgressStyle::with_template(&template).unwrap_or_else(|_| ProgressStyle::default_bar());
    let style = style.with_key("pace", |state: &ProgressState, text: &mut dyn std::fmt::Write| {
        _ = text.write_str(&pace(state.pos() > 0, state.elapsed(), state.per_sec(), state.eta()));
    });
    let bar = ProgressBar::with_draw_target(Some(total as u64), ProgressDrawTarget::stderr()).with_style(style);
    bar.enable_steady_tick(TICK);
    bar
}

/// Does some work, and says every ten seconds how far it is. `counts` gives what is done, and of how much.
pub(super) async fn in_lines<T>(
    output: Output,
    verb: &str,
    noun: &str,
    counts: impl Fn() -> (usize, usize),
    work: impl Future<Output = T>,
) -> T {
    let tell = |elapsed| output.message(&(line(verb, noun, counts(), elapsed) + "\n"));
    telling(work, LINE_EVERY, LINE_EVERY, tell).await
}

/// Does some work, and tells how long it has taken: after the first time, and then every time that long has passed.
async fn telling<T>(
    work: impl Future<Output = T>,
    first: Duration,
    every: Duration,
    mut tell: impl FnMut(Duration),
) -> T {
    let begun = Instant::now();
    let mut work = std::pin::pin!(work);
    let mut next = Some(begun + first);
    loop {
        let time = async {
            match next {
                Some(next) => sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            result = &mut work => return result,
            () = time => {
                tell(begun.elapsed());
                // After work that held up everything no lines are made up for.
                next = Instant::now().checked_add(every);
            }
        }
    }
}

/// `read 312 of 1000 targets, 31 a second, about 22 s left`.
#[expect(clippy::cast_precision_loss, reason = "nobody counts that far")]
fn line(verb: &str, noun: &str, (done, total): (usize, usize), elapsed: Duration) -> String {
    let left = elapsed.mul_f64(total.saturating_sub(done) as f64 / done.max(1) as f64);
    let per_second = done as f64 / elapsed.as_secs_f64();
    format!("{verb} {done} of {total} {noun}, {}", pace(done > 0 && done < total, elapsed, per_second, left))
}

/// `31 a second, about 22 s left`; before anything is done, and at the end, only the time so far.
fn pace(is_known: bool, elapsed: Duration, per_second: f64, left: Duration) -> String {
    if is_known {
        format!("{}, about {} left", rate(per_second), spoken(left))
    } else {
        format!("{} so far", spoken(elapsed))
    }
}

fn rate(per_second: f64) -> String {
    if per_second < 10.0 { format!("{per_second:.1} a second") } else { format!("{per_second:.0} a second") }
}

/// As exact as one would say it.
fn spoken(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_millis() >= 500);
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0 | 1) => format!("{seconds} s"),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// Reads the YAML, which waits for nobody: another thread says that it takes long.
pub(super) fn loading<T>(output: Output, work: impl FnOnce() -> T) -> T {
    let shown = Shown::of(output);
    if shown == Shown::Nothing {
        return work();
    }
    let (ended, end) = mpsc::channel();
    thread::scope(|scope| {
        // Where the system has no thread to give, nothing is told.
        _ = thread::Builder::new().spawn_scoped(scope, move || watch(output, shown, &end));
        let result = work();
        drop::<mpsc::Sender<()>>(ended);
        result
    })
}

fn watch(output: Output, shown: Shown, end: &mpsc::Receiver<()>) {
    let goes_on = |time| end.recv_timeout(time) == Err(RecvTimeoutError::Timeout);
    if shown == Shown::Lines {
        let mut elapsed = Duration::ZERO;
        while goes_on(LINE_EVERY) {
            elapsed += LINE_EVERY;
            output.message(&format!("reading the YAML, {} so far\n", spoken(elapsed)));
        }
    } else if goes_on(BAR_AFTER) {
        let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{spinner} reading the YAML, {elapsed} so far");
        let spinner = spinner.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        spinner.enable_steady_tick(TICK);
        _ = end.recv();
        spinner.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    /// What is said while so many are read, each in so long.
    async fn told(total: usize, each: Duration) -> Vec<String> {
        let (read, lines) = (Cell::new(0), RefCell::new(Vec::new()));
        let work = async {
            for _ in 0..total {
                tokio::time::sleep(each).await;
                read.set(read.get() + 1);
            }
        };
        let tell = |elapsed| lines.borrow_mut().push(line("read", "targets", (read.get(), total), elapsed));
        telling(work, LINE_EVERY, LINE_EVERY, tell).await;
        lines.into_inner()
    }

    #[tokio::test(start_paused = true)]
    async fn long_work_says_every_ten_seconds_how_far_it_is() {
        let ms = Duration::from_millis;
        assert_eq!(told(99, ms(100)).await, [""; 0], "less than ten seconds");
        let expected = [
            "read 19 of 50 targets, 1.9 a second, about 16 s left",
            "read 39 of 50 targets, 1.9 a second, about 6 s left",
        ];
        assert_eq!(told(50, ms(501)).await, expected);
        assert_eq!(told(1, ms(35_000)).await, [10, 20, 30].map(|time| format!("read 0 of 1 targets, {time} s so far")));
        let long = told(100_000, ms(11)).await;
        assert_eq!(long.len(), 109);
        assert_eq!(
            long.first().map(String::as_str),
            Some("read 909 of 100000 targets, 91 a second, about 18 min left")
        );
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_holds_up_everything_makes_no_lines_up() {
        let mut told = 0;
        let work = async {
            tokio::time::advance(Duration::from_mins(1)).await;
            tokio::time::sleep(Duration::from_secs(15)).await;
        };
        telling(work, LINE_EVERY, LINE_EVERY, |_| told += 1).await;
        assert_eq!(told, 2);
    }

    #[test]
    fn times_and_rates_are_as_exact_as_one_would_say_them() {
        let said = [0, 999, 119_499, 119_500, 7_199_000, 7_300_000].map(|time| spoken(Duration::from_millis(time)));
        assert_eq!(said, ["0 s", "1 s", "119 s", "2 min", "1 h 59 min", "2 h 1 min"]);
        assert_eq!(
            [0.04, 9.94, 10.4, 12345.6].map(rate),
            ["0.0 a second", "9.9 a second", "10 a second", "12346 a second"]
        );
    }

    #[test]
    fn machines_are_told_nothing() {
        for format in [Format::Json, Format::Ndjson] {
            assert_eq!(Shown::of(Output { format, ..Output::PLAIN }), Shown::Nothing);
        }
    }
}

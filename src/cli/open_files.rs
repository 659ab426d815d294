//! How many targets are talked to at once: each holds connections, and systems let a program have only so many files open.

/// Files that a target may hold: its connections, and what finding its address takes. One that has been read holds them a
/// little longer than it needs them.
const A_TARGET: u64 = 4;
/// Files that have nothing to do with targets.
const OTHERS: u64 = 64;

/// As many of so many targets as the limit on open files has room for. Where that isn't all, asks the system for more first.
pub(super) fn targets_at_once(targets: usize) -> usize {
    fitting(targets, raised(wanted(targets)))
}

fn wanted(targets: usize) -> u64 {
    u64::try_from(targets).unwrap_or(u64::MAX).saturating_mul(A_TARGET).saturating_add(OTHERS)
}

fn fitting(targets: usize, files: u64) -> usize {
    let room = usize::try_from(files.saturating_sub(OTHERS) / A_TARGET).unwrap_or(usize::MAX);
    room.min(targets).max(1)
}

/// The limit on open files, raised towards what is wanted as far as the system lets us.
#[cfg(unix)]
fn raised(wanted: u64) -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current.unwrap_or(u64::MAX);
    let more = wanted.min(maximum.unwrap_or(u64::MAX));
    let is_raised = more > current && setrlimit(Resource::Nofile, Rlimit { current: Some(more), maximum }).is_ok();
    if is_raised { more } else { current }
}

#[cfg(not(unix))]
fn raised(_: u64) -> u64 {
    /// What systems let a program have as a rule.
    const USUAL: u64 = 1024;
    USUAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_targets_as_files_have_room_for() {
        for (targets, files, at_once) in [
            (1, 1024, 1),
            (240, 1024, 240),
            (1000, 1024, 240),
            (1000, 4064, 1000),
            (1000, 0, 1),
            (0, 1024, 1),
            (usize::MAX, u64::MAX, usize::MAX / 4),
        ] {
            assert!(fitting(targets, files).abs_diff(at_once) <= 16, "{targets} {files}");
            assert!(
                targets <= 1 || wanted(fitting(targets, files)) <= files.max(OTHERS + A_TARGET),
                "{targets} {files}"
            );
        }
    }

    #[test]
    fn the_limit_is_raised_where_more_is_wanted() {
        let before = raised(0);
        let after = raised(wanted(500));
        assert!(after >= before, "{before} {after}");
        assert_eq!(raised(0), after, "asking for less takes nothing away");
    }
}

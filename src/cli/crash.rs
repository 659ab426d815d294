//! What a crash leaves behind: no core file, and no word that could hold a secret.

use std::io::Write as _;
use std::panic::{Location, PanicHookInfo};

/// Before anything secret is read.
pub(super) fn prepare() {
    forbid_core_files();
    std::panic::set_hook(Box::new(|panic| {
        // Where nobody reads standard error, there is nobody to tell.
        _ = std::io::stderr().write_all(notice(panic).as_bytes());
    }));
}

/// What is said of a panic: where, and never its own words, which may be made of any value. The process then ends with 101.
fn notice(panic: &PanicHookInfo<'_>) -> String {
    let place = panic.location().map_or_else(|| "an unknown place".into(), Location::to_string);
    format!(
        "sipform: error: a bug stopped it, at {place}\n  = help: please report it with this place and the version, {}; \
         what was sent is in the journal, and the next apply settles it\n",
        env!("CARGO_PKG_VERSION")
    )
}

/// A core file would hold every secret in memory. Where the system doesn't let us, it stays as it was.
#[cfg(unix)]
fn forbid_core_files() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    // The limit doesn't hold for a core that is piped to a program; this does, and keeps other processes of the same user
    // from looking into our memory.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

#[cfg(not(unix))]
fn forbid_core_files() {}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

    use std::panic;
    use std::sync::{Arc, Mutex};
    use std::thread;

    use super::*;

    #[test]
    fn a_panic_is_told_without_its_words() {
        let (heard, here) = (Arc::new(Mutex::new(String::new())), thread::current().id());
        let (usual, note) = (Arc::new(panic::take_hook()), Arc::clone(&heard));
        let others = Arc::clone(&usual);
        // Other tests may fail meanwhile.
        panic::set_hook(Box::new(move |panic| {
            if thread::current().id() == here { *note.lock().unwrap() = notice(panic) } else { others(panic) }
        }));
        let secret = String::from("CANARY");
        panic::catch_unwind(|| panic!("the password {secret} is no good")).unwrap_err();
        panic::set_hook(Box::new(move |panic| usual(panic)));
        let told = heard.lock().unwrap();
        assert!(told.starts_with("sipform: error: a bug stopped it, at src/cli/crash.rs:"), "{told}");
        assert!(told.contains("please report it") && !told.contains("CANARY"), "{told}");
    }
}

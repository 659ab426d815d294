//! A file for what is read from files. One a thread, so that tests may run side by side.

use std::cell::OnceCell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};

/// A folder in memory, where there is one: a fuzzer writes thousands of files a second.
const IN_MEMORY: &str = "/dev/shm";

thread_local! {
    static FOLDER: OnceCell<Folder> = const { OnceCell::new() };
}

/// A folder that goes when its thread ends.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let parent = Path::new(IN_MEMORY);
        let parent = if parent.is_dir() { parent.to_path_buf() } else { std::env::temp_dir() };
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = parent.join(format!("sipform-fuzz-{}-{count}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// Carries something out that never waits for long.
pub(super) fn wait<T>(work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = work.as_mut().poll(&mut context) {
            return done;
        }
    }
}

/// A file of this name that holds exactly these bytes. The next one of the name on the thread takes its place.
pub(super) fn file(name: &str, data: &[u8]) -> PathBuf {
    FOLDER.with(|folder| {
        let path = folder.get_or_init(Folder::new).0.join(name);
        fs::write(&path, data).unwrap();
        path
    })
}

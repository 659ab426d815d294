//! Files on this machine: read within bounds, and replaced whole.
//!
//! A checkout may hold a link to a device that never ends, and a path on a command line may be a pipe that nobody writes
//! to: reading waits for neither. What is written is never half there, whenever the process ends.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// Reads a regular file of at most `max` bytes.
///
/// # Errors
/// The system's, or one that says that it is no file or larger; [`io::ErrorKind::FileTooLarge`] for the latter.
pub fn read(path: &Path, max: u64) -> io::Result<Vec<u8>> {
    let metadata = fs::metadata(path)?;
    refuse_what_is_no_file(&metadata)?;
    let mut bytes = Vec::new();
    // The size that was told is no promise: files under /proc say 0, and another process may be writing.
    File::open(path)?.take(max.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > max {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("it is larger than {}", size(max))));
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
/// As [`read`], and where it isn't UTF-8.
pub fn read_text(path: &Path, max: u64) -> io::Result<String> {
    let not_utf8 = |_| io::Error::new(io::ErrorKind::InvalidData, "it isn't UTF-8");
    String::from_utf8(read(path, max)?).map_err(not_utf8)
}

/// A number of bytes as one would say it: `256 MiB`.
fn size(bytes: u64) -> String {
    let units = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = units.iter().find(|(unit, _)| bytes >= *unit && bytes.is_multiple_of(*unit));
    unit.map_or_else(|| format!("{bytes} bytes"), |(unit, name)| format!("{} {name}", bytes / unit))
}

/// A pipe or device may keep a reader waiting, or feed it, without end.
fn refuse_what_is_no_file(metadata: &Metadata) -> io::Result<()> {
    if metadata.is_file() {
        return Ok(());
    }
    let (kind, what) = match what_it_is(metadata) {
        "a folder" => (io::ErrorKind::IsADirectory, "a folder"),
        what => (io::ErrorKind::InvalidInput, what),
    };
    Err(io::Error::new(kind, format!("it is {what}, not a file")))
}

#[cfg(unix)]
fn what_it_is(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_dir() {
        "a folder"
    } else if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn what_it_is(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() { "a folder" } else { "a device" }
}

/// Who may read a file that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// Whoever the system's defaults let.
    Default,
    /// Its owner alone, from its first byte on.
    OwnerAlone,
    /// Every user of the machine, whatever the system's defaults are.
    Everybody,
}

/// Writes a file, or replaces the one that is there, in one step for whoever reads it: a new file beside it, flushed, then
/// moved over the old one. A link stays, and what it leads to is replaced. Where a device or pipe is named, as in
/// `/dev/stdout`, it is written to.
///
/// # Errors
/// The system's. Then what was there is there still.
pub fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    replace_by(path, readers, |mut file| file.write_all(bytes))
}

/// The same with what `write` writes.
///
/// # Errors
/// The system's, or those of `write`. Then what was there is there still.
pub fn replace_by(path: &Path, readers: Readers, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return refuse_what_is_no_file(&metadata),
        Ok(metadata) if !metadata.is_file() => return write(&OpenOptions::new().write(true).open(path)?),
        _ => {}
    }
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let temporary = beside(&path);
    let moved = write_new(&temporary, readers, write).and_then(|()| fs::rename(&temporary, &path));
    if moved.is_err() {
        // The error that matters is known already.
        drop(fs::remove_file(&temporary));
    }
    moved
}

/// Whether [`replace`] could write there, without leaving anything behind.
///
/// # Errors
/// The system's, or that it is a folder.
pub fn probe(path: &Path) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(metadata) if !metadata.is_file() => return Ok(()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let trial = beside(&fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()));
    OpenOptions::new().write(true).create_new(true).open(&trial)?;
    fs::remove_file(trial)
}

/// A name in the same folder that nothing else has.
fn beside(path: &Path) -> PathBuf {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    path.with_added_extension(format!("{}-{made}.tmp", std::process::id()))
}

fn write_new(path: &Path, readers: Readers, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::OwnerAlone {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let file = options.open(path)?;
    #[cfg(unix)]
    if readers == Readers::Everybody {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    }
    #[cfg(not(unix))]
    let _ = readers;
    write(&file)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn what_is_no_file_or_too_large_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        fs::write(&path, "abc").unwrap();
        assert_eq!(read(&path, 3).unwrap(), b"abc");
        for (path, max, why) in [
            (&*path, 2, "it is larger than 2 bytes"),
            (folder.path(), 9, "it is a folder, not a file"),
            #[cfg(unix)]
            (Path::new("/dev/zero"), 9, "it is a device, not a file"),
        ] {
            assert_eq!(read(path, max).unwrap_err().to_string(), why);
        }
        fs::write(&path, b"\xff").unwrap();
        assert_eq!(read_text(&path, 9).unwrap_err().to_string(), "it isn't UTF-8");
        assert_eq!([size(1 << 30), size(64 << 10), size(1000)], ["1 GiB", "64 KiB", "1000 bytes"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_replaced_whole_and_private_where_it_has_to_be() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("f"), folder.path().join("link"));
        fs::write(&path, "open to all").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        symlink("f", &link).unwrap();
        let mut held = File::open(&path).unwrap();
        replace(&link, b"secret", Readers::OwnerAlone).unwrap();
        let mut seen = String::new();
        held.read_to_string(&mut seen).unwrap();
        assert_eq!(seen, "open to all", "who had it open before sees nothing of it");
        assert_eq!(fs::read(&path).unwrap(), b"secret");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        replace(&path, b"open", Readers::Everybody).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        replace(Path::new("/dev/null"), b"x", Readers::Default).unwrap();
        assert!(replace(folder.path(), b"x", Readers::Default).is_err());
        assert!(replace(&folder.path().join("none/f"), b"x", Readers::Default).is_err());
        let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names.len(), 2, "nothing is left over: {names:?}");
    }
}

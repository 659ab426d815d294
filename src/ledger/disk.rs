//! Changes to files that survive a power cut: flushed themselves, and so is the folder that names them.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Replaces a file in one go: written to a file beside it, flushed, then moved over the old one, so that it is always
/// whole.
pub(super) fn replace(path: &Path, temporary: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let file = File::create(temporary)?;
    let written = write(&file).and_then(|()| file.sync_all()).and_then(|()| fs::rename(temporary, path));
    match written {
        Ok(()) => sync(folder_of(path)),
        // Half a file on a full disk is of no use to anybody.
        Err(_) => drop(fs::remove_file(temporary)),
    }
    written
}

/// Makes a folder and those above it, and flushes the folders that name the new ones.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    let new: Vec<_> = folder.ancestors().take_while(|one| !one.as_os_str().is_empty() && !one.exists()).collect();
    fs::create_dir_all(folder)?;
    for one in new {
        sync(folder_of(one));
    }
    Ok(())
}

/// Flushes a folder's list of names. Not every system lets a folder be opened for that, so it is no failure.
pub(super) fn sync(folder: &Path) {
    _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// The folder that names a file.
pub(super) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

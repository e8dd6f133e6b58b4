//! The data directory: made on first start, and one process's at a time.
//!
//! In it: `lock`, `records.sqlite` with its log, and `blobs/`. The lock is the system's; it goes with the process, however
//! that ends.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

/// A directory that is this process's until it is dropped.
#[derive(Debug)]
pub struct DataDirectory {
    path: PathBuf,
    _lock: File,
}

/// Why a directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Another process has it.
    #[error("{} is in use by process {by}; stop that one, or use another directory", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
        /// The number of that process, as it wrote it down.
        by: String,
    },
    /// The system refused something.
    #[error("cannot {what} {}: {source}", path.display())]
    Refused {
        /// What.
        what: &'static str,
        /// Of which file or directory.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

impl DataDirectory {
    /// Makes the directory unless it is there, and takes it.
    pub fn open(path: &Path) -> Result<DataDirectory, DirectoryError> {
        let refused = |what| {
            let path = path.to_owned();
            move |source| DirectoryError::Refused { what, path, source }
        };
        make(path).map_err(refused("make"))?;
        make(&path.join("blobs")).map_err(refused("make blobs in"))?;
        let lock = take_lock(path)?;
        sync_directory(path).map_err(refused("sync"))?;
        Ok(DataDirectory { path: path.to_owned(), _lock: lock })
    }

    /// The file of records.
    pub fn records(&self) -> PathBuf {
        self.path.join("records.sqlite")
    }

    /// The directory of blobs.
    pub fn blobs(&self) -> PathBuf {
        self.path.join("blobs")
    }
}

fn take_lock(path: &Path) -> Result<File, DirectoryError> {
    let path_of_lock = path.join("lock");
    let refused = |what| {
        let path = path_of_lock.clone();
        move |source| DirectoryError::Refused { what, path, source }
    };
    let mut lock = File::options()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&path_of_lock)
        .map_err(refused("open"))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut by = String::new();
            // The number is a courtesy; without it the answer is the same.
            let _ = lock.read_to_string(&mut by);
            return Err(DirectoryError::InUse { path: path.to_owned(), by: by.trim().to_owned() });
        }
        Err(TryLockError::Error(source)) => return Err(refused("lock")(source)),
    }
    let write = |lock: &mut File| {
        lock.set_len(0)?;
        lock.rewind()?;
        writeln!(lock, "{}", std::process::id())
    };
    write(&mut lock).map_err(refused("write"))?;
    Ok(lock)
}

/// Makes a directory that only its owner may look into, unless it is there; its name survives a power loss.
fn make(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    match fs::canonicalize(path)?.parent() {
        Some(parent) => sync_directory(parent),
        None => Ok(()),
    }
}

/// Has the names in a directory survive a power loss.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    // Elsewhere a directory cannot be opened, and the file system sees to it.
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

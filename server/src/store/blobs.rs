//! The bytes of files: each blob is a file of its own, named by its identifier.
//!
//! Why not `object_store`: on a file system it stages an upload under a name of its own and cannot go on with it after a
//! restart, cannot say what of it is durable, and takes every byte twice through async code. The interface here is what
//! an object store's multipart upload can do as well: parts in order, what is durable so far, whole ranges out.
//!
//! A blob's identifier stands in a record before its file is made, and its file is gone for good before the identifier
//! leaves the records; so a crash leaves no file that no record knows (`no-orphans`).
//! Everything here waits for the disk; call it where waiting is no harm.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;
use std::sync::Arc;

use super::directory::sync_directory;
use crate::domain::ids::BlobId;

/// Keeps bytes.
pub trait Blobs: Send + Sync + 'static {
    /// Writes a blob from here on; what was there from here on is dropped. An error if it does not reach to here.
    fn write(&self, blob: &BlobId, offset: u64) -> io::Result<Box<dyn BlobWriter>>;

    /// Reads a blob from here on.
    fn read(&self, blob: &BlobId, offset: u64) -> io::Result<BlobReader>;

    /// Makes a blob with the bytes of another one; durable when it returns. The number of its bytes.
    fn copy(&self, from: &BlobId, to: &BlobId) -> io::Result<u64>;

    /// Erases blobs, for good when it returns. Those that are not there do no harm.
    fn erase(&self, blobs: &[BlobId]) -> io::Result<()>;

    /// All blobs there are, for checks.
    fn list(&self) -> io::Result<Vec<BlobId>>;
}

/// A blob that is being written.
pub trait BlobWriter: Send {
    /// Writes bytes behind those that are there.
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Has everything that was written survive a power loss. The number of the blob's bytes.
    fn sync(&mut self) -> io::Result<u64>;
}

/// A blob that is being read.
pub struct BlobReader {
    /// The bytes, from where they were asked for to the end.
    pub bytes: Box<dyn Read + Send>,
    /// How many bytes the whole blob has.
    pub size: u64,
}

/// Blobs in a directory.
#[derive(Clone, Debug)]
pub struct FileBlobs {
    directory: Arc<PathBuf>,
}

impl FileBlobs {
    /// Blobs in this directory, which is there.
    pub fn new(directory: PathBuf) -> FileBlobs {
        FileBlobs { directory: Arc::new(directory) }
    }

    /// The file of a blob. Identifiers are drawn by the server; one that could leave the directory is refused anyway.
    fn path(&self, blob: &BlobId) -> io::Result<PathBuf> {
        let text = blob.as_str();
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if text.is_empty() || text.len() > 128 || !text.bytes().all(is_plain) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{blob:?} names no blob")));
        }
        Ok(self.directory.join(text))
    }
}

impl Blobs for FileBlobs {
    fn write(&self, blob: &BlobId, offset: u64) -> io::Result<Box<dyn BlobWriter>> {
        let mut file =
            File::options().create(offset == 0).truncate(false).write(true).open(self.path(blob)?)?;
        let size = file.metadata()?.len();
        if size < offset {
            let words = format!("{blob} has {size} bytes and cannot be continued at {offset}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, words));
        }
        file.set_len(offset)?;
        file.seek(SeekFrom::Start(offset))?;
        let is_named = offset > 0;
        Ok(Box::new(FileWriter { file, size: offset, is_named, directory: Arc::clone(&self.directory) }))
    }

    fn read(&self, blob: &BlobId, offset: u64) -> io::Result<BlobReader> {
        let mut file = File::open(self.path(blob)?)?;
        let size = file.metadata()?.len();
        file.seek(SeekFrom::Start(offset))?;
        Ok(BlobReader { bytes: Box::new(file), size })
    }

    fn copy(&self, from: &BlobId, to: &BlobId) -> io::Result<u64> {
        let (from, to) = (self.path(from)?, self.path(to)?);
        // A blob does not change once it is whole, so two names of one file are as good as two files.
        if fs::hard_link(&from, &to).is_err() {
            fs::copy(&from, &to)?;
            File::open(&to)?.sync_all()?;
        }
        sync_directory(&self.directory)?;
        Ok(fs::metadata(&to)?.len())
    }

    fn erase(&self, blobs: &[BlobId]) -> io::Result<()> {
        for blob in blobs {
            match fs::remove_file(self.path(blob)?) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        if blobs.is_empty() { Ok(()) } else { sync_directory(&self.directory) }
    }

    fn list(&self) -> io::Result<Vec<BlobId>> {
        let mut blobs = Vec::new();
        for entry in fs::read_dir(self.directory.as_path())? {
            blobs.push(BlobId::from(entry?.file_name().to_string_lossy().into_owned()));
        }
        blobs.sort();
        Ok(blobs)
    }
}

struct FileWriter {
    file: File,
    size: u64,
    /// Whether the file's name survives a power loss.
    is_named: bool,
    directory: Arc<PathBuf>,
}

impl BlobWriter for FileWriter {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.size += bytes.len() as u64;
        Ok(())
    }

    fn sync(&mut self) -> io::Result<u64> {
        self.file.sync_data()?;
        if !self.is_named {
            sync_directory(&self.directory)?;
            self.is_named = true;
        }
        Ok(self.size)
    }
}

//! A file that is not whole yet, under a temporary name, which goes with it unless the file is kept.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use tokio::task::spawn_blocking;
use vapi::content::library::item::file::{ChecksumAlgorithm, ChecksumInfo};

use crate::error::Cause;
use crate::source::hex;

/// How many parts this process has begun.
static N_PARTS: AtomicU64 = AtomicU64::new(0);

/// A file that grows.
pub(super) struct Part {
    file: Arc<File>,
    path: PathBuf,
    n_bytes: u64,
    is_kept: bool,
}

impl Part {
    pub(super) async fn create(directory: &Path) -> io::Result<Part> {
        // Not of the file's own name: there may be names that have no room for more.
        let number = N_PARTS.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!(".contentlib-{}-{number}.part", std::process::id()));
        spawn_blocking(move || {
            let file = OpenOptions::new().read(true).write(true).create_new(true).open(&path)?;
            Ok(Part { file: Arc::new(file), path, n_bytes: 0, is_kept: false })
        })
        .await
        .map_err(io::Error::other)?
    }

    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    pub(super) async fn append(&mut self, chunk: Bytes) -> io::Result<()> {
        let (file, n_bytes) = (Arc::clone(&self.file), chunk.len() as u64);
        spawn_blocking(move || (&*file).write_all(&chunk)).await.map_err(io::Error::other)??;
        self.n_bytes += n_bytes;
        Ok(())
    }

    /// Nothing of it counts.
    pub(super) async fn restart(&mut self) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        let emptied = spawn_blocking(move || file.set_len(0).and_then(|()| (&*file).rewind()));
        emptied.await.map_err(io::Error::other)??;
        self.n_bytes = 0;
        Ok(())
    }

    /// Compares it with what the server says; whether there was something to compare with.
    pub(super) async fn check(&self, said: Option<&ChecksumInfo>) -> Result<bool, Cause> {
        let Some(said) = said else { return Ok(false) };
        // Unset means SHA1.
        let algorithm = said.algorithm.clone().unwrap_or(ChecksumAlgorithm::Sha1);
        let file = Arc::clone(&self.file);
        let found = spawn_blocking(move || digest(&file, &algorithm)).await.map_err(io::Error::other);
        let Some(found) = found.flatten().map_err(Cause::Local)? else { return Ok(false) };
        if found.eq_ignore_ascii_case(&said.checksum) {
            return Ok(true);
        }
        Err(Cause::Wrong(format!("its checksum is {found}, and {} by the server", said.checksum)))
    }

    /// Gives it the name it is to have.
    pub(super) fn keep(mut self, path: &Path) -> io::Result<()> {
        self.file.sync_all()?;
        fs::rename(&self.path, path)?;
        self.is_kept = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.is_kept {
            // A file that is left behind is in nobody's way.
            let _removed_or_not = fs::remove_file(&self.path);
        }
    }
}

/// The file's checksum; `None` for a kind that is not known here.
fn digest(file: &File, algorithm: &ChecksumAlgorithm) -> io::Result<Option<String>> {
    Ok(Some(match algorithm {
        ChecksumAlgorithm::Sha1 => read_with::<Sha1>(file)?,
        ChecksumAlgorithm::Md5 => read_with::<Md5>(file)?,
        ChecksumAlgorithm::Sha256 => read_with::<Sha256>(file)?,
        ChecksumAlgorithm::Sha512 => read_with::<Sha512>(file)?,
        _ => return Ok(None),
    }))
}

fn read_with<D: sha2::Digest>(mut file: &File) -> io::Result<String> {
    file.rewind()?;
    let mut digest = D::new();
    let mut chunk = vec![0; crate::source::CHUNK_BYTES];
    loop {
        let n_read = file.read(&mut chunk)?;
        if n_read == 0 {
            return Ok(hex(&digest.finalize()));
        }
        digest.update(&chunk[..n_read]);
    }
}

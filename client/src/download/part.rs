//! A file that is not whole yet, under a temporary name, which goes with it unless the file is kept.
//!
//! Bytes are written and hashed by a thread of their own, behind a channel that holds a few chunks: a fast server waits for the
//! disk, and the file is not read again for its checksum.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::Unsettled;
use crate::checksum::{Checksum, Hasher};
use crate::error::Cause;

/// How many parts this process has begun.
static N_PARTS: AtomicU64 = AtomicU64::new(0);

/// Chunks that wait for the disk.
const N_CHUNKS_MAX: usize = 8;

/// A file that grows.
pub(super) struct Part {
    steps: mpsc::Sender<Step>,
    writing: JoinHandle<io::Result<Written>>,
    n_bytes: u64,
}

enum Step {
    Append(Bytes),
    Restart,
}

/// A file that nobody writes any more.
struct Written {
    file: File,
    name: Temporary,
    /// What it hashes to, and what the server says that it does; unset where there is nothing to compare.
    compared: Option<(String, Checksum)>,
}

/// A name that goes when it is dropped.
struct Temporary {
    path: PathBuf,
    _unsettled: Unsettled,
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // One that is left behind is in nobody's way; one that was given another name is not there any more.
        let _removed_or_not = fs::remove_file(&self.path);
    }
}

impl Part {
    /// In this folder; the server says that the whole file will hash to this.
    pub(super) async fn create(
        directory: &Path,
        said: Option<Checksum>,
        unsettled: Unsettled,
    ) -> io::Result<Part> {
        // Not of the file's own name: there may be names that have no room for more.
        let number = N_PARTS.fetch_add(1, Ordering::Relaxed);
        let path = directory.join(format!(".contentlib-{}-{number}.part", std::process::id()));
        let made = spawn_blocking(move || {
            let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
            Ok((file, Temporary { path, _unsettled: unsettled }))
        });
        let (file, name) = made.await.map_err(io::Error::other).flatten()?;
        let (steps, to_do) = mpsc::channel(N_CHUNKS_MAX);
        Ok(Part { steps, writing: spawn_blocking(move || write(file, name, said, to_do)), n_bytes: 0 })
    }

    pub(super) fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    pub(super) async fn append(&mut self, chunk: Bytes) -> Result<(), Cause> {
        let n_bytes = chunk.len() as u64;
        self.step(Step::Append(chunk)).await?;
        self.n_bytes += n_bytes;
        Ok(())
    }

    /// Nothing of it counts.
    pub(super) async fn restart(&mut self) -> Result<(), Cause> {
        self.step(Step::Restart).await?;
        self.n_bytes = 0;
        Ok(())
    }

    async fn step(&mut self, step: Step) -> Result<(), Cause> {
        if self.steps.send(step).await.is_ok() {
            return Ok(());
        }
        let ended = (&mut self.writing).await.map_err(io::Error::other).flatten();
        let error = ended.err().unwrap_or_else(|| io::Error::other("the file is written no more"));
        Err(Cause::Local(error))
    }

    /// Compares it with what the server says and gives it the name it is to have; whether there was something to compare.
    pub(super) async fn keep(self, path: &Path) -> Result<bool, Cause> {
        drop(self.steps);
        let Written { file, name, compared } =
            self.writing.await.map_err(io::Error::other).flatten().map_err(Cause::Local)?;
        if let Some((found, said)) = &compared
            && !found.eq_ignore_ascii_case(&said.hex)
        {
            let text = format!("its checksum is {found}, and {} by the server", said.hex);
            return Err(Cause::Wrong(text));
        }
        let path = path.to_owned();
        let kept = spawn_blocking(move || {
            file.sync_all()?;
            fs::rename(&name.path, path)
        });
        kept.await.map_err(io::Error::other).flatten().map_err(Cause::Local)?;
        Ok(compared.is_some())
    }
}

fn write(
    mut file: File,
    name: Temporary,
    said: Option<Checksum>,
    mut to_do: mpsc::Receiver<Step>,
) -> io::Result<Written> {
    let mut hasher = said.as_ref().and_then(|said| Hasher::new(&said.algorithm));
    while let Some(step) = to_do.blocking_recv() {
        match step {
            Step::Append(chunk) => {
                file.write_all(&chunk)?;
                if let Some(hasher) = &mut hasher {
                    hasher.update(&chunk);
                }
            }
            Step::Restart => {
                file.set_len(0)?;
                file.rewind()?;
                if let Some(hasher) = &mut hasher {
                    hasher.restart();
                }
            }
        }
    }
    Ok(Written { file, name, compared: hasher.map(Hasher::finish).zip(said) })
}

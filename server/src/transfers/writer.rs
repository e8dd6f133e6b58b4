//! Bytes to disk, hashed as they pass, behind a channel that holds a few chunks.
//!
//! So a fast sender waits for the disk, memory stays what it is, and no other call does. What has come is written on a thread
//! that may wait, and as long as nothing comes no thread is taken: there are fewer of them than slow senders may be.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn, spawn_blocking};

use crate::domain::checksum::Digests;
use crate::domain::ids::BlobId;
use crate::domain::transfer::Grant;
use crate::hashing::Hasher;
use crate::store::blobs::{BlobWriter, Blobs};

/// How many chunks wait for the disk.
const CHUNKS_MAX: usize = 8;

/// A file that is being written.
pub struct Writer {
    chunks: mpsc::Sender<Bytes>,
    done: JoinHandle<io::Result<Written>>,
    durable: Arc<AtomicU64>,
}

/// A file that was written, all of it surviving a power loss.
pub struct Written {
    /// How many bytes it has.
    pub size: u64,
    /// What they hash to.
    pub digests: Digests,
}

impl Writer {
    /// Writes where the grant says.
    pub fn begin(blobs: Arc<dyn Blobs>, blob: BlobId, grant: &Grant, sync_bytes: u64) -> Writer {
        let (chunks, waiting) = mpsc::channel(CHUNKS_MAX);
        let durable = Arc::new(AtomicU64::new(grant.offset));
        let (offset, hasher) = (grant.offset, Hasher::new(&grant.algorithms));
        let reached = Arc::clone(&durable);
        let done = spawn(async move {
            let pen = wait_for(move || {
                let hasher = with_what_is_there(hasher, blobs.as_ref(), &blob, offset)?;
                Ok(Pen {
                    blob: blobs.write(&blob, offset)?,
                    hasher,
                    n_unsynced: 0,
                    sync_bytes,
                    durable: reached,
                })
            });
            write(pen.await?, waiting).await
        });
        Writer { chunks, done, durable }
    }

    /// Takes more bytes. False if the disk takes none; [`Writer::finish`] says why.
    pub async fn append(&self, bytes: Bytes) -> bool {
        self.chunks.send(bytes).await.is_ok()
    }

    /// How many bytes survive a power loss.
    pub fn durable(&self) -> u64 {
        self.durable.load(Ordering::Acquire)
    }

    /// Has the rest written.
    pub async fn finish(self) -> io::Result<Written> {
        drop(self.chunks);
        self.done.await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
    }
}

fn with_what_is_there(
    mut hasher: Hasher,
    blobs: &dyn Blobs,
    blob: &BlobId,
    offset: u64,
) -> io::Result<Hasher> {
    if offset > 0 {
        hasher.update_from(&mut blobs.read(blob, 0)?.bytes, offset)?;
    }
    Ok(hasher)
}

/// Writes whatever has come, until nothing comes any more.
async fn write(mut pen: Pen, mut chunks: mpsc::Receiver<Bytes>) -> io::Result<Written> {
    loop {
        let mut come = Vec::with_capacity(CHUNKS_MAX);
        if chunks.recv_many(&mut come, CHUNKS_MAX).await == 0 {
            return wait_for(move || pen.finish()).await;
        }
        pen = wait_for(move || pen.write(&come)).await?;
    }
}

/// Has a thread do what waits for the disk.
async fn wait_for<T: Send + 'static>(what: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    spawn_blocking(what).await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
}

/// A blob, and what is known of the bytes in it.
struct Pen {
    blob: Box<dyn BlobWriter>,
    hasher: Hasher,
    n_unsynced: u64,
    sync_bytes: u64,
    durable: Arc<AtomicU64>,
}

impl Pen {
    fn write(mut self, chunks: &[Bytes]) -> io::Result<Pen> {
        for chunk in chunks {
            self.blob.append(chunk)?;
            self.hasher.update(chunk);
            self.n_unsynced += chunk.len() as u64;
            if self.n_unsynced >= self.sync_bytes {
                self.sync()?;
            }
        }
        Ok(self)
    }

    fn sync(&mut self) -> io::Result<u64> {
        let size = self.blob.sync()?;
        self.durable.store(size, Ordering::Release);
        self.n_unsynced = 0;
        Ok(size)
    }

    fn finish(mut self) -> io::Result<Written> {
        let size = self.sync()?;
        Ok(Written { size, digests: self.hasher.finish() })
    }
}
